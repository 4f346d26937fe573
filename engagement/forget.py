"""Forgets a person everywhere, by email address or contact id, given in env var PERSON or as the argument.

Adds keyed hashes of all identifiers of the person to the list of forgotten people, builds everything again without the
person, publishes that, removes older versions, and then looks for everybody on the list in every table. It may be run
again at any time, also after it was killed. docs/privacy.md says what is found and what is not.
"""

import argparse
import os
import re
from dataclasses import dataclass, field, replace
from itertools import product
from pathlib import Path

import duckdb
import yaml

from engagement import run_log, warehouse
from engagement.console import command_parser, complain, printable, table
from engagement.dashboard.folder import dashboard_folder, forget_dashboards
from engagement.export import export_folder, remove_export
from engagement.journals import COPIES, JOURNALS
from engagement.landing.contract import Sources, Table, squeezed
from engagement.landing.forgotten import mailbox, read_forgotten
from engagement.landing.store import refuse_the_sample
from engagement.paths import (
    FAILED, BadUsage, CommandError, Held, catalog_of, connect, enter_project, in_project, literal, log_folder, quoted, remove_abandoned,
    target_folder, utc_now,
)
from engagement.privacy import ADDRESS, WORD, forgotten_people_file, id_key, id_key_sql, keyed_hash, keyed_hash_sql, privacy_key, read_list, write_list
from engagement.project_vars import add_option, given_vars, masks_people, sources_of
from engagement.publish import last_build, refuse_moved_bands
from engagement.runner import run_dbt
from engagement.warehouse import Warehouse
from engagement.warehouse.duckdb_file import STORAGE_VERSION, DuckDBFile, remove
from engagement.warehouse.mirror import Mirror, Reader, dialect, relation, run as rows_of, together

# an id in a text of a vendor
ID = rf"(?<![\w.])[0-9]+[.]0+(?![\w.])|{WORD}"
# columns of the journals that hold ids of people
PERSON_COLUMNS = ("person_id", "contact_id", "main_person_id")
# files that commands of this project write beside the database, and can write again
BY_PRODUCTS = ("what_if.duckdb", "what_if.duckdb.wal", "what_if")
# the same of the Makefile, in build/
MAKEFILES_DATABASES = ("lint.duckdb", "duckdb2.duckdb")
# what dbt writes into its target folder, and the folders in it that commands and the Makefile use
DBT_FILES = (
    "compiled/engagement", "run/engagement", "manifest.json", "semantic_manifest.json", "run_results.json", "sources.json", "catalog.json",
    "partial_parse.msgpack", "perf_info.json", "graph.gpickle", "graph_summary.json",
)
TARGET_FOLDERS = (".", "what_if", "lint", "duckdb2")


@dataclass
class Person:
    """Everything that identifies a person. Each contact id stands for all its spellings."""

    emails: set[str] = field(default_factory=set)
    contact_ids: set[str] = field(default_factory=set)
    visitor_ids: set[str] = field(default_factory=set)
    is_known: bool = True  # false: no raw table has this contact id

    @property
    def identifiers(self) -> set[str]:
        return self.emails | self.contact_ids | self.visitor_ids

    def __str__(self) -> str:
        return f"email addresses: {len(self.emails)}, contact ids: {len(self.contact_ids)}, visitor ids: {len(self.visitor_ids)}"


# finding the person

