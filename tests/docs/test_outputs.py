"""Blocks of output and results of queries in pages are those of commands that were run on the sample."""

import json
import os
import re
import shutil
import subprocess
import sys

import duckdb
import pytest

from engagement.paths import BadUsage
from engagement.privacy import KEY_VARIABLE, privacy_key
from harness import ROOT, Project, SeedsFolder
from landing_values import typed
from pages import PAGES, assert_queries_give_their_tables, blocks, missing, output, table, text_of

# all blocks of output by how they begin, and the tests elsewhere that compare them
OUTPUTS = {
    "README.md": ["Source", "Points  For", "seeds/signals.csv"],
    "docs/alerts.md": ["Day         For", "Sent 3 of 4 new alerts"],  # the last one is of a receiver with other alerts: test_send_alerts
    "docs/crm.md": ["Account", "Not written: Blue Labs"],  # the last one is of a server with ids of HubSpot: test_sync
    "docs/operations.md": ["Built "],
    "docs/package.md": ["05:45:47  Completed successfully", "┌───"],  # a package is built in test_package
    "docs/privacy.md": ["Not published.", "Found: email"],
    "docs/rules.md": ["seeds/scoring_models.csv", "Rules changed", "Built "],  # test_what_if, test_rule_changes
    "docs/when-something-breaks.md": ["The raw data in raw", "Not published. dbt did not succeed"],  # the last one is of a broken rule: test_build_command
    "docs/your-data.md": ["Look at:", "To fix:", "Table", "Source", "Rows of segment"],  # the last one is of vendors: test_vendor_tables
}
# what is no output: commands, rows to add, names of files, and how data flow
WRITTEN = re.compile(r"(?:[A-Z_]+=\S+ )*(?:make|cp|export|flock|dbt|python3) |\.venv/bin/|PYTHONPATH=|raw files -> |data/|[\w ]+,[\w ,]+$", re.MULTILINE)


