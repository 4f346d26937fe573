"""Ten builds as of ten days, one after the other, while two processes read what is published. Takes as long as ten builds.

Prints what the readers saw. Ends with an error if one of them could not read, saw marts of two builds, or missed a build.

    PYTHONPATH=.:tests .venv/bin/python tests/operation/faults/ten_builds.py
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from small_warehouse import Readers, place

ROOT = Path(__file__).parents[3]

DAYS = [f"2026-05-{day}" for day in range(22, 32)]
# the day each mart is of
QUERIES = ["select max(score_date)::varchar from account_score_history"] + [
    f"select distinct as_of_date::varchar from {mart}"
    for mart in ("publication", "account_scores", "contact_scores", "score_ledger", "sales_queue", "account_group_scores")
]


def build(own, day):
    subprocess.run(
        [sys.executable, "-m", "engagement", "build", "--target-path", own / "target",
         "--log-path", own / "logs", "--vars", f"as_of_date: {day}"],
        cwd=ROOT, check=True, stdout=subprocess.DEVNULL,
        env=os.environ | {"ENGAGEMENT_DB": str(own / "engagement.duckdb"), "ENGAGEMENT_TMP": str(own / "tmp")},
    )


def main(own):
    link = own / "serving" / "marts.duckdb"
    build(own, DAYS[0])
    with Readers(own, link, QUERIES) as readers:
        for day in DAYS[1:]:
            build(own, day)
            readers.wait_for(place(own / "serving").shown_version())
        reads = readers.reads()
    for number, seen in enumerate(reads):
        days = {}
        for version, found, _ in seen:
            days.setdefault(version, set()).update(found)
        slowest = max(seconds for *_, seconds in seen)
        print(f"reader {number}: {len(seen)} reads of {len(days)} versions, the slowest in {slowest:.2f} s")
        mixed = {version: found for version, found in days.items() if len(found) > 1}
        if mixed or len(days) < len(DAYS):
            return f"{len(days)} versions, of which mixed: {mixed}"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        sys.exit(main(Path(folder)))
