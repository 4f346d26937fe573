"""Personal data is marked where it is, masked where that is asked for, and gone once a person was forgotten."""

import functools
import hashlib
import hmac
import json
import os
import re
import sqlite3
from types import SimpleNamespace

import duckdb
import pytest

from engagement import forget as forget_person
from engagement import publish
from engagement import alerts as send_alerts
from harness import SAMPLE, Project, environment, read_csv, write_csv

KEY = "a key that no file may hold, 0123456789"
WEBHOOK = "http://127.0.0.1:9/services/a-webhook-that-no-file-may-hold"
MASK = ("--vars", "{mask_personal_data: true}")
RUN = ("build", "--resource-type", "seed", "--resource-type", "model")


def hashed(value, purpose="mask"):
    """HMAC-SHA256, by Python's own library."""
    secret = hashlib.sha256(KEY.encode()).digest()
    return hmac.new(secret, f"{purpose}:{value}".encode(), hashlib.sha256).hexdigest()


def masked(value):
    return f"masked-{hashed(value)[:16]}"


def text_columns(project):
    """[(schema, table, column)] of all that is built, views included."""
    return project.query(
        "select table_schema, table_name, column_name from information_schema.columns"
        " where data_type = 'VARCHAR' and table_schema <> 'rules' order by all"
    )


def marks(project):
    """{(schema, table, column): what personal data it is said to hold}"""
    manifest = json.loads((project.folder / "target" / "manifest.json").read_text())
    nodes = [*manifest["nodes"].values(), *manifest["sources"].values()]
    return {
        (node["schema"], node["name"], name): column["config"]["meta"]["personal"]
        for node in nodes for name, column in node["columns"].items() if "personal" in column["config"]["meta"]
    }


def files_with(folder, words):
    """Files below the folder whose bytes hold one of the words."""
    return {
        (str(file.relative_to(folder)), word) for file in folder.rglob("*") if file.is_file() and not file.is_symlink()
        for word in words if word.encode() in file.read_bytes()
    }


class People:
    """What tells the people of the sample from any other text."""

    def __init__(self):
        contacts = read_csv(SAMPLE / "crm_contacts.csv")
        web = [row for name in ("web_events", "ad_events") for row in read_csv(SAMPLE / f"{name}.csv")]
        self.ids = {row["contact_id"] for row in contacts} | {row["visitor_id"] for row in web} - {None}
        self.names = {row["full_name"] for row in contacts} - {None}
        self.whole = self.ids | self.names | {row["job_title"] for row in contacts} - {None}

    def found_in(self, values):
        """The first value that is an id, a name or a job title, or holds an address, an id or a name."""
        for value in values:
            words = re.split(r"[^\w.'@%+-]+", value)
            pairs = {" ".join(pair) for pair in zip(words, words[1:])}
            if value in self.whole or re.search(r"\w@\w", value) or not (self.ids.isdisjoint(words) and self.names.isdisjoint(pairs)):
                return value
        return None

    def found_in_columns(self, project, columns):
        """{(schema, table, column): the first such value}"""
        found = {}
        with duckdb.connect(str(project.database), read_only=True) as connection:
            connection.execute("create temp table whole as select unnest(?) as value", [sorted(self.whole)])
            for schema, table, column in columns:
                # a value that is one word cannot hold another
                values = connection.execute(
                    f'select distinct "{column}" from {schema}.{table}'
                    f""" where "{column}" in (select value from whole) or regexp_matches("{column}", '[@ :|",]')"""
                ).fetchall()
                if value := self.found_in(value for value, in values):
                    found[schema, table, column] = value
        return found


@pytest.fixture(scope="module")
def people():
    return People()


# what is marked

def test_every_column_that_holds_personal_data_is_marked(sample_project, people):
    marked = marks(sample_project)
    assert len(marked) > 100
    # a hook copies one table under this name
    marked |= {(schema, "int_identity_state", column): kind for (schema, table, column), kind in marked.items() if table == "int_identity_answers"}
    unmarked = [column for column in text_columns(sample_project) if column not in marked and column[0] != "raw"]
    found = people.found_in_columns(sample_project, unmarked)
    assert found == {}, "say `config: {meta: {personal: ...}}` beside these columns in their YAML"


