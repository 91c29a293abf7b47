"""Every question of every draft, answered in every offered way, leaves a study that reads."""

from __future__ import annotations

from pathlib import Path

import pytest
from charts import CHARTS, Chart

from oncohort.protocol import parse_protocol
from oncohort.records import read_records
from oncohort.study.answering import AnswerError, answer, answered, find_question
from oncohort.study.new import new_study
from oncohort.study.questions import open_questions

ALL = [c if c.answers else pytest.param(c, marks=pytest.mark.verify) for c in CHARTS]


@pytest.mark.parametrize("chart", ALL, ids=lambda c: c.name)
def test_every_answer_leaves_a_valid_study_and_so_do_all_of_them(
    chart: Chart, tmp_path: Path
) -> None:
    made = new_study(tmp_path / "study", chart.write(tmp_path))
    each_alone(made.folder)
    one_after_the_other(made.folder)


def each_alone(folder: Path) -> None:
    text = (folder / "study.toml").read_text("utf-8")
    before = {q.name for q in open_questions(text)}
    for question in open_questions(text):
        offered = question.answers()
        assert offered, question
        for value in offered:
            new, _ = answered(text, question, value)
            protocol = parse_protocol(new)
            assert {q.name for q in open_questions(new)} == before - {question.name}
            comments = [x for x in text.split("\n") if x.startswith("# ") and ": " in x]
            kept = [c for c in comments[:4] if c in new]
            assert len(kept) >= min(3, len(comments[:4]))
        read_records(protocol, folder)


def one_after_the_other(folder: Path) -> None:
    while open_ := open_questions((folder / "study.toml").read_text("utf-8")):
        last = answer(folder, str(open_[-1].number), open_[-1].answers()[-1])
        assert last.left == len(open_) - 1
    records = read_records(parse_protocol((folder / "study.toml").read_text("utf-8")), folder)
    assert not [p for p in records.problems if p.id == "protocol.open-question"]


def test_an_answer_that_does_not_fit_writes_nothing(tmp_path: Path) -> None:
    chart = next(c for c in CHARTS if c.name == "last_contact_or_death")
    made = new_study(tmp_path / "study", chart.write(tmp_path))
    path = made.folder / "study.toml"
    before = path.read_bytes()
    for question, value in (
        ("vital_status", "1 = maybe, 2 = dead"),
        ("vital_status", "3 = dead"),
        ("vital_status", "leave it"),
        ("no_such_question", "yes"),
    ):
        with pytest.raises(AnswerError):
            answer(made.folder, question, value)
    assert path.read_bytes() == before
    assert sorted(p.name for p in made.folder.iterdir()) == ["chart.xlsx", "study.toml"]


def test_a_column_that_gets_a_meaning_is_no_variable_any_more() -> None:
    text = (
        '[study]\nschema = 1\ntitle = "T"\ndata = "c.csv"\n\n[tables.patients]\n'
        '# QUESTION 1 is_sex:\n#   Is "G" sex?\n# columns.sex = "G"\n\n'
        '[variables.g]\ncolumn = "G"\nlevels = { m = "m", w = "w" }\n\n'
        '[baseline]\nvariables = ["g"]\n'
    )
    new, written = answered(text, find_question(text, "is_sex"), "yes")
    assert written == ["tables.patients.columns.sex"]
    protocol = parse_protocol(new)
    assert protocol.variables["g"].column == "sex"
    assert not protocol.variables["g"].levels


def test_what_is_taken_out_last_leaves_no_empty_section_in_the_way() -> None:
    text = (
        '[study]\nschema = 1\ntitle = "T"\ndata = "c.csv"\n\n[tables.patients]\n'
        'columns.patient = "id"\nunits.G = "g/dl"\n'
        '# QUESTION 1 g:\n#   Two units?\n# units.G = "g/dl"\n'
        '#   Or leave it out: patients "G"\n\n[variables.g]\ncolumn = "G"\n'
    )
    new, _ = answered(text, find_question(text, "g"), "leave out")
    protocol = parse_protocol(new)
    assert not protocol.variables
    assert protocol.tables["patients"].ignore == ["G"]
