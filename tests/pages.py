"""What pages hold: headings, links, tables and blocks. A block of output may be shortened: "…" cuts a line, a line "..." leaves out lines."""

import re
from dataclasses import dataclass
from pathlib import Path

from harness import ROOT, read_yaml

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
# what is another one in each run: versions, seconds
VOLATILE = [(r"\d{8}T\d{6}Z", "VERSION"), (r"\b\d+(\.\d)? s\b", "SECONDS")]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A block of code or output; output has no language."""

    language: str
    text: str

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()


def published_tables() -> tuple[set[str], set[str]]:
    """The marts, and the seeds that are published with them."""
    seeds = read_yaml(ROOT / "seeds" / "_seeds.yml")["seeds"]
    return {file.stem for file in ROOT.glob("models/marts/*/*.sql")}, {
        seed["name"] for seed in seeds if seed["config"].get("meta", {}).get("is_published")
    }


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def blocks(page: Path) -> list[Block]:
    return [Block(*found) for found in FENCE.findall(page.read_text(encoding="utf-8"))]


def output(name: str, begins: str) -> Block:
    """The block of a page that begins so."""
    (block,) = [block for block in blocks(ROOT / name) if block.text.startswith(begins)]
    return block


def without_blocks(text: str) -> str:
    return FENCE.sub("", text)


def anchors(page: Path) -> set[str]:
    """The headings as GitHub names them in addresses."""
    headings = re.findall(r"^#+ (.+)$", without_blocks(page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", re.sub(r"\]\([^)]*\)", "", heading).lower()).strip().replace(" ", "-") for heading in headings}


def links(page: Path) -> list[str]:
    """Links to other pages and files; a link may be broken by a line end."""
    return [re.sub(r"\s", "", link) for link in re.findall(r"\]\((?!https?:)([^)]+)\)", without_blocks(page.read_text(encoding="utf-8")))]


def tables(text: str) -> list[list[list[str]]]:
    """[[cells of a line]] of each table, headings included."""
    found = []
    for rows in re.findall(r"(?:^\|.*\|\n?)+", without_blocks(text), re.MULTILINE):
        lines = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))] for line in rows.splitlines()]
        found.append([lines[0], *lines[2:]])
    return found


def table(name: str, first_heading: str, number: int = 0) -> list[list[str]]:
    """The rows of the table of a page that has this first heading."""
    return [rows for rows in tables(text_of(name)) if rows[0][0] == first_heading][number][1:]


def steady(line: str) -> str:
    for pattern, name in VOLATILE:
        line = re.sub(pattern, name, line)
    return line.rstrip()


def missing(block: Block, printed: str) -> list[str]:
    """The lines of a block that are not printed, or not in this order."""
    lines, lost = [steady(line) for line in printed.splitlines()], []
    for line in map(steady, block.lines):
        if line.strip() in ("", "..."):
            continue
        found = next((
            number for number, real in enumerate(lines) if real == line or line.endswith("…") and real.startswith(line[:-1])
        ), None)
        if found is None:
            lost.append(line)
        else:
            lines = lines[found + 1:]
    return lost


def queries(page: Path) -> list[tuple[str, list[list[str]]]]:
    """Each block of SQL with the table that is shown below it."""
    text = page.read_text(encoding="utf-8")
    return [
        (found.group(1), tables(found.group(2))[0])
        for found in re.finditer(r"^```sql\n(.*?)^```\n\n((?:^\|[^\n]*\|\n?)+)", text, re.DOTALL | re.MULTILINE)
    ]


def shown(value: object, cell: str) -> str:
    """A value as a page writes it: numbers with as many decimals as the cell has."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if re.fullmatch(r"-?\d+(\.\d+)?", cell) and not isinstance(value, str):
        return f"{value:.{len(cell.partition('.')[2])}f}"
    return str(value)


def assert_queries_give_their_tables(page: Path, connection) -> int:
    """Runs each query of a page; how many there are."""
    asked = queries(page)
    for sql, (headings, *expected) in asked:
        result = connection.execute(sql)
        columns, rows = [column[0].replace("_", " ") for column in result.description], result.fetchall()
        assert headings == columns and len(rows) == len(expected), (page.name, sql)
        for row, cells in zip(rows, expected):
            assert [shown(value, cell) for value, cell in zip(row, cells)] == cells, (page.name, sql)
    return len(asked)