def test_raw_columns_are_marked_as_the_files_have_them(sample_project, people):
    marked = marks(sample_project)
    for file in SAMPLE.glob("*.csv"):
        rows = read_csv(file)
        for column in rows[0]:
            value = ("raw", file.stem, column) in marked or people.found_in({row[column] for row in rows} - {None})
            assert value in (None, True), (file.name, column, value)


# what is masked

@pytest.fixture(scope="module")
def masked_project(built_sample, tmp_path_factory):
    """The sample, built in clear before, and masked from now on."""
    project = built_sample.copy(tmp_path_factory.mktemp("masked"))
    with environment(DBT_ENV_SECRET_PRIVACY_KEY=KEY):
        project.manifest = project.parse(*MASK)
        success, output = project.dbt(
            "run", *MASK, "--select", "int_shown_contacts", "path:models/marts/accounts", "path:models/marts/health", manifest=project.manifest,
        )
    assert success, output
    return project


def test_no_masked_mart_names_anybody(masked_project, people):
    marts = [column for column in text_columns(masked_project) if column[0] == "main"]
    assert len(marts) > 100
    assert people.found_in_columns(masked_project, marts) == {}


def test_masked_people_can_still_be_joined_and_counted(masked_project, sample_project):
    for query in (
        "select account_id, count(*), sum(score_raw), count(full_name), count(email) from contact_scores group by 1 order by 1",
        "select account_id, count(distinct person_id), sum(points) from score_ledger group by 1 order by 1",
        "select count(*), sum(ledger.points) from contact_scores join score_ledger as ledger using (account_id, person_id)",
        "select count(distinct owner_email), max(queue_rank) from sales_queue",
        "select account_id, count(*) from score_alerts join account_scores using (account_id, owner_email) group by 1 order by 1",
    ):
        assert masked_project.query(query) == sample_project.query(query), query
    assert masked_project.query("select person_id, contact_id, full_name, email from contact_scores where account_id = 'acme' order by contact_rank") == [
        (masked("acme-ana"), masked("acme-ana"), masked("acme-ana"), masked("ana@acme.example")),
        (masked("acme-bo"), masked("acme-bo"), masked("acme-bo"), masked("bo@acme.example")),
    ]


def test_alerts_from_the_time_before_name_a_person(masked_project, sample_project):
    """Whom they meant is not known any more; everything else of them is as it was."""
    query = "select alert_id, body, payload from score_alerts order by all"
    before, after = sample_project.query(query), masked_project.query(query)
    is_named = [" by " in body for _, body, _ in before]
    assert sum(is_named) > 300
    for (_, old, _), (_, new, payload) in zip(before, after):
        assert re.sub(r" by (?!a decision-maker [^b]).*? \((?=\d)", " by a person (", old) == new, (old, new)
        assert json.loads(payload)["body"] == new


def test_the_key_is_in_no_file(masked_project):
    assert files_with(masked_project.folder, [KEY]) == set()


@pytest.mark.parametrize("key, fault", [("", "is not set"), ("k" * 31, "is too short")])
def test_masking_without_a_key_is_refused(masked_project, key, fault):
    before = masked_project.database.read_bytes()
    with environment(DBT_ENV_SECRET_PRIVACY_KEY=key):
        success, output = masked_project.dbt("run", *MASK, "--select", "account_scores", manifest=masked_project.manifest)
    assert not success and f"env var DBT_ENV_SECRET_PRIVACY_KEY {fault}; nothing was built" in output
    assert masked_project.database.read_bytes() == before


# who is forgotten

ANA = {"ana@acme.example", "ana.old@acme.example", "C-Ana-New", "C-Ana-Old", "v-ana-phone"}
EXCEPTED = {"raw", "forgotten_people.csv"}
# parsing takes seconds, and always gives the same
PARSED_ONCE = functools.cache(forget_person.Project)


