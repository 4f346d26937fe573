"""The models of vendors are in the style of the others. The linter sees only models that are switched on."""

import os
import shutil
import subprocess
import sys

from harness import ROOT, Project


def test_models_of_vendors_pass_the_linter(tmp_path):
    project = Project(tmp_path / "project")
    folders = {folder.name for folder in (ROOT / "models" / "landing").iterdir() if folder.is_dir()}
    vendors = sorted(folders - {"contract"})
    settings = project.folder / "dbt_project.yml"
    text = settings.read_text()
    assert "vendors: []" in text and len(vendors) == 10
    settings.write_text(text.replace("vendors: []", f"vendors: [{', '.join(vendors)}]"))
    shutil.copy(ROOT / ".sqlfluff", project.folder)
    result = subprocess.run(
        [sys.executable, ROOT / "tests" / "lint.py", "lint", "models/landing"], cwd=project.folder, capture_output=True, text=True, check=False,
        env=os.environ | {"DBT_TARGET_PATH": "target/lint", "ENGAGEMENT_DB": "lint.duckdb"},
    )
    assert result.returncode == 0, result.stdout[-3000:] + result.stderr[-500:]
