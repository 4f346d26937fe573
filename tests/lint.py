"""sqlfluff, with garbage collected less often: it makes millions of small objects that stay, and collecting takes half its time.

    .venv/bin/python tests/lint.py lint models
"""

import gc
import sys

from sqlfluff.cli.commands import cli

# also in the processes that it starts, which import this
gc.set_threshold(1_000_000, 20, 100)

if __name__ == "__main__":
    sys.exit(cli(prog_name="sqlfluff"))
