"""Account engagement scoring: the commands around the dbt project."""

import sys

try:
    import fcntl  # noqa: F401
except ImportError:
    sys.exit("This project runs on Linux and macOS: it locks files as they do. On Windows, run it in WSL or in a container.")
