"""Writes the folder of HTML: pages, scripts with the data, and the two libraries.

A page opened from a folder can't fetch files, so data is written as scripts. The data of one account's page is in a bucket
of about 40 accounts, which the page finds by a hash of the account's id.
"""

import datetime as dt
import json
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from string import Template

from engagement.dashboard import queries
from engagement.dashboard.marts import Marts, Result
from engagement.dashboard.queries import Query
from engagement.paths import literal

FOLDER = Path(__file__).parent
ASSETS, VENDOR = FOLDER / "assets", FOLDER / "vendor"
ACCOUNTS_PER_BUCKET = 40
BUCKETS_AT_ONCE = 100  # accounts whose text is in memory at once; the tables are read once per such group
# the style that Plot puts into each chart, by its hash; no other inline style is allowed
PLOT_STYLE = "'sha256-jSYQUrW7J0b3jPqhZP9C2Xh1PyJKHKXd4s0fpGGKrww='"


@dataclass(frozen=True)
class Page:
    """One HTML file; `data` is the script it reads, `charts` whether it draws some."""

    name: str
    title: str
    data: "str | None"
    charts: bool = False
    is_for_one_owner: bool = True

    @property
    def file(self) -> str:
        return "index.html" if self.name == "accounts" else f"{self.name}.html"


PAGES = (
    Page("accounts", "Accounts", "accounts"),
    Page("today", "Today", "today"),
    Page("account", "Account", None, charts=True),
    Page("review", "Monthly review", "review", charts=True, is_for_one_owner=False),
    Page("health", "Health", "health", is_for_one_owner=False),
)


@dataclass(frozen=True)
class Written:
    """The result of writing a dashboard."""

    version: str
    accounts: int
    bytes: int


# values

def plain(value: object) -> object:
    """A value of a mart that JSON can't represent."""
    if isinstance(value, Decimal):
        number = round(float(value), queries.DECIMALS)
        return int(number) if number.is_integer() else number
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ", timespec="minutes")
    if isinstance(value, dt.date):
        return value.isoformat()
    raise TypeError(f"{value!r} has a type that no mart uses")


def script(value: object) -> str:
    """JSON that is also valid JavaScript, wherever it is placed."""
    return in_script(json.dumps(value, default=plain, ensure_ascii=False, separators=(",", ":")))


def in_script(text: str) -> str:
    """The same JSON without what would end a script or a line of it."""
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def column(values: list) -> "list | dict":
    """A column of a table. A few values that repeat often are written once: {values, codes}."""
    distinct = {value: code for code, value in enumerate(dict.fromkeys(values))}
    if len(values) < 2 * len(distinct) or not any(isinstance(value, str) for value in distinct):
        return values
    return {"values": list(distinct), "codes": [distinct[value] for value in values]}


def table(columns: list[str], rows: Iterable[tuple]) -> dict:
    """{column: its values}"""
    gathered = list(zip(*rows)) or [()] * len(columns)
    return {name: column(list(values)) for name, values in zip(columns, gathered)}


def fnv1a(text: str) -> int:
    """The 32-bit hash FNV-1a of a text's UTF-8 bytes, as in assets/base.js."""
    value = 0x811C9DC5
    for byte in text.encode():
        value = (value ^ byte) * 0x01000193 & 0xFFFFFFFF
    return value


# the site

