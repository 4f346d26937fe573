"""Personal data is marked where it is, masked where that is asked for, and gone once a person was forgotten."""

import hashlib
import hmac
import json
import re
import subprocess
import sys

import duckdb
import pytest

from engagement import __main__ as cli
from engagement import build, export, forget, paths, privacy, publish
from engagement.landing import create_raw_tables, land
from engagement.landing.forgotten import Forgotten
from engagement.warehouse.duckdb_file import point_to
from engagement.warehouse.engine import EngineError
from harness import ROOT, SAMPLE, Project, environment, read_csv, write_csv
from reference import spelled
from small_warehouse import another_version, place, write_warehouse
from small_warehouse import shown as number_shown

KEY = "a key that no file may hold, 0123456789"
WEBHOOK = "http://127.0.0.1:9/services/a-webhook-that-no-file-may-hold"


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
    assert len(marked) > 60
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
    """The sample, built and published in clear, and then by the very command that docs/privacy.md gives."""
    project = built_sample.copy(tmp_path_factory.mktemp("masked"))
    for name in ("Makefile", "requirements"):
        (project.folder / name).symlink_to(ROOT / name)
    (project.folder / ".venv").mkdir()
    (project.folder / ".venv" / "bin").symlink_to(f"{sys.prefix}/bin")
    (project.folder / ".venv" / "build").touch()
    (project.folder / ".venv" / "pyvenv.cfg").symlink_to(f"{sys.prefix}/pyvenv.cfg")
    (project.folder / ".venv" / "lib").symlink_to(f"{sys.prefix}/lib")
    project.serving = project.database.parent / "serving"
    with environment(ENGAGEMENT_DB=project.database):
        assert publish.main([]) == 0
    (command,) = re.findall(r"^make build .*mask_personal_data.*$", (ROOT / "docs" / "privacy.md").read_text(), flags=re.MULTILINE)
    with environment(DBT_ENV_SECRET_PRIVACY_KEY=KEY, RAW_DATA=SAMPLE, FORGOTTEN_PEOPLE=project.folder / "forgotten_people.csv"):
        ended = subprocess.run(command, shell=True, cwd=project.folder, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    project.marts = project.serving / "marts.duckdb"
    return project


def shown(project, sql):
    with duckdb.connect(str(project.marts), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_no_masked_mart_names_anybody(masked_project, people):
    """Readers cannot go back to a version in clear either."""
    assert len(list(masked_project.serving.iterdir())) == 2
    assert shown(masked_project, "select is_masked from publication") == [(True,)]
    published = Project.__new__(Project)
    published.database = masked_project.marts
    # the rules are what stands in seeds/; the list of crawlers has addresses of their makers
    columns = [column for column in text_columns(published) if column[1] != "scoring_rules"]
    assert len(columns) > 80
    assert people.found_in_columns(published, columns) == {}


def test_masked_people_can_still_be_joined_and_counted(masked_project):
    for query in (
        "select account_id, count(*), sum(score_raw), count(full_name), count(email) from contact_scores group by 1 order by 1",
        "select account_id, count(distinct person_id), sum(points) from score_ledger group by 1 order by 1",
        "select count(*), sum(ledger.points) from contact_scores join score_ledger as ledger using (account_id, person_id)",
        "select count(distinct owner_email), max(queue_rank) from sales_queue",
    ):
        assert shown(masked_project, query) == masked_project.query(query), query
    assert shown(masked_project, "select person_id, contact_id, full_name, email, job_title from contact_scores where account_id = 'acme' order by contact_rank") == [
        (masked("acme-ana"), masked("acme-ana"), masked("acme-ana"), masked("ana@acme.example"), None),
        (masked("acme-bo"), masked("acme-bo"), masked("acme-bo"), masked("bo@acme.example"), None),
    ]


def test_the_key_is_in_no_file(masked_project):
    assert files_with(masked_project.folder, [KEY]) == set()


def test_the_first_masked_publication_removes_all_versions_in_clear(small_database, serving):
    """Also where the link was set back to a masked one, and those that were never shown."""
    def published(number, is_masked):
        write_warehouse(small_database, number, is_masked=is_masked)
        with environment(DBT_ENV_SECRET_PRIVACY_KEY=KEY):
            assert publish.main([] if is_masked else ["--yes"]) == 0
        return place(serving).shown_version()

    masked, clear = published(1, True), published(2, False)
    another_version(serving, "29990101T000000Z")
    point_to(serving, masked)
    assert clear in place(serving).versions()
    last = published(3, True)
    assert set(place(serving).versions()) == {masked, last}


def test_the_first_masked_publication_removes_dashboards_and_exports_in_clear(small_database, serving, monkeypatch, capsys):
    folder = small_database.parent
    monkeypatch.delenv("ENGAGEMENT_DASHBOARD", raising=False)

    def publish_and_copy(number, is_masked, *arguments):
        """What a publication leaves of the copies made before it."""
        write_warehouse(small_database, number, is_masked=is_masked)
        publish.main([*arguments])
        left = {path.name for path in folder.glob("dashboard/*")} | {path.name for path in folder.glob("export")}
        for name in ("all", "owner-ann@x"):
            (folder / "dashboard" / f"{name}_20260101T00000{number}Z").mkdir(parents=True)
            (folder / "dashboard" / name).unlink(missing_ok=True)
            (folder / "dashboard" / name).symlink_to(f"{name}_20260101T00000{number}Z")
        assert export.main([]) == 0
        return left

    assert publish_and_copy(1, is_masked=False) == set()
    # without the key nothing is published, and nothing removed
    assert {"export", "all", "owner-ann@x"} < publish_and_copy(2, is_masked=True)
    with environment(DBT_ENV_SECRET_PRIVACY_KEY=KEY):
        capsys.readouterr()
        assert publish_and_copy(3, is_masked=True) == set()
        said = capsys.readouterr().err
        assert "owner-ann@x. Write them again" in said and f"Removed {folder / 'export'}, which shows people in clear." in said
        assert {"export", "all", "owner-ann@x"} < publish_and_copy(4, is_masked=True)


def test_people_are_shown_in_clear_after_a_masked_publication_only_if_that_is_confirmed(small_database, serving, capsys):
    with environment(DBT_ENV_SECRET_PRIVACY_KEY=KEY):
        write_warehouse(small_database, 1, is_masked=True)
        assert publish.main([]) == 0
        write_warehouse(small_database, 2)
        assert publish.main([]) == paths.HELD
        assert "The published version masks people, and this build would show them in clear." in capsys.readouterr().err
        assert number_shown(serving)[0] == 1
        assert publish.main(["--yes"]) == 0


@pytest.mark.parametrize("key, fault", [("", "is not set"), ("k" * 31, "is too short")])
def test_without_a_key_nothing_is_published_and_publishing_alone_repairs_it(small_database, serving, capsys, key, fault):
    assert publish.main([]) == 0
    before = (serving / "marts.duckdb").resolve()
    write_warehouse(small_database, 2, is_masked=True)
    with environment(DBT_ENV_SECRET_PRIVACY_KEY=key):
        assert publish.main([]) == 2
    assert f"env var DBT_ENV_SECRET_PRIVACY_KEY {fault}".lower() in capsys.readouterr().err.lower()
    assert (serving / "marts.duckdb").resolve() == before
    with environment(DBT_ENV_SECRET_PRIVACY_KEY=KEY):
        assert publish.main([]) == 0


def test_every_kind_of_mark_has_its_mask(sample_project):
    assert set(marks(sample_project).values()) <= privacy.HASHED | privacy.NAMED | privacy.HIDDEN


# who is forgotten

ANA = {"ana@acme.example", "ana.old@acme.example", "C-Ana-New", "C-Ana-Old", "v-ana-phone"}
# files of the user
EXCEPTED = {"raw", "forgotten_people.csv"}


def raw_rows():
    """Ana has two contacts and a visitor of her own, shares a visitor with Bo and her name with a contact of Beta."""
    time = {"occurred_at": "2026-05-20 10:00:00", "loaded_at": "2026-05-31 10:00:00"}
    crm = {"created_at": "2025-01-01 10:00:00", "loaded_at": "2025-01-02 10:00:00"}
    contacts = [
        ("C-Ana-Old", "acme", "Ana.Old@acme.example", "Ana Ruiz", "C-Ana-New"), ("C-Ana-New", "acme", "ana@acme.example ", "Ana Ruiz", None),
        ("c-bo", "acme", "bo@acme.example", "Bob (1) Smith by Ana Ruiz (2); masked-0123456789abcdef", None), ("c-other-ana", "beta", "ana@beta.example", "Ana Ruiz", None),
        ("c-joana", "acme", "joana@acme.example", "a person", None),
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
            # without Ana the table is 21 days late
            {"event_id": "m1", "email": "bo@acme.example", "event_type": "click", "occurred_at": "2026-05-09", "loaded_at": "2026-05-10"},
            {"event_id": "m2", "email": "ana.old@acme.example", "event_type": "click", **time},
        ],
        "web_events": [
            {"event_id": f"w{number}", "visitor_id": visitor, "email": email, "event_type": "form_submit", "page_url": f"https://us.example/pricing/{number}", **time}
            for number, (visitor, email) in enumerate(web)
        ],
        "content_events": [
            {"event_id": f"{kind} {email}", "email": email, "event_type": kind, "asset": "demo", **time}
            for email in ("ana@acme.example", "joana@acme.example", "ana@beta.example") for kind in ("demo_request", "webinar_attended")
        ] + [{"event_id": "c1", "email": "ana.old@acme.example", "event_type": "demo_request", "asset": "demo", **time, "occurred_at": "2026-05-25 10:00:00"}],
    }


class Forgetting:
    """A project with Ana in every place where she can be, and the command that forgets her."""

    def __init__(self, folder):
        contract = {file.stem: list(read_csv(file)[0]) for file in SAMPLE.glob("*.csv")}
        self.project = Project(folder, raw_data=folder / "raw")
        self.project.raw_data.mkdir()
        for name, rows in raw_rows().items():
            write_csv(self.project.raw_data / f"{name}.csv", rows, contract[name])
        self.serving = self.project.database.parent / "serving"
        assert self.run("build") == 0
        another_version(self.serving, "20260530T000000Z")
        (self.project.folder / "logs").mkdir(exist_ok=True)
        (self.project.folder / "logs" / "dbt.log.1").write_text("could not read ana.old@acme.example\n")
        # lines that a build cannot read, which it tolerates, and a table whose newest rows are Ana's
        with open(self.project.raw_data / "crm_contacts.csv", "ab") as file:
            file.write(b"c-x,acme,caf\xe9@acme.example,X,,,,\r\nc-y,acme,ana.old@acme.example\r\nc-z,too,many,,,,,,,,,,,,,x\r\n")
        run_log = self.project.database.parent / "runs.jsonl"
        run_log.write_text(run_log.read_text() + '{"reason": "Could not convert ana.old@acme.example"}\n{"reason": "ana.old@acme.exam')
        # what a killed run has left of a dashboard, beside the one that the build has written
        (self.project.database.parent / "dashboard" / "all.new").mkdir()
        (self.project.database.parent / "dashboard" / "all.new" / "index.html").write_text("Ana is C-Ana-Old, ana.old@acme.example")

    def run(self, command, person="", *options):
        """The exit code of a command."""
        with self.project.here(DBT_ENV_SECRET_PRIVACY_KEY=KEY, PERSON=person):
            return cli.run(command, list(options))

    def everywhere(self):
        """{(place, id)} of all tables and of all bytes but those of the raw files."""
        # the address of Joana holds that of Ana
        found = {hit for hit in files_with(self.project.folder, ANA - {"ana@acme.example"}) if hit[0].split("/")[0] not in EXCEPTED}
        for file in (self.project.database, *self.serving.glob("**/marts.duckdb")):
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
        "changes": query("select account_id, change_date, change_points from score_changes order by all"),
        "people_of_changes": query("select account_id, change_date, main_person_id from score_changes order by all"),
        "alerts": query("select * from score_alerts order by all"),
        "score": dict(query("select account_id, score from account_scores")),
        "people": dict(query("select person_id, score from contact_scores")),
    }


