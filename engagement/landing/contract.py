"""The raw tables and their columns: the landing contract, and the vendors' own tables."""

import csv
import re
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

import yaml

from engagement.paths import BadUsage, quoted

MODELS = Path(__file__).parents[2] / "models"
CONTRACT = MODELS / "staging" / "_raw__sources.yml"
# the loader in C takes a tenth of the time
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Column:
    """One column. `data_type` is text, timestamp, integer, number or boolean. A file must have its required columns. `also`
    lists other names."""

    name: str
    data_type: str
    is_key: bool = False
    is_required: bool = False
    personal: "str | None" = None
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """One raw table. An optional one can be missing, and is then empty. `event_types` and `outcomes` are those the contract
    names. For an event table with a channel, `match_columns` are the match columns of the seed `signals` that its events
    fill. Nothing is published while one that is `is_on_time` is late or lost most of its rows. A vendor's table has the vendor's
    name before its own: salesforce.account. `id_prefix` comes before ids of people in the list of forgotten people, because
    every tool counts from 1."""

    name: str
    columns: tuple[Column, ...]
    vendor: "str | None" = None
    is_optional: bool = False
    is_on_time: bool = False
    channel: "str | None" = None
    event_types: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()
    match_columns: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    id_prefix: str = ""
    column_names: list[str] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "column_names", [column.name for column in self.columns])

    @property
    def own_name(self) -> str:
        """The name of the table in its schema, and of its files."""
        return self.name.removeprefix(f"{self.vendor}.")

    @property
    def spellings(self) -> list[str]:
        """The names its files can have, each in one spelling."""
        return [squeezed(name) for name in (self.own_name, *self.also)]

    @property
    def folder(self) -> str:
        """The folder of its files within the raw data, with a slash at the end; empty for tables of the contract."""
        return f"{self.vendor}/" if self.vendor else ""

    @property
    def key(self) -> str:
        return next(column.name for column in self.columns if column.is_key)

    def personal(self, kind: str) -> list[str]:
        """Its columns with personal data of this kind."""
        return [column.name for column in self.columns if column.personal == kind]

    @property
    def is_of_people(self) -> bool:
        """True if all ids and addresses in a row belong to one person."""
        keys = [column for column in self.columns if column.is_key]
        return any(column.personal == "contact_id" for column in keys) or not keys and bool(self.personal("email"))

    @property
    def is_event(self) -> bool:
        return self.channel is not None

    @property
    def required_names(self) -> list[str]:
        return [column.name for column in self.columns if column.is_required]

    @property
    def needed_names(self) -> list[str]:
        """The columns a row needs to be usable. An event without an id gets one. The models of a vendor know which columns
        its tables need."""
        return [] if self.vendor else ["occurred_at"] if self.is_event else [column.name for column in self.columns if column.is_key]


# (domain, domain with the same mailboxes or None, whether it ignores dots) of each row of the seed `mailbox_rules`
MailboxRules = tuple[tuple[str, str | None, bool], ...]


@dataclass(frozen=True)
class Sources:
    """The raw tables that are read, and the schema of each vendor that is switched on. If `crm` names a vendor, it brings
    accounts and contacts, so no files of your own are needed for them."""

    raw_schema: str = "raw"
    vendors: "dict[str, str]" = field(default_factory=dict)
    crm: str = ""
    placeholders: tuple[str, ...] = field(default_factory=lambda: shipped_placeholders())  # texts that mean nothing, in lower case
    mailbox_rules: MailboxRules = field(default_factory=lambda: shipped_mailbox_rules())

    @property
    def tables(self) -> tuple[Table, ...]:
        own = tuple(replace(table, is_optional=table.is_optional or bool(self.crm)) for table in read_contract())
        return own + tuple(
            replace(table, id_prefix="" if vendor == self.crm else f"{vendor} ") for vendor in self.vendors for table in read_vendor(vendor)
        )

    def schema_of(self, table: Table) -> str:
        return self.vendors[table.vendor] if table.vendor else self.raw_schema

    def relation(self, table: Table) -> str:
        """Its name in SQL."""
        return f"{quoted(self.schema_of(table))}.{quoted(table.own_name)}"


@lru_cache
def shipped_placeholders() -> tuple[str, ...]:
    """The texts of the shipped seed `placeholders`."""
    return tuple(row["value"] for row in shipped_seed("placeholders"))


@lru_cache
def shipped_mailbox_rules() -> MailboxRules:
    """The rows of the shipped seed `mailbox_rules`."""
    return tuple((row["domain"], row["same_as_domain"] or None, row["ignores_dots"] == "true") for row in shipped_seed("mailbox_rules"))


def shipped_seed(name: str) -> "list[dict[str, str]]":
    """The rows of a seed of this project."""
    with (MODELS.parent / "seeds" / f"{name}.csv").open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


@lru_cache
def read_contract(file: Path = CONTRACT) -> tuple[Table, ...]:
    """The raw tables of the landing contract, in the order of the sources YAML."""
    return read_tables(file)


@lru_cache
def known_vendors() -> list[str]:
    return sorted(file.parent.name for file in MODELS.glob("landing/*/_*__sources.yml"))


def crms() -> list[str]:
    """The vendors that bring accounts."""
    return [vendor for vendor in known_vendors() if (MODELS / "landing" / vendor / f"landing_{vendor}__crm_accounts.sql").is_file()]


@lru_cache
def read_vendor(vendor: str) -> tuple[Table, ...]:
    """The tables of a vendor, all of them optional."""
    file = MODELS / "landing" / vendor / f"_{vendor}__sources.yml"
    if vendor not in known_vendors():
        raise BadUsage(f"Var vendors names {vendor!r}, which is unknown. Use one of: {', '.join(known_vendors())}.")
    return tuple(replace(table, is_optional=True) for table in read_tables(file, vendor))


def meta(node: dict) -> dict:
    """`config.meta` of a table, a column or a seed."""
    return node.get("config", {}).get("meta", {})


def read_tables(file: Path, vendor: "str | None" = None) -> tuple[Table, ...]:
    (source,) = yaml.load(file.read_text(encoding="utf-8"), LOADER)["sources"]
    return tuple(read_table(table, vendor) for table in source["tables"])


def read_table(table: dict, vendor: "str | None") -> Table:
    return Table(
        name=f"{vendor}.{table['name']}" if vendor else table["name"],
        vendor=vendor,
        is_optional=meta(table).get("optional", False),
        is_on_time=meta(table).get("on_time", False),
        channel=meta(table).get("channel"),
        event_types=tuple(meta(table).get("event_types", ())),
        outcomes=tuple(meta(table).get("outcomes", ())),
        match_columns=tuple(meta(table).get("match_columns", ())),
        also=tuple(meta(table).get("also", ())),
        columns=tuple(
            Column(
                name=column["name"], data_type=column["data_type"], is_key=meta(column).get("key", False),
                is_required=meta(column).get("required", False), personal=meta(column).get("personal"),
                also=tuple(meta(column).get("also", ())),
            )
            for column in table["columns"]
        ),
    )


@lru_cache(10_000)
def squeezed(name: str) -> str:
    """A name without case, spaces, hyphens and underscores: `Account Name` is the same as `account_name`."""
    return re.sub(r"[\W_]", "", name.lower())
