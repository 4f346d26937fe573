"""Servers of other engines, started for the tests and stopped by their process ids."""

import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import duckdb
import yaml

from tests.engines.compare import create_raw_tables
from tests.harness import ROOT

# the schemas of the project, of a project that has it as a package, and of the raw tables
SCHEMAS = [
    "raw", "crm", "main", "rules", "staging", "intermediate", "runs", "analytics",
    *(f"analytics_engagement{part}" for part in ("", "_rules", "_staging", "_intermediate")),
]


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


# Spark runs in one process, and only the tests that take three minutes there
IS_QUICK = os.environ.get("ENGAGEMENT_TEST_SPARK") == "quick"


def page_sql(part: str) -> list[str]:
    """The statements of the example in docs/engines.md that has this part."""
    (example,) = (text for text in re.findall(r"```sql\n(.*?)```", (ROOT / "docs" / "engines.md").read_text(), re.DOTALL) if part in text)
    return [line for line in example.splitlines() if line]


class PostgresServer:
    """A PostgreSQL server with an empty database for each test that asks. The role `dbt` has the rights and settings that
    docs/engines.md gives it, and no others; `loader` brings the raw tables, and `admin` may do anything."""

    def __init__(self, port: int) -> None:
        self.port = port
        *role, self.create_database = page_sql("create database")
        for statement in [*role, "create role loader login"]:
            self.run("postgres", "admin", statement)

    def new_database(self, name: str) -> None:
        self.run("postgres", "admin", self.create_database.replace("engagement", name))
        self.run("postgres", "admin", f"grant create on database {name} to loader")

    @contextmanager
    def cursor(self, database: str, user: str) -> Iterator[Any]:
        with closing(self.connect(database, user)) as connection:
            connection.autocommit = True
            yield connection.cursor()

    def run(self, database: str, user: str, statement: str) -> None:
        with self.cursor(database, user) as cursor:
            cursor.execute(statement)

    def connect(self, database: str, user: str) -> Any:
        import psycopg2

        return psycopg2.connect(host="127.0.0.1", port=self.port, user=user, dbname=database)


class Postgres:
    """A database of a PostgreSQL server, and a connection of the role that builds."""

    target = "postgres"

    def __init__(self, server: PostgresServer, database: str) -> None:
        server.new_database(database)
        self.server, self.database = server, database
        self.connection = self.connect()
        self.connection.autocommit = True
        self.cursor = self.connection.cursor()
        self.environment = {"POSTGRES_PORT": server.port, "POSTGRES_DB": database}
        self.profile = {"type": "postgres", "host": "127.0.0.1", "port": server.port, "user": "dbt", "password": "", "dbname": database, "threads": 2}

    def connect(self, user: str = "dbt") -> Any:
        return self.server.connect(self.database, user)

    def as_admin(self, *statements: str) -> None:
        for statement in statements:
            self.server.run(self.database, "admin", statement)

    def clear(self) -> None:
        self.as_admin(*(f"drop schema if exists {schema} cascade" for schema in SCHEMAS))

    def load(self, folder: Path, schema: str = "raw") -> None:
        with self.server.cursor(self.database, "loader") as cursor:
            create_raw_tables(cursor, schema, folder)
            for statement in page_sql("grant usage on schema raw"):
                cursor.execute(statement.replace("schema raw", f"schema {schema}"))

    def query(self, sql: str) -> list[tuple]:
        """The rows of the last of some statements; none if it has no result."""
        self.cursor.execute(sql)
        return self.cursor.fetchall() if self.cursor.description else []

    def rows(self, schema: str, table: str, types: dict[str, str], folder: Path) -> str:
        """What DuckDB reads the columns of a table from."""
        file = folder / f"{table}.csv"
        with file.open("wb") as rows:
            self.cursor.copy_expert(f"copy (select {', '.join(types)} from {schema}.{table}) to stdout (format csv, null 'NOTHING', force_quote *)", rows)
        columns = ", ".join(f"'{name}': '{kind}'" for name, kind in types.items())
        return (f"read_csv('{file}', header = false, auto_detect = false, delim = ',', quote = '\"', escape = '\"', nullstr = 'NOTHING',"
                f" columns = {{{columns}}})")


