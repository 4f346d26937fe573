"""Text for a terminal: safe to print, in columns, with one line of progress."""

import argparse
import io
import os
import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator

from rich.box import Box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

# characters that change the direction of the text after them; right-to-left letters don't
TURNS = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
COLOURS = re.compile(r"\x1b\[[0-9;]*m")
# only a line of dashes below the titles
DASHES = Box("    \n    \n -  \n    \n    \n    \n    \n    \n", ascii=True)
WIDEST_TABLE = 400  # characters; a table is never wrapped to fit the terminal


def printable(value: object) -> str:
    """A value as one line of text that can neither move the cursor nor reverse the rest of the line."""
    text = "-" if value is None else str(value)
    return "".join(
        " " if unicodedata.category(char) in ("Cc", "Zl", "Zp") or unicodedata.bidirectional(char) in TURNS else char
        for char in text
    )


def table(rows: Iterable[Iterable[object]], columns: list[tuple[str, int, bool]]) -> Iterator[str]:
    """The lines of a table. A column is (title, widest width, is it aligned to the right?)."""
    grid = Table(box=DASHES, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
    for title, widest, to_the_right in columns:
        grid.add_column(title, max_width=widest, no_wrap=True, overflow="ellipsis", justify="right" if to_the_right else "left")
    for row in rows:
        grid.add_row(*(Text(printable(value)) for value in row))
    output = io.StringIO()
    Console(file=output, width=WIDEST_TABLE, color_system=None, legacy_windows=False).print(grid)
    for line in output.getvalue().splitlines():
        yield line.rstrip()


def command_parser(name: str, description: str, **settings: object) -> argparse.ArgumentParser:
    """The parser for the options of a command. Its description keeps its line breaks."""
    return argparse.ArgumentParser(
        prog=f"python -m engagement {name}", description=description, formatter_class=argparse.RawDescriptionHelpFormatter, **settings,
    )


def complain(text: object) -> None:
    print(text, file=sys.stderr)


def stop_printing() -> None:
    """The reader of the output has closed it, so the rest is discarded."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class DbtProgress:
    """Shows one line with the current node while dbt runs, and each warning and error in full, once.

    Without a terminal there is no such line.
    """

    # the summary of the run says these better
    REPEATED = {"LogModelResult", "LogTestResult", "LogSeedResult", "LogUnitTestResult", "LogHookEndLine", "SkippingDetails"}

    def __init__(self) -> None:
        self.console = Console(stderr=True)
        self.progress = Progress(
            SpinnerColumn(), TextColumn("{task.description}"), BarColumn(bar_width=20), MofNCompleteColumn(), TimeElapsedColumn(),
            console=self.console, transient=True, disable=not self.console.is_terminal,
        )
        self.task = self.progress.add_task("reading the project", total=None)
        self.at_work: dict[str, str] = {}
        self.shown: set[str] = set()

    def __enter__(self) -> "DbtProgress":
        self.progress.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.progress.stop()

    def on_event(self, event) -> None:
        """A callback of dbtRunner. dbt calls it from several threads."""
        name = event.info.name
        if name == "LogHookStartLine":
            self.progress.update(self.task, description="preparing")
        elif name == "ConcurrencyLine":
            self.progress.update(self.task, total=event.data.node_count)
        elif name in ("NodeStart", "NodeFinished"):
            node = event.data.node_info
            if name == "NodeStart":
                self.at_work[node.unique_id] = node.node_name
            elif self.at_work.pop(node.unique_id, None):
                self.progress.advance(self.task)
            self.progress.update(self.task, description=next(reversed(self.at_work.values()), ""))
        is_fault = event.info.level in ("warn", "error") and name not in self.REPEATED
        is_landing = name == "AdapterEventInfo" and event.data.name == "landing"
        # a stopped build needs no traceback
        if (is_fault or is_landing or name == "SQLCompiledPath") and "KeyboardInterrupt" not in event.info.msg:
            self.show(event.data.base_msg if is_landing else event.info.msg)

    def show(self, message: str) -> None:
        """A message on its own lines, above the line of progress."""
        text = COLOURS.sub("", message).rstrip()
        if text and not any(text in before for before in self.shown):
            self.shown.add(text)
            self.console.print(Text("\n".join(map(printable, text.splitlines()))), soft_wrap=True)
