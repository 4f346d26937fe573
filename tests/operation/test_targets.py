"""Every command works for the target that --target, DBT_TARGET or the profile names, and says what is wrong with it."""

import pytest

from engagement import __main__ as cli
from engagement import paths, warehouse
from engagement.warehouse.duckdb_file import DuckDBFile
from engagement.warehouse.schemas import Schemas

PROFILE = """
engagement:
  target: "{{ env_var('WHERE', 'files') }}"
  outputs:
    files: {type: duckdb, path: engagement.duckdb}
    server: {type: postgres, host: 127.0.0.1, port: 1, user: nobody, password: '', dbname: none, schema: marts, threads: 1}
    other: {type: snowflake}
"""


@pytest.fixture
def profile(tmp_path, monkeypatch):
    (tmp_path / "profiles.yml").write_text(PROFILE)
    monkeypatch.setenv("DBT_PROFILES_DIR", str(tmp_path))
    monkeypatch.setenv("ENGAGEMENT_DB", str(tmp_path / "build" / "engagement.duckdb"))


def test_the_target_is_that_of_the_option_of_the_variable_or_of_the_profile(profile, monkeypatch):
    assert isinstance(warehouse.current(), DuckDBFile)
    monkeypatch.setenv("WHERE", "server")
    assert isinstance(warehouse.current(), Schemas) and warehouse.current().folder.name == "server"
    monkeypatch.setenv(paths.TARGET, "files")
    assert isinstance(warehouse.current(), DuckDBFile)
    assert cli.without_target(["--limit", "3", "--target", "server", "--owner", "x"]) == ("server", ["--limit", "3", "--owner", "x"])
    assert cli.without_target(["--target=server"]) == ("server", [])


@pytest.mark.parametrize("target, code, message", [
    ("nowhere", paths.BAD_USAGE, "has no target nowhere. Its targets: files, server, other."),
    ("other", paths.BAD_USAGE, "Target other has the type snowflake, which the commands don't support."),
    ("server", paths.FAILED, "Target server: "),
    ("", paths.BAD_USAGE, "--target needs the name of a target"),
])
@pytest.mark.parametrize("command", ["scores", "publish"])
def test_a_target_that_is_not_there_is_one_line(profile, capsys, command, target, code, message):
    assert cli.run(command, ["--target", target]) == code
    said = capsys.readouterr().err
    assert message in said and len(said.splitlines()) == 1


@pytest.mark.parametrize("text", [b"engagement: [", b"engagement: 2026-13-01", b"engagement: \xff", b""])
def test_a_profile_that_cannot_be_read_is_one_line(profile, tmp_path, capsys, text):
    (tmp_path / "profiles.yml").write_bytes(text)
    assert cli.run("scores", []) == paths.BAD_USAGE
    assert f"{tmp_path}/profiles.yml can't be read as a dbt profile (" in capsys.readouterr().err


def test_a_schema_for_readers_that_no_sql_can_name_is_refused(profile, monkeypatch):
    monkeypatch.setenv("WHERE", "server")
    monkeypatch.setenv("ENGAGEMENT_PUBLISHED_SCHEMA", "score-prod")
    with pytest.raises(paths.BadUsage, match="ENGAGEMENT_PUBLISHED_SCHEMA is 'score-prod'. Use letters, digits and underscores"):
        warehouse.current().place
