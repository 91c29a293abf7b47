"""Responses as charts write them."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from oncohort.criteria import recist
from oncohort.criteria.recist import RecistInputError


@pytest.mark.parametrize(
    ("text", "response"),
    [
        ("cr", "CR"),
        ("Complete response", "CR"),
        ("PARTIAL REMISSION", "PR"),
        ("stable disease", "SD"),
        ("NON-CR/NON-PD", "Non-CR/Non-PD"),
        ("non CR / non PD", "Non-CR/Non-PD"),
        ("Non-CR/non-PD", "Non-CR/Non-PD"),
        ("Progressive Disease", "PD"),
        ("uPD", "PD"),
        ("not all evaluated", "NE"),
        ("Not evaluable", "NE"),
        ("ND", "NE"),
        ("not done", "NE"),
        ("MR", None),
        ("mixed", None),
        ("?", None),
        ("", None),
    ],
)
def test_words_of_responses(text: str, response: str | None) -> None:
    assert recist.response_of(text) == response


def visit(**columns: str | None) -> pl.DataFrame:
    return pl.DataFrame({"patient": ["1"], "date": [date(2014, 3, 1)], **columns})


def test_best_response_reads_words_in_any_case() -> None:
    out = recist.best_response(visit(overall="NON-CR/NON-PD"))
    assert out.select("best_response", "visits").row(0) == ("Non-CR/Non-PD", 1)


def test_a_word_that_is_no_response_is_refused_by_name() -> None:
    with pytest.raises(RecistInputError, match="'MR'"):
        recist.best_response(visit(overall="MR"))
    with pytest.raises(RecistInputError, match="'target' holds 'smaller'"):
        recist.charted(visit(overall="PR", target="smaller"))


def test_an_empty_word_is_no_response() -> None:
    assert recist.best_response(visit(overall=" "))["visits"].item() == 0


def test_parts_that_were_not_all_evaluated() -> None:
    out = recist.charted(visit(overall=None, target="CR", non_target="not all evaluated"))
    assert out["overall"].item() == "PR"


def _same_day(*calls: str) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "patient": ["1"] * len(calls),
            "date": [date(2014, 3, 1)] * len(calls),
            "overall": calls,
            "source_row": range(2, len(calls) + 2),
        }
    )


@pytest.mark.parametrize(
    ("calls", "counts", "contradictory"),
    [
        (("PR", "PD"), "PD", True),
        (("PD", "PR"), "PD", True),
        (("CR", "PR"), "PR", True),
        (("PR", "SD", "CR"), "SD", True),
        (("PR", "NE"), "NE", True),
        (("NE", "PD"), "PD", True),
        (("PR", "PR"), "PR", False),
        (("PR",), "PR", False),
    ],
)
def test_of_two_calls_on_one_day_the_worse_counts(
    calls: tuple[str, ...], counts: str, contradictory: bool
) -> None:
    out = recist.worst_of_day(recist.charted(_same_day(*calls)))
    assert out["overall"].to_list() == [counts]
    assert recist.best_response(_same_day(*calls))["best_response"].to_list() == [counts]
    found = recist.contradictions(_same_day(*calls))
    assert found.height == int(contradictory)
    if contradictory:
        assert found["calls"].item().to_list() == list(calls)
        assert found["rows"].item().to_list() == list(range(2, len(calls) + 2))


def test_calls_of_a_reader_who_does_not_count_contradict_nothing() -> None:
    rows = _same_day("PR", "PD", "PD").with_columns(reader=pl.Series(["A", "B", "B"]))
    assert recist.contradictions(rows, reader="A").is_empty()
    assert recist.charted(rows, reader="A")["overall"].to_list() == ["PR"]
