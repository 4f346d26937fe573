"""The raw tables in DuckDB: which file each row came from, and what changes when files change."""

import datetime as dt
import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb

from engagement.landing.contract import Sources, Table
from engagement.landing.files import CSV, JSONL, PARQUET, LandingError, Listing, RawFile, is_remote, list_files
from engagement.landing.forgotten import IDENTIFIERS, NONE_FORGOTTEN, Forgotten
from engagement.landing.layouts import NAMES, REJECTS, WESTERN, Layout, Shape, content_of, first_line, json_value, notes_of, objects_of, parquet_rows, shapes_of
from engagement.landing.lines import NOT_UTF8, BrokenFile, UnreadableLine, has_odd_line_ends, is_all_western, rewrite
from engagement.landing.settings import Source
from engagement.landing.tables import STATE, create_raw_table
from engagement.landing.types import DOUBTFUL_DATE, VERSION, settings, typed_rows
from engagement.paths import BadUsage, WorkingFolder, file_literal, in_project, literal, quoted, utc_now

SAMPLE = "sample/data"
LONGEST_LINE = 2_000_000  # bytes; DuckDB's own limit


@dataclass
class Landed:
    """The outcome of a run: lines for the log, the number of files read, their shapes, the files that couldn't be read, and the
    CSV files that DuckDB would misread."""

    notes: list[str]
    files_read: int
    listing: Listing
    shapes: dict[Shape, list[RawFile]]
    faults: list[str]
    read_by_lines: set[RawFile]


@dataclass(frozen=True)
class StoredFile:
    """A file as it was when it was last read."""

    file_id: int
    size: int
    modified: str
    first_seen_at: dt.datetime
    read_as: str

    def is_like(self, file: RawFile) -> bool:
        return (self.size, self.modified) == (file.size, file.modified)


class ReadError(Exception):
    """DuckDB can't read these files together."""

    def __init__(self, files: list[RawFile], error: Exception) -> None:
        self.files, self.error = files, error
        super().__init__(str(error))


def land(
    connection: duckdb.DuckDBPyConnection, folder: str, sources: Sources = Sources(), forgotten: Forgotten = NONE_FORGOTTEN, is_trial: bool = False,
) -> Landed:
    """Loads the files in `folder` into the raw tables, all at once or not at all.

    Only new and changed files are read. LandingError: the files don't match the contract, and nothing has changed. A trial
    leaves such files out and goes on.
    """
    contract = sources.tables
    refuse_schema_of_the_databases_name(connection, sources)
    connection.execute(settings(sources.placeholders))
    forgotten = replace(forgotten, mailbox_rules=sources.mailbox_rules)
    forgotten.prepare(connection)
    listing = list_files(connection, folder, contract, sources.crm)
    faults = Faults(folder, is_trial)
    faults.add(listing.faults)
    how = {
        table.name: read_as(table, sources, listing.settings.of(table.name), forgotten) for table in contract
    }
    known = known_files(connection)
    stored = {key: file for key, file in known.items() if file.read_as == how.get(key[0])}
    unread = [file for file in listing.files if not (file.key in stored and stored[file.key].is_like(file))]
    shapes, unreadable = shapes_of(connection, unread)
    empty = empty_beside_others(unreadable, listing.files, known)
    listing.notes += [f"{file.path} is empty, and brings no rows." for file in empty]
    faults.add([fault for file, fault in unreadable.items() if file not in empty])
    one_by_one: set[RawFile] = set()
    while True:
        connection.execute("begin")
        try:
            landing = Landing(connection, faults, sources, forgotten, one_by_one)
            landing.run(contract, how, listing.files, known, stored, shapes)
            connection.execute("commit")
            return Landed([*listing.losses, *listing.notes, *notes_of(shapes), *landing.notes], len(unread), listing, shapes, faults.texts, landing.read_by_lines)
        except ReadError as error:
            connection.execute("rollback")
            if one_by_one.issuperset(error.files):
                why = first_line(error.error)
                faults.add([f"{file.table.name}: {file.path} cannot be read ({why}). Export it again." for file in error.files])
                shapes = without(shapes, error.files)
            one_by_one |= set(error.files)
        except BaseException:
            connection.execute("rollback")
            raise


