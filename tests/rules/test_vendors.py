"""Vendors' own tables, in the shapes that connectors and exports write: each row of an event against what a person expects of it.

sample/vendors/<vendor>/expected_events.csv says for each event of the landing contract which type it has and which account it
lands on: one of the vendor itself where it is a CRM, else one of Salesforce. A column `outcome` says what became of activities;
any other column is a remark.
"""

import json
import re
import shutil

import pytest

import vendor_shapes as shapes
from harness import ROOT, CompiledProject, Days, read_csv, write_csv

SAMPLES = ROOT / "sample" / "vendors"
VENDORS = sorted(file.parent.name for file in SAMPLES.glob("*/expected_events.csv"))
CRMS = ("salesforce", "hubspot")
# what the accounts of the other vendors' events come from
OF_THE_CRM = ("account", "contact", "lead", "user")


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


def tables_of(vendor):
    """{table: rows} of a vendor's sample."""
    return {file.stem: read_csv(file) for file in sorted((SAMPLES / vendor).glob("*.csv")) if file.stem != "expected_events"}


def raw_data(folder, vendor, files=None):
    """A folder with the tables of a vendor, as they are or {file: rows}, and the accounts of its CRM."""
    crm = crm_of(vendor)
    for name in {crm, vendor}:
        (folder / name).mkdir(parents=True)
    for table in OF_THE_CRM if crm != vendor else ():
        shutil.copy(SAMPLES / crm / f"{table}.csv", folder / crm)
    if files is None:
        shutil.copytree(SAMPLES / vendor, folder / vendor, ignore=shutil.ignore_patterns("expected_events.csv"), dirs_exist_ok=True)
    for name, rows in (files or {}).items():
        if name.endswith(".jsonl"):
            (folder / vendor / name).write_text("".join(json.dumps(row) + "\n" for row in rows))
        else:
            write_csv(folder / vendor / name, rows, list(dict.fromkeys(column for row in rows for column in row)))
    return folder


@pytest.mark.parametrize("vendor", VENDORS)
def test_each_event_is_what_a_person_expects_of_it(projects, vendor, tmp_path):
    rows = read_csv(SAMPLES / vendor / "expected_events.csv")
    events = projects(crm_of(vendor)).run(raw_data(tmp_path, vendor), wanted=["int_event_identities"]).execute(f"""
        select '{vendor}' as source_table, substr(event_id, length('{vendor} ') + 1) as source_row, source_table as contract_table,
            event_type, account_id, outcome
        from intermediate.int_event_identities where event_id like '{vendor} %'
    """)
    names = [name for name, *_ in events.description]
    compared = [name for name in rows[0] if name in names]
    found = sorted(tuple(dict(zip(names, event))[name] or "" for name in compared) for event in events.fetchall())
    expected = sorted(tuple(row[name] or "" for name in compared) for row in rows)
    assert (set(found) - set(expected), set(expected) - set(found)) == (set(), set())
    assert found == expected


# other shapes

def plain(word):
    return re.sub(r"\(.*\)|[^a-z0-9]", "", word.lower())


STAGES = {plain(row["stage"]): row["outcome"] for row in read_csv(ROOT / "seeds" / "opportunity_stages.csv")}
CRM_MODELS = {"crm_accounts": "stg_crm__accounts", "crm_contacts": "stg_crm__contacts", "crm_opportunities": "stg_crm__opportunities"}
EVENT_COLUMNS = "event_id, source_table, event_type, outcome, account_id, person_id, email, asset, user_agent, occurred_at"
# (vendor, conversion, tables of the landing contract that it fills, what it cannot tell)
SHAPES = {
    "salesforce by Airbyte": ("salesforce", shapes.airbyte_of_salesforce, None, None),
    "Data Export of Salesforce": ("salesforce", shapes.export_of_salesforce, None, None),
    "hubspot by Airbyte": ("hubspot", shapes.airbyte_of_hubspot, None, None),
    "export of HubSpot": ("hubspot", shapes.export_of_hubspot, [*CRM_MODELS, "crm_activities"], "deleted records"),
    "outreach by Airbyte": ("outreach", shapes.airbyte_of_outreach, None, "deleted events"),
    "salesloft by Airbyte": ("salesloft", shapes.airbyte_of_salesloft, None, "deleted events"),
}


