"""python -m engagement <command>: all commands for users."""

import contextlib
import locale
import os
import sys
from collections.abc import Callable
from pkgutil import resolve_name

import duckdb

from engagement.console import complain, printable, stop_printing
from engagement.paths import BAD_USAGE, FAILED, PATHS, TARGET, BadUsage, CommandError, setting, was_interrupted

# {command: (function of its arguments that returns the exit code, one line of help)}
COMMANDS = {
    "check": ("engagement.check:main", "check a folder of raw files before a build: what is understood, what is missing"),
    "seeds": ("engagement.seeds.__main__:main", "check the rules in seeds/ in a second; faults name file, line and what to write"),
    "build": ("engagement.build:main", "score the raw data, test, publish, and show the top accounts"),
    "publish": ("engagement.publish:main", "publish the last build, if it is complete and passed every test"),
    "export": ("engagement.export:main", "write the published marts as Parquet or CSV files"),
    "scores": ("engagement.scores:main", "show the top accounts, of all or of one owner"),
    "account": ("engagement.account:main", "show why one account has its score, and why that changed"),
    "dashboard": ("engagement.dashboard.__main__:main", "write the dashboard: a folder of HTML that opens from disk"),
    "alerts": ("engagement.alerts:main", "send new alerts to a webhook, each alert once"),
    "sync": ("engagement.sync.__main__:main", "send changed accounts to the CRM: HubSpot, Salesforce, a CSV file or a webhook"),
    "forget": ("engagement.forget:main", "erase a person from everything this project keeps"),
    "review": ("engagement.review.__main__:main", "compare points with outcomes, and propose better ones"),
    "what-if": ("engagement.what_if:main", "show what edited rules or another scoring model would change"),
    "lists": ("engagement.refresh_lists:main", "rebuild the lists in seeds/lists from their packages"),
    "clean": ("engagement.clean:main", "delete everything that builds created, with the journals and all publications"),
}
# settings that name people and places
SETTINGS = (*PATHS, "ACCOUNT", "PERSON", "DBT_ENV_SECRET_PRIVACY_KEY", "SYNC_WEBHOOK_SECRET")
HELP = """\
usage: python -m engagement <command> [options] [--target name]

Account engagement scoring. Run it in the project's folder. --target names a target of profiles.yml, such as postgres
(default: env var DBT_TARGET, else the profile's own). docs/engines.md says what runs where.

commands:
{commands}

examples:
  python -m engagement check path/to/exports    see what is understood of your files, in seconds
  python -m engagement build                    score the files in RAW_DATA (default: the sample)
  python -m engagement build --max-age-days 2   publish nothing if the scores are older than that
  python -m engagement account acme             why this score, and why did it change?
  python -m engagement alerts --dry-run         show the alerts that would be sent
  python -m engagement sync --to hubspot        show the updates for the CRM
  python -m engagement <command> --help         options of a command

exit codes:
  0  done
  1  failed: the last lines say why
  2  wrong usage: an option or a setting must be changed
  3  late: built, but the data is too old to publish
  4  busy: another command is running; try again later
  5  held: built, but changed rules move so many accounts that someone must confirm them with --yes"""


def run(name: str, options: list[str]) -> int:
    """The exit code of a command."""
    function, _ = COMMANDS[name]

    def command() -> int:
        # what the terminal can't show is a question mark
        sys.stdout.reconfigure(errors="replace")
        refuse_other_encodings(options)
        target, others = without_target(options)
        with setting(TARGET, target) if target else contextlib.nullcontext():
            return resolve_name(function)(others)

    return exit_code(command)


def exit_code(command: Callable[[], int]) -> int:
    """What a command returns, or the exit code of its failure."""
    try:
        try:
            return command()
        finally:
            # here, because Python has an exit code and an error of its own for what it can't write at its end
            flush()
    except CommandError as reason:
        complain(reason)
        return reason.exit_code
    except KeyboardInterrupt:
        complain("Stopped.")
        return FAILED
    except RuntimeError as error:
        if not was_interrupted(error):
            raise
        complain("Stopped.")
        return FAILED
    except BrokenPipeError:
        stop_printing()
        return FAILED
    except (OSError, duckdb.IOException, duckdb.OutOfMemoryException) as error:
        complain(f"{printable(error)}. Make room or fix it, and run the same command again.")
        return FAILED


def flush() -> None:
    """Writes the output that is still in memory. If that fails, it is discarded."""
    try:
        sys.stdout.flush()
    except OSError:
        stop_printing()
        raise


def refuse_other_encodings(options: list[str]) -> None:
    """Stops if an option or a setting isn't UTF-8, because neither DuckDB nor dbt can read it."""
    for name, text in [("An option", option) for option in options] + [(f"Env var {name}", os.environ.get(name, "")) for name in SETTINGS]:
        if any("\ud800" <= letter <= "\udfff" for letter in text):
            # without the value, which may be a secret
            raise BadUsage(f"{name} isn't UTF-8. Write it in UTF-8.")


def without_target(options: list[str]) -> tuple["str | None", list[str]]:
    """(value of --target, the other options): every command has it, and dbt finds it in the environment."""
    target, others = None, []
    rest = iter(options)
    for option in rest:
        if option in ("--target", "-t"):
            target = next(rest, "")
        elif option.startswith("--target="):
            target = option.removeprefix("--target=")
        else:
            others.append(option)
    if target == "":
        raise BadUsage("--target needs the name of a target of profiles.yml, such as --target postgres.")
    return target, others


def main(arguments: "list[str] | None" = None) -> int:
    arguments = sys.argv[1:] if arguments is None else arguments
    name, *options = arguments or ["--help"]
    if name in COMMANDS:
        return run(name, options)
    lines = "\n".join(f"  {command:13} {text}" for command, (_, text) in COMMANDS.items())
    if name in ("--help", "-h", "help"):
        return exit_code(lambda: print(HELP.format(commands=lines)) or 0)
    complain(f"There is no command {name!r}. Commands: {', '.join(COMMANDS)}.")
    return BAD_USAGE


def use_utf8() -> None:
    """Starts this command again if Python doesn't read file names as UTF-8, as DuckDB does in any locale."""
    if sys.getfilesystemencoding().lower() != "utf-8":
        settings = {"PYTHONIOENCODING": f"{locale.getpreferredencoding(False)}:replace", **os.environ, "PYTHONUTF8": "1"}
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], settings)


if __name__ == "__main__":
    use_utf8()
    # both are missing if they were closed
    sys.stdout, sys.stderr = (stream or open(os.devnull, "w") for stream in (sys.stdout, sys.stderr))
    sys.exit(main())
