"""Engines other than DuckDB: builds in schemas of a database, and published marts as views in one more schema.

Each version is a schema of tables that is never written again. The schema that readers use holds a view of each table of
the newest version. The views are switched last: all at once where the engine has transactions. A view keeps what hangs on
it, rights and other people's views, unless a new release takes a column away or gives it another type.
"""

import contextlib
import os
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import cycle
from pathlib import Path

from engagement.console import complain
from engagement.paths import LOCK_CHECKED_EVERY, Busy, CommandError, database_file, lock_of
from engagement.privacy import privacy_key
from engagement.warehouse.engine import Engine, EngineError, InUse
from engagement.warehouse.mirror import Mirror
from engagement.warehouse.target import Target
from engagement.warehouse.versions import KEPT_VERSIONS, Build, Mart, Publication, is_version, next_version, selects

# schemas of a build; that of the marts is the target's
SCHEMAS = ("rules", "intermediate", "runs", "held")
# what `what-if` builds has this name, or begins with it
TRIAL = "what_if"
SWITCH_TRIED_FOR = 120  # seconds, while readers have the views open
# How many milliseconds each try waits for readers. Who waits holds up others, so mostly it looks for a moment without readers;
# where there is none, others have to wait for one now and then.
PATIENCE = (*[5] * 19, 500)