@pytest.fixture(scope="module")
def after(forgetting, before):
    """The command was killed before it built, and when it had published but not replaced the database; then it was run again."""
    for step in ("run_dbt", "rewrite"):
        with pytest.MonkeyPatch.context() as patch:
            def killed(*arguments, **options):
                raise KeyboardInterrupt
            patch.setattr(forget, step, killed)
            assert forgetting.run("forget", "ana.old@acme.example") == 1
    assert forgetting.run("forget", "ANA.old@acme.example") == 0
    return forgetting


def test_a_dry_run_shows_what_would_go_and_changes_nothing(forgetting, before, capsys):
    assert {"main.contact_scores", "main.score_ledger", "main.rejected_records", "logs/dbt.log.1"} <= {place.split(": ")[-1] for place in before["places"]}
    assert forgetting.run("forget", "C-Ana-Old", "--dry-run") == 0
    printed = capsys.readouterr().out
    assert f"Identifiers: {', '.join(sorted(ANA))}" in printed and "main.contact_scores" in printed
    assert forgetting.project.database.read_bytes() == before["database"]
    assert read_csv(forgetting.project.folder / "forgotten_people.csv") == []


SPELLINGS = ["ana@acme.com", "ANA@acme.com", "ana+webinar@acme.com", "Ana <ana+x@acme.com>", "mailto:ana@acme.com", "'ana@acme.com'", ".ana@acme.com"]
OTHERS = ["joana@acme.com", "d'ana@acme.com", "d’ana@acme.com", "ana@acme.company.com", "ana@beta.com", ""]


