"""`oncohort twin` in the terminal."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from oncohort.cli.app import app
from oncohort.problems import ReadError
from oncohort.published import parse_published

FIGURES = """
schema = 1
[[populations]]
key = "cohort"
n = "20"
[[variables]]
name = "Sex"
levels = [{ label = "Male", count = "13" }, { label = "Female", count = "COUNT" }]
[[times]]
endpoint = "OS"
median = "14.2"
unit = "months"
"""


def made(tmp_path: Path, count: str, *more: str) -> tuple[int, str]:
    figures = tmp_path / "figures.toml"
    figures.write_text(FIGURES.replace("COUNT", count), encoding="utf-8")
    out = str(tmp_path / "out")
    done = CliRunner().invoke(app, ["twin", str(figures), "--out", out, "--quiet", *more])
    return done.exit_code, done.stdout


def test_all_met(tmp_path: Path) -> None:
    code, text = made(tmp_path, "7")
    assert code == 0
    assert "3 figures: 3 met" in text
    assert (tmp_path / "out" / "study.toml").exists()
    ran = CliRunner().invoke(app, ["run", str(tmp_path / "out"), "--quiet"])
    assert ran.exit_code == 0, ran.stdout


def test_an_impossible_figure_is_said(tmp_path: Path) -> None:
    code, text = made(tmp_path, "9")
    assert code == 1
    assert "impossible: Sex: " in text


def test_several(tmp_path: Path) -> None:
    code, _ = made(tmp_path, "7", "--count", "2", "--seed", "3")
    assert code == 0
    assert (tmp_path / "out" / "twin-2" / "certificate.json").exists()


def test_no_figures(tmp_path: Path) -> None:
    out = str(tmp_path / "out")
    done = CliRunner().invoke(app, ["twin", str(tmp_path / "none.toml"), "--out", out])
    assert done.exit_code != 0
    assert not (tmp_path / "out").exists()


def test_a_paper_that_gives_too_little_is_said(tmp_path: Path) -> None:
    paper = tmp_path / "paper.txt"
    paper.write_text("Results\n\nThirteen patients (65%) were men.\n", encoding="utf-8")
    out = tmp_path / "out"
    done = CliRunner().invoke(app, ["twin", str(paper), "--out", str(out)])
    assert isinstance(done.exception, ReadError)
    assert "no number of patients" in str(done.exception)
    assert not out.exists()


def test_a_paper_is_read_as_the_audit_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not of the whole cohort for certain is left alone."""
    arm = '[[summaries]]\nname = "age"\nmedian = "900"\npopulation = "arm_a"\n'
    nobody = '[[summaries]]\nname = "weight"\nmedian = "900"\n'
    text = FIGURES.replace("COUNT", "7").replace('unit = "months"', 'population = "cohort"')
    text = text.replace('name = "Sex"', 'name = "Sex"\npopulation = "cohort"') + arm + nobody
    monkeypatch.setattr("oncohort.audit.read_figures", lambda path: parse_published(text))
    paper = tmp_path / "paper.txt"
    paper.write_text("Results", encoding="utf-8")
    done = CliRunner().invoke(app, ["twin", str(paper), "--out", str(tmp_path / "out")])
    assert done.exit_code == 0
    assert "3 figures of the whole cohort read, n = 20" in done.stderr
    assert "3 figures: 3 met" in done.stdout


def test_workers_and_a_budget_for_all(tmp_path: Path) -> None:
    code, text = made(tmp_path, "7", "--count", "2", "--workers", "2", "--time-budget", "30")
    assert code == 0
    assert text.count("3 met") == 2
