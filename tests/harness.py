"""Two ways to run the project from a test.

`Project` is a temporary copy that runs the real dbt in this process: for what only a real run shows.
`CompiledProject` runs the project's compiled SQL in an in-memory DuckDB, some hundred times faster: for many inputs.
"""

import csv
import fcntl
import hashlib
import json
import os
import shutil
from contextlib import chdir, contextmanager
from pathlib import Path

import duckdb
import yaml

from engagement.landing import Sources, create_raw_tables, land, read_contract
from engagement.runner import close_database
from engagement.seeds import check_seeds

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "sample" / "data"
# what depends on the day before, and with it nearly everything but measurement
DAILY = ["score_alerts", "published_scores", "sales_queue", "account_handoffs"]
# Tests make up days, whatever this machine's clock says, and look at alerts and changes of long ago.
SETTINGS = {
    'latest_load_date: ""': 'latest_load_date: "2030-12-31"', "journal_days: 30": "journal_days: 399", "alert_days: 7": "alert_days: 400",
}
PARSED = "partial_parse.msgpack"  # the file in which dbt keeps what it has read
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


@contextmanager
def alone(file):
    """No other process is in what this file locks."""
    with open(file, "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def read_csv(path):
    """The rows of a CSV as dicts of text; an empty cell is None."""
    with open(path, newline="", encoding="utf-8") as file:
        return [{name: value or None for name, value in row.items()} for row in csv.DictReader(file)]


def shorten_lists(seeds):
    """Leaves the short rows of the long lists that others maintain, `gmail.com` among them, because a server loads rows slowly."""
    for file in seeds.glob("lists/*.csv"):
        header, *rows = file.read_text(encoding="utf-8").splitlines(keepends=True)
        file.write_text(header + "".join(row for row in rows if len(row) <= len("gmail.com\n")), encoding="utf-8")


class SeedsFolder:
    """The shipped seeds in a folder of their own, to be changed and checked, with short lists."""

    def __init__(self, folder):
        self.folder = Path(folder) / "seeds"
        shutil.copytree(ROOT / "seeds", self.folder)
        shorten_lists(self.folder)
        self.shipped = {file: file.read_bytes() for file in self.folder.rglob("*.csv")}

    def file(self, name):
        return next(self.folder.rglob(f"{name}.csv"), self.folder / f"{name}.csv")

    def check(self, seeds=None):
        """What the check says of the shipped seeds with {name: rows} in the place of some of them."""
        for name, rows in (seeds or {}).items():
            write_csv(self.file(name), rows, None if rows else self.shipped[self.file(name)].decode().splitlines()[0].split(","))
        try:
            return check_seeds(self.folder)
        finally:
            self.restore()

    def faults(self, seeds=None):
        """[(file name, line, text)]"""
        return [(Path(fault.file).name, fault.line, fault.text) for fault in self.check(seeds).faults]

    def restore(self):
        for file in self.folder.rglob("*"):
            if file.is_file() and file.suffix.lower() == ".csv" and file not in self.shipped:
                file.unlink()
        for file, content in self.shipped.items():
            if not file.exists() or file.read_bytes() != content:
                file.write_bytes(content)


def write_csv(path, rows, columns=None):
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns or list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


class Project:
    """A copy of the project in `folder`, with a database, target path and raw data of its own."""

    # a folder of all workers of pytest, for what dbt has read; tests/conftest.py sets it
    parsed = None

    def __init__(self, folder, raw_data=SAMPLE):
        self.folder, self.raw_data = Path(folder), Path(raw_data).absolute()
        self.database = self.folder / "build" / "engagement.duckdb"
        self.database.parent.mkdir(parents=True)
        (self.folder / "forgotten_people.csv").write_text("identifier_hash,forgotten_on,key_hash\n")
        for name in COPIED:
            source = ROOT / name
            if not source.exists():
                continue
            if source.is_dir():
                # Python tests are no part of a build
                ignored = ["__pycache__"] + ["*.py"] * (name == "tests")
                shutil.copytree(source, self.folder / name, ignore=shutil.ignore_patterns(*ignored))
            else:
                shutil.copy(source, self.folder / name)
        self._take_one_thread()

    def _take_one_thread(self):
        """dbt and DuckDB take less processor time with one thread than with two, and tests run beside each other."""
        profiles = self.folder / "profiles.yml"
        text, settings = profiles.read_text(), "      settings:\n"
        assert "      threads: 2\n" in text and settings in text
        profiles.write_text(text.replace("threads: 2", "threads: 1", 1).replace(settings, f"{settings}        threads: 1\n", 1))

    @classmethod
    def at(cls, folder, raw_data=SAMPLE):
        """The project that is there."""
        project = object.__new__(cls)
        project.folder, project.raw_data = Path(folder), raw_data
        project.database = project.folder / "build" / "engagement.duckdb"
        return project

    def copy(self, folder):
        """The same project in another folder, with all that was built."""
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        return Project.at(folder, self.raw_data)

    def dbt(self, *arguments, on_event=lambda event: None):
        """(success, all that dbt printed and raised) of one dbt command. `--write-json` leaves the manifest in target/."""
        from dbt.cli.main import dbtRunner

        messages = []
        # as the commands have it: a folder for each target
        target = self.folder / "target" / (os.environ.get("DBT_TARGET") or "")
        if arguments[0] != "parse" and not (target / PARSED).exists():
            self._reuse_parse(target, arguments)
        with chdir(self.folder), environment(**self.settings):
            result = dbtRunner(callbacks=[lambda event: messages.append(event.info.msg), on_event]).invoke([
                *arguments, "--project-dir", str(self.folder), "--profiles-dir", str(self.folder),
                "--target-path", str(target), "--log-path", str(self.folder / "logs"),
            ])
        close_database()
        return result.success, "\n".join([*messages, str(result.exception or "")])

    def _reuse_parse(self, target, arguments):
        """dbt begins with what it has read of the shipped project with this dbt_project.yml, these vars and this target. It is of
        a folder that no test changes, because dbt goes on to read unchanged seeds from there."""
        given = [word for pair in zip(arguments, arguments[1:]) if pair[0] == "--vars" for word in pair]
        settings = (self.folder / "dbt_project.yml").read_bytes()
        key = repr((given, os.environ.get("DBT_TARGET") or "duckdb"))
        place = Project.parsed / hashlib.sha256(settings + key.encode()).hexdigest()
        with alone(place.with_suffix(".lock")):
            if not place.exists():
                shipped = Project(place)
                (place / "dbt_project.yml").write_bytes(settings)
                shipped.dbt("parse", *given)
        for file in place.rglob(PARSED):
            target.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, target)

    @property
    def settings(self):
        """Environment variables for whatever runs in the project's folder. dbt reads the whole project again where a path in its
        profile is another one, so these paths are the same in every copy."""
        return {
            "RAW_DATA": self.raw_data, "ENGAGEMENT_DB": self.database.relative_to(self.folder), "ENGAGEMENT_TMP": "build/tmp",
            "FORGOTTEN_PEOPLE": self.folder / "forgotten_people.csv",
        }

    @contextmanager
    def here(self, *arguments, **others):
        """In the project's folder, with its settings and others, for a command that gets these arguments."""
        if not (self.folder / "target").exists():
            self._reuse_parse(self.folder / "target", arguments)
        with chdir(self.folder), environment(**self.settings | others):
            yield

    def build(self, *arguments):
        """Everything but the unit tests, which have nothing to do with the data."""
        return self.dbt("build", "--exclude-resource-type", "unit_test", *arguments)

    def query(self, sql):
        with duckdb.connect(str(self.database), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def table(self, name, order="all"):
        return self.query(f"select * from {name} order by {order}")

    def seed(self, name):
        return read_csv(self.seed_file(name))

    def write_seed(self, name, rows, columns=None):
        write_csv(self.seed_file(name), rows, columns)

    def seed_file(self, name):
        """Lists lie one folder deeper."""
        return next((self.folder / "seeds").rglob(f"{name}.csv"), self.folder / "seeds" / f"{name}.csv")


def compile_once(settings):
    """The folder with the manifests of a project with this dbt_project.yml: manifest.json, and later.json, in which incremental
    models have the SQL for tables that are there. The first worker of pytest that asks compiles them, for all."""
    place = Project.parsed / f"compiled_{hashlib.sha256(settings.encode()).hexdigest()}"
    with alone(place.with_suffix(".lock")):
        if not (place / "later.json").exists():
            project = Project(place / "project")
            (project.folder / "dbt_project.yml").write_text(settings)
            nodes = _compile(project, place / "manifest.json")
            incremental = [node for node in nodes if node["config"].get("materialized") == "incremental"]
            with duckdb.connect(str(project.database)) as connection:
                for node in incremental:
                    # any table will do
                    connection.execute(f"create schema if not exists {node['schema']}")
                    connection.execute(f"create table {node['schema']}.{node['name']} (nothing integer)")
            _compile(project, place / "later.json", "--select", *(node["name"] for node in incremental))
    return place


def _compile(project, file, *arguments):
    """The nodes of the manifest that `dbt compile` writes, which is kept in a file."""
    success, output = project.dbt("compile", "--write-json", *arguments)
    assert success, output
    shutil.copy(project.folder / "target" / "manifest.json", file)
    return read_json(file)["nodes"].values()


class CompiledProject:
    """The compiled SQL of all models, to be run on any raw tables, seeds and as-of date. `changes` are {line of
    dbt_project.yml: other line}."""

    def __init__(self, changes=None):
        settings = (ROOT / "dbt_project.yml").read_text()
        for shipped, used in (SETTINGS | (changes or {})).items():
            assert shipped in settings
            settings = settings.replace(shipped, used)
        given = yaml.safe_load(settings)["vars"]
        self.sources = Sources(given["raw_schema"], {vendor: given[f"{vendor}_schema"] for vendor in given["vendors"]}, given["crm"])
        self.folder = compile_once(settings)
        nodes, later = (read_json(self.folder / name)["nodes"] for name in ("manifest.json", "later.json"))
        seeds = [node for node in nodes.values() if node["resource_type"] == "seed"]
        self.seeds = {node["name"]: node["config"]["column_types"] for node in seeds}
        self.seed_files = {node["name"]: ROOT / node["original_file_path"] for node in seeds}
        self.default_seeds = {name: read_csv(file) for name, file in self.seed_files.items()}
        self.raw_columns = {table.name: {column.name: column.data_type for column in table.columns} for table in read_contract()}
        self.models = {unique_id: node for unique_id, node in nodes.items() if node["resource_type"] == "model"}
        self.analyses = {node["name"]: node["compiled_code"] for node in nodes.values() if node["resource_type"] == "analysis"}
        # {unique_id: the SQL that an incremental model runs when its table is there}
        self.later_sql = {key: later[key]["compiled_code"] for key, node in self.models.items() if node["config"]["materialized"] == "incremental"}
        self.rules = self._build_rules()

    def _build_rules(self):
        """The models that need nothing but seeds. With the shipped seeds, they are built once, in a database of their own."""
        rules, file = [], self.folder / "engagement.duckdb"
        for unique_id in self._order(node["name"] for node in self.models.values()):
            if all(parent in rules or parent.startswith("seed.") for parent in self.models[unique_id]["depends_on"]["nodes"]):
                rules.append(unique_id)
        with alone(self.folder / "rules.lock"):
            if not file.exists():
                with duckdb.connect(str(file)) as connection:
                    connection.execute("create schema rules; create schema intermediate")
                    for name, types in self.seeds.items():
                        self._create(connection, f"rules.{name}", types, [])
                        connection.execute(f"copy rules.{name} from '{self.seed_files[name]}' (format csv, header, auto_detect false)")
                    for node in map(self.models.get, rules):
                        connection.execute(f"create table {node['schema']}.{node['name']} as {node['compiled_code']}")
        return rules

    def _order(self, wanted, given=()):
        """The models that `wanted` needs, parents first, without what only `given` ones need."""
        order = []

        def visit(unique_id):
            if unique_id not in self.models or unique_id in order:
                return
            if self.models[unique_id]["name"] not in given:
                for parent in self.models[unique_id]["depends_on"]["nodes"]:
                    visit(parent)
            order.append(unique_id)

        for name in wanted:
            visit(f"model.engagement.{name}")
        return order

    def run(self, raw, seeds=None, as_of=None, wanted=("account_score_history",), given=None):
        """A connection in which `wanted` and all that it needs are built.

        `raw` is {table: rows as dicts of text} or a folder with one CSV per table and a folder per vendor. `given` is {model:
        select} for models that are not to be built from their parents.
        """
        given, seeds = given or {}, self.changed(seeds)
        connection = self._connect()
        self._create_raw(connection, raw)
        self._create_seeds(connection, seeds, "view")
        for unique_id in self._order(wanted, given):
            node = self.models[unique_id]
            sql = given.get(node["name"]) or self._sql(unique_id, seeds, as_of)
            # few rows are sooner written once than made by a view in each reader
            connection.execute(f"create table {node['schema']}.{node['name']} as {sql}")
        return connection

    def _connect(self):
        connection = duckdb.connect()
        connection.execute(f"attach ':memory:' as engagement; attach '{self.folder / 'engagement.duckdb'}' as shipped (read_only)")
        connection.execute("use engagement; set TimeZone = 'UTC'; set threads = 1")
        for schema in ("rules", "staging", "intermediate"):
            connection.execute(f"create schema {schema}")
        return connection

    def _create_raw(self, connection, raw):
        if isinstance(raw, Path):
            land(connection, str(raw), self.sources)
        else:
            create_raw_tables(connection, raw)

    def changed(self, seeds):
        """{name: rows} of the seeds that are not as shipped."""
        return {name: rows for name, rows in (seeds or {}).items() if rows is not self.default_seeds[name]}

    def _create_seeds(self, connection, seeds, kind="table"):
        """A table of each seed, with the changed rows, or a table or view of the shipped rows."""
        for name, types in self.seeds.items():
            if name in seeds:
                self._create(connection, f"rules.{name}", types, seeds[name])
            else:
                connection.execute(f"create or replace {kind} rules.{name} as from shipped.rules.{name}")

    def _sql(self, unique_id, seeds, as_of):
        """The select of a model, with this as-of date if one is given."""
        node = self.models[unique_id]
        if as_of is not None and node["name"] == "int_as_of_date":
            return f"select date '{as_of}' as as_of_date"
        return f"from shipped.{node['schema']}.{node['name']}" if unique_id in self.rules and not seeds else node["compiled_code"]

    def contract_events(self):
        """[{table, event_type}] of all event types that a signal or the contract names."""
        tables = {table["name"]: table["config"]["meta"] for table in read_yaml(ROOT / "models" / "staging" / "_raw__sources.yml")["sources"][0]["tables"]
                  if "channel" in table.get("config", {}).get("meta", {})}
        named = {(row["channel"], row["event_type"]) for row in self.default_seeds["signals"] if row["event_type"]}
        return [
            {"table": name, "event_type": event_type} for name, meta in tables.items()
            for event_type in sorted({*meta.get("event_types", []), *(kind for channel, kind in named if channel == meta["channel"])})
        ]

    def scores(self, raw, seeds=None, as_of=None):
        """{(scoring_model, account_id): score_raw}"""
        rows = self.run(raw, seeds, as_of).execute(
            "select scoring_model, account_id, score_raw from account_score_history"
            " where score_date = (select as_of_date from intermediate.int_as_of_date)"
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
    """The project built day after day in one in-memory database, with dbt's way of building incremental models."""

    def __init__(self, compiled):
        self.compiled, self.connection = compiled, compiled._connect()
        self.order, self.built = compiled._order(DAILY), set()
        self.raw, self.seeds = None, None  # as they were in the last build, as text

    def build(self, raw, seeds=None, as_of=None, full_refresh=False, only=None, until=None):
        """Everything, the model `only` by itself, or everything up to the model `until`, as if killed after it."""
        seeds = self.compiled.changed(seeds)
        if isinstance(raw, Path) or repr(raw) != self.raw:
            self.compiled._create_raw(self.connection, raw)
        # the same rules say the same once more
        done = self.compiled.rules if repr(seeds) == self.seeds else []
        if not done:
            self.compiled._create_seeds(self.connection, seeds)
        self.raw, self.seeds = repr(raw), repr(seeds) if only is until is None else None
        for unique_id in self.order:
            node = self.compiled.models[unique_id]
            if only in (None, node["name"]) and not (unique_id in done and unique_id in self.built):
                self._build_model(unique_id, node, seeds, as_of, full_refresh)
            if until == node["name"]:
                break

    def _build_model(self, unique_id, node, seeds, as_of, full_refresh):
        name, config = f"{node['schema']}.{node['name']}", node["config"]
        # a full refresh leaves the journals alone
        if config["materialized"] == "incremental" and unique_id in self.built and (
            not full_refresh or config["full_refresh"] is False
        ):
            self._add(name, self.compiled.later_sql[unique_id], config["unique_key"])
        else:
            self.connection.execute(f"create or replace table {name} as {self.compiled._sql(unique_id, seeds, as_of)}")
        self.built.add(unique_id)

    def _add(self, name, sql, unique_key):
        self.connection.execute(f"create or replace temporary table new_rows as {sql}")
        if unique_key:
            keys = " and ".join(f"stored.{key} = new_rows.{key}" for key in unique_key)
            self.connection.execute(f"delete from {name} as stored using temp.new_rows where {keys}")
        self.connection.execute(f"insert into {name} by name select * from temp.new_rows")

    def rows(self, sql, *values):
        return self.connection.execute(sql, list(values)).fetchall()


def read_yaml(path):
    return yaml.safe_load(Path(path).read_text(encoding="utf-8"))


def read_json(path):
    return json.loads(Path(path).read_text(encoding="utf-8"))
