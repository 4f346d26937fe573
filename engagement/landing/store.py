"""The raw tables in DuckDB: which file brought which row, and what changes when files do."""

import hashlib
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from engagement.landing.contract import Table, read_contract
from engagement.landing.files import LandingError, RawFile, Shape, first_line, is_remote, list_files, now, shapes_of
from engagement.landing.forgotten import NOBODY, Forgotten
from engagement.landing.lines import BrokenFile, has_odd_line_ends, rewrite
from engagement.landing.types import SET_TIME_ZONES, SQL_TYPES, VERSION, typed_rows
from engagement.paths import literal, quoted

LONGEST_LINE = 2_000_000  # bytes; DuckDB's own limit
REJECTS = "store_rejects = true, rejects_limit = 0, rejects_table = 'landing_rejects', rejects_scan = 'landing_rejected_files'"
STATE = """
    create schema if not exists landing;
    create sequence if not exists landing.row_ids;
    create sequence if not exists landing.file_ids;
    create table if not exists landing.contracts (source_table varchar, read_as varchar);
    create table if not exists landing.files (
        file_id bigint, source_table varchar, file_name varchar, size_bytes bigint, modified varchar, first_seen_at timestamp,
        row_count bigint
    );
    create table if not exists landing.removed_keys (row_id bigint, source_table varchar, record_key varchar);
    create table if not exists landing.unreadable_lines (
        file_id bigint, source_table varchar, file_name varchar, line_number bigint, fault varchar, line_text varchar
    );
"""

# one row per raw table
TABLES = """
    select source_table, count(file_id) as file_count, cast(coalesce(sum(row_count), 0) as bigint) as row_count
    from landing.contracts left join landing.files using (source_table)
    group by source_table order by source_table
"""


@dataclass
class Landed:
    """The outcome of a run: lines for the log, and how many files were read."""

    notes: list[str] = field(default_factory=list)
    files_read: int = 0


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
    one_by_one: set[RawFile] = set()
    while True:
        connection.execute("begin")
        try:
            landed = Landing(connection, folder, schema, forgotten, one_by_one).run(contract, listing.files)
            connection.execute("commit")
            landed.notes[:0] = listing.notes
            return landed
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


