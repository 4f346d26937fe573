"""The target of dbt's profile that commands use: the one in env var DBT_TARGET, else the profile's default."""

import os
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from engagement.paths import TARGET, BadUsage, in_project

DUCKDB = "duckdb"


@dataclass(frozen=True)
class Target:
    """A target, the type of its adapter, and its profile."""

    name: str
    kind: str
    profile: dict = field(default_factory=dict, repr=False)


def current_target() -> Target:
    file = profiles_file()
    try:
        profile = yaml.safe_load(file.read_text(encoding="utf-8"))[os.environ.get("DBT_PROFILE") or "engagement"]
        name = os.environ.get(TARGET) or rendered(profile["target"])
        targets = profile["outputs"]
        if name not in targets:
            raise BadUsage(f"{file} has no target {name}. Its targets: {', '.join(targets)}.")
        return Target(name, rendered(targets[name]["type"]), profile)
    except (OSError, KeyError, TypeError, ValueError, yaml.YAMLError) as error:
        raise BadUsage(f"{file} can't be read as a dbt profile ({type(error).__name__}: {error}).") from None


def profiles_file() -> Path:
    """The path where dbt looks for the profile."""
    folders = [in_project(""), Path.home() / ".dbt"]
    if os.environ.get("DBT_PROFILES_DIR"):
        folders = [Path(os.environ["DBT_PROFILES_DIR"])]
    return next((folder / "profiles.yml" for folder in folders if (folder / "profiles.yml").is_file()), folders[0] / "profiles.yml")


def rendered(text: str) -> str:
    """A text of the profile, with env vars filled in."""
    if "{{" not in text:
        return text
    from jinja2 import Template

    return Template(text).render(env_var=os.environ.get)
