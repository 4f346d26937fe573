"""Raw tables that others load into an engine: vendors' own, with the types that connectors give them, and odd values."""

import re

import duckdb
import pytest
import yaml

from benchmarks.engines import LOADERS
from engagement.warehouse.engine import Engine
from tests.engines.compare import differences
from tests.engines.site import MODELS, Site, project_in, target_of
from tests.vendor_samples import CRMS, SAMPLES, VENDORS, crm_of

# what is made of all rows of the landing contract
CONTRACT = {
    "intermediate": ["int_events"],
    "staging": ["stg_crm__accounts", "stg_crm__contact_loads", "stg_crm__opportunity_loads"],
}
# each engine numbers rows in its own way; landing knows when it saw a row that doesn't say when it was loaded
OWN = {"row_id", "first_seen_at", "loaded_at"}
# landing's own columns
LANDED = {"row_id", "first_seen_at", "unreadable_values", "landing_fault", "landing_row"}


def as_connectors_write(database, vendors, folder):
    """{vendor: its tables as folders of Parquet files}, with times in UTC."""
    with duckdb.connect(str(database), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        tables = connection.execute(
            "select schema_name, table_name, list((column_name, data_type) order by column_index) from duckdb_columns()"
            " where list_contains(?, schema_name) group by all order by all", [vendors],
        ).fetchall()
        found = {vendor: [] for vendor in vendors}
        for vendor, table, columns in tables:
            (place := folder / vendor / table).mkdir(parents=True)
            columns = ", ".join(
                f'cast("{name}" as timestamptz) as "{name}"' if kind == "TIMESTAMP" else f'"{name}"' for name, kind in columns if name not in LANDED
            )
            connection.execute(f"copy (select {columns} from {vendor}.{table}) to '{place}/rows.parquet'")
            found[vendor].append(place)
    return found


def models_of_vendors(engine):
    found = {table for _, table, *_ in engine.columns(["staging"]) if re.match("landing_[a-z0-9_]+__", table)}
    engine.close()
    return found


@pytest.mark.parametrize("crm", CRMS)
def test_tables_of_vendors_give_the_rows_that_files_give(server, crm, tmp_path):
    """As DuckDB lands the files."""
    server.clear()
    vendors = [vendor for vendor in VENDORS if crm_of(vendor) == crm]
    models = [name for names in CONTRACT.values() for name in names]
    options = ["--select", *(f"+{name}" for name in models), "--vars", yaml.safe_dump({"vendors": vendors, "crm": crm})]
    project = project_in(tmp_path / "project", SAMPLES)
    success, output = project.dbt("build", *MODELS, *options)
    assert success, output[-3000:]
    engine = Engine(target_of(server))
    for vendor, folders in as_connectors_write(project.database, vendors, tmp_path / "tables").items():
        engine.run(f"create schema if not exists {vendor}")
        for folder in folders:
            LOADERS[server.target](engine, folder, vendor)
    engine.close()
    site = Site(project, server.target, **server.environment)
    site.dbt("build", *MODELS, *options)
    for schema, names in CONTRACT.items():
        assert differences(project.database, server, schema, names, schema, OWN) == []
        for name in names:
            ((count,),) = project.query(f"select count(*) from {schema}.{name}")
            assert count > 0, name
    assert any("__contact_emails" in table for table in models_of_vendors(engine))
    site.dbt("build", "--select", "int_numbers")
    # nothing is left of vendors that are switched off
    assert models_of_vendors(engine) == set()


@pytest.fixture(scope="module")
def seeded(server, tmp_path_factory):
    site = Site(project_in(tmp_path_factory.mktemp("odd") / "project"), server.target, **server.environment)
    site.dbt("seed")
    return site


@pytest.fixture
def odd(server, seeded):
    """odd(table=SQL of its rows): a site whose raw tables are these."""
    def made(**tables):
        server.query("create schema if not exists odd")
        for name, rows in tables.items():
            server.query(f"drop table if exists odd.{name}")
            server.query(f"create table odd.{name} as {rows}")
        return seeded
    return made


ODD = ["--vars", "{raw_schema: odd}"]


def test_ids_of_any_type_and_times_that_are_none(server, odd):
    """One bad text costs its row, never the build."""
    site = odd(
        crm_accounts="select 1 as account_id, 'Acme' as account_name, 'acme.com' as domain",
        crm_contacts="select cast(12345678901 as bigint) as contact_id, 1 as account_id, 'ana@acme.com' as email",
        crm_opportunities="select cast(7.0 as decimal(9, 2)) as opportunity_id, 1 as account_id, 'won' as stage",
        email_events=" union all ".join(
            f"select '{number}' as event_id, 'ana@acme.com' as email, 'click' as event_type, '{time}' as occurred_at"
            for number, time in enumerate(["2026-05-01 10:00:00", "0000-01-01", "0000-00-00 00:00:00", "2026-02-30", "2026-13-01", "soon"])
        ),
        web_events="select 'w' as event_id, 'v' as visitor_id, 'page_view' as event_type, '/' as page_url, current_timestamp as occurred_at",
    )
    site.dbt("run", "--select", "+stg_crm__accounts", "+stg_crm__contact_loads", "+stg_crm__opportunity_loads", "+stg_email__events", *ODD)
    assert server.query("select account_id, account_name from staging.stg_crm__accounts") == [("1", "Acme")]
    assert server.query("select contact_id from staging.stg_crm__contact_loads") == [("12345678901",)]
    assert server.query("select event_id from staging.stg_email__events") == [("0",)]


def test_a_table_without_a_column_that_is_needed_is_named(server, odd):
    site = odd(crm_accounts="select 'Acme' as account_name")
    with pytest.raises(AssertionError, match="crm_accounts.{0,3} lacks account_id"):
        site.dbt("run", "--select", "+stg_crm__accounts", *ODD)


@pytest.mark.parametrize("server", ["postgres"], indirect=True)
def test_a_table_that_the_build_may_not_read_stops_it(server, odd):
    """It doesn't count as a table that is missing."""
    site = odd(crm_accounts="select 1 as account_id")
    server.as_admin("create table odd.ad_events as select 'a' as event_id, 'click' as event_type, current_timestamp as occurred_at")
    with pytest.raises(AssertionError, match='ad_events" exists, but this user sees none of its columns. Grant usage on its schema'):
        site.dbt("run", "--select", "+stg_ads__events", *ODD)
    server.as_admin("grant select on odd.ad_events to dbt")
    site.dbt("run", "--select", "+stg_ads__events", *ODD)
    assert server.query("select event_id from staging.stg_ads__events") == [("a",)]