def postgres_programs() -> "Path | None":
    """The folder of initdb and pg_ctl."""
    found = shutil.which("initdb")
    folders = [Path(found).parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    return next((folder for folder in reversed(folders) if (folder / "initdb").exists()), None)


@contextmanager
def running_postgres() -> Iterator[PostgresServer]:
    # not below pytest's own folder, which only its owner may enter
    programs, data, port = postgres_programs(), Path(tempfile.mkdtemp(prefix="engagement-postgres-")), free_port()
    as_user = []
    if os.getuid() == 0:
        # the server refuses to be root
        as_user = ["runuser", "-u", "postgres", "--"]
        shutil.chown(data, "postgres", "postgres")

    def run(*command: str) -> None:
        # a file: the server keeps a pipe open
        with open(data / "commands.log", "ab") as log:
            subprocess.run([*as_user, *command], check=True, stdout=log, stderr=log, cwd="/")

    run(str(programs / "initdb"), "-D", str(data / "data"), "-A", "trust", "-U", "admin", "-E", "UTF8", "--locale", "C.UTF-8")
    # no wait for the disk
    settings = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={data}"
    settings += " -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c shared_buffers=512MB"
    run(str(programs / "pg_ctl"), "-D", str(data / "data"), "-o", settings, "-l", str(data / "server.log"), "-w", "start")
    try:
        yield PostgresServer(port)
    finally:
        run(str(programs / "pg_ctl"), "-D", str(data / "data"), "-m", "immediate", "stop")
        shutil.rmtree(data)


# code that runs for a minute is not worth much compiling
JAVA = "-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=256m -Xshare:auto"


class Spark:
    """The Thrift server of a Spark cluster."""

    target = "spark"

    def __init__(self, port: int, folder: Path) -> None:
        self.folder, self.port = folder, port
        self.environment = {"SPARK_PORT": port}
        shipped = yaml.safe_load((ROOT / "profiles.yml").read_text())["engagement"]["outputs"]["spark"]
        self.profile = shipped | {"host": "127.0.0.1", "port": port, "user": "dbt"}

    @property
    def cursor(self) -> Any:
        """A cursor of a new session: an old one looks for the files of tables that others have replaced."""
        from pyhive import hive

        return hive.connect(host="127.0.0.1", port=self.port, username="dbt").cursor()

    def clear(self) -> None:
        for schema in SCHEMAS:
            self.cursor.execute(f"drop schema if exists {schema} cascade")
            shutil.rmtree(self.folder / "raw" / schema, ignore_errors=True)

    def load(self, folder: Path, schema: str = "raw") -> None:
        """The CSV files of a folder as tables of texts, in the place of those that are there. DuckDB writes the Parquet files:
        a job of Spark for each takes longer than all of them."""
        self.cursor.execute(f"create schema if not exists {schema}")
        for file in sorted(folder.glob("*.csv")):
            place = self.folder / "raw" / schema / file.stem
            place.mkdir(parents=True, exist_ok=True)
            names = file.open(encoding="utf-8").readline().strip().split(",")
            types = ", ".join(f"'{name}': 'varchar'" for name in names)
            duckdb.sql(f"""
                copy (from read_csv('{file}', header = true, auto_detect = false, delim = ',', quote = '"', escape = '"', columns = {{{types}}}))
                to '{place}/rows.parquet'""")
            self.cursor.execute(f"drop table if exists {schema}.{file.stem}")
            self.cursor.execute(f"create table {schema}.{file.stem} ({', '.join(f'`{name}` string' for name in names)}) using parquet location '{place}'")

    def query(self, sql: str) -> list[tuple]:
        cursor = self.cursor
        cursor.execute(sql)
        return cursor.fetchall()

    def rows(self, schema: str, table: str, types: dict[str, str], folder: Path) -> str:
        """What DuckDB reads the columns of a table from: the files of the table."""
        del types, folder
        place = self.folder / "warehouse" / f"{schema}.db" / table
        if not list(place.rglob("*.parquet")):
            raise AssertionError(f"{place} has no files")
        return f"read_parquet('{place}/**/*.parquet', hive_partitioning = true, union_by_name = true)"


def spark_home() -> "Path | None":
    """The folder of pyspark, if it, a Java and what dbt needs are installed."""
    try:
        import dbt.adapters.spark  # noqa: F401
        import pyspark
        from pyhive import hive  # noqa: F401
    except ImportError:
        return None
    return Path(pyspark.__file__).parent if shutil.which("java") else None


@contextmanager
def running_spark(is_cluster: bool = True) -> Iterator[Spark]:
    """A Thrift server with a standalone cluster: a master, and two workers with one executor each. Or all of it in one process,
    with its tables known in memory, which is quicker."""
    home, folder = spark_home(), Path(tempfile.mkdtemp(prefix="engagement-spark-"))
    port, thrift = free_port(), free_port()
    settings = {
        "spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false", "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1", "spark.local.dir": folder / "local", "spark.sql.warehouse.dir": folder / "warehouse",
        "spark.hadoop.javax.jdo.option.ConnectionURL": f"jdbc:derby:memory:{folder.name};create=true",
        "spark.driver.extraJavaOptions": f"-Dderby.stream.error.file={folder}/derby.log {JAVA}",
        "spark.executor.extraJavaOptions": JAVA, "spark.executor.memory": "1g", "spark.executor.cores": "1",
        # small data: what costs is the number of jobs, tasks and files, and code that is made and compiled for few rows
        "spark.sql.shuffle.partitions": "2", "spark.sql.adaptive.enabled": "false", "spark.locality.wait": "0",
        "spark.sql.codegen.wholeStage": "false", "spark.sql.codegen.factoryMode": "NO_CODEGEN", "spark.sql.subexpressionElimination.enabled": "false",
        "spark.hadoop.mapreduce.fileoutputcommitter.algorithm.version": "2", "spark.hadoop.mapreduce.fileoutputcommitter.marksuccessfuljobs": "false",
        # checksums are files, too, and a process is started for the rights of each
        "spark.hadoop.fs.file.impl": "org.apache.hadoop.fs.RawLocalFileSystem",
        "spark.sql.parquet.compression.codec": "uncompressed", "spark.shuffle.compress": "false", "spark.broadcast.compress": "false",
        "spark.sql.artifact.isolation.enabled": "false",
        # plans are written down for a page that nobody opens
        "spark.sql.ui.explainMode": "simple", "spark.sql.maxPlanStringLength": "100",
        # the slowest of Spark's rules here, and one that only makes joins quicker
        "spark.sql.optimizer.excludedRules": "org.apache.spark.sql.catalyst.optimizer.EliminateOuterJoin",
    }
    if not is_cluster:
        settings["spark.sql.catalogImplementation"] = "in-memory"
    # a folder of settings without the installed ones
    (folder / "log4j2.properties").write_text(
        "rootLogger.level = warn\nrootLogger.appenderRef.out.ref = console\nappender.console.type = Console\nappender.console.name = console\n"
        "appender.console.layout.type = PatternLayout\nappender.console.layout.pattern = %d{HH:mm:ss} %p %c{1}: %m%n%ex\n"
    )
    started = []

    def start(name: str, memory: str, *command: str) -> None:
        with (folder / f"{name}.log").open("ab") as log:
            started.append(subprocess.Popen(
                [str(home / "bin" / "spark-class"), *command], stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd=folder,
                env=os.environ | {"SPARK_HOME": str(home), "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_DAEMON_MEMORY": memory, "SPARK_CONF_DIR": str(folder)},
            ))

    try:
        master = "local[2]"
        if is_cluster:
            master = f"spark://127.0.0.1:{port}"
            start("master", "256m", "org.apache.spark.deploy.master.Master", "--host", "127.0.0.1", "--port", str(port), "--webui-port", "0")
            for number in (1, 2):
                start(f"worker_{number}", "256m", "org.apache.spark.deploy.worker.Worker", "--host", "127.0.0.1", "--webui-port", "0", "-c", "1", "-m", "1g",
                      "-d", str(folder / f"worker_{number}"), master)
        start(
            "thrift", "1536m", "org.apache.spark.deploy.SparkSubmit", "--class", "org.apache.spark.sql.hive.thriftserver.HiveThriftServer2",
            "--master", master, *(word for name, value in settings.items() for word in ("--conf", f"{name}={value}")),
            "spark-internal", "--hiveconf", f"hive.server2.thrift.port={thrift}", "--hiveconf", "hive.server2.thrift.bind.host=127.0.0.1",
        )
        yield connected(thrift, folder, started)
    finally:
        for process in reversed(started):
            process.terminate()
        for process in started:
            process.wait(timeout=60)
        shutil.rmtree(folder, ignore_errors=True)


def connected(port: int, folder: Path, processes: list[subprocess.Popen]) -> Spark:
    """The server when it answers."""
    deadline = time.monotonic() + 300
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
            return Spark(port, folder)
        except OSError:
            logs = "\n".join(file.read_text()[-5000:] for file in folder.glob("*.log"))
            assert all(process.poll() is None for process in processes) and time.monotonic() < deadline, logs
            time.sleep(0.5)
