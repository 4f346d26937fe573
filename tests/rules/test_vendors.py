"""Vendors' own tables, in the shapes that connectors and exports write: each row of an event against what a person expects of it.

sample/vendors/<vendor>/expected_events.csv says for each event of the landing contract which type it has and which account it
lands on: one of the vendor itself where it is a CRM, else one of Salesforce. A column `outcome` says what became of activities;
any other column is a remark.
"""

import re

import pytest

import vendor_shapes as shapes
from harness import ROOT, Days, read_csv, write_csv
from vendor_samples import CRMS, EXPECTED, SAMPLES, VENDORS, crm_of, files_of, models_of, raw_data


@pytest.mark.parametrize("vendor", VENDORS)
def test_each_event_is_what_a_person_expects_of_it(projects, vendor, tmp_path):
    rows = read_csv(SAMPLES / vendor / EXPECTED)
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
    "hubspot by an older Fivetran": ("hubspot", shapes.older_fivetran_of_hubspot, None, None),
    "export of HubSpot": ("hubspot", shapes.export_of_hubspot, [*CRM_MODELS, "crm_activities"], "deleted records"),
    "outreach by Airbyte": ("outreach", shapes.airbyte_of_outreach, None, "deleted events"),
    "salesloft by Airbyte": ("salesloft", shapes.airbyte_of_salesloft, None, "deleted events"),
    **{f"{vendor} with ids as decimals": (vendor, shapes.decimals_of, None, None) for vendor in ("hubspot", "outreach", "salesloft")},
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
    row = {name: re.split(r"[;,]|\.0$", value)[0] if isinstance(value, str) and name.endswith("_id") else value for name, value in row.items()}
    return row | ({"stage": STAGES.get(plain(row["stage"]))} if "stage" in row else {})


@pytest.mark.parametrize("shape", SHAPES)
def test_another_shape_of_a_vendors_tables_means_the_same(projects, shape, tmp_path):
    vendor, convert, tables, untold = SHAPES[shape]
    project, files = projects(crm_of(vendor)), files_of(vendor)
    if untold == "deleted events":
        files |= {name: [row for row in files[name] if row["_fivetran_deleted"] != "true"] for name in ("mailing.csv", "email.csv", "call.csv") if name in files}
    converted = convert({name.removesuffix(".csv"): rows for name, rows in files.items()})
    expected, found = (contract_rows(project, vendor, raw_data(tmp_path / name, vendor, given)) for name, given in (("a", files), ("b", converted)))
    for table in tables or expected:
        if untold == "deleted records":
            expected[table], found[table] = ([row for row in given[table] if is_live(row)] for given in (expected, found))
        assert found[table] and found[table] == expected[table], table


def is_live(row):
    return not row.get("is_deleted") and not any(row[name] for name in row if name.startswith("merged_into")) and row.get("event_type") != "ignored"


# what is not there

@pytest.mark.parametrize("vendor", [vendor for vendor in VENDORS if files_of(vendor)])
def test_a_missing_table_or_column_is_empty_and_no_error(projects, vendor, tmp_path):
    project, files = projects(crm_of(vendor)), files_of(vendor)
    models, found = models_of(project, vendor), 0
    for number, kept in ((0, slice(None, 1)), (1, slice(1, None))):
        # every other table, each with its ids alone; then the others, each without its ids
        left = {name: [dict([*row.items()][kept]) for row in files[name]] for name in [*files][number::2]}
        connection = project.run(raw_data(tmp_path / str(number), vendor, left), wanted=models)
        found += sum(connection.execute(f"select count(*) from staging.{model}").fetchone()[0] for model in models)
    assert found


# two loads of the same time

# (table that is looked up, column in which two of its rows differ)
TOLD_TWICE = {"salesforce": ("campaign", "name"), "hubspot": ("contact", "property_email"), "outreach": ("sequence", "name"), "salesloft": ("cadence", "name")}


