"""The content of a publication, for every way to publish."""

import contextlib
import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field

from engagement.paths import utc_now
from engagement.privacy import masked_columns
from engagement.warehouse.mirror import Reader, dialect, relation

VERSION_FORMAT = "%Y%m%dT%H%M%SZ"  # sorts by time
KEPT_VERSIONS = 3


@dataclass
class Mart:
    """A table to publish, with its description, and the descriptions and kinds of personal data of its columns."""

    schema: str
    name: str
    description: "str | None" = None
    comments: dict[str, str] = field(default_factory=dict)  # {column: description}
    personal: dict[str, str] = field(default_factory=dict)  # {column: kind}

    def select(self, reader: Reader, columns: Iterable[str], is_masked: bool) -> str:
        """SQL of the whole table. If it is masked, people are hashes."""
        sql = dialect(reader)
        masks = masked_columns(self.personal, sql) if is_masked else {}
        shown = (f"{masks[column]} as {sql.quoted(column)}" if column in masks else sql.quoted(column) for column in columns)
        return f"select {', '.join(shown)} from {relation(reader, self.schema, self.name)}"


@dataclass
class Build:
    """The last build, which is complete and passed its tests."""

    invocation_id: str
    is_masked: bool
    most_moved_share: float
    marts: list[Mart]
    rules: str  # SQL of the rules it was built with
    review: str  # a text that changes with the results of `make review`


@dataclass(frozen=True)
class Publication:
    """The one row of the published table `publication`."""

    version: str
    invocation_id: str
    config_version: str = ""
    is_masked: bool = False
    review: str = ""
    as_of_date: "dt.date | None" = None

    @classmethod
    def read(cls, reader: Reader, catalog: str) -> "Publication":
        found = reader.execute(f"select * from {catalog}.publication")
        # versions of older releases lack some columns
        row = dict(zip([column[0] for column in found.description], found.fetchone()))
        return cls(**{column: row[column] for column in cls.__annotations__ if column in row})

    def is_of(self, build: Build) -> bool:
        return (self.invocation_id, self.review) == (build.invocation_id, build.review)


SCORING_RULES = Mart("main", "scoring_rules", "One row per filled cell of the seeds that the marts were built with.", {
    "seed": "Name of the seed.",
    "rule": "Key of the row; several columns of a key are separated by slashes.",
    "column_name": "Column of the seed.",
    "value": "What stands in the cell, as text.",
})
PUBLICATION = Mart("main", "publication", "One row: which publication this is, of which build and day.", {
    "version": "Time of the publication (UTC), but always later than the one before. The folder or schema of the version has this name.",
    "as_of_date": "The day the scores are for (UTC).",
    "config_version": "Hash of the content of all scoring seeds.",
    "invocation_id": "Id of the dbt run that built the marts.",
    "published_at": "When the version was written (UTC).",
    "is_masked": "True: keyed hashes stand for people, in all marts.",
    "review": "Fingerprint of the results of `make review` in the version.",
})


def selects(reader: Reader, build: Build, version: str) -> "Iterable[tuple[Mart, str]]":
    """(table of a publication, SQL of its rows where the build is), the row about the publication last."""
    sql = dialect(reader)
    columns: dict[tuple[str, str], list[str]] = {}
    for schema, table, column in reader.execute(
        "select schema_name, table_name, column_name from duckdb_columns() where database_name = 'warehouse' order by column_index"
    ).fetchall():
        columns.setdefault((schema, table), []).append(column)
    for mart in build.marts:
        yield mart, mart.select(reader, columns[mart.schema, mart.name], build.is_masked)
    yield SCORING_RULES, build.rules
    yield PUBLICATION, (
        f"select cast({sql.literal(version)} as {sql.text}) as version, as_of_date, config_version,"
        f" cast({sql.literal(build.invocation_id)} as {sql.text}) as invocation_id,"
        f" {sql.literal(utc_now().replace(microsecond=0))} as published_at, {sql.literal(build.is_masked)} as is_masked,"
        f" cast({sql.literal(build.review)} as {sql.text}) as review"
        " from intermediate.int_as_of_date cross join intermediate.int_config_version"
    )


def is_version(name: str) -> bool:
    with contextlib.suppress(ValueError):
        return bool(dt.datetime.strptime(name, VERSION_FORMAT))
    return False


def superseded(versions: Iterable[str], sound: list[str], kept: int, shown: "str | None") -> list[str]:
    """The versions to remove: all except the newest sound ones, oldest first, and the one that readers see."""
    return [version for version in versions if version not in sound[-kept:] and version != shown]


def next_version(versions: Iterable[str]) -> str:
    """The current time, or a time after the newest version if the clock was set back."""
    newest = max(versions, default=None)
    version = utc_now().strftime(VERSION_FORMAT)
    if newest is None or version > newest:
        return version
    return (dt.datetime.strptime(newest, VERSION_FORMAT) + dt.timedelta(seconds=1)).strftime(VERSION_FORMAT)
