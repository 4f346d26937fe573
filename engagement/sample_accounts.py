"""The made-up accounts of the sample, of which nobody outside is ever told by accident."""

import duckdb

from engagement.paths import ROOT

SAMPLE_ACCOUNTS = ROOT / "sample" / "data" / "crm_accounts.csv"


def sample_accounts(connection: duckdb.DuckDBPyConnection) -> set[tuple[str, str]]:
    """{(id, name)}: they are known by these, so it does not matter under which path they were read."""
    return set(connection.execute(
        "select account_id, account_name from read_csv(?, all_varchar = true)", [str(SAMPLE_ACCOUNTS)]
    ).fetchall())
