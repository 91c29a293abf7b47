"""The same input gives the same bytes, whatever the machine's settings are."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "mutations"))

from clean_study import PROTOCOL, Tables, clean_tables, write_study

from oncohort.study.study import read_study

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
        "PYTHONOPTIMIZE": "2",
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
    return held(out)


def held(out: Path) -> dict[str, bytes]:
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
    # Here, after all that this process did before, and after another study, it is the same.
    other = write_study(tmp_path / "other", others(), PROTOCOL + STYLE)
    assert read_study(other).run(only=("baseline", "survival")).left_out
    here = held(read_study(study).run().write(tmp_path / "here"))
    assert here.keys() == one.keys()
    assert [name for name in one if one[name] != here[name]] == []


STYLE = '\n[style]\njournal = "jco"\n'


def others() -> Tables:
    """Another study with the same keys: other people, other values, an error in a cell."""
    tables = clean_tables()
    for row in tables["patients"]:
        row["patient"] = f"HK-{row['patient']}-77"
        row["sex"], row["arm"] = ("female" if row["sex"] == "male" else "male"), "a"
    tables["patients"][3]["age"] = "540"
    return {"patients": tables["patients"]}