def raw_data() -> str:
    """The folder of raw data, as env var RAW_DATA names it."""
    return os.environ.get("RAW_DATA") or SAMPLE


def refuse_the_sample(connection: duckdb.DuckDBPyConnection) -> None:
    """Stops if env var RAW_DATA isn't set, but the files that were loaded last are others than those of the sample."""
    sample = in_project(SAMPLE)
    shipped = {(str(file.relative_to(sample)), file.stat().st_size) for file in sample.rglob("*") if file.is_file()}
    loaded = {(name, file.size) for (_, name), file in known_files(connection).items()}
    if not os.environ.get("RAW_DATA") and loaded and not loaded & shipped:
        raise BadUsage(
            "Env var RAW_DATA is not set, so the sample would replace the files that were loaded last. Set it to the folder of your"
            f" files. To go back to the sample, set RAW_DATA={SAMPLE}."
        )


def refuse_schema_of_the_databases_name(connection: duckdb.DuckDBPyConnection, sources: Sources) -> None:
    """Stops if DuckDB couldn't tell the database from a vendor's schema."""
    database, = connection.execute("select current_database()").fetchone()
    for vendor, schema in sources.vendors.items():
        if schema.lower() == database.lower():
            raise BadUsage(f"The database and the schema of {vendor} are both called {schema}. Rename one of them with ENGAGEMENT_DB or var {vendor}_schema.")


@dataclass
class Faults:
    """Faults in the files. They stop a run, unless it is a trial."""

    folder: str
    is_trial: bool
    texts: list[str] = field(default_factory=list)

    def add(self, texts: list[str]) -> None:
        self.texts += texts
        if texts and not self.is_trial:
            raise LandingError(self.folder, texts)


def empty_beside_others(unreadable: dict[RawFile, str], files: list[RawFile], known: Iterable[tuple[str, str]]) -> list[RawFile]:
    """Empty files of tables with other files: nothing happened on that day. A file that was read before has lost its rows instead."""
    whole = {file.table.name for file in files if file not in unreadable}
    return [file for file in unreadable if file.size == 0 and file.kind != PARQUET and file.table.name in whole and file.key not in known]


def without(shapes: dict[Shape, list[RawFile]], files: list[RawFile]) -> dict[Shape, list[RawFile]]:
    left = {shape: [file for file in alike if file not in files] for shape, alike in shapes.items()}
    return {shape: alike for shape, alike in left.items() if alike}


def read_as(table: Table, sources: Sources, written: tuple[Source, ...], forgotten: Forgotten) -> str:
    """A text that changes with the contract, landing.yml, the way of reading, the placeholders and the forgotten people. All files
    are then read again."""
    people = forgotten.fingerprint if any(column.personal in IDENTIFIERS for column in table.columns) else ""
    parts = VERSION, sources.schema_of(table), table.columns, written, sources.placeholders, people, table.id_prefix * bool(people)
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def known_files(connection: duckdb.DuckDBPyConnection) -> "dict[tuple[str, str], StoredFile]":
    """{(table, path within the folder): the file as it was when it was read}"""
    if not connection.execute(
        "select 1 from duckdb_tables() where database_name = current_database() and schema_name = 'landing' and table_name = 'contracts'"
    ).fetchone():
        return {}
    return {
        (name, path): StoredFile(*values) for name, path, *values in connection.execute(
            "select source_table, file_name, file_id, size_bytes, modified, first_seen_at, read_as"
            " from landing.files inner join landing.contracts using (source_table)"
        ).fetchall()
    }


