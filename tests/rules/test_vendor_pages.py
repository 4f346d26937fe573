"""The pages of vendors show what the build of their own command shows. A real one of three vendors is in test_vendor_tables."""

import re

import pytest
import yaml

from engagement import coverage
from engagement import scores as top_accounts
from harness import ROOT
from pages import assert_queries_give_their_tables, blocks, missing
from vendor_samples import PROSPECTS, SAMPLES

PAGES = sorted(page for page in (ROOT / "docs" / "vendors").glob("*.md") if page.name != "README.md")
WANTED = ["account_scores", "score_contributions", "account_timeline", "source_coverage", "unmatched_engagement", "unmapped_events", "unusable_values",
          "rejected_records", "int_met_fit_rules"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_shows_what_its_command_builds(projects, page, tmp_path):
    (command,) = re.findall(r"^make build RAW_DATA=sample/vendors VARS='([^']+)' ENGAGEMENT_DB=build/.+$", page.read_text(), re.MULTILINE)
    given = yaml.safe_load(command)
    for vendor in given["vendors"]:
        # no file of the others is there
        (tmp_path / vendor).symlink_to(SAMPLES / vendor)
    built = projects(given["crm"]).run(tmp_path, as_of=given.get("as_of_date"), wanted=WANTED)
    scores = dict(built.execute("select account_name, score from account_scores").fetchall())
    assert set(scores) == PROSPECTS and max(scores.values()) > 0
    built.execute("create view score_bands as select * from rules.score_bands")
    printed = "\n".join([*coverage.report(built), *top_accounts.report(built, len(PROSPECTS))])
    outputs = [block for block in blocks(page) if block.text.startswith("Source ")]
    for block in outputs:
        assert missing(block, printed) == []
    assert assert_queries_give_their_tables(page, built) + len(outputs) == 1