def test_a_forgotten_address_is_left_out_in_any_spelling(tmp_path):
    write_csv(tmp_path / "crm_accounts.csv", [{"account_id": "acme"}])
    write_csv(tmp_path / "crm_contacts.csv", [{"contact_id": "c1"}])
    write_csv(tmp_path / "email_events.csv", [
        {"event_id": f"e{number:02d}", "email": email, "event_type": "click", "occurred_at": "2026-05-01", "loaded_at": "2026-05-02"}
        for number, email in enumerate(SPELLINGS + OTHERS)
    ])
    forgotten = Forgotten(frozenset({privacy.keyed_hash(KEY, "ana@acme.com", "forget")}), KEY)
    with duckdb.connect() as connection:
        land(connection, str(tmp_path), forgotten=forgotten)
        found = connection.execute("select coalesce(email, '') from raw.email_events order by event_id").fetchall()
    assert [email for email, in found] == OTHERS


MAILBOX = ["known.person@gmail.com", "k.nown.person+x@googlemail.com", "Known <KnownPerson@Gmail.com>"]


@pytest.mark.parametrize("given", ["knownperson@googlemail.com", "known.person+never.seen@gmail.com", MAILBOX[1]])
def test_a_mailbox_is_forgotten_in_any_spelling(tmp_path, given):
    write_csv(tmp_path / "crm_accounts.csv", [{"account_id": "acme"}])
    write_csv(tmp_path / "crm_contacts.csv", [{"contact_id": "c1", "email": MAILBOX[0]}, {"contact_id": "c2", "email": "known.person@acme.com"}])
    write_csv(tmp_path / "email_events.csv", [
        {"event_id": f"e{number}", "email": email, "event_type": "click", "occurred_at": "2026-05-01"}
        for number, email in enumerate([*MAILBOX, "knownperson@acme.com"])
    ])
    with duckdb.connect() as connection:
        land(connection, str(tmp_path))
        person = forget.identify(connection, given)
        assert person.contact_ids == {"c1"} and "knownperson@gmail.com" in person.emails
        hashes = frozenset(privacy.keyed_hash(KEY, identifier, "forget") for identifier in person.identifiers)
        land(connection, str(tmp_path), forgotten=Forgotten(hashes, KEY))
        assert connection.execute("select email from raw.email_events union all select contact_id from raw.crm_contacts").fetchall() == [
            ("knownperson@acme.com",), ("c2",)
        ]


