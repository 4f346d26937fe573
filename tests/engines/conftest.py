"""A PostgreSQL server for the tests, from Debian's packages; `make test-postgres` fails where there is none, others skip."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Server:
    """A server with an empty database for each test that asks."""

    port: int

    def new_database(self, name: str) -> str:
        """The DSN of a new database. Its texts sort by their bytes, as DuckDB's do."""
        import psycopg2

        with_admin = psycopg2.connect(self.dsn("postgres"))
        with_admin.autocommit = True
        with_admin.cursor().execute(f"create database {name} template template0 encoding 'UTF8' locale 'C.UTF-8'")
        with_admin.close()
        return self.dsn(name)

    def dsn(self, database: str) -> str:
        return f"host=127.0.0.1 port={self.port} user=dbt dbname={database}"


def programs() -> "Path | None":
    """The folder of initdb and pg_ctl."""
    found = shutil.which("initdb")
    folders = [Path(found).parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    return next((folder for folder in reversed(folders) if (folder / "initdb").exists()), None)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    folder = programs()
    if not folder:
        (pytest.fail if os.environ.get("ENGAGEMENT_TEST_POSTGRES") == "required" else pytest.skip)(
            "There is no PostgreSQL server here: apt-get install postgresql."
        )
    # not below pytest's own folder, which only its owner may enter
    data, port = Path(tempfile.mkdtemp(prefix="engagement-postgres-")), free_port()
    as_user = []
    if os.getuid() == 0:
        # the server refuses to be root
        as_user = ["runuser", "-u", "postgres", "--"]
        shutil.chown(data, "postgres", "postgres")

    def run(*command: str) -> None:
        # a file: the server keeps a pipe open
        with open(data / "commands.log", "ab") as log:
            subprocess.run([*as_user, *command], check=True, stdout=log, stderr=log, cwd="/")

    run(str(folder / "initdb"), "-D", str(data / "data"), "-A", "trust", "-U", "dbt", "-E", "UTF8", "--locale", "C.UTF-8")
    settings = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={data} -c fsync=off -c jit=off"
    run(str(folder / "pg_ctl"), "-D", str(data / "data"), "-o", settings, "-l", str(data / "server.log"), "-w", "start")
    yield Server(port)
    run(str(folder / "pg_ctl"), "-D", str(data / "data"), "-m", "immediate", "stop")
    shutil.rmtree(data)
