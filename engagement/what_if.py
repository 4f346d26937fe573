"""Shows what edited rules would change, before anyone sees a score made with them.

It compares the current seeds with the rules of the published version: which cells differ, how many accounts would change
their band, which would move most, and how often scores would cross the thresholds of alerts. Nothing is published. The
database and the journals stay as they are, because the scores are computed in a separate database. With --model, another
scoring model in the seeds is the primary one. `make review` says which scoring model ranks accounts better.
"""

import csv
import shutil
from collections.abc import Iterator
from pathlib import Path

import yaml

from engagement import warehouse
from engagement.console import command_parser, printable, table
from engagement.landing.store import refuse_the_sample
from engagement.paths import BadUsage, CommandError, enter_project, lock_of, target_folder
from engagement.project_vars import add_option, given_vars
from engagement.rules import changed_seeds, moved_by_rules, rules_of_files, rules_of_version, sentences
from engagement.runner import run_dbt
from engagement.seeds.check import FOLDER, refuse_faulty_seeds
from engagement.warehouse import Warehouse
from engagement.warehouse.duckdb_file import DuckDBFile
from engagement.warehouse.mirror import Reader
from engagement.warehouse.target import current_target, profiles_file

LINKED = ("dbt_project.yml", "profiles.yml", "models", "macros", "tests", "engagement")
ALERT_WEEKS = 13
TOP_ACCOUNTS = 10
MOST_CHANGES = 20
# the bands of both, by their lower bounds
BANDS = """
    select coalesce(becomes.band, was.band)
    from published.score_bands as was
    full join after.rules.score_bands as becomes on was.band = becomes.band
    order by coalesce(becomes.min_score, was.min_score), becomes.band is null, 1
"""
# accounts that have a score in both
ACCOUNTS = """
    create temp table accounts as
    select
        was.account_id, coalesce(was.account_name, was.account_id) as account_name,
        was.score as score_before, was.band as band_before, was.score_raw as raw_before,
        becomes.score as score_after, becomes.band as band_after, becomes.score_raw as raw_after
    from published.account_scores as was
    inner join after.account_scores as becomes on was.account_id = becomes.account_id
"""
# equal scores get the mean of their ranks
RANK_CORRELATION = """
    select corr(rank_before, rank_after) from (
        select
            rank() over (order by raw_before) + (count(*) over (partition by raw_before) - 1) / 2.0 as rank_before,
            rank() over (order by raw_after) + (count(*) over (partition by raw_after) - 1) / 2.0 as rank_after
        from accounts
    )
"""
CROSSINGS = """
    select rules.alert, count(*)
    from (
        select
            account_id, score_date, score,
            lag(score) over (partition by account_id order by score_date) as score_before
        from {build}.account_score_history
        where scoring_model = (select max(scoring_model) from {build}.account_scores)
    ) as days
    inner join {alert_rules} as rules on rules.kind = 'threshold' and rules.is_active
    where days.score >= rules.threshold and days.score_before < rules.threshold and days.score_date > ? - 7 * ?
    group by rules.alert
"""
MOVED = """
    select account_name, score_before, score_after, score_after - score_before, band_before, band_after
    from accounts where score_after <> score_before
    order by abs(score_after - score_before) desc, account_id limit ?
"""


