"""Engines other than DuckDB: builds in schemas of a database, and published marts as views in another schema.

Each version is a schema of tables that is never written again. The schema that readers use holds a view of each table of
the newest version. The views are switched last, all at once if the engine has transactions. A view keeps its rights and the
views that depend on it, unless a new release removes a column or changes its type.
"""

import contextlib
import os
import re
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import cycle
from pathlib import Path

from engagement.console import complain
from engagement.paths import LOCK_CHECKED_EVERY, BadUsage, Busy, CommandError, database_file, lock_of
from engagement.privacy import privacy_key
from engagement.warehouse.engine import Engine, EngineError, InUse
from engagement.warehouse.mirror import Mirror
from engagement.warehouse.target import Target
from engagement.warehouse.versions import KEPT_VERSIONS, Build, Mart, Publication, is_version, next_version, selects, superseded

# schemas of a build; the marts are in the target's schema
SCHEMAS = ("rules", "intermediate", "runs", "held")
BUILT = (*SCHEMAS, "staging")
# the schema of the marts that `what-if` builds, and the prefix of the others
TRIAL = "what_if"
SWITCH_TRIED_FOR = 120  # seconds to try while readers have the views open
# Milliseconds that each try waits for readers. A waiting try also blocks new readers. So most tries are short and look for
# a moment without readers. If there is none, some tries wait longer.
PATIENCE = (*[5] * 19, 500)