@pytest.mark.parametrize("vendor", TOLD_TWICE)
def test_the_order_of_rows_of_one_load_never_decides_what_is_looked_up(projects, vendor, tmp_path):
    project, (table, column) = projects(crm_of(vendor)), TOLD_TWICE[vendor]
    rows = files_of(vendor)[f"{table}.csv"]
    told = [row | {column: f"{version}.{row[column]}"} for version in ("load-1", "load-2") for row in rows if row[column]]
    first, second = (
        contract_rows(project, vendor, raw_data(tmp_path / name, vendor, files_of(vendor) | {f"{table}.csv": given}))
        for name, given in (("in order", told), ("reversed", told[::-1]))
    )
    assert first == second and "load-2." in str(first) and "load-1." not in str(first)


# day after day

# what is looked up in other tables of the vendor
LOOKED_UP = {
    "salesforce": ["campaign", "contact", "lead"], "hubspot": ["contact", "email_campaign", "form", "engagement_contact", "email_event_click"],
    "outreach": ["prospect_email", "call_disposition", "sequence"], "salesloft": ["people", "cadence"],
}


@pytest.mark.parametrize("vendor", LOOKED_UP)
def test_what_is_looked_up_later_reaches_stored_events(projects, vendor, tmp_path):
    project, files = projects(crm_of(vendor)), files_of(vendor)
    later = [f"{table}.csv" for table in LOOKED_UP[vendor]]
    folder, days = raw_data(tmp_path / "raw", vendor, {name: rows for name, rows in files.items() if name not in later}), Days(project)
    events = f"select * exclude (row_id, loaded_at) from intermediate.int_events where event_id like '{vendor} %' and not is_removed order by all"
    days.build(folder, until="int_events")
    for name in later:
        write_csv(folder / vendor / name, files[name])
    days.build(folder, until="int_events")
    expected = project.run(folder, wanted=["int_events"]).execute(events).fetchall()
    assert expected and days.rows(events) == expected


# accounts, people and deals: (columns of the landing contract, rows whose first column is in the expectation)

