"""landing.yml: how the files of a company differ from the landing contract."""

import codecs
import difflib
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatch

import duckdb
import yaml

from engagement.landing.contract import Table

FILE = "landing.yml"
SEPARATORS = {",": ",", ";": ";", "|": "|", "\t": "\t", "comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}
DATES = ("day_first", "month_first")
DECIMALS = (".", ",")


@dataclass(frozen=True)
class Source:
    """Files of one raw table, and how they are written; None: as landing finds it. Without `files`: those of the table's name."""

    files: tuple[str, ...] = ()
    columns: tuple[tuple[str, tuple[str, ...]], ...] = ()  # (column of the contract, columns of the file)
    constants: tuple[tuple[str, str], ...] = ()  # (column of the contract, its value in all rows)
    separator: "str | None" = None
    encoding: "str | None" = None
    decimal: "str | None" = None
    dates: "str | None" = None
    time_zone: "str | None" = None
    skip_lines: int = 0

    def has_file(self, path: str) -> bool:
        """True if one of the patterns is the path below the folder, or a folder above it."""
        return any(matches(pattern, path) for pattern in self.files)


@dataclass(frozen=True)
class Settings:
    """What landing.yml says. `ignore` are files that are no raw files."""

    sources: dict[str, tuple[Source, ...]] = field(default_factory=dict)
    ignore: tuple[str, ...] = ()

    def of(self, table: str) -> tuple[Source, ...]:
        return self.sources.get(table, (AS_FOUND,))

    def is_ignored(self, path: str) -> bool:
        return any(matches(pattern, path) for pattern in self.ignore)

    @property
    def folders(self) -> set[str]:
        """The folders directly below RAW_DATA that are named, in lower case."""
        patterns = [pattern for sources in self.sources.values() for source in sources for pattern in source.files]
        return {pattern.lower().split("/")[0] for pattern in patterns}


AS_FOUND = Source()


def matches(pattern: str, path: str) -> bool:
    pattern, path = pattern.lower().strip("/"), path.lower()
    return fnmatch(path, pattern) or fnmatch(path, f"{pattern}/*")


def read_settings(text: "str | None", tables: dict[str, Table]) -> tuple[Settings, list[str]]:
    """(what the text of landing.yml says, what is wrong with it)"""
    if text is None:
        return Settings(), []
    try:
        given = yaml.safe_load(text) or {}
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        return Settings(), [f"{FILE}{where} is not YAML: {getattr(error, 'problem', None) or error}."]
    if not isinstance(given, dict):
        return Settings(), [f"{FILE} has to hold tables, such as `crm_accounts:`, and what is different about each."]
    reader = Reader(tables)
    sources = {name: tuple(reader.sources(name, value)) for name, value in given.items() if name != "ignore"}
    ignore = tuple(reader.texts("ignore", given.get("ignore")))
    return Settings({name: found for name, found in sources.items() if found}, ignore), reader.faults


@dataclass
class Reader:
    """Reads the parts of landing.yml; a fault names the key."""

    tables: dict[str, Table]
    faults: list[str] = field(default_factory=list)

    def fault(self, key: str, text: str) -> None:
        self.faults.append(f"{FILE}: {key} {text}")

    def sources(self, name: str, value: object) -> Iterator[Source]:
        """One source, or a list of them, of a table."""
        if name not in self.tables:
            return self.fault(str(name), f"is no raw table.{did_you_mean(str(name), self.tables)} The tables are {', '.join(self.tables)}.")
        given = value if isinstance(value, list) else [value]
        for number, source in enumerate(given):
            key = f"{name}[{number + 1}]" if isinstance(value, list) else name
            if not isinstance(source, dict):
                self.fault(key, f"has to hold one or more of {', '.join(OPTIONS)}.")
            elif unknown := [option for option in source if option not in OPTIONS]:
                self.fault(f"{key}.{unknown[0]}", f"is unknown.{did_you_mean(str(unknown[0]), OPTIONS)} Expected {', '.join(OPTIONS)}.")
            else:
                if len(given) > 1 and not source.get("files"):
                    self.fault(f"{key}.files", "is missing. Of several sources of a table each names its files.")
                yield self.source(key, self.tables[name], source)

    def source(self, key: str, table: Table, given: dict) -> Source:
        source = Source(
            files=tuple(self.texts(f"{key}.files", given.get("files"))),
            columns=tuple(self.columns(f"{key}.columns", table, given.get("columns"))),
            constants=tuple(self.constants(f"{key}.constants", table, given.get("constants"))),
            separator=SEPARATORS.get(self.one_of(f"{key}.separator", given.get("separator"), SEPARATORS)),
            encoding=self.encoding(f"{key}.encoding", given.get("encoding")),
            decimal=self.one_of(f"{key}.decimal", given.get("decimal"), DECIMALS),
            dates=self.one_of(f"{key}.dates", given.get("dates"), DATES),
            time_zone=self.time_zone(f"{key}.time_zone", given.get("time_zone")),
            skip_lines=self.lines(f"{key}.skip_lines", given.get("skip_lines")),
        )
        for column in sorted({name for name, _ in source.columns} & {name for name, _ in source.constants}):
            self.fault(f"{key}.constants.{column}", "is given in columns, too. Keep one of them.")
        return source

    def texts(self, key: str, value: object) -> list[str]:
        """A text or a list of them."""
        given = value if isinstance(value, list) else [] if value is None else [value]
        if not all(isinstance(text, str) and text.strip() for text in given):
            self.fault(key, "has to be a text, or a list of texts.")
            return []
        return given

    def of_contract(self, key: str, table: Table, value: object) -> dict:
        """A mapping whose keys are columns of the contract."""
        if value is None:
            return {}
        if not isinstance(value, dict):
            self.fault(key, "has to be a mapping, such as `account_id: Id`.")
            return {}
        for column in value:
            if column not in table.column_names:
                self.fault(
                    f"{key}.{column}", f"is no column of {table.name}.{did_you_mean(str(column), table.column_names)}"
                    f" The columns are {', '.join(table.column_names)}."
                )
        return {column: given for column, given in value.items() if column in table.column_names}

    def columns(self, key: str, table: Table, value: object) -> Iterator[tuple[str, tuple[str, ...]]]:
        for column, names in self.of_contract(key, table, value).items():
            found = self.texts(f"{key}.{column}", names)
            if names is None:
                self.fault(f"{key}.{column}", "is empty. Name the column of the file, or take the line out.")
            elif found:
                yield column, tuple(found)

    def constants(self, key: str, table: Table, value: object) -> Iterator[tuple[str, str]]:
        for column, constant in self.of_contract(key, table, value).items():
            if isinstance(constant, (dict, list)) or constant is None:
                self.fault(f"{key}.{column}", "has to be one value.")
            else:
                yield column, str(constant).lower() if isinstance(constant, bool) else str(constant)

    def one_of(self, key: str, value: object, allowed: "dict[str, str] | tuple[str, ...]") -> "str | None":
        if value is not None and value not in allowed:
            self.fault(key, f"is {value!r}. Expected one of {', '.join(map(repr, allowed))}.")
            return None
        return value

    def encoding(self, key: str, value: object) -> "str | None":
        try:
            return None if value is None else codecs.lookup(str(value)).name
        except LookupError:
            self.fault(key, f"is {value!r}, which is no encoding. Expected for example utf-8, windows-1252 or utf-16.")

    def time_zone(self, key: str, value: object) -> "str | None":
        if value is None:
            return None
        zones = [name for name, in duckdb.connect().execute("select name from pg_timezone_names()").fetchall()]
        if value not in zones:
            self.fault(key, f"is {value!r}, which is no time zone.{did_you_mean(str(value), zones)} Expected for example Europe/Berlin.")
            return None
        return value

    def lines(self, key: str, value: object) -> int:
        if value is None or isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return value or 0
        self.fault(key, f"is {value!r}. Expected the number of lines above the header.")
        return 0


OPTIONS = tuple(Source.__annotations__)


def did_you_mean(word: str, known: "list[str] | tuple[str, ...] | dict") -> str:
    similar = difflib.get_close_matches(word, list(known), 1, 0.7)
    return f" Did you mean {similar[0]}?" if similar else ""
