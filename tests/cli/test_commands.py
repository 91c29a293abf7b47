"""The commands, end to end, as a user types them."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from terminal import oncohort

from oncohort.study.demo import write_demo

CONTRACT = (
    "audit",
    "check",
    "cox",
    "deidentify",
    "demo",
    "diff",
    "explain",
    "km",
    "new",
    "rules",
    "run",
)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built-in study, run once by the command itself."""
    folder = tmp_path_factory.mktemp("cli") / "study"
    done = subprocess.run(
        [sys.executable, "-m", "oncohort", "demo", str(folder)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "NO_COLOR": "1"},
    )
    assert done.returncode == 0, done.stderr
    (folder.parent / "said.txt").write_text(done.stdout, encoding="utf-8")
    return folder


def test_demo_prints_a_short_summary_and_where_the_report_is(demo: Path) -> None:
    said = (demo.parent / "said.txt").read_text(encoding="utf-8")
    for words in (
        "42 patients",
        "38.1% (95% CI 23.6–54.4)",
        "Progression-free survival",
        "Overall survival",
        "Problems found",
        "report.html",
    ):
        assert words in said
    assert "\x1b[" not in said


def test_demo_keeps_what_the_user_changed(
    demo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = tmp_path / "mine"
    write_demo(copy)
    text = (copy / "study.toml").read_text(encoding="utf-8")
    (copy / "study.toml").write_text(text.replace('setting = "', 'setting = "mine, '), "utf-8")
    assert oncohort(capsys, "demo", copy, "--quiet").code == 0
    assert "mine, " in (copy / "study.toml").read_text(encoding="utf-8")


def test_demo_refuses_a_folder_with_other_things(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "holiday.jpg").write_bytes(b"x")
    said = oncohort(capsys, "demo", tmp_path)
    assert said.code == 2
    assert "no study" in said.err


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    said = oncohort(capsys, "--help")
    assert said.code == 0
    for name in CONTRACT:
        assert f"  {name} " in said.out


def test_help_and_import_are_light() -> None:
    code = (
        "import sys, oncohort, oncohort.cli.app; "
        "heavy = {'numpy', 'scipy', 'polars', 'matplotlib', 'docx', 'pydantic', 'pandas'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    from oncohort import __version__

    assert oncohort(capsys, "--version").out.strip() == __version__


def test_an_unknown_option_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    said = oncohort(capsys, "run", "x", "--shar")
    assert said.code == 2
    assert "--shar" in said.err


def test_check_prints_text_and_json(demo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert oncohort(capsys, "check", demo).code == 0
    said = oncohort(capsys, "check", demo, "--format", "json")
    found = json.loads(said.out)["problems"]
    assert {p["id"] for p in found} >= {"response.charted-differs"}


def test_check_writes_a_marked_copy(
    demo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "marked.xlsx"
    before = (demo / "data.xlsx").read_bytes()
    assert oncohort(capsys, "check", demo, "--format", "json", "--out", out).code == 2
    assert not out.exists()
    assert oncohort(capsys, "check", demo, "--out", out).code == 0
    assert out.read_bytes()[:2] == b"PK"
    assert (demo / "data.xlsx").read_bytes() == before


def test_run_to_another_folder_and_only_some_sections(
    demo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    said = oncohort(capsys, "run", demo, "--out", out, "--only", "baseline,survival", "--quiet")
    assert said.code == 0
    sections = {
        k.split(".")[0] for k in json.loads((out / "results.json").read_text())["estimates"]
    }
    assert sections == {"baseline", "survival"}


def test_explain_gives_reasons_and_a_picture(
    demo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    picture = tmp_path / "s05.svg"
    said = oncohort(capsys, "explain", demo, "S05", "--picture", picture)
    assert said.code == 0
    assert "new lesion, equivocal on 2011-07-20 and confirmed later, dated back: PD" in said.out
    assert "[lesions!I76 diameter_mm]" in said.out
    assert re.search(r"Karnofsky \d+ is not below 80", said.out)
    assert picture.read_text(encoding="utf-8").lstrip().startswith("<?xml")


def test_explain_an_excluded_patient_says_why(
    demo: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outs = [oncohort(capsys, "explain", demo, f"S{i}").out for i in range(43, 48)]
    assert all("Left out of the study:" in out for out in outs)


def test_explain_an_unknown_patient_names_the_nearest(
    demo: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = oncohort(capsys, "explain", demo, "S1x7")
    assert said.code == 2
    assert 'Did you mean "S17"?' in said.err


@pytest.mark.parametrize("name", ["5", "s05", "S5", "S-005"])
def test_explain_knows_a_patient_by_number(
    demo: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    said = oncohort(capsys, "explain", demo, name)
    assert said.code == 0 and said.out.startswith("Patient S05")


def test_diff_of_a_run_with_itself_and_with_another(
    demo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert oncohort(capsys, "diff", demo, demo / "results").code == 0
    other = tmp_path / "other"
    shutil.copytree(demo / "results", other)
    data = json.loads((other / "results.json").read_text(encoding="utf-8"))
    data["estimates"]["survival.pfs.median"]["value"] = 99.0
    del data["estimates"]["response.orr.count"]
    (other / "results.json").write_text(json.dumps(data), encoding="utf-8")
    said = oncohort(capsys, "diff", demo, other)
    assert said.code == 1
    changed = next(line for line in said.out.splitlines() if "(survival.pfs.median)" in line)
    assert "(survival.pfs.median): value 10.64 -> 99 [in Abstract; Results, Survival" in changed
    assert "removed Objective response (CR or PR) (response.orr.count)" in said.out


def test_diff_of_something_else_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = oncohort(capsys, "diff", tmp_path, tmp_path)
    assert said.code == 2
    assert "no results" in said.err


def test_rules_list_and_explain(capsys: pytest.CaptureFixture[str]) -> None:
    said = oncohort(capsys, "rules")
    assert said.code == 0
    assert "survival.inverted-event" in said.out
    one = oncohort(capsys, "rules", "survival.inverted-event")
    assert one.code == 0
    assert "censoring" in one.out


LUNG_LIKE = "time,status,sex,age\n" + "\n".join(
    f"{t},{s},{x},{a}"
    for t, s, x, a in [
        (5, 2, "f", 60),
        (8, 2, "m", 44),
        (12, 1, "f", 65),
        (16, 2, "f", 58),
        (23, 2, "m", 50),
        (27, 2, "f", 61),
        (30, 2, "m", 47),
        (33, 1, "m", 52),
        (43, 2, "f", 66),
        (45, 2, "m", 40),
        (48, 2, "m", 55),
        (60, 1, "m", 49),
    ]
)


def test_km_needs_the_event_value_and_prints_the_median(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "lung.csv"
    table.write_text(LUNG_LIKE)
    said = oncohort(capsys, "km", table, "--time", "time", "--event", "status")
    assert said.code == 2
    assert "--event-value" in said.err
    said = oncohort(
        capsys,
        "km",
        table,
        "--time",
        "time",
        "--event",
        "status",
        "--event-value",
        2,
        "--by",
        "sex",
    )
    assert said.code == 0
    assert "median" in said.out.lower()
    assert "log-rank" in said.out.lower()


def test_cox_of_a_table_makes_dummies(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = tmp_path / "lung.csv"
    table.write_text(LUNG_LIKE)
    said = oncohort(
        capsys,
        "cox",
        table,
        "--time",
        "time",
        "--event",
        "status",
        "--event-value",
        2,
        "--covariates",
        "sex,age",
    )
    assert said.code == 0
    assert "sex=m" in said.out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--time", "tme", "--event", "status", "--event-value", "2"), '"time"'),
        (("--time", "time", "--event", "status", "--event-value", "9"), "9"),
        (("--time", "sex", "--event", "status", "--event-value", "2"), "sex"),
    ],
)
def test_km_of_bad_columns_is_an_error_with_the_place(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    words: str,
) -> None:
    table = tmp_path / "lung.csv"
    table.write_text(LUNG_LIKE)
    said = oncohort(capsys, "km", table, *arguments)
    assert said.code == 2
    assert words in said.err


def test_audit_of_nothing_readable(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = oncohort(capsys, "audit", tmp_path / "no-such-paper.pdf")
    assert said.code == 2


def test_audit_finds_and_says_where(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paper = tmp_path / "paper.txt"
    paper.write_text(
        "Results\n\nOf the 42 patients, 30 (71.4%) were men. "
        "A grade 3 event was seen in 16 patients (31.8%).\n"
    )
    said = oncohort(capsys, "audit", paper)
    assert said.code == 1
    assert "31.8%" in said.out
    as_json = oncohort(capsys, "audit", paper, "--format", "json")
    assert json.loads(as_json.out)
    for name, start in (
        ("a.html", "<!DOCTYPE html>"),
        ("a.json", "["),
        ("a.csv", "paper,"),
        ("a.txt", ""),
    ):
        oncohort(capsys, "audit", paper, "--out", tmp_path / name)
        assert (tmp_path / name).read_text("utf-8").lower().startswith(start.lower())


def test_our_own_manuscript_is_clean(demo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = oncohort(capsys, "audit", demo / "results" / "manuscript.docx")
    assert said.code == 0, said.out


def test_a_chart_in_place_of_a_study_is_told_how_to_start(
    demo: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = oncohort(capsys, "run", demo / "data.xlsx")
    assert said.code == 2
    assert "is a chart, not a study" in said.err
    assert "oncohort new STUDY --from data.xlsx" in said.err


def test_a_study_may_be_named_by_its_protocol(
    demo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(demo, tmp_path / "study")
    named = tmp_path / "study" / "study.toml"
    assert oncohort(capsys, "check", named).code == oncohort(capsys, "check", named.parent).code
    assert oncohort(capsys, "explain", named, "5").code == 0
    assert oncohort(capsys, "diff", named, named.parent).code == 0
    shutil.rmtree(named.parent / "results")
    assert oncohort(capsys, "run", named, "--quiet").code == 0
    assert (named.parent / "results" / "report.html").is_file()
    below = oncohort(capsys, "run", named, "--out", named / "results")
    assert below.code == 2 and "study.toml is a file" in below.err
