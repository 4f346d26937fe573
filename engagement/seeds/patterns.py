"""Checks the patterns of titles and paths, and the rows of each persona."""

import re
import unicodedata
from collections.abc import Iterator

from engagement.seeds.files import Fault, Table, shown
from engagement.seeds.signals import ANY_DECISION_MAKER


# what macros plain_path and tidy_path take away
NOT_IN_PATHS = re.compile(r"[?#;]|//|[.](html?|xhtml|shtml|php[0-9]?|aspx?|jspx?|cfm)(?=/|$)|/(index|default)(?=/|$)")


def faults(tables: dict[str, Table]) -> Iterator[Fault]:
    yield from persona_faults(tables["personas"])
    for row in tables["page_categories"].sound_rows:
        pattern = row["path_pattern"]
        if gone := NOT_IN_PATHS.search(pattern.lower()):
            yield row.fault(
                f"path_pattern '{shown(pattern)}' has '{shown(gone[0])}', which paths are compared without. Remove it, and what is behind it."
            )
        if pattern[0] not in "/%":
            yield row.fault(
                f"path_pattern '{shown(pattern)}' starts with neither / nor %, so no path can match. Begin it with / (or % for anything)."
            )
        if " " in pattern:
            yield row.fault(
                f"path_pattern '{shown(pattern)}' has a space, which paths are compared without. Write a hyphen for it: '{shown(pattern.replace(' ', '-'))}'."
            )
        if len(pattern) > 1 and pattern.endswith("/"):
            yield row.fault(
                f"path_pattern '{shown(pattern)}' ends with /, and no path does. Remove it: the pattern matches all pages below as well."
            )


def persona_faults(personas: Table) -> Iterator[Fault]:
    first = {}
    for row in personas.sound_rows:
        before = first.setdefault(row["persona"], row)
        for column in ("weight", "is_decision_maker"):
            if row[column] != before[column]:
                yield row.fault(
                    f"{column} is '{shown(row.cells[column])}', but '{shown(before.cells[column])}' on line {before.line} for the same"
                    f" persona {shown(row['persona'])}: they differ in {column}. Use one value in all rows of a persona."
                )
        if row["persona"] == ANY_DECISION_MAKER:
            yield row.fault(
                f"the persona is called {ANY_DECISION_MAKER}, which means all personas that are decision-makers. Choose another name."
            )
        if not is_of_words(row["title_pattern"]):
            yield row.fault(
                f"title_pattern '{shown(row['title_pattern'])}' has characters other than letters and digits, which titles are"
                " compared without. Write a space for each: co founder, it chef."
            )


def is_of_words(pattern: str) -> bool:
    """Words of letters and digits with one blank between them, as macro `words_of` leaves them; % and _ stand for such."""
    return all(
        word and all(char in "%_" or unicodedata.category(char)[0] in "LMN" for char in word) for word in pattern.split(" ")
    )
