"""Where files are: links, names of databases, other folders, and a project that cannot be written."""

import os
import subprocess
import sys

import duckdb
import pytest
import yaml

from engagement import __main__ as cli
from engagement import build, forget, paths, privacy, publish, runner
from engagement.landing.forgotten import read_forgotten
from engagement.memory import beside_builds, memory_of
from engagement.warehouse.target import rendered
from harness import ROOT, read_yaml
from small_warehouse import shown


@pytest.fixture
def linked(small_database, tmp_path, monkeypatch):
    """The database, the folder of versions and the list of forgotten people are links to another disk."""
    disk, links = tmp_path / "disk", tmp_path / "links"
    disk.mkdir()
    links.mkdir()
    small_database.rename(disk / "real.duckdb")
    for variable, link, target in (
        ("ENGAGEMENT_DB", "e.duckdb", "real.duckdb"), ("ENGAGEMENT_SERVING", "serving", "published"), ("FORGOTTEN_PEOPLE", "list.csv", "people.csv"),
    ):
        (links / link).symlink_to(disk / target)
        monkeypatch.setenv(variable, str(links / link))
    return disk


def test_links_to_the_database_the_versions_and_the_list_are_followed(linked):
    """Nothing is ever put in the place of a link, or beside it."""
    database = paths.database_file()
    assert database == linked / "real.duckdb" and paths.serving_folder(database) == linked / "published"
    with runner.file_behind_link():
        assert os.environ["ENGAGEMENT_DB"] == str(linked / "real.duckdb")
    assert os.environ["ENGAGEMENT_DB"].endswith("e.duckdb")
    assert publish.main([]) == 0 and shown(linked / "published")[0] == 1
    privacy.write_list(privacy.forgotten_people_file(), {"hash": "2026-05-31"}, "k" * 32)
    links = linked.parent / "links"
    assert {path.name: path.is_symlink() for path in links.iterdir()} == dict.fromkeys(("e.duckdb", "serving", "list.csv"), True)
    assert (linked / "people.csv").read_text().count("\n") == 2


@pytest.mark.parametrize("command", ["build", "publish", "scores", "account", "alerts", "sync", "forget", "what-if"])
def test_a_link_to_itself_is_named_by_every_command(tmp_path, monkeypatch, capsys, command):
    (tmp_path / "e.duckdb").symlink_to(tmp_path / "e.duckdb")
    monkeypatch.setenv("ENGAGEMENT_DB", str(tmp_path / "e.duckdb"))
    monkeypatch.setenv("PERSON", "ana@acme.example")
    monkeypatch.setenv("ACCOUNT", "acme")
    monkeypatch.setenv(privacy.KEY_VARIABLE, "k" * 32)
    assert cli.run(command, []) == paths.BAD_USAGE
    assert "e.duckdb is a link that leads to itself" in capsys.readouterr().err


@pytest.mark.parametrize("settings", [{}, {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "LC_ALL": "POSIX"}], ids=["UTF-8", "ASCII"])
def test_letters_in_a_path_are_the_same_in_any_locale(small_database, tmp_path, settings):
    database = tmp_path / "münchen" / "ü.duckdb"
    database.parent.mkdir()
    small_database.rename(database)
    code, said = run(ROOT, "publish", ENGAGEMENT_DB=database, **settings)
    assert code == 0, said
    assert sorted(os.listdir(database.parent)) == ["serving", "ü.duckdb", "ü.duckdb.lock"] and shown(database.parent / "serving")[0] == 1


def test_a_path_that_is_not_utf8_is_refused(tmp_path):
    code, said = run(ROOT, "publish", ENGAGEMENT_DB=os.fsdecode(b"/tmp/m\xfcnchen.duckdb"))
    assert code == paths.BAD_USAGE and said == "Env var ENGAGEMENT_DB isn't UTF-8. Write it in UTF-8.\n"


@pytest.mark.parametrize("name, fault", [
    ("raw.duckdb", "the name raw is taken"), ("Staging.duckdb", "the name Staging is taken"), ("main.2.duckdb", "the name main is taken"),
    ("temp", "the name temp is taken"), ('a"b.duckdb', "quotation mark"), ("~/e.duckdb", "Write the whole path"),
    ("my-db v1.duckdb", None), ("my.db.duckdb", None), ("it's.duckdb", None), ("Ä.duckdb", None), (".e.duckdb", None),
])
def test_a_name_that_cannot_be_used_is_refused_and_others_are_not(monkeypatch, tmp_path, name, fault):
    monkeypatch.setenv("ENGAGEMENT_DB", name if name[0] == "~" else str(tmp_path / name))
    if fault is None:
        assert paths.database_file() == tmp_path / name
    else:
        with pytest.raises(paths.BadUsage, match=fault):
            paths.database_file()


