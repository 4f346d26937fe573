"""What differs between engines is said in macros/engines, and nowhere else."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOM = ROOT / "macros" / "engines"
ENGINES = ("duckdb", "postgres", "spark")
COMMENT = re.compile(r"\{#.*?#\}|--[^\n]*", re.S)
# what only one engine, or not every one, can read
OF_ONE_ENGINE = {
    "a cast with colons": r"::\w", "try_cast": r"\btry_cast\b", "qualify": r"\bqualify\b", "group by all": r"\bgroup by all\b",
    "a list": r"\blist_\w+\(|\bunnest\(|\barray_agg\(", "a JSON function": r"\bjson_(?!member|text)\w+\(|->>", "hash of the engine": r"[^_\w.]hash\(",
    "a regular expression": r"\bregexp_(matches|extract|like|substr)\b", "a look at the catalogue": r"\b(information_schema|duckdb_\w+|pg_\w+)\b",
    "arg_max": r"\b(arg|max|min)_by\b|\barg_(max|min)\b", "an interval of a column": r"\* interval\b", "ilike": r"\bilike\b",
    "a type by the name of one engine": r"\b(varchar|hugeint|jsonb|timestamptz|float8)\b(?=\s*(\)|,|$))",
    "exclude": r"\* (exclude|except|replace)\b", "asof": r"\basof\b", "median": r"\bmedian\(", "strftime": r"(?<!\.)\bstrftime\(",
}


def names(engine: str) -> set[str]:
    return set(re.findall(rf"macro {engine}__(\w+)\(", (ROOM / f"{engine}.sql").read_text()))


def sql_files() -> list[Path]:
    files = [*ROOT.glob("models/**/*.sql"), *ROOT.glob("macros/**/*.sql"), *ROOT.glob("tests/**/*.sql")]
    return [file for file in files if ROOM not in file.parents]


def test_every_engine_says_every_name():
    dispatched = set(re.findall(r"adapter\.dispatch\('(\w+)'", (ROOM / "engine.sql").read_text()))
    assert len(dispatched) > 15
    for engine in ENGINES:
        # dbt itself asks for these
        assert names(engine) - {"load_csv_rows", "create_csv_table", "dateadd"} == dispatched, engine


def test_no_other_file_names_an_engine():
    assert len(sql_files()) > 150
    for file in sql_files():
        code = COMMENT.sub("", file.read_text())
        found = re.search(r"duckdb|postgres|spark|target\.type|adapter\.dispatch", code, re.I)
        assert not found, f"{file.relative_to(ROOT)} has {found.group()}: move it to macros/engines"


@pytest.mark.parametrize("construct, pattern", OF_ONE_ENGINE.items(), ids=OF_ONE_ENGINE)
def test_no_other_file_has_a_construct_of_one_engine(construct, pattern):
    for file in sql_files():
        code = COMMENT.sub("", file.read_text())
        found = re.search(pattern, code, re.I)
        assert not found, f"{file.relative_to(ROOT)} has {construct} ({found.group()}): move it to macros/engines"


def test_names_of_unit_tests_fit_into_every_engine():
    for file in ROOT.glob("models/**/*unit_tests.yml"):
        for name in re.findall(r"^  - name: (\w+)$", file.read_text(), re.M):
            # PostgreSQL makes a table of it
            assert len(name) <= 63, f"{file.name}: {name} has {len(name)} characters. PostgreSQL takes 63."
