"""The made-up accounts of the sample, of which nobody outside is ever told by accident."""

import csv

from engagement.paths import ROOT

SAMPLE_ACCOUNTS = ROOT / "sample" / "data" / "crm_accounts.csv"


def sample_accounts() -> set[tuple[str, str]]:
    """{(id, name)}: they are known by these, so it does not matter under which path they were read."""
    with open(SAMPLE_ACCOUNTS, newline="", encoding="utf-8") as file:
        return {(row["account_id"], row["account_name"]) for row in csv.DictReader(file)}
