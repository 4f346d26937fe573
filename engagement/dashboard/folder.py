"""Manages the folders of dashboards: a new folder is written beside the old one, then a link is switched to it."""

import contextlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

from engagement.console import complain, printable
from engagement.dashboard.marts import opened_marts
from engagement.dashboard.site import Site, Written, fnv1a
from engagement.paths import CommandError
from engagement.scores import unknown_owner
from engagement.warehouse import Warehouse
from engagement.warehouse.duckdb_file import NEW_LINK, alone_in, remove

EVERYBODY, OWNER = "all", "owner-"
NEW = ".new"


def dashboard_folder(folder: Path) -> Path:
    return Path(os.environ.get("ENGAGEMENT_DASHBOARD") or folder / "dashboard")


def name_of(owner: "str | None") -> str:
    """What a site is called: `all`, or `owner-` and the owner, whatever letters that has."""
    if owner is None:
        return EVERYBODY
    safe = re.sub(r"[^A-Za-z0-9@.-]", "-", owner)[:100]
    return f"{OWNER}{safe}" if safe == owner else f"{OWNER}{safe}-{fnv1a(owner):08x}"


def write_dashboard(place: Warehouse, folder: Path, owner: "str | None" = None) -> tuple[Path, Written]:
    """(first page, what was written) of a dashboard of what is published. The marts have owners in lower case."""
    owner = owner and owner.strip().lower()
    name = name_of(owner)
    new = folder / (name + NEW)
    try:
        with opened_marts(place) as marts:
            # it names people
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with alone_in(folder), removed_afterwards(new):
                new.mkdir(mode=0o700)
                site = Site(marts, new, owner)
                if owner is not None and not site.account_ids:
                    raise unknown_owner(marts.reader, owner)
                written = site.write()
                show(folder, name, written.version)
    except OSError as error:
        raise CommandError(
            f"{folder} could not be written: {printable(error).rstrip('. ')}. Make room or repair it, and run the same command again."
        ) from None
    return folder / name / "index.html", written


@contextlib.contextmanager
def removed_afterwards(path: Path) -> Iterator[None]:
    """Removes half-written folders, including those of killed runs."""
    remove(path)
    try:
        yield
    finally:
        remove(path)


def show(folder: Path, name: str, version: str) -> None:
    """Switches the link to the new folder at once, and removes the old one."""
    link = folder / name
    if link.exists() and not link.is_symlink():
        raise OSError(f"{link} is not a link, so this project did not create it. Move it away")
    old = [path for path in written_before(folder, re.escape(name)) if path.name != name + NEW]
    target = f"{name}_{version}"
    while (folder / target).exists():
        target += "a"  # the same publication, written again
    os.rename(folder / (name + NEW), folder / target)
    (folder / NEW_LINK).unlink(missing_ok=True)
    os.symlink(target, folder / NEW_LINK)
    os.replace(folder / NEW_LINK, link)
    for version_folder in old:
        remove(version_folder)


def written_before(folder: Path, name: str = rf"{EVERYBODY}|{OWNER}.*") -> list[Path]:
    """The folders of dashboards, whole or half written; all of them, or those of one name (as a pattern)."""
    pattern = re.compile(rf"({name})(_\d{{8}}T\d{{6}}Za*|{re.escape(NEW)})")
    return [path for path in folder.iterdir() if path.is_dir() and not path.is_symlink() and pattern.fullmatch(path.name)]


def remove_dashboards(folder: Path) -> bool:
    """Removes all dashboards. True if the one for everyone was among them."""
    if not folder.is_dir():
        return False
    links = [path for path in folder.iterdir() if path.is_symlink() and (path.name == EVERYBODY or path.name.startswith(OWNER))]
    for path in [*written_before(folder), *links]:
        remove(path)
    owners = [link.name for link in links if link.name != EVERYBODY]
    if owners:
        complain(f"Removed from {folder}: {', '.join(map(printable, owners))}. Write them again with `python -m engagement dashboard --owner ...`.")
    return len(links) > len(owners)


def forget_dashboards(place: Warehouse, folder: Path) -> None:
    """Removes all dashboards, then writes the one for everyone again. Those of single owners are written on demand."""
    if remove_dashboards(folder):
        try:
            write_dashboard(place, folder)
        except CommandError as error:
            complain(f"The dashboard was removed, but not written again: {printable(error)} Write it with `make dashboard`.")
