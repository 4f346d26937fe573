"""A mirror copies a table when SQL names it, and only then."""

import pytest

from engagement.paths import CommandError
from engagement.warehouse.dialects import DUCKDB
from engagement.warehouse.mirror import Mirror


class Rows:
    """An engine with two tables of one row."""

    sql = DUCKDB

    def columns(self, schemas):
        return [(schema, table, "a", "integer", False, None, None) for schema in schemas for table in ("scores", "it's")]

    def write_csv(self, sql, file):
        file.write_text('"1"\n')


@pytest.fixture
def mirror(tmp_path, monkeypatch):
    monkeypatch.setenv("ENGAGEMENT_TMP", str(tmp_path))
    found = Mirror(Rows())
    found.attach("warehouse", {"main": "main"})
    found.use("warehouse")
    yield found
    found.close()


@pytest.mark.parametrize("sql, copied", [
    ("select a from scores", {"scores"}), ('select a from main."scores"', {"scores"}), ("select a from warehouse.main.scores", {"scores"}),
    ("select 'the table main.scores'", set()), ("select 'it''s main.scores', 1", set()), ("select 1 -- it's in main.scores\n", set()),
    ("select 'a -- b', a from scores", {"scores"}), ("-- isn't it\nselect a from scores", {"scores"}),
])
def test_names_in_texts_and_comments_are_no_tables(mirror, sql, copied):
    before = set(mirror.waiting)
    mirror.execute(sql)
    assert {name.split(".")[-1] for name in before - set(mirror.waiting)} == copied
    assert mirror.connection.execute("select count(*) from warehouse.main.scores").fetchone() == (len(copied),)


@pytest.mark.parametrize("columns, message", [
    ([("Users", "id"), ("users", "id")], "Schema raw has the tables Users and users, which differ only in case. Rename or move one of them."),
    ([("people", "email"), ("people", "Email")], "Table raw.people has the columns email and Email, which differ only in case."),
])
def test_names_that_differ_only_in_case_are_refused(mirror, monkeypatch, columns, message):
    monkeypatch.setattr(mirror.engine, "columns", lambda schemas: [("raw", *names, "integer", False, None, None) for names in columns])
    with pytest.raises(CommandError, match=message):
        mirror.attach("raw", {"raw": "raw"})