def test_who_is_forgotten_by_one_spelling_is_known_by_all(tmp_path):
    with duckdb.connect() as connection:
        create_raw_tables(connection, {"crm_contacts": [{"contact_id": "c1", "email": SPELLINGS[3], "loaded_at": "2026-05-02"}]})
        connection.execute("create schema intermediate; create table intermediate.int_addresses (email_text varchar, email varchar)")
        connection.executemany("insert into intermediate.int_addresses values (?, ?)", [
            *([spelling.lower(), "ana@acme.com"] for spelling in SPELLINGS), ["joana@acme.com", "joana@acme.com"],
        ])
        person = forget.identify(connection, "ana+webinar@acme.com")
    assert person.contact_ids == {"c1"} and person.emails == {spelling.lower() for spelling in SPELLINGS}


LONG, SHORT = "003A000001abcDEIAY", "003A000001abcDE"
GUID = "0f8fad5b-d9cb-469f-a165-70867728950e"


@pytest.mark.parametrize("of_contact, elsewhere", [
    (LONG, SHORT), (SHORT, LONG), ("9000", "9000.0"), ("9000.00", "9000"), (GUID.upper(), GUID), (GUID, f"{{{GUID.upper()}}}"),
])
@pytest.mark.parametrize("given", ["ana@acme.com", "of the contact", "elsewhere"])
def test_a_contact_id_is_forgotten_in_any_spelling(tmp_path, of_contact, elsewhere, given):
    """A build takes these spellings for one contact, too."""
    write_csv(tmp_path / "crm_accounts.csv", [{"account_id": "acme"}])
    write_csv(tmp_path / "crm_contacts.csv", [{"contact_id": of_contact, "email": "ana@acme.com"}, {"contact_id": f"x{of_contact}", "email": None}])
    write_csv(tmp_path / "crm_activities.csv", [
        {"activity_id": name, "contact_id": contact, "activity_type": "call", "occurred_at": "2026-05-01"}
        for name, contact in (("a1", elsewhere), ("a2", of_contact), ("a3", "x" + elsewhere.strip("{}")), ("a4", "0"))
    ])
    with open(tmp_path / "crm_activities.csv", "a") as file:
        file.write(f"too,few,{elsewhere}\n")
    with duckdb.connect() as connection:
        land(connection, str(tmp_path))
        person = forget.identify(connection, {"of the contact": of_contact, "elsewhere": elsewhere}.get(given, given))
        assert person.contact_ids == {privacy.id_key(of_contact)} and person.emails == {"ana@acme.com"}
        hashes = frozenset(privacy.keyed_hash(KEY, identifier, "forget") for identifier in person.identifiers)
        assert forget.places(connection, hashes, KEY).keys() == {
            "memory: raw.crm_contacts", "memory: raw.crm_activities", "memory: landing.unreadable_lines",
        }
        connection.execute(f"create table main.score_changes as select unnest(['{of_contact}', '{elsewhere}', 'c2']) as main_person_id")
        forget.clear_journals(connection, hashes, KEY)
        assert connection.execute("select main_person_id from score_changes where main_person_id is not null").fetchall() == [("c2",)]
        land(connection, str(tmp_path), forgotten=Forgotten(hashes, KEY))
        assert connection.execute("select contact_id from raw.crm_contacts").fetchall() == [(f"x{of_contact}",)]
        assert connection.execute("select activity_id from raw.crm_activities order by all").fetchall() == [("a3",), ("a4",)]
        assert forget.places(connection, hashes, KEY) == {}


