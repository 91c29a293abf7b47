"""Why a part is missing: everything for the study's own report, nothing of a chart for others."""

from __future__ import annotations

from string import Formatter

import pytest

from oncohort.displays.context import LeftOut
from oncohort.displays.leaving_out import in_words, left_out
from oncohort.displays.spans import text_of
from oncohort.problems import Place, Problem, Severity, catalogue, problem
from oncohort.problems.entries import entry

OF_A_PATIENT = "zqWho"
PART = ("survival", "os")


class Anything(dict[str, object]):
    """A value for every hole: the id of a patient, or a list of them, or a number."""

    def __missing__(self, name: str) -> object:
        return [OF_A_PATIENT, OF_A_PATIENT] if name.endswith("s") else OF_A_PATIENT


def filled(id_: str, case: str) -> Problem:
    """A problem of the catalogue whose every hole names a patient, so far as it may."""
    one = entry(id_).cases[case] if case else entry(id_).case
    holes = Anything()
    for text in (one.what, one.why, one.todo):
        for _, name, how, _ in Formatter().parse(text):
            if name is not None:
                number = how and "|" not in how
                holes.setdefault(name, 2 if number else holes[name])
    own = {k: holes.pop(k) for k in ("table", "column", "patient") if k in holes}
    holes.pop("row", None)
    texts = {k: str(v) for k, v in own.items()}
    return problem(id_, case, row=3, **texts, **holes)  # type: ignore[arg-type]


CASES = [(id_, case) for id_, one in catalogue().items() for case in ("", *one.cases)]


def test_no_problem_of_the_catalogue_carries_a_patient_into_a_paper() -> None:
    naming = 0
    for id_, case in CASES:
        one = filled(id_, case)
        item = LeftOut(PART, one.what, (one,))
        naming += OF_A_PATIENT in text_of(left_out(item))
        assert OF_A_PATIENT not in text_of(in_words(item)), (id_, case)
    assert naming > len(CASES) / 2


@pytest.mark.parametrize(
    "one",
    [
        Problem("labs.new-rule", Severity.ERROR, OF_A_PATIENT, todo=OF_A_PATIENT),
        Problem("values.age", Severity.ERROR, OF_A_PATIENT, OF_A_PATIENT, OF_A_PATIENT),
        Problem("values.age", Severity.ERROR, "x", place=Place(OF_A_PATIENT, key=OF_A_PATIENT)),
    ],
)
def test_texts_that_are_no_sentence_of_the_catalogue_stay_in_the_report(one: Problem) -> None:
    assert OF_A_PATIENT not in text_of(in_words(LeftOut(PART, one.what, (one, one))))


def test_what_failed_is_told_to_others_without_the_words_of_the_error() -> None:
    item = LeftOut(PART, f"It could not be computed ({OF_A_PATIENT}).", plain_reason="It failed.")
    assert OF_A_PATIENT in text_of(left_out(item))
    assert text_of(in_words(item)) == "It failed. The report says where, and what to do."


def test_thirty_like_problems_are_told_once_and_counted() -> None:
    many = tuple(
        Problem("dates.order", Severity.ERROR, f"Death is before start in row {i}.")
        for i in range(30)
    )
    words = text_of(left_out(LeftOut(PART, many[0].what, many)))
    assert words.count("Death is before start") == 1
    assert "29 more of the same kind" in words