def raw_rows():
    """Ana has two contacts and a visitor of her own, shares a visitor with Bo and her name with a contact of Beta."""
    time = {"occurred_at": "2026-05-20 10:00:00", "loaded_at": "2026-05-31 10:00:00"}
    crm = {"created_at": "2025-01-01 10:00:00", "loaded_at": "2025-01-02 10:00:00"}
    contacts = [
        ("C-Ana-Old", "acme", "Ana.Old@acme.example", "Ana Ruiz", "C-Ana-New"), ("C-Ana-New", "acme", "ana@acme.example ", "Ana Ruiz", None),
        ("c-bo", "acme", "bo@acme.example", "Bo Lind", None), ("c-other-ana", "beta", "ana@beta.example", "Ana Ruiz", None),
        ("c-joana", "acme", "joana@acme.example", "Joana Ruiz", None),
    ]
    web = [
        ("v-ana-phone", "ANA@acme.example"), ("v-ana-phone", None), ("v-shared", "ana@acme.example"), ("v-shared", "bo@acme.example"),
        (None, "joana@acme.example"), (None, "ana@beta.example"),
    ]
    return {
        "crm_accounts": [
            {"account_id": name, "account_name": name.title(), "domain": f"{name}.example", "owner_email": "rep@seller.example", **crm} for name in ("acme", "beta")
        ],
        "crm_contacts": [
            {"contact_id": key, "account_id": account, "email": email, "full_name": name, "job_title": "CFO", "merged_into_contact_id": into, **crm}
            for key, account, email, name, into in contacts
        ],
        "crm_opportunities": [{"opportunity_id": "o1", "account_id": "beta", "stage": "lost", "amount_usd": 1, **crm}],
        "crm_activities": [
            {"activity_id": "a1", "account_id": "acme", "contact_id": "C-Ana-Old", "activity_type": "meeting_held", "outcome": "positive", **time},
            # no time: rejected, with the whole row as JSON
            {"activity_id": "a2", "account_id": "acme", "contact_id": "C-Ana-Old", "activity_type": "call", "loaded_at": time["loaded_at"]},
        ],
        "email_events": [
            {"event_id": "m1", "email": "bo@acme.example", "event_type": "click", **time},
            {"event_id": "m2", "email": "ana.old@acme.example", "event_type": "click", **time},
        ],
        "web_events": [
            {"event_id": f"w{number}", "visitor_id": visitor, "email": email, "event_type": "form_submit", "page_url": f"https://us.example/pricing/{number}", **time}
            for number, (visitor, email) in enumerate(web)
        ],
        "content_events": [
            {"event_id": f"{kind} {email}", "email": email, "event_type": kind, "asset": "demo", **time}
            for email in ("ana@acme.example", "joana@acme.example", "ana@beta.example") for kind in ("demo_request", "webinar_attended")
        ],
    }


class Forgetting:
    """A project with Ana in every place where she can be, and the command that forgets her."""

    def __init__(self, folder):
        contract = {file.stem: list(read_csv(file)[0]) for file in SAMPLE.glob("*.csv")}
        self.project = Project(folder, raw_data=folder / "raw")
        self.project.raw_data.mkdir()
        for name, rows in raw_rows().items():
            write_csv(self.project.raw_data / f"{name}.csv", rows, contract[name])
        with environment(DBT_ENV_SECRET_PRIVACY_KEY=KEY):
            success, output = self.project.dbt(*RUN)
        assert success, output
        self.sent = self.project.database.parent / "sent_alerts.sqlite"
        with sqlite3.connect(self.sent) as memory:
            memory.execute("create table sent_alerts (alert_id text primary key)")
        self.serving = self.project.database.parent / "serving"
        self.serving.mkdir()
        for version in ("20260530T000000Z", "20260531T000000Z"):
            with duckdb.connect(str(self.serving / f"marts_{version}.duckdb")) as published:
                published.execute(f"attach '{self.project.database}' as warehouse (read_only)")
                for mart in ("account_scores", "contact_scores", "score_changes"):
                    published.execute(f"create table {mart} as from warehouse.main.{mart}")
                published.execute(f"create table publication as select '{version}' as version")
        (self.serving / "marts.duckdb").symlink_to("marts_20260531T000000Z.duckdb")
        (self.project.folder / "logs" / "old.log").write_text("could not read ana.old@acme.example\n")

    def run(self, person, *options):
        """The exit code of the command."""
        with environment(
            RAW_DATA=self.project.raw_data, ENGAGEMENT_DB=self.project.database, ENGAGEMENT_TMP=self.project.folder / "build" / "tmp",
            FORGOTTEN_PEOPLE=self.project.folder / "forgotten_people.csv", DBT_ENV_SECRET_PRIVACY_KEY=KEY, PERSON=person,
            DBT_LOG_PATH=self.project.folder / "logs", DBT_TARGET_PATH=self.project.folder / "target",
        ), pytest.MonkeyPatch.context() as patch:
            patch.setattr(forget_person, "Project", PARSED_ONCE)
            return forget_person.main(["--project", str(self.project.folder), *options])

    def everywhere(self):
        """{(place, id)} of all tables and of all bytes but those of the raw files."""
        # the address of Joana holds that of Ana
        found = {hit for hit in files_with(self.project.folder, ANA - {"ana@acme.example"}) if hit[0].split("/")[0] not in EXCEPTED}
        for file in (self.project.database, *self.serving.glob("*.duckdb")):
            with duckdb.connect(str(file), read_only=True) as connection:
                names = connection.execute("select schema_name || '.' || table_name from duckdb_tables()").fetchall()
                for name, in names:
                    words = set(re.split(r"[^\w.@-]+", str(connection.execute(f"from {name}").fetchall())))
                    found |= {(f"{file.name}: {name}", word) for word in words & ANA}
        return found


