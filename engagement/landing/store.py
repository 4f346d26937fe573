"""The raw tables in DuckDB: which file brought which row, and what changes when files do."""

import datetime as dt
import hashlib
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from engagement.landing.contract import Table, read_contract
from engagement.landing.files import LandingError, RawFile, Shape, first_line, is_remote, list_files, shapes_of
from engagement.landing.forgotten import IDENTIFIERS, NOBODY, Forgotten
from engagement.landing.lines import BrokenFile, has_odd_line_ends, rewrite
from engagement.landing.tables import STATE, create_raw_table
from engagement.landing.types import SET_TIME_ZONES, VERSION, typed_rows
from engagement.paths import literal, quoted, utc_now

LONGEST_LINE = 2_000_000  # bytes; DuckDB's own limit
REJECTS = "store_rejects = true, rejects_limit = 0, rejects_table = 'landing_rejects', rejects_scan = 'landing_rejected_files'"


@dataclass
class Landed:
    """The outcome of a run: lines for the log, and how many files were read."""

    notes: list[str]
    files_read: int


@dataclass(frozen=True)
class StoredFile:
    """A file as it was when it was last read."""

    file_id: int
    size: int
    modified: str
    first_seen_at: dt.datetime

    def is_like(self, file: RawFile) -> bool:
        return (self.size, self.modified) == (file.size, file.modified)


class ReadError(Exception):
    """DuckDB cannot read these files together."""

    def __init__(self, files: list[RawFile], error: Exception) -> None:
        self.files, self.error = files, error
        super().__init__(str(error))


def land(
    connection: duckdb.DuckDBPyConnection, folder: str, schema: str = "raw", forgotten: Forgotten = NOBODY,
) -> Landed:
    """Brings the raw tables up to the files below `folder`, all at once or not at all.

    Only new and changed files are read. LandingError: the files do not keep the contract, and nothing has changed.
    """
    contract = read_contract()
    listing = list_files(connection, folder, contract)
    if listing.faults:
        raise LandingError(folder, listing.faults)
    connection.execute(SET_TIME_ZONES)
    forgotten.prepare(connection)
    how = {table.name: read_as(table, forgotten) for table in contract}
    stored = stored_files(connection, how)
    unread = [file for file in listing.files if not (file.key in stored and stored[file.key].is_like(file))]
    shapes, faults = shapes_of(connection, unread)
    if faults:
        raise LandingError(folder, faults)
    one_by_one: set[RawFile] = set()
    while True:
        connection.execute("begin")
        try:
            landing = Landing(connection, folder, schema, forgotten, one_by_one)
            landing.run(contract, how, listing.files, stored, shapes)
            connection.execute("commit")
            columns = [
                f"{shape.table.name}: {alike[0].path}{f' and {len(alike) - 1} more' if len(alike) > 1 else ''} {' and '.join(shape.notes)}."
                for shape, alike in shapes.items() if shape.notes
            ]
            return Landed([*listing.notes, *columns, *landing.notes], len(unread))
        except ReadError as error:
            connection.execute("rollback")
            if one_by_one.issuperset(error.files):
                raise LandingError(folder, [
                    f"{file.table.name}: {file.path} cannot be read ({first_line(error.error)}). Write it again." for file in error.files
                ]) from error.error
            one_by_one |= set(error.files)
        except BaseException:
            connection.execute("rollback")
            raise


def read_as(table: Table, forgotten: Forgotten) -> str:
    """Changes with the contract, the way of reading and the list of forgotten people: then all files are read again."""
    people = forgotten.fingerprint if any(column.personal in IDENTIFIERS for column in table.columns) else ""
    return hashlib.sha256(repr((VERSION, table, people)).encode()).hexdigest()


def stored_files(connection: duckdb.DuckDBPyConnection, read_as_by_table: dict[str, str]) -> "dict[tuple[str, str], StoredFile]":
    """{(table, path): the file as it was read}, without those that would be read in another way now."""
    if not connection.execute(
        "select 1 from duckdb_tables() where database_name = current_database() and schema_name = 'landing' and table_name = 'contracts'"
    ).fetchone():
        return {}
    return {
        (name, path): StoredFile(*values) for name, how, path, *values in connection.execute(
            "select source_table, read_as, file_name, file_id, size_bytes, modified, first_seen_at"
            " from landing.files inner join landing.contracts using (source_table)"
        ).fetchall() if how == read_as_by_table.get(name)
    }


