"""Personal data: which kinds there are, their keyed hashes, and the list of forgotten people."""

import csv
import hashlib
import hmac
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from engagement.paths import BadUsage, followed, in_project, literal

if TYPE_CHECKING:
    from engagement.warehouse.dialects import Dialect

KEY_VARIABLE = "DBT_ENV_SECRET_PRIVACY_KEY"
KEY_LENGTH = 32  # characters, at least
# where a text may name a person: these are hashed and looked up in the list of forgotten people
# an address begins with a letter or digit: o'brien@ is not brien@, and a quoted address is not quoted
ADDRESS, WORD = r"\w[\w.%+'‘’ʼ´-]*@[\w-]+(?:[.][\w-]+)+", r"[\w-]+"
LIST_COLUMNS = ["identifier_hash", "forgotten_on", "key_hash"]
SALESFORCE_ID, GUID, NUMBER = r"[0-9A-Za-z]{18}", r"[{]?[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}[}]?", r"([0-9]+)[.]0+"
SALESFORCE_SUFFIXES = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
# how a masked mart shows a column of each kind (config.meta.personal): by its hash, by the hash of the person's id, or not at all
HASHED = {"email", "contact_id", "visitor_id", "person_id", "owner"}
NAMED = {"name"}
HIDDEN = {"job_title", "text"}


def privacy_key() -> str:
    """The secret in env var DBT_ENV_SECRET_PRIVACY_KEY; it is an error if there is none."""
    key = os.environ.get(KEY_VARIABLE, "")
    if len(key) < KEY_LENGTH:
        raise BadUsage(
            f"Env var {KEY_VARIABLE} {'is too short' if key else 'is not set'}. Set it to a secret of at least {KEY_LENGTH}"
            " characters, and never change it. docs/privacy.md says how to create one."
        )
    return key


def keyed_hash(key: str, value: str, purpose: str) -> str:
    """HMAC-SHA256 of "purpose:value" as 64 hex digits. Hashes of two purposes cannot be compared."""
    return hmac.new(hashlib.sha256(key.encode()).digest(), f"{purpose}:{value}".encode(), hashlib.sha256).hexdigest()


def id_key(identifier: str) -> str:
    """The same text for all spellings of a CRM id, as in the macro `id_key`."""
    if re.fullmatch(SALESFORCE_ID, identifier):
        return identifier[:15] if identifier[15:] == salesforce_suffix(identifier) else identifier
    if re.fullmatch(GUID, identifier):
        return identifier.strip("{}").lower()
    number = re.fullmatch(NUMBER, identifier)
    return number[1] if number else identifier


def salesforce_suffix(identifier: str) -> str:
    """The last three characters of an id of 18: each says which of five characters before them are in upper case."""
    parts = (identifier[start:start + 5] for start in (0, 5, 10))
    return "".join(SALESFORCE_SUFFIXES[sum(2 ** place for place, letter in enumerate(part) if letter.isupper())] for part in parts)


def id_key_sql(expression: str) -> str:
    """The same as DuckDB SQL."""
    def suffix(start: int) -> str:
        bits = (f"case when regexp_matches({expression}, '^.{{{start + place}}}[A-Z]') then {2 ** place} else 0 end" for place in range(5))
        return f"substr('{SALESFORCE_SUFFIXES}', 1 + {' + '.join(bits)}, 1)"

    return (
        f"case when regexp_matches({expression}, '^{SALESFORCE_ID}$')"
        f" and substr({expression}, 16) = {' || '.join(map(suffix, (0, 5, 10)))} then substr({expression}, 1, 15)"
        f" when regexp_matches({expression}, '^{GUID}$') then lower(trim({expression}, '{{}}'))"
        f" else regexp_replace({expression}, '^{NUMBER}$', '\\1') end"
    )


def key_pads(key: str) -> dict[str, str]:
    """The two blocks of bytes that HMAC-SHA256 makes of the key, as hex digits, for SQL that has only SHA-256."""
    block = hashlib.sha256(key.encode()).digest().ljust(64, b"\0")
    return {name: bytes(byte ^ mask for byte in block).hex() for name, mask in (("inner", 0x36), ("outer", 0x5C))}


def keyed_hash_sql(expression: str, purpose: str) -> str:
    """The same as DuckDB SQL. The key is the variable `privacy_key` of the connection, so it stands in no SQL text."""
    def padded(byte: str) -> str:
        key = "cast(unhex(sha256(getvariable('privacy_key')) || repeat('00', 32)) as bit)"
        return f"cast(xor({key}, cast(cast(repeat('\\x{byte}', 64) as blob) as bit)) as blob)"

    inner = f"unhex(sha256({padded('36')} || encode({literal(purpose + ':')} || {expression})))"
    return f"sha256({padded('5C')} || {inner})"


def masked_columns(personal: dict[str, str], sql: "Dialect") -> dict[str, str]:
    """{column: SQL that masks it, null stays null} of one table, from {column: kind of personal data}."""
    def masked(column: str) -> str:
        return f"'masked-' || substr({sql.keyed_hash(f'cast({sql.quoted(column)} as {sql.text})', 'mask')}, 1, 16)"

    person = next((column for kind in ("person_id", "contact_id") for column, of in personal.items() if of == kind), None)
    expressions = {}
    for column, kind in personal.items():
        if kind in HASHED:
            expressions[column] = masked(column)
        elif kind in NAMED and person:
            # the same as the person's id, so that namesakes stay two people
            expressions[column] = f"case when {sql.quoted(column)} is not null then {masked(person)} end"
        else:
            expressions[column] = f"cast(null as {sql.text})"
    return expressions


# the list of forgotten people

def forgotten_people_file() -> Path:
    return followed(Path(os.environ.get("FORGOTTEN_PEOPLE") or in_project("data/forgotten_people.csv")))


def read_list(file: Path, key: str) -> dict[str, str]:
    """{hash of an identifier: day it was forgotten}"""
    if not file.exists():
        return {}
    try:
        with open(file, newline="", encoding="utf-8") as lines:
            rows = list(csv.DictReader(lines))
        keys = {row["key_hash"] for row in rows}
        people = {row["identifier_hash"]: row["forgotten_on"] for row in rows}
    except (OSError, ValueError, KeyError, csv.Error):
        raise BadUsage(f"{file} is not a list of forgotten people, or cannot be read. Restore its backup, or forgotten people would come back.") from None
    if keys - {keyed_hash(key, "", "key")}:
        raise BadUsage(f"{file} was made with another key than the one in {KEY_VARIABLE}. Set that key, or forgotten people would come back.")
    return people


def write_list(file: Path, hashes: dict[str, str], key: str) -> None:
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