def test_two_spellings_of_an_id_have_one_key_as_in_the_models():
    ids = [
        LONG, SHORT, "003A000001abcDE000", "003A000001abcDEiay", "003A000001abcDEIAX", "PERSONNUMBER000A01", f"{LONG}0", "9000", "9000.0",
        "9000.00", "9000.10", "a9000.0", ".0", "", "7.0\n", GUID, GUID.upper(), f"{{{GUID}}}", f"x{GUID}", GUID.replace("-", ""), GUID[:-1],
    ]
    with duckdb.connect() as connection:
        found = connection.execute(f"select {privacy.id_key_sql('id')} from (select unnest(?) as id)", [ids]).fetchall()
    assert [key for key, in found] == [privacy.id_key(text) for text in ids] == [spelled(text) for text in ids]
    assert privacy.id_key(LONG) == SHORT and privacy.id_key("PERSONNUMBER000A01") == "PERSONNUMBER000A01"


def test_tables_that_others_fill_are_searched_whatever_the_types_of_their_columns():
    wanted = {hashed(identifier, "forget") for identifier in ("12345678901", "ana@acme.com")}
    with duckdb.connect() as connection:
        connection.execute("create schema crm; create table crm.contact as select 12345678901::bigint as id, ['bob@acme.com', 'ana@acme.com'] as emails")
        connection.execute("create table of_a_build as select 12345678901::bigint as points")
        assert forget.places(connection, wanted, KEY, ["crm"]) == {"memory: crm.contact": 2}


