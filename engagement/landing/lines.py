"""Reads a CSV file line by line if DuckDB can't: mixed line ends, broken lines, lines of many megabytes.

Only the unreadable line is left out, unless it is unclear where the next row begins.
"""

import csv
import gzip
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from engagement.landing.layouts import CHUNK, Layout, is_western

# as DuckDB reads quotes, so that a value doesn't depend on other lines of its file
QUOTED = re.compile('"([^"]*(?:""[^"]*)*)"(?!")( *)')
NEVER_CLOSED, TEXT_AFTER_QUOTE, NOT_UTF8 = "a quote is opened and never closed", "text follows a closing quote", "it is not UTF-8"


class BrokenFile(Exception):
    """It is unclear where the rows of a file begin. The message follows the name of the file."""


@dataclass(frozen=True)
class UnreadableLine:
    """A line that is left out. `number` is 1 for the header. In `text`, bytes that aren't text are question marks."""

    number: int
    fault: str
    text: str


def opened(path: Path, is_compressed: bool) -> BinaryIO:
    return gzip.open(path) if is_compressed else open(path, "rb")


def has_odd_line_ends(path: Path, is_compressed: bool) -> bool:
    """True unless all lines end the same way, including line ends inside quotes."""
    feeds = returns = pairs = 0
    last = b""
    with opened(path, is_compressed) as file:
        while chunk := file.read(CHUNK):
            feeds += chunk.count(b"\n")
            returns += chunk.count(b"\r")
            if returns:
                pairs += (last + chunk).count(b"\r\n")
            last = chunk[-1:]
    return 0 < returns and 0 < feeds and not feeds == returns == pairs


def is_all_western(path: Path, is_compressed: bool) -> bool:
    """True if a file that isn't all UTF-8 is clearly Windows-1252."""
    with opened(path, is_compressed) as file:
        return is_western(file)


def rewrite(source: Path, target: Path, layout: Layout) -> tuple[list[UnreadableLine], int]:
    """Writes the rows of a CSV file to one that DuckDB can read. Returns (lines left out, upper limit of bytes in a row)."""
    unreadable, longest, columns = [], 0, len(layout.columns)
    with opened(source, layout.is_compressed) as file, open(target, "w", newline="", encoding="utf-8") as output:
        writer = csv.writer(output, quoting=csv.QUOTE_ALL, lineterminator="\n")
        for number, text, values, fault in rows(file, layout):
            if fault is None and not is_text(text):
                fault = NOT_UTF8
            # some programs end each row with a separator
            if not any(values[columns:]):
                values = values[:columns]
            if fault is None and len(values) != columns:
                fault = f"it has too {'few' if len(values) < columns else 'many'} values"
            if fault is None:
                writer.writerow(values)
                longest = max(longest, 5 * (len(text) + columns))
            elif fault == NEVER_CLOSED or "\n" in text:
                raise BrokenFile(
                    f"is not CSV from line {number} on: {fault}. Correct or remove that line; it begins with {json.dumps(shown(text[:80]))}"
                )
            else:
                unreadable.append(UnreadableLine(number, fault, shown(text)))
    return unreadable, longest


def rows(file: BinaryIO, layout: Layout) -> Iterator[tuple[int, str, list[str], "str | None"]]:
    """(number of its first line, text, values, fault in its quotes) of each row, including the header."""
    lines = enumerate(physical_lines(file, layout.encoding), start=1)
    for number, text in lines:
        if number == 1:
            text = text.removeprefix("\ufeff")
        if number <= layout.skip_lines or not text.removesuffix("\r"):
            continue
        values, fault = None, None
        try:
            values = values_of(text.removesuffix("\r"), layout.separator)
            while values is None:
                _, line = next(lines)
                text += "\n" + line
                if '"' in line:
                    values = values_of(text.removesuffix("\r"), layout.separator)
        except ValueError:
            fault = TEXT_AFTER_QUOTE
        except StopIteration:
            fault = NEVER_CLOSED
        yield number, text.removesuffix("\r"), values or [], fault


def physical_lines(file: BinaryIO, encoding: str) -> Iterator[str]:
    """The lines of a file. A UTF-8 file may come from an old Mac, without line feeds. Bytes that aren't text become
    surrogates."""
    if encoding == "utf-8":
        beginning = file.read(CHUNK)
        file.seek(0)
        return map(decoded, file if b"\n" in beginning else file.read().split(b"\r"))
    lines = io.TextIOWrapper(file, encoding, "replace", newline="\n")
    return (line.removesuffix("\n") for line in lines)


def values_of(text: str, separator: str = ",") -> "list[str] | None":
    """The values of a row; None if a quote is still open. ValueError: text follows a closing quote."""
    if '"' not in text:
        return text.split(separator)
    values, position = [], 0
    while True:
        # one blank may stand before a quote, and any number after it
        start = position + (text[position:position + 1] == " ")
        if text[start:start + 1] == '"':
            value, blanks, position = "", "", start
            while text[position:position + 1] == '"':
                quoted = QUOTED.match(text, position)
                if not quoted:
                    return None
                value += blanks + quoted[1].replace('""', '"')
                blanks, position = quoted[2], quoted.end()
            if text[position:position + 1] not in ("", separator):
                raise ValueError
            values.append(value)
        else:
            end = text.find(separator, position)
            values.append(text[position:] if end < 0 else text[position:end])
            position = len(text) if end < 0 else end
        if position == len(text):
            return values
        position += 1


def decoded(line: bytes) -> str:
    """A line without its line feed. Bytes that aren't text become surrogates."""
    return line.removesuffix(b"\n").decode("utf-8", "surrogateescape")


def is_text(text: str) -> bool:
    return text.isascii() or not re.search("[\udc80-\udcff]", text)


def shown(text: str) -> str:
    return re.sub("[\udc80-\udcff]", "?", text)