class Site:
    """A dashboard of one publication, for everyone or for one owner."""

    def __init__(self, marts: Marts, folder: Path, owner: "str | None" = None) -> None:
        self.marts, self.folder, self.owner = marts, folder, owner
        self.tables = marts.tables()
        self.version = marts.publication.version
        self.pages = [page for page in PAGES if owner is None or page.is_for_one_owner]
        self.account_ids, self.prospects = self._account_ids()
        self.buckets = -(-len(self.account_ids) // ACCOUNTS_PER_BUCKET) or 1

    def _account_ids(self) -> tuple[list[str], int]:
        """(prospects and customers of the site, how many of them are prospects)"""
        owned = [(account_id, is_prospect) for account_id, owner, is_prospect in self.marts.read(f"{queries.ACCOUNTS} order by account_id").rows if self.owner in (None, owner)]
        return [account_id for account_id, _ in owned], sum(is_prospect for _, is_prospect in owned)

    def write(self) -> Written:
        for name in ("assets", "vendor", "data/accounts"):
            (self.folder / name).mkdir(parents=True)
        self._write_assets()
        self._write_data("publication", self._every_page())
        as_of = self.marts.publication.as_of_date
        self._write_data("accounts", self._tables(queries.accounts_page(as_of)))
        self._write_data("today", self._tables(queries.today_page(as_of)))
        if self.owner is None:
            self._write_data("review", self._tables(queries.review_page()))
            self._write_data("health", self._tables(queries.health_page()))
        self._write_accounts()
        size = sum(file.stat().st_size for file in self.folder.rglob("*") if file.is_file())
        return Written(self.version, len(self.account_ids), size)

    def _write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, encoding="utf-8")

    def _write_assets(self) -> None:
        """A file that names its publication."""
        for file in sorted(ASSETS.glob("*.js")) + sorted(ASSETS.glob("*.css")):
            self._write(f"assets/{file.name}", f"/* publication {self.version} */\n{file.read_text(encoding='utf-8')}")
        for file in VENDOR.iterdir():
            shutil.copyfile(file, self.folder / "vendor" / file.name)
        template = Template((ASSETS / "page.html").read_text(encoding="utf-8"))
        for page in self.pages:
            scripts = ["assets/base.js", "data/publication.js", "assets/table.js"]
            if page.charts:
                scripts += ["vendor/d3.min.js", "vendor/plot.min.js", "assets/charts.js"]
            scripts += [f"data/{page.data}.js"] * (page.data is not None) + [f"assets/{page.name}.js"]
            self._write(page.file, template.substitute(
                title=page.title, version=self.version, page=page.name, style=self._allowed_style(page),
                navigation="\n      ".join(self._link(other, page) for other in self.pages if other.name != "account"),
                scripts="\n  ".join(f'<script defer src="{name}?v={self.version}"></script>' for name in scripts),
            ))

    @staticmethod
    def _allowed_style(page: Page) -> str:
        return f"'self' {PLOT_STYLE}" if page.charts else "'self'"

    @staticmethod
    def _link(page: Page, current: Page) -> str:
        here = ' aria-current="page"' if page is current else ""
        return f'<a href="{page.file}"{here}>{page.title}</a>'

    # data

    def _write_data(self, name: str, content: "dict | str") -> None:
        """A data script: JSON, or its text, under the version."""
        text = content if isinstance(content, str) else script(content)
        self._write(f"data/{name}.js", f'DATA[{script(name)}]={{"version":{script(self.version)},{text[1:]};\n')

    def _every_page(self) -> dict:
        publication = self.marts.publication
        return self._tables(queries.every_page()) | {
            "as_of_date": publication.as_of_date, "config_version": publication.config_version, "is_masked": publication.is_masked,
            "owner": self.owner, "prospects": self.prospects, "buckets": self.buckets, "alert_days": queries.ALERT_DAYS,
        }

    def _can_read(self, query: Query) -> bool:
        """True if the table exists. Tables of the review exist once `make review` was run and published."""
        return not query.needs_review or any(name.startswith("review_") and name in query.sql for name in self.tables)

    def _tables(self, wanted: list[Query]) -> dict:
        """{name of the query: its rows by column}; null for missing tables."""
        found = {}
        for query in wanted:
            if self._can_read(query):
                result = self.marts.read(query.sql)
                found[query.name] = table(result.columns, self._of_owner(result))
            else:
                found[query.name] = None
        return found

    def _of_owner(self, result: Result) -> Iterator[tuple]:
        """The rows about accounts of the site, and rows that aren't about an account."""
        if self.owner is None or "account_id" not in result.columns:
            return result.rows
        place, own = result.columns.index("account_id"), set(self.account_ids)
        return (row for row in result.rows if row[place] in own)

    def _write_accounts(self) -> None:
        """The buckets, some at a time, because the data of all accounts wouldn't fit into memory."""
        members: list[list[str]] = [[] for _ in range(self.buckets)]
        for account_id in self.account_ids:
            members[fnv1a(account_id) % self.buckets].append(account_id)
        for first in range(0, self.buckets, BUCKETS_AT_ONCE):
            numbers = range(first, min(first + BUCKETS_AT_ONCE, self.buckets))
            columns, details = self._details([account_id for number in numbers for account_id in members[number]])
            for number in numbers:
                accounts = ",".join(f"[{script(account_id)},{{{','.join(details[account_id])}}}]" for account_id in members[number])
                self._write_data(f"accounts/{number}", f'{{"columns":{script(columns)},"accounts":[{accounts}]}}')

    def _details(self, account_ids: list[str]) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
        """({query: its columns}, {account: [query and rows as JSON]}) of some accounts."""
        columns: dict[str, list[str]] = {}
        details: dict[str, list[str]] = {account_id: [] for account_id in account_ids}
        wanted = ", ".join(map(literal, account_ids)) or "null"
        for query in queries.account_page(self.owner):
            if self._can_read(query):
                types = self.marts.read(f"select * from ({query.sql.replace('{accounts}', 'null')}) as nobody").types
                columns[query.name] = list(types)[1:]
                rows = self.marts.read(queries.as_json(query.sql.replace("{accounts}", wanted), types)).rows
                for account_id, texts in groupby(rows, key=itemgetter(0)):
                    details[account_id].append(f"{script(query.name)}:[{in_script(','.join(text for _, text in texts))}]")
        return columns, details