def identify(reader: Reader, given: str, sources: Sources = Sources()) -> Person:
    """The person behind an address or id, with its merged contacts, contacts with the same address, and its visitors."""
    sql = dialect(reader)

    def rows(name: str, *columns: str) -> set[tuple]:
        wanted = ", ".join(f"trim(cast({column} as {sql.text}))" for column in columns)
        return set(rows_of(reader, f"select distinct {wanted} from {name}")) if columns else set()

    def built_rows(name: str, *columns: str) -> set[tuple]:
        found = reader.execute(
            "select 1 from duckdb_tables() where database_name = current_database() and schema_name = 'intermediate' and table_name = ?", [name]
        ).fetchall()
        return rows(relation(reader, "intermediate", name), *columns) if found else set()

    def lower(column: str) -> str:
        return f"lower(cast({sql.quoted(column)} as {sql.text}))"

    def mailboxes(addresses: set[str]) -> set[str]:
        return addresses | {mailbox(address, sources.mailbox_rules) for address in addresses if re.fullmatch(ADDRESS, address)}

    person = Person(emails=mailboxes({given})) if "@" in given else Person(contact_ids={id_key(given)})
    tables = landed_tables(reader, sources)
    records = [
        (
            {f"{table.id_prefix}{id_key(found)}" for value in row[:len(ids)] for found in parts(table, ID, value)},
            mailboxes({found for value in row[len(ids):] for found in parts(table, ADDRESS, value)}),
        )
        for table, name in tables.items() if table.is_of_people
        for ids, emails in [(table.personal("contact_id"), table.personal("email"))]
        for row in rows(name, *map(sql.quoted, ids), *map(lower, emails))
    ]
    spellings = built_rows("int_addresses", "email_text", "email")
    known = 0
    while known < len(person.identifiers):
        known = len(person.identifiers)
        for contact_ids, emails in records:
            if contact_ids & person.contact_ids or emails & person.emails:
                person.contact_ids |= contact_ids
                person.emails |= emails
        for spelling in spellings:
            if person.emails.intersection(spelling):
                person.emails |= set(spelling)
    seen: dict[str, set[str]] = {}
    for source, name in tables.items():
        for visitor, email in product(source.personal("visitor_id"), source.personal("email")):
            for visitor_id, address in rows(name, sql.quoted(visitor), lower(email)):
                if visitor_id and address:
                    seen.setdefault(f"{source.id_prefix}{visitor_id}", set()).add(address)
    # a visitor seen with another person's address may be that person
    person.visitor_ids = {visitor_id for visitor_id, emails in seen.items() if mailboxes(emails) <= person.emails}
    owned = [owner for _, owner in built_rows("int_accounts", "account_id", "owner_email") if owner in person.emails]
    if owned:
        raise BadUsage(
            f"{printable(min(owned))} is the sales owner of {len(owned)} accounts. Give them another owner in the CRM and load"
            " crm_accounts again; then run the same command."
        )
    if "@" not in given:
        person.is_known = any(
            id_key(given) == f"{table.id_prefix}{id_key(found)}"
            for table, name in tables.items() for column in table.personal("contact_id")
            for (value,) in rows(name, sql.quoted(column)) for found in parts(table, ID, value)
        )
    return person


def landed_tables(reader: Reader, sources: Sources) -> dict[Table, str]:
    """{raw table: what SQL calls it} of the last build."""
    if isinstance(reader, Mirror):
        return own_tables(reader, sources)
    try:
        stored = dict(reader.execute("select source_table, relation from landing.contracts").fetchall())
    except duckdb.Error:
        return {}  # there is no build yet
    return {table: stored[table.name] for table in sources.tables if table.name in stored}


def own_tables(reader: Mirror, sources: Sources) -> dict[Table, str]:
    """The same of tables that somebody else has loaded, with the columns that they have."""
    there: dict[tuple[str, str], tuple[str, dict[str, str]]] = {}
    for schema, name, column in reader.execute(
        "select schema_name, table_name, column_name from duckdb_columns() where database_name = current_database()"
    ).fetchall():
        there.setdefault((schema, squeezed(name)), (name, {}))[1][squeezed(column)] = column
    found = {}
    for declared in sources.tables:
        for name, columns in filter(None, (there.get((sources.schema_of(declared), spelling)) for spelling in declared.spellings)):
            known = [(column, columns.get(squeezed(spelling))) for column in declared.columns for spelling in (column.name, *column.also)]
            present = tuple(replace(column, name=real) for column, real in known if real)
            found[replace(declared, columns=present)] = relation(reader, sources.schema_of(declared), name)
    return found


def parts(table: Table, pattern: str, value: "str | None") -> list[str]:
    """The ids or addresses in a value. Vendors write several into one text."""
    return re.findall(pattern, value or "") if table.vendor else [value] if value else []


# finding the data

