"""Vendors' own tables on other engines, with the types that connectors give them: their rows become those that DuckDB makes of the files."""

import duckdb
import pytest
import yaml

from benchmarks.engines import LOADERS
from engagement.warehouse.engine import Engine
from engagement.warehouse.target import Target
from tests.engines.compare import differences
from tests.engines.servers import IS_QUICK
from tests.engines.site import MODELS, Site
from tests.harness import Project
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


@pytest.mark.parametrize("crm", CRMS)
def test_tables_of_vendors_give_the_rows_that_files_give(server, crm, tmp_path):
    if server.target == "spark" and IS_QUICK:
        pytest.skip("make test-spark reads tables of vendors")
    server.clear()
    vendors = [vendor for vendor in VENDORS if crm_of(vendor) == crm]
    models = [name for names in CONTRACT.values() for name in names]
    options = ["--select", *(f"+{name}" for name in models), "--vars", yaml.safe_dump({"vendors": vendors, "crm": crm})]
    project = Project(tmp_path / "project", SAMPLES)
    success, output = project.dbt("build", *MODELS, *options)
    assert success, output[-3000:]
    engine = Engine(Target(server.target, server.target, {"target": server.target, "outputs": {server.target: server.profile | {"schema": "main"}}}))
    for vendor, folders in as_connectors_write(project.database, vendors, tmp_path / "tables").items():
        engine.run(f"create schema if not exists {vendor}")
        for folder in folders:
            LOADERS[server.target](engine, folder, vendor)
    engine.close()
    Site(project, server.target, **server.environment).dbt("build", *MODELS, *options)
    for schema, names in CONTRACT.items():
        assert differences(project.database, server, schema, names, schema, OWN) == []
        for name in names:
            ((count,),) = project.query(f"select count(*) from {schema}.{name}")
            assert count > 0, name