class Published:
    """The project's sample, built and published as a first-time reader does it."""

    def __init__(self, folder):
        self.project = Project(folder)
        self.folder = self.project.folder
        (self.folder / "sample").symlink_to(ROOT / "sample")
        self.built = self.run("build")

    def run(self, command, *options, **settings):
        """What a command prints."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("ENGAGEMENT_", "RAW_DATA", "FORGOTTEN_", "ALERT_", "DBT_"))}
        with self.project.here():
            done = subprocess.run(
                [sys.executable, "-m", "engagement", command, *options], text=True, capture_output=True, check=False, env=kept | settings,
            )
        return done.stdout + done.stderr

    def marts(self):
        return duckdb.connect(str(self.folder / "build" / "serving" / "marts.duckdb"), read_only=True)


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    return Published(tmp_path_factory.mktemp("published"))


def test_every_block_of_output_is_listed():
    """A new one is compared by a test, and added to the list."""
    for page in PAGES:
        name = str(page.relative_to(ROOT))
        if name == "docs/engines.md" or page.parent.name == "vendors":
            continue
        for block in blocks(page):
            if not block.language and not WRITTEN.match(block.text):
                assert block.text.startswith(tuple(OUTPUTS.get(name, []))), (name, block.lines[0])


# the sample

def test_a_build_is_shown(published):
    assert missing(output("README.md", "Source"), published.built) == []
    assert missing(output("docs/operations.md", "Built "), published.built) == []


def test_the_readme_explains_an_account(published):
    assert missing(output("README.md", "Points  For"), published.run("account", "acme")) == []


def test_pages_show_what_queries_give(published):
    with published.marts() as marts:
        asked = {page.name: assert_queries_give_their_tables(page, marts) for page in PAGES if page.parent.name == "docs" and page.name != "engines.md"}
    assert asked["read-a-score.md"] == 4 and asked["marts.md"] == 1


def test_the_sum_of_a_score_is_worked_out_by_hand():
    *parts, (_, total) = table("docs/read-a-score.md", "what")
    assert sum(int(points) for _, points in parts) == int(total) == 53
    assert f"{53 * 0.5 ** (15 / 30):.2f}" == "37.48" and "53 x 0.5^(15/30) = 37.48" in " ".join(text_of("docs/read-a-score.md").split())


def test_alerts_are_shown(published):
    assert missing(output("docs/alerts.md", "Day         For"), published.run("alerts", "--dry-run", "--allow-sample")) == []


def test_updates_of_the_crm_are_shown(published):
    assert missing(output("docs/crm.md", "Account"), published.run("sync", "--to", "csv", "--rows", "3")) == []


def test_the_line_in_the_terminal_asks_the_marts(published):
    (block,) = [block for block in blocks(ROOT / "docs" / "bi.md") if block.text.startswith(".venv/bin/python -c")]
    (code,) = re.findall(r'-c "(.*)"', block.text)
    done = subprocess.run([sys.executable, "-c", code], cwd=published.folder, text=True, capture_output=True, check=True)
    assert "Harbor Labs" in done.stdout


def test_the_run_log_has_what_the_page_shows(published):
    (shown,) = [json.loads(block.text) for block in blocks(ROOT / "docs" / "operations.md") if block.language == "json"]
    written = json.loads((published.folder / "build" / "runs.jsonl").read_text().splitlines()[0])
    steady = ("dbt_options", "reason", "marts", "as_of_date", "days_late", "too_late", "rejected_rows", "new_alerts", "status", "exit_code")
    assert list(shown) == list(written)
    assert {name: shown[name] for name in steady} == {name: written[name] for name in steady}


def test_a_package_gives_the_same_scores(published):
    rows = re.findall(r"^│ (\S[^│]*?) +│ +(\d+) │ (\S[^│]*?) +│ (\S[^│]*?) +│$", text_of("docs/package.md"), re.MULTILINE)
    with published.marts() as marts:
        best = marts.execute("select account_name, score, band, next_action from account_scores order by score desc limit 5").fetchall()
    assert [(name, int(score), band, action) for name, score, band, action in rows] == best


def test_messages_about_personal_data_are_shown(published, monkeypatch):
    assert missing(output("docs/privacy.md", "Found: email"), published.run("forget", "ana@acme.example", "--dry-run", **{KEY_VARIABLE: "k" * 32})) == []
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    with pytest.raises(BadUsage) as refusal:
        privacy_key()
    assert missing(output("docs/privacy.md", "Not published."), f"Not published. {refusal.value}") == []


# rules

def checked(folder):
    """What the check says of a folder of seeds."""
    return subprocess.run([sys.executable, "-m", "engagement", "seeds", str(folder)], cwd=ROOT, text=True, capture_output=True, check=False)


def test_the_signal_to_add_is_accepted_and_its_mistake_is_named(tmp_path):
    (row,) = [block.text for block in blocks(ROOT / "README.md") if block.text.startswith("story,")]
    seeds = SeedsFolder(tmp_path)
    shipped = seeds.file("signals").read_text(encoding="utf-8")
    seeds.file("signals").write_text(shipped + row, encoding="utf-8")
    assert checked(seeds.folder).returncode == 0
    seeds.file("signals").write_text(shipped + row.replace("page_view", "pageview"), encoding="utf-8")
    done = checked(seeds.folder)
    assert done.returncode == 1 and missing(output("README.md", "seeds/signals.csv"), done.stdout + done.stderr) == []


def test_mistakes_in_seeds_are_named(tmp_path):
    seeds = SeedsFolder(tmp_path)
    models, signals = (seeds.file(name).read_text(encoding="utf-8") for name in ("scoring_models", "signals"))
    seeds.file("scoring_models").write_text(models.replace("decayed,true,exponential,30,30,180,", "decayed,true,exponential,30,30,1.800,"))
    first, second, third, *others = signals.splitlines(keepends=True)
    assert second.startswith("pricing_page,") and third.startswith("product_page,")
    seeds.file("signals").write_text("".join([first, second.replace(",1,,web", ',1,"2,5",web'), third.replace("page_view", "pageview"), *others]))
    done = checked(seeds.folder)
    assert missing(output("docs/rules.md", "seeds/scoring_models.csv"), done.stdout + done.stderr) == []


# your own data

def test_exports_become_scores_step_by_step(tmp_path, published):
    """Every step of the page, with its files."""
    page, exports = "docs/your-data.md", tmp_path / "exports"
    shutil.copytree(ROOT / "sample" / "exports", exports)

    def run(command, *options, **settings):
        """From the folder that holds the exports; paths are then those of the page."""
        return subprocess.run(
            [sys.executable, "-m", "engagement", command, *options], cwd=tmp_path, text=True, capture_output=True, check=False,
            env=os.environ | {"PYTHONPATH": str(ROOT), "ENGAGEMENT_DB": str(tmp_path / "db" / "engagement.duckdb"), "ENGAGEMENT_TMP": str(tmp_path / "tmp"),
                              "DBT_TARGET_PATH": str(tmp_path / "target"), "DBT_LOG_PATH": str(tmp_path / "logs")} | settings,
        ).stdout

    def assert_shown(begins, printed):
        assert missing(output(page, begins), printed.replace(f"{tmp_path}/", "")) == []

    (tmp_path / "db").mkdir()
    assert_shown("Look at:\n  - attendees.csv", run("check", "exports"))
    run("check", "exports", "--write")
    settings = (exports / "landing.yml").read_text()
    (shown,) = [block.text for block in blocks(ROOT / page) if block.language == "yaml" and block.text.startswith("content_events:")]
    assert settings.split("\n", 2)[2].startswith(shown.partition("    ...")[0])
    assert_shown("To fix:", run("check", "exports"))
    (exports / "landing.yml").write_text(settings.replace("content_events:\n", "content_events:\n  dates: month_first\n"))
    assert_shown("Table              Files", run("check", "exports"))
    # dbt runs in the project's folder, and paths are still those of the folder one is in
    assert_shown("Source             Rows", run("build", "--no-dashboard", "--vars", "{as_of_date: 2026-05-31}", RAW_DATA="exports"))
    assert {path.name for path in tmp_path.iterdir()} == {"exports", "db", "target", "logs", "tmp"}


@pytest.mark.parametrize("name, data_type", [("time", "timestamp"), ("number", "number"), ("whole number", "integer"), ("true or false", "boolean")])
def test_values_that_are_read_are_read(name, data_type):
    """Every example of the table."""
    (examples,) = [re.findall(r"`([^`]+)`", row[1]) for row in table("docs/your-data.md", "type") if row[0] == name]
    assert len(examples) >= 4 and None not in typed(data_type, *examples)


def test_files_that_are_refused_get_their_message(tmp_path):
    raw = tmp_path / "raw"
    raw.mkdir()
    (raw / "web_event.csv").write_text("a\n1\n")
    (raw / "crm_contacts.csv").write_text("contact_id\n1\n")
    code = "import duckdb; from engagement.landing import land; land(duckdb.connect(), 'raw')"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, text=True, capture_output=True, check=False, env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    said = done.stderr.replace("engagement.landing.files.LandingError: ", "")
    assert missing(output("docs/when-something-breaks.md", "The raw data in raw"), said) == []