def contract_rows(project, vendor, folder):
    """{table of the landing contract: what is made of the vendor's rows}"""
    models = list(CRM_MODELS.values()) if crm_of(vendor) == vendor else []
    connection = project.run(folder, wanted=[*models, "int_event_identities"])

    def rows(sql):
        result = connection.execute(sql)
        names = [name for name, *_ in result.description]
        return [dict(zip(names, row)) for row in result.fetchall()]

    found = {table: rows(f"select * exclude (loaded_at, row_id) from staging.{CRM_MODELS[table]}") for table in CRM_MODELS if models}
    for row in rows(f"select {EVENT_COLUMNS} from intermediate.int_event_identities where event_id like '{vendor} %'"):
        found.setdefault(row["source_table"], []).append(row)
    return {table: sorted(map(plainly, of_table), key=str) for table, of_table in found.items()}


def plainly(row):
    """A row with what counts: the first of several ids, and what a stage means. The seed has no row for stages of one's own, whose
    names not every shape tells."""
    row = {name: re.split("[;,]", value)[0] if isinstance(value, str) and name.endswith("_id") else value for name, value in row.items()}
    return row | ({"stage": STAGES.get(plain(row["stage"]))} if "stage" in row else {})


@pytest.mark.parametrize("shape", SHAPES)
def test_another_shape_of_a_vendors_tables_means_the_same(projects, shape, tmp_path):
    vendor, convert, tables, untold = SHAPES[shape]
    if vendor not in VENDORS:
        pytest.skip("no sample")
    project, rows = projects(crm_of(vendor)), tables_of(vendor)
    if untold == "deleted events":
        rows |= {table: [row for row in rows[table] if row["_fivetran_deleted"] != "true"] for table in ("mailing", "email", "call") if table in rows}
    as_it_is = raw_data(tmp_path / "as_it_is", vendor, {f"{table}.csv": of_table for table, of_table in rows.items()})
    expected, found = (contract_rows(project, vendor, folder) for folder in (as_it_is, raw_data(tmp_path / "converted", vendor, convert(rows))))
    for table in tables or expected:
        if untold == "deleted records":
            expected[table], found[table] = ([row for row in given[table] if is_live(row)] for given in (expected, found))
        assert found[table] and found[table] == expected[table], table


def is_live(row):
    return not row.get("is_deleted") and not any(row[name] for name in row if name.startswith("merged_into")) and row.get("event_type") != "ignored"


# what is not there

@pytest.mark.parametrize("vendor", VENDORS)
def test_a_missing_table_or_column_is_empty_and_no_error(projects, vendor, tmp_path):
    project, tables = projects(crm_of(vendor)), {f"{table}.csv": rows for table, rows in tables_of(vendor).items()}
    models = [name.split(".")[-1] for name in project.models if re.search(rf"\.landing_{vendor}__\w*(crm_|_events)", name)]
    files, count = sorted(tables), 0
    for case, left in {
        "every other table": {name: tables[name] for name in files[::2]}, "the other tables": {name: tables[name] for name in files[1::2]},
        "ids alone": {name: [dict([*row.items()][:1]) for row in rows] for name, rows in tables.items()},
        "no ids": {name: [dict([*row.items()][1:]) for row in rows] for name, rows in tables.items()},
    }.items():
        connection = project.run(raw_data(tmp_path / case, vendor, left), wanted=models)
        count += sum(connection.execute(f"select count(*) from staging.{model}").fetchone()[0] for model in models)
    assert count or not tables


# day after day

# what is looked up in other tables of the vendor
LOOKED_UP = {
    "salesforce": ["campaign", "contact", "lead"], "hubspot": ["contact", "email_campaign", "form", "engagement_contact", "email_event_click"],
    "outreach": ["prospect_email", "call_disposition", "sequence"], "salesloft": ["people", "cadence"],
}


@pytest.mark.parametrize("vendor", [vendor for vendor in LOOKED_UP if vendor in VENDORS])
def test_what_is_looked_up_later_reaches_stored_events(projects, vendor, tmp_path):
    project, rows = projects(crm_of(vendor)), {f"{table}.csv": rows for table, rows in tables_of(vendor).items()}
    without = {name: of_table for name, of_table in rows.items() if name.removesuffix(".csv") not in LOOKED_UP[vendor]}
    folder, days = raw_data(tmp_path / "raw", vendor, without), Days(project)
    events = f"select * exclude (row_id, loaded_at) from intermediate.int_events where event_id like '{vendor} %' and not is_removed order by all"
    days.build(folder, until="int_events")
    for name in LOOKED_UP[vendor]:
        write_csv(folder / vendor / f"{name}.csv", rows[f"{name}.csv"])
    days.build(folder, until="int_events")
    expected = project.run(folder, wanted=["int_events"]).execute(events).fetchall()
    assert expected and days.rows(events) == expected