def places(reader: Reader, hashes: set[str], key: str, raw: "list[str] | None" = None) -> dict[str, int]:
    """{table: how many of the identifiers behind these hashes it holds} of all attached databases.

    Every value of every text column is looked at, and every address and word in it. In the schemas `raw`, which somebody else
    fills, ids can have any type.
    """
    sql = dialect(reader)
    reader.execute("set variable privacy_key = ?", [key])
    reader.execute("create or replace temp table words (place varchar, word varchar)")
    reader.execute("create or replace temp table texts (text varchar)")
    for database, schema, name, columns in reader.execute(
        "select database_name, schema_name, table_name, list(column_name order by column_index) from duckdb_columns() inner join duckdb_tables()"
        " using (database_name, schema_name, table_name) where (data_type in ('VARCHAR', 'JSON') or list_contains(cast(? as varchar[]), schema_name))"
        " and not duckdb_columns.internal and database_name <> 'temp' group by all order by all", [raw or []]
    ).fetchall():
        of = relation(reader, schema, name) if isinstance(reader, Mirror) else ".".join(map(quoted, (database, schema, name)))
        texts = " union ".join(
            f"select trim(cast({column} as {sql.text})) as text from {of} where {column} is not null" for column in map(sql.quoted, columns)
        )
        reader.execute("truncate texts")
        reader.load("texts", texts, (("text", "varchar"),)) if isinstance(reader, Mirror) else reader.execute(f"insert into texts {texts}")
        reader.execute(f"""
            insert into words
            with words as (
                select text as word from texts
                union all select unnest(regexp_extract_all(text, {literal(ADDRESS)})) from texts
                union all select unnest(regexp_extract_all(url_decode(text), {literal(ADDRESS)})) from texts where contains(text, '%40')
                union all select unnest(regexp_extract_all(text, '{WORD}')) from texts
            )
            select distinct {literal(f'{database}: {schema}.{name}')}, unnest([word, lower(word), {id_key_sql('word')}]) from words where length(word) > 1
        """)
    reader.execute("create or replace temp table wanted as select unnest(?::varchar[]) as hash", [sorted(hashes)])
    return dict(reader.execute(f"""
        with known as (
            select word from (select distinct word from words) where {keyed_hash_sql('word', 'forget')} in (select hash from wanted)
        )
        select place, count(distinct lower(word)) from words inner join known using (word) group by place order by place
    """).fetchall())


def databases(place: DuckDBFile) -> dict[str, Path]:
    """{name: file} of the database and of everything in the folder of published versions, whoever has put it there."""
    published = {str(file.relative_to(place.serving)): file for file in sorted(place.serving.glob("**/*.duckdb")) if not file.is_symlink()}
    return {catalog_of(place.database): place.database, **published} if place.database.is_file() else published


def look(place: Warehouse, sources: Sources, hashes: set[str], key: str) -> tuple[dict[str, int], list[str]]:
    """The same of all that builds and publications have left, and where that was looked for."""
    if not isinstance(place, DuckDBFile):
        with place.opened_wholly(raw_schemas(sources)) as reader:
            return places(reader, hashes, key, raw_schemas(sources)), [f"target {place.target.name}"]
    readable = []
    with connect() as connection:
        for name, file in databases(place).items():
            try:
                connection.execute(f"attach {literal(file)} as {quoted(name)} (read_only)")
                readable.append(str(file))
            except duckdb.Error as error:
                complain(f"{file} was not looked at, as it cannot be read: {printable(error)}")
        return places(connection, hashes, key), readable


def raw_schemas(sources: Sources) -> list[str]:
    return [sources.raw_schema, *sources.vendors.values()]


# forgetting

def refuse_other_vars(reader: Reader, place: Warehouse, given: dict, sources: Sources) -> None:
    """Stops unless a build with these vars masks people and reads vendors as the last build and the published version do."""
    published = place.published(reader)
    is_masked = bool(published and published.is_masked) or (True,) in rows_if_any(reader, "select masks_personal_data from runs.last_build")
    landed = {name.split(".")[0] for name, in rows_if_any(reader, "select source_table from landing.contracts where contains(source_table, '.')")}
    missing = {}
    if landed - sources.vendors.keys():
        missing["vendors"] = sorted(landed | sources.vendors.keys())
    if is_masked and not masks_people(given):
        missing["mask_personal_data"] = True
    if missing:
        needed = yaml.safe_dump({**given, **missing}, default_flow_style=True, sort_keys=False, width=1000).strip()
        raise BadUsage(
            "Nothing was changed, because the marts were built with other vars. Run the same command with all vars of your builds,"
            f" at least VARS='{needed}'."
        )


