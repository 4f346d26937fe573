"""Pages are short, lead on, and are true: their lists are complete, and their numbers are those of seeds, contract and code."""

import re

import pytest

from engagement.landing.contract import read_contract
from harness import ROOT, read_csv, read_yaml
from pages import PAGES, anchors, blocks, links, published_tables, table, tables, text_of, without_blocks

DECISIONS = ROOT / "docs" / "decisions"
# a single decision begins with its question, and the README with what the project is
PAGES_WITH_A_PROMISE = [page for page in PAGES if page != ROOT / "README.md" and (page.parent != DECISIONS or page.name == "README.md")]
LONGEST_SENTENCE = 30  # words


def of(page):
    return str(page.relative_to(ROOT))


def seed(name):
    return read_csv(next((ROOT / "seeds").rglob(f"{name}.csv")))


def sentences(text):
    """The sentences outside of blocks and tables; code, links and numbers are a word each."""
    prose = re.sub(r"^\|.*$", "", without_blocks(text), flags=re.MULTILINE)
    for paragraph in re.split(r"\n\s*\n|\n(?=\s*(?:[-*] |\d+\. |#))", prose):
        flat = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", re.sub(r"`[^`]*`", "code", re.sub(r"\s+", " ", paragraph)))
        if "·" not in flat:
            yield from re.split(r"(?<=[.!?:])\W*\s+", flat)


# how pages read

def test_the_readme_is_short():
    lines = text_of("README.md").splitlines()
    assert len(lines) <= 140 and [line for line in lines if len(line) > 100] == []


def test_the_readme_asks_in_the_order_of_a_first_reader():
    headings = re.findall(r"^## (.+)$", without_blocks(text_of("README.md")), re.MULTILINE)
    assert headings == [
        "Try it", "Why is Acme at 53?", "Use your own data", "Add a signal", "Find the mart for your question", "Every night", "Other engines",
        "How it is tested", "Licence",
    ]


@pytest.mark.parametrize("page", PAGES_WITH_A_PROMISE, ids=of)
def test_a_page_begins_with_what_its_reader_can_do_after_it(page):
    title, first = page.read_text().split("\n\n")[:2]
    assert title.startswith("# ") and first.startswith("After this page ")


@pytest.mark.parametrize("page", PAGES, ids=of)
def test_sentences_are_short(page):
    assert [sentence for sentence in sentences(page.read_text()) if len(sentence.split()) > LONGEST_SENTENCE] == []


# where pages lead

@pytest.mark.parametrize("page", [*PAGES, ROOT / "benchmarks" / "page.md"], ids=of)
def test_links_lead_to_a_file_and_a_heading(page):
    for link in links(page):
        target, _, anchor = link.partition("#")
        file = (page.parent / target).resolve() if target else page
        assert file.exists(), f"{of(page)} links to {link}, which does not exist"
        assert not anchor or file.suffix != ".md" or anchor in anchors(file), f"{of(page)} links to {link}: there is no such heading"


def test_every_page_is_in_the_list_of_pages():
    for index in (ROOT / "docs" / "README.md", DECISIONS / "README.md", ROOT / "docs" / "vendors" / "README.md"):
        linked = {(index.parent / link.partition("#")[0]).resolve() for link in links(index)}
        assert {page for page in index.parent.glob("*.md") if page != index} <= linked, of(index)


def test_pages_that_messages_and_comments_name_exist():
    files = [file for pattern in ("engagement/**/*.py", "models/**/*.yml", "macros/**/*.sql", "seeds/*.yml", "benchmarks/*", "sample/*.py", "Makefile")
             for file in ROOT.glob(pattern) if file.is_file()]
    named = {name for file in files for name in re.findall(r"\bdocs/[\w/-]+\.md", file.read_text(encoding="utf-8"))}
    assert len(named) > 5 and [name for name in named if not (ROOT / name).is_file()] == []


def test_commands_of_pages_exist():
    makefile = text_of("Makefile")
    targets = {*re.findall(r"^([\w-]+):.*##", makefile, re.MULTILINE), *re.search(r"^COMMANDS := (.+)$", makefile, re.MULTILINE).group(1).split()}
    commands = {*re.findall(r'^    "([\w-]+)": \("engagement', text_of("engagement/__main__.py"), re.MULTILINE)}
    for page in PAGES:
        if page.name == "CHANGELOG.md":
            continue  # has commands of the past
        text = page.read_text()
        code = "\n".join([*re.findall(r"`([^`]+)`", without_blocks(text)), *(block.text for block in blocks(page) if not block.language)])
        assert {*re.findall(r"^(?:[A-Z_]+=\S+ )*make ([a-z][\w-]*)", code, re.MULTILINE)} <= targets, of(page)
        assert {*re.findall(r"-m engagement ([a-z][\w-]*)", code)} <= commands, of(page)


# lists

def test_the_page_of_marts_lists_each_once_and_the_readme_ten_of_them():
    models, seeds = published_tables()
    listed = [name for rows in tables(text_of("docs/marts.md")) if rows[0][1] in ("mart", "table") for _, name, _ in rows[1:]]
    assert sorted(listed) == sorted(f"`{name}`" for name in models | seeds | {"scoring_rules", "publication"})
    rows = {name: grain for _, name, grain in table("README.md", "question")}
    assert len(rows) == 10 and set(rows) <= set(listed)
    for page in ("README.md", "docs/marts.md"):
        (count,) = set(re.findall(r"(\d+) marts\]|all (\d+) in one file", text_of(page).replace("\n", " ")))
        assert int("".join(count)) == len(models | seeds)


def test_the_page_of_rules_names_every_seed():
    rows = " ".join(cell for row in table("docs/rules.md", "to change") for cell in row)
    assert {file.name for file in ROOT.glob("seeds/*.csv")} <= set(re.findall(r"\w+\.csv", rows))


def test_pages_name_every_setting():
    code = "\n".join(file.read_text(encoding="utf-8") for file in [*ROOT.glob("engagement/**/*.py"), ROOT / "profiles.yml"])
    read = {*re.findall(r"""(?:environ\.get\(|environ\[|env_var\()["'](\w+)["']""", code), "DBT_ENV_SECRET_PRIVACY_KEY"}
    of_make = {"ACCOUNT", "PERSON"}  # given as NAME=... and PERSON=...
    pages = "\n".join(page.read_text() for page in PAGES)
    assert len(read) > 12 and [name for name in read - of_make if name not in pages] == []
    for name in ("ENGAGEMENT_DB", "ENGAGEMENT_SERVING", "ENGAGEMENT_DASHBOARD", "ENGAGEMENT_MEMORY", "ENGAGEMENT_TMP", "RAW_DATA", "FORGOTTEN_PEOPLE"):
        assert any(f"`{name}`" in row[0] for row in table("docs/operations.md", "setting")), name


def test_exit_codes_are_listed():
    from engagement import paths
    codes = {0, paths.FAILED, paths.BAD_USAGE, paths.LATE, paths.BUSY, paths.HELD}
    assert {int(row[0]) for row in table("docs/operations.md", "exit code")} == codes


def test_every_column_and_event_type_of_the_landing_contract_is_listed():
    rows = {name.rstrip(" *"): (name.endswith("*"), columns) for name, columns in table("docs/your-data.md", "table")}
    kinds = dict(table("docs/your-data.md", "table", 1))
    contract = {raw.name: raw for raw in read_contract()}
    assert set(rows) == set(contract)
    for name, (is_optional, columns) in rows.items():
        raw, listed = contract[name], re.sub(r"\([^)]*\)", "", columns)
        assert [column.strip("* ") for column in listed.split(",")] == [column.name for column in raw.columns], name
        assert re.findall(r"\*\*(\w+)\*\*", listed) == [column.name for column in raw.columns if column.is_required], name
        assert is_optional == raw.is_optional, name
        assert kinds.get(name, "").split(", ") == list(raw.event_types or [""]), name


def test_the_types_that_signals_ask_for_are_listed():
    """Of the tables whose types the landing contract leaves open."""
    rows = dict(table("docs/your-data.md", "table", 2))
    for name, channel in (("crm_activities", "sales"), ("product_events", "product")):
        wanted = {row["event_type"] for row in seed("signals") if row["channel"] == channel and row["event_type"]}
        assert set(rows[name].partition(";")[0].split(", ")) == wanted


def test_the_tables_that_have_to_be_on_time_are_listed():
    (said,) = re.findall(r"(\w+) tables have to be on time: ([^.]+)\.", " ".join(text_of("docs/operations.md").split()))
    on_time = [entry["name"] for entry in read_yaml(ROOT / "models/staging/_raw__sources.yml")["sources"][0]["tables"]
               if entry.get("config", {}).get("meta", {}).get("on_time")]
    assert (said[0], re.findall(r"`(\w+)`", said[1])) == ("Three", on_time)


def test_the_words_of_explanations_are_listed():
    sql = text_of("models/marts/accounts/score_changes.sql")
    words = {*re.findall(r"\('\w+_points', '([^']+)'", sql), *re.findall(r"'(above the cap of a signal) '", sql)} - {"opening balance"}
    listed = {word for row in table("docs/read-a-score.md", "words") for word in row[0].split(", ")}
    assert len(words) == 11 and words <= listed


# numbers of seeds and vars

def test_bands_and_points_of_pages_are_those_of_the_seeds():
    bands = {row["band"]: row["min_score"] for row in seed("score_bands")}
    assert dict(table("docs/read-a-score.md", "band")) == bands
    assert f"Warm begins at {bands['Warm']}, Hot at {bands['Hot']} and Very Hot at {bands['Very Hot']}." in text_of("README.md").replace("\n", " ")
    (decayed,) = [row for row in seed("scoring_models") if row["is_primary"] == "true"]
    text = " ".join(text_of("README.md").split())
    assert f"full points for {decayed['full_value_days']} days. Then they halve every {decayed['half_life_days']} days" in text
    assert f"after {decayed['lookback_days']} days it no longer counts" in text and f"each adds {decayed['breadth_points']}." in text
    tiers = {row["signal_tier"]: row["points"] for row in seed("signal_tiers")}
    assert "A demo request is worth {1} points. A click, a product page and a webinar are worth {2}, an open {3}.".format("", *tiers.values()) in text


def test_alert_rules_are_listed():
    rows = [
        [f"`{row['alert']}`", row["notify_role"], row["kind"], row["threshold"], row["window_days"] or ""]
        for row in seed("alert_rules") if row["is_active"] == "true"
    ]
    assert [[name, role.partition(" (")[0], *rest] for name, role, *rest in table("docs/alerts.md", "alert")] == rows


@pytest.mark.parametrize("pattern, name, extra", [
    (r"About (\d+) words are shipped", "event_words", 0), (r"zero GUIDs and about (\d+) more", "placeholders", 5),
    (r"`noreply` and about (\d+) more", "role_mailboxes", 3), (r"([\d,]+) public suffixes", "public_suffixes", 0),
    (r"([\d,]+) free-mail domains", "free_mail_domains", 0),
])
def test_sizes_of_seeds_are_about_right(pattern, name, extra):
    (said,) = re.findall(pattern, text_of("docs/your-data.md").replace("\n", " "))
    assert int(said.replace(",", "")) == pytest.approx(len(seed(name)) - extra, rel=0.1)


def test_defaults_of_vars_in_pages_are_those_of_the_project():
    """A page that says "(var `x`, 7 as shipped)" or "20 accounts (var `x`)"."""
    given = read_yaml(ROOT / "dbt_project.yml")["vars"]
    for page, name, said in (
        ("operations", "freshness_error_days", "more than 7 days behind"), ("read-a-score", "journal_days", "the first build begins, 30 days ago"),
        ("alerts", "alert_days", "last 7 days"), ("measurement", "measurement_min_accounts", "needs 20 accounts"),
        ("measurement", "measurement_min_conversions", "5 accounts that"), ("rules", "scanner_delivery_seconds", "within 20 seconds"),
        ("rules", "scanner_burst_seconds", "within 10 seconds"), ("marts", "timeline_days", "last 180 days"), ("marts", "history_days", "400 days back"),
        ("measurement", "outcome_horizon_days", "within 90 days"), ("when-something-breaks", "most_years_ahead", "more than 5 years"),
    ):
        text = " ".join(text_of(f"docs/{page}.md").split())
        assert said in text and re.search(r"\d+", said).group() == str(given[name]), (page, name)


def test_the_answer_about_deals_is_that_of_the_tables_below_it():
    """Other tests compare these tables with the sample."""
    text = " ".join(text_of("docs/measurement.md").split())
    (auc, low, high), = [
        (round(100 * float(row[4])), *(round(100 * float(bound)) for bound in row[5].split(" to ")))
        for row in table("docs/measurement.md", "scoring model") if row[:2] == ["decayed", "opportunity_created"]
    ]
    assert f"higher score {auc} times in 100. The 95 % interval is {low} to {high}" in text
    rates = {row[0]: float(row[4]) for row in table("docs/measurement.md", "band") if len(row) == 9}
    assert 2.25 < rates["Very Hot"] / rates["Cold"] < 2.75 and "two and a half times as often" in text