@dataclass
class Landing:
    """One run, inside a transaction. `one_by_one` are files that cannot be read together with others."""

    connection: duckdb.DuckDBPyConnection
    folder: str
    schema: str
    forgotten: Forgotten
    one_by_one: set[RawFile]
    landed: Landed = field(default_factory=Landed)

    def run(self, contract: Iterable[Table], files: list[RawFile]) -> Landed:
        self.connection.execute(STATE)
        self.connection.execute(f"create schema if not exists {quoted(self.schema)}")
        for table in contract:
            self.prepare(table)
        stored = {
            (name, path): (file_id, size, modified) for name, path, file_id, size, modified in self.connection.execute(
                "select source_table, file_name, file_id, size_bytes, modified from landing.files"
            ).fetchall()
        }
        there = {(file.table.name, file.path): file for file in files}
        new = [file for key, file in there.items() if stored.get(key, ())[1:] != (file.size, file.modified)]
        shapes, faults = shapes_of(self.connection, new)
        if faults:
            raise LandingError(self.folder, faults)
        gone = stored.keys() & {(file.table.name, file.path) for file in new} | stored.keys() - there.keys()
        first_seen = self.remove([stored[key][0] for key in gone], contract)
        for shape, alike in shapes.items():
            self.read(shape, alike, first_seen)
        self.landed.files_read = len(new)
        return self.landed

    def relation(self, table: Table) -> str:
        return f"{quoted(self.schema)}.{quoted(table.name)}"

    # what is there already

    def prepare(self, table: Table) -> None:
        """Empties the table if the contract, the way of reading or the list of forgotten people has changed."""
        people = self.forgotten.fingerprint if any(column.personal for column in table.columns) else ""
        read_as = hashlib.sha256(repr((VERSION, table, people)).encode()).hexdigest()
        found = self.connection.execute("select read_as from landing.contracts where source_table = ?", [table.name]).fetchone()
        if found == (read_as,):
            return
        if found:
            files = self.connection.execute("select file_id from landing.files where source_table = ?", [table.name]).fetchall()
            self.remove([file_id for file_id, in files], [table])
            self.connection.execute("delete from landing.contracts where source_table = ?", [table.name])
        create_raw_table(self.connection, self.schema, table)
        self.connection.execute("insert into landing.contracts values (?, ?)", [table.name, read_as])

    def remove(self, file_ids: list[int], contract: Iterable[Table]) -> dict[tuple[str, str], object]:
        """Takes out the rows of these files; {(table, file): when it was first seen}."""
        if not file_ids:
            return {}
        chosen = f"file_id in ({', '.join(map(str, file_ids))})"
        first_seen = {
            (name, path): time for name, path, time in self.connection.execute(
                f"select source_table, file_name, first_seen_at from landing.files where {chosen}"
            ).fetchall()
        }
        for table in contract:
            if any(name == table.name for name, _ in first_seen):
                self.remove_rows(table, chosen)
        self.connection.execute(f"delete from landing.files where {chosen}")
        self.connection.execute(f"delete from landing.unreadable_lines where {chosen}")
        return first_seen

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

    # what is new

    def read(self, shape: Shape, files: list[RawFile], first_seen: dict[tuple[str, str], object]) -> None:
        """Reads files of one shape with one statement, and those that need it one by one."""
        ids = {file: self.connection.execute("select nextval('landing.file_ids')").fetchone()[0] for file in files}
        alone = [file for file in files if file in self.one_by_one or self.has_odd_lines(file)]
        together = [file for file in files if file not in set(alone)]
        if together:
            self.insert(shape, together, [file.path for file in together], [ids[file] for file in together])
            alone += self.take_back_broken(shape, together, ids)
        for file in alone:
            self.read_alone(shape, file, ids[file])
        rows = dict(self.connection.execute(
            f"select file_id, count(*) from {self.relation(shape.table)} where file_id >= ? group by file_id", [min(ids.values())]
        ).fetchall())
        self.connection.executemany("insert into landing.files values (?, ?, ?, ?, ?, ?, ?)", [
            (ids[file], shape.table.name, file.path, file.size, file.modified,
             first_seen.get((shape.table.name, file.path)) or now(), rows.get(ids[file], 0))
            for file in files
        ])

    @staticmethod
    def has_odd_lines(file: RawFile) -> bool:
        return not file.is_parquet and not is_remote(file.path) and has_odd_line_ends(Path(file.path))

    def insert(self, shape: Shape, files: list[RawFile], paths: list[str], ids: list[int], options: str = "") -> None:
        table = shape.table
        for temporary in ("landing_rejects", "landing_rejected_files"):
            self.connection.execute(f"drop table if exists temp.{temporary}")
        rows = self.forgotten.without(
            self.connection, table,
            typed_rows(table, reader(shape, paths, ids, options), dict(shape.columns), also="file_id"),
        )
        try:
            self.connection.execute(f"insert into {self.relation(table)} by name {rows}")
        except (duckdb.InvalidInputException, duckdb.ConversionException, duckdb.SerializationException) as error:
            raise ReadError(files, error) from error

    def take_back_broken(self, shape: Shape, files: list[RawFile], ids: dict[RawFile, int]) -> list[RawFile]:
        """The CSV files with lines that DuckDB could not read; their rows are taken out again."""
        if shape.is_parquet:
            return []
        paths = {path for path, in self.connection.execute(
            "select distinct file_path from temp.landing_rejected_files inner join temp.landing_rejects using (scan_id, file_id)"
        ).fetchall()}
        broken = [file for file in files if file.path in paths]
        if broken:
            self.connection.execute(
                f"delete from {self.relation(shape.table)} where file_id in ({', '.join(str(ids[file]) for file in broken)})"
            )
        return broken

    def read_alone(self, shape: Shape, file: RawFile, file_id: int) -> None:
        """Reads one file; a CSV file line by line, so that a broken line costs only itself."""
        if file.is_parquet:
            return self.insert(shape, [file], [file.path], [file_id])
        with tempfile.TemporaryDirectory() as folder:
            source, target = Path(file.path), Path(folder, "rows.csv")
            if is_remote(file.path):
                source = Path(folder, "copy.csv")
                source.write_bytes(self.connection.execute(f"select content from read_blob({literal(file.path)})").fetchone()[0])
            try:
                unreadable, longest = rewrite(source, target, len(shape.columns))
            except BrokenFile as error:
                raise LandingError(self.folder, [f"{shape.table.name}: {file.path} {error}"]) from None
            options = f", parallel = false, max_line_size = {max(longest, LONGEST_LINE)}"
            self.insert(shape, [file], [str(target)], [file_id], options)
        if unreadable:
            self.connection.executemany("insert into landing.unreadable_lines values (?, ?, ?, ?, ?, ?)", [
                (file_id, shape.table.name, file.path, line.number, line.fault, line.text) for line in self.forgotten.left_out(unreadable)
            ])
            self.landed.notes.append(
                f"{shape.table.name}: {len(unreadable)} unreadable lines of {file.path} are left out and listed in rejected_records."
            )


