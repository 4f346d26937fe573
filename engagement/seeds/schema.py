"""Reads seeds/_seeds.yml: the seeds, their columns, and what a cell can hold."""

from dataclasses import dataclass, field
from pathlib import Path

import yaml

from engagement.landing.contract import LOADER, meta, read_contract

TYPES = {"integer": "integer", "decimal": "decimal", "boolean": "boolean"}  # other types are text


@dataclass(frozen=True)
class Column:
    """One column of a seed. `rules` are its `config.meta`: key, required, one_of, in_contract (channel or outcome), in_seed
    with or_one_of, at_least, more_than, at_most, pattern, lower_case, domain, mailbox."""

    name: str
    data_type: str  # text, integer, decimal or boolean
    rules: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Schema:
    """One seed. `if_empty` says what happens if it has no active row."""

    name: str
    columns: tuple[Column, ...]
    if_empty: "str | None" = None

    @property
    def column_names(self) -> list[str]:
        return [column.name for column in self.columns]

    @property
    def keys(self) -> list[str]:
        return [column.name for column in self.columns if column.rules.get("key")]


def read_schemas(folder: Path) -> dict[str, Schema]:
    """{name: seed} from all YAML files in the folder."""
    schemas = {}
    for file in sorted(folder.rglob("*.yml")):
        for seed in yaml.load(file.read_text(encoding="utf-8"), LOADER).get("seeds", []):
            schemas[seed["name"]] = read_schema(seed)
    return schemas


def read_schema(seed: dict) -> Schema:
    types = seed.get("config", {}).get("column_types", {})
    return Schema(
        name=seed["name"],
        columns=tuple(
            Column(column["name"], data_type(types.get(column["name"], "text")), rules_of(column)) for column in seed.get("columns", [])
        ),
        if_empty=meta(seed).get("if_empty"),
    )


def rules_of(column: dict) -> dict:
    """The rules of a column. Words of the landing contract are listed there only."""
    rules = meta(column)
    if "in_contract" not in rules:
        return rules
    words = {
        "channel": [raw.channel for raw in read_contract() if raw.channel],
        "outcome": [outcome for raw in read_contract() for outcome in raw.outcomes],
    }
    return rules | {"one_of": words[rules["in_contract"]]}


def data_type(sql_type: str) -> str:
    return TYPES.get(sql_type.split("(")[0].strip().lower(), "text")