def rows_if_any(reader: Reader, query: str) -> list[tuple]:
    """The rows of a query; none if its table is missing."""
    try:
        return reader.execute(query).fetchall()
    except duckdb.CatalogException:
        return []


def forget(place: Warehouse, hashes: set[str], key: str, dbt_options: list[str]) -> None:
    """Rebuilds everything without the people on the list. Each step can be repeated."""
    with place.writable() as reader:
        clear_journals(reader, hashes, key)
    still = "The person is on the list, so no build reads them any more; but published marts still hold the person, because"
    fault = run_dbt("build", "--full-refresh", "--exclude-resource-type", "unit_test", *dbt_options)
    if fault:
        raise CommandError(f"{still} dbt did not succeed: {fault.rstrip('.')}. Fix it, and run the same command again.")
    if place.shown_version():
        with place.opened() as reader:
            try:
                refuse_moved_bands(reader, place, is_confirmed=False)
            except Held as reason:
                raise Held(f"{still} changed rules are not confirmed yet. {reason} Then run the same command again.") from None
            # late data doesn't keep a person in the marts, because these aren't older than the published ones
            place.publish(reader, last_build(reader), remove_others=True)
    forget_dashboards(place, dashboard_folder(place.folder))
    if isinstance(place, DuckDBFile):
        rewrite(place.database)
    else:
        place.remove_trial()
    remove_export(export_folder(place.folder))
    for path in (
        *files_of_dbt(), *(place.folder / name for name in BY_PRODUCTS), *(in_project("build") / name for name in MAKEFILES_DATABASES),
    ):
        remove(path)
    remove_abandoned()
    run_log.leave_out(place.folder, read_forgotten())


def files_of_dbt() -> list[Path]:
    """What dbt has written. Other programs may use its folders as well."""
    written = [path for folder in TARGET_FOLDERS for name in DBT_FILES for path in (target_folder() / folder).glob(name)]
    return [*written, *log_folder().glob("dbt.log*"), *log_folder().glob("query_log.sql")]


def clear_journals(reader: Reader, hashes: set[str], key: str) -> None:
    """Removes the ids of the people on the list from the tables that no build can recreate."""
    reader.execute("set variable privacy_key = ?", [key])
    reader.execute("create or replace temp table wanted as select unnest(?::varchar[]) as hash", [sorted(hashes)])
    sql = dialect(reader)
    for schema, name, columns in reader.execute(
        "select schema_name, table_name, list(column_name order by column_index) from duckdb_columns()"
        " where database_name = current_database() and list_contains(?, schema_name) and list_contains(?, table_name) group by all",
        [["main", COPIES], list(JOURNALS)],
    ).fetchall():
        for column in filter(PERSON_COLUMNS.__contains__, columns):
            ids = [value for value, in reader.execute(
                f"select value from (select distinct {quoted(column)} as value from {schema}.{quoted(name)})"
                f" where {keyed_hash_sql('value', 'forget')} in (select hash from wanted)"
                f" or {keyed_hash_sql(id_key_sql('value'), 'forget')} in (select hash from wanted)"
            ).fetchall()]
            if ids:
                together(reader, sql.clear(relation(reader, schema, name), columns, column, ids))


def rewrite(database: Path) -> None:
    """Copies the tables to a new file, so that nothing deleted is left in free space."""
    new = database.parent / f"{database.name}.new"
    rests = (new, database.parent / f"{new.name}.wal")
    for rest in rests:
        remove(rest)
    # views call the database by its name
    name = catalog_of(database)
    fresh = quoted(f"{name} without the person")
    try:
        with connect() as connection:
            connection.execute(f"attach {literal(database)} as {quoted(name)} (read_only)")
            connection.execute(f"attach {literal(new)} as {fresh} (storage_version {literal(STORAGE_VERSION)})")
            connection.execute(f"copy from database {quoted(name)} to {fresh}")
            connection.execute(f"detach {fresh}")
        os.replace(new, database)
    except duckdb.Error:
        for rest in rests:
            remove(rest)
        raise