class Schemas:
    """The schemas of a target."""

    def __init__(self, target: Target) -> None:
        self.target, self.engine = target, Engine(target)
        self.sql = self.engine.sql

    @property
    def folder(self) -> Path:
        """Where what commands write on this machine lies: their logs, exports, dashboards."""
        return database_file().parent / self.target.name

    @cached_property
    def shown(self) -> str:
        """The schema that readers use."""
        return (os.environ.get("ENGAGEMENT_PUBLISHED_SCHEMA") or "published").lower()

    @property
    def place(self) -> str:
        """Where readers find the marts."""
        return f"schema {self.shown} of target {self.target.name}"

    @contextlib.contextmanager
    def lock(self, wait: "int | None" = None) -> Iterator[None]:
        """One lock for this machine and, where the engine has such locks, one for all machines."""
        with lock_of(self.folder / "build", wait):
            deadline = time.monotonic() + (wait or 0)
            while self.sql.try_lock and self.engine.query(self.sql.try_lock) != [(True,)]:
                if time.monotonic() >= deadline:
                    how = "" if wait is None else ", or let it wait with --wait SECONDS"
                    raise Busy(f"Another machine builds in target {self.target.name}. Run the same command again later{how}.")
                time.sleep(LOCK_CHECKED_EVERY)
            try:
                yield
            finally:
                self.engine.close()

    # reading

    @contextlib.contextmanager
    def opened(self) -> Iterator[Mirror]:
        """The last build, under the name `warehouse`."""
        with self.reader() as mirror:
            mirror.attach("warehouse", {self.engine.schema: "main", **{schema: schema for schema in SCHEMAS}})
            mirror.use("warehouse")
            yield mirror

    @contextlib.contextmanager
    def opened_wholly(self, raw: Iterable[str]) -> Iterator[Mirror]:
        """The same with the raw tables, staging and all versions, but without what builds show in views: that lies in tables."""
        with self.reader() as mirror:
            built = (*SCHEMAS, "staging", *map(self.schema_of, self.versions()))
            mirror.attach("warehouse", {self.engine.schema: "main", **{schema: schema for schema in (*built, *raw)}}, no_views=built)
            mirror.use("warehouse")
            yield mirror

    # tables are added to the engine itself
    writable = opened

    @contextlib.contextmanager
    def opened_marts(self, **config: object) -> Iterator[Mirror]:
        """What is published, under the name `marts`. A publication meanwhile changes nothing: the version stays for two more."""
        version = self.shown_version()
        if not version:
            raise CommandError(f"Nothing is published in {self.place}. Run `make build TARGET={self.target.name}` first.")
        with self.reader(**config) as mirror:
            mirror.attach("marts", {self.schema_of(version): "main"})
            mirror.use("marts")
            yield mirror

    @contextlib.contextmanager
    def reader(self, **config: object) -> Iterator[Mirror]:
        """A mirror that has nothing yet."""
        with contextlib.closing(Mirror(self.engine, **config)) as mirror:
            yield mirror

    def published(self, mirror: Mirror) -> "Publication | None":
        """What readers see, attached as `published`; None if nothing was published."""
        version = self.shown_version()
        if not version:
            mirror.detach("published")
            return None
        mirror.attach("published", {self.schema_of(version): "main"})
        return Publication.read(mirror, "published")

    def shown_version(self) -> "str | None":
        """None if nothing was published."""
        if "publication" not in self.tables(self.shown):
            return None
        return self.engine.query(f"select version from {self.shown}.publication")[0][0]

    def schema_of(self, version: str) -> str:
        return f"{self.shown}_v{version.lower()}"

    def versions(self) -> list[str]:
        """The oldest first; those that were never finished, too."""
        prefix = self.schema_of("")
        names = (schema.removeprefix(prefix).upper() for schema in self.engine.schemas() if schema.startswith(prefix))
        return sorted(name for name in names if is_version(name))

    def about(self, version: str) -> "tuple[str, bool] | None":
        """(build, whether people are masked) of a version; None if it was never finished."""
        try:
            return self.engine.query(f"select invocation_id, is_masked from {self.schema_of(version)}.publication")[0]
        except (EngineError, IndexError):
            return None

    def published_builds(self) -> set[str]:
        """The builds behind the versions that are kept."""
        return {about[0] for about in map(self.about, self.versions()) if about}

    def tables(self, schema: str) -> dict[str, list[tuple]]:
        """{table or view: [(column, type)]}"""
        found = defaultdict(list)
        for _, table, column, kind, *_ in self.engine.columns([schema]):
            found[table].append((column, kind))
        return found

    # writing

    def publish(self, mirror: Mirror, build: Build, remove_others: bool = False) -> tuple[str, bool]:
        """Publishes the build; the version, and whether it is new. Old versions are removed, with `remove_others` all of them."""
        if build.is_masked:
            for statement in self.sql.set_key(privacy_key()):
                self.engine.run(statement)
        before = self.published(mirror)
        is_new = not before or not before.is_of(build)
        version = next_version(self.versions()) if is_new else before.version
        if is_new:
            schema = self.schema_of(version)
            self.engine.run(f"create schema {schema}")
            marts = []
            for mart, select in selects(mirror, build, version):
                self.engine.create(f"{schema}.{self.sql.quoted(mart.name)}", select)
                marts.append(mart)
            self.switch(schema, marts, self.tables(self.schema_of(before.version)) if before else {})
        self.remove_old_versions(version, 1 if remove_others else KEPT_VERSIONS, build.is_masked)
        return version, is_new

    def switch(self, schema: str, marts: list[Mart], before: dict) -> None:
        """The views show another version. Those of marts that are gone go; nothing else in their schema is touched."""
        if self.shown not in self.engine.schemas():
            self.engine.run(f"create schema {self.shown}")
        tables, views = self.tables(schema), self.tables(self.shown)
        ours = {name: f"{self.shown}.{self.sql.quoted(name)}" for name in views if name in tables or name in before}
        statements = [f"drop view {view}" for name, view in ours.items() if tables.get(name, [])[:len(views[name])] != views[name]]
        for mart in marts:
            name = self.sql.quoted(mart.name)
            columns = [column for column, _ in tables[mart.name]]
            statements += self.sql.view(f"{self.shown}.{name}", f"{schema}.{name}", columns, mart.description, mart.comments)
        deadline = time.monotonic() + SWITCH_TRIED_FOR
        for patience in cycle(PATIENCE):
            try:
                return self.engine.together(statements, ours.values(), patience)
            except InUse:
                if time.monotonic() >= deadline:
                    raise Busy(
                        f"Readers have had the views in {self.place} open for {SWITCH_TRIED_FOR} seconds. They keep the version before."
                        " Run `make publish` when their queries have ended."
                    ) from None
                time.sleep(LOCK_CHECKED_EVERY)

    @contextlib.contextmanager
    def trial(self) -> Iterator[dict]:
        """Meanwhile dbt builds from nothing into schemas of their own. The vars to give it."""
        for schema in self.engine.schemas():
            if schema == TRIAL or schema.startswith(f"{TRIAL}_"):
                self.engine.run(f"drop schema {self.sql.quoted(schema)} cascade")
        yield {"engagement_schema_prefix": TRIAL}

    def attach_trial(self, mirror: Mirror) -> str:
        """What was built there, as `after`; where it is."""
        mirror.attach("after", {TRIAL: "main", **{f"{TRIAL}_{schema}": schema for schema in SCHEMAS}})
        return f"schema {TRIAL} of target {self.target.name}"

    def remove_old_versions(self, shown: str, kept: int, only_masked: bool) -> None:
        """All but the newest ones and what readers see; with `only_masked` all that show people, too."""
        versions = self.versions()
        finished = [version for version in versions if (about := self.about(version)) and not (only_masked and not about[1])]
        for version in versions:
            if version not in finished[-kept:] and version != shown:
                try:
                    self.engine.together([f"drop schema {self.schema_of(version)} cascade"])
                except InUse:
                    pass  # the next publication tries again
                except EngineError as error:
                    complain(f"Schema {self.schema_of(version)} could not be removed: {error} Remove it by hand.")
