"""Leaves the rows of forgotten people out of the raw tables."""

import hashlib
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import duckdb

from engagement.landing.contract import Column, MailboxRules, Table
from engagement.landing.lines import UnreadableLine
from engagement.paths import BadUsage, literal, quoted
from engagement.privacy import (
    ADDRESS, LIST_COLUMNS, WORD, forgotten_people_file, id_key, id_key_sql, keyed_hash, keyed_hash_sql, privacy_key, read_list,
)

IDENTIFIERS = ("email", "contact_id", "visitor_id")
ADDRESS_OR_WORD = re.compile(f"{ADDRESS}|{WORD}")
LEFT_OUT = "(holds data of a forgotten person)"


@dataclass(frozen=True)
class Forgotten:
    """The keyed hashes of all identifiers of forgotten people."""

    hashes: frozenset[str] = frozenset()
    key: str = field(default="", repr=False)
    mailbox_rules: MailboxRules = ()

    @property
    def fingerprint(self) -> str:
        """A hash that changes with the list, and with the way it is used; empty for an empty list."""
        used = ["ids and mailboxes in any spelling, and nobody else's", str(self.mailbox_rules), *sorted(self.hashes)]
        return hashlib.sha256(" ".join(used).encode()).hexdigest() if self.hashes else ""

    def prepare(self, connection: duckdb.DuckDBPyConnection) -> None:
        connection.execute("set variable privacy_key = ?", [self.key])
        connection.execute("create or replace temp table forgotten_hashes as select unnest(?::varchar[]) as hash", [sorted(self.hashes)])

    def without(self, connection: duckdb.DuckDBPyConnection, table: Table, rows: str) -> str:
        """A select of `rows` without those of forgotten people. It reads the rows once before, so that each identifier is hashed once."""
        columns = [column for column in table.columns if column.personal in IDENTIFIERS]
        if not self.hashes or not columns:
            return rows
        names = ", ".join(quoted(column.name) for column in columns)
        identifiers = " union ".join(
            f"select {identifier_of(column)} as identifier, {column.personal != 'email'} as is_id from typed_rows" for column in columns
        )
        connection.execute(
            f"create or replace temp table forgotten_identifiers as with typed_rows as materialized (select {names} from ({rows}))"
            f" select distinct identifier from (select identifier, unnest({spellings('identifier', 'is_id', table, self.mailbox_rules)}) as spelling from ({identifiers}))"
            f" where {keyed_hash_sql('spelling', 'forget')} in (select hash from forgotten_hashes)"
        )
        conditions = " and ".join(
            f"coalesce({identifier_of(column)} not in (select identifier from forgotten_identifiers), true)" for column in columns
        )
        return f"select * from ({rows}) where {conditions}"

    def left_out(self, table: Table, lines: Iterable[UnreadableLine]) -> list[UnreadableLine]:
        """The same lines, without the text of lines that name a forgotten person."""
        return [replace(line, text=LEFT_OUT) if self.is_named(line.text, table.id_prefix) else line for line in lines]

    def is_named(self, text: str, id_prefix: str = "") -> bool:
        return bool(self.hashes) and any(
            keyed_hash(self.key, word, "forget") in self.hashes
            for found in ADDRESS_OR_WORD.findall(text)
            for word in {found, found.lower(), id_prefix + found, id_prefix + id_key(found), mailbox(found.lower(), self.mailbox_rules)}
        )


NONE_FORGOTTEN = Forgotten()


def identifier_of(column: Column) -> str:
    """SQL of the value that identifies a person."""
    return f"lower({quoted(column.name)})" if column.personal == "email" else quoted(column.name)


def mailbox(address: str, rules: MailboxRules) -> str:
    """An address in lower case as the seed `mailbox_rules` spells its mailbox, without plus-tag."""
    name, _, domain = address.partition("@")
    same_as, ignores_dots = next(((same_as, dots) for known, same_as, dots in rules if known == domain), (None, False))
    name = name.split("+")[0]
    return f"{name.replace('.', '') if ignores_dots else name}@{same_as or domain}"


def mailbox_sql(address: str, rules: MailboxRules) -> str:
    """The same as DuckDB SQL."""
    name, domain = f"split_part(split_part({address}, '@', 1), '+', 1)", f"split_part({address}, '@', 2)"
    without_dots = f"replace({name}, '.', '')"
    special = "".join(
        f" when {domain} = {literal(known)} then {without_dots if ignores_dots else name} || '@' || {literal(same_as or known)}"
        for known, same_as, ignores_dots in rules
    )
    plain = f"{name} || '@' || {domain}"
    return f"case{special} else {plain} end" if special else plain


def spellings(text: str, is_id: str, table: Table, rules: MailboxRules) -> str:
    """SQL of a list of the identifiers in a text: the text itself, its key as an id, and the addresses in it, with their
    mailboxes. Vendors write several ids into one text, and their ids have a prefix."""
    found, prefix = f"regexp_extract_all({text}, {literal(ADDRESS)})", literal(table.id_prefix)
    ids = f"regexp_extract_all({text}, {literal(WORD)})" if table.vendor else f"[{text}]"
    known = (
        f"case when {is_id} then list_transform({ids}, lambda word: {prefix} || word)"
        f" || list_transform({ids}, lambda word: {prefix} || {id_key_sql('word')}) else [{text}] end"
    )
    return (
        f"{known} || {found} || list_transform({found}, lambda address: regexp_replace(address, '[+][^@]*@', '@'))"
        f" || list_transform({found}, lambda address: {mailbox_sql('address', rules)})"
    )


def read_forgotten() -> Forgotten:
    """The list in the file named by env var FORGOTTEN_PEOPLE, checked against the privacy key."""
    file = forgotten_people_file()
    if not file.exists():
        if os.environ.get("FORGOTTEN_PEOPLE"):
            raise BadUsage(
                f"Env var FORGOTTEN_PEOPLE names {file}, which does not exist. Nothing was built, because forgotten people would come back."
                f" Restore the file. If you have forgotten no one yet, create it with this one line: {','.join(LIST_COLUMNS)}"
            )
        return NONE_FORGOTTEN
    if file.is_file() and len(file.read_bytes().splitlines()) < 2:
        return NONE_FORGOTTEN
    key = privacy_key()
    return Forgotten(frozenset(read_list(file, key)), key)
