"""What is written, where, and what keeps it from being written; without a browser."""

import hashlib
import json
import re
import shutil
import stat

import duckdb
import pytest

from engagement import __main__ as cli
from engagement import build, forget, publish, warehouse
from engagement.dashboard import folder as folders
from engagement.dashboard import queries
from engagement.dashboard.folder import forget_dashboards, name_of, write_dashboard
from engagement.dashboard.site import ACCOUNTS_PER_BUCKET, ASSETS, VENDOR, fnv1a, plain, script, table
from engagement.paths import BadUsage, CommandError
from engagement.warehouse.duckdb_file import DuckDBFile
from harness import ROOT, SAMPLE, environment, read_csv
from marts_files import changed, only
from small_warehouse import place, write_warehouse

# what the packages d3 7.9.2, @observablehq/plot 0.6.17 and axe-core 4.14.1 hold
VENDORED = {
    VENDOR / "d3.min.js": "912111098ea99503a6f4967361d2bbdc9dbf58cf9c678c8e27e5b02d1a07f0c1",
    VENDOR / "plot.min.js": "4358086467740777dd788d6b27a95cebdbaefdd50c730a3060117073bd7134cb",
    ROOT / "tests" / "dashboard" / "vendor" / "axe.min.js": "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c",
}


def data(file):
    """What a data script holds."""
    name, value = re.fullmatch(r'DATA\["([^"]+)"\]=(.*);\n', file.read_text(), re.DOTALL).groups()
    return name, json.loads(value)


def texts(site):
    return {str(file.relative_to(site)): file.read_text() for file in site.rglob("*") if file.is_file()}


# what it is made of

def test_vendored_files_are_unchanged_and_come_with_their_licence():
    for file, expected in VENDORED.items():
        assert hashlib.sha256(file.read_bytes()).hexdigest() == expected, file.name
        assert len((file.parent / f"{file.name.split('.')[0]}.LICENSE").read_text()) > 500
    assert {file for file in VENDOR.glob("*.js")} == {file for file in VENDORED if file.parent == VENDOR}


def test_nothing_can_become_markup_and_nothing_is_fetched():
    for file in [*ASSETS.glob("*.js"), ASSETS / "page.html"]:
        source = file.read_text()
        assert not re.search(r"innerHTML|outerHTML|insertAdjacent|document\.write|\beval\b|new Function|fetch\(|XMLHttpRequest|import\(|localStorage|cookie", source), file.name
        assert not re.search(r"https?://(?!www\.w3\.org/)", source), file.name
    assert "unsafe" not in (ASSETS / "page.html").read_text()


def test_queries_use_nothing_that_only_duckdb_has():
    every = [*queries.every_page(), *queries.accounts_page(None), *queries.today_page(None), *queries.account_page(), *queries.review_page(), *queries.health_page()]
    assert len(every) > 40
    for query in every:
        assert not re.search(r"\bqualify\b|::|\bgroup by all\b|\bdate '|\bfilter\b|\blist\b|\bstring_agg\b|\bselect \*", query.sql, re.IGNORECASE), query.name


def test_every_query_is_ordered_completely(serving, site, write, marts, tmp_path):
    """The same rows in any other order give the same bytes."""
    names = [name for name, in marts("select table_name from duckdb_tables() where schema_name = 'main' and database_name = current_database()")]
    shuffled = changed(serving / "marts.duckdb", tmp_path / "shuffled", *(
        f"create or replace table {name} as select * from {name} order by hash(rowid)" for name in names
    ))
    before, after = texts(site), texts(write(shuffled))
    assert [name for name in before if before[name] != after[name]] == []


def test_values_are_written_as_javascript():
    hostile = "</script>\u2028\u2029'\"\\<!--"
    assert json.loads(script([hostile])) == [hostile] and not re.search("[<\u2028\u2029]", script(hostile))
    assert table(["a", "b"], iter([("x", 1), ("x", 2), ("x", None), (None, 3)])) == {"a": {"values": ["x", None], "codes": [0, 0, 0, 1]}, "b": [1, 2, None, 3]}
    assert table(["a"], iter([])) == {"a": []}
    with pytest.raises(TypeError):
        plain(object())
    # the published test vectors of FNV-1a
    assert [fnv1a(text) for text in ("", "a", "foobar")] == [0x811C9DC5, 0xE40C292C, 0xBF9CF968]


# what is written