# the command line

def report(before: dict[str, int], after: "dict[str, int] | None") -> list[str]:
    """The lines of a table of all places that hold or held the person."""
    columns = [("Where", 70, False), ("Identifiers", 11, True)]
    if after is None:
        return list(table(before.items(), columns))
    rows = [(place, before.get(place, 0), after.get(place, 0)) for place in sorted({*before, *after})]
    return list(table(rows, [*columns, ("Left", 11, True)]))


def run(given: str, options: argparse.Namespace) -> int:
    dbt_vars = given_vars(options.vars)
    sources = sources_of(dbt_vars)
    key, list_file, place = privacy_key(), forgotten_people_file(), warehouse.current()
    read_forgotten()  # stops if the list is missing
    forgotten = read_list(list_file, key)
    with place.lock():
        with place.opened() if isinstance(place, DuckDBFile) else place.opened_wholly(raw_schemas(sources)) as reader:
            if isinstance(place, DuckDBFile):
                refuse_the_sample(reader)
            refuse_other_vars(reader, place, dbt_vars, sources)
            person = identify(reader, given, sources)
        hashes = {keyed_hash(key, identifier, "forget") for identifier in person.identifiers}
        before, _ = look(place, sources, hashes, key)
        if not (before and person.is_known) and not hashes & set(forgotten):
            raise BadUsage(f"No person has the address or contact id {printable(given)}.")
        print(f"Found: {person}.")
        if options.dry_run:
            print(f"Identifiers: {', '.join(map(printable, sorted(person.identifiers)))}\n")
            print("\n".join(report(before, None)))
            print("\nNothing was changed (--dry-run).")
            return 0
        forgotten = dict.fromkeys(hashes, str(utc_now().date())) | forgotten
        try:
            write_list(list_file, forgotten, key)
            if not isinstance(place, DuckDBFile):
                refuse_raw_tables(look(place, sources, set(forgotten), key)[0], sources)
            forget(place, set(forgotten), key, ["--vars", options.vars] if options.vars else [])
            after, looked_at = look(place, sources, set(forgotten), key)
        except (OSError, duckdb.Error) as error:
            raise CommandError(
                f"The person could not be forgotten: {printable(error).rstrip('. ')}. Make room or repair it, and run the same command again."
            ) from None
    print()
    print("\n".join(report(before, after)))
    print()
    if after:
        complain("These tables still hold identifiers of forgotten people. docs/privacy.md says what to do.")
        return FAILED
    print(f"No trace of the person remains in any table of {', '.join(looked_at)}.")
    if isinstance(place, DuckDBFile):
        print("Delete the person in the raw files as well. Builds leave these rows out, but don't change files.")
    return 0


def refuse_raw_tables(before: dict[str, int], sources: Sources) -> None:
    """Stops while tables that somebody else fills hold forgotten people: builds read every row of them."""
    places = {place: place.split(": ", 1)[1] for place in before}
    raw = [place for place, table in places.items() if table.split(".")[0] in raw_schemas(sources)]
    if raw:
        print("\n".join(report({place: before[place] for place in raw}, None)))
        raise CommandError(
            f"Nothing was built yet: {', '.join(places[place] for place in raw)} still hold forgotten people. These tables are yours."
            " Delete the people there, and in the tool that fills them; then run the same command again."
        )


def main(argv: "list[str] | None" = None) -> int:
    parser = command_parser("forget", __doc__, allow_abbrev=False)
    parser.add_argument("person", nargs="?", help="email address or contact id; env var PERSON is safer, because others can read the command line")
    parser.add_argument("--dry-run", action="store_true", help="show where the person is, and change nothing")
    add_option(parser)
    options = parser.parse_args(argv)
    given = (options.person or os.environ.get("PERSON") or "").strip()
    if not given:
        raise BadUsage("Name the person: make forget PERSON=address-or-contact-id")
    enter_project()
    # only ids, which have no @, are case-sensitive
    return run(given.lower() if "@" in given else given, options)