def with_primary_model(project: Path, model: str) -> Path:
    """A copy of the project in which only the primary scoring model differs."""
    with open("seeds/scoring_models.csv", newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    names = [row["scoring_model"] for row in rows]
    if model not in names:
        raise BadUsage(
            f"There is no scoring model {printable(model)} in seeds/scoring_models.csv. There are: {', '.join(map(printable, names))}."
        )
    shutil.rmtree(project, ignore_errors=True)
    shutil.copytree("seeds", project / "seeds")
    for name in LINKED:
        (project / name).symlink_to(Path(name).resolve())
    with open(project / "seeds" / "scoring_models.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows({**row, "is_primary": str(row["scoring_model"] == model).lower()} for row in rows)
    return project


def build(project: Path, as_of: object, given: dict) -> None:
    """A full build of all scores, as of the published day."""
    fault = run_dbt(
        "build", "--select", "+account_scores", "--exclude-resource-type", "test", "--exclude-resource-type", "unit_test",
        "--project-dir", str(project), "--profiles-dir", str(profiles_file().parent.resolve()), "--target", current_target().name,
        "--target-path", str((target_folder() / "what_if").resolve()), "--vars", yaml.safe_dump({**given, "as_of_date": str(as_of)}),
    )
    if fault:
        raise CommandError(f"The scores could not be computed: {fault.rstrip('.')}.")


def comparison(reader: Reader, as_of: object) -> Iterator[str]:
    """The lines that compare two sets of scores, attached as `published` and `after`."""
    reader.execute(ACCOUNTS)
    rows = reader.execute(MOVED, [TOP_ACCOUNTS]).fetchall()
    if rows:
        yield from table(
            [(name, before, after, f"{change:+}", *two_bands) for name, before, after, change, *two_bands in rows],
            [
                ("Scores that change most", 40, False), ("Published", 10, True), ("With these", 10, True), ("Change", 8, True),
                ("Band", 12, False), ("New band", 12, False),
            ],
        )
        yield ""

    counted = dict(((was, becomes), count) for was, becomes, count in reader.execute(
        "select band_before, band_after, count(*) from accounts group by all"
    ).fetchall())
    bands = [band for (band,) in reader.execute(BANDS).fetchall()]
    yield "Accounts by band, as published (down) and with these rules (across):"
    yield from table(
        [(was, *(counted.get((was, becomes), 0) for becomes in bands)) for was in bands],
        [("", 20, False), *((band, 12, True) for band in bands)],
    )
    correlation, = reader.execute(RANK_CORRELATION).fetchone()
    yield f"Rank correlation of the scores: {'-' if correlation is None else format(correlation, '.3f')}."

    yield ""
    was, becomes = (
        dict(reader.execute(CROSSINGS.format(build=name, alert_rules=rules), [as_of, ALERT_WEEKS]).fetchall())
        for name, rules in (("published", "published.alert_rules"), ("after", "after.rules.alert_rules"))
    )
    yield from table(
        [
            (alert, f"{was.get(alert, 0) / ALERT_WEEKS:.1f}", f"{becomes.get(alert, 0) / ALERT_WEEKS:.1f}")
            for alert in sorted({*was, *becomes})
        ],
        [("Threshold crossed, times a week", 40, False), ("Published", 10, True), ("With these", 10, True)],
    )


def main(argv: "list[str] | None" = None) -> int:
    parser = command_parser("what-if", __doc__)
    parser.add_argument("--model", help="scoring model to use as the primary one (default: the primary one in the seeds)")
    add_option(parser)
    options = parser.parse_args(argv)
    given = given_vars(options.vars)
    if "as_of_date" in given:
        parser.error("--vars has as_of_date, but the comparison is as of the published day. Leave it out")
    enter_project()
    place = warehouse.current()
    # another one would write the same database
    with lock_of(place.folder / "what_if"):
        compare(place, options.model, given)
    return 0


def compare(place: Warehouse, model: "str | None", given: dict) -> None:
    """Prints the comparison. A scoring model, if there is one, becomes the primary one."""
    project, seeds = Path.cwd(), refuse_faulty_seeds()
    if model:
        project = with_primary_model(place.folder / "what_if", model)
        seeds = refuse_faulty_seeds(project / FOLDER)
    rules = rules_of_files(seeds.tables)
    with place.reader() as reader:
        version = place.published(reader)
        if not version:
            raise BadUsage(f"Nothing is published in {place.place} to compare with. Run `make build` first.")
        before = rules_of_version(reader)
        if not changed_seeds(before, rules):
            print(
                "The rules are those of the published version, so nothing would change. Edit a file in seeds/, or try another scoring"
                " model: make what-if ARGS=\"--model name\""
            )
            return
        if isinstance(place, DuckDBFile) and place.database.is_file():
            with place.opened() as built:
                refuse_the_sample(built)
        print(f"Rules changed since version {version.version}, as of {version.as_of_date}:")
        changes = sentences(before, rules)
        print("\n".join(f"  {printable(sentence)}" for sentence in changes[:MOST_CHANGES]))
        if len(changes) > MOST_CHANGES:
            print(f"  and {len(changes) - MOST_CHANGES} more")
        with place.trial() as trial_vars:
            build(project, version.as_of_date, given | trial_vars)
        scores = place.attach_trial(reader)
        moved = moved_by_rules(reader, "after", before, rules)
        print()
        print(f"{moved.words('would change')}.")
        print("\n".join(["", *comparison(reader, version.as_of_date)]))
    print(f"\nNothing was published. The scores by these rules: {scores}")
