"""Rebuilds the lists in seeds/lists from the packages that maintain them.

The versions are below. Change one, run this, look at `git diff --stat seeds/lists`, and build. A build itself needs no
network. Put corrections to a list into seeds/domain_kinds.csv or seeds/machine_user_agents.csv, which this command leaves
as they are.
"""

import csv
import json
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from engagement.console import command_parser
from engagement.literal_texts import literal_texts
from engagement.paths import CommandError

FOLDER = Path(__file__).parents[1] / "seeds" / "lists"
# the public suffix list, packaged for PyPI; its version is a date
PUBLIC_SUFFIXES = "publicsuffixlist==1.1.2.20261023"
# the free-mail domains of an npm package
FREE_MAIL = "free-email-domains@1.12.6"
# patterns of the user agents of crawlers, link previews, HTTP libraries and monitors
CRAWLERS = "crawler-user-agents==1.67.0"


def download(command: list[str], folder: Path) -> Path:
    """The one file that a package manager downloads to `folder`."""
    try:
        subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    except FileNotFoundError as reason:
        raise CommandError(f"Refreshing the lists needs {command[0]}, which is not installed.") from reason
    except subprocess.CalledProcessError as reason:
        raise CommandError(f"{' '.join(command)} failed. No list was changed.\n{reason.stderr.strip()}") from reason
    (file,) = folder.iterdir()
    return file


def suffix_rules(text: str) -> Iterator[tuple[str, str]]:
    """(suffix, kind) of each rule in a public suffix list. Names in other scripts have two spellings."""
    for line in text.splitlines():
        rule = line.split()[0] if line.strip() else ""
        if not rule or rule.startswith("//"):
            continue
        kind = {"*": "wildcard", "!": "exception"}.get(rule[0], "suffix")
        suffix = rule.removeprefix("*.").removeprefix("!").lower()
        yield from ((spelling, kind) for spelling in {suffix, suffix.encode("idna").decode()})


def read_public_suffixes(folder: Path) -> list[tuple[str, ...]]:
    """One row per suffix. If it has two rules, the wildcard is kept, because it also covers the domains below."""
    file = download([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", PUBLIC_SUFFIXES], folder)
    with zipfile.ZipFile(file) as package:
        text = package.read("publicsuffixlist/public_suffix_list.dat").decode()
    order = {"suffix": 0, "exception": 1, "wildcard": 2}
    return sorted(dict(sorted(suffix_rules(text), key=lambda rule: order[rule[1]])).items())


def read_free_mail(folder: Path) -> list[tuple[str, ...]]:
    file = download(["npm", "pack", "--silent", FREE_MAIL], folder)
    with tarfile.open(file) as package:
        domains = json.load(package.extractfile("package/domains.json"))
    return sorted({(domain.strip().lower(),) for domain in domains})


def read_crawlers(folder: Path) -> list[tuple[str, ...]]:
    """One row per text that distinguishes a crawler from a browser."""
    file = download([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", CRAWLERS], folder)
    with zipfile.ZipFile(file) as package:
        crawlers = json.loads(package.read("crawleruseragents/crawler-user-agents.json"))
    return sorted((text,) for text in literal_texts(crawler["pattern"] for crawler in crawlers))


def write_list(name: str, header: list[str], rows: Iterable[tuple[str, ...]]) -> str:
    rows = list(rows)
    with open(FOLDER / f"{name}.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
    return f"{name}: {len(rows)} rows"


def main(arguments: "list[str] | None" = None) -> int:
    command_parser("lists", __doc__).parse_args(arguments)
    lists = []
    for name, header, read in [
        ("public_suffixes", ["suffix", "kind"], read_public_suffixes),
        ("free_mail_domains", ["domain"], read_free_mail),
        ("crawler_agents", ["fragment"], read_crawlers),
    ]:
        with tempfile.TemporaryDirectory() as folder:
            lists.append((name, header, read(Path(folder))))
    for name, header, rows in lists:
        print(write_list(name, header, rows))
    return 0