def test_a_table_that_cannot_be_read_is_no_empty_table(monkeypatch):
    """A person whom it holds would be kept, and called forgotten."""
    def refuse(reader, sql):
        raise EngineError("Target postgres: permission denied for table contact")

    monkeypatch.setattr(forget, "rows_of", refuse)
    with duckdb.connect() as connection:
        create_raw_tables(connection, {"crm_contacts": [{"contact_id": "c1"}]})
        with pytest.raises(EngineError, match="permission denied"):
            forget.identify(connection, "ana@acme.com")


@pytest.fixture
def forget_alone(small_database, serving, tmp_path, monkeypatch):
    """Call it to forget nobody in a small project, without dbt."""
    for name in ("dbt_project.yml", "profiles.yml", "seeds"):
        (tmp_path / name).symlink_to(ROOT / name)
    monkeypatch.chdir(tmp_path)
    for name, folder in (("DBT_TARGET_PATH", "target"), ("DBT_LOG_PATH", "logs"), ("ENGAGEMENT_TMP", "tmp")):
        monkeypatch.setenv(name, str(tmp_path / folder))
    monkeypatch.delenv(paths.TARGET, raising=False)
    monkeypatch.setattr(forget, "run_dbt", lambda *arguments: "")
    return lambda: forget.forget(place(serving), set(), KEY, [])


def test_of_the_folders_that_dbt_uses_only_its_own_files_are_removed(forget_alone, tmp_path):
    """They may be shared with other programs."""
    written = {
        "logs/dbt.log", "logs/dbt.log.3", "target/run_results.json", "target/manifest.json", "target/run/engagement/models/a.sql",
        "target/what_if/compiled/engagement/a.sql", "target/lint/partial_parse.msgpack", "build/lint.duckdb", "build/what_if.duckdb",
    }
    others = {"logs/app.log", "target/data.csv", "target/run/lock.pid", "target/lint/report.txt"}
    for name in written | others:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    forget_alone()
    assert {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file() and not path.is_symlink()} == others | {"build/engagement.duckdb"}


KILLED = """
import sys, pathlib
from engagement.paths import WorkingFolder
with WorkingFolder("landing") as folder:
    pathlib.Path(folder, "rows.csv").write_text("ana@acme.example")
    print(flush=True)
    sys.stdin.read(1)
"""


@pytest.mark.parametrize("command", ["forget", "build"])
def test_what_killed_commands_leave_in_the_folder_for_temporary_files_is_removed(forget_alone, tmp_path, monkeypatch, command):
    """Copies of the data that others use at the moment stay, and so does what isn't ours."""
    left, other = (subprocess.Popen([sys.executable, "-c", KILLED], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) for _ in range(2))
    for process in (left, other):
        process.stdout.readline()
    folder = tmp_path / "tmp"
    (folder / "duckdb_temp_storage_DEFAULT-0.tmp").write_text("ana@acme.example")
    (folder / "landing-of-another-program").mkdir()
    left.kill()
    left.wait()
    if command == "forget":
        forget_alone()
    else:
        monkeypatch.setattr(build, "run_dbt", lambda *arguments, verbose: "no build")
        assert build.main([]) == paths.FAILED
    kept = {path.name for path in folder.iterdir()} - {"landing-of-another-program"}
    assert len(kept) == 1 and {path.name for path in folder.rglob("*.csv")} == {"rows.csv"}, kept
    other.communicate(b".")
    assert [path.name for path in folder.iterdir()] == ["landing-of-another-program"]


