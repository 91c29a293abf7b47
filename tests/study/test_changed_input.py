"""Data that change under a run, and disks that are full: old results or new ones, never half."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "mutations"))

import reduced_study
from clean_study import write_study

import oncohort as oc
from oncohort.problems import OutputError, ReadError
from oncohort.records import finding


@pytest.fixture
def study(tmp_path: Path) -> Path:
    return write_study(tmp_path / "study", reduced_study.clean_tables(), reduced_study.PROTOCOL)


@pytest.mark.parametrize("name", ["data/patients.csv", "study.toml"])
def test_results_of_an_input_that_changed_are_not_written(study: Path, name: str) -> None:
    results = oc.read_study(study).run(only=["baseline"])
    path = study / name
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    with pytest.raises(OutputError, match="changed while the study was run"):
        results.write()
    assert not (study / "results").exists()
    oc.read_study(study).run(only=["baseline"]).write()
    assert (study / "results" / "results.json").is_file()


def test_a_file_that_changes_while_it_is_read_is_refused(
    study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = finding.open_source

    def slowly(path: Path, name: str) -> object:
        found = opened(path, name)
        with path.open("a", encoding="utf-8") as handle:
            handle.write("\n")
        return found

    monkeypatch.setattr(finding, "open_source", slowly)
    with pytest.raises(ReadError) as error:
        oc.read_study(study)
    assert error.value.problems[0].id == "files.changed"


FULL = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
from oncohort.cli import main
sys.argv = ["oncohort", *sys.argv[1:]]
main()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs limits of the system")
@pytest.mark.parametrize(
    "command", ["new", "new from", "deidentify", "run", "check", "demo", "explain"]
)
def test_a_full_disk_leaves_nothing_behind(study: Path, tmp_path: Path, command: str) -> None:
    out = tmp_path / "out" / "made"
    chart = study / "data" / "patients.csv"
    arguments = {
        "new": ["new", str(out)],
        "new from": ["new", str(out), "--from", str(chart)],
        "deidentify": ["deidentify", str(study), "--out", str(out)],
        "run": ["run", str(study), "--out", str(out)],
        "check": ["check", str(study), "--format", "xlsx", "--out", f"{out}.xlsx"],
        "demo": ["demo", str(out)],
        "explain": ["explain", str(study), "R01", "--page", f"{out}.html"],
    }[command]
    out.parent.mkdir()
    done = subprocess.run(
        [sys.executable, "-P", "-c", FULL, *arguments],
        capture_output=True,
        text=True,
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
    )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert list(out.parent.iterdir()) == []
