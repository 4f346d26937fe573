"""The models are SQL that warehouses read where this project was never run: their parsers find no fault in it.

The SQL is DuckDB's. What macros/engines says for DuckDB has to be said anew for such a warehouse, and no parser knows its functions.
"""

import pytest
import sqlglot

DIALECTS = ["snowflake", "bigquery", "redshift", "databricks"]


@pytest.fixture(scope="module")
def models(compiled):
    """{model: compiled SQL}, with names in the quotes that the dialect has."""
    return {node["name"]: node["compiled_code"] for node in compiled.models.values()}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_model_parses(models, dialect):
    assert len(models) > 100
    faults = {}
    for name, sql in models.items():
        try:
            sqlglot.parse_one(sql, dialect=dialect, error_level=sqlglot.ErrorLevel.RAISE)
        except sqlglot.errors.ParseError as error:
            faults[name] = error.errors[0]
    assert not faults


@pytest.mark.parametrize("dialect, sql", [
    ("snowflake", "select max(a) over earlier from b window earlier as (order by a)"), ("bigquery", "select 1 as a union select 2 as a"),
])
def test_the_parser_refuses_what_a_dialect_does_not_have(dialect, sql):
    with pytest.raises(sqlglot.errors.ParseError):
        sqlglot.parse_one(sql, dialect=dialect, error_level=sqlglot.ErrorLevel.RAISE)
