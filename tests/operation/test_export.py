"""Exports are complete sets of files of one publication, and no text in a CSV runs as a formula."""

import csv
import os
import resource
import signal
import subprocess
import sys

import duckdb
import pytest

from engagement import __main__ as cli
from engagement import export, paths, publish
from harness import ROOT
from small_warehouse import MARTS, write_warehouse

FORMULAS = ["=1+1", "+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1+1", "＝1+1", "=cmd|' /C calc'!A0"]
PUBLISHED = [*MARTS, "score_bands", "publication", "scoring_rules"]
HARMLESS = ["Acme = good", "a-b", "1+1", "", 'say "hi", please', "two\nlines", "Århus", "'quoted"]


@pytest.fixture
def published(small_database, serving):
    """A publication whose rejected records are texts for a spreadsheet, one is null."""
    with duckdb.connect(str(small_database)) as connection:
        connection.execute("alter table rejected_records add column change decimal(9, 1) default -1.5")
        connection.execute("alter table rejected_records add column text varchar")
        connection.execute("delete from rejected_records")
        connection.executemany("insert into rejected_records (number, text) values (1, ?)", [[text] for text in [*FORMULAS, *HARMLESS, None]])
    assert publish.main([]) == 0
    return serving / "marts.duckdb"


@pytest.fixture
def folder(small_database):
    return small_database.parent / "export"


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_every_table_of_the_publication_is_a_parquet_file_with_the_same_rows_and_types(published, folder, capsys):
    assert cli.run("export", []) == 0
    assert f"Wrote {len(PUBLISHED)} marts" in capsys.readouterr().out
    assert names(folder) == sorted(f"{mart}.parquet" for mart in PUBLISHED)
    with duckdb.connect(str(published), read_only=True) as connection:
        for mart in PUBLISHED:
            file = f"'{folder}/{mart}.parquet'"
            assert connection.execute(f"from {file} except all from {mart}").fetchall() == connection.execute(f"from {mart} except all from {file}").fetchall() == []
            assert connection.execute(f"describe from {file}").fetchall() == connection.execute(f"describe from {mart}").fetchall()


def test_no_text_of_a_csv_runs_as_a_formula_and_nothing_else_is_changed(published, folder):
    assert cli.run("export", ["--format", "csv", "--mart", "rejected_records"]) == 0
    assert names(folder) == ["rejected_records.csv"]
    with open(folder / "rejected_records.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert sorted(row["text"] for row in rows) == sorted([f"'{text}" for text in FORMULAS] + HARMLESS + [""])
    # numbers stay numbers
    assert {row["change"] for row in rows} == {"-1.5"}


def test_the_next_export_replaces_the_folder_as_a_whole(published, folder, small_database):
    assert cli.run("export", ["--format", "csv"]) == 0
    before = folder.resolve()
    write_warehouse(small_database, 2)
    assert publish.main([]) == 0 and cli.run("export", ["--mart", "account_scores", "--mart", "score_alerts"]) == 0
    assert names(folder) == ["account_scores.parquet", "score_alerts.parquet"]
    assert duckdb.sql(f"select distinct number from '{folder}/*.parquet'").fetchall() == [(2,)]
    assert not before.exists() and names(folder.parent) == sorted(
        ["engagement.duckdb", "engagement.duckdb.lock", "export", folder.resolve().name, "serving"]
    )


@pytest.mark.parametrize("name", ["it's \"mine\"", "a; drop table x", "Größe", "{}", "new/deep"])
def test_a_folder_may_have_any_name_and_may_be_there_if_it_is_empty(published, tmp_path, name):
    folder = tmp_path / name
    for _ in range(2):
        assert cli.run("export", ["--mart", "publication", "--out", f"{folder}/"]) == 0
        assert names(folder) == ["publication.parquet"]
    export.remove_export(folder)
    assert names(folder.parent) == [] or not folder.exists()
    folder.mkdir()
    assert cli.run("export", ["--mart", "publication", "--out", str(folder)]) == 0
    assert names(folder) == ["publication.parquet"]


def test_what_others_have_put_there_stays(published, tmp_path, capsys):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine")
    (tmp_path / "mine.csv").write_text("mine")
    (tmp_path / "link").symlink_to(tmp_path / "mine")
    (tmp_path / "nowhere").symlink_to("nothing")
    for name in ("mine", "mine.csv", "link", "nowhere"):
        assert cli.run("export", ["--out", str(tmp_path / name)]) == paths.BAD_USAGE
        assert "holds other files" in capsys.readouterr().err
    assert (tmp_path / "mine" / "notes.txt").read_text() == (tmp_path / "mine.csv").read_text() == "mine"


def test_an_unknown_mart_writes_nothing_and_names_those_that_there_are(published, folder, capsys):
    for name in ("acount_scores", "../publication", "publication; drop table publication"):
        assert cli.run("export", ["--mart", name]) == paths.BAD_USAGE
        assert f"There is no mart {name}. Marts: account_scores, " in capsys.readouterr().err
    assert not folder.exists()


def test_without_a_publication_there_is_nothing_to_export(small_database, folder, capsys):
    assert cli.run("export", []) == paths.FAILED and "Nothing is published" in capsys.readouterr().err
    assert not folder.exists()


def test_a_full_disk_leaves_the_old_set_and_no_rest(published, folder):
    """Files of this process may not grow beyond a limit: for DuckDB that is a disk that is full."""
    assert cli.run("export", ["--mart", "publication"]) == 0
    before = names(folder.parent)
    ended = subprocess.run(
        [sys.executable, "-m", "engagement", "export"], capture_output=True, text=True, cwd=ROOT,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (500, 500)),
    )
    assert ended.returncode == paths.FAILED and "could not be written" in ended.stderr and "Make room" in ended.stderr
    assert names(folder.parent) == before and names(folder) == ["publication.parquet"]


KILLED = """
import os, signal, sys
from engagement import export
write, calls = export.write, []
def killed(*arguments):
    calls.append(1)
    if len(calls) == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return write(*arguments)
export.write = killed
export.main([])
"""


def test_a_killed_export_leaves_the_old_set_and_the_next_one_cleans_up(published, folder):
    assert cli.run("export", ["--mart", "publication"]) == 0
    ended = subprocess.run([sys.executable, "-c", KILLED], cwd=ROOT)
    assert ended.returncode == -signal.SIGKILL and names(folder) == ["publication.parquet"]
    assert len([name for name in os.listdir(folder.parent) if name.startswith("export.")]) == 2
    assert cli.run("export", []) == 0
    assert len([name for name in os.listdir(folder.parent) if name.startswith("export.")]) == 1 and len(names(folder)) == len(PUBLISHED)
