"""Vendors' own tables, in the shapes that connectors and exports write: each row of an event against what a person expects of it.

sample/vendors/<vendor>/expected_events.csv says for each event which type it has and which account it lands on: that of the
vendor itself where it is a CRM, else of Salesforce. It has a row for each row of the landing contract; what stands behind the
account is a remark.
"""

import csv
import re
import shutil

import pytest

from harness import ROOT, CompiledProject, read_csv

SAMPLES = ROOT / "sample" / "vendors"
VENDORS = sorted(file.parent.name for file in SAMPLES.glob("*/expected_events.csv"))
CRMS = ("salesforce", "hubspot")
# what the accounts of the other vendors' events come from
OF_THE_CRM = ("account", "contact", "lead", "user")
FROM_LANDING = {"loaded_at", "row_id", "first_seen_at", "unreadable_values", "landing_fault", "landing_row"}


@pytest.fixture(scope="module")
def projects(tmp_path_factory):
    """{CRM: the project with it and all vendors but the other one}"""
    made = {}

    def project(crm):
        if crm not in made:
            vendors = [vendor for vendor in VENDORS if vendor == crm or vendor not in CRMS]
            made[crm] = CompiledProject(tmp_path_factory.mktemp(crm), {
                "vendors: []": f"vendors: [{', '.join(vendors)}]", 'crm: ""': f"crm: {crm}",
            })
        return made[crm]

    return project


def crm_of(vendor):
    return vendor if vendor in CRMS else "salesforce"


def raw_data(folder, vendor):
    """A folder with the tables of a vendor and the accounts of its CRM."""
    shutil.copytree(SAMPLES / vendor, folder / vendor, ignore=shutil.ignore_patterns("expected_events.csv"))
    for table in OF_THE_CRM if crm_of(vendor) != vendor else ():
        (folder / crm_of(vendor)).mkdir(exist_ok=True)
        shutil.copy(SAMPLES / crm_of(vendor) / f"{table}.csv", folder / crm_of(vendor))
    return folder


def landed(project, vendor, folder):
    """{table of the landing contract: the vendor's rows for it}, without what landing says of them."""
    models = [node["name"] for node in project.models.values() if re.fullmatch(rf"landing_{vendor}__\w+(accounts|contacts|opportunities|activities|events|domains)", node["name"])]
    connection = project.run(folder, wanted=models)
    found = {}
    for model in models:
        rows = connection.execute(f"select * exclude ({', '.join(FROM_LANDING)}) from staging.{model}")
        names = [name for name, *_ in rows.description]
        found[model.split("__")[1]] = sorted(
            (dict(zip(names, map(str, row))) for row in rows.fetchall()), key=lambda row: list(row.values())
        )
    return found


@pytest.mark.parametrize("vendor", VENDORS)
def test_each_event_is_what_a_person_expects_of_it(projects, vendor, tmp_path):
    connection = projects(crm_of(vendor)).run(raw_data(tmp_path, vendor), wanted=["int_event_identities"])
    found = sorted(connection.execute(f"""
        select '{vendor}', substr(event_id, length('{vendor} ') + 1), source_table, event_type, coalesce(account_id, '')
        from intermediate.int_event_identities where event_id like '{vendor} %'
    """).fetchall())
    expected = sorted(tuple(value or "" for value in list(row.values())[:5]) for row in read_csv(SAMPLES / vendor / "expected_events.csv"))
    assert (set(found) - set(expected), set(expected) - set(found)) == (set(), set())
    assert found == expected
