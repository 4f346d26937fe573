"""landing.yml: how a company's files differ from the landing contract."""

import codecs
import difflib
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatch

import duckdb
import yaml

from engagement.landing.contract import Table
from engagement.landing.types import TIME_ZONES

FILE = "landing.yml"
SEPARATORS = {",": ",", ";": ";", "|": "|", "\t": "\t", "comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}
DATES = ("day_first", "month_first")
DECIMALS = (".", ",")
MOST_SKIPPED = 10_000


@dataclass(frozen=True)
class Source:
    """Files of one raw table, and how they are written. None means landing finds out. Without `files`, those named like the table."""

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
        """True if a pattern matches the path within the folder, or a folder above it."""
        return any(matches(pattern, path) for pattern in self.files)


@dataclass(frozen=True)
class Settings:
    """The content of landing.yml. `ignore` lists files that aren't raw data."""

    sources: dict[str, tuple[Source, ...]] = field(default_factory=dict)
    ignore: tuple[str, ...] = ()

    def of(self, table: str) -> tuple[Source, ...]:
        return self.sources.get(table, (AS_FOUND,))

    def is_ignored(self, path: str) -> bool:
        return any(matches(pattern, path) for pattern in self.ignore)

    @property
    def folders(self) -> set[str]:
        """The folders directly in RAW_DATA that it names, in lower case."""
        patterns = [pattern for sources in self.sources.values() for source in sources for pattern in source.files]
        return {pattern.lower().split("/")[0] for pattern in patterns}


AS_FOUND = Source()


def matches(pattern: str, path: str) -> bool:
    """True if the path or a folder above it has this name, or matches the pattern."""
    pattern, path = pattern.lower().strip("/"), path.lower()
    return f"{path}/".startswith(f"{pattern}/") or fnmatch(path, pattern) or fnmatch(path, f"{pattern}/*")


class Loader(yaml.SafeLoader):
    """Refuses a key that is there twice. PyYAML would use the last one, without a word."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        seen = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, f"the key {key.value} is there twice, so join the two", key.start_mark)
            seen.add(str(key.value))
        return super().construct_mapping(node, deep)


def read_settings(text: "str | None", tables: dict[str, Table]) -> tuple[Settings, list[str]]:
    """(the settings in landing.yml, what is wrong with them)"""
    if text is None:
        return Settings(), []
    try:
        given = yaml.load(text, Loader) or {}
    except (yaml.YAMLError, ValueError) as error:  # the second is a day that doesn't exist
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        return Settings(), [f"{FILE}{where} is not YAML: {getattr(error, 'problem', None) or error}."]
    if not isinstance(given, dict):
        return Settings(), [f"{FILE} must hold tables, such as `crm_accounts:`, each with its settings."]
    reader = Reader(tables)
    sources = {name: tuple(reader.sources(name, value)) for name, value in given.items() if name != "ignore"}
    ignore = tuple(reader.texts("ignore", given.get("ignore")))
    return Settings({name: found for name, found in sources.items() if found}, ignore), reader.faults


@dataclass
class Reader:
    """Reads the parts of landing.yml. A fault names its key."""

    tables: dict[str, Table]
    faults: list[str] = field(default_factory=list)

    def fault(self, key: str, text: str) -> None:
        self.faults.append(f"{FILE}: {key} {text}")

    def sources(self, name: str, value: object) -> Iterator[Source]:
        """The sources of a table: one, or a list."""
        if name not in self.tables:
            return self.fault(str(name), f"is not a raw table.{did_you_mean(str(name), self.tables)} The tables are {', '.join(self.tables)}.")
        given = value if isinstance(value, list) else [value]
        for number, source in enumerate(given):
            key = f"{name}[{number + 1}]" if isinstance(value, list) else name
            if not isinstance(source, dict):
                self.fault(key, f"must hold one or more of {', '.join(OPTIONS)}.")
            elif unknown := [option for option in source if option not in OPTIONS]:
                self.fault(f"{key}.{unknown[0]}", f"is unknown.{did_you_mean(str(unknown[0]), OPTIONS)} Expected {', '.join(OPTIONS)}.")
            else:
                if len(given) > 1 and not source.get("files"):
                    self.fault(f"{key}.files", "is missing. If a table has several sources, each must name its files.")
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
            self.fault(f"{key}.constants.{column}", "is in `columns` as well. Keep one of them.")
        return source

    def texts(self, key: str, value: object) -> list[str]:
        """A text, or a list of texts."""
        given = value if isinstance(value, list) else [] if value is None else [value]
        if not all(isinstance(text, str) and text.strip() for text in given):
            self.fault(key, "must be a text, or a list of texts.")
            return []
        return given

    def of_contract(self, key: str, table: Table, value: object) -> dict:
        """A mapping whose keys are columns of the contract."""
        if value is None:
            return {}
        if not isinstance(value, dict):
            self.fault(key, "must be a mapping, such as `account_id: Id`.")
            return {}
        for column in value:
            if column not in table.column_names:
                self.fault(
                    f"{key}.{column}", f"is not a column of {table.name}.{did_you_mean(str(column), table.column_names)}"
                    f" The columns are {', '.join(table.column_names)}."
                )
        return {column: given for column, given in value.items() if column in table.column_names}

    def columns(self, key: str, table: Table, value: object) -> Iterator[tuple[str, tuple[str, ...]]]:
        for column, names in self.of_contract(key, table, value).items():
            found = self.texts(f"{key}.{column}", names)
            if names is None:
                self.fault(f"{key}.{column}", "is empty. Name the column of the file, or remove the line.")
            elif found:
                yield column, tuple(found)

    def constants(self, key: str, table: Table, value: object) -> Iterator[tuple[str, str]]:
        for column, constant in self.of_contract(key, table, value).items():
            if isinstance(constant, (dict, list)) or constant is None:
                self.fault(f"{key}.{column}", "must be one value.")
            else:
                yield column, str(constant).lower() if isinstance(constant, bool) else str(constant)

    def one_of(self, key: str, value: object, allowed: "dict[str, str] | tuple[str, ...]") -> "str | None":
        if value is not None and value not in tuple(allowed):
            self.fault(key, f"is {value!r}. Expected one of {', '.join(map(repr, allowed))}.")
            return None
        return value

    def encoding(self, key: str, value: object) -> "str | None":
        if value is None:
            return None
        try:
            # rot13 and base64 have a codec, too, and idna has one that can't leave out what it can't read
            "".encode(str(value))
            b"a".decode(str(value), "replace")
            return codecs.lookup(str(value)).name
        except (LookupError, UnicodeError):
            self.fault(key, f"is {value!r}, which is not an encoding. Use utf-8, windows-1252 or utf-16, for example.")

    def time_zone(self, key: str, value: object) -> "str | None":
        if value is None:
            return None
        zones = ["UTC", *(name for name, in duckdb.connect().execute(TIME_ZONES).fetchall())]
        if value not in zones:
            self.fault(key, f"is {value!r}, which is not a time zone.{did_you_mean(str(value), zones)} Use Europe/Berlin, for example.")
            return None
        return value

    def lines(self, key: str, value: object) -> int:
        if value is None or isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_SKIPPED:
            return value or 0
        self.fault(key, f"is {value!r}. Expected the number of lines above the header, at most {MOST_SKIPPED:,}.")
        return 0


OPTIONS = tuple(Source.__annotations__)


def did_you_mean(word: str, known: "list[str] | tuple[str, ...] | dict") -> str:
    similar = difflib.get_close_matches(word, list(known), 1, 0.7)
    return f" Did you mean {similar[0]}?" if similar else ""