@pytest.fixture(scope="module")
def forgetting(tmp_path_factory):
    return Forgetting(tmp_path_factory.mktemp("forgetting"))


@pytest.fixture(scope="module")
def before(forgetting):
    query = forgetting.project.query
    return {
        "places": {place for place, _ in forgetting.everywhere()},
        "database": forgetting.project.database.read_bytes(),
        "published": query("select * from published_scores order by all"),
        "alerts": query("select alert_id, created_on, title from score_alerts order by all"),
        "bodies": query("select account_id, body from score_alerts order by all"),
        "score": dict(query("select account_id, score from account_scores")),
        "people": dict(query("select person_id, score from contact_scores")),
    }


def raising(error):
    """What a step is replaced by to end there."""
    def step(*arguments):
        raise error

    return step


@pytest.fixture(scope="module")
def after(forgetting, before):
    """The command was killed before anything was replaced, and when it had published but not removed the old versions, and once
    the disk was full; then it was run again."""
    for owner, step in [(forget_person.Project, "build"), (forget_person, "remove_leftovers")]:
        with pytest.MonkeyPatch.context() as patch, pytest.raises(KeyboardInterrupt):
            patch.setattr(owner, step, raising(KeyboardInterrupt))
            forgetting.run("ana.old@acme.example")
    assert len(publish.versions(forgetting.serving)) == 3
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(forget_person.Project, "build", raising(OSError("No space left")))
        assert forgetting.run("ana.old@acme.example") == 1
    assert dict(forgetting.project.query("select account_id, score from account_scores")) == before["score"]
    assert forgetting.run("ANA.old@acme.example") == 0
    return forgetting


def test_a_dry_run_shows_what_would_go_and_changes_nothing(forgetting, before, capsys):
    assert {"main.contact_scores", "main.score_ledger", "main.rejected_records", "staging.base_crm__contacts", "logs/old.log"} <= {
        place.split(": ")[-1] for place in before["places"]
    }
    assert forgetting.run("C-Ana-Old", "--dry-run") == 0
    printed = capsys.readouterr().out
    assert f"Identifiers: {', '.join(sorted(ANA))}" in printed and "The name Ana Ruiz is borne by other contacts, too." in printed
    assert forgetting.project.database.read_bytes() == before["database"]
    assert read_csv(forgetting.project.folder / "forgotten_people.csv") == []


def test_nobody_and_sales_owners_are_not_forgotten(forgetting, before, capsys):
    assert forgetting.run("nobody@acme.example") == 2
    assert "Nobody has the address or contact id nobody@acme.example" in capsys.readouterr().err
    assert forgetting.run("rep@seller.example") == 2
    assert "is the sales owner of 2 accounts" in capsys.readouterr().err
    assert read_csv(forgetting.project.folder / "forgotten_people.csv") == []


def test_nothing_is_left_of_the_person(after):
    assert after.everywhere() == set()
    rows = read_csv(after.project.folder / "forgotten_people.csv")
    assert {row["identifier_hash"] for row in rows} == {hashed(word, "forget") for word in ANA}
    assert [file.name for file in after.serving.glob("*.duckdb") if file.is_symlink()] == ["marts.duckdb"]
    assert len(list(after.serving.iterdir())) == 2


