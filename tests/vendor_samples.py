"""The made-up tables of vendors in sample/vendors, as folders of raw data and as rows of the landing contract."""

import json
import re
import shutil

from harness import ROOT, read_csv, write_csv

SAMPLES = ROOT / "sample" / "vendors"
EXPECTED = "expected_events.csv"
VENDORS = sorted(file.parent.name for file in SAMPLES.glob(f"*/{EXPECTED}"))
# Litware Bank is a customer, and Wingtip Toys is deleted
PROSPECTS = {"Northwind Robotics", "Contoso Freight", "Contoso Holding", "Fabrikam Health", "Tailspin Foods", "Adatum Energy", "Proseware Media"}
CRMS = ("salesforce", "hubspot")
# what the accounts of the other vendors' events come from
OF_THE_CRM = ("account", "contact", "lead", "user")


def crm_of(vendor):
    return vendor if vendor in CRMS else "salesforce"


def files_of(vendor):
    """{file: rows} of a vendor's sample, but for other files than CSV."""
    return {file.name: read_csv(file) for file in sorted((SAMPLES / vendor).glob("*.csv")) if file.name != EXPECTED}


def raw_data(folder, vendor, files=None):
    """A folder with the files of a vendor, as they are or {file: rows}, and the accounts of its CRM."""
    crm = crm_of(vendor)
    for name in {crm, vendor}:
        (folder / name).mkdir(parents=True)
    for table in OF_THE_CRM if crm != vendor else ():
        shutil.copy(SAMPLES / crm / f"{table}.csv", folder / crm)
    if files is None:
        shutil.copytree(SAMPLES / vendor, folder / vendor, ignore=shutil.ignore_patterns(EXPECTED), dirs_exist_ok=True)
    for name, rows in (files or {}).items():
        if name.endswith(".jsonl"):
            (folder / vendor / name).write_text("".join(json.dumps(row) + "\n" for row in rows))
        else:
            write_csv(folder / vendor / name, rows, list(dict.fromkeys(column for row in rows for column in row)))
    return folder


def models_of(project, vendor):
    """The models that fill tables of the landing contract with a vendor's rows."""
    return [node["name"] for node in project.models.values() if re.fullmatch(rf"landing_{vendor}__(crm_\w+|\w+_events|account_domains)", node["name"])]