def test_journals_name_nobody_whatever_people_are_called(forgetting, before):
    """So no name can shield another one. They hold ids of people in columns of their own, which are masked."""
    found = 0
    words = {str(row[column]).strip().lower() for row in raw_rows()["crm_contacts"] for column in ("full_name", "email", "contact_id")}
    for file in forgetting.serving.glob("*Z/marts.duckdb"):
        with duckdb.connect(str(file), read_only=True) as connection:
            for journal in forget.JOURNALS:
                columns = [
                    column for column, kind, *_ in connection.execute(f"describe {journal}").fetchall()
                    if kind == "VARCHAR" and column not in forget.PERSON_COLUMNS
                ]
                texts = [str(text).lower() for row in connection.execute(f"select {', '.join(columns)} from {journal}").fetchall() for text in row]
                found += len(texts)
                assert not [(word, text) for word in words for text in texts if word in text], journal
    assert found > 20
    assert forgetting.project.query("select personal from runs.mart_columns where column_name = 'main_person_id'") == [("person_id",)]


def test_nobody_and_sales_owners_are_not_forgotten(forgetting, before, capsys):
    assert forgetting.run("forget", "nobody@acme.example") == 2
    assert "No person has the address or contact id nobody@acme.example" in capsys.readouterr().err
    assert forgetting.run("forget", "rep@seller.example") == 2
    assert "is the sales owner of 2 accounts" in capsys.readouterr().err
    # words of the data that are no contact
    for word in ("acme", "meeting_held", "v-shared", "53"):
        assert forgetting.run("forget", word) == 2
        assert f"No person has the address or contact id {word}." in capsys.readouterr().err
    assert read_csv(forgetting.project.folder / "forgotten_people.csv") == []


@pytest.mark.parametrize("setting, said", [
    ({"RAW_DATA": ""}, "the sample would replace the files that were loaded last"), ({"FORGOTTEN_PEOPLE": "typo.csv"}, "which does not exist"),
])
def test_nobody_is_forgotten_with_other_files_or_without_the_list(forgetting, before, capsys, setting, said):
    with forgetting.project.here(DBT_ENV_SECRET_PRIVACY_KEY=KEY, PERSON="bo@acme.example", **setting):
        assert cli.run("forget", []) == paths.BAD_USAGE
    assert said in capsys.readouterr().err
    assert forgetting.project.database.read_bytes() == before["database"] and not (forgetting.project.folder / "typo.csv").exists()


def test_a_sales_owner_who_is_a_contact_is_not_forgotten_by_its_id():
    with duckdb.connect() as connection:
        create_raw_tables(connection, {"crm_contacts": [{"contact_id": "own-1", "email": "rep@seller.example", "loaded_at": "2026-05-02"}]})
        connection.execute("create schema intermediate; create table intermediate.int_accounts as select 'a' as account_id, 'rep@seller.example' as owner_email")
        with pytest.raises(paths.BadUsage, match="rep@seller.example is the sales owner of 1 accounts"):
            forget.identify(connection, "own-1")