class Schemas:
    """The schemas of a target."""

    def __init__(self, target: Target) -> None:
        self.target, self.engine = target, Engine(target)
        self.sql = self.engine.sql

    @property
    def folder(self) -> Path:
        """The folder on this machine for files that commands write: logs, exports, dashboards."""
        return database_file().parent / self.target.name

    @cached_property
    def shown(self) -> str:
        """The schema that readers use."""
        name = (os.environ.get("ENGAGEMENT_PUBLISHED_SCHEMA") or "published").lower()
        if not re.fullmatch(r"[a-z_][a-z0-9_]*", name):
            raise BadUsage(f"ENGAGEMENT_PUBLISHED_SCHEMA is {name!r}. Use letters, digits and underscores, and begin with a letter.")
        return name

    @property
    def place(self) -> str:
        """Where readers find the marts."""
        return f"schema {self.shown} of target {self.target.name}"

    @property
    def removal(self) -> str:
        """How to remove all that was built and published here."""
        schemas = {self.shown, *BUILT, *map(self.schema_of, self.versions())}.intersection(self.engine.schemas())
        return f"In target {self.target.name}, drop the schemas {', '.join(sorted(schemas))} and the marts in {self.engine.schema}"

    @contextlib.contextmanager
    def lock(self, wait: "int | None" = None) -> Iterator[None]:
        """One lock for this machine and, where the engine has such locks, one for all machines."""
        with lock_of(self.folder / "build", wait):
            deadline = time.monotonic() + (wait or 0)
            while self.sql.try_lock and self.engine.query(self.sql.try_lock) != [(True,)]:
                if time.monotonic() >= deadline:
                    how = "" if wait is None else ", or let it wait with --wait SECONDS"
                    raise Busy(f"Another machine is building in target {self.target.name}. Run the same command again later{how}.")
                time.sleep(LOCK_CHECKED_EVERY)
            self.engine.lock = self.sql.try_lock
            try:
                yield
            finally:
                self.engine.lock = None
                self.engine.close()

    # reading

    @contextlib.contextmanager
    def opened(self) -> Iterator[Mirror]:
        """The last build, named `warehouse`."""
        with self.reader() as mirror:
            mirror.attach("warehouse", {self.engine.schema: "main", **{schema: schema for schema in SCHEMAS}})
            mirror.use("warehouse")
            yield mirror

    @contextlib.contextmanager
    def opened_wholly(self, raw: Iterable[str]) -> Iterator[Mirror]:
        """The same with the raw tables, staging and all versions, but without what builds show in views: that lies in tables."""
        with self.reader() as mirror:
            built = (*BUILT, *map(self.schema_of, self.versions()))
            mirror.attach("warehouse", {self.engine.schema: "main", **{schema: schema for schema in (*built, *raw)}}, no_views=built)
            mirror.use("warehouse")
            yield mirror

    def _refresh(self) -> None:
        """Leaves a connection that would look for the files of tables that a build has replaced."""
        if self.sql.remembers_files:
            self.engine.close()

    def last_invocation(self) -> "str | None":
        """The dbt run that the record of the last build is about; None without a record."""
        self._refresh()
        if "last_build" not in self.tables("runs"):
            return None
        return self.engine.query(f"select invocation_id from {self.engine.relation('runs', 'last_build')}")[0][0]

    # tables are added in the engine itself
    writable = opened

    @contextlib.contextmanager
    def opened_marts(self, **config: object) -> Iterator[Mirror]:
        """The published marts, named `marts`. A publication in the meantime changes nothing: two older versions are kept."""
        version = self.shown_version()
        if not version:
            raise CommandError(f"Nothing is published in {self.place}. Run `make build TARGET={self.target.name}` first.")
        with self.reader(**config) as mirror:
            mirror.attach("marts", {self.schema_of(version): "main"})
            mirror.use("marts")
            yield mirror

    @contextlib.contextmanager
    def reader(self, **config: object) -> Iterator[Mirror]:
        """A mirror without tables."""
        self._refresh()
        with contextlib.closing(Mirror(self.engine, **config)) as mirror:
            yield mirror

    def published(self, mirror: Mirror) -> "Publication | None":
        """The version that readers see, attached as `published`; None if nothing was published."""
        version = self.shown_version()
        if not version:
            mirror.detach("published")
            return None
        mirror.attach("published", {self.schema_of(version): "main"})
        return Publication.read(mirror, "published")

    def published_table(self, version: Publication, name: str) -> str:
        """What SQL calls a table of this version."""
        return f"{self.schema_of(version.version)}.{self.sql.quoted(name)}"

    def shown_version(self) -> "str | None":
        """None if nothing was published."""
        if "publication" not in self.tables(self.shown):
            return None
        return self.engine.query(f"select version from {self.shown}.publication")[0][0]

    def schema_of(self, version: str) -> str:
        return f"{self.shown}_v{version.lower()}"

    def versions(self) -> list[str]:
        """All versions, oldest first, including unfinished ones."""
        prefix = self.schema_of("")
        names = (schema.removeprefix(prefix).upper() for schema in self.engine.schemas() if schema.startswith(prefix))
        return sorted(name for name in names if is_version(name))

    def about(self, version: str) -> "tuple[str, bool] | None":
        """(build, whether people are masked) of a version; None if it is unfinished."""
        try:
            return self.engine.query(f"select invocation_id, is_masked from {self.schema_of(version)}.publication")[0]
        except (EngineError, IndexError):
            return None

    def published_builds(self) -> set[str]:
        """The builds of the versions that are kept."""
        return {about[0] for about in map(self.about, self.versions()) if about}

    def tables(self, schema: str) -> dict[str, list[tuple]]:
        """{table or view: [(column, type)]}"""
        found = defaultdict(list)
        for _, table, column, kind, *_ in self.engine.columns([schema]):
            found[table].append((column, kind))
        return found

    # writing

    def publish(self, mirror: Mirror, build: Build, remove_others: bool = False) -> tuple[str, bool]:
        """Publishes the build. Returns the version, and whether it is new. Old versions are removed; `remove_others` removes all."""
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
            try:
                self.switch(schema, marts, self.tables(self.schema_of(before.version)) if before else {})
            except CommandError:
                # nobody has seen it, so it counts as never published; without transactions views may show it already
                if self.sql.has_transactions:
                    self.engine.run(f"drop schema {schema} cascade")
                raise
        self.remove_old_versions(version, 1 if remove_others else KEPT_VERSIONS, build.is_masked)
        return version, is_new

    def switch(self, schema: str, marts: list[Mart], before: dict) -> None:
        """Switches the views to another version. Views of removed marts are dropped. Nothing else in the schema is changed."""
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
                        f"Readers have kept the views in {self.place} open for {SWITCH_TRIED_FOR} seconds. They keep the previous version."
                        " Run `make publish` when their queries have ended."
                    ) from None
                time.sleep(LOCK_CHECKED_EVERY)

    @contextlib.contextmanager
    def trial(self) -> Iterator[dict]:
        """While this is open, dbt builds from scratch into separate schemas. Returns the vars for dbt."""
        self.remove_trial()
        yield {"engagement_schema_prefix": TRIAL}

    def remove_trial(self) -> None:
        """Removes that separate build."""
        for schema in {TRIAL, *(f"{TRIAL}_{schema}" for schema in BUILT)}.intersection(self.engine.schemas()):
            self.engine.run(f"drop schema {schema} cascade")

    def attach_trial(self, mirror: Mirror) -> str:
        """Attaches that separate build as `after`, and returns where it is."""
        mirror.attach("after", {TRIAL: "main", **{f"{TRIAL}_{schema}": schema for schema in SCHEMAS}})
        return f"schema {TRIAL} of target {self.target.name}"

    def remove_old_versions(self, shown: str, kept: int, only_masked: bool) -> None:
        """Removes all versions except the newest ones and the one readers see. `only_masked` also removes all that show people."""
        versions = self.versions()
        sound = [version for version in versions if (about := self.about(version)) and not (only_masked and not about[1])]
        for version in superseded(versions, sound, kept, shown):
            try:
                self.engine.together([f"drop schema {self.schema_of(version)} cascade"])
            except InUse:
                pass  # the next publication tries again
            except EngineError as error:
                complain(f"Schema {self.schema_of(version)} could not be removed: {error} Remove it by hand.")
