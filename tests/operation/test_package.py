"""Another dbt project installs this one as a package: its own tables in its own database, no landing, no Python of ours."""

import shutil
from contextlib import chdir

import duckdb
import pytest

from engagement import __main__ as cli
from engagement.landing import read_contract
from engagement.runner import close_database
from harness import COPIED, ROOT, SAMPLE, environment, write_csv

PROFILE = "shop:\n  target: dev\n  outputs:\n    dev: {type: duckdb, path: shop.duckdb, schema: analytics, threads: 2}\n"
# of each table only what it has to have, and for the events who it was
FEW = {
    "crm_accounts": "account_id, domain", "crm_contacts": "contact_id, email, account_id",
    "content_events": "email, event_type, occurred_at",
}


class Consumer:
    """Another dbt project, with this one under `packages:`."""

    def __init__(self, folder, project_vars=""):
        self.folder, self.database = folder, folder / "shop.duckdb"
        # as a release would be unpacked: without what builds leave behind
        package = folder / "package"
        for name in COPIED:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, package / name, ignore=shutil.ignore_patterns("__pycache__", "*.py"))
            else:
                package.mkdir(exist_ok=True)
                shutil.copy(source, package / name)
        self.write("dbt_project.yml", f"name: shop\nversion: 1.0.0\nprofile: shop\nvars:\n  latest_load_date: '2026-06-30'\n{project_vars}")
        self.write("packages.yml", "packages:\n  - local: package\n")
        self.write("profiles.yml", PROFILE)
        # a model of the consumer reads a mart of the package, and a name of ours is theirs, too
        self.write("models/hot_accounts.sql", "select account_id, score from {{ ref('engagement', 'account_scores') }} where band = 'Hot'")
        self.write("models/landing.sql", "select 1 as number")

    def write(self, name, text):
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def sql(self, *statements):
        with duckdb.connect(str(self.database)) as connection:
            connection.execute("set TimeZone = 'UTC'")
            return [connection.execute(statement).fetchall() for statement in statements][-1]

    def dbt(self, *arguments):
        """(success, all that dbt printed and raised)"""
        from dbt.cli.main import dbtRunner

        messages = []
        # whatever the project alone would read is of no meaning here
        with chdir(self.folder), environment(RAW_DATA="nowhere", ENGAGEMENT_DB="nowhere/engagement.duckdb", FORGOTTEN_PEOPLE="nowhere/people.csv"):
            result = dbtRunner(callbacks=[lambda event: messages.append(event.info.msg)]).invoke([
                *arguments, "--project-dir", str(self.folder), "--profiles-dir", str(self.folder),
            ])
        close_database()
        return result.success, "\n".join([*messages, str(result.exception or "")])

    def build(self, *arguments):
        success, output = self.dbt("deps")
        assert success, output
        return self.dbt("build", "--exclude-resource-type", "unit_test", *arguments)


def load_sample(consumer, columns_of=lambda table: "*", schema="raw", tables=None):
    for file in SAMPLE.glob("*.csv"):
        if tables is None or file.stem in tables:
            consumer.sql(
                f"create schema if not exists {schema}",
                f"create or replace table {schema}.{file.stem} as select {columns_of(file.stem)} from read_csv('{file}', quote = '\"')",
            )


@pytest.fixture(scope="module")
def consumer(tmp_path_factory):
    """The sample as tables that an extract-and-load tool might have made."""
    consumer = Consumer(tmp_path_factory.mktemp("consumer"))
    load_sample(consumer)
    consumer.sql(
        # a time in text with a zone, a flag as a number, a number as a text, other spellings of names
        "alter table raw.email_events alter occurred_at type varchar using strftime(occurred_at, '%Y-%m-%dT%H:%M:%SZ')",
        "alter table raw.ad_events alter occurred_at type timestamptz using timezone('UTC', occurred_at)",
        "alter table raw.crm_accounts alter is_deleted type integer using cast(is_deleted as integer)",
        "alter table raw.intent_events alter surge_score type varchar",
        'alter table raw.crm_contacts rename job_title to "Job Title"',
        'alter table raw.content_events rename to "ContentEvents"',
        "alter table raw.product_events add column whatever integer default 7",
    )
    success, output = consumer.build()
    assert success, output
    return consumer


def test_the_scores_are_those_of_the_project_alone(consumer, built_sample):
    for mart in ("account_scores", "score_ledger", "contact_scores", "source_coverage"):
        own = built_sample.query(f"select * from {mart} order by all")
        columns = [name for name, *_ in built_sample.query(f"describe {mart}")]
        theirs = consumer.sql(f"select {', '.join(columns)} from analytics_engagement.{mart} order by all")
        assert theirs == own, mart
        assert len(own) > 10
    rejected = "select source_table, record_key, rejection_reason from {}rejected_records order by all"
    assert consumer.sql(rejected.format("analytics_engagement.")) == built_sample.query(rejected.format(""))


