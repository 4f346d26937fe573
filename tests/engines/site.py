"""The commands of a project for one target, and what of their output has to be the same on each."""

import contextlib
import csv
import io
import re
import shutil
from pathlib import Path

from engagement import __main__ as cli
from engagement import warehouse
from engagement.warehouse.target import Target
from tests.engines.compare import IGNORED
from tests.harness import SAMPLE, Project, environment, shorten_lists

KEY = "k" * 32
MODELS = ["--resource-type", "model", "--resource-type", "seed"]
# those that only read
COMMANDS = [
    ["scores", "--limit", "20"], ["scores", "--owner", "rep1@seller.example"], ["account", "acme"], ["account", "Harbor Labs"],
    ["alerts", "--dry-run", "--format", "json"], ["sync", "--to", "csv", "--rows", "500"],
]


def project_in(folder: Path, raw_data: Path = SAMPLE) -> Project:
    """A copy of the project with short lists."""
    project = Project(folder, raw_data)
    shorten_lists(project.folder / "seeds")
    return project


class Site:
    """A project with all that its commands write, for one target."""

    def __init__(self, project: Project, target: str, **settings: object) -> None:
        self.project, self.target = project, target
        self.settings = {
            **project.settings, "DBT_TARGET": target, "DBT_ENV_SECRET_PRIVACY_KEY": KEY, **settings,
        }

    @contextlib.contextmanager
    def here(self):
        with environment(**self.settings), contextlib.chdir(self.project.folder):
            yield

    def run(self, command: str, *options: str) -> tuple[int, str]:
        """(exit code, all that it printed)"""
        printed = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
        with self.here(), contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            code = cli.run(command, list(options))
        printed.flush()
        return code, printed.buffer.getvalue().decode()

    def build(self) -> None:
        """Builds and publishes. What it prints is in `said`."""
        code, self.said = self.run("build")
        assert code == 0, self.said

    def dbt(self, *arguments: str) -> None:
        with self.here():
            success, output = self.project.dbt(*arguments)
        assert success, output[-5000:]

    def says(self, command: str, *options: str) -> str:
        """What a command that succeeds prints, without the place of the marts."""
        code, printed = self.run(command, *options)
        assert code == 0, printed
        return re.sub(r"Marts: .*", "", printed)

    @property
    def folder(self) -> Path:
        with self.here():
            return self.project.folder / warehouse.current().folder

    @property
    def schemas(self) -> list[str]:
        with self.here():
            return warehouse.current().engine.schemas()

    @property
    def versions(self) -> list[str]:
        """The published versions that are kept."""
        with self.here():
            return warehouse.current().versions()

    def files(self, folder: Path) -> dict[str, object]:
        """{name: content} of all that the commands write for others. The rows of `publication` tell versions apart, so they go."""
        assert self.run("export", "--format", "csv", "--out", str(folder / "export"))[0] == 0
        assert self.run("sync", "--to", "csv", "--send", "--allow-sample", "--out", str(folder / "sync"), "--sent-file", str(folder / "sent"))[0] == 0
        assert self.run("dashboard")[0] == 0
        shutil.copytree(self.folder / "dashboard" / "all", folder / "dashboard")
        found = {
            re.sub(r"_\d{8}T\d{6}Z", "", str(file.relative_to(folder))): content(file)
            for part in ("export", "sync", "dashboard") for file in (folder / part).rglob("*") if file.is_file()
        }
        assert len(found.pop("export/publication.csv")) == 2 and len(found) > 60
        return found


def target_of(server) -> Target:
    """The target that reaches a server, with the marts in `main`."""
    return Target(server.target, server.target, {"target": server.target, "outputs": {server.target: server.profile | {"schema": "main"}}})


def different_files(one: Site, other: Site, folder: Path) -> list[str]:
    """The files that only one of two targets writes, or that differ."""
    ours, theirs = (site.files(folder / site.target) for site in (one, other))
    return sorted(name for name in ours.keys() | theirs.keys() if name not in ours or name not in theirs or ours[name] != theirs[name])


def content(file):
    """What has to be the same: rows and columns in any order, numbers to 1e-9, without keys that each engine makes in its own way, no version."""
    text = re.sub(r"\d{8}T\d{6}Za*", "VERSION", file.read_bytes().decode(errors="replace"))
    if file.suffix != ".csv":
        return text
    # where landing reads no files, an empty text is none of a missing value
    header, *rows = csv.reader(text.replace(':""""', ":null").splitlines())
    # Spark puts the columns of partitions last
    kept = [header.index(column) for column in sorted(header) if (file.stem, column) not in IGNORED]
    return sorted([rounded(row[place]) for place in kept] for row in (header, *rows))


def rounded(cell: str) -> str:
    return f"{float(cell):.8f}" if re.fullmatch(r"-?\d+\.\d{9,}", cell) else cell