@pytest.mark.parametrize("is_masked, vendors, given, needed", [
    (True, [], None, "{mask_personal_data: true}"),
    (False, ["hubspot"], None, "{vendors: [hubspot]}"),
    (True, ["hubspot", "outreach"], "{vendors: [salesforce], crm: salesforce}",
     "{vendors: [hubspot, outreach, salesforce], crm: salesforce, mask_personal_data: true}"),
    (True, ["hubspot"], "{vendors: [hubspot], mask_personal_data: true}", None),
])
@pytest.mark.parametrize("is_published", [True, False])
def test_vars_that_would_unmask_people_or_lose_a_vendor_are_refused(
    small_database, serving, tmp_path, monkeypatch, capsys, is_masked, vendors, given, needed, is_published,
):
    """Forgetting builds everything again, so it needs the vars of the build before."""
    write_warehouse(small_database, 1, is_masked=is_masked)
    with duckdb.connect(str(small_database)) as connection:
        connection.execute("create schema landing; create table landing.contracts (source_table varchar, relation varchar)")
        connection.executemany(
            "insert into landing.contracts values (?, '')", [["crm_contacts"], *([f"{vendor}.contact"] for vendor in vendors)],
        )
    (tmp_path / "forgotten_people.csv").write_text(f"{','.join(privacy.LIST_COLUMNS)}\n")
    monkeypatch.setattr(forget, "refuse_the_sample", lambda reader: None)
    monkeypatch.setattr(forget, "identify", lambda *arguments: forget.Person({"ana@acme.example"}))
    monkeypatch.setattr(forget, "run_dbt", lambda *arguments: pytest.fail("dbt was started"))
    with environment(
        DBT_ENV_SECRET_PRIVACY_KEY=KEY, FORGOTTEN_PEOPLE=tmp_path / "forgotten_people.csv", PERSON="ana@acme.example", ENGAGEMENT_TMP=tmp_path / "tmp",
    ):
        if is_published:
            assert publish.main([]) == 0
            # a build that was killed leaves no record
            with duckdb.connect(str(small_database)) as connection:
                connection.execute("drop table runs.last_build")
        assert cli.run("forget", ["--vars", given] if given else []) == paths.BAD_USAGE
    said = capsys.readouterr().err
    assert (f"at least VARS='{needed}'." if needed else "No person has the address") in said, said
    assert read_csv(tmp_path / "forgotten_people.csv") == []


def test_no_trace_of_the_person_remains(after):
    """Forgetting does not wait for a source that is late now, nor for lines that nobody can read."""
    assert after.everywhere() == set()
    rows = read_csv(after.project.folder / "forgotten_people.csv")
    assert {row["identifier_hash"] for row in rows} == {hashed(word, "forget") for word in ANA}
    assert [file.name for file in after.serving.glob("*.duckdb") if file.is_symlink()] == ["marts.duckdb"]
    assert len(list(after.serving.iterdir())) == 2


def test_journals_and_other_people_are_still_there(after, before):
    query = after.project.query
    assert set(before["published"]) <= set(query("select * from published_scores"))
    assert query("select * from score_alerts order by all") == before["alerts"]
    assert set(before["changes"]) <= set(query("select account_id, change_date, change_points from score_changes"))
    assert {person for *_, person in before["people_of_changes"]} & ANA
    people = dict(query("select person_id, score from contact_scores"))
    assert people == {person: score for person, score in before["people"].items() if person not in ANA}
    score = dict(query("select account_id, score from account_scores"))
    assert score["acme"] < before["score"]["acme"] and score["beta"] == before["score"]["beta"]
    with duckdb.connect(str(after.serving / "marts.duckdb"), read_only=True) as published:
        assert published.execute("from contact_scores order by all").fetchall() == after.project.table("contact_scores")


def test_the_database_is_built_on_after_it_was_rewritten(after):
    """Views, journals and incremental tables are all there; the person does not come back, and may be forgotten again."""
    assert after.run("build") in (0, paths.LATE)
    assert after.everywhere() == set()
    assert after.run("forget", "ana@acme.example", "--dry-run") == 0


def test_a_build_in_which_the_forgotten_would_come_back_is_refused(after, capsys):
    """The list is lost, or was made with another key."""
    file = after.project.folder / "forgotten_people.csv"
    text = file.read_text()
    for spoil in (file.unlink, lambda: file.write_text(text.replace(hashed("", "key"), "0" * 64))):
        spoil()
        code = after.run("build")
        file.write_text(text)
        assert code == 1 and "forgotten people would come back" in " ".join("".join(capsys.readouterr()).split())


def test_no_secret_is_in_any_file(after, capsys):
    with environment(ALERT_WEBHOOK_URL=WEBHOOK):
        after.run("alerts", "", "--retries", "0", "--since", "2026-01-01")
    assert "Sent 0 of" in capsys.readouterr().out
    assert files_with(after.project.folder, [KEY, WEBHOOK.rsplit("/", 1)[-1]]) == set()
