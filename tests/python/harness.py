"""Two ways to run the project from a test.

`Project` is a temporary copy that runs the real dbt in this process: for what only a real run shows.
`CompiledProject` runs the project's compiled SQL in an in-memory DuckDB, some hundred times faster: for many inputs.
"""

import csv
import json
import os
import re
import shutil
from collections import defaultdict
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

import duckdb
import yaml

from engagement.runner import close_database

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "sample" / "data"
# what depends on the day before, and with it nearly everything but measurement
DAILY = ["int_settled_scores", "sales_queue", "account_handoffs"]
LATEST_LOAD_DATE = "2030-12-31"
COPIED = ["dbt_project.yml", "profiles.yml", "models", "macros", "seeds", "tests", "analyses", "engagement"]


@contextmanager
def environment(**values):
    """Environment variables that are back as they were afterwards."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update({name: str(value) for name, value in values.items()})
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None) if value is None else os.environ.update({name: value})


def read_csv(path):
    """The rows of a CSV as dicts of text; an empty cell is None."""
    with open(path, newline="", encoding="utf-8") as file:
        return [{name: value or None for name, value in row.items()} for row in csv.DictReader(file)]


def write_csv(path, rows, columns=None):
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns or list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


class Project:
    """A copy of the project in `folder`, with a database, target path and raw data of its own."""

    def __init__(self, folder, raw_data=SAMPLE):
        self.folder, self.raw_data = Path(folder), raw_data
        self.database = self.folder / "build" / "engagement.duckdb"
        self.database.parent.mkdir(parents=True)
        (self.folder / "forgotten_people.csv").write_text("identifier_hash,forgotten_on,key_hash\n")
        for name in COPIED:
            source = ROOT / name
            if source.is_dir():
                # Python tests are no part of a build
                shutil.copytree(source, self.folder / name, ignore=shutil.ignore_patterns("python", "__pycache__"))
            else:
                shutil.copy(source, self.folder / name)

    def copy(self, folder):
        """The same project in another folder, with all that was built."""
        other = object.__new__(Project)
        other.folder, other.raw_data = Path(folder), self.raw_data
        other.database = other.folder / "build" / "engagement.duckdb"
        shutil.copytree(self.folder, other.folder, dirs_exist_ok=True)
        return other

    def dbt(self, *arguments, on_event=lambda event: None, manifest=None):
        """(success, all that dbt printed and raised) of one dbt command; with the manifest of `parse` it need not parse."""
        from dbt.cli.main import dbtRunner

        messages = []
        with environment(
            RAW_DATA=self.raw_data, ENGAGEMENT_DB=self.database, ENGAGEMENT_TMP=self.folder / "build" / "tmp",
            FORGOTTEN_PEOPLE=self.folder / "forgotten_people.csv",
        ):
            result = dbtRunner(manifest, callbacks=[lambda event: messages.append(event.info.msg), on_event]).invoke([
                *arguments, "--project-dir", str(self.folder), "--profiles-dir", str(self.folder),
                "--target-path", str(self.folder / "target"), "--log-path", str(self.folder / "logs"),
            ])
        close_database()
        return result.success, "\n".join([*messages, str(result.exception or "")])

    def parse(self, *arguments):
        """The manifest, for commands with the same vars."""
        from dbt.cli.main import dbtRunner

        with environment(RAW_DATA=self.raw_data, ENGAGEMENT_DB=self.database):
            return dbtRunner().invoke([
                "parse", *arguments, "--project-dir", str(self.folder), "--profiles-dir", str(self.folder),
                "--target-path", str(self.folder / "target"), "--log-path", str(self.folder / "logs"),
            ]).result

    def build(self, *arguments):
        """Everything but the unit tests, which have nothing to do with the data."""
        return self.dbt("build", "--exclude-resource-type", "unit_test", *arguments)

    def query(self, sql):
        with duckdb.connect(str(self.database), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def table(self, name, order="all"):
        return self.query(f"select * from {name} order by {order}")

    def seed(self, name):
        return read_csv(self.folder / "seeds" / f"{name}.csv")

    def write_seed(self, name, rows, columns=None):
        write_csv(self.folder / "seeds" / f"{name}.csv", rows, columns)


class CompiledProject:
    """The compiled SQL of all models, to be run on any raw tables, seeds and as-of date."""

    def __init__(self, folder):
        self.project = Project(folder)
        # tests make up days, whatever this machine's clock says
        settings = self.project.folder / "dbt_project.yml"
        settings.write_text(settings.read_text().replace('latest_load_date: ""', f'latest_load_date: "{LATEST_LOAD_DATE}"'))
        success, output = self.project.dbt("compile")
        assert success, output
        manifest = self._manifest()
        self.seeds = {
            node["name"]: node["config"]["column_types"] for node in manifest["nodes"].values()
            if node["resource_type"] == "seed"
        }
        self.sources = {"raw": {}, "review": {}, "landing": {}}
        for source in manifest["sources"].values():
            self.sources[source["source_name"]][source["name"]] = source["columns"]
        self.raw_columns = {table: list(columns) for table, columns in self.sources["raw"].items()}
        self.models = {
            unique_id: node for unique_id, node in manifest["nodes"].items() if node["resource_type"] == "model"
        }
        self.analyses = {
            node["name"]: node["compiled_code"] for node in manifest["nodes"].values() if node["resource_type"] == "analysis"
        }
        self.default_seeds = {name: read_csv(ROOT / "seeds" / f"{name}.csv") for name in self.seeds}

    def _manifest(self):
        return json.loads((self.project.folder / "target" / "manifest.json").read_text())

    def _order(self, wanted, given=()):
        """The models that `wanted` needs, parents first, without the seed check and without what only `given` ones need."""
        order = []

        def visit(unique_id):
            if unique_id not in self.models or unique_id in order or unique_id.endswith(".int_seed_faults"):
                return
            if self.models[unique_id]["name"] not in given:
                for parent in self.models[unique_id]["depends_on"]["nodes"]:
                    visit(parent)
            order.append(unique_id)

        for name in wanted:
            visit(f"model.engagement.{name}")
        return order

    def run(self, raw, seeds=None, as_of=None, wanted=("int_account_scores",), given=None):
        """A connection in which `wanted` and all that it needs are built.

        `raw` is {table: rows as dicts of text} or a folder with one CSV per table. `given` is {model: select} for models
        that are not to be built from their parents.
        """
        given = given or {}
        connection = self._connect()
        self._create_raw(connection, raw)
        self._create_seeds(connection, seeds)
        for unique_id in self._order(wanted, given):
            node = self.models[unique_id]
            kind = "view" if node["config"]["materialized"] == "view" else "table"
            sql = given.get(node["name"], node["compiled_code"])
            if as_of is not None and node["name"] == "int_as_of_date":
                sql = f"select date '{as_of}' as as_of_date"
            connection.execute(f"create {kind} {node['schema']}.{node['name']} as {sql}")
        return connection

    def _connect(self):
        connection = duckdb.connect()
        connection.execute("attach ':memory:' as engagement; use engagement; set TimeZone = 'UTC'; set threads = 1")
        for schema in ("raw", "review", "landing", "rules", "staging", "intermediate"):
            connection.execute(f"create schema {schema}")
        for schema in ("review", "landing"):
            for table, columns in self.sources[schema].items():
                types = {name: {"number": "double"}.get(column["data_type"], column["data_type"]) for name, column in columns.items()}
                self._create(connection, f"{schema}.{table}", types, [])
        return connection

    def _create_raw(self, connection, raw):
        for table, columns in self.raw_columns.items():
            if isinstance(raw, Path):
                connection.execute(
                    f"create or replace table raw.{table} as select * from read_csv('{raw}/{table}.csv', all_varchar = true, quote = '\"')"
                )
            else:
                self._create(connection, f"raw.{table}", {column: "varchar" for column in columns}, raw.get(table, []))

    @cached_property
    def recorded(self):
        """What two real builds in a row, the second incremental, ran: [{model's unique_id: [SQL statements]}]."""
        builds = []
        for _ in range(2):
            statements = defaultdict(list)

            def record(event):
                if event.info.name == "SQLQuery" and event.data.node_info.resource_type == "model":
                    sql = event.data.sql.split("*/", 1)[-1].strip()
                    if re.match("(create|insert|delete|drop|alter) ", sql):
                        sql = sql.replace("create temporary table", "create or replace temporary table", 1)
                        statements[event.data.node_info.unique_id].append(sql)

            for command in (["seed"], ["run", "--select", *(f"+{name}" for name in DAILY)]):
                success, output = self.project.dbt(*command, on_event=record)
                assert success, output
            builds.append(dict(statements))
        return builds

    def seed_faults(self, seeds):
        """[(seed, row_key, fault, remedy)] of the shipped seeds with `seeds` in the place of some of them."""
        connection = duckdb.connect()
        connection.execute("attach ':memory:' as engagement; use engagement; create schema rules")
        self._create_seeds(connection, seeds)
        return connection.execute(self.models["model.engagement.int_seed_faults"]["compiled_code"]).fetchall()

    def _create_seeds(self, connection, seeds):
        for name, types in self.seeds.items():
            self._create(connection, f"rules.{name}", types, {**self.default_seeds, **(seeds or {})}[name])

    def scores(self, raw, seeds=None, as_of=None):
        """{(scoring_model, account_id): score_raw}"""
        rows = self.run(raw, seeds, as_of).execute(
            "select scoring_model, account_id, score_raw from intermediate.int_account_scores"
        ).fetchall()
        return {(model, account): float(score) for model, account, score in rows}

    @staticmethod
    def _create(connection, name, types, rows):
        connection.execute(f"create or replace table {name} ({', '.join(f'{column} {kind}' for column, kind in types.items())})")
        if rows:
            marks = ", ".join("?" for _ in types)
            connection.execute(
                f"insert into {name} values {', '.join([f'({marks})'] * len(rows))}",
                [row.get(column) for row in rows for column in types],
            )


class Days:
    """The project built day after day in one in-memory database, with the very statements of dbt's incremental builds."""

    def __init__(self, compiled):
        self.compiled, self.connection, self.is_first = compiled, compiled._connect(), True
        self.order = compiled._order(DAILY)

    def build(self, raw, seeds=None, as_of=None, full_refresh=False, only=None, until=None):
        """Everything, the model `only` by itself, or everything up to the model `until`, as if killed after it."""
        self.compiled._create_raw(self.connection, raw)
        self.compiled._create_seeds(self.connection, seeds)
        first, later = self.compiled.recorded
        for unique_id in self.order:
            node = self.compiled.models[unique_id]
            name = f"{node['schema']}.{node['name']}"
            if only not in (None, node["name"]):
                continue
            if node["name"] == "int_as_of_date" and as_of is not None:
                self.connection.execute(f"create or replace table {name} as select date '{as_of}' as as_of_date")
                continue
            # a full refresh leaves the journals alone, and knows of no history
            from_scratch = full_refresh and (
                node["config"]["materialized"] == "incremental" and node["config"]["full_refresh"] is None
                or node["name"] == "int_history_refresh"
            )
            if from_scratch:
                self.connection.execute(f"drop table {name}")
            for sql in (first if self.is_first or from_scratch else later)[unique_id]:
                self.connection.execute(sql)
            if until == node["name"]:
                break
        self.is_first = False

    def rows(self, sql, *values):
        return self.connection.execute(sql, list(values)).fetchall()


def read_yaml(path):
    return yaml.safe_load(Path(path).read_text(encoding="utf-8"))
