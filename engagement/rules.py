"""Compares the published rules with the current ones: what changed, and which accounts move.

Every version holds the seeds it was built with in `scoring_rules`, one row per filled cell. So a change of rules can be
described before and after a build.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

import duckdb

from engagement.paths import ROOT, literal
from engagement.seeds.cells import plain_number
from engagement.seeds.check import FOLDER
from engagement.seeds.files import Table
from engagement.seeds.schema import Schema, read_schemas
from engagement.warehouse.dialects import Dialect
from engagement.warehouse.mirror import Reader, dialect, run
from engagement.warehouse.versions import SCORING_RULES

# {(seed, key of the row): {column: value}}, without empty cells
Rules = dict[tuple[str, str], dict[str, str]]
BETWEEN_KEYS = " / "
MOST_SENTENCES = 4
MOST_ROWS = 2  # rows of one seed that were added or removed and are named
LONGEST_VALUE = 30  # characters of a value that is shown
# seeds that say which accounts are prospects
OF_PROSPECTS = {"lifecycle_stages", "opportunity_stages"}


# the rules of files, of a build and of a publication

@lru_cache
def schemas() -> dict[str, Schema]:
    return read_schemas(ROOT / FOLDER)


def rules_of_files(tables: dict[str, Table]) -> Rules:
    """The rules in the seeds, once they are checked."""
    return {
        (name, BETWEEN_KEYS.join(text_of(row[key]) for key in table.schema.keys if row[key] is not None)):
        {column: text_of(value) for column, value in row.values.items() if value is not None}
        for name, table in tables.items() for row in table.rows
    }


def text_of(value: Any) -> str:
    if isinstance(value, Decimal):
        return plain_number(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def select_rules(reader: Reader) -> str:
    """A select of the rules that the last build has used, in the columns of `scoring_rules`, where the build is."""
    sql = dialect(reader)
    columns: dict[str, dict[str, str]] = defaultdict(dict)
    for seed, column, data_type in reader.execute(
        "select table_name, column_name, data_type from duckdb_columns()"
        " where database_name = current_database() and schema_name = 'rules' order by table_name, column_index"
    ).fetchall():
        columns[seed][column] = text_sql(column, data_type, sql)
    return " union all ".join(
        f"select cast({literal(seed)} as {sql.text}) as seed, concat_ws({literal(BETWEEN_KEYS)}, {', '.join(keys_of(seed, texts))}) as rule,"
        f" cast({literal(column)} as {sql.text}) as column_name, {text} as value from rules.{sql.quoted(seed)} where {sql.quoted(column)} is not null"
        for seed, texts in columns.items() for column, text in texts.items()
    )


def keys_of(seed: str, texts: dict[str, str]) -> list[str]:
    names = [key for key in schemas()[seed].keys if key in texts] if seed in schemas() else []
    return [texts[name] for name in names or texts]


def text_sql(column: str, data_type: str, sql: Dialect) -> str:
    """A value as `text_of` writes it."""
    text = f"cast({sql.quoted(column)} as {sql.text})"
    return f"trim(trailing '.' from trim(trailing '0' from {text}))" if data_type.startswith("DECIMAL") else text


def rules_of_build(reader: Reader) -> Rules:
    return as_rules(run(reader, select_rules(reader)))


def rules_of_version(reader: Reader) -> "Rules | None":
    """The rules in the version attached as `published`; None if it was written before versions held them."""
    try:
        return as_rules(reader.execute(f"select seed, rule, column_name, value from published.{SCORING_RULES.name}").fetchall())
    except duckdb.CatalogException:
        return None


def as_rules(rows: list[tuple[str, str, str, str]]) -> Rules:
    rules: Rules = defaultdict(dict)
    for seed, rule, column, value in rows:
        rules[seed, rule][column] = value
    return dict(rules)


# what changed

def sentences(before: "Rules | None", after: Rules) -> list[str]:
    """The changes, with the most important seeds first."""
    if before is None:
        return ["the published version does not record them"]
    order = {seed: number for number, seed in enumerate(schemas())}
    seeds = sorted(changed_seeds(before, after), key=lambda seed: (order.get(seed, len(order)), seed))
    return [sentence for seed in seeds for sentence in of_seed(seed, before, after)]


def changed_seeds(before: "Rules | None", after: Rules) -> set[str]:
    before = before or {}
    return {seed for seed, rule in {*before, *after} if before.get((seed, rule)) != after.get((seed, rule))}


def of_seed(seed: str, before: Rules, after: Rules) -> Iterator[str]:
    had, has = ({rule: rules[name, rule] for name, rule in rules if name == seed} for rules in (before, after))
    for rule in sorted(had.keys() & has.keys()):
        for column in dict.fromkeys([*had[rule], *has[rule]]):
            if had[rule].get(column) != has[rule].get(column):
                name = rule if seed == "signals" else f"{seed} {rule}"
                yield cell_sentence(f"{name} {column}", value_of(seed, rule, column, before), value_of(seed, rule, column, after))
    for rules, what in ((sorted(has.keys() - had.keys()), "added to"), (sorted(had.keys() - has.keys()), "removed from")):
        if len(rules) > MOST_ROWS:
            yield f"{len(rules):,} rows {what} {seed}"
        else:
            yield from (f"{rule} {what} {seed}" for rule in rules)


def value_of(seed: str, rule: str, column: str, rules: Rules) -> str:
    """A cell for display. A signal without its own points has those of its tier."""
    row = rules[seed, rule]
    if seed == "signals" and column == "points" and column not in row:
        row = rules.get(("signal_tiers", row.get("signal_tier", "")), {})
    return row.get(column, "empty")


def cell_sentence(cell: str, was: str, becomes: str) -> str:
    return f"{cell} changed" if max(len(was), len(becomes)) > LONGEST_VALUE else f"{cell} {was} -> {becomes}"


def in_short(changes: list[str]) -> str:
    more = len(changes) - MOST_SENTENCES
    return f"{', '.join(changes[:MOST_SENTENCES])}{f' and {more} more' if more > 0 else ''}"


# accounts that move

@dataclass(frozen=True)
class Moved:
    """The number of published prospects that change their band because of the rules alone."""

    changes: tuple[str, ...]
    moved: int
    left: int  # of these, accounts that are no longer prospects
    total: int
    above: int  # accounts that are above the lowest band before or after: most others can't move

    @property
    def share(self) -> float:
        return self.moved / self.above if self.above else 0.0

    def words(self, changed: str = "changed") -> str:
        left = f" ({self.left} of them {'is no longer a prospect' if self.left == 1 else 'are no longer prospects'})" if self.left else ""
        return f"{self.moved} of {self.total} accounts {changed} {'its' if self.moved == 1 else 'their'} band{left}"

    def __str__(self) -> str:
        return f"Rules changed: {in_short(list(self.changes))}. {self.words()}"


# Both histories value one day: that of the older of the two as-of dates. What happened since then is in neither, so what is
# left of a difference is the rules, and late rows. A band that was merely renamed moves nobody.
BANDS_ON_ONE_DAY = """
    with common_day as (
        select least(
            (select max(as_of_date) from {before}.account_scores), (select as_of_date from {after}.intermediate.int_as_of_date)
        ) as score_date
    ),
    was as (
        select history.account_id, history.band, bands.min_score
        from {before}.account_score_history as history
        inner join {before}.account_scores as scores
            on history.account_id = scores.account_id and history.scoring_model = scores.scoring_model
        inner join common_day on history.score_date = common_day.score_date
        left join {before}.score_bands as bands on history.band = bands.band
    ),
    becomes as (
        select history.account_id, history.band, bands.min_score
        from {after}.account_score_history as history
        inner join {after}.rules.scoring_models as models on history.scoring_model = models.scoring_model and models.is_primary
        inner join common_day on history.score_date = common_day.score_date
        left join {after}.rules.score_bands as bands on history.band = bands.band
    )
    select
        count(*),
        count(*) filter (
            scores.account_id is not null and was.band <> becomes.band and not (
                was.min_score = becomes.min_score
                and becomes.band not in (select band from {before}.score_bands)
                and was.band not in (select band from {after}.rules.score_bands)
            )
        ),
        count(*) filter (scores.account_id is null),
        count(*) filter (was.min_score > 0 or becomes.min_score > 0)
    from was
    inner join becomes on was.account_id = becomes.account_id
    left join {after}.account_scores as scores on was.account_id = scores.account_id
"""


def moved_by_rules(reader: Reader, build: str, before: "Rules | None", after: Rules) -> Moved:
    """Compares the version attached as `published`, and its rules, with an attached build and its rules."""
    try:
        total, moved, left, above = reader.execute(BANDS_ON_ONE_DAY.format(before="published", after=build)).fetchone()
    except duckdb.CatalogException:
        total = moved = left = above = 0  # a version of an older release
    # who wins a deal leaves without any rule
    left = left if changed_seeds(before, after) & OF_PROSPECTS else 0
    return Moved(tuple(sentences(before, after)), moved + left, left, total, above)
