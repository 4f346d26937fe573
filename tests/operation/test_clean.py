"""make clean deletes what builds made, and nothing while one is running."""

import pytest

from engagement import clean
from engagement.paths import Busy, lock_of
from harness import ROOT

LEFT = {".gitignore", "sent_alerts.sqlite", "sent_alerts.sqlite-wal", "sent_updates_hubspot.sqlite"}


@pytest.fixture
def project(tmp_path, monkeypatch):
    (tmp_path / "dbt_project.yml").symlink_to(ROOT / "dbt_project.yml")
    for folder in ("build/serving/version", "build/tmp", "target", "logs", "data"):
        (tmp_path / folder).mkdir(parents=True)
    for name in LEFT | {"engagement.duckdb", "runs.jsonl"}:
        (tmp_path / "build" / name).write_text("x")
    (tmp_path / "build" / "link").symlink_to(tmp_path / "data")
    (tmp_path / "data" / "forgotten_people.csv").write_text("x")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_all_but_what_was_sent_is_deleted(project):
    assert clean.main([]) == 0
    assert {path.name for path in (project / "build").iterdir()} == LEFT
    assert not (project / "target").exists() and not (project / "logs").exists()
    # the target of a link isn't ours to delete
    assert (project / "data" / "forgotten_people.csv").exists()


def test_nothing_is_deleted_while_a_build_is_running(project):
    with lock_of(project / "build" / "engagement.duckdb"), pytest.raises(Busy):
        clean.main([])
    assert (project / "build" / "engagement.duckdb").exists() and (project / "target").exists()
    # also one of another database in the folder
    with lock_of(project / "build" / "trial" / "other.duckdb"), pytest.raises(Busy):
        clean.main([])
    assert (project / "build" / "engagement.duckdb").exists()
