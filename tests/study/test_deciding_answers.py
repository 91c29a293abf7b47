"""Problems of single patients settled by a command: written whole and carried out, or refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from oncohort.cli.app import app
from oncohort.problems import Severity
from oncohort.study.answering import AnswerError, write_protocol
from oncohort.study.deciding_answers import decide
from oncohort.study.study import read_study

PROTOCOL = """[study]
schema = 1
title = "A study"
data = "data.csv"
synthetic = true
# The clock of survival.
[endpoints.os]
time = "os_months"
event = "dead"
event_value = 1
[variables.crp]
kind = "continuous"
"""
FUTURE = {3: "3,999,0,7.5", 5: "5,-2,1,8.1"}
AT_ZERO = {4: "4,0,1,6.0"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def written(folder: Path, change: dict[int, str]) -> Path:
    rows = [change.get(i, f"{i},{6 + 3 * i % 23}.5,{i % 2},{3 + i % 7}") for i in range(12)]
    (folder / "study.toml").write_text(PROTOCOL, "utf-8")
    (folder / "data.csv").write_text("\n".join(["patient,os_months,dead,crp", *rows]), "utf-8")
    return folder


def open_problems(folder: Path) -> list[tuple[str, str | None]]:
    opened = read_study(folder)
    return [(p.id, p.patient) for p in opened.problems if p.severity is not Severity.NOTE]


@pytest.mark.parametrize(
    ("rule", "value", "time"),
    [
        ("survival.missing-code", "missing", None),
        ("survival.missing-code", "= 9.5", 9.5),
        ("survival.missing-code", "value 9.5", 9.5),
        ("survival.missing-code", "accept", 999.0),
        ("survival.missing-code", "leave out", None),
    ],
)
def test_an_error_of_one_patient(folder: Path, rule: str, value: str, time: float | None) -> None:
    written(folder, {3: FUTURE[3]})
    done = decide(folder, rule, value, by="A. B.", why="Letter of the doctor.")
    assert done.patients == ("3",) and done.settled == 1
    study = read_study(folder)
    assert study.records.tables["patients"]["os_months"][3] == time
    assert (rule, "3") not in open_problems(folder)
    assert [d.rule for d in study.records.decisions if "A. B." in d.what] == [rule]
    text = (folder / "study.toml").read_text("utf-8")
    assert text.startswith(PROTOCOL.rstrip("\n")) and text.count("[[decisions]]") == 1
    assert "# The clock of survival." in text


def test_a_warning_of_one_patient_is_of_the_value_in_its_cell(folder: Path) -> None:
    written(folder, AT_ZERO)
    rule = "survival.event-at-zero"
    assert (rule, "4") in open_problems(folder)
    decide(folder, rule, "= 0.5", by="A. B.", why="Half a month.")
    assert read_study(folder).records.tables["patients"]["os_months"][4] == 0.5
    assert (rule, "4") not in open_problems(folder)


def test_only_some_of_the_patients_and_one_decision_after_another(folder: Path) -> None:
    written(folder, {3: "3,999,0,7.5", 5: "5,999,1,8.1"})
    rule = "survival.missing-code"
    decide(folder, rule, "missing", patients=["5"], by="A. B.", why="No letter.")
    assert [p for i, p in open_problems(folder) if i == rule] == ["3"]
    done = decide(folder, rule, "= 4", cells=["B5"], by="A. B.", why="Looked up.")
    assert done.lines() == [f"{rule}: taken as 4. No error and no question is left."]
    assert read_study(folder).records.tables["patients"]["os_months"].to_list()[3:6] == [
        4.0,
        18.5,
        None,
    ]


@pytest.mark.parametrize(
    ("rule", "value", "more", "words"),
    [
        ("survival.missing-code", "perhaps", {}, "no decision"),
        ("survival.missing-kode", "missing", {}, "survival.missing-code"),
        ("survival.missing-code", "missing", {"patients": ["9"]}, "one of: 3"),
        ("survival.missing-code", "missing", {"why": " "}, "--why"),
        ("survival.missing-code", "= soon", {}, "'soon' is no number"),
        ("survival.missing-code", "= inf", {}, "'inf' is no number"),
        ("survival.missing-code", "missing", {"column": "crp"}, "no value can be set"),
    ],
)
def test_what_can_not_be_carried_out_is_not_written(
    folder: Path, rule: str, value: str, more: dict[str, object], words: str
) -> None:
    written(folder, {3: FUTURE[3]})
    said = {"by": "A. B.", "why": "Looked up."} | more
    with pytest.raises(AnswerError, match=words):
        decide(folder, rule, value, **said)  # type: ignore[arg-type]
    assert (folder / "study.toml").read_text("utf-8") == PROTOCOL


def test_the_command_settles_what_check_shows(folder: Path) -> None:
    written(folder, FUTURE)
    runner = CliRunner()
    told = runner.invoke(app, ["check", str(folder)])
    assert told.exit_code == 1 and 'rule = "survival.missing-code"' in told.stdout
    for rule in ("survival.missing-code", "endpoints.negative-time"):
        done = runner.invoke(
            app, ["answer", str(folder), rule, "missing", "--by", "A. B.", "--why", "No letter."]
        )
        assert done.exit_code == 0, done.output
    assert "No error and no question is left." in done.stdout
    assert runner.invoke(app, ["check", str(folder)]).exit_code == 0


def test_a_protocol_that_was_changed_meanwhile_is_not_overwritten(folder: Path) -> None:
    path = written(folder, {}) / "study.toml"
    before = path.read_text("utf-8")
    path.write_text(before + "# by somebody else\n", "utf-8")
    with pytest.raises(AnswerError, match="somebody else"):
        write_protocol(path, before + "# by me\n", before=before)
    assert path.read_text("utf-8").endswith("# by somebody else\n")
    write_protocol(path, before, before=path.read_text("utf-8"))
    assert path.read_text("utf-8") == before
