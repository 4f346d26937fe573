"""Measures the time and memory to write the dashboard of 20,000 accounts: python -m benchmarks.dashboard

Reads the published sample, and multiplies its accounts.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb

from engagement.paths import database_file, literal, quoted, serving_folder
from engagement.warehouse.duckdb_file import LINK

TIMES = 97  # copies of each account
# columns that hold the id of an account
ID_COLUMNS = ("account_id", "top_parent_account_id", "hottest_account_id")


def multiplied(marts: Path, serving: Path, times: int, only_tables: "list[str] | None" = None) -> Path:
    """Copies of the same accounts with their own ids and names, in all tables or in some."""
    serving.mkdir(parents=True)
    with duckdb.connect(str(serving / "marts.duckdb")) as connection:
        connection.execute(f"attach {literal(marts)} as sample (read_only)")
        tables = connection.execute("select table_name from duckdb_tables() where database_name = 'sample' order by table_name").fetchall()
        for name, in tables:
            columns = [column for column, in connection.execute(
                "select column_name from duckdb_columns() where database_name = 'sample' and table_name = ?", [name]
            ).fetchall()]
            replaced = [f"{quoted(column)} || '-' || copy as {column}" for column in columns if column in (*ID_COLUMNS, "account_name")]
            select = f"select * exclude (copy) replace ({', '.join(replaced)}) from sample.{name} cross join range({times}) as copies (copy)"
            is_many = replaced and (only_tables is None or name in only_tables)
            connection.execute(f"create table {name} as {select if is_many else f'from sample.{name}'}")
    return serving


# like the command, in its own process
WRITE = """
import re, sys, time
from pathlib import Path
from engagement.dashboard.folder import write_dashboard
from engagement.warehouse.duckdb_file import DuckDBFile
began = time.monotonic()
page, written = write_dashboard(DuckDBFile(Path(sys.argv[1]), Path(sys.argv[1])), Path(sys.argv[2]))
memory = int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text()).group(1))
print(f"{written.accounts} accounts: {time.monotonic() - began:.0f} s, {time.process_time():.0f} s of processor time,"
      f" {memory / 1000:.0f} MB of memory at most, {written.bytes / 1e6:.0f} MB written")
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as place:
        serving = multiplied(serving_folder(database_file()) / LINK, Path(place) / "serving", TIMES)
        subprocess.run([sys.executable, "-c", WRITE, serving, f"{place}/dashboard"], check=True)


if __name__ == "__main__":
    main()