def test_all_schemas_are_the_packages_own(consumer):
    schemas = {row[0] for row in consumer.sql(
        "select schema_name from duckdb_tables() where not internal union select schema_name from duckdb_views() where not internal"
    )}
    own = {f"analytics_engagement{part}" for part in ("", "_staging", "_intermediate", "_rules")}
    assert schemas == own | {"raw", "analytics"}
    assert consumer.sql("select count(*) > 0 from analytics.hot_accounts") == [(True,)]


def test_nothing_that_needs_python_of_ours_ran(consumer):
    """No files were landed, and nothing says that a build could be published."""
    assert consumer.sql("select count(*) from duckdb_schemas() where schema_name in ('landing', 'runs')") == [(0,)]


def test_a_daily_run_follows_the_tables_and_gives_the_tables_of_one_full_build(consumer):
    """A late row, a corrected one, one that is gone, and one of two rows that are alike."""
    consumer.sql(
        "insert into raw.email_events (event_id, email, event_type, occurred_at, loaded_at)"
        " select 'late', email, 'click', '2026-05-01T10:00:00Z', timestamp '2026-05-31 12:00:00' from raw.crm_contacts"
        " where email like '%@%' order by contact_id limit 1",
        "update raw.web_events set page_url = 'https://www.seller.example/pricing' where event_id in (select min(event_id) from raw.web_events)",
        "delete from raw.ad_events where event_id in (select event_id from raw.ad_events order by event_id limit 3)",
        "insert into raw.linkedin_events select * from raw.linkedin_events order by event_id limit 1",
    )
    marts = ("account_scores", "score_ledger", "rejected_records", "source_coverage", "account_timeline")

    def tables():
        return {mart: consumer.sql(f"select * from analytics_engagement.{mart} order by all") for mart in marts}

    before, selected = tables(), ["--select", *(f"+{mart}" for mart in marts)]
    success, output = consumer.dbt("run", *selected)
    assert success, output
    daily = tables()
    success, output = consumer.dbt("run", "--full-refresh", *selected)
    assert success, output
    assert tables() == daily
    assert all(daily[mart] != before[mart] for mart in marts)
    assert consumer.sql("select raw_rows - staged_rows from analytics_engagement.source_coverage where source_table = 'linkedin_events'") == [(1,)]


def test_few_columns_few_tables_and_own_seeds(tmp_path, monkeypatch, capsys):
    consumer = Consumer(tmp_path, "  engagement_schema_prefix: scoring\n  raw_schema: crm\nseeds:\n  engagement:\n    signal_tiers:\n      +enabled: false\n")
    load_sample(consumer, FEW.get, "crm", FEW)
    # other points; what the package says of the seed's columns holds for this file, too
    (consumer.folder / "seeds").mkdir()
    write_csv(consumer.folder / "seeds" / "signal_tiers.csv", [
        {"signal_tier": tier, "points": points, "label": label, "basis": "custom", "comment": ""} for tier, points, label in ((1, 100, "high"), (2, 50, "middle"), (3, 10, "low"))
    ])
    success, output = consumer.build("--indirect-selection", "cautious", "--select", "+source_coverage", "+score_ledger")
    assert success, output
    coverage = dict(consumer.sql("select source_table, staged_rows from scoring.source_coverage"))
    assert {name for name, rows in coverage.items() if rows} == set(FEW) and len(coverage) == len(read_contract())
    demo = "select distinct base_points from scoring.score_ledger where entry_type = 'event' and label = 'Demo requested'"
    assert consumer.sql(demo) == [(100,)]
    # the check knows the seeds that take the place of the package's
    assert cli.run("seeds", [str(consumer.folder / "seeds")]) == 0
    write_csv(consumer.folder / "seeds" / "signal_tiers.csv", [{"signal_tier": 1, "points": -1, "label": "high", "basis": "custom", "comment": ""}])
    capsys.readouterr()
    monkeypatch.chdir(consumer.folder)
    assert cli.run("seeds", ["seeds"]) == 1
    assert "seeds/signal_tiers.csv, line 2: points is '-1'. Use a number of at least 0." in capsys.readouterr().err
    # events count as loaded when they happened
    assert consumer.sql("select as_of_date from scoring_intermediate.int_as_of_date") == consumer.sql(
        "select max(cast(occurred_at as date)) from crm.content_events"
    )


@pytest.mark.parametrize("change, message", [
    ("drop table raw.crm_contacts", "crm_contacts\" does not exist. It needs the columns contact_id"),
    ("alter table raw.crm_contacts drop column contact_id", "crm_contacts\" lacks contact_id"),
])
def test_a_required_table_or_column_that_is_missing_is_named(consumer, tmp_path, change, message):
    other = object.__new__(Consumer)
    other.folder, other.database = tmp_path / "other", tmp_path / "other" / "shop.duckdb"
    shutil.copytree(consumer.folder, other.folder, symlinks=True)
    other.sql(change)
    success, output = other.dbt("run", "--select", "landing__crm_contacts")
    assert not success and message in output and "Var raw_schema names" in output
