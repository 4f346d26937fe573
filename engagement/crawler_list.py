"""Writes seeds/lists/crawler_agents.csv anew from the package that maintains it: python -m engagement.crawler_list

The version is pinned here. Raise it, run the command, read the difference, and commit both. seeds/lists/README.md names
the source and its licence.
"""

import csv
import itertools
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from re import _parser as regular_expressions

from engagement.paths import ROOT

FOLDER = ROOT / "seeds" / "lists"
CRAWLERS = "crawler-user-agents==1.67.0"
# what a fragment cannot say, such as any character
GAP = "\0"
SHORTEST_FRAGMENT = 3


def crawler_fragments(folder: Path) -> set[str]:
    """The texts that tell crawlers, libraries and monitors from browsers, without those that contain another one."""
    (file,) = folder.rglob("crawler-user-agents.json")
    found = {
        fragment.strip() for row in json.loads(file.read_text(encoding="utf-8")) for fragment in fragments_of(row["pattern"].lower())
        if len(fragment.strip("^$")) >= SHORTEST_FRAGMENT
    }
    return {fragment for fragment in found if not any(other in fragment for other in found if other != fragment)}


def fragments_of(pattern: str) -> set[str]:
    """The longest literal text of each alternative of a regular expression; ^ and $ mark the beginning and the end."""
    return {max(text.split(GAP), key=len) for text in texts_of(regular_expressions.parse(pattern))}


def texts_of(expression: Iterable) -> list[str]:
    """All texts that a regular expression stands for, with a gap for what is no literal."""
    return ["".join(parts) for parts in itertools.product(*(alternatives(*part) for part in expression))]


def alternatives(kind: object, value: object) -> list[str]:
    name = str(kind)
    if name == "LITERAL":
        return [chr(value)]
    if name == "AT":
        return ["^" if str(value) == "AT_BEGINNING" else "$"]
    if name == "BRANCH":
        return [text for branch in value[1] for text in texts_of(branch)]
    if name == "SUBPATTERN":
        return texts_of(value[-1])
    if name == "IN" and all(str(item) == "LITERAL" for item, _ in value):
        return sorted({chr(letter) for _, letter in value})
    return [GAP]


def refresh(folder: Path = FOLDER) -> int:
    """Writes the list; gives the number of its rows."""
    with tempfile.TemporaryDirectory() as package:
        subprocess.run(
            [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", package, CRAWLERS], check=True,
        )
        fragments = sorted(crawler_fragments(Path(package)))
    with open(folder / "crawler_agents.csv", "w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows([["fragment"], *([fragment] for fragment in fragments)])
    return len(fragments)


if __name__ == "__main__":
    print(f"crawler_agents: {refresh()} rows of {CRAWLERS}")
