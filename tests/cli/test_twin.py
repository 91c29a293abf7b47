"""`oncohort twin` in the terminal."""

from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner

from oncohort.cli.app import app

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
