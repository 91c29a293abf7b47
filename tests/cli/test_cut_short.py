"""Commands that are killed, or meet a full disk, at each step that touches a file.

Old files or new ones stand there, never half of both; the next start takes away what was left.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "mutations"))

import reduced_study
from clean_study import write_study

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="processes are forked")
HERE = Path(__file__).with_name("cut_short.py")
PAPER = "Of 42 patients, 20 (57%) were men. Of 40, 20 (10%).\n"


def _report(folder: Path) -> None:
    (folder / "paper.txt").write_text(PAPER, encoding="utf-8")
    (folder / "out.html").write_text(
        "<!DOCTYPE html><html><head><!-- oncohort-audit-report -->old", encoding="utf-8"
    )


def _chart(folder: Path) -> None:
    write_study(folder / "study", reduced_study.clean_tables(), reduced_study.PROTOCOL)


def _drafted(folder: Path) -> None:
    _chart(folder)
    (folder / "study" / "study.toml").unlink()
    _oncohort(folder, "new", "s", "--from", "study/data/patients.csv")


def _oncohort(folder: Path, *arguments: str) -> None:
    command = [sys.executable, "-m", "oncohort", *arguments]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)


SITE = (
    *("--plan", "h/consortium.toml", "--name", "north", "--key", "job/keys/north.key"),
    *("--data", "h/north.csv", "--time-unit", "months", "--patient", "id", "--unit", "age=years"),
)


def _hospitals(folder: Path) -> None:
    _oncohort(folder, "consortium", "demo", "h")


def _planned(folder: Path) -> None:
    _hospitals(folder)
    _oncohort(folder, "consortium", "plan", "h/consortium.toml", "--out", "job")


def _joined(folder: Path) -> None:
    _planned(folder)
    _oncohort(folder, "consortium", "join", "north", *SITE)
    file = folder / "north" / "site.toml"
    text = file.read_text(encoding="utf-8").replace(str(folder), "..")
    file.write_text(text, encoding="utf-8")


CASES: dict[str, tuple[Any, list[str]]] = {
    "new": (lambda f: None, ["new", "s", "--quiet"]),
    "new from": (_chart, ["new", "s", "--from", "study/data/patients.csv", "--quiet"]),
    "new from a folder": (_chart, ["new", "s", "--from", "study/data", "--quiet"]),
    "answer": (_drafted, ["answer", "s", "1", "1"]),
    "audit": (_report, ["audit", "paper.txt", "--format", "html", "--out", "out.html"]),
    "hospitals": (lambda f: None, ["consortium", "demo", "h"]),
    "deidentify": (_chart, ["deidentify", "study", "--out", "copy", "--quiet"]),
    "twin": (lambda f: None, ["twin", "lung_metastases", "--out", "t", "--quiet"]),
    "marked": (_chart, ["check", "study", "--format", "xlsx", "--out", "m.xlsx"]),
    "plan": (_hospitals, ["consortium", "plan", "h/consortium.toml", "--out", "job"]),
    "join": (_planned, ["consortium", "join", "north", *SITE]),
    "site": (_joined, ["consortium", "answer", "north", "job/round-1/north.request.json"]),
    "explain": (_chart, ["explain", "study", "R01", "--page", "p.html"]),
    "run": (_chart, ["run", "study", "--only", "baseline", "--quiet"]),
}
QUICK = ("new from", "hospitals")
KEYS = {"new", "deidentify", "plan", "join", "site"}
"""Commands whose new files differ each time (a key, a time of day), or are made one by one."""


def tried(tmp_path: Path, name: str, how: str) -> list[dict[str, Any]]:
    make, command = CASES[name]
    old = tmp_path / "old"
    old.mkdir()
    make(old)
    done = subprocess.run(
        [sys.executable, "-P", str(HERE), how, str(old), str(tmp_path / "w" / "work"), *command],
        capture_output=True,
        text=True,
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1", "POLARS_MAX_THREADS": "1"},
        check=True,
    )
    whole, *found = [json.loads(line) for line in done.stdout.splitlines()]
    assert whole["code"] in (0, 1), whole["said"]
    assert whole["tmp"] == []
    assert len(found) > 1
    return found


def killed(tmp_path: Path, name: str) -> None:
    for one in tried(tmp_path, name, "killed"):
        assert one["code"] == -9
        if name not in KEYS:
            assert one["kind"] in ("old", "new"), one
            assert one["again"] or one["kind"] == "new", one
        assert one["code_again"] in (0, 1) or one["kind"] == "new", one
        assert not [n for n in one["after"] if ".oncohort-" in n], one
        assert one["tmp_after"] == [], one


def full(tmp_path: Path, name: str) -> None:
    for how in ("full", "broken", "denied"):
        for one in tried(tmp_path / how, name, how):
            assert one["code"] in (0, 1, 2), one
            assert "Traceback" not in one["said"], one
            assert "oncohort itself failed" not in one["said"], one
            if name not in KEYS:
                assert one["kind"] in ("old", "new"), one
            if how == "full" or (how == "broken" and not one["removes"]):
                assert one["hidden"] == [], one
                assert one["tmp"] == [], one
            assert not [n for n in one["after"] if ".oncohort-" in n], one
            assert one["tmp_after"] == [], one


@pytest.mark.parametrize("name", QUICK)
def test_a_command_that_is_killed_leaves_old_or_new(tmp_path: Path, name: str) -> None:
    killed(tmp_path, name)


def test_a_full_disk_leaves_old_or_new(tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    for one in tried(tmp_path / "full", "audit", "full"):
        assert one["kind"] in ("old", "new"), one
        assert one["hidden"] == [], one


@pytest.mark.verify
@pytest.mark.parametrize("name", CASES)
def test_every_command_is_killed_at_every_step(tmp_path: Path, name: str) -> None:
    killed(tmp_path, name)


@pytest.mark.verify
@pytest.mark.parametrize("name", CASES)
def test_every_command_meets_a_full_disk_at_every_step(tmp_path: Path, name: str) -> None:
    for how in ("full", "broken", "denied"):
        (tmp_path / how).mkdir()
    full(tmp_path, name)
