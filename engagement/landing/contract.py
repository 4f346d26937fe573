"""The landing contract: which raw tables there are, and which columns they have."""

from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import yaml

FILE = Path(__file__).parents[2] / "models" / "staging" / "_raw__sources.yml"


@dataclass(frozen=True)
class Column:
    """One column. `data_type` is text, timestamp, integer, number or boolean; a file has to have a required one."""

    name: str
    data_type: str
    is_key: bool = False
    is_required: bool = False
    personal: "str | None" = None


@dataclass(frozen=True)
class Table:
    """One raw table. An optional one may be missing, and is then empty. `event_types` and `outcomes` are those the contract
    names, and `match_columns` those of the seed `signals` that its events have a value for, of an event table with a channel."""

    name: str
    columns: tuple[Column, ...]
    is_optional: bool = False
    channel: "str | None" = None
    event_types: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()
    match_columns: tuple[str, ...] = ()
    column_names: list[str] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "column_names", [column.name for column in self.columns])

    @property
    def key(self) -> str:
        return next(column.name for column in self.columns if column.is_key)

    @property
    def is_event(self) -> bool:
        return self.channel is not None

    @property
    def required_names(self) -> list[str]:
        return [column.name for column in self.columns if column.is_required]

    @property
    def needed_names(self) -> list[str]:
        """The columns without whose value a row cannot be used. An event without an id gets one."""
        return ["occurred_at"] if self.is_event else [self.key]


@lru_cache
def read_contract(file: Path = FILE) -> tuple[Table, ...]:
    """The raw tables of the sources YAML, in its order."""
    (source,) = yaml.load(file.read_text(encoding="utf-8"), getattr(yaml, "CSafeLoader", yaml.SafeLoader))["sources"]
    return tuple(read_table(table) for table in source["tables"])


def read_table(table: dict) -> Table:
    def meta(node: dict) -> dict:
        return node.get("config", {}).get("meta", {})

    return Table(
        name=table["name"],
        is_optional=meta(table).get("optional", False),
        channel=meta(table).get("channel"),
        event_types=tuple(meta(table).get("event_types", ())),
        outcomes=tuple(meta(table).get("outcomes", ())),
        match_columns=tuple(meta(table).get("match_columns", ())),
        columns=tuple(
            Column(
                name=column["name"], data_type=column["data_type"], is_key=meta(column).get("key", False),
                is_required=meta(column).get("required", False), personal=meta(column).get("personal"),
            )
            for column in table["columns"]
        ),
    )
