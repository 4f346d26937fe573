"""Reads a CSV file line by line where DuckDB cannot: mixed line ends, broken lines, lines of many megabytes.

A line that cannot be read costs only itself, unless nobody can tell where the next row begins.
"""

import csv
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

CHUNK = 1 << 24  # bytes
OPENING = re.compile(' *"')
QUOTED = re.compile(' *"([^"]*(?:""[^"]*)*)"(?!") *')
NEVER_CLOSED, TEXT_AFTER_QUOTE = "a quote is opened and never closed", "text follows a closing quote"


class BrokenFile(Exception):
    """Nobody can tell where the rows of a file begin. The message follows the name of the file."""


@dataclass(frozen=True)
class UnreadableLine:
    """A line that is left out. `number` is 1 for the header; `text` has a question mark for each byte that is no text."""

    number: int
    fault: str
    text: str


def has_odd_line_ends(path: Path) -> bool:
    """True unless all lines end alike; a line end inside quotes counts, too."""
    feeds = returns = pairs = 0
    last = b""
    with open(path, "rb") as file:
        while chunk := file.read(CHUNK):
            feeds += chunk.count(b"\n")
            returns += chunk.count(b"\r")
            if returns:
                pairs += (last + chunk).count(b"\r\n")
            last = chunk[-1:]
    return 0 < returns and 0 < feeds and not feeds == returns == pairs


def rewrite(source: Path, target: Path, columns: int) -> tuple[list[UnreadableLine], int]:
    """Writes the rows of a CSV file as one that DuckDB can read; (lines left out, bytes of the longest row at most)."""
    unreadable, longest = [], 0
    with open(source, "rb") as file, open(target, "w", newline="", encoding="utf-8") as output:
        writer = csv.writer(output, quoting=csv.QUOTE_ALL, lineterminator="\n")
        for number, text, values, fault in rows(file):
            if fault is None and not is_text(text):
                fault = "it is not UTF-8"
            if fault is None and len(values) != columns:
                fault = f"it has too {'few' if len(values) < columns else 'many'} values"
            if fault is None:
                writer.writerow(values)
                longest = max(longest, 5 * (len(text) + columns))
            elif fault == NEVER_CLOSED or "\n" in text:
                raise BrokenFile(
                    f"is no CSV from line {number} on: {fault}. Correct or remove that line; it begins with {json.dumps(shown(text[:80]))}"
                )
            else:
                unreadable.append(UnreadableLine(number, fault, shown(text)))
    return unreadable, longest


def rows(file: BinaryIO) -> Iterator[tuple[int, str, list[str], "str | None"]]:
    """(number of its first line, text, values, what is wrong with its quotes) of each row, header included."""
    lines = enumerate(map(decoded, physical_lines(file)), start=1)
    for number, text in lines:
        if number == 1:
            text = text.removeprefix("\ufeff")
        if not text.removesuffix("\r"):
            continue
        values, fault = None, None
        try:
            values = values_of(text.removesuffix("\r"))
            while values is None:
                _, line = next(lines)
                text += "\n" + line
                if '"' in line:
                    values = values_of(text.removesuffix("\r"))
        except ValueError:
            fault = TEXT_AFTER_QUOTE
        except StopIteration:
            fault = NEVER_CLOSED
        yield number, text.removesuffix("\r"), values or [], fault


def physical_lines(file: BinaryIO) -> Iterable[bytes]:
    """The lines of a file; it may be one of an old Mac, without any line feed."""
    beginning = file.read(CHUNK)
    file.seek(0)
    return file if b"\n" in beginning else file.read().split(b"\r")


def values_of(text: str) -> "list[str] | None":
    """The values of a row; None: a quote is still open. ValueError: text follows a closing quote."""
    if '"' not in text:
        return text.split(",")
    values, position = [], 0
    while True:
        if OPENING.match(text, position):
            quoted = QUOTED.match(text, position)
            if not quoted:
                return None
            values.append(quoted[1].replace('""', '"'))
            position = quoted.end()
            if text[position:position + 1] not in ("", ","):
                raise ValueError
        else:
            end = text.find(",", position)
            values.append(text[position:] if end < 0 else text[position:end])
            position = len(text) if end < 0 else end
        if position == len(text):
            return values
        position += 1


def decoded(line: bytes) -> str:
    """A line without its line feed; a byte that is no text becomes a surrogate."""
    return line.removesuffix(b"\n").decode("utf-8", "surrogateescape")


def is_text(text: str) -> bool:
    return text.isascii() or not re.search("[\udc80-\udcff]", text)


def shown(text: str) -> str:
    return re.sub("[\udc80-\udcff]", "?", text)
