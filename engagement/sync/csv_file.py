"""Writes a CSV file for the import wizard of a CRM."""

import argparse
import csv
import os
import re
from pathlib import Path

from engagement.console import printable
from engagement.export import FORMULA
from engagement.paths import utc_now
from engagement.sync.targets import WithoutFields
from engagement.sync.updates import Field, Update
from engagement.warehouse.versions import VERSION_FORMAT


class CsvFile(WithoutFields):
    """A folder that gets a new file in each run."""

    title = "a CSV file"
    largest_batch = 10**9  # one file

    def __init__(self, fields: list[Field], options: argparse.Namespace) -> None:
        self.fields, self.folder = fields, Path(options.out)

    def connect(self) -> str:
        self.folder.mkdir(parents=True, exist_ok=True)
        return f"folder {self.folder.resolve()}"

    def field_rows(self) -> list[tuple[str, str, str]]:
        return [(self.heading(field), field.label, field.kind) for field in self.fields]

    def heading(self, field: Field) -> str:
        return field.name if field.is_renamed else field.label

    def write(self, updates: list[Update]) -> dict[str, str]:
        file = self.folder / f"crm_account_updates_{utc_now().strftime(VERSION_FORMAT)}.csv"
        number = 1
        while file.exists():
            number += 1
            file = file.with_name(f"{file.stem.split('.')[0]}.{number}.csv")
        new = file.with_name(file.name + ".new")
        with open(new, "w", newline="", encoding="utf-8") as lines:
            writer = csv.writer(lines, lineterminator="\n")
            writer.writerow(["Record ID", "Account name", *map(self.heading, self.fields)])
            for update in updates:
                # the name is for readers, and must not be a formula that a spreadsheet would run
                name = re.sub(f"(?={FORMULA})", "'", update.account_name or "", count=1)
                writer.writerow([update.crm_account_id, name, *(update.text(field) for field in self.fields)])
            lines.flush()
            os.fsync(lines.fileno())
        os.replace(new, file)
        print(printable(f"Wrote {file}."))
        return {}