@dataclass(frozen=True)
class Rows:
    """The rows of files that are read together: their source, their ids and the times they were first seen."""

    shape: Shape
    files: list[RawFile]
    paths: list[str]
    ids: list[int]
    seen: list[dt.datetime]
    layout: Layout
    options: str = ""

    def select(self) -> str:
        """SQL of the rows in the columns of the contract, with `file_id` and `seen_at`."""
        number = "[1]" if len(self.files) == 1 else "[cast(file_index as bigint) + 1]"
        times = ", ".join(f"timestamp {literal(seen)}" for seen in self.seen)
        values, source = self.source()
        columns = [*self.shape.select(values), f"[{', '.join(map(str, self.ids))}]{number} as file_id", f"[{times}]{number} as seen_at"]
        return f"(select {', '.join(columns)} from {source})"

    def source(self) -> tuple[list[str], str]:
        """(SQL of each column of the file, SQL of its rows)"""
        layout = self.layout
        names = [name for name, _ in layout.columns]
        if layout.kind == PARQUET:
            return [quoted(name) for name in names], parquet_rows(self.paths, layout.in_folders)
        compression = ", compression = 'gzip'" if layout.is_compressed else ""
        if layout.kind == JSONL:
            return list(map(json_value, names)), f"{objects_of(self.paths, compression)} where object is not null"
        # columns can have any name, or none
        columns = ", ".join(f"'column {number}': 'VARCHAR'" for number in range(len(names)))
        files = f"[{', '.join(map(file_literal, self.paths))}]"
        return [f'"column {number}"' for number in range(len(names))], (
            f"read_csv({files}, header = true, auto_detect = false, delim = {literal(layout.separator)}, quote = '\"', escape = '\"',"
            f" columns = {{{columns}}}, {REJECTS}{compression}{self.options})"
            # with some columns only, DuckDB breaks at a line that isn't UTF-8
            " as line where line is not null"
        )


