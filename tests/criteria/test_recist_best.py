"""Best overall response: RECIST 1.1 table 3 row by row, and the largest change."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest

from oncohort.criteria import recist

START = date(2014, 1, 6)


def visits(responses: str, weeks: tuple[float, ...] | None = None) -> pl.DataFrame:
    """Visits "PR SD PD", 8 weeks apart from week 8 on, or at the weeks given."""
    words = [{"NCNP": "Non-CR/Non-PD"}.get(w, w) for w in responses.split()]
    when = weeks or tuple(8.0 * (i + 1) for i in range(len(words)))
    return pl.DataFrame(
        {
            "patient": ["1"] * len(words),
            "date": [START + timedelta(days=round(7 * w)) for w in when],
            "overall": words,
            "source_row": range(2, len(words) + 2),
        },
        schema_overrides={"date": pl.Date, "overall": pl.String},
    )


PATIENT = pl.DataFrame({"patient": ["1"], "treatment_start": [START]})


def best(
    responses: str,
    weeks: tuple[float, ...] | None = None,
    confirmation: recist.Confirmation | None = None,
    min_weeks: float = 6,
) -> str:
    out = recist.best_response(
        visits(responses, weeks),
        patients=PATIENT,
        confirmation=confirmation,
        stable_disease_min_weeks=min_weeks,
    )
    return str(out["best_response"].item())


ASKED = recist.Confirmation()
IN_TIME, TOO_EARLY = (8.0, 16.0), (4.0, 12.0)

TABLE_3 = [
    # first visit, later visit, weeks of the visits, best response with confirmation
    ("CR CR", IN_TIME, "CR"),
    ("CR PR", IN_TIME, "SD"),  # note a: a true CR, so later disease is progression
    ("CR PR", TOO_EARLY, "PD"),  # the same, and the minimum for SD not met
    ("CR SD", IN_TIME, "SD"),
    ("CR SD", TOO_EARLY, "PD"),
    ("CR PD", IN_TIME, "SD"),
    ("CR PD", TOO_EARLY, "PD"),
    ("CR NE", IN_TIME, "SD"),
    ("CR NE", TOO_EARLY, "NE"),
    ("PR CR", IN_TIME, "PR"),
    ("PR PR", IN_TIME, "PR"),
    ("PR SD", IN_TIME, "SD"),
    ("PR PD", IN_TIME, "SD"),
    ("PR PD", TOO_EARLY, "PD"),
    ("PR NE", IN_TIME, "SD"),
    ("PR NE", TOO_EARLY, "NE"),
    ("NE NE", IN_TIME, "NE"),
]


@pytest.mark.parametrize(("responses", "weeks", "expected"), TABLE_3)
def test_table_3(responses: str, weeks: tuple[float, ...], expected: str) -> None:
    assert best(responses, weeks, ASKED) == expected


def test_table_3_note_a_where_the_first_was_a_partial_response_after_all() -> None:
    partial = recist.Confirmation(complete_then_partial="partial")
    assert best("CR PR", IN_TIME, partial) == "PR"


@pytest.mark.parametrize(
    ("responses", "expected"),
    [
        ("CR CR PD", "CR"),
        ("PR CR CR", "CR"),
        ("PR CR PR", "PR"),  # PR confirmed by the CR; the disease after it ends the record
        ("SD PR PR", "PR"),
        ("SD PR PD", "SD"),
        ("SD PD PR PR", "SD"),
        ("PR NE PR", "PR"),
        ("PR NE NE PR", "SD"),
        ("PR SD PR", "SD"),
        ("CR NE CR", "CR"),
        ("CR SD CR", "SD"),
        ("PD", "PD"),
        ("NE PD", "PD"),
        ("NCNP NCNP", "Non-CR/Non-PD"),
        ("NCNP CR CR", "CR"),
    ],
)
def test_longer_courses_with_confirmation(responses: str, expected: str) -> None:
    assert best(responses, confirmation=ASKED) == expected


def test_parameters_of_confirmation() -> None:
    assert best("PR SD PR", confirmation=recist.Confirmation(stable_between=1)) == "PR"
    assert best("PR NE NE PR", confirmation=recist.Confirmation(max_not_evaluable=2)) == "PR"
    assert best("PR NE PR", confirmation=recist.Confirmation(max_not_evaluable=0)) == "SD"
    assert best("PR PR", (8, 8 + 27 / 7), ASKED) == "SD"
    assert best("PR PR", (8, 8 + 28 / 7), ASKED) == "PR"
    assert best("PR PR", confirmation=recist.Confirmation(max_days=42)) == "SD"


@pytest.mark.parametrize(
    ("responses", "weeks", "expected"),
    [
        ("PR SD PD", None, "PR"),
        ("CR PD", None, "CR"),
        ("SD PD", None, "SD"),
        ("SD", (6.0,), "SD"),  # exactly the minimum
        ("SD", (41 / 7,), "NE"),  # a day too early, and nothing after it
        ("SD PD", (4.0, 8.0), "PD"),
        ("SD NE", (4.0, 8.0), "NE"),
        ("PD PR", None, "PD"),
        ("NE SD", None, "SD"),
        ("NE", None, "NE"),
        ("", None, "NE"),
        ("NCNP PD", None, "Non-CR/Non-PD"),
        ("NCNP", (4.0,), "NE"),
        ("PR", (2.0,), "PR"),
    ],
)
def test_without_confirmation(
    responses: str, weeks: tuple[float, ...] | None, expected: str
) -> None:
    assert best(responses, weeks) == expected


def test_a_patient_without_assessment_has_a_row_and_a_reason() -> None:
    who = pl.DataFrame({"patient": ["1", "2"], "treatment_start": [START, START]})
    out = recist.best_response(visits("SD"), patients=who)
    assert out["best_response"].to_list() == ["SD", "NE"]
    assert recist.reason(out.row(1, named=True)) == "no assessment after baseline: NE"


def test_visits_after_the_last_day_that_counts_are_left_out() -> None:
    stop = pl.DataFrame({"patient": ["1"], "until": [START + timedelta(weeks=10)]})
    out = recist.best_response(visits("SD PR"), patients=PATIENT, until=stop)
    assert out["best_response"].item() == "SD"


def test_complete_response_followed_by_disease_is_flagged() -> None:
    out = recist.best_response(visits("CR PR"), patients=PATIENT)
    assert out["cr_then_disease"].item() is True
    (problem,) = recist.doubtful_complete_responses(out)
    assert problem.what == "A complete response is followed by disease; best response CR."
    out = recist.best_response(visits("CR NE"), patients=PATIENT)
    assert out["cr_then_disease"].item() is False


@pytest.mark.parametrize(
    ("responses", "weeks", "confirmation", "sentence"),
    [
        ("PR PR", None, ASKED, "partial response on 2014-03-03, confirmed on 2014-04-28: PR"),
        (
            "PR PD",
            None,
            ASKED,
            "a response that was not confirmed; stable at 8 weeks (2014-03-03): SD",
        ),
        ("SD", (8.0,), None, "stable at 8 weeks (2014-03-03); at least 6 weeks asked for: SD"),
        (
            "SD",
            (4.0,),
            None,
            "stable on 2014-02-03, earlier than 6 weeks, and nothing after it: NE",
        ),
        ("PD", None, None, "progression on 2014-03-03 as the first evaluable result: PD"),
        ("NE", None, None, "no visit could be evaluated: NE"),
    ],
)
def test_reasons(
    responses: str,
    weeks: tuple[float, ...] | None,
    confirmation: recist.Confirmation | None,
    sentence: str,
) -> None:
    out = recist.best_response(
        visits(responses, weeks), patients=PATIENT, confirmation=confirmation
    )
    assert recist.reason(out.row(0, named=True)) == sentence


def _changes(*rows: tuple[str, float | None]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "patient": ["1"] * len(rows),
            "date": [START + timedelta(weeks=8 * (i + 1)) for i in range(len(rows))],
            "overall": [r for r, _ in rows],
            "change_from_baseline": [c for _, c in rows],
            "targets": [1] * len(rows),
        },
        schema_overrides={"change_from_baseline": pl.Float64, "date": pl.Date},
    )


def test_the_largest_change_until_progression() -> None:
    out = recist.best_change(_changes(("SD", -10.0), ("PR", -40.0), ("PD", -10.0), ("PD", -60.0)))
    assert out["best_change"].item() == -40.0
    out = recist.best_change(_changes(("SD", -10.0), ("PD", 30.0)), after_progression=True)
    assert (out["best_change"].item(), out["best_change_date"].item()) == (-10.0, date(2014, 3, 3))


def test_only_growth_gives_the_smallest_growth() -> None:
    assert recist.best_change(_changes(("PD", 35.0)))["best_change"].item() == 35.0


def test_why_there_is_no_change() -> None:
    who = pl.DataFrame({"patient": ["1", "2"], "treatment_start": [START, START]})
    out = recist.best_change(_changes(("NE", None)), patients=who)
    assert out["best_change_code"].to_list() == ["no-complete-sum", "no-visit"]
    none = _changes(("Non-CR/Non-PD", None)).with_columns(targets=pl.lit(0))
    assert recist.best_change(none)["best_change_code"].item() == "no-targets"