@dataclass
class Landing:
    """One run, inside a transaction. `one_by_one` are files that cannot be read together with others."""

    connection: duckdb.DuckDBPyConnection
    folder: str
    schema: str
    forgotten: Forgotten
    one_by_one: set[RawFile]
    notes: list[str] = field(default_factory=list)

    def run(
        self, contract: Iterable[Table], how: dict[str, str], files: list[RawFile], stored: "dict[tuple[str, str], StoredFile]",
        shapes: dict[Shape, list[RawFile]],
    ) -> None:
        """`how` is {table: how it is read now}; `files` are all that are there, `stored` those that were read so before,
        `shapes` those that have to be read."""
        self.connection.execute(STATE)
        self.connection.execute(f"create schema if not exists {quoted(self.schema)}")
        for table in contract:
            self.prepare(table, how[table.name])
        self.remove(contract, [stored[key].file_id for key in stored.keys() - {file.key for file in files}])
        for shape, alike in shapes.items():
            self.bring(shape, {file: stored.get(file.key) for file in alike})

    def relation(self, table: Table) -> str:
        return f"{quoted(self.schema)}.{quoted(table.name)}"

    def prepare(self, table: Table, how: str) -> None:
        """Empties the table if its files have to be read in another way than before."""
        found = self.connection.execute("select read_as from landing.contracts where source_table = ?", [table.name]).fetchone()
        if found == (how,):
            return
        if found:
            files = self.connection.execute("select file_id from landing.files where source_table = ?", [table.name]).fetchall()
            self.remove([table], [file_id for file_id, in files])
            self.connection.execute("delete from landing.contracts where source_table = ?", [table.name])
        create_raw_table(self.connection, self.schema, table)
        self.connection.execute("insert into landing.contracts values (?, ?)", [table.name, how])

    # files that are gone

    def remove(self, contract: Iterable[Table], file_ids: list[int]) -> None:
        """Takes out these files and their rows."""
        if not file_ids:
            return
        chosen = f"file_id in ({', '.join(map(str, file_ids))})"
        names = self.connection.execute(f"select distinct source_table from landing.files where {chosen}").fetchall()
        for table in contract:
            if (table.name,) in names:
                self.remove_rows(table, chosen)
        self.connection.execute(f"delete from landing.files where {chosen}")
        self.connection.execute(f"delete from landing.unreadable_lines where {chosen}")

    def remove_rows(self, table: Table, condition: str) -> None:
        """Takes out rows of one table; int_events learns which events lost a load by the counter `row_id`."""
        rows, key = self.relation(table), quoted(table.key)
        if table.is_event:
            (last_row_id,) = self.connection.execute("select nextval('landing.row_ids')").fetchone()
            self.connection.execute(
                f"insert into landing.removed_keys select nextval('landing.row_ids'), {literal(table.name)}, {key}"
                f" from {rows} where {condition} and landing_fault is null"
            )
        self.connection.execute(f"delete from {rows} where {condition}")
        if table.is_event:
            # the loads that are left have to be compared again
            self.connection.execute(
                f"update {rows} set row_id = nextval('landing.row_ids') where {key} in (select record_key from landing.removed_keys"
                f" where source_table = {literal(table.name)} and row_id > {last_row_id})"
            )

    # files that are new or changed

    def bring(self, shape: Shape, files: "dict[RawFile, StoredFile | None]") -> None:
        """Reads files of one shape; None: the file is new. Of a changed file only the rows that differ are replaced."""
        ids = {file: stored.file_id if stored else self.next_file_id() for file, stored in files.items()}
        changed = [file for file, stored in files.items() if stored]
        self.read(shape, [file for file in files if file not in set(changed)], ids, self.relation(shape.table))
        if changed:
            chosen = f"file_id in ({', '.join(str(ids[file]) for file in changed)})"
            self.connection.execute(f"delete from landing.files where {chosen}")
            self.connection.execute(f"delete from landing.unreadable_lines where {chosen}")
            self.connection.execute(f"create or replace temp table incoming as select * from {self.relation(shape.table)} limit 0")
            self.read(shape, changed, ids, "temp.incoming")
            self.replace_differing(shape.table, chosen)
        rows = dict(self.connection.execute(
            f"select file_id, count(*) from {self.relation(shape.table)} where file_id in ({', '.join(map(str, ids.values()))}) group by file_id"
        ).fetchall())
        self.connection.executemany("insert into landing.files values (?, ?, ?, ?, ?, ?, ?)", [
            (ids[file], shape.table.name, file.path, file.size, file.modified, stored.first_seen_at if stored else utc_now(), rows.get(ids[file], 0))
            for file, stored in files.items()
        ])

    def next_file_id(self) -> int:
        return self.connection.execute("select nextval('landing.file_ids')").fetchone()[0]

    def replace_differing(self, table: Table, chosen: str) -> None:
        """Replaces the rows of the chosen files that are not in temp.incoming as often as in the raw table."""
        row_hash = f"hash({', '.join(map(quoted, [*table.column_names, 'unreadable_values', 'landing_row']))})"
        self.connection.execute(f"""
            create or replace temp table differing as
            select file_id, row_hash from (
                select file_id, {row_hash} as row_hash, 1 as difference from {self.relation(table)} where {chosen}
                union all select file_id, {row_hash}, -1 from temp.incoming
            ) group by file_id, row_hash having sum(difference) <> 0
        """)
        differs = f"(file_id, {row_hash}) in (select file_id, row_hash from temp.differing)"
        self.remove_rows(table, f"{chosen} and {differs}")
        self.connection.execute(f"insert into {self.relation(table)} by name select * exclude (row_id) from temp.incoming where {differs}")
        self.connection.execute("drop table temp.incoming; drop table temp.differing")

    def read(self, shape: Shape, files: list[RawFile], ids: dict[RawFile, int], target: str) -> None:
        """Reads files into a table: most of them with one statement, and one by one where it has to be."""
        alone = [file for file in files if file in self.one_by_one or self.has_odd_lines(file)]
        together = [file for file in files if file not in set(alone)]
        if together:
            self.insert(shape, together, [file.path for file in together], [ids[file] for file in together], target)
            alone += self.take_back_broken(shape, together, ids, target)
        for file in alone:
            self.read_alone(shape, file, ids[file], target)

    @staticmethod
    def has_odd_lines(file: RawFile) -> bool:
        return not file.is_parquet and not is_remote(file.path) and has_odd_line_ends(Path(file.path))

    def insert(self, shape: Shape, files: list[RawFile], paths: list[str], ids: list[int], target: str, options: str = "") -> None:
        for temporary in ("landing_rejects", "landing_rejected_files"):
            self.connection.execute(f"drop table if exists temp.{temporary}")
        rows = typed_rows(shape.table, reader(shape, paths, ids, options), shape.types, also="file_id")
        try:
            rows = self.forgotten.without(self.connection, shape.table, rows)
            self.connection.execute(f"insert into {target} by name {rows}")
        except (duckdb.InvalidInputException, duckdb.ConversionException, duckdb.SerializationException) as error:
            raise ReadError(files, error) from error

    def take_back_broken(self, shape: Shape, files: list[RawFile], ids: dict[RawFile, int], target: str) -> list[RawFile]:
        """The CSV files with lines that DuckDB could not read; their rows are taken out again."""
        if shape.is_parquet:
            return []
        paths = {path for path, in self.connection.execute(
            "select distinct file_path from temp.landing_rejected_files inner join temp.landing_rejects using (scan_id, file_id)"
        ).fetchall()}
        broken = [file for file in files if file.path in paths]
        if broken:
            self.connection.execute(f"delete from {target} where file_id in ({', '.join(str(ids[file]) for file in broken)})")
        return broken

    def read_alone(self, shape: Shape, file: RawFile, file_id: int, target: str) -> None:
        """Reads one file; a CSV file line by line, so that a broken line costs only itself."""
        if file.is_parquet:
            return self.insert(shape, [file], [file.path], [file_id], target)
        with tempfile.TemporaryDirectory() as folder:
            source, rewritten = Path(file.path), Path(folder, "rows.csv")
            if is_remote(file.path):
                source = Path(folder, "copy.csv")
                source.write_bytes(self.connection.execute(f"select content from read_blob({literal(file.path)})").fetchone()[0])
            try:
                unreadable, longest = rewrite(source, rewritten, len(shape.columns))
            except BrokenFile as error:
                raise LandingError(self.folder, [f"{shape.table.name}: {file.path} {error}"]) from None
            options = f", parallel = false, max_line_size = {max(longest, LONGEST_LINE)}"
            self.insert(shape, [file], [str(rewritten)], [file_id], target, options)
        if unreadable:
            self.connection.executemany("insert into landing.unreadable_lines values (?, ?, ?, ?, ?, ?)", [
                (file_id, shape.table.name, file.path, line.number, line.fault, line.text) for line in self.forgotten.left_out(unreadable)
            ])
            self.notes.append(
                f"{shape.table.name}: {len(unreadable)} unreadable lines of {file.path} are left out and listed in rejected_records."
            )


def reader(shape: Shape, paths: list[str], ids: list[int], options: str = "") -> str:
    """SQL of the rows of some files, with the id of the file of each."""
    files = f"[{', '.join(map(literal, paths))}]"
    if shape.is_parquet:
        rows = f"read_parquet({files}, union_by_name = true)"
    else:
        names = [source.column or f"ignored {number}" for number, source in enumerate(shape.columns)]
        columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in names)
        rows = (
            f"read_csv({files}, header = true, auto_detect = false, delim = ',', quote = '\"', escape = '\"',"
            f" columns = {{{columns}}}, {REJECTS}{options})"
        )
    used = ", ".join(
        f"{quoted(source.name if shape.is_parquet else source.column)} as {quoted(source.column)}" for source in shape.columns if source.column
    )
    return f"(select {used}, [{', '.join(map(str, ids))}][cast(file_index as bigint) + 1] as file_id from {rows})"
