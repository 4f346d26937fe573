"""The CRM gets every change at least once, whatever fails. Servers on this machine fail as real ones do."""

import csv
import datetime as dt
import hashlib
import hmac
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time

import duckdb
import pytest
import urllib3.util.retry

import crm_servers
from crm_servers import drops, status, writes_and_drops, writes_and_says_nothing
from engagement import __main__ as cli
from engagement.sync import salesforce
from engagement.sync.updates import FIELDS, UPDATES
from harness import ROOT, SAMPLE, read_csv, read_yaml

TABLES = """
    create or replace table crm_account_updates (account_id varchar, crm_account_id varchar, account_name varchar, account_status varchar,
        score integer, band varchar, trend varchar, main_reason varchar, next_action varchar, last_engagement_at timestamp,
        last_engagement_label varchar, dashboard_url varchar, update_hash varchar);
    create or replace table publication (version varchar, as_of_date date);
    insert into publication values ('20260601T000000Z', '2026-05-31');
"""
RATE_LIMIT = {"status": "error", "message": "You have reached your secondly limit.", "errorType": "RATE_LIMIT", "policyName": "SECONDLY"}


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    return crm_servers.write_certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture(autouse=True)
def settings(tmp_path, monkeypatch, certificate):
    for name in os.environ:
        if name.lower().endswith("_proxy") or name.startswith(("HUBSPOT_", "SALESFORCE_", "SYNC_", "ENGAGEMENT_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("ENGAGEMENT_DB", str(tmp_path / "engagement.duckdb"))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate[0]))
    monkeypatch.setenv("HUBSPOT_ACCESS_TOKEN", crm_servers.HubSpot.token)
    monkeypatch.setenv("SALESFORCE_DOMAIN", "acme")
    monkeypatch.setenv("SALESFORCE_CONSUMER_KEY", crm_servers.Salesforce.key)
    monkeypatch.setenv("SALESFORCE_CONSUMER_SECRET", crm_servers.Salesforce.secret)


@pytest.fixture
def waits(monkeypatch):
    """The seconds that the command wanted to sleep; it does not."""
    slept = []
    monkeypatch.setattr(urllib3.util.retry.time, "sleep", slept.append)
    return slept


@pytest.fixture
def hubspot(certificate, monkeypatch):
    with crm_servers.HubSpot(certificate, ["1", "2", "3", "4", "5", "6"]) as server:
        server.properties |= {field.name: {"name": field.name} for field in FIELDS}
        monkeypatch.setenv("HTTPS_PROXY", server.proxy)
        yield server


def record(number):
    """The Salesforce id of the account with this number."""
    return salesforce.long_id(f"001Qy0000{number:06}")


RECORD_15 = record(1)[:15]


@pytest.fixture
def org(certificate, monkeypatch):
    with crm_servers.Salesforce(certificate, [record(number) for number in range(1, 500)]) as server:
        names = ["_".join(map(str.capitalize, field.name.split("_"))) + "__c" for field in FIELDS]
        server.fields |= {name: {"type": "Number" if "Score" in name else "Text"} for name in names}
        server.editable |= {*names}
        monkeypatch.setenv("HTTPS_PROXY", server.proxy)
        yield server


@pytest.fixture
def marts(tmp_path):
    """Publishes what the CRM should say: {account id: values}; a number is a score."""
    def publish(accounts):
        file = tmp_path / "marts.duckdb"
        with duckdb.connect(str(file)) as connection:
            connection.execute(TABLES)
            for account, values in accounts.items():
                values = {"score": values, "band": "Hot"} if isinstance(values, int) else values
                row = {"crm_account_id": str(account), "account_name": f"Company {account}", "account_status": "prospect", **values}
                columns = ["account_id", *row, "update_hash"]
                connection.execute(
                    f"insert into crm_account_updates ({', '.join(columns)}) values ({', '.join('?' * len(columns))})",
                    [str(account), *row.values(), hashlib.md5(repr(sorted(row.items())).encode()).hexdigest()],
                )
        return file
    return publish


@pytest.fixture
def sync(tmp_path, capsys):
    """Runs the command; gives its exit code and all that it printed, in which no secret ever is."""
    def run(to, file, *options, send=True):
        try:
            code = cli.run("sync", ["--to", to, "--marts", str(file), "--backoff", "0", *(["--send"] if send else []), *map(str, options)])
        except SystemExit as stop:
            code = stop.code
        captured = capsys.readouterr()
        output = captured.out + captured.err
        assert "s3cr3t" not in output
        assert not any(b"s3cr3t" in path.read_bytes() for path in tmp_path.glob("sent_updates*"))
        return code, output
    return run


def scores(server):
    """The CRM's values for the accounts that were sent."""
    if isinstance(server, crm_servers.HubSpot):
        return {company: values["engagement_score"] for company, values in server.companies.items() if values}
    return {account: values["Engagement_Score__c"] for account, values in server.accounts.items() if values}


WON = {"account_status": "won"}


# what is sent

def test_hubspot_gets_every_field_and_only_what_changed(marts, sync, hubspot):
    hot = {
        "score": 53, "band": "Very Hot", "trend": "up", "main_reason": "Demo requested", "next_action": "Call & write \"today\"",
        "last_engagement_at": dt.datetime(2026, 5, 28, 9, 30), "last_engagement_label": "Demo requested 28 May",
        "dashboard_url": "https://d.example/account.html#id=1",
    }
    assert sync("hubspot", marts({1: hot, 2: 0, 3: WON})) == (0, "Wrote 3 of 3 updates to HubSpot account 4711; 0 unchanged since the last sync.\n")
    assert hubspot.companies["1"] == {
        "engagement_status": "prospect", "engagement_score": "53", "engagement_band": "Very Hot", "engagement_trend": "up",
        "engagement_main_reason": "Demo requested", "engagement_next_action": "Call & write \"today\"",
        "engagement_last_at": "2026-05-28T09:30:00Z", "engagement_last_label": "Demo requested 28 May",
        "engagement_page": "https://d.example/account.html#id=1",
    }
    assert hubspot.companies["2"]["engagement_score"] == "0" and hubspot.companies["2"]["engagement_trend"] == ""
    assert hubspot.companies["3"] == {field.name: "" for field in FIELDS} | {"engagement_status": "won"}

    assert "Wrote 0 of 0 updates" in sync("hubspot", marts({1: hot, 2: 0, 3: WON}))[1]
    assert "Wrote 1 of 1 updates to HubSpot account 4711; 2 unchanged" in sync("hubspot", marts({1: hot, 2: 7, 3: WON}))[1]
    assert hubspot.writes[1:] == [["2"]] and hubspot.companies["2"]["engagement_score"] == "7"
    assert "Wrote 3 of 3 updates" in sync("hubspot", marts({1: hot, 2: 7, 3: WON}), "--all")[1]


def test_salesforce_gets_every_field_with_its_type(marts, sync, org):
    hot = {
        "crm_account_id": record(1)[:15], "score": 53, "band": "Very Hot", "main_reason": "x" * 300,
        "last_engagement_at": dt.datetime(2026, 5, 28, 9, 30), "next_action": "Call",
    }
    file = marts({"acme": hot, "won": WON | {"crm_account_id": record(2)}})
    assert sync("salesforce", file) == (0, "Wrote 2 of 2 updates to Salesforce org acme.my.salesforce.com; 0 unchanged since the last sync.\n")
    assert org.accounts[record(1)] == {
        "Engagement_Status__c": "prospect", "Engagement_Score__c": 53, "Engagement_Band__c": "Very Hot", "Engagement_Trend__c": None,
        "Engagement_Main_Reason__c": "x" * 254 + "…", "Engagement_Next_Action__c": "Call", "Engagement_Last_At__c": "2026-05-28T09:30:00Z",
        "Engagement_Last_Label__c": None, "Engagement_Page__c": None,
    }
    assert {name for name, value in org.accounts[record(2)].items() if value is not None} == {"Engagement_Status__c"}
    assert "Wrote 0 of 0" in sync("salesforce", file)[1]


@pytest.mark.parametrize("short, long", [("00130000002ZVCD", "00130000002ZVCDAA4"), ("001xx000003DGb2", "001xx000003DGb2AAG"), ("003xx000004TmiQ", "003xx000004TmiQAAS"), ("001000000000000", "001000000000000AAA")])
def test_a_salesforce_id_with_15_characters_gets_the_other_three(short, long):
    assert salesforce.long_id(short) == long == salesforce.long_id(long)


def test_batches_are_as_large_as_the_crm_takes(marts, sync, hubspot, org, monkeypatch):
    assert sync("salesforce", marts({number: {"crm_account_id": record(number), "score": 1} for number in range(1, 451)}))[0] == 0
    assert [len(ids) for ids in org.writes] == [200, 200, 50] and len(scores(org)) == 450
    monkeypatch.setenv("HTTPS_PROXY", hubspot.proxy)
    hubspot.companies |= {str(number): {} for number in range(1, 251)}
    assert sync("hubspot", marts(dict.fromkeys(range(1, 251), 1)))[0] == 0
    assert [len(ids) for ids in hubspot.writes] == [100, 100, 50] and len(scores(hubspot)) == 250


def test_fields_can_have_other_names_or_none(marts, sync, hubspot):
    hubspot.properties = {"lead_score": {"name": "lead_score"}, "engagement_status": {"name": "engagement_status"}}
    fields = ["--field", "score=lead_score", *(f"--field={field.column}=" for field in FIELDS if field.column not in ("score", "account_status"))]
    assert sync("hubspot", marts({1: 12}), *fields)[0] == 0
    assert hubspot.companies["1"] == {"engagement_status": "prospect", "lead_score": "12"}
    # under other names all is sent again
    hubspot.properties |= {"other": {"name": "other"}}
    assert "Wrote 1 of 1" in sync("hubspot", marts({1: 12}), *fields, "--field", "score=other")[1]
    for wrong in ("points=x", "score", "account_status="):
        assert sync("hubspot", marts({1: 12}), "--field", wrong)[0] == 2
    assert sync("hubspot", marts({1: 12}), "--field", "score=a", "--field", "band=a")[0] == 2


def test_one_account_can_be_tried_first_and_the_rest_has_a_limit(marts, sync, hubspot):
    file = marts({1: 10, 2: 20, 3: 30, 4: WON})
    assert sync("hubspot", file, "--account", "2")[0] == 0 and scores(hubspot) == {"2": "20"}
    code, output = sync("hubspot", file, "--account", "2", "--account", "nope")
    assert code == 2 and "No account of the CRM has the id nope." in output
    code, output = sync("hubspot", file, "--limit", "2")
    assert code == 0 and "Wrote 2 of 2" in output and "1 unchanged since the last sync; 1 beyond --limit" in output
    # who is to be cleared comes first, then the hottest
    assert hubspot.writes[1] == ["4", "3"]


# accounts that are no prospects any more

def test_an_account_that_is_won_merged_deleted_or_gone_is_cleared(marts, sync, hubspot):
    assert sync("hubspot", marts(dict.fromkeys([1, 2, 3, 4, 5, 6], 60)))[0] == 0
    code, output = sync("hubspot", marts({1: WON, 2: {"account_status": "deleted"}, 3: {"account_status": "merged"}, 4: 60, 6: 60}))
    assert code == 0 and "Wrote 4 of 4" in output
    assert scores(hubspot) == {"1": "", "2": "", "3": "", "4": "60", "5": "", "6": "60"}
    assert [hubspot.companies[str(n)]["engagement_status"] for n in range(1, 6)] == ["won", "deleted", "merged", "prospect", "removed"]
    # what is gone is forgotten, and sent again should it return
    assert "Wrote 0 of 0" in sync("hubspot", marts({1: WON, 2: {"account_status": "deleted"}, 3: {"account_status": "merged"}, 4: 60, 6: 60}))[1]
    assert "Wrote 1 of 1" in sync("hubspot", marts({1: WON, 2: {"account_status": "deleted"}, 3: {"account_status": "merged"}, 4: 60, 5: 9, 6: 60}))[1]
    assert hubspot.companies["5"]["engagement_score"] == "9"


@pytest.mark.parametrize("then", [{1: {"account_status": "merged"}, 2: 60}, {2: 60}, {1: {"account_status": "deleted"}, 2: 60}], ids=["merged", "gone", "deleted"])
def test_clearing_a_merged_company_of_hubspot_does_not_clear_the_one_it_was_merged_into(marts, sync, hubspot, then):
    """HubSpot takes the old id for the record that it was merged into."""
    assert sync("hubspot", marts({1: 30, 2: 60}))[0] == 0
    del hubspot.companies["1"]
    hubspot.merged = {"1": "2"}
    assert sync("hubspot", marts(then))[0] == 0
    assert scores(hubspot) == {"2": "60"}
    assert "Wrote 0 of 0" in sync("hubspot", marts(then))[1]


def test_a_hot_company_whose_id_is_that_of_a_merged_record_is_written(marts, sync, hubspot):
    hubspot.merged = {"77": "2"}
    assert sync("hubspot", marts({77: 30, 3: 5})) == (0, "Wrote 2 of 2 updates to HubSpot account 4711; 0 unchanged since the last sync.\n")
    assert scores(hubspot) == {"2": "30", "3": "5"}


def test_what_salesforce_has_deleted_needs_no_clearing(marts, sync, org):
    accounts = {number: {"crm_account_id": record(number), "score": 60} for number in range(1, 4)}
    assert sync("salesforce", marts(accounts))[0] == 0
    org.deleted = {record(1)}
    del org.accounts[record(2)]
    none = {number: {"crm_account_id": record(number), "account_status": "deleted"} for number in range(1, 4)}
    assert sync("salesforce", marts(none))[0] == 0
    assert org.accounts[record(3)]["Engagement_Score__c"] is None
    # a prospect that Salesforce does not know is a failure
    code, output = sync("salesforce", marts(accounts))
    assert code == 1 and "Wrote 1 of 3" in output
    assert "Company 1 (1): ENTITY_IS_DELETED: entity is deleted." in output and "Company 2 (2): INVALID_CROSS_REFERENCE_KEY: invalid" in output


def test_half_a_file_of_accounts_clears_nobody(marts, sync, hubspot):
    hubspot.companies |= {str(number): {} for number in range(1, 41)}
    assert sync("hubspot", marts(dict.fromkeys(range(1, 41), 60)))[0] == 0
    half = marts(dict.fromkeys(range(1, 21), 60))
    code, output = sync("hubspot", half)
    assert code == 2 and "20 of 40 accounts that were sent are no longer in the data" in output and "60" == scores(hubspot)["40"]
    # one that is still there clears nobody
    assert sync("hubspot", marts(dict.fromkeys(range(1, 21), 70)), "--account", "7")[0] == 0 and scores(hubspot)["7"] == "70"
    assert sync("hubspot", half, "--allow-removed")[0] == 0 and scores(hubspot)["40"] == ""


# failures

def test_a_failed_record_has_its_reason_and_costs_no_other(marts, sync, hubspot):
    file = marts({1: 10, 2: 20, 404: 30})
    code, output = sync("hubspot", file)
    assert code == 1 and "Not written: Company 404 (404): Could not get some COMPANY objects" in output and "Wrote 2 of 3" in output and "1 failed" in output
    assert scores(hubspot) == {"1": "10", "2": "20"}
    hubspot.companies["404"] = {}
    assert sync("hubspot", file)[0] == 0 and hubspot.writes[1:] == [["404"]] and scores(hubspot)["404"] == "30"


def test_many_failed_records_do_not_keep_the_others_from_their_turn(marts, sync, hubspot):
    code, output = sync("hubspot", marts({1: 5, **dict.fromkeys(range(100, 130), 60)}), "--batch-size", "5")
    assert code == 1 and "Wrote 1 of 31" in output and output.count("Not written: ") == 20 and "... and 10 more." in output
    assert scores(hubspot) == {"1": "5"}


def test_a_bad_value_that_costs_its_whole_batch_is_found(marts, sync, hubspot):
    hubspot.companies |= {str(number): {} for number in range(1, 101)}
    hubspot.bad_values = {"7", "60"}
    code, output = sync("hubspot", marts(dict.fromkeys(range(1, 101), 5)))
    assert code == 1 and "Wrote 98 of 100" in output and "Company 7 (7): VALIDATION_ERROR: Property values were not valid" in output
    assert {*map(str, range(1, 101))} - scores(hubspot).keys() == {"7", "60"}
    assert len(hubspot.writes) < 30


def test_records_of_salesforce_fail_alone_and_locked_ones_are_tried_again(marts, sync, org, waits):
    org.refused = {record(2): "Score is too high"}
    org.locked = {record(3): 2, record(4): 99}
    code, output = sync("salesforce", marts({number: {"crm_account_id": record(number), "score": number} for number in range(1, 6)}))
    assert code == 1 and "Wrote 3 of 5" in output and len(waits) == 4
    assert "Company 2 (2): FIELD_CUSTOM_VALIDATION_EXCEPTION: Score is too high." in output and "Company 4 (4): UNABLE_TO_LOCK_ROW" in output
    assert scores(org) == {record(1): 1, record(3): 3, record(5): 5}


@pytest.mark.parametrize("to, account, fault", [
    ("hubspot", "acme", "acme is not a HubSpot record id"), ("salesforce", "acme", "acme is not the id of a Salesforce account"),
    ("salesforce", "003Qy0000000001", "is not the id of a Salesforce account"), ("salesforce", "001qy0000000001AAB", "has lost its upper and lower case"),
])
def test_an_id_that_the_crm_cannot_know_is_not_sent(marts, sync, hubspot, org, monkeypatch, to, account, fault):
    known = "1" if to == "hubspot" else record(1)
    monkeypatch.setenv("HTTPS_PROXY", (hubspot if to == "hubspot" else org).proxy)
    code, output = sync(to, marts({"x": {"crm_account_id": account, "score": 5}, "y": {"crm_account_id": known, "score": 6}}))
    assert code == 1 and fault in output and "Wrote 1 of 2" in output


def test_two_accounts_with_one_record_are_named(marts, sync, org):
    code, output = sync("salesforce", marts({
        "a": {"crm_account_id": record(1), "score": 9}, "b": {"crm_account_id": record(1)[:15], "score": 5},
    }))
    assert code == 1 and "Company b (b): its record" in output and "also belongs to Company a (a)" in output
    assert scores(org) == {record(1): 9}


@pytest.mark.parametrize("old", [{}, {"a": {"crm_account_id": RECORD_15, "account_status": "merged"}}], ids=["gone", "merged"])
def test_a_record_in_another_spelling_is_not_cleared(marts, sync, org, old):
    """The id of the account was written with 15 characters, and is with 18 from now on."""
    assert sync("salesforce", marts({"a": {"crm_account_id": RECORD_15, "score": 30}}))[0] == 0
    now = {**old, "b": {"crm_account_id": record(1), "score": 31}}
    code, output = sync("salesforce", marts(now))
    assert code == 0 and "Wrote 1 of 1" in output and scores(org) == {record(1): 31}
    assert "Wrote 0 of 0" in sync("salesforce", marts(now))[1] and scores(org) == {record(1): 31}


def test_after_429_it_waits_as_told_and_goes_on(marts, sync, hubspot, waits):
    hubspot.faults = [status(429, RATE_LIMIT, Retry_After="7"), status(429, RATE_LIMIT), None, status(503), None]
    assert sync("hubspot", marts(dict.fromkeys(range(1, 5), 5)), "--batch-size", "2")[0] == 0
    assert waits[0] == 7 and len(scores(hubspot)) == 4 and len(hubspot.writes) == 5


@pytest.mark.parametrize("fault", [
    status(429, RATE_LIMIT, Retry_After="3600"), status(429, {**RATE_LIMIT, "policyName": "DAILY"}),
], ids=["an hour", "the limit of the day"])
def test_a_long_limit_ends_the_run_and_the_next_one_goes_on(marts, sync, hubspot, waits, fault):
    hubspot.faults = [None, *[fault] * 5]
    file = marts(dict.fromkeys(range(1, 6), 5))
    code, output = sync("hubspot", file, "--batch-size", "2")
    assert code == 1 and "HubSpot asks for a pause" in output and "Wrote 2 of 5" in output and scores(hubspot) == {"1": "5", "2": "5"}
    hubspot.faults = []
    assert "Wrote 3 of 3" in sync("hubspot", file)[1] and len(scores(hubspot)) == 5
    assert waits == [] or len(waits) == 3


def test_the_limit_of_the_day_of_salesforce_ends_the_run(marts, sync, org):
    org.faults = [None, status(403, [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "TotalRequests Limit exceeded."}])]
    file = marts({number: {"crm_account_id": record(number), "score": 5} for number in range(1, 6)})
    code, output = sync("salesforce", file, "--batch-size", "2")
    assert code == 1 and "Salesforce asks for a pause" in output and "Wrote 2 of 5" in output
    assert "Wrote 3 of 3" in sync("salesforce", file)[1] and len(scores(org)) == 5


@pytest.mark.parametrize("fault", [drops, writes_and_drops, writes_and_says_nothing, status(502)],
                         ids=["drops", "writes and drops", "writes and says nothing", "502"])
@pytest.mark.parametrize("to", ["hubspot", "salesforce"])
def test_a_request_without_a_response_is_sent_again(marts, sync, hubspot, org, monkeypatch, to, fault):
    server = hubspot if to == "hubspot" else org
    monkeypatch.setenv("HTTPS_PROXY", server.proxy)
    ids = {number: str(number) if to == "hubspot" else record(number) for number in range(1, 6)}
    file = marts({number: {"crm_account_id": ids[number], "score": number} for number in ids})
    server.faults = [None, fault]
    assert sync(to, file, "--batch-size", "2", "--timeout", "0.3")[0] == 0
    # without retries in the run, by the next run
    server.faults = [None, fault]
    file = marts({number: {"crm_account_id": ids[number], "score": 10 * number} for number in ids})
    code, output = sync(to, file, "--batch-size", "2", "--retries", "0", "--timeout", "0.3")
    assert code == 1 and "Wrote 3 of 5" in output and output.count("Not written: ") == 2
    assert "Wrote 2 of 2" in sync(to, file)[1]
    assert {number: int(scores(server)[ids[number]]) for number in ids} == {number: 10 * number for number in ids}


@pytest.mark.parametrize("fault", [status(200, ["a list"]), status(200), status(423), status(477)], ids=["list", "empty", "423", "477"])
@pytest.mark.parametrize("to", ["hubspot", "salesforce"])
def test_an_empty_response_is_no_success(marts, sync, hubspot, org, monkeypatch, to, fault):
    server = hubspot if to == "hubspot" else org
    monkeypatch.setenv("HTTPS_PROXY", server.proxy)
    file = marts({number: {"crm_account_id": str(number) if to == "hubspot" else record(number), "score": 5} for number in (1, 2)})
    server.faults = [fault]
    code, output = sync(to, file)
    assert code == 1 and "Wrote 0 of 2" in output and len(server.writes) == 1
    assert sync(to, file)[0] == 0 and len(scores(server)) == 2


def test_a_value_that_comes_back_is_sent_again_if_the_other_one_may_have_arrived(marts, sync, hubspot):
    assert sync("hubspot", marts({1: 10}))[0] == 0
    hubspot.faults = [writes_and_drops]
    assert sync("hubspot", marts({1: 20}), "--retries", "0")[0] == 1 and scores(hubspot) == {"1": "20"}
    assert sync("hubspot", marts({1: 10}))[0] == 0 and scores(hubspot) == {"1": "10"}


def test_the_run_ends_without_responses_or_when_it_takes_too_long(marts, sync, hubspot):
    file = marts(dict.fromkeys(range(1, 7), 5))
    hubspot.faults = [status(503)] * 9
    code, output = sync("hubspot", file, "--batch-size", "1", "--retries", "0")
    assert code == 1 and "3 batches in a row had no response" in output and len(hubspot.writes) == 3
    hubspot.faults = [None, writes_and_says_nothing]
    started = time.monotonic()
    code, output = sync("hubspot", file, "--batch-size", "2", "--max-seconds", "1")
    assert code == 1 and "Stopped after 1 seconds" in output and "Wrote 2 of 6" in output and time.monotonic() - started < 5
    hubspot.shutdown()
    hubspot.server_close()
    code, output = sync("hubspot", file, "--retries", "1")
    assert code == 1 and "HubSpot could not be reached: no response (" in output


def test_a_killed_run_is_gone_on_with(marts, sync, hubspot, tmp_path):
    """Killed while HubSpot has written the second batch and not responded yet."""
    file = marts({number: 10 * number for number in range(1, 7)})
    hubspot.faults = [None, writes_and_says_nothing]
    command = [sys.executable, "-m", "engagement", "sync", "--to", "hubspot", "--marts", str(file), "--batch-size", "2", "--send"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + 60
        while len(hubspot.writes) < 2 and time.monotonic() < deadline:
            time.sleep(0.01)
        # one at a time
        code, output = sync("hubspot", file)
        assert code == 4 and "Another command is sending: it holds" in output
        process.send_signal(signal.SIGKILL)
    assert hubspot.writes == [["6", "5"], ["4", "3"]]
    assert "Wrote 4 of 4" in sync("hubspot", file)[1] and hubspot.writes[2:] == [["4", "3", "2", "1"]]
    assert scores(hubspot) == {str(number): str(10 * number) for number in range(1, 7)}


def test_a_full_disk_stops_before_anything_is_sent(marts, sync, hubspot, monkeypatch):
    def full(*arguments):
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr("engagement.sync.__main__.remember", full)
    code, output = sync("hubspot", marts({1: 10}))
    assert code == 1 and "cannot be written: database or disk is full" in output and hubspot.writes == []


# logging in

def test_a_session_that_has_expired_is_renewed(marts, sync, org):
    def expires(handler, body):
        org.tokens.clear()
        handler.reply(401, [{"errorCode": "INVALID_SESSION_ID", "message": "Session expired or invalid"}])

    org.faults = [None, expires]
    assert sync("salesforce", marts({number: {"crm_account_id": record(number), "score": 5} for number in range(1, 5)}), "--batch-size", "2")[0] == 0
    assert len(org.logins) == 2 and len(scores(org)) == 4


def test_salesforce_takes_a_signed_key_instead_of_a_secret(marts, sync, org, monkeypatch, tmp_path):
    (tmp_path / "key.pem").write_bytes(crm_servers.new_key()[1])
    monkeypatch.setenv("SALESFORCE_PRIVATE_KEY_FILE", str(tmp_path / "key.pem"))
    monkeypatch.setenv("SALESFORCE_USERNAME", "sync@acme.example")
    monkeypatch.setenv("SALESFORCE_DOMAIN", "https://acme.my.salesforce.com/")
    file = marts({1: {"crm_account_id": record(1), "score": 5}})
    assert sync("salesforce", file)[0] == 0
    assert [login["grant_type"] for login in org.logins] == ["urn:ietf:params:oauth:grant-type:jwt-bearer"]
    for text in ("no key", None):
        (tmp_path / "key.pem").write_text(text) if text else (tmp_path / "key.pem").unlink()
        code, output = sync("salesforce", file)
        assert code == 2 and "Is SALESFORCE_PRIVATE_KEY_FILE a private key in PEM format?" in output


@pytest.mark.parametrize("to, setting, code, said", [
    ("hubspot", {"HUBSPOT_ACCESS_TOKEN": "wrong"}, 1, "HubSpot does not accept the token in HUBSPOT_ACCESS_TOKEN"),
    ("hubspot", {"HUBSPOT_ACCESS_TOKEN": ""}, 2, "Env var HUBSPOT_ACCESS_TOKEN is not set"),
    ("salesforce", {"SALESFORCE_CONSUMER_SECRET": "wrong"}, 1, "Salesforce refuses the login at acme.my.salesforce.com: invalid_client"),
    ("salesforce", {"SALESFORCE_DOMAIN": ""}, 2, "Env var SALESFORCE_DOMAIN is not set"),
    ("salesforce", {"SALESFORCE_DOMAIN": "evil.example/x"}, 2, "Env var SALESFORCE_DOMAIN is evil.example/x. Write My Domain, such as acme.my"),
    ("salesforce", {"SALESFORCE_DOMAIN": "http://acme.my.salesforce.com"}, 2, "Env var SALESFORCE_DOMAIN is http://acme.my. Write My Domain"),
    ("salesforce", {"SALESFORCE_DOMAIN": "acme.lightning.force.com"}, 2, "Env var SALESFORCE_DOMAIN is acme.lightning.force.com. Write My Domain"),
    ("hubspot", {"HUBSPOT_ACCESS_TOKEN": "wrong\nline"}, 2, "Env var HUBSPOT_ACCESS_TOKEN has a line break"),
    ("webhook", {"SYNC_WEBHOOK_URL": ""}, 2, "Env var SYNC_WEBHOOK_URL is not set"),
    ("webhook", {"SYNC_WEBHOOK_URL": "http://hooks.example/s3cr3t"}, 2, "The webhook URL is not encrypted"),
])
def test_credentials_that_are_missing_or_wrong_are_named_and_never_shown(marts, sync, hubspot, org, monkeypatch, to, setting, code, said):
    monkeypatch.setenv("HTTPS_PROXY", (org if to == "salesforce" else hubspot).proxy)
    for name, value in setting.items():
        monkeypatch.setenv(name, value)
    found, output = sync(to, marts({1: {"crm_account_id": record(1), "score": 5}}))
    assert (found, said in output) == (code, True), output
    assert hubspot.writes == org.writes == []


def test_the_packages_for_salesforce_are_named_where_they_are_missing(marts, sync, monkeypatch):
    monkeypatch.delitem(sys.modules, "engagement.sync.salesforce")
    monkeypatch.setitem(sys.modules, "simple_salesforce", None)
    code, output = sync("salesforce", marts({1: 5}), send=False)
    assert code == 2 and "Use `make sync`, or run pip install -r requirements/sync.txt" in output
    assert sync("csv", marts({1: 5}), send=False)[0] == 0


def test_another_crm_is_told_everything(marts, sync, hubspot):
    """A sandbox and the real one, with one file of what was sent."""
    file = marts({1: 10, 2: 20})
    assert sync("hubspot", file)[0] == 0
    hubspot.portal = 4712
    assert "Wrote 2 of 2 updates to HubSpot account 4712" in sync("hubspot", file)[1]
    hubspot.portal = 4711
    assert "Wrote 0 of 0 updates to HubSpot account 4711" in sync("hubspot", file)[1]


# fields

def test_missing_fields_are_named_before_anything_is_written_and_made_on_demand(marts, sync, hubspot):
    del hubspot.properties["engagement_trend"], hubspot.properties["engagement_page"]
    hubspot.properties["engagement_band"] = {"name": "engagement_band", "modificationMetadata": {"readOnlyValue": True}}
    code, output = sync("hubspot", marts({1: 10}))
    assert code == 2 and "lacks the fields engagement_band, engagement_trend, engagement_page" in output and hubspot.writes == []
    del hubspot.properties["engagement_band"]

    code, output = sync("hubspot", "unused", "--create-fields", send=False)
    assert code == 0 and "engagement_last_at      Last engagement time    datetime" in output and "Nothing was created (dry run)" in output
    assert "engagement_trend" not in hubspot.properties
    code, output = sync("hubspot", "unused", "--create-fields")
    assert code == 0 and output == (
        "Created group Engagement scoring.\nCreated property engagement_band.\nCreated property engagement_trend.\nCreated property engagement_page.\n"
        "HubSpot account 4711 has all 9 fields.\n"
    )
    assert {name: hubspot.properties["engagement_trend"][name] for name in ("label", "type", "fieldType", "groupName")} == {
        "label": "Engagement trend", "type": "string", "fieldType": "text", "groupName": "engagement_scoring",
    }
    assert sync("hubspot", "unused", "--create-fields") == (0, "HubSpot account 4711 has all 9 fields.\n")
    assert sync("hubspot", marts({1: 10}))[0] == 0


@pytest.mark.parametrize("path, said", [
    ("describe", "Salesforce refuses sobjects/Account/describe: NOT_FOUND"), ("CustomField", "INSUFFICIENT_ACCESS: insufficient rights"),
    ("PermissionSet", "Salesforce refuses sobjects/PermissionSet: INSUFFICIENT_ACCESS"),
])
def test_a_missing_right_of_salesforce_is_named(sync, org, monkeypatch, path, said):
    answer = org.answer

    def refused(method, url, body, headers):
        if not url.path.endswith(path):
            return answer(method, url, body, headers)
        return org.error(404, "NOT_FOUND", "The requested resource does not exist") if path == "describe" else org.error(
            403, "INSUFFICIENT_ACCESS", "insufficient rights")

    monkeypatch.setattr(org, "answer", refused)
    org.fields, org.editable = {"Name": {}}, {"Name"}
    code, output = sync("salesforce", "unused", "--create-fields")
    assert code == 1 and said in output and "docs/crm.md lists the permissions" in output


def test_a_missing_scope_of_hubspot_is_named(sync, hubspot):
    hubspot.properties, hubspot.scopes = {}, {"read"}
    code, output = sync("hubspot", "unused", "--create-fields")
    assert code == 1 and "lacks a scope for /crm/v3/properties/companies/groups" in output and "MISSING_SCOPES" in output


def test_salesforce_gets_fields_that_its_user_may_edit(marts, sync, org):
    file = marts({1: {"crm_account_id": record(1), "score": 5}})
    org.fields, org.editable = {"Name": {}, "Engagement_Trend__c": {}}, {"Name"}  # one is there, and hidden
    code, output = sync("salesforce", file)
    assert code == 2 and "lacks the fields Engagement_Status__c, " in output
    code, output = sync("salesforce", "unused", "--create-fields")
    assert code == 0 and output.count("Created field ") == 8 and output.endswith(
        "Created PermissionSet Engagement_Scoring.\nCreated PermissionSetAssignment Engagement_Scoring.\n"
        "Salesforce org acme.my.salesforce.com has all 9 fields.\n"
    )
    assert org.fields["Engagement_Score__c"] == {
        "label": "Engagement score", "type": "Number", "precision": 18, "scale": 0, "description": "How engaged the account is: a whole number of at least 0.",
    }
    assert org.fields["Engagement_Last_At__c"]["type"] == "DateTime" and org.fields["Engagement_Page__c"]["type"] == "Url"
    assert sync("salesforce", "unused", "--create-fields") == (0, "Salesforce org acme.my.salesforce.com has all 9 fields.\n")
    assert sync("salesforce", file)[0] == 0 and scores(org) == {record(1): 5}


def test_a_file_and_a_webhook_have_no_fields_to_make(sync):
    for to in ("csv", "webhook"):
        for send in (True, False):
            assert sync(to, "unused", "--create-fields", send=send)[0] == 2


# a file

def test_a_csv_file_holds_what_changed(marts, sync, tmp_path):
    file = marts({
        1: {"account_name": "=cmd()", "score": 53, "band": "Very Hot", "last_engagement_at": dt.datetime(2026, 5, 28, 9, 30)}, 2: 0, 3: WON,
    })
    assert sync("csv", file, "--out", tmp_path / "out")[0] == 0
    written, = (tmp_path / "out").iterdir()
    rows = list(csv.reader(open(written, encoding="utf-8")))
    assert rows[0] == ["Record ID", "Account name", *(field.label for field in FIELDS)]
    assert rows[1:] == [
        ["3", "Company 3", "won", *[""] * 8],
        ["1", "'=cmd()", "prospect", "53", "Very Hot", "", "", "", "2026-05-28T09:30:00Z", "", ""],
        ["2", "Company 2", "prospect", "0", "Hot", *[""] * 6],
    ]
    for _ in range(2):
        assert sync("csv", marts({1: 54, 2: 0, 3: WON}), "--out", tmp_path / "out", "--all")[0] == 0
    assert len([*(tmp_path / "out").iterdir()]) == 3
    code, output = sync("csv", marts({1: 55, 2: 0, 3: WON}), "--out", tmp_path / "out")
    assert code == 0 and "Wrote 1 of 1 updates to folder" in output
    assert "Wrote 0 of 0" in sync("csv", marts({1: 55, 2: 0, 3: WON}), "--out", tmp_path / "out")[1] and len([*(tmp_path / "out").iterdir()]) == 4


# a webhook

class Hook(crm_servers.QuietHandler):
    protocol_version = "HTTP/1.0"
    statuses = []

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.requests.append((dict(self.headers), body))
        self.send_response(self.statuses.pop(0) if self.statuses else 200)
        self.end_headers()


def test_a_webhook_gets_signed_batches(marts, sync, monkeypatch):
    with crm_servers.Server(Hook) as hook:
        monkeypatch.setenv("SYNC_WEBHOOK_URL", f"http://127.0.0.1:{hook.server_port}/s3cr3t")
        monkeypatch.setenv("SYNC_WEBHOOK_SECRET", "a s3cr3t")
        file = marts({1: 10, 2: 20, 3: WON})
        Hook.statuses = [503, 200, 422]
        code, output = sync("webhook", file, "--batch-size", "2")
        assert code == 1 and "Company 1 (1): HTTP 422" in output and "Wrote 2 of 3 updates to http://127.0.0.1 (" in output
        (first, body), (again, same), (other, _) = hook.requests
        assert body == same and first["Idempotency-Key"] == again["Idempotency-Key"] != other["Idempotency-Key"]
        assert first["X-Signature-256"] == "sha256=" + hmac.new(b"a s3cr3t", body, hashlib.sha256).hexdigest()
        told = json.loads(body)
        assert (told["version"], told["as_of_date"]) == ("20260601T000000Z", "2026-05-31")
        assert [update["account_id"] for update in told["updates"]] == ["3", "2"]
        assert told["updates"][1] == {
            "account_id": "2", "crm_account_id": "2", "account_name": "Company 2", "update_hash": told["updates"][1]["update_hash"],
            "account_status": "prospect", "score": 20, "band": "Hot", "trend": None, "main_reason": None, "next_action": None,
            "last_engagement_at": None, "last_engagement_label": None, "dashboard_url": None,
        }
        assert sync("webhook", file)[0] == 0 and [update["account_id"] for update in json.loads(hook.requests[-1][1])["updates"]] == ["1"]
        monkeypatch.delenv("SYNC_WEBHOOK_SECRET")
        assert sync("webhook", file, "--all")[0] == 0 and "X-Signature-256" not in hook.requests[-1][0]


# nothing by accident

@pytest.mark.parametrize("to", ["hubspot", "salesforce", "csv", "webhook"])
def test_a_dry_run_shows_a_table_and_calls_nobody(marts, sync, hubspot, tmp_path, monkeypatch, to):
    for name in ("HUBSPOT_ACCESS_TOKEN", "SALESFORCE_DOMAIN"):
        monkeypatch.delenv(name)
    number = record(1) if to == "salesforce" else "1"
    before = {*tmp_path.iterdir()}
    file = marts({
        "acme": {"crm_account_id": number, "account_name": "Acme\x1b[2J Corp", "score": 53, "band": "Very Hot", "main_reason": "Demo requested"},
        "won": WON | {"crm_account_id": record(2) if to == "salesforce" else "2"},
    })
    code, output = sync(to, file, send=False)
    assert code == 0 and hubspot.requests == [] and {*tmp_path.iterdir()} - before == {file}
    header, _, acme, won, _, summary = output.splitlines()
    assert header.split() == "Account Record Status Score Band Trend Main reason Last engagement Next action".split()
    assert acme.split()[:2] == ["Acme", "[2J"] and "prospect     53  Very Hot" in acme and "Demo requested" in acme and "won" in won
    assert summary == "Nothing was written (dry run). To write: 2 (1 scored, 1 to clear); 0 unchanged since the last sync. --send writes them."


def test_a_dry_run_knows_what_was_sent(marts, sync, hubspot):
    sync("hubspot", marts({1: 10, 2: 20}))
    code, output = sync("hubspot", marts({1: 10, 2: 21}), send=False)
    assert code == 0 and "To write: 1 (1 scored, 0 to clear); 1 unchanged" in output and "Company 1" not in output and len(hubspot.writes) == 1


def test_the_sample_is_not_written_unless_allowed(marts, sync, hubspot):
    sample = {row["account_id"]: {"account_name": row["account_name"], "score": 5} for row in read_csv(SAMPLE / "crm_accounts.csv")}
    file = marts(sample)
    code, output = sync("hubspot", file)
    assert code == 2 and "was built from the sample, so nothing was written" in output and hubspot.requests == []
    assert "use --send --allow-sample" in sync("hubspot", file, send=False)[1]
    # an account of another company with this id
    assert sync("hubspot", marts({"acme": {"account_name": "Acme GmbH", "crm_account_id": "1", "score": 5}}))[0] == 0
    code, output = sync("hubspot", marts(sample), "--allow-sample", "--account", "acme")
    assert code == 1 and "acme is not a HubSpot record id" in output


@pytest.mark.parametrize("options", [["--limit", "0"], ["--batch-size", "0"], ["--timeout", "nan"], ["--url", "https://x"]])
def test_a_wrong_option_writes_nothing(marts, sync, hubspot, options):
    assert sync("hubspot", marts({1: 10}), *options)[0] == 2 and hubspot.requests == []


def test_the_fields_are_columns_of_the_mart_and_the_exposure_names_what_is_read():
    mart, = (model for model in read_yaml(ROOT / "models/marts/accounts/_accounts__models.yml")["models"] if model["name"] == "crm_account_updates")
    columns = [column["name"] for column in mart["columns"]]
    first = columns.index("account_status")
    assert columns[first:columns.index("update_hash")] == [field.column for field in FIELDS]
    # so that masked marts write the same
    assert not any("personal" in column.get("config", {}).get("meta", {}) for column in mart["columns"])
    exposure, = (entry for entry in read_yaml(ROOT / "models/marts/_exposures.yml")["exposures"] if entry["name"] == "crm_sync")
    assert exposure["depends_on"] == [f"ref('{table}')" for table in duckdb.get_table_names(UPDATES)]


def test_the_page_about_the_crm_names_every_field_setting_and_option(sync):
    page = (ROOT / "docs" / "crm.md").read_text()
    for field in FIELDS:
        api_name = "_".join(map(str.capitalize, field.name.split("_"))) + "__c"
        assert f"| `{field.column}` | `{field.name}` | `{api_name}` |" in page
    code, help_text = sync("hubspot", "unused", "--help")
    names = {*re.findall(r"\b(?:HUBSPOT|SALESFORCE|SYNC)_[A-Z_]+", help_text)}
    assert len(names) == 8 and all(name in page for name in names)
    known = {*re.findall(r"--[a-z-]+", help_text)} | {"--dry-run"}
    assert {*re.findall(r"(?<![\w-])--[a-z]+(?:-[a-z]+)*", page)} - {"--max-age-days"} <= known
