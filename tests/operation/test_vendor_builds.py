"""`make build` of the made-up tables of vendors, with the command of each page: it is published, and shows what the page shows."""

import os
import re
import subprocess
import sys

import duckdb
import pytest

from harness import ROOT
from pages import assert_queries_give_their_tables, blocks, missing
from vendor_samples import SAMPLES

VENDORS = ROOT / "docs" / "vendors"
# Litware Bank is a customer, and Wingtip Toys is deleted
PROSPECTS = {"Northwind Robotics", "Contoso Freight", "Contoso Holding", "Fabrikam Health", "Tailspin Foods", "Adatum Energy", "Proseware Media"}


class Build:
    """One build of the samples with these vars."""

    def __init__(self, folder, given_vars):
        database = folder / "build" / "engagement.duckdb"
        database.parent.mkdir()
        done = subprocess.run(
            [sys.executable, "-m", "engagement", "build", "--no-dashboard", "--vars", given_vars], cwd=ROOT, text=True, capture_output=True, check=False,
            env=os.environ | {
                "RAW_DATA": str(SAMPLES), "ENGAGEMENT_DB": str(database), "ENGAGEMENT_TMP": str(folder / "tmp"), "DBT_LOG_PATH": str(folder / "logs"),
                "DBT_TARGET_PATH": str(folder / "target"),
            },
        )
        assert done.returncode == 0 and "Published version" in done.stdout.splitlines()[-1], done.stdout + done.stderr
        self.printed = done.stdout
        self.marts = duckdb.connect(str(database.parent / "serving" / "marts.duckdb"), read_only=True)

    def query(self, sql):
        return self.marts.execute(sql).fetchall()


@pytest.mark.parametrize("vendor", sorted(page.stem for page in VENDORS.glob("*.md") if page.name != "README.md"))
def test_the_build_of_a_page_is_published_and_shows_what_the_page_shows(tmp_path, vendor):
    page = VENDORS / f"{vendor}.md"
    (given_vars,) = re.findall(r"^make build RAW_DATA=sample/vendors VARS='([^']+)' ENGAGEMENT_DB=build/.+$", page.read_text(), re.MULTILINE)
    build = Build(tmp_path, given_vars)
    scores = dict(build.query("select account_name, score from account_scores"))
    assert set(scores) == PROSPECTS and max(scores.values()) > 0
    outputs = [block for block in blocks(page) if block.text.startswith("Source ")]
    for block in outputs:
        assert missing(block, build.printed) == []
    assert assert_queries_give_their_tables(page, build.marts) + len(outputs) == 1


def test_several_vendors_fill_the_same_tables(tmp_path):
    build = Build(tmp_path, "{vendors: [salesforce, marketo, segment], crm: salesforce}")
    assert {owner for owner, in build.query("select distinct owner_email from account_scores")} == {"rita.rep@ours.example", "sam.seller@ours.example"}
    (shown,) = [block for block in blocks(ROOT / "docs" / "your-data.md") if block.text.startswith("Rows of segment")]
    assert missing(shown, build.printed) == []