RECORDS = {
    ("salesforce", "crm_accounts"): ("account_name, domain, is_deleted, merged_into_account_id is not null, country, owner_email, lifecycle_stage", [
        ("Contoso Freight", "contoso-freight.example", False, False, "Netherlands", "rita.rep@ours.example", "Prospect"),
        ("Northwind Robotics GmbH", "northwind-robotics.example", True, True, "Germany", "rita.rep@ours.example", "Prospect"),
        ("Wingtip Toys", "wingtip-toys.example", True, False, "Italy", "sam.seller@ours.example", "Prospect"),
    ]),
    ("salesforce", "crm_contacts"): ("email, full_name, job_title, account_id is not null, merged_into_contact_id is not null, is_deleted", [
        ("Ben.Olsen@northwind-robotics.example", "Ben Olsen", "Head of IT", True, False, False),
        ("a.ruiz@northwind-robotics.example", "Ana Ruiz", "Operations", True, True, True),
        # a contact, and the lead that was converted to it
        ("finn.berg@fabrikam-health.example", "Finn Berg", "Procurement Manager", True, False, False),
        ("finn.berg@fabrikam-health.example", "Finn Berg", "Procurement Manager", True, True, False),
        ("omar@unknown-company.example", "Omar Haddad", None, False, False, False),
    ]),
    ("salesforce", "crm_opportunities"): ("opportunity_name, stage, amount_usd, is_closed, is_won, is_deleted", [
        ("Litware core", "Closed Won", 250000, True, True, False), ("Proseware trial", "Signed", 9000, True, False, False),
        ("Tailspin, entered twice", "Qualification", 15000, False, False, True),
    ]),
    ("hubspot", "crm_accounts"): ("account_id, account_name, domain, merged_into_account_id, is_deleted, account_tier, owner_email", [
        ("9001", "Northwind Robotics", "northwind-robotics.example;northwind-robots.example", None, False, 1, "rita.rep@ours.example"),
        ("9008", "Wingtip Toys", "wingtip-toys.example", None, True, None, "sam.seller@ours.example"),
        # still there, though merged; and gone since it was merged
        ("9009", "Northwind Robotics GmbH", "northwind-robotics.example", "9001", True, None, "rita.rep@ours.example"),
        ("9012", None, None, "9001", None, None, None),
    ]),
    ("hubspot", "crm_contacts"): ("contact_id, account_id, email, merged_into_contact_id, is_deleted", [
        ("101", "9001", "ana.ruiz@northwind-robotics.example;a.ruiz@northwind-robotics.example", None, False),
        ("104", "9002;9010", "dev.patel@contoso-freight.example", None, False), ("114", "9009", "ana@northwind-robots.example", "101", True),
        ("116", None, None, "101", None), ("119", None, None, "106", None), ("120", None, None, "106", None),
        ("121", None, None, "108", None),
    ]),
    ("hubspot", "crm_opportunities"): ("opportunity_id, account_id, stage, amount_usd, is_closed, is_won, is_deleted", [
        ("501", "9001", "Contract Sent", 86000, False, False, False), ("503", "9002", "Closed Lost", 60000, True, False, False),
        ("504", "9005", "Legal sign-off", 120000, False, False, False), ("505", "9007", "Went elsewhere", 9000, True, False, False),
        ("506", "9004", "Appointment Scheduled", 15000, False, False, True), ("507", "9003", "Appointment Scheduled", 5000, False, False, True),
    ]),
    ("outreach", "crm_accounts"): ("account_id, account_name, domain, employee_count, owner_email, is_deleted", [
        ("12", "Contoso Freight", "https://contoso-freight.example", 2300, "rita.rep@ours.example", False),
        ("14", "Wingtip Toys", "wingtip-toys.example", 60, "sam.seller@ours.example", True),
    ]),
    ("outreach", "crm_contacts"): ("contact_id, account_id, email, full_name, is_deleted", [
        ("201", "11", "ana.ruiz@northwind-robotics.example, zz-private@mail-for-free.example", "Ana Ruiz", False),
        ("205", None, "nia.new@proseware-media.example", "Nia New", False), ("207", "14", "max.orlov@wingtip-toys.example", "Max Orlov", True),
    ]),
    ("salesloft", "crm_accounts"): ("account_id, account_name, domain, employee_count, owner_email, is_deleted", [
        ("11", "Northwind Robotics", "northwind-robotics.example", 850, "rita.rep@ours.example", False),
        ("12", "Contoso Freight", "https://contoso-freight.example", None, "rita.rep@ours.example", False),
        ("14", "Wingtip Toys", "wingtip-toys.example", 60, "sam.seller@ours.example", True),
    ]),
    ("salesloft", "crm_contacts"): ("contact_id, account_id, email, full_name, job_title", [
        ("201", "11", "ana.ruiz@northwind-robotics.example;a.ruiz@northwind-robotics.example", "Ana Ruiz", "VP Operations"),
        ("203", "12", "cara.lindt@contoso-freight.example", "Cara Lindt", "CFO"),
    ]),
}


@pytest.mark.parametrize("vendor", dict.fromkeys(vendor for vendor, _ in RECORDS))
def test_accounts_people_and_deals_are_as_the_crm_has_them(projects, vendor, tmp_path):
    expected = {table: wanted for (of, table), wanted in RECORDS.items() if of == vendor}
    connection = projects(crm_of(vendor)).run(raw_data(tmp_path, vendor), wanted=[f"landing_{vendor}__{table}" for table in expected])
    for table, (columns, rows) in expected.items():
        found = connection.execute(f"select {columns} from staging.landing_{vendor}__{table}").fetchall()
        chosen = [row for row in found if row[0] in {name for name, *_ in rows}]
        assert sorted(chosen, key=str) == sorted(rows, key=str), table


@pytest.mark.parametrize("crm", CRMS)
def test_every_model_of_a_vendor_says_what_one_row_is(projects, crm):
    models = [node for node in projects(crm).models.values() if "landing" in node["fqn"]]
    assert len(models) > 20
    assert [node["name"] for node in models if not node["description"].startswith("One row per")] == []