@pytest.mark.parametrize("command", ["build", "publish", "scores"])
@pytest.mark.parametrize("file, fault", [
    ("{0}", "{0}, which is a folder. Name a file in it, such as {0}/engagement.duckdb."), ("/", "/, which is a folder."),
    ("/dev/null", "/dev/null, which is no ordinary file. Name another file."),
])
def test_a_database_that_is_no_file_is_one_line(monkeypatch, tmp_path, capsys, command, file, fault):
    """dbt tried for minutes to open it."""
    monkeypatch.setenv("ENGAGEMENT_DB", file.format(tmp_path))
    assert cli.run(command, []) == paths.BAD_USAGE
    said = capsys.readouterr().err
    assert said.startswith(f"ENGAGEMENT_DB is {fault.format(tmp_path)}") and len(said.splitlines()) == 1


def run(cwd, *command, **environment):
    """(exit code, all that a command printed), run in a folder."""
    ended = subprocess.run(
        [sys.executable, "-m", "engagement", *command], cwd=cwd, capture_output=True, text=True,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **{name: str(value) for name, value in environment.items()}},
    )
    return ended.returncode, ended.stdout + ended.stderr


def test_commands_work_in_any_folder_and_leave_nothing_there(small_database, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    assert run(elsewhere, "publish", ENGAGEMENT_DB="../build/engagement.duckdb")[0] == 0
    code, said = run(elsewhere, "scores", ENGAGEMENT_DB="../build/engagement.duckdb")
    assert code == 0 and "Account 1999" in said
    # builds: test_exports_become_scores_step_by_step
    assert list(elsewhere.iterdir()) == []


def test_without_a_project_or_a_folder_commands_say_so(tmp_path, monkeypatch):
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert paths.in_project("") == ROOT
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    with pytest.raises(paths.BadUsage, match="There is no dbt_project.yml here"):
        paths.enter_project()


def test_a_memory_limit_that_is_none_is_named(small_database, monkeypatch, capsys):
    monkeypatch.setenv("ENGAGEMENT_MEMORY", "6Gi")
    for command in ("check", "publish"):
        assert cli.run(command, []) == paths.BAD_USAGE
        assert "ENGAGEMENT_MEMORY is '6Gi'. Write a number and a unit, such as 6GB." in capsys.readouterr().err


def test_a_first_build_names_it_before_dbt_starts(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("ENGAGEMENT_DB", str(tmp_path / "engagement.duckdb"))
    monkeypatch.setenv("ENGAGEMENT_MEMORY", "much")
    monkeypatch.setattr(build, "run_dbt", lambda *arguments, **options: pytest.fail("dbt has started"))
    assert cli.run("build", []) != 0
    assert "ENGAGEMENT_MEMORY is 'much'. Write a number and a unit, such as 6GB." in capsys.readouterr().out


@pytest.mark.parametrize("command", ["check", "export"])
def test_a_query_that_is_interrupted_is_no_traceback(small_database, monkeypatch, capsys, command):
    """DuckDB raises this for Ctrl-C."""
    assert publish.main([]) == 0

    def interrupted(*arguments, **options):
        raise RuntimeError("Query interrupted")

    for place in ("engagement.check.land", "engagement.export.write"):
        monkeypatch.setattr(place, interrupted)
    assert cli.run(command, []) == paths.FAILED
    assert capsys.readouterr().err.splitlines()[-1] == "Stopped."


def test_an_empty_setting_is_none_for_dbt_too(monkeypatch):
    for name in ("ENGAGEMENT_DB", "ENGAGEMENT_MEMORY", "ENGAGEMENT_TMP"):
        monkeypatch.setenv(name, "")
    found = yaml.safe_load((ROOT / "profiles.yml").read_text())["engagement"]["outputs"]["duckdb"]
    config = found["config_options"]
    assert [rendered(text) for text in (found["path"], config["memory_limit"], config["temp_directory"])] == [
        "build/engagement.duckdb", paths.memory_limit(), "build/tmp"]


@pytest.mark.parametrize("engine, port", [("postgres", "5432"), ("spark", "10000")])
def test_an_empty_port_is_the_engines_own(monkeypatch, engine, port):
    monkeypatch.setenv(f"{engine.upper()}_PORT", "")
    assert rendered(read_yaml(ROOT / "profiles.yml")["engagement"]["outputs"][engine]["port"]) == port


def test_dbt_writes_beside_the_database_where_the_project_cannot_be_written(small_database, monkeypatch):
    for name in ("DBT_TARGET_PATH", "DBT_LOG_PATH", "ENGAGEMENT_TMP"):
        monkeypatch.setenv(name, "")
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    paths.enter_project()
    assert paths.target_folder() == small_database.parent / "target" and paths.log_folder() == small_database.parent / "logs"
    assert paths.spill_folder() == small_database.parent / "tmp"


@pytest.mark.parametrize("command", ["scores --limit 2000", "scores --limit 1", "scores --help", "--help"])
@pytest.mark.parametrize("rest, codes", [("| true", "1 0"), (">&-", "0"), ("> /dev/full", "1"), ("2>&- >&-", "0")], ids=["cut", "closed", "full", "all closed"])
def test_an_output_that_nobody_takes_is_no_traceback(small_database, monkeypatch, command, rest, codes):
    """Long or short: Python writes a short one at its end."""
    monkeypatch.delenv("PYTHONUNBUFFERED", raising=False)
    assert publish.main([]) == 0
    ended = subprocess.run(
        ["bash", "-c", f"{sys.executable} -m engagement {command} {rest}; codes=${{PIPESTATUS[*]}}; [ \"$codes\" = '{codes}' ] || echo $codes >&2"],
        cwd=ROOT, capture_output=True, text=True,
    )
    assert ended.stderr in ("", "[Errno 28] No space left on device. Make room or fix it, and run the same command again.\n")


@pytest.mark.parametrize("command, options, variable", [
    ("scores", ["--owner", "\udcff"], None), ("export", ["--out", "/tmp/\udcff"], None), ("build", ["--select", "\udcff"], None),
    ("account", [], "ACCOUNT"), ("forget", [], "PERSON"), ("scores", [], "ENGAGEMENT_TMP"), ("build", [], "RAW_DATA"),
    ("publish", [], "DBT_ENV_SECRET_PRIVACY_KEY"),
])
def test_a_text_that_is_not_utf8_is_one_line_without_the_text(small_database, monkeypatch, capsys, command, options, variable):
    if variable:
        monkeypatch.setenv(variable, "secret \udcff")
    assert cli.run(command, options) == paths.BAD_USAGE
    assert capsys.readouterr().err == f"{f'Env var {variable}' if variable else 'An option'} isn't UTF-8. Write it in UTF-8.\n"


@pytest.mark.parametrize("content", [None, b"garbage\n1\n2\n", b"\xff\xfe\x00\n\n", b"identifier_hash,forgotten_on\na,b\n"])
def test_a_list_of_forgotten_people_that_is_none_stops_every_command_that_needs_it(small_database, tmp_path, monkeypatch, capsys, content):
    file = tmp_path / "list.csv"
    file.mkdir() if content is None else file.write_bytes(content)
    monkeypatch.setenv("FORGOTTEN_PEOPLE", str(file))
    monkeypatch.setenv(privacy.KEY_VARIABLE, "k" * 32)
    assert cli.run("forget", ["ana@acme.example"]) == paths.BAD_USAGE
    assert "list.csv is not a list of forgotten people" in capsys.readouterr().err
    with pytest.raises(paths.BadUsage, match="is not a list of forgotten people"):
        read_forgotten()


@pytest.mark.parametrize("name", ["my-db v1.duckdb", "my.db.duckdb", "it's.duckdb", "fresh.duckdb", ".e.duckdb"])
def test_a_database_of_any_name_is_rewritten_whole_or_not_at_all(small_database, monkeypatch, name):
    """A full disk leaves the old one, and no rest that the next try could stumble over."""
    database = small_database.rename(small_database.with_name(name))
    with duckdb.connect(str(database)) as connection:
        connection.execute(f"create view seen as select * from {paths.quoted(paths.catalog_of(database))}.main.account_scores")
    monkeypatch.setattr(forget, "STORAGE_VERSION", "nonsense")
    before = database.read_bytes()
    (database.parent / f"{name}.new.wal").write_text("a rest")
    with pytest.raises(duckdb.Error):
        forget.rewrite(database)
    assert [file.name for file in database.parent.iterdir()] == [name] and database.read_bytes() == before
    monkeypatch.undo()
    forget.rewrite(database)
    assert [file.name for file in database.parent.iterdir()] == [name]
    with duckdb.connect(str(database), read_only=True) as connection:
        assert connection.execute("select count(*) from seen").fetchone() == (2000,)


def test_the_record_of_what_was_sent_can_be_the_first_file_beside_the_builds(tmp_path):
    with memory_of(beside_builds(tmp_path / "build", "sent.sqlite"), "sent", "id", dry_run=False, sent="alert") as memory:
        assert memory.execute("select count(*) from sent").fetchall() == [(0,)]