@dataclass
class Landing:
    """One run, inside a transaction. `one_by_one` are files that can't be read together with others."""

    connection: duckdb.DuckDBPyConnection
    faults: Faults
    sources: Sources
    forgotten: Forgotten
    one_by_one: set[RawFile]
    notes: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)  # faults that only reading the files shows
    seen: dict[RawFile, dt.datetime] = field(default_factory=dict)
    read_by_lines: set[RawFile] = field(default_factory=set)  # CSV files that DuckDB would misread

    def run(
        self, contract: Iterable[Table], how: dict[str, str], files: list[RawFile], known: "dict[tuple[str, str], StoredFile]",
        stored: "dict[tuple[str, str], StoredFile]", shapes: dict[Shape, list[RawFile]],
    ) -> None:
        """`how` is {table: how it is read now}. `files` are all current files, `known` those read before, `stored` those read the
        way they would be now, and `shapes` those that must be read."""
        now = utc_now().replace(microsecond=0)
        for file in files:
            # an older version remembered whole paths
            before = known.get(file.key) or known.get((file.table.name, file.path))
            self.seen[file] = before.first_seen_at if before and before.is_like(file) else now
        self.connection.execute(STATE)
        for schema in (self.sources.raw_schema, *self.sources.vendors.values()):
            self.connection.execute(f"create schema if not exists {quoted(schema)}")
        self.prepare(contract, how)
        self.remove(contract, [stored[key].file_id for key in stored.keys() - {file.key for file in files}])
        for shape, alike in shapes.items():
            self.bring(shape, {file: stored.get(file.key) for file in alike})
        self.faults.add(self.broken)

    def prepare(self, contract: Iterable[Table], how: dict[str, str]) -> None:
        """Drops tables that are no longer read, such as those of a vendor that was switched off, or that must be read in
        another way. Creates tables that are missing."""
        kept = set()
        for name, read_before, relation in self.connection.execute("select source_table, read_as, relation from landing.contracts").fetchall():
            if how.get(name) == read_before:
                kept.add(name)
                continue
            self.connection.execute(f"drop table if exists {relation}")
            for state in ("contracts", "files", "unreadable_lines"):
                self.connection.execute(f"delete from landing.{state} where source_table = ?", [name])
        for table in contract:
            if table.name not in kept:
                create_raw_table(self.connection, self.sources.schema_of(table), table)
                self.connection.execute("insert into landing.contracts values (?, ?, ?)", [table.name, how[table.name], self.sources.relation(table)])

    # removed files

    def remove(self, contract: Iterable[Table], file_ids: list[int]) -> None:
        """Removes these files and their rows."""
        if not file_ids:
            return
        chosen = f"file_id in ({', '.join(map(str, file_ids))})"
        names = self.connection.execute(f"select distinct source_table from landing.files where {chosen}").fetchall()
        for table in contract:
            if (table.name,) in names:
                self.connection.execute(f"delete from {self.sources.relation(table)} where {chosen}")
        self.connection.execute(f"delete from landing.files where {chosen}")
        self.connection.execute(f"delete from landing.unreadable_lines where {chosen}")

    # new and changed files

    def bring(self, shape: Shape, files: "dict[RawFile, StoredFile | None]") -> None:
        """Reads files of one shape; None means the file is new. Only the rows that differ are replaced in a changed file."""
        ids = {file: stored.file_id if stored else self.next_file_id() for file, stored in files.items()}
        changed = [file for file, stored in files.items() if stored]
        self.read(shape, [file for file in files if file not in set(changed)], ids, self.sources.relation(shape.table))
        if changed:
            chosen = f"file_id in ({', '.join(str(ids[file]) for file in changed)})"
            self.connection.execute(f"delete from landing.files where {chosen}")
            self.connection.execute(f"delete from landing.unreadable_lines where {chosen}")
            self.connection.execute(f"create or replace temp table incoming as select * from {self.sources.relation(shape.table)} limit 0")
            self.read(shape, changed, ids, "temp.incoming")
            self.replace_differing(shape.table, chosen)
        self.ask_about_dates(shape, {ids[file]: file for file in files})
        rows = dict(self.connection.execute(
            f"select file_id, count(*) from {self.sources.relation(shape.table)}"
            f" where file_id in ({', '.join(map(str, ids.values()))}) group by file_id"
        ).fetchall())
        self.connection.executemany("insert into landing.files values (?, ?, ?, ?, ?, ?, ?)", [
            (ids[file], shape.table.name, file.name, file.size, file.modified, self.seen[file], rows.get(ids[file], 0)) for file in files
        ])

    def ask_about_dates(self, shape: Shape, files: dict[int, RawFile]) -> None:
        """A fault for files with mostly ambiguous dates: the day or the month could come first. Files with one answer share it."""
        if shape.source.dates or not self.has_faulty_rows(shape.table, files):
            return
        found, asked = {}, set()
        for column in [column.name for column in shape.table.columns if column.data_type == "timestamp" and column.name in shape.types]:
            raw = f"case when landing_row is not null and {quoted(column)} is null then landing_row ->> '$.{column}' end"
            for file_id, example, first, second in self.connection.execute(f"""
                select file_id, min(raw) filter (is_doubtful), max(first) filter (is_doubtful), max(second) filter (is_doubtful)
                from (
                    select file_id, {quoted(column)} as value, {raw} as raw, regexp_matches(raw, '{DOUBTFUL_DATE}') as is_doubtful,
                        try_cast(regexp_extract(raw, '{DOUBTFUL_DATE}', 1) as integer) as first,
                        try_cast(regexp_extract(raw, '{DOUBTFUL_DATE}', 3) as integer) as second
                    from {self.sources.relation(shape.table)} where file_id in ({', '.join(map(str, files))})
                )
                group by file_id having 2 * count(*) filter (is_doubtful) > count(value) + count(raw)
            """).fetchall():
                if file_id not in asked:
                    asked.add(file_id)
                    found.setdefault((column, first > 12, second > 12), []).append((files[file_id].path, example, first, second))
        for (column, *_), alike in found.items():
            path, *dates = min(alike)
            more = f" (and {len(alike) - 1} more)" if len(alike) > 1 else ""
            self.broken.append(f"{shape.table.name}: {path}{more} {date_question(shape.table, column, *dates)}")

    def has_faulty_rows(self, table: Table, file_ids: Iterable[int]) -> bool:
        return bool(self.connection.execute(
            f"select 1 from {self.sources.relation(table)} where landing_row is not null and file_id in ({', '.join(map(str, file_ids))}) limit 1"
        ).fetchone())

    def next_file_id(self) -> int:
        return self.connection.execute("select nextval('landing.file_ids')").fetchone()[0]

    def replace_differing(self, table: Table, chosen: str) -> None:
        """Replaces the rows of the chosen files that occur a different number of times in temp.incoming and the raw table."""
        # a row without a load time keeps the time it was first seen
        contents = [quoted(name) for name in table.column_names if name != "loaded_at" or table.vendor]
        contents += [] if table.vendor else ["case when first_seen_at is null then loaded_at end"]
        contents += ["unreadable_values", "landing_row"]
        row_hash = f"hash({', '.join(contents)})"
        self.connection.execute(f"""
            create or replace temp table differing as
            select file_id, row_hash from (
                select file_id, {row_hash} as row_hash, 1 as difference from {self.sources.relation(table)} where {chosen}
                union all select file_id, {row_hash}, -1 from temp.incoming
            ) group by file_id, row_hash having sum(difference) <> 0
        """)
        differs = f"(file_id, {row_hash}) in (select file_id, row_hash from temp.differing)"
        self.connection.execute(f"delete from {self.sources.relation(table)} where {chosen} and {differs}")
        self.connection.execute(f"insert into {self.sources.relation(table)} by name select * exclude (row_id) from temp.incoming where {differs}")
        self.connection.execute("drop table temp.incoming; drop table temp.differing")

    def read(self, shape: Shape, files: list[RawFile], ids: dict[RawFile, int], target: str) -> None:
        """Reads files into a table: most of them with one statement, the others one by one."""
        # DuckDB numbers the files in a column of this name
        is_taken = shape.layout.kind == PARQUET and "file_index" in {name.lower() for name, _ in shape.layout.columns}
        alone = [file for file in files if is_taken or file in self.one_by_one or self.has_odd_lines(shape, file)]
        together = [file for file in files if file not in set(alone)]
        if together:
            self.insert(self.rows_of(shape, together, ids), target)
            alone += self.take_back_broken(shape, together, ids, target)
        for file in alone:
            self.read_alone(shape, file, ids[file], target)
        if shape.layout.kind == JSONL:
            self.leave_out_other_lines(shape, files, ids)

    @staticmethod
    def has_odd_lines(shape: Shape, file: RawFile) -> bool:
        """True if DuckDB would misread the file: it isn't UTF-8, it has lines above the header (DuckDB counts quoted and empty
        ones differently), or its lines end in two ways."""
        layout = shape.layout
        if layout.kind != CSV or layout.encoding != "utf-8" or layout.skip_lines:
            return layout.kind == CSV
        return not is_remote(file.path) and has_odd_line_ends(Path(file.path), layout.is_compressed)

    def insert(self, rows: Rows, target: str) -> None:
        """Reads files with one statement."""
        self.forget_rejected()
        shape = rows.shape
        typed = typed_rows(shape.table, rows.select(), shape.types, shape.form, also="file_id")
        try:
            typed = self.forgotten.without(self.connection, shape.table, typed)
            self.connection.execute(f"insert into {target} by name {typed}")
        except (duckdb.InvalidInputException, duckdb.ConversionException, duckdb.SerializationException, duckdb.BinderException) as error:
            raise ReadError(rows.files, error) from error

    def rows_of(self, shape: Shape, files: list[RawFile], ids: dict[RawFile, int]) -> Rows:
        paths, seen = [file.path for file in files], [self.seen[file] for file in files]
        return Rows(shape, files, paths, [ids[file] for file in files], seen, shape.layout)

    def take_back_broken(self, shape: Shape, files: list[RawFile], ids: dict[RawFile, int], target: str) -> list[RawFile]:
        """The CSV files with lines that DuckDB couldn't read. Their rows are removed again."""
        if shape.layout.kind != CSV:
            return []
        rejected = self.rejected()
        broken = [file for file in files if os.path.normpath(file.path) in rejected]
        if broken:
            self.connection.execute(f"delete from {target} where file_id in ({', '.join(str(ids[file]) for file in broken)})")
        return broken

    def rejected(self) -> dict[str, dict[int, str]]:
        """{path: {number of a line: the line}} of the lines that DuckDB couldn't read since the last `forget_rejected`."""
        found: dict[str, dict[int, str]] = {}
        for path, number, line in self.connection.execute(
            "select file_path, line, csv_line from temp.landing_rejected_files inner join temp.landing_rejects using (scan_id, file_id)"
        ).fetchall():
            found.setdefault(os.path.normpath(path), {})[number] = line
        return found

    def forget_rejected(self) -> None:
        for temporary in ("landing_rejects", "landing_rejected_files"):
            self.connection.execute(f"drop table if exists temp.{temporary}")

    def read_alone(self, shape: Shape, file: RawFile, file_id: int, target: str) -> None:
        """Reads one file. A CSV file is read line by line, so that only the broken line is left out."""
        rows = self.rows_of(shape, [file], {file: file_id})
        if shape.layout.kind != CSV:
            return self.insert(rows, target)
        with WorkingFolder("landing") as folder:
            try:
                lines, unreadable, encoding = rewritten_rows(self.connection, rows, folder)
            except BrokenFile as error:
                self.broken.append(f"{shape.table.name}: {file.path} {error}")
                return
            if encoding != shape.layout.encoding:
                self.notes.append(f"{shape.table.name}: {file.path}: read as {NAMES[encoding]}.")
            self.insert(lines, target)
        self.read_by_lines.add(file)
        self.leave_out(shape, file, file_id, unreadable)

    def leave_out(self, shape: Shape, file: RawFile, file_id: int, lines: Iterable[UnreadableLine]) -> None:
        """Records lines that aren't rows."""
        left_out = [
            (file_id, shape.table.name, file.name, line.number, line.fault, line.text) for line in self.forgotten.left_out(shape.table, lines)
        ]
        if left_out:
            self.connection.executemany("insert into landing.unreadable_lines values (?, ?, ?, ?, ?, ?)", left_out)
            self.notes.append(
                f"{shape.table.name}: {len(left_out)} unreadable line{'' if len(left_out) == 1 else 's'} of {file.path} left out; see rejected_records."
            )

    def leave_out_other_lines(self, shape: Shape, files: list[RawFile], ids: dict[RawFile, int]) -> None:
        """The same for JSON lines without an object, and for lines that aren't UTF-8."""
        if not files:
            return
        self.forget_rejected()
        options = ", compression = 'gzip'" if shape.layout.is_compressed else ""
        other = r"object is null and regexp_matches(line, '\S')"
        faulty = {number for number, in self.connection.execute(
            f"select distinct file_index from {objects_of([file.path for file in files], options)} where {other}"
        ).fetchall()}
        rejected = self.rejected()
        for number, file in enumerate(files):
            odd = rejected.get(os.path.normpath(file.path), {})
            lines = [UnreadableLine(line, NOT_UTF8, text) for line, text in odd.items()]
            if number in faulty:
                lines += [
                    UnreadableLine(number_among(line, odd), "it is not a JSON object", text)
                    for line, text in self.connection.execute(
                        f"select number, line from (select row_number() over () as number, * from {objects_of([file.path], options)}) where {other}"
                    ).fetchall()
                ]
            self.leave_out(shape, file, ids[file], sorted(lines, key=lambda line: line.number))


