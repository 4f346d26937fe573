"""Vendors' own tables, in the shapes that connectors and exports write: each row of an event against what a person expects of it.

sample/vendors/<vendor>/expected_events.csv says for each event of the landing contract which type it has and which account it
lands on: one of the vendor itself where it is a CRM, else one of Salesforce. A column `outcome` says what became of activities;
any other column is a remark.
"""

import re

import pytest

import vendor_shapes as shapes
from harness import ROOT, Days, read_csv, write_csv
from vendor_samples import EXPECTED, SAMPLES, VENDORS, crm_of, files_of, models_of, raw_data


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