def reader(shape: Shape, paths: list[str], ids: list[int], options: str = "") -> str:
    """SQL of the rows of some files, with the id of the file of each."""
    files = f"[{', '.join(map(literal, paths))}]"
    if shape.is_parquet:
        rows = f"read_parquet({files}, union_by_name = true)"
    else:
        columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name, _ in shape.columns)
        rows = (
            f"read_csv({files}, header = true, auto_detect = false, delim = ',', quote = '\"', escape = '\"',"
            f" columns = {{{columns}}}, {REJECTS}{options})"
        )
    return f"(select *, [{', '.join(map(str, ids))}][cast(file_index as bigint) + 1] as file_id from {rows})"


def create_raw_table(connection: duckdb.DuckDBPyConnection, schema: str, table: Table) -> None:
    """An empty raw table in the place of any table or view of its name."""
    name = f"{quoted(schema)}.{quoted(table.name)}"
    for kind, catalogue in (("view", "duckdb_views()"), ("table", "duckdb_tables()")):
        if connection.execute(
            f"select 1 from {catalogue} where database_name = current_database() and schema_name = ? and {kind}_name = ?",
            [schema, table.name],
        ).fetchone():
            connection.execute(f"drop {kind} {name}")
    columns = ", ".join(f"{quoted(column.name)} {SQL_TYPES[column.data_type]}" for column in table.columns)
    connection.execute(
        f"create table {name} ({columns}, row_id bigint default nextval('landing.row_ids'), file_id bigint,"
        " unreadable_values integer, landing_fault varchar, landing_row varchar)"
    )


def create_raw_tables(
    connection: duckdb.DuckDBPyConnection, rows_by_table: dict[str, list[dict[str, "str | None"]]], schema: str = "raw",
) -> None:
    """Typed raw tables of rows of text, as `land` would make them of CSV files. For tests."""
    connection.execute(STATE)
    connection.execute(f"create schema if not exists {quoted(schema)}")
    connection.execute(SET_TIME_ZONES)
    for table in read_contract():
        create_raw_table(connection, schema, table)
        rows = rows_by_table.get(table.name, [])
        if rows:
            names = table.column_names
            marks = ", ".join([f"({', '.join('?' for _ in names)})"] * len(rows))
            source = f"(select * from (values {marks}) as rows ({', '.join(map(quoted, names))}))"
            types = dict.fromkeys(names, "VARCHAR")
            connection.execute(
                f"insert into {quoted(schema)}.{quoted(table.name)} by name {typed_rows(table, source, types)}",
                [row.get(name) for row in rows for name in names],
            )
