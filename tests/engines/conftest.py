"""Servers of other engines. `make test-postgres` and `make test-spark` fail where there is none, others skip."""

import os
from collections.abc import Iterator

import pytest

from tests.engines.servers import IS_QUICK, Postgres, PostgresServer, Spark, postgres_programs, running_postgres, running_spark, spark_home
from tests.harness import Project


def missing(engine: str, remedy: str) -> None:
    (pytest.fail if os.environ.get(f"ENGAGEMENT_TEST_{engine.upper()}") else pytest.skip)(f"There is no {engine} here: {remedy}.")


@pytest.fixture(scope="session", autouse=True)
def parsed_projects_here(parsed_projects) -> None:
    """`tests.harness` is another module than `harness`."""
    Project.parsed = parsed_projects


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    if not postgres_programs():
        missing("postgres", "apt-get install postgresql")
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def spark() -> Iterator[Spark]:
    if not spark_home():
        missing("spark", "make .venv/cluster, and apt-get install openjdk-17-jre-headless")
    with running_spark(is_cluster=not IS_QUICK) as server:
        yield server


@pytest.fixture(scope="module", params=["postgres", "spark"])
def server(request) -> "Postgres | Spark":
    if request.param == "spark" and IS_QUICK and not getattr(request.module, "IS_QUICK_ON_SPARK", False):
        pytest.skip("make test-spark runs this")
    found = request.getfixturevalue(request.param)
    return Postgres(found, request.module.__name__.split(".")[-1]) if request.param == "postgres" else found
