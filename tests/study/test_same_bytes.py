"""The same input gives the same bytes, whatever the machine's settings are."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "mutations"))

from clean_study import clean_tables, write_study

VARIANTS: tuple[dict[str, str], ...] = (
    {"PYTHONHASHSEED": "1", "TZ": "UTC"},
    {
        "PYTHONHASHSEED": "4711",
        "TZ": "Pacific/Kiritimati",
        "LANG": "C",
        "LC_ALL": "C",
        "HOME": "",
        "POLARS_MAX_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "ONCOHORT_KERNEL": "numpy",
        "COLUMNS": "40",
    },
)


def written(study: Path, out: Path, settings: dict[str, str], folder: Path) -> dict[str, bytes]:
    """Every file of a run but the one with the times of day."""
    done = subprocess.run(
        [sys.executable, "-m", "oncohort", "run", str(study), "--out", str(out), "--quiet"],
        env=os.environ | settings,
        cwd=folder,
        capture_output=True,
    )
    assert done.returncode == 0, done.stderr
    return {
        str(p.relative_to(out)): p.read_bytes()
        for p in sorted(out.rglob("*"))
        if p.is_file() and p.name != "provenance.json"
    }


def test_settings_of_the_machine_change_no_byte(tmp_path: Path) -> None:
    study = write_study(tmp_path / "study", clean_tables())
    (tmp_path / "elsewhere").mkdir()
    folders = (tmp_path, tmp_path / "elsewhere")
    one, two = (
        written(study, tmp_path / f"out{k}", settings, folder)
        for k, (settings, folder) in enumerate(zip(VARIANTS, folders, strict=True))
    )
    assert one.keys() == two.keys()
    assert [name for name in one if one[name] != two[name]] == []