def rewritten_rows(connection: duckdb.DuckDBPyConnection, rows: Rows, folder: str) -> tuple[Rows, list[UnreadableLine], str]:
    """(the rows of one CSV file, rewritten so that DuckDB can read them, the lines left out, the encoding)"""
    file, = rows.files
    rewritten, layout = Path(folder, f"rows_{rows.ids[0]}.csv"), rows.layout
    source = local(connection, file, folder)
    if layout.encoding == "utf-8" and is_all_western(source, layout.is_compressed):
        layout = replace(layout, encoding=WESTERN)
    unreadable, longest = rewrite(source, rewritten, layout)
    options = f", parallel = false, max_line_size = {max(longest, LONGEST_LINE)}"
    return replace(rows, paths=[str(rewritten)], layout=Layout(CSV, layout.columns), options=options), unreadable, layout.encoding


def local(connection: duckdb.DuckDBPyConnection, file: RawFile, folder: str) -> Path:
    """The file, or a local copy of a remote one."""
    if not is_remote(file.path):
        return Path(file.path)
    copy = Path(folder, "copy")
    copy.write_bytes(content_of(connection, file.path))
    return copy


def number_among(number: int, left_out: Iterable[int]) -> int:
    """The number of a line among all lines of a file, from its number without those left out."""
    for other in sorted(left_out):
        number += other <= number
    return number


def date_question(table: Table, column: str, example: str, first: int, second: int) -> str:
    only = "day_first" if first > 12 else "month_first" if second > 12 else None
    advice = f"Here it can only be {only}, so write" if only and min(first, second) <= 12 else "Write"
    dates = only or "day_first, or month_first,"
    return (
        f"writes {column} as {example!r}. Does the day or the month come first?"
        f" {advice} `dates: {dates}` under `{table.name}:` in landing.yml."
    )
