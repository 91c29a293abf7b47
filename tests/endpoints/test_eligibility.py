"""Criteria in order: who leaves where, and what missing values do."""

from __future__ import annotations

import polars as pl

from oncohort.endpoints.eligibility import apply_criteria
from oncohort.problems import Wrong
from oncohort.protocol import parse_protocol

HEAD = '[study]\nschema = 1\ntitle = "A"\ndata = "d"\n'

TABLES = {
    "patients": pl.DataFrame({"patient": list("abcde"), "line": [2, 2, 1, 2, None]}),
    "sites": pl.DataFrame(
        {
            "patient": list("aabbcd"),
            "organ": ["Lung", "lung", "lung", "bone", "lung", "lung"],
        }
    ),
}


def steps(criteria: str) -> tuple[list[tuple[str, str]], str, list[str]]:
    rules = parse_protocol(HEAD + criteria).eligibility
    found, included, problems = apply_criteria(rules, TABLES)
    return (
        [(s.key, "".join(s.excluded)) for s in found],
        "".join(included),
        [p.id for p in problems],
    )


SECOND_LINE = (
    '[[eligibility.criteria]]\nkey = "line"\nlabel = "Not second line"\ncolumn = "line"\nis = 2\n'
)
LUNG_ONLY = (
    '[[eligibility.criteria]]\nkey = "lung"\nlabel = "Beyond the lung"\n'
    'table = "sites"\ncolumn = "organ"\nis = "lung"\n'
)


def test_each_patient_leaves_at_the_first_criterion_that_fails() -> None:
    found, included, problems = steps(SECOND_LINE + LUNG_ONLY)
    assert found == [("line", "ce"), ("lung", "b")]
    assert included == "ad"
    assert problems == ["eligibility.missing-value"]


def test_a_criterion_that_excludes_nobody_stays_with_zero() -> None:
    found, _, _ = steps(
        SECOND_LINE + LUNG_ONLY + SECOND_LINE.replace('"line"\nlabel', '"again"\nlabel')
    )
    assert found[-1] == ("again", "")


def test_missing_can_be_kept() -> None:
    found, included, _ = steps(SECOND_LINE + 'missing = "keep"\n')
    assert found == [("line", "c")]
    assert included == "abde"


def test_any_row_instead_of_all_rows() -> None:
    _, included, _ = steps(LUNG_ONLY + 'rows = "any"\n')
    assert included == "abcd"


def test_a_missing_column_is_named_with_the_nearest() -> None:
    rules = parse_protocol(HEAD + SECOND_LINE.replace('"line"\nis', '"lines"\nis')).eligibility
    _, included, [problem] = apply_criteria(rules, TABLES)
    assert problem.id == "eligibility.no-column"
    assert '"line"' in problem.todo
    assert problem.blocks == ("",)
    assert len(included) == 5


def test_nobody_left_blocks_everything() -> None:
    _, included, problems = steps(SECOND_LINE.replace("is = 2", "is = 7"))
    assert included == ""
    assert "eligibility.nobody" in problems


def test_a_word_in_a_column_of_numbers_leaves_who_is_in_the_study_open() -> None:
    line = pl.DataFrame(
        {"patient": list("abc"), "line": ["2", "banana", "1"], "source_row": [2, 3, 4]}
    )
    rules = parse_protocol(HEAD + SECOND_LINE).eligibility
    _, _, [problem] = apply_criteria(rules, {"patients": line})
    assert (problem.id, problem.patient) == ("eligibility.words-among-numbers", "b")
    assert problem.wrong == (Wrong("patients", ("line",), 3),)


def test_words_that_a_criterion_names_are_no_fault() -> None:
    line = pl.DataFrame({"patient": list("abc"), "line": ["2", "2b", "1"]})
    rules = parse_protocol(HEAD + SECOND_LINE.replace("is = 2", 'is = ["2", "2b"]')).eligibility
    _, included, problems = apply_criteria(rules, {"patients": line})
    assert (included, problems) == (("a", "b"), ())
