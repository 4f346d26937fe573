"""`make build` of the made-up tables of vendors: it is published, and prints what the pages show."""

import subprocess
import sys

import duckdb

from harness import Project
from pages import missing, output
from vendor_samples import PROSPECTS, SAMPLES


class Build:
    """One build of the samples with these vars."""

    def __init__(self, folder, given_vars):
        project, given = Project(folder / "project", SAMPLES), ("--vars", given_vars)
        with project.here(*given):
            done = subprocess.run(
                [sys.executable, "-m", "engagement", "build", "--no-dashboard", *given], text=True, capture_output=True, check=False,
            )
        assert done.returncode == 0 and "Published version" in done.stdout.splitlines()[-1], done.stdout + done.stderr
        self.printed = done.stdout
        self.marts = duckdb.connect(str(project.database.parent / "serving" / "marts.duckdb"), read_only=True)

    def query(self, sql):
        return self.marts.execute(sql).fetchall()


def test_a_crm_alone_fills_all_tables(tmp_path):
    build = Build(tmp_path, "{vendors: [hubspot], crm: hubspot}")
    scores = dict(build.query("select account_name, score from account_scores"))
    assert set(scores) == PROSPECTS and max(scores, key=scores.get) == "Northwind Robotics"
    assert missing(output("docs/vendors/hubspot.md", "Source "), build.printed) == []


def test_several_vendors_fill_the_same_tables(tmp_path):
    build = Build(tmp_path, "{vendors: [salesforce, marketo, segment], crm: salesforce}")
    assert {owner for owner, in build.query("select distinct owner_email from account_scores")} == {"rita.rep@ours.example", "sam.seller@ours.example"}
    assert missing(output("docs/your-data.md", "Rows of segment"), build.printed) == []
