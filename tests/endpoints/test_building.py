"""The cohort as a whole: what can't be told from the data is asked, never guessed."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl

from oncohort.endpoints.building import build_cohort
from oncohort.endpoints.cohort import Cohort
from oncohort.protocol import parse_protocol

HEAD = '[study]\nschema = 1\ntitle = "A study"\ndata = "data.xlsx"\n'


def built(text: str, **columns: list[Any]) -> Cohort:
    frame: dict[str, Any] = {
        "patient": ["1", "2", "3"],
        "source_row": [2, 3, 4],
        "treatment_start": [date(2014, 1, 6)] * 3,
        "last_contact": [date(2015, 1, 6)] * 3,
        "death_date": [date(2015, 1, 6), None, None],
    }
    table = pl.DataFrame(frame | columns, schema_overrides={"death_date": pl.Date})
    return build_cohort({"patients": table}, parse_protocol(HEAD + text))


def ids(cohort: Cohort) -> dict[str, tuple[str, ...]]:
    return {p.id: p.blocks for p in cohort.problems}


CHARTED = [date(2014, 7, 7), date(2014, 8, 4), None]


def test_censoring_at_the_last_scan_is_asked_about_where_no_scan_was_read() -> None:
    cohort = built("[endpoints.pfs]\n", progression_date=CHARTED)
    assert ids(cohort)["endpoints.no-scans"] == ("survival.pfs",)
    [problem] = [p for p in cohort.problems if p.id == "endpoints.no-scans"]
    assert "1 patient without an event" in problem.what
    assert "[endpoints.pfs]" in problem.todo


def test_censoring_at_the_last_contact_needs_no_scan() -> None:
    text = '[endpoints.pfs]\ncensoring = "last_contact"\n'
    cohort = built(text, progression_date=CHARTED)
    assert not ids(cohort)
    assert cohort.frame["pfs_time"].to_list() == [182.0, 210.0, 365.0]


def test_nobody_progresses_without_a_word_where_progression_is_nowhere() -> None:
    cohort = built('[endpoints.pfs]\ncensoring = "last_contact"\n')
    assert ids(cohort)["endpoints.no-progression"] == ("survival.pfs",)


def test_comparing_by_a_number_without_cut_points_is_an_error_with_a_place() -> None:
    text = '[variables.age]\n[endpoints.os]\nby = ["age"]\n[baseline]\nby = "age"\n'
    cohort = built(text, age=[50.0, 60.0, 70.0])
    found = [p for p in cohort.problems if p.id == "variables.no-groups"]
    assert [p.place.key for p in found] == ["endpoints.os.by", "baseline.by"]
    assert [p.blocks for p in found] == [("survival.os.by.age",), ("baseline.by.age",)]


def test_a_study_without_patients_has_a_flow_and_one_problem() -> None:
    text = (
        '[[eligibility.criteria]]\nkey = "old"\nlabel = "Too young"\ncolumn = "age"\nmin = 200\n'
        "[variables.age]\n[endpoints.os]\n[response]\n[safety]\n"
    )
    cohort = built(text, age=[50.0, 60.0, 70.0])
    assert [p.id for p in cohort.problems] == ["eligibility.nobody"]
    assert [len(s.excluded) for s in cohort.steps] == [3]
    assert cohort.n == 0


def test_an_origin_that_is_empty_is_not_called_unknown() -> None:
    cohort = built("[endpoints.os]\n", treatment_start=[None] * 3)
    [problem] = [p for p in cohort.problems if p.id == "endpoints.no-origin"]
    assert "is not a date of" in problem.what
    assert problem.todo.startswith('Known: "last_contact", "death_date".')


def criterion(text: str) -> str:
    return f'[[eligibility.criteria]]\nkey = "a"\nlabel = "A"\n{text}\n'


def test_limits_of_another_kind_than_the_column_are_an_error_not_a_crash() -> None:
    words: list[Any] = ["low", "high", "low"]
    for text in (
        'column = "score"\nmin = 3',
        'column = "score"\nmax = 2015-01-01',
        'column = "treatment_start"\nmin = 20',
        'column = "age"\nmin = 2015-01-01',
        'column = "age"\nmin = 3\nmax = 2015-01-01',
    ):
        cohort = built(criterion(text), score=words, age=[50.0, 60.0, 70.0])
        assert ids(cohort)["eligibility.wrong-kind"] == ("",), text
        assert cohort.n == 3


def test_true_in_the_protocol_is_yes_in_the_chart() -> None:
    text = criterion('column = "consent"\nis = true')
    assert built(text, consent=["yes", "No", "Yes"]).n == 2
    assert built(text, consent=[True, False, True]).n == 2
    text = criterion('column = "consent"\nis = "yes"')
    assert built(text, consent=[True, False, True]).n == 2


def test_a_variable_without_records_is_one_problem() -> None:
    cohort = built('[variables.crp]\nderive = "lab"\ntest = "CRP"\n[endpoints.os]\nby = ["crp"]\n')
    assert [p.id for p in cohort.problems] == ["variables.no-records"]


def test_a_bad_time_is_placed_in_its_table() -> None:
    text = '[endpoints.os]\ntime = "t"\nevent = "e"\nevent_value = 1\n'
    cohort = built(text, t=[-3.0, 4.0, 5.0], e=[1, 0, 1])
    [problem] = [p for p in cohort.problems if "negative" in p.what]
    assert (problem.place.sheet, problem.place.row) == ("patients", 2)
