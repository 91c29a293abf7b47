"""Every letter can be printed, whatever the code page of the machine."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

HEAD = '[study]\nschema = 1\ntitle = "A study"\ndata = "chart.csv"\n'
ROWS = "patient,treatment_start,last_contact\n患者1,2020-01-02,2020-05-02\n"


@pytest.mark.parametrize("page", ["cp1252", "cp932", "utf-8"])
def test_a_patient_is_explained_in_every_code_page(tmp_path: Path, page: str) -> None:
    (tmp_path / "chart.csv").write_text(ROWS, encoding="utf-8")
    (tmp_path / "study.toml").write_text(HEAD, encoding="utf-8")
    env = {**os.environ, "PYTHONIOENCODING": page}
    for command in (["explain", str(tmp_path), "患者1"], ["check", str(tmp_path)]):
        done = subprocess.run(
            [sys.executable, "-X", "utf8=0", "-m", "oncohort", *command],
            capture_output=True, env=env, check=False,
        )  # fmt: skip
        assert done.returncode in (0, 1), done.stderr.decode(page, "replace")
        done.stdout.decode(page)
