"""Nothing in the project is spelled in a way that dbt has deprecated."""

from dbt.cli.main import dbtRunner
from dbt.jsonschemas import jsonschemas

from harness import ROOT


def test_no_spelling_is_deprecated(tmp_path, monkeypatch):
    """dbt checks most spellings only for the adapters whose config keys it knows. Here it checks them for DuckDB too."""
    # a private name of dbt-core 1.11: its absence must not pass for "nothing found"
    jsonschemas._JSONSCHEMA_SUPPORTED_ADAPTERS.add("duckdb")
    monkeypatch.chdir(ROOT)
    found = []

    def collect(event):
        if "Deprecat" in event.info.name and event.info.name != "DeprecationsSummary":
            found.append(event.info.msg)

    result = dbtRunner(callbacks=[collect]).invoke([
        "--quiet", "--show-all-deprecations", "parse", "--no-partial-parse", "--target-path", str(tmp_path), "--log-path", str(tmp_path),
    ])
    assert result.success and found == []
