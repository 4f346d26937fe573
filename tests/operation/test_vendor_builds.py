"""`make build` of the made-up tables of vendors: it builds every mart, passes every test and publishes."""

import os
import subprocess
import sys

import duckdb
import pytest

from harness import ROOT
from vendor_samples import SAMPLES

# Litware Bank is a customer, and Wingtip Toys is deleted
PROSPECTS = {"Northwind Robotics", "Contoso Freight", "Contoso Holding", "Fabrikam Health", "Tailspin Foods", "Adatum Energy", "Proseware Media"}


@pytest.mark.parametrize("given_vars", ["{vendors: [hubspot], crm: hubspot}", "{vendors: [salesforce, marketo, segment], crm: salesforce}"])
def test_a_build_of_vendors_alone_is_published(tmp_path, given_vars):
    database = tmp_path / "build" / "engagement.duckdb"
    database.parent.mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "engagement", "build", "--vars", given_vars], cwd=ROOT, text=True, capture_output=True, check=False,
        env=os.environ | {
            "RAW_DATA": str(SAMPLES), "ENGAGEMENT_DB": str(database), "ENGAGEMENT_TMP": str(tmp_path / "tmp"), "DBT_LOG_PATH": str(tmp_path / "logs"),
            "DBT_TARGET_PATH": str(tmp_path / "target"),
        },
    )
    assert done.returncode == 0 and "Published version" in done.stdout.splitlines()[-1], done.stdout + done.stderr
    with duckdb.connect(str(database.parent / "serving" / "marts.duckdb"), read_only=True) as marts:
        scores = dict(marts.execute("select account_name, score from account_scores").fetchall())
        owners = {owner for owner, in marts.execute("select distinct owner_email from account_scores").fetchall()}
    assert set(scores) == PROSPECTS and max(scores, key=scores.get) == "Northwind Robotics"
    assert owners == {"rita.rep@ours.example", "sam.seller@ours.example"}
