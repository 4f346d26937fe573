"""What a BI tool has saved works after the next publication: one connection address, one catalogue, plain SQL names."""

import re

import pytest
import sqlalchemy

from engagement import publish
from engagement.warehouse import versions
from harness import ROOT
from small_warehouse import write_warehouse

# as a BI tool spells the table of a data set
FULL_NAME = "marts.main.account_scores"


@pytest.fixture
def engine(small_database, serving):
    """As Superset makes one: nothing is kept open between two queries."""
    assert publish.main([]) == 0
    return sqlalchemy.create_engine(
        f"duckdb:///{serving / 'marts.duckdb'}", connect_args={"read_only": True}, poolclass=sqlalchemy.pool.NullPool
    )


def catalogue(engine):
    """What a tool offers for a new data set: schemas, and the tables and columns of one."""
    inspector = sqlalchemy.inspect(engine)
    own = [schema for schema in inspector.get_schema_names() if schema.startswith("marts")]
    tables = {name: [column["name"] for column in inspector.get_columns(name, schema="main")] for name in inspector.get_table_names(schema="main")}
    return own, tables


def ask(engine, query):
    with engine.connect() as connection:
        return connection.execute(sqlalchemy.text(query)).fetchall()


def test_a_data_set_made_before_a_publication_works_after_it(engine, small_database):
    schemas, tables = catalogue(engine)
    assert schemas == ["marts.main"]
    assert tables["account_scores"][:2] == ["number", "account_id"]
    for number in (2, 3, 4, 5):
        assert ask(engine, f"select distinct number from {FULL_NAME}") == [(number - 1,)]
        write_warehouse(small_database, number)
        assert publish.main([]) == 0
        assert catalogue(engine) == (schemas, tables)
    # the version it was made with is gone by now
    assert ask(engine, f"select distinct number from {FULL_NAME}") == [(5,)]


def test_a_tool_reads_descriptions_and_cannot_write(engine):
    comments = "select comment from duckdb_columns() where database_name = 'marts' and table_name = 'account_scores' and column_name = 'number'"
    assert ask(engine, comments) == [("A number",)]
    with pytest.raises(sqlalchemy.exc.DBAPIError, match="read-only"):
        ask(engine, f"delete from {FULL_NAME}")


@pytest.mark.parametrize("number", range(3))
def test_the_blocks_of_python_in_the_docs_read_what_is_published(engine, serving, number):
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "bi.md").read_text(), flags=re.DOTALL)
    assert len(blocks) == 3
    names = {}
    exec(blocks[number].replace("build/serving", str(serving)), names)
    found = names.get("scores", names.get("comments"))
    # one column of the small warehouse has a description, and all of the tables that every publication has
    assert len(found) == (2000 if "scores" in names else 1 + len(versions.PUBLICATION.comments) + len(versions.SCORING_RULES.comments))


def test_the_address_for_superset_in_the_docs_is_read_only(engine, serving):
    (address,) = re.findall(r"duckdb:///(/srv/\S+)`", (ROOT / "docs" / "bi.md").read_text())
    superset = sqlalchemy.create_engine("duckdb:///" + address.replace("/srv/engagement/build/serving", str(serving)), poolclass=sqlalchemy.pool.NullPool)
    assert ask(superset, f"select count(*) from {FULL_NAME}") == [(2000,)]
    with pytest.raises(sqlalchemy.exc.DBAPIError, match="read-only"):
        ask(superset, f"delete from {FULL_NAME}")
