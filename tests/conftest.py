import gc
import os

import pytest

from harness import CompiledProject, Project, SeedsFolder, alone
from small_warehouse import write_warehouse

# dbt creates millions of small objects that stay, makes lines of a log that nobody reads, and writes files that few tests read: a
# quarter of its time. What it says reaches tests by its events.
gc.set_threshold(50_000, 20, 20)
os.environ |= {"DBT_LOG_LEVEL": "none", "DBT_LOG_LEVEL_FILE": "none", "DBT_WRITE_JSON": "false"}


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory, worker_id):
    """A folder of all workers of pytest."""
    folder = tmp_path_factory.getbasetemp()
    return folder if worker_id == "master" else folder.parent


@pytest.fixture(scope="session", autouse=True)
def parsed_projects(shared_folder):
    """Where the harness keeps what dbt has read, because reading the project takes as long as building it."""
    Project.parsed = shared_folder / "parsed"
    Project.parsed.mkdir(exist_ok=True)
    return Project.parsed


@pytest.fixture(scope="session")
def compiled(parsed_projects):
    """The project's compiled SQL."""
    return CompiledProject()


@pytest.fixture(scope="session")
def seeds(tmp_path_factory):
    """The shipped seeds in a folder of their own, to be changed and checked."""
    return SeedsFolder(tmp_path_factory.mktemp("seeds"))


@pytest.fixture(scope="session")
def built_sample(shared_folder):
    """A copy of the project, built on the sample, that no test changes. Its manifest is in target/. The first worker that needs
    it builds it, for all."""
    folder, built = shared_folder / "built_sample", shared_folder / "built_sample.done"
    with alone(shared_folder / "built_sample.lock"):
        if not built.exists():
            success, output = Project(folder).build("--write-json")
            assert success, output
            built.touch()
    return Project.at(folder)


@pytest.fixture(scope="module")
def sample_project(built_sample, tmp_path_factory):
    """A copy of the project, built on the sample; tests of one module share it and must leave it built."""
    return built_sample.copy(tmp_path_factory.mktemp("sample"))


@pytest.fixture
def small_database(tmp_path, monkeypatch):
    """The database that a complete build has left, with 1 in every mart."""
    file = tmp_path / "build" / "engagement.duckdb"
    monkeypatch.setenv("ENGAGEMENT_DB", str(file))
    monkeypatch.delenv("ENGAGEMENT_SERVING", raising=False)
    monkeypatch.setenv("ENGAGEMENT_TMP", str(tmp_path / "tmp"))
    write_warehouse(file, 1)
    return file


@pytest.fixture
def serving(small_database):
    """The folder its marts are published into."""
    return small_database.parent / "serving"
