"""Best response and progression-free survival use one date of progression."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest

from oncohort import endpoints as ep
from oncohort.criteria import recist
from oncohort.endpoints.building import build_cohort
from oncohort.protocol import parse_protocol

START = date(2014, 1, 1)
HEAD = '[study]\nschema = 1\ntitle = "A study"\ndata = "data.xlsx"\n[endpoints.pfs]\n'
WHO = pl.DataFrame(
    {"patient": ["1"], "treatment_start": [START], "vital_status": ["alive"], "source_row": [2]}
)


def lesions(*sizes: float, days: tuple[int, ...] = (0, 28, 56, 112)) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "patient": ["1"] * len(sizes),
            "lesion": ["T1"] * len(sizes),
            "role": ["target"] * len(sizes),
            "date": [START + timedelta(days=d) for d in days[: len(sizes)]],
            "diameter_mm": [float(s) for s in sizes],
            "source_row": range(2, len(sizes) + 2),
        }
    )


def charted(*calls: str) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "patient": ["1"] * len(calls),
            "date": [START + timedelta(days=28 * (i + 1)) for i in range(len(calls))],
            "overall": calls,
            "source_row": range(2, len(calls) + 2),
        }
    )


def test_disease_after_an_unconfirmed_complete_response() -> None:
    visits = recist.assess(lesions(50, 0, 4, 4), patients=WHO, confirmation_days=28)
    best = recist.best_response(visits, patients=WHO, confirmation=recist.Confirmation())
    assert best.select("best_response", "progression_date").row(0) == ("PD", date(2014, 2, 26))
    facts = ep.facts(WHO, visits=visits, best=best)
    pfs = ep.derive(facts, ep.PFS).row(0, named=True)
    assert (pfs["time"], pfs["event"]) == (56, True)
    assert ep.reason(pfs).startswith("event: disease back after a complete response")


COURSES = [
    # sizes; keys under [response]; best response, time, event
    ((50, 0, 4, 4), "confirmation = true", ("PD", 56, True)),
    ((50, 0, 4, 4), 'confirmation = true\ncomplete_then_partial = "partial"', ("PR", 112, False)),
    ((50, 0, 4, 4), "", ("CR", 56, True)),
    ((50, 0, 4, 4), 'after_complete_response = "sum_rule"', ("CR", 112, False)),
    (
        (50, 0, 4, 4),
        'confirmation = true\nafter_complete_response = "sum_rule"',
        ("PR", 112, False),
    ),
    ((50, 0, 0, 4), "confirmation = true", ("CR", 112, True)),
    ((50, 0, 0, 0), "confirmation = true", ("CR", 112, False)),
    ((50, 30, 30, 60), "confirmation = true", ("PR", 112, True)),
]


@pytest.mark.parametrize(("sizes", "keys", "expected"), COURSES)
def test_one_date_by_the_declared_rules(
    sizes: tuple[float, ...], keys: str, expected: tuple[str, int, bool]
) -> None:
    protocol = parse_protocol(HEAD + "[response]\n" + keys + "\n")
    cohort = build_cohort({"patients": WHO, "lesions": lesions(*sizes)}, protocol)
    row = cohort.frame.row(0, named=True)
    assert (row["best_response"], row["pfs_time"], row["pfs_event"]) == expected
    assert cohort.evidence.best is not None
    day = cohort.evidence.best["progression_date"].item()
    assert (day == row["pfs_date"]) is expected[2]
    assert row["first_progression"] == day


@pytest.mark.parametrize(
    ("calls", "keys", "expected"),
    [
        (("CR", "PR", "PR"), "confirmation = true", ("PD", 56, True)),
        (("CR", "SD", "SD"), "confirmation = true", ("PD", 56, True)),
        (
            ("CR", "PR", "PR"),
            'confirmation = true\ncomplete_then_partial = "partial"',
            ("PR", 84, False),
        ),
        (
            ("CR", "PR", "PR"),
            'confirmation = true\nafter_complete_response = "sum_rule"',
            ("PR", 84, False),
        ),
        (("CR", "PR", "PR"), "", ("CR", 84, False)),
    ],
)
def test_charted_responses_have_one_date_too(
    calls: tuple[str, ...], keys: str, expected: tuple[str, int, bool]
) -> None:
    text = HEAD + '[response]\nsource = "assessments"\n' + keys + "\n"
    cohort = build_cohort({"patients": WHO, "assessments": charted(*calls)}, parse_protocol(text))
    row = cohort.frame.row(0, named=True)
    assert (row["best_response"], row["pfs_time"], row["pfs_event"]) == expected


def test_a_node_that_is_ten_millimetres_again_is_no_progression() -> None:
    rows = lesions(18, 8, 11, 9).with_columns(node=pl.lit(True))
    protocol = parse_protocol(HEAD + "[response]\nconfirmation = true\n")
    row = build_cohort({"patients": WHO, "lesions": rows}, protocol).frame.row(0, named=True)
    assert (row["best_response"], row["pfs_event"]) == ("PR", False)


def test_two_contradictory_calls_of_one_day_are_a_problem_and_the_worse_counts() -> None:
    rows = charted("PR").vstack(charted("PD").with_columns(source_row=pl.lit(3, pl.Int64)))
    protocol = parse_protocol(HEAD + '[response]\nsource = "assessments"\n')
    cohort = build_cohort({"patients": WHO, "assessments": rows}, protocol)
    row = cohort.frame.row(0, named=True)
    assert (row["best_response"], row["pfs_time"], row["pfs_event"]) == ("PD", 28, True)
    (problem,) = [p for p in cohort.problems if p.id == "response.contradictory"]
    assert problem.what == "On 2014-01-29 the chart has PR and PD; PD counts."


@pytest.mark.parametrize(
    ("keys", "shown", "best"),
    [
        ("", "6 weeks", "NE"),
        ("stable_disease_min_weeks = 4", "4 weeks", "SD"),
        ("stable_disease_min_days = 28", "28 days", "SD"),
        ("stable_disease_min_days = 29", "29 days", "NE"),
        ("stable_disease_min_days = 1", "1 day", "SD"),
        ("stable_disease_min_weeks = 6.5", "6.5 weeks", "NE"),
    ],
)
def test_the_least_time_of_stable_disease_as_given(keys: str, shown: str, best: str) -> None:
    text = HEAD + f'[response]\nsource = "assessments"\n{keys}\n'
    protocol = parse_protocol(text)
    assert protocol.response is not None
    assert protocol.response.stable_disease_least == shown
    cohort = build_cohort({"patients": WHO, "assessments": charted("SD")}, protocol)
    assert cohort.frame["best_response"].item() == best
    if best == "NE" and cohort.evidence.best is not None:
        said = recist.reason(cohort.evidence.best.row(0, named=True))
        assert f"earlier than {shown}" in said
