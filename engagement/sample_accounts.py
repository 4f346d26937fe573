"""The invented accounts of the sample, which must never be sent out by accident."""

import csv

from engagement.paths import ROOT

SAMPLE_ACCOUNTS = ROOT / "sample" / "data" / "crm_accounts.csv"


def sample_accounts() -> set[tuple[str, str]]:
    """{(id, name)} of the accounts. They are recognised by these, whatever the path they were read from."""
    with open(SAMPLE_ACCOUNTS, newline="", encoding="utf-8") as file:
        return {(row["account_id"], row["account_name"]) for row in csv.DictReader(file)}
