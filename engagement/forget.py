"""Forget a person everywhere: by an email address or a contact id, in env var PERSON or as the argument.

Adds keyed hashes of all identifiers of the person to the list of forgotten people, builds the database anew without
the person, rewrites what was published, and then looks for the person in every table and file to prove it.
docs/personal-data.md says what is found and what is not. It may be run again at any time, also after it was killed.
Exit code 0: nothing is left; 1: something is left, or the build failed; 2: a setting is wrong, or nobody is found;
4: a build is running.
"""

import argparse
import contextlib
import csv
import datetime as dt
import hashlib
import hmac
import json
import os
import re
import shutil
import sys
from pathlib import Path
from typing import NamedTuple

import duckdb

from engagement.console import printable, table
from engagement.publish import LINK, publish, refuse_old_data, remove_leftovers, versions
from engagement.paths import NotPublished, database_file, literal, lock_of, opened, serving_folder

ROOT = Path(__file__).parents[1]
KEY_LENGTH = 32  # as in macros/privacy/check_privacy_key.sql
SHORTEST_IN_BYTES = 6  # a shorter id would be found in any file by chance
BLOCK = 1 << 24
CSV = "read_csv({}, all_varchar = true, header = true, delim = ',', quote = '\"', escape = '\"')"
# other databases that commands of this project make, and make again
BY_PRODUCTS = ["what_if.duckdb", "lint.duckdb", "duckdb2.duckdb"]
LIST_COLUMNS = ["identifier_hash", "forgotten_on", "key_hash"]
FORGOTTEN = "a forgotten person"
# a word ends where no other letter of an address or id follows; %3A and the like stand in URLs
BEFORE, AFTER = r"(^|%[0-9a-fA-F]{2}|[^\p{L}\p{N}_.+-])", r"($|[^\p{L}\p{N}_.-]|[.](?:$|[^\p{L}\p{N}]))"


class Refused(Exception):
    """Nothing was changed, and the message says why."""


class Failed(Exception):
    """The person is on the list, but the rest could not be done."""


class Person(NamedTuple):
    """All that tells one person from others; and the names, which may not."""

    emails: set
    contact_ids: set
    visitor_ids: set
    names: set
    shared_names: set  # that other contacts have, too

    @property
    def ids(self):
        return self.emails | self.contact_ids | self.visitor_ids

    def __str__(self):
        return ", ".join(f"{word}: {len(found)}" for word, found in [
            ("email addresses", self.emails), ("contact ids", self.contact_ids),
            ("visitor ids", self.visitor_ids), ("names", self.names),
        ])


# the key and the list

def keyed_hash(key, value, purpose):
    """What the macro of the same name computes."""
    secret = hashlib.sha256(key.encode()).digest()
    return hmac.new(secret, f"{purpose}:{value}".encode(), hashlib.sha256).hexdigest()


def privacy_key():
    key = os.environ.get("DBT_ENV_SECRET_PRIVACY_KEY", "")
    if len(key) < KEY_LENGTH:
        raise Refused(
            f"Env var DBT_ENV_SECRET_PRIVACY_KEY must be set to a secret of at least {KEY_LENGTH} characters, the same"
            " in every build. docs/personal-data.md says how to make one."
        )
    return key


