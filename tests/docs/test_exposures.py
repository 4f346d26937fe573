"""The exposures in dbt's graph are the pages of the dashboard and the CRM, and name what these read."""

import datetime as dt

import duckdb
import pytest

from engagement.dashboard import queries
from harness import ROOT, read_yaml
from pages import published_tables

EXPOSURES = {exposure["name"]: exposure for exposure in read_yaml(ROOT / "models" / "marts" / "_exposures.yml")["exposures"]}
PAGES = ["accounts", "today", "account", "review", "health"]


def named(exposure):
    return [reference.removeprefix("ref('").removesuffix("')") for reference in exposure["depends_on"]]


def test_each_page_and_the_crm_have_an_exposure_of_published_tables():
    assert list(EXPOSURES) == [*(f"dashboard_{page}" for page in PAGES), "crm_sync"]
    for exposure in EXPOSURES.values():
        assert named(exposure) == sorted(set(named(exposure))) and set(named(exposure)) <= set.union(*published_tables())
        assert exposure["description"].strip() and exposure["owner"]["name"]


@pytest.mark.parametrize("page", PAGES)
def test_an_exposure_names_exactly_what_the_queries_of_its_page_read(page):
    arguments = [dt.date(2026, 5, 31)] if page in ("accounts", "today") else []
    read = set()
    for query in [*queries.every_page(), *getattr(queries, f"{page}_page")(*arguments)]:
        read |= duckdb.get_table_names(query.sql.format(accounts="'a'") if page == "account" else query.sql)
    assert set(named(EXPOSURES[f"dashboard_{page}"])) == {table for table in read if not table.startswith("review_")}
