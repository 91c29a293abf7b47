"""`oncohort twin` in the terminal."""

from __future__ import annotations

import shlex
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


def test_a_twin_without_ratios_is_made_again(tmp_path: Path) -> None:
    text = FIGURES.replace("COUNT", "7").split("[[ratios]]")[0]
    figures = tmp_path / "figures.toml"
    figures.write_text(text, encoding="utf-8")
    for _ in range(2):
        done = CliRunner().invoke(app, ["twin", str(figures), "--out", str(tmp_path / "out")])
        assert done.exit_code == 0, done.output


def test_no_figures(tmp_path: Path) -> None:
    out = str(tmp_path / "out")
    done = CliRunner().invoke(app, ["twin", str(tmp_path / "none.toml"), "--out", out])
    assert done.exit_code != 0
    assert not (tmp_path / "out").exists()


def test_figures_are_found_in_a_folder_and_without_their_ending(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = FIGURES.replace("COUNT", "7")
    (tmp_path / "study").mkdir()
    for name in ("study/figures.toml", "mine.toml"):
        (tmp_path / name).write_text(text, encoding="utf-8")
    for k, name in enumerate(("study", "mine")):
        done = CliRunner().invoke(app, ["twin", name, "--out", f"out{k}"])
        assert done.exit_code == 0
        assert "figures are read from" in done.stderr


def test_a_built_in_twin_is_made_beside_a_folder_of_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from oncohort.twin import job

    monkeypatch.chdir(tmp_path)
    (tmp_path / "lung_metastases").mkdir()
    asked: list[str] = []

    def example(name: str, *_: object) -> None:
        asked.append(name)
        raise KeyboardInterrupt

    monkeypatch.setattr(job, "example", example)
    CliRunner().invoke(app, ["twin", "lung_metastases", "--out", "t"])
    assert asked == ["lung_metastases"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("figurs.toml", "perhaps figures.toml"),
        ("lung_metastasis", "perhaps lung_metastases"),
        ("empty", "a folder, and holds no figures.toml"),
        ("none/figures.toml", "No such file"),
    ],
)
def test_where_there_is_no_file_what_is_near_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "figures.toml").write_text("schema = 1", encoding="utf-8")
    done = CliRunner().invoke(app, ["twin", name, "--out", "out"])
    assert isinstance(done.exception, ReadError)
    assert said in str(done.exception)
    assert "lung_metastases_pairs" in str(done.exception)
    assert not (tmp_path / "out").exists()


def test_a_paper_of_arms_names_them_and_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    levels = '[{ label = "Male", count = "8" }, { label = "Female", count = "12" }]'
    arms = "".join(
        f"[[variables]]\nname = 'Sex'\nlevels = {levels}\npopulation = \"{arm}\"\nn = '20'\n"
        for arm in ("Arm A's (n = 20)", "Arm B (n = 20)")
    )
    monkeypatch.setattr(
        "oncohort.audit.read_figures", lambda path: parse_published(f"schema = 1\n{arms}")
    )
    paper = tmp_path / "a paper.txt"
    paper.write_text("Results", encoding="utf-8")
    asked = ["twin", str(paper), "--out", str(tmp_path / "out")]
    for more in ([], ["--group", "arm"]):
        done = CliRunner().invoke(app, [*asked, *more])
        text = str(done.exception)
        assert "'Arm B (n = 20)' (2 figures)" in text
        command = text.split("For the first one: ")[1].split(". Or type")[0].strip()
        made = CliRunner().invoke(app, shlex.split(command.removesuffix("."))[1:])
        assert made.exit_code == 0, made.output


def test_a_paper_that_gives_too_little_is_said(tmp_path: Path) -> None:
    paper = tmp_path / "paper.txt"
    paper.write_text("Results\n\nThirteen patients (65%) were men.\n", encoding="utf-8")
    out = tmp_path / "out"
    done = CliRunner().invoke(app, ["twin", str(paper), "--out", str(out)])
    assert isinstance(done.exception, ReadError)
    assert "no number of patients" in str(done.exception)
    assert "none to name with --group" in str(done.exception)
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
