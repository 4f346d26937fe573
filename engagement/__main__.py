"""python -m engagement <command>: everything a user runs."""

import sys
from importlib import import_module

# {command: (module with a function main(arguments) -> exit code, one line of help)}
COMMANDS = {
    "build": ("engagement.build", "score the raw data, test, publish, and show the top accounts"),
    "publish": ("engagement.publish", "publish the last build, if it is complete and passed every test"),
    "scores": ("engagement.scores", "show the top accounts of the last build"),
    "alerts": ("engagement.alerts", "send new alerts to a webhook, each alert once"),
    "forget": ("engagement.forget", "erase a person from everything this project keeps"),
    "review": ("engagement.review.__main__", "compare weights with outcomes, and propose better ones"),
    "what-if": ("engagement.what_if", "show what another scoring model would change"),
}
HELP = """\
usage: python -m engagement <command> [options]

Account engagement scoring. Run it in the project's folder.

commands:
{commands}

examples:
  python -m engagement build                    score the files in RAW_DATA (default: the sample)
  python -m engagement build --max-age-days 2   publish nothing if the scores are older than that
  python -m engagement alerts --dry-run         show the alerts that would be sent
  python -m engagement <command> --help         options of a command

exit codes:
  0  done
  1  failed: the last lines say why
  2  wrong usage: an option or a setting has to be changed
  3  late: built, but the data are too old to publish
  4  busy: another command is at work; try again later"""


def main(arguments=None):
    arguments = sys.argv[1:] if arguments is None else arguments
    name, *options = arguments or ["--help"]
    if name in COMMANDS:
        module, _ = COMMANDS[name]
        return import_module(module).main(options)
    lines = "\n".join(f"  {command:9} {text}" for command, (_, text) in COMMANDS.items())
    if name in ("--help", "-h", "help"):
        print(HELP.format(commands=lines))
        return 0
    print(f"There is no command {name!r}. Commands: {', '.join(COMMANDS)}.", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