def read_list(file, key):
    """{hash of an identifier: day it was forgotten}"""
    if not file.exists():
        return {}
    with open(file, newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    if any(row["key_hash"] != keyed_hash(key, "", "key") for row in rows):
        raise Refused(f"{file} was made with another key than the one in DBT_ENV_SECRET_PRIVACY_KEY. Set that key.")
    return {row["identifier_hash"]: row["forgotten_on"] for row in rows}


def write_list(file, hashes, key):
    """All at once, sorted: the order does not tell which identifiers are one person's."""
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_name(file.name + ".new")
    with open(new, "w", newline="", encoding="utf-8") as lines:
        writer = csv.writer(lines, lineterminator="\n")
        writer.writerow(LIST_COLUMNS)
        writer.writerows([identifier, day, keyed_hash(key, "", "key")] for identifier, day in sorted(hashes.items()))
        lines.flush()
        os.fsync(lines.fileno())
    os.replace(new, file)


# the project

class Project:
    """What dbt knows about tables and columns, and dbt itself."""

    def __init__(self, folder, dbt_options):
        self.folder, self.options = folder, dbt_options
        self.target = Path(os.environ.get("DBT_TARGET_PATH") or folder / "target")
        self.logs = Path(os.environ.get("DBT_LOG_PATH") or folder / "logs")
        self.manifest = None
        self.manifest = manifest = self.dbt("parse")
        if manifest is None:
            raise Refused("dbt cannot read the project; the reasons are above.")
        nodes = [node for node in manifest.nodes.values() if node.resource_type in ("model", "seed")]
        self.raw_tables = {source.name: source.schema for source in manifest.sources.values() if source.source_name == "raw"}
        # {(schema, table): {column: what personal data it holds, if any}}
        self.columns = {
            (node.schema, node.name): {name: column.meta.get("personal") for name, column in node.columns.items()}
            for node in [*nodes, *manifest.sources.values()]
        }
        # a full refresh makes all tables anew but the journals
        self.rebuilt = {(node.schema, node.name) for node in nodes if node.config.full_refresh is not False or node.resource_type == "seed"}
        # so do hooks the tables they keep beside the models
        self.hooks_schemas = {"landing", "runs"} | {node.schema for node in nodes if "marts" not in node.fqn}

    def dbt(self, *command):
        from dbt.cli.main import dbtRunner

        # dbt writes the command line into its files
        arguments, sys.argv = sys.argv, sys.argv[:1]
        try:
            outcome = dbtRunner(self.manifest).invoke([
                "--quiet", *command, *self.options, "--project-dir", str(self.folder), "--profiles-dir", str(self.folder),
                "--target-path", str(self.target), "--log-path", str(self.logs),
            ])
        finally:
            sys.argv = arguments
        return outcome.result if outcome.success else None

    def build(self, database):
        """A full refresh into `database`, with all data tests; true if it succeeds."""
        before = dict(os.environ)
        os.environ |= {"ENGAGEMENT_DB": str(database), "ENGAGEMENT_KEEP_OPEN": "false"}
        try:
            return self.dbt("build", "--full-refresh", "--exclude-resource-type", "unit_test") is not None
        finally:
            os.environ.clear()
            os.environ.update(before)

    def kinds(self, schema, name, columns):
        """{column: what personal data it holds, if any}; anything may be in a table that is not the project's."""
        known = self.columns.get((schema, name))
        return {column: known.get(column) if known else "text" for column in columns}


# who it is

def raw_files(connection, raw_data, names):
    """[(table, file, select of all its rows)] of the raw files, whoever was forgotten."""
    found = []
    for name in names:
        for place, reader in (
            (".csv", CSV), ("/*.csv", CSV), (".parquet", "read_parquet({})"), ("/*.parquet", "read_parquet({})"),
        ):
            files = connection.execute("select file from glob(?) order by file", [f"{raw_data}/{name}{place}"]).fetchall()
            found += [(name, file, f"select * from {reader.format(literal(file))}") for file, in files]
    return found


def identify(connection, given, files):
    """The person behind an address or id, with the contacts merged with it or of its address, and its own visitors."""
    built = tables(connection)

    def rows(name, base, *columns):
        selects = [select for table_name, _, select in files if table_name == name]
        if ("staging", base) in built:
            selects.append(f"select * from staging.{base}")
        wanted = ", ".join(f"trim(cast({column} as varchar))" for column in columns)
        return {row for select in selects for row in connection.execute(f"select distinct {wanted} from ({select})").fetchall()}

    contacts = rows("crm_contacts", "base_crm__contacts", "contact_id", "lower(email)", "merged_into_contact_id", "full_name")
    emails, ids = ({given}, set()) if "@" in given else (set(), {given})
    while True:
        own = {row for row in contacts if row[0] in ids or row[1] in emails or row[2] in ids}
        known = len(emails) + len(ids)
        emails |= {email for _, email, *_ in own if email}
        ids |= {contact_id for row in own for contact_id in (row[0], row[2]) if contact_id}
        if len(emails) + len(ids) == known:
            break

    visitor_emails = {}
    for name, base in (("web_events", "base_web__events"), ("ad_events", "base_ads__events")):
        for visitor_id, email in rows(name, base, "visitor_id", "lower(email)"):
            if visitor_id and email:
                visitor_emails.setdefault(visitor_id, set()).add(email)
    names = {row[3] for row in own if row[3]}
    return Person(
        emails, ids, {visitor_id for visitor_id, seen in visitor_emails.items() if seen <= emails},
        names, names & {row[3] for row in contacts - own},
    )


# where it is

def tables(connection):
    """{(schema, table): {column: type}}"""
    found = {}
    for schema, name, column, kind in connection.execute(
        "select columns.schema_name, columns.table_name, column_name, data_type from duckdb_columns() as columns"
        " inner join duckdb_tables() as tables using (database_oid, schema_oid, table_oid)"
        " where columns.database_name = current_database() order by 1, 2, column_index"
    ).fetchall():
        found.setdefault((schema, name), {})[column] = kind
    return found


def spellings(words):
    """The words as people and JSON write them, the longest first: a name may begin like another."""
    return sorted({spelling for word in words for spelling in (word, json.dumps(word, ensure_ascii=False)[1:-1])}, key=lambda word: (-len(word), word))


def pattern(words):
    """An SQL literal: a regular expression for any of the words, also as URLs write them, but not inside another word."""
    # only ids, which have no space and no @, differ by case
    any_word = "|".join(
        f"(?i:{re.escape(word).replace('@', '(?:@|%40)')})" if re.search(r"[\s@]", word) else re.escape(word) for word in spellings(words)
    )
    return literal(f"{BEFORE}(?:{any_word}){AFTER}")


def holds(columns, person):
    """An SQL condition: a row holds the person. Addresses count anywhere, ids and names where personal data may be."""
    conditions = ["false"]
    for column, kind in columns.items():
        words = person.emails | (person.contact_ids | person.visitor_ids if kind else set())
        words |= person.names - person.shared_names if kind in ("name", "text") else set()
        if words:
            # most values are done with after a comparison that is much faster than the expression
            text = f'cast("{column}" as varchar)'
            may = " or ".join(f"contains(lower({text}), {literal(word.lower().split('@')[0])})" for word in spellings(words))
            conditions.append(f"case when {may} then regexp_matches({text}, {pattern(words)}) else false end")
    return " or ".join(conditions)


def count(connection, relation, columns, person):
    return connection.execute(f"select count(*) from {relation} where {holds(columns, person)}").fetchone()[0]


def read(file):
    """A connection that reads a database of which nobody knows yet whether it is one."""
    try:
        return duckdb.connect(str(file), read_only=True)
    except duckdb.IOException as error:
        raise Refused(f"{file} cannot be read: {printable(error)}") from None


def scan_database(file, project, person):
    """{table: rows that hold the person}"""
    with read(file) as connection:
        return {
            f"{schema}.{name}": count(
                connection, f'"{schema}"."{name}"',
                project.kinds(schema, name, [column for column, kind in columns.items() if kind in ("VARCHAR", "JSON")]), person,
            )
            for (schema, name), columns in tables(connection).items()
        }


def scan_raw_files(connection, files, project, person):
    """{file: rows that hold the person}"""
    found = {}
    for name, file, select in files:
        columns = [row[0] for row in connection.execute(f"describe {select}").fetchall()]
        kinds = {column: project.columns[project.raw_tables[name], name].get(column.lower()) for column in columns}
        found[file] = count(connection, f"({select})", kinds, person)
    return found


def words_in_bytes(database, person):
    """What bytes can be searched for: no short id, no name that others have, no part of an id of somebody else."""
    words = person.ids | {name for name in person.names - person.shared_names if " " in name}
    others = []
    with duckdb.connect(str(database) if database.is_file() else ":memory:", read_only=database.is_file()) as connection:
        for select in (
            "select contact_id from staging.base_crm__contacts", "select email from staging.base_crm__contacts",
            "select email from intermediate.int_email_people", "select visitor_id from intermediate.int_engagement_events",
        ):
            with contextlib.suppress(duckdb.CatalogException):
                others += [value for value, in connection.execute(select).fetchall() if value]
    # of the person's own ids as well, as far as they are still there: they are whole, not a part
    text = "\n".join(other.lower() for other in others if not {other, other.lower()} & person.ids)
    return {word for word in words if len(word) >= SHORTEST_IN_BYTES and word.lower() not in text}


def scan_bytes(files, words):
    """The files whose bytes hold one of the words."""
    wanted = [word.encode().lower() for word in sorted(words)]
    overlap = max(map(len, wanted), default=0)
    found = []
    for file in files if wanted else ():
        before = b""
        with open(file, "rb") as content:
            while block := content.read(BLOCK):
                text = (before + block).lower()
                if any(word in text for word in wanted):
                    found.append(file)
                    break
                before = block[-overlap:]
    return found


def owned_files(database, project):
    """All files beside the database, in the folders of publishing, target and logs, and the memory of sent alerts."""
    files = {Path(os.environ["ALERT_SENT_FILE"])} if os.environ.get("ALERT_SENT_FILE") else set()
    for folder in (database.parent, serving_folder(database), project.target, project.logs):
        files |= set(folder.rglob("*"))
    return sorted({file.resolve() for file in files if file.is_file()})


# how it is forgotten

def keep_journals(connection, project, person, key):
    """Copies what no build can make again into the attached `fresh`, without the person in any text."""
    words = person.ids | {masked_as(key, word) for word in person.ids}
    home, = connection.execute("select current_database()").fetchone()
    for (schema, name), columns in tables(connection).items():
        is_of_hooks = schema in project.hooks_schemas and (schema, name) not in project.columns or schema == "landing"
        if (schema, name) in project.rebuilt or is_of_hooks:
            continue
        kinds = project.kinds(schema, name, columns) if (schema, name) in project.columns else {}
        selected = []
        for column in columns:
            text = f'"{column}"'
            if kinds.get(column) in ("text", "owner"):
                named = f"regexp_replace({text}, {pattern(person.names)}, '\\1{FORGOTTEN}\\2', 'g')" if person.names else text
                # whom a shared name means is clear at the person's own accounts only
                if person.shared_names:
                    named = f"case when account_id in (select account_id from accounts_of_person) then {named} else {text} end" if "account_id" in columns else text
                text = f"regexp_replace({named}, {pattern(words)}, '\\1{FORGOTTEN}\\2', 'g')"
            selected.append(f'{text} as "{column}"')
        ddl, = connection.execute(
            "select sql from duckdb_tables() where database_name = current_database() and schema_name = ? and table_name = ?", [schema, name]
        ).fetchone()
        connection.execute(f'create schema if not exists fresh."{schema}"')
        connection.execute(f"use fresh; {ddl}; use {home}")
        connection.execute(f'insert into fresh."{schema}"."{name}" select {", ".join(selected)} from "{schema}"."{name}"')


def masked_as(key, value):
    """What marts show for the value where personal data is masked."""
    return f"masked-{keyed_hash(key, value, 'mask')[:16]}"


def remember_accounts(connection, person):
    """A temporary table of the accounts at which the name means this person."""
    connection.execute("create temp table ids (id varchar); create temp table accounts_of_person (account_id varchar)")
    connection.executemany("insert into ids values (?)", [[word] for word in sorted(person.ids)])
    for relation, columns in (
        ("intermediate.int_engagement_events", ("email", "person_id", "visitor_id")), ("staging.base_crm__contacts", ("contact_id", "lower(email)")),
    ):
        if tuple(relation.split(".")) in tables(connection):
            meant = " or ".join(f"{column} in (select id from ids)" for column in columns)
            connection.execute(f"insert into accounts_of_person select distinct account_id from {relation} where {meant}")


def republish(fresh, folder):
    """Publish the marts of the fresh database, if anything is published; all older versions are gone afterwards.

    What others have put into the folder stays, the database itself among it where somebody publishes beside it.
    """
    link = folder / LINK
    if link.is_symlink():
        with opened(fresh) as connection:
            refuse_old_data(connection, folder, max_age_days=None)
            publish(connection, folder)
    remove_leftovers(folder)
    # whoever reads an old version reads it to the end
    for file in versions(folder).values():
        if not (link.is_symlink() and file.samefile(link)):
            file.unlink()


def forget(project, database, person, key, list_file, forgotten):
    """Everything but the proof. Until the last line the database is what it was."""
    today = dt.datetime.now(dt.timezone.utc).date().isoformat()
    write_list(list_file, {keyed_hash(key, word, "forget"): today for word in person.ids} | forgotten, key)
    if not database.is_file():
        return
    # a folder of its own: views name the database by the name of its file
    fresh = database.parent / "forgetting" / database.name
    shutil.rmtree(fresh.parent, ignore_errors=True)
    fresh.parent.mkdir()
    with duckdb.connect(str(database)) as connection:
        connection.execute(f"checkpoint; attach {literal(fresh)} as fresh (storage_version 'v1.0.0')")
        remember_accounts(connection, person)
        keep_journals(connection, project, person, key)
        connection.execute("detach fresh")
        if not project.build(fresh):
            raise Failed(
                "The database could not be built without the person; the reasons are above. It is as it was, but every build"
                " from now on leaves the person out. Repair the build and run the same command again."
            )
        try:
            republish(fresh, serving_folder(database))
        except NotPublished as reason:
            raise Failed(
                f"The marts could not be published without the person. {reason} Until then the database and what is"
                " published are as they were, but every build leaves the person out."
            ) from None
        # what dbt and other commands write again
        dbt_files = [file for folder in (project.target, project.logs) for file in folder.rglob("*") if file.is_file()]
        for file in [*scan_bytes(dbt_files, person.ids), *(database.parent / name for name in BY_PRODUCTS)]:
            file.unlink(missing_ok=True)
        os.replace(fresh, database)
    shutil.rmtree(fresh.parent)


# what is said about it

def by_schema(found):
    """{place: rows}: marts one by one, the tables of other schemas together."""
    together = {}
    for relation, rows in found.items():
        place = relation if relation.startswith("main.") else f"all of schema {relation.split('.')[0]}"
        together[place] = together.get(place, 0) + rows
    return together


def look(project, database, person, connection, raw):
    """{place: rows, or files, that hold the person}: raw files, tables, published tables."""
    found = {f"raw file {file}": rows for file, rows in scan_raw_files(connection, raw, project, person).items()}
    if database.is_file():
        found |= {f"database, {place}": rows for place, rows in by_schema(scan_database(database, project, person)).items()}
    for file in sorted(serving_folder(database).glob("*.duckdb")):
        if not file.is_symlink() and file.resolve() != database.resolve():
            found[f"published, {file.name}"] = sum(scan_database(file, project, person).values())
    return found


def report(before, after):
    """The lines of a table of all places that hold or held the person."""
    rows = [
        (place, before.get(place, "-"), after.get(place, "gone") if after is not None else "")
        for place in [*before, *(place for place in after or {} if place not in before)]
        if before.get(place) or (after or {}).get(place)
    ]
    columns = [("Where", 70, False), ("Rows", 9, True), ("Left", 9, True)]
    return table([row[:2] for row in rows], columns[:2]) if after is None else table(rows, columns)


def run(options):
    given = (options.person or os.environ.get("PERSON") or "").strip()
    given = given.lower() if "@" in given else given  # ids of some CRMs differ by case alone
    if not given:
        raise Refused("Say who it is: make forget PERSON=address-or-contact-id")
    key = privacy_key()
    database = database_file()
    list_file = Path(os.environ.get("FORGOTTEN_PEOPLE") or "data/forgotten_people.csv")
    forgotten = read_list(list_file, key)
    with lock_of(database), duckdb.connect() as connection:
        raw_data = (os.environ.get("RAW_DATA") or "sample/data").rstrip("/")
        refuse_owner(connection, given, raw_files(connection, raw_data, ["crm_accounts"]))
        project = Project(options.project, ("--vars", options.vars) if options.vars else ())
        raw = raw_files(connection, raw_data, project.raw_tables)
        if database.is_file():
            with read(database) as built:
                person = identify(built, given, raw)
        else:
            person = identify(connection, given, raw)
        before = look(project, database, person, connection, raw)
        in_files = scan_bytes(owned_files(database, project), words_in_bytes(database, person))
        is_on_list = keyed_hash(key, given, "forget") in forgotten
        if not (is_on_list or in_files or any(before.values())):
            raise Refused(f"Nobody has the address or contact id {printable(given)}: not in the raw files, not in the database.")
        print(f"Found: {person}.")
        for name in sorted(person.shared_names):
            print(f"The name {printable(name)} is borne by other contacts, too. It is not looked for where it may mean them.")
        if options.dry_run:
            print(f"Identifiers: {', '.join(map(printable, sorted(person.ids)))}\n")
            print("\n".join(report(before, None)))
            print("\nNothing was changed (--dry-run).")
            return 0
        is_new = any(keyed_hash(key, word, "forget") not in forgotten for word in person.ids)
        after, left_in_bytes = before, in_files
        if is_new or in_files or any(rows for place, rows in before.items() if not place.startswith("raw file")):
            try:
                forget(project, database, person, key, list_file, forgotten)
            except (OSError, duckdb.Error) as error:
                raise Failed(
                    f"The person could not be forgotten: {printable(error).rstrip('. ')}. Make room or repair it, and run the same command again."
                ) from None
            after = look(project, database, person, connection, raw)
            left_in_bytes = scan_bytes(owned_files(database, project), words_in_bytes(database, person))
        files, words = owned_files(database, project), words_in_bytes(database, person)

    print()
    print("\n".join(report(before, after)))
    print()
    kept = [place for place, rows in after.items() if rows and place.startswith("raw file")]
    left = [place for place, rows in after.items() if rows and not place.startswith("raw file")]
    for file in left_in_bytes:
        print(f"The bytes of {file} hold the person.")
    if kept:
        print("The raw files are yours: delete the person there, too. Until then no build reads these rows.")
    if left or left_in_bytes:
        print("The person is left in the places above. docs/personal-data.md says what to do.")
        return 1
    print(f"Nothing is left of the person: not in any table, and not in the bytes of {len(files)} files.")
    if unsure := len(person.ids - words):
        print(f"({unsure} of the addresses and ids are too short, or part of somebody else's: only the tables were searched for them.)")
    return 0


def refuse_owner(connection, given, raw):
    for _, _, select in raw:
        accounts, = connection.execute(f"select count(*) from ({select}) where lower(trim(owner_email)) = ?", [given]).fetchone()
        if accounts:
            raise Refused(
                f"{printable(given)} is the sales owner of {accounts} accounts. Give them another owner in the CRM and load"
                " crm_accounts again; then run the same command."
            )


# the command line

def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m engagement forget", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("person", nargs="?", help="email address or contact id; env var PERSON is better, as others can read a command line")
    parser.add_argument("--dry-run", action="store_true", help="only say who it is and where the person is found")
    parser.add_argument("--vars", help="vars for dbt, as in the builds")
    parser.add_argument("--project", type=Path, default=ROOT, help="folder of the dbt project (default: this one)")
    options = parser.parse_args(arguments)
    sys.stdout.reconfigure(errors="replace")
    try:
        return run(options)
    except NotPublished as reason:
        print(reason, file=sys.stderr)
        return reason.exit_code
    except (Refused, Failed) as reason:
        print(reason, file=sys.stderr)
        return 2 if isinstance(reason, Refused) else 1
