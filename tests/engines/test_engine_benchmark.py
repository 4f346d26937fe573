"""The benchmark of another engine: it loads the files it is given, and touches no schema of others."""

import duckdb
import pytest

from benchmarks.engines import EngineSize, load_into_postgres
from benchmarks.size import Size
from engagement.warehouse.target import Target
from tests.engines.servers import Postgres

ROWS = "select * from (values (1, 'a', 0.5::double, true, timestamp '2026-05-31 10:00:00'), (2, null, null, null, null)) as given (number, name, share, is_old, seen_at)"


@pytest.fixture(scope="module")
def target(postgres):
    profile = Postgres(postgres, "benchmark").profile | {"schema": "main"}
    return Target("dev", "postgres", {"target": "dev", "outputs": {"dev": profile}})


@pytest.fixture
def engine_size(target, tmp_path):
    found = EngineSize(Size(tmp_path, {}, print), target)
    yield found
    found.engine.close()


def test_raw_tables_have_the_rows_and_types_of_the_files(engine_size, tmp_path):
    folder = tmp_path / "raw" / "web_events"
    folder.mkdir(parents=True)
    duckdb.execute(f"copy ({ROWS}) to '{folder}/base.parquet' (format parquet)")
    engine_size.load()
    # once more, with another day
    duckdb.execute(f"copy (select * replace (3 as number) from ({ROWS}) limit 1) to '{folder}/day.parquet' (format parquet)")
    engine_size.load()
    found = engine_size.engine.query("select * from benchmark_raw.web_events order by number")
    assert found[:2] == duckdb.sql(f"{ROWS} order by number").fetchall() and [row[0] for row in found] == [1, 2, 3]
    assert [path.name for path in (tmp_path / "raw").iterdir()] == ["web_events"]


def test_only_its_own_schemas_are_dropped(engine_size):
    for schema in ("benchmark", "benchmark_staging", "benchmarks_of_others", "staging"):
        engine_size.engine.run(f"create schema if not exists {schema}")
    engine_size.drop()
    left = engine_size.engine.schemas()
    assert {"benchmarks_of_others", "staging"} <= set(left) and not {"benchmark", "benchmark_staging"} & set(left)


def test_a_table_replaces_the_one_that_is_there(engine_size, tmp_path):
    folder = tmp_path / "raw" / "ad_events"
    folder.mkdir(parents=True)
    duckdb.execute(f"copy (select 1 as a) to '{folder}/base.parquet' (format parquet)")
    engine_size.engine.run("create schema if not exists benchmark_raw; create table benchmark_raw.ad_events (other text)")
    load_into_postgres(engine_size.engine, folder)
    assert engine_size.engine.query("select a from benchmark_raw.ad_events") == [(1,)]