def test_every_file_says_which_publication_it_is_of(site, marts):
    version, = marts("select version from publication")[0]
    found = texts(site)
    assert {"index.html", "today.html", "account.html", "review.html", "health.html"} <= set(found)
    for name, text in found.items():
        assert version in text[:3000] or name.startswith("vendor/"), name
    bands = data(site / "data" / "publication.js")[1]["bands"]
    assert bands["min_score"] == [row[0] for row in marts("select min_score from score_bands order by sort_order")]


def test_each_account_is_in_the_bucket_of_its_id_with_the_rows_of_the_marts(site, marts):
    accounts = marts("select account_id, score from account_scores union all select account_id, null from account_handoffs")
    publication = data(site / "data" / "publication.js")[1]
    assert publication["buckets"] == -(-len(accounts) // ACCOUNTS_PER_BUCKET)
    buckets = {name: content for name, content in map(data, (site / "data" / "accounts").iterdir())}
    assert len(buckets) == publication["buckets"]
    seen = 0
    for account_id, score in accounts:
        bucket = buckets[f"accounts/{fnv1a(account_id) % publication['buckets']}"]
        details = dict(bucket["accounts"])[account_id]
        seen += 1
        if score is not None:
            (row,) = details["score"]
            assert row[bucket["columns"]["score"].index("score")] == score
    assert seen == sum(len(bucket["accounts"]) for bucket in buckets.values())
    # change points give back the score of any day
    history = dict(dict(buckets[f"accounts/{fnv1a('A000139') % publication['buckets']}"]["accounts"])["A000139"])["history"]
    days = marts("select cast(score_date as varchar), score from account_score_history where account_id = 'A000139' and scoring_model = 'decayed' order by 1")
    assert len(history) < len(days)
    for day, score in days:
        assert [value for on, value in history if on <= day][-1] == score


def test_an_owners_site_has_only_that_owners_accounts(serving, site, write, marts):
    own = write(serving, " Rep1@seller.example")
    found = texts(own)
    assert {"review.html", "health.html", "data/review.js", "data/health.js"}.isdisjoint(found)
    ids = {account for account, in marts("select account_id from account_scores where owner_email = 'rep1@seller.example'")}
    assert set(data(own / "data" / "accounts.js")[1]["scores"]["account_id"]) == ids
    others = marts("""
        select account_name from account_scores where owner_email <> 'rep1@seller.example'
            and account_name not in (select account_name from account_scores where owner_email = 'rep1@seller.example')
    """) + marts(f"select distinct person_id from contact_scores where account_id not in ({', '.join(map(repr, ids))})")
    whole = "\n".join(text for name, text in found.items() if name.startswith("data/"))
    assert [name for name, in others if f'"{name}"' in whole] == []
    assert (own.parent / "owner-rep1@seller.example").is_symlink() and 'href="review.html"' not in found["index.html"]
    with pytest.raises(BadUsage, match=r"^No account has the owner rep1@seler\.example\. Owners: rep1@seller\.example, "):
        write(serving, "rep1@seler.example")


def test_an_owners_site_names_no_other_account_of_a_group(serving, write, tmp_path, marts):
    member, hottest, parent = marts("""
        select account_id, hottest_account_id, top_parent_account_id from account_scores join account_group_scores using (top_parent_account_id)
        where account_id not in (hottest_account_id, top_parent_account_id) order by account_id limit 1
    """)[0]
    owned = "update account_scores set owner_email = '{}' where account_id = '{}'"
    for theirs, has_name in [("them@seller.example", False), ("me@seller.example", True)]:
        folder = changed(
            serving / "marts.duckdb", tmp_path / theirs, owned.format("me@seller.example", member), owned.format(theirs, hottest), owned.format(theirs, parent),
        )
        for owner, is_named in [("me@seller.example", has_name), (None, True)]:
            site = write(folder, owner)
            bucket = data(site / "data" / "accounts" / f"{fnv1a(member) % data(site / 'data' / 'publication.js')[1]['buckets']}.js")[1]
            group = dict(zip(bucket["columns"]["group"], dict(bucket["accounts"])[member]["group"][0]))
            assert group["account_count"] > 1 and group["max_score"] is not None
            assert [group[column] is not None for column in ("parent_name", "hottest_account_id", "hottest_account_name")] == [is_named] * 3, (theirs, owner)


def test_names_of_owners_cannot_leave_the_folder():
    names = [name_of(owner) for owner in ("a/b", "a-b", "../x", "", ".", "all", "ä", "x" * 300, "a\x00b")]
    assert len(set(names)) == len(names) and all(re.fullmatch(r"owner-[A-Za-z0-9@.-]*", name) for name in names)
    assert name_of(None) == "all"


def test_masked_marts_give_a_masked_site(built_sample, tmp_path, write):
    people = read_csv(SAMPLE / "crm_contacts.csv")
    secrets = {row[column] for row in people for column in ("full_name", "email", "contact_id", "job_title")} - {None}
    owners = {row["owner_email"] for row in read_csv(SAMPLE / "crm_accounts.csv")} - {None}
    database = tmp_path / "build" / "engagement.duckdb"
    database.parent.mkdir()
    shutil.copyfile(built_sample.database, database)
    with duckdb.connect(str(database)) as connection:
        connection.execute("update runs.last_build set masks_personal_data = true")
    with environment(ENGAGEMENT_DB=database, ENGAGEMENT_SERVING=tmp_path / "serving", DBT_ENV_SECRET_PRIVACY_KEY="a key that no file may hold, 0123456789"):
        assert publish.main([]) == 0
    written = "\n".join(text for name, text in texts(write(tmp_path / "serving")).items() if name.startswith("data/"))
    assert "masked-" in written and '"is_masked":true' in written
    # a name or title may be a word of its own, such as a campaign: values are compared whole
    values = set(re.findall(r'"((?:[^"\\]|\\.)*)"', written))
    assert values & (secrets | owners) == set()
    assert not any(secret in written for secret in secrets if "@" in secret)


# where it is written

def test_a_new_folder_takes_the_place_of_the_old_one(serving, tmp_path):
    folder = tmp_path / "dashboard"
    for _ in range(2):
        page, _ = write_dashboard(place(serving), folder)
        (link, version) = sorted(path.name for path in folder.iterdir())
        assert link == "all" and page == folder / "all" / "index.html" and page.is_file() and (folder / "all").readlink().name == version
        assert stat.S_IMODE(folder.stat().st_mode) == stat.S_IMODE((folder / version).stat().st_mode) == 0o700
    # a killed run leaves a folder half written
    (folder / "all.new").mkdir()
    (folder / "all.new" / "half").write_text("")
    write_dashboard(place(serving), folder)
    assert len(list(folder.iterdir())) == 2
    (folder / "all").unlink()
    (folder / "all").mkdir()
    with pytest.raises(CommandError, match="is not a link"):
        write_dashboard(place(serving), folder)
    moved = tmp_path / "moved"
    shutil.copytree(folder / "all_mine" if (folder / "all_mine").exists() else page.parent, moved, dirs_exist_ok=True)


def test_a_dashboard_that_cannot_be_written_leaves_the_old_one(serving, tmp_path, monkeypatch):
    folder = tmp_path / "dashboard"
    page, _ = write_dashboard(place(serving), folder)
    before = page.read_text()
    with monkeypatch.context() as patched:
        patched.setattr(folders.Site, "write", lambda self: (_ for _ in ()).throw(OSError(28, "No space left on device")))
        with pytest.raises(CommandError, match="No space left on device"):
            write_dashboard(place(serving), folder)
    assert len(list(folder.iterdir())) == 2
    broken = changed(serving / "marts.duckdb", tmp_path / "broken", "drop table sales_queue")
    with pytest.raises(CommandError, match="lacks tables of this version"):
        write_dashboard(place(broken), folder)
    assert page.read_text() == before
    with pytest.raises(CommandError, match="Nothing is published"):
        write_dashboard(place(tmp_path / "nothing"), folder)


def test_a_failed_dashboard_never_blocks_a_publication(small_database, serving_of_small, monkeypatch, capsys):
    numbers = iter((2, 3))
    monkeypatch.setattr(build, "run_dbt", lambda *arguments, verbose=False: write_warehouse(small_database, next(numbers)) or "")
    assert build.main([]) == 0
    output = capsys.readouterr()
    assert "Published version" in output.out and "Dashboard:" not in output.out
    assert "Published, but the dashboard was not written:" in output.err
    assert build.main(["--no-dashboard"]) == 0 and "dashboard" not in capsys.readouterr().err


@pytest.fixture
def serving_of_small(small_database, monkeypatch):
    monkeypatch.delenv("ENGAGEMENT_DASHBOARD", raising=False)
    return small_database.parent / "serving"


def test_the_command_says_what_it_wrote_and_make_build_calls_it(serving, tmp_path, marts, monkeypatch, capsys):
    monkeypatch.setenv("ENGAGEMENT_DB", str(tmp_path / "engagement.duckdb"))
    monkeypatch.setenv("ENGAGEMENT_SERVING", str(serving))
    monkeypatch.delenv("ENGAGEMENT_DASHBOARD", raising=False)
    assert cli.main(["dashboard"]) == 0
    page = tmp_path / "dashboard" / "all" / "index.html"
    accounts, = marts("select (select count(*) from account_scores) + (select count(*) from account_handoffs)")[0]
    assert re.fullmatch(rf"Dashboard of version \w+: {re.escape(str(page))} \({accounts} accounts, \d+\.\d MB, \d+\.\d s\)\n", capsys.readouterr().out)
    run = {}
    build.show_dashboard(warehouse.current(), run)
    assert run == {"dashboard": str(page)}
    done = {"status": "published", "version": "1", "seconds": 2}
    assert build.summary(done | run, place(serving)) == f"Published version 1: {serving}/marts.duckdb. Dashboard: {page}. 2 s."
    assert cli.main(["dashboard", "--owner", "nobody"]) == 2
    with pytest.raises(SystemExit, match="2"):
        cli.main(["dashboard", "--owner", " "])


def test_forgetting_somebody_rewrites_the_dashboard_and_removes_those_of_owners(serving, tmp_path, marts, capsys):
    folder = tmp_path / "dashboard"
    forget_dashboards(place(serving), folder)
    assert not folder.exists()
    write_dashboard(place(serving), folder)
    write_dashboard(place(serving), folder, "rep1@seller.example")
    (folder / "mine").symlink_to("elsewhere")
    # what a killed run has left
    shutil.copytree(folder / "all", folder / "owner-rep2@seller.example.new")
    # the marts without the person are what is published next
    name, = marts("select full_name from contact_scores where account_id = 'acme' order by contact_rank limit 1")[0]
    without = changed(serving / "marts.duckdb", tmp_path / "without", *(
        f"update {mart} set {column} = null where {column} = '{name}'" for mart, column in
        [("contact_scores", "full_name"), ("score_ledger", "person_name"), ("account_timeline", "person_name"), ("sales_queue", "contact_name")]
    ))
    assert any(name in text for text in texts(folder).values())
    forget_dashboards(place(without), folder)
    assert not any(name in text for text in texts(folder).values())
    assert sorted(path.name for path in folder.iterdir() if path.is_symlink()) == ["all", "mine"]
    assert not (folder / "owner-rep2@seller.example.new").exists()
    (folder / "mine").unlink()
    assert "Removed" in capsys.readouterr().err
    # a dashboard that cannot be written again is gone, and the person with it; forgetting goes on
    forget_dashboards(place(tmp_path / "nothing"), folder)
    assert list(folder.iterdir()) == [] and "Write it with `make dashboard`" in capsys.readouterr().err


def test_the_command_that_forgets_rewrites_the_dashboard(small_database, monkeypatch):
    """It does so after the marts without the person are published."""
    called = []
    monkeypatch.setattr(forget, "run_dbt", lambda *arguments: "")
    monkeypatch.setattr(DuckDBFile, "publish", lambda *arguments, **options: called.append("publish"))
    monkeypatch.setattr(forget, "forget_dashboards", lambda *arguments: called.append("dashboards"))
    for name in ("clear_journals", "rewrite"):
        monkeypatch.setattr(forget, name, lambda *arguments: None)
    monkeypatch.setenv("DBT_TARGET_PATH", str(small_database.parent / "target"))
    monkeypatch.setenv("DBT_LOG_PATH", str(small_database.parent / "logs"))
    # in the project itself
    monkeypatch.setattr(forget, "MAKEFILES_DATABASES", ())
    serving = small_database.parent / "serving"
    serving.mkdir()
    (serving / "marts.duckdb").symlink_to("version/marts.duckdb")
    forget.forget(place(serving), set(), "key", [])
    assert called == ["publish", "dashboards"]


def test_marts_without_accounts_give_a_site(serving, tmp_path):
    page, written = write_dashboard(place(only(serving / "marts.duckdb", tmp_path / "none")), tmp_path / "dashboard")
    assert written.accounts == 0 and page.is_file()