def test_journals_and_other_people_are_still_there(after, before):
    query = after.project.query
    assert set(before["published"]) <= set(query("select * from published_scores"))
    assert query("select alert_id, created_on, title from score_alerts order by all") == before["alerts"]
    # her namesake at the other account keeps the name, and so does who is called nearly so
    assert query("select account_id, body from score_alerts order by all") == [
        (account, re.sub(r"\bAna Ruiz", "a forgotten person", body) if account == "acme" else body) for account, body in before["bodies"]
    ]
    assert {"a forgotten person", "Ana Ruiz", "Joana Ruiz"} <= {name for _, body in query("select account_id, body from score_alerts") for name in
            re.findall(r"a forgotten person|\bAna Ruiz|Joana Ruiz", body)}
    people = dict(query("select person_id, score from contact_scores"))
    assert people == {person: score for person, score in before["people"].items() if person not in ANA}
    score = dict(query("select account_id, score from account_scores"))
    assert score["acme"] < before["score"]["acme"] and score["beta"] == before["score"]["beta"]
    # the visitor she shared with Bo is his alone now
    assert query("select distinct email from intermediate.int_visitor_emails where visitor_id = 'v-shared'") == [("bo@acme.example",)]


def test_published_marts_are_those_of_the_database(after):
    with duckdb.connect(str(after.serving / "marts.duckdb"), read_only=True) as published:
        assert published.execute("from contact_scores order by all").fetchall() == after.project.table("contact_scores")
        version, = published.execute("select version from publication").fetchone()
    assert os.readlink(after.serving / "marts.duckdb") == f"marts_{version}.duckdb"


def test_a_database_in_the_serving_folder_is_not_taken_for_a_publication(small_database, monkeypatch):
    folder = small_database.parent
    monkeypatch.setenv("ENGAGEMENT_SERVING", str(folder))
    # the first publication was killed
    (folder / "new.duckdb").touch()
    forget_person.republish(small_database, folder)
    assert [file.name for file in folder.glob("*.duckdb")] == ["engagement.duckdb"]
    assert publish.main([]) == 0
    with duckdb.connect(str(folder / "marts_mine.duckdb")) as connection:
        connection.execute("create table people as select 'ana@acme.example' as email")
    forget_person.republish(small_database, folder)
    version = os.readlink(folder / "marts.duckdb")
    assert {file.name for file in folder.glob("*.duckdb")} == {"engagement.duckdb", "marts.duckdb", "marts_mine.duckdb", version}
    person = forget_person.Person({"ana@acme.example"}, set(), set(), set(), set())
    project = SimpleNamespace(kinds=lambda schema, name, columns: dict.fromkeys(columns))
    found = forget_person.look(project, small_database, person, None, [])
    assert {place: rows for place, rows in found.items() if not place.startswith("database, ")} == {
        "published, marts_mine.duckdb": 1, f"published, {version}": 0,
    }
    (folder / "marts_mine.duckdb").write_text("no database")
    with pytest.raises(forget_person.Refused, match="marts_mine.duckdb cannot be read"):
        forget_person.look(project, small_database, person, None, [])


def test_running_it_again_says_so_and_touches_nothing(after, capsys):
    database = after.project.database.read_bytes()
    assert after.run("ana@acme.example") == 0
    printed = capsys.readouterr().out
    assert "Nothing is left of the person" in printed and "raw file" in printed and "The raw files are yours" in printed
    assert after.project.database.read_bytes() == database


def test_a_build_in_which_the_forgotten_would_come_back_is_refused(after):
    """The list is lost, or was made with another key."""
    file = after.project.folder / "forgotten_people.csv"
    text = file.read_text()
    for spoil, fault in (
        (file.unlink, "which is not there; nothing was built"),
        (lambda: file.write_text(text.replace(hashed("", "key"), "0" * 64)), "were not made with the key"),
    ):
        spoil()
        with environment(DBT_ENV_SECRET_PRIVACY_KEY=KEY):
            success, output = after.project.dbt("run", "--select", "base_crm__contacts")
        file.write_text(text)
        assert not success and fault in output


def test_no_secret_is_in_any_file(after, capsys):
    with environment(ALERT_WEBHOOK_URL=WEBHOOK):
        send_alerts.main(["--database", str(after.project.database), "--retries", "0", "--since", "2026-01-01"])
    assert "Sent 0 of" in capsys.readouterr().out
    assert files_with(after.project.folder, [KEY, WEBHOOK.rsplit("/", 1)[-1]]) == set()
