"""Planted errors, one of each kind, are found with the right certainty."""

from __future__ import annotations

import pytest

from oncohort.audit import Certainty, audit

pytestmark = pytest.mark.usefixtures("rules_alone")

HEAD = """Abstract. Results: We studied 42 consecutive patients. {abstract} Conclusion: All is well.

Introduction

Little is known.

Results

A total of 42 consecutive patients were included. {results}

"""


def paper(results: str = "", abstract: str = "", tables: str = "") -> str:
    return HEAD.format(results=results, abstract=abstract) + tables


def only(text: str, rule: str, certainty: Certainty) -> None:
    found = audit(text)
    assert [(f.id, f.certainty) for f in found] == [(rule, certainty)], [str(f) for f in found]
    assert found[0].quotes and found[0].rule


def test_percentage_without_denominator_in_prose() -> None:
    only(
        paper("Of these patients, 25 (59.5%) had pain, and 34 (78.6%) had fever."),
        "counts.percentage",
        Certainty.IMPOSSIBLE,
    )


def test_fraction_with_another_percentage() -> None:
    only(paper("A response was seen in 16/42 (48.1%)."), "counts.fraction", Certainty.INCONSISTENT)


def test_medians_that_differ() -> None:
    only(
        paper(
            "The median OS was 20.3 months (95% CI 15.0-27.9).",
            "The median OS was 23.0 months.",
        ),
        "twice.median",
        Certainty.INCONSISTENT,
    )


def test_median_outside_its_interval() -> None:
    only(
        paper(
            "The median OS was 20.3 months (95% CI 21.0-27.9). "
            "The median PFS was 8.1 months (95% CI 6.0-10.2). "
            "The median DFS was 9.4 months (95% CI 7.7-11.8)."
        ),
        "times.inside",
        Certainty.INCONSISTENT,
    )


def test_progression_after_death() -> None:
    text = paper("The median PFS and OS were 25.3 and 20.1 months, respectively.")
    only(text.replace("42", "142"), "times.order", Certainty.INCONSISTENT)
    # With few patients the two curves may cross by chance.
    assert audit(text) == []
    assert "times.order" in {f.id for f in audit(text, unusual=True)}


RESPONSES = (
    "As the best response, {cr}, 15 (35.7%), 20 (47.6%) and 5 (11.9%) patients had complete "
    "remission, partial response, stable disease and progressive disease, respectively. {more}"
)


def test_responses_of_too_many_patients() -> None:
    only(
        paper(RESPONSES.format(cr="5 (11.9%)", more="")),
        "responses.sum",
        Certainty.INCONSISTENT,
    )


def test_response_rate_that_does_not_follow() -> None:
    only(
        paper(RESPONSES.format(cr="2 (4.8%)", more="The ORR was 48.1%.")),
        "responses.rate",
        Certainty.INCONSISTENT,
    )


EVENTS = """Table 3. Adverse events, n (%)

                       All grades      Grade 3 or higher
Any event              {any}       16 (38.1)
Fatigue                23 (54.8)       {severe}
Rash                   12 (28.6)       1 (2.4)
Nausea                 9 (21.4)        0 (0)

"""


@pytest.mark.parametrize(
    ("any_", "severe", "rule"),
    [
        ("40 (95.2)", "24 (57.1)", "adverse.grades"),
        ("20 (47.6)", "5 (11.9)", "adverse.any"),
    ],
)
def test_adverse_events(any_: str, severe: str, rule: str) -> None:
    found = audit(paper(tables=EVENTS.format(any=any_, severe=severe)))
    assert rule in {f.id for f in found}
    assert {f.certainty for f in found} == {Certainty.INCONSISTENT}


def test_right_adverse_events_are_quiet() -> None:
    assert audit(paper(tables=EVENTS.format(any="40 (95.2)", severe="5 (11.9)"))) == []


BASE = """Table 1. Characteristics (n = 42)

Sex (%)
  Male                 30 (71.4)
  Female               12 (28.6)
Sarcomatoid feature (%)
  Positive             6 (14.3)
  Negative             36 (85.7)

Table 2. Cox regression of overall survival

                                     HR       95% CI         P
Sex (male versus female)             1.32     0.61-2.86      0.48
Sarcomatoid feature (yes vs no)      1.80     {ci}      {p}

"""


def test_hazard_ratio_too_sure_for_its_groups() -> None:
    found = audit(paper(tables=BASE.format(ci="0.90-3.60", p="0.09")))
    assert ("cox.bound", Certainty.IMPOSSIBLE_IF) in {(f.id, f.certainty) for f in found}
    headline = next(f.headline for f in found if f.id == "cox.bound")
    assert "6 and 36" in headline and "Wald" in headline


def test_hazard_ratio_that_can_be() -> None:
    assert audit(paper(tables=BASE.format(ci="0.70-4.63", p="0.22"))) == []


def test_log_rank_in_the_methods_silences_the_wald_bound() -> None:
    text = paper(
        "Groups were compared with the log-rank test.",
        tables=BASE.format(ci="0.70-4.63", p="0.09"),
    )
    assert [f.id for f in audit(text) if f.id == "cox.bound"] == []
    assert "cox.bound" in {f.id for f in audit(text, unusual=True)}


def test_survival_that_rises() -> None:
    only(
        paper("The 1-, 2- and 3-year OS rates were 80.1%, 60.3% and 65.0%, respectively."),
        "times.landmark",
        Certainty.INCONSISTENT,
    )


@pytest.mark.parametrize(
    ("sentence", "rises"),
    [
        ("OS was 61% at 1 year and 65% at 2 years.", True),
        ("In group A, OS rates were 61% at 1 year, 50% at 2 years and 52% at 3 years.", True),
        ("At 1 year, OS was 61%; at 2 years, it was 65%.", True),
        ("One-year OS was 60% and two-year OS was 70%.", True),
        ("OS was 61% at 1 year in A and 65% at 2 years in B.", False),
        ("OS rates at 1, 2 and 3 years were 80%, 60% and 40% in A and 90%, 91% and 70% in B.",
         False),
        ("The 1-year OS in men and the 2-year OS in women were 60% and 70%.", False),
        ("At 1 year OS was 61% and PFS at 2 years was 65%.", False),
        ("OS was 65% at 1 year and 61% at 2 years.", False),
    ],
)  # fmt: skip
def test_survival_that_rises_within_one_list(sentence: str, rises: bool) -> None:
    found = audit(paper(sentence))
    assert [f.id for f in found] == ["times.landmark"] * rises


def test_survival_at_a_time_against_the_median_in_another_sentence_is_worth_a_look() -> None:
    text = paper("The median OS was 30.2 months. The 2-year OS rate was 41.0%.")
    assert audit(text) == []
    found = [f for f in audit(text, unusual=True) if f.id == "times.landmark-median"]
    assert [f.certainty for f in found] == [Certainty.UNUSUAL]


def test_survival_that_fits_its_median() -> None:
    assert audit(paper("The median OS was 30.2 months. The 2-year OS rate was 61.0%.")) == []


def test_a_row_of_the_table_said_with_another_count() -> None:
    text = paper(
        "Fatigue, rash and nausea occurred in 23 (54.8%), 18 (42.9%) and 9 (21.4%), respectively.",
        tables=EVENTS.format(any="40 (95.2)", severe="5 (11.9)"),
    )
    only(text, "twice.count", Certainty.INCONSISTENT)


def test_median_in_a_table_against_the_abstract() -> None:
    text = paper(
        abstract="The median PFS was 10.6 months.",
        tables="""Table 2. Outcomes of the 42 patients

Median PFS, months (95% CI)        10.3 (8.1-12.0)
Median OS, months (95% CI)         30.2 (22.1-41.0)

""",
    )
    only(text, "twice.median", Certainty.INCONSISTENT)


FACTOR = """Table 1. Characteristics (n = 42)

Risk group (%)
  Favorable            11 (26.2)
  Intermediate         23 (54.8)
  Poor                 8 (19.0)

Table 2. Multivariable Cox regression of overall survival

                     HR       95% CI         P
Risk group
  Favorable          1        reference
  Intermediate       {first}
  Poor               2.10     0.80-5.51      0.13

"""


def test_interval_too_narrow_for_one_level_of_a_factor() -> None:
    found = audit(paper(tables=FACTOR.format(first="1.30     1.05-1.61      0.02")))
    assert {(f.id, f.certainty) for f in found} == {
        ("cox.interval", Certainty.IMPOSSIBLE_IF),
        ("cox.bound", Certainty.IMPOSSIBLE_IF),
    }
    assert "23 and 19 or 11 and 31" in found[0].headline


def test_interval_wide_enough_for_a_level() -> None:
    assert audit(paper(tables=FACTOR.format(first="1.30     0.55-3.07      0.55"))) == []


STAGES = """Table 1. Characteristics of the 42 patients

                       n (%)
Sex
  Male                 30 (71.4)
  Female               12 (28.6)
Stage
{rows}

"""


def stages(*rows: str) -> str:
    return paper(tables=STAGES.format(rows="\n".join(f"  {r}" for r in rows)))


def test_stages_of_more_patients_than_there_are() -> None:
    only(
        stages("I                    14 (33.3)", "II                   18 (42.9)",
               "III                  14 (33.3)"),
        "counts.sum",
        Certainty.INCONSISTENT,
    )  # fmt: skip


@pytest.mark.parametrize(
    "rows",
    [
        ("III                  28 (66.7)", "IIIA                 16 (38.1)",
         "IIIB                 12 (28.6)", "IV                   14 (33.3)"),
        ("0-1                  30 (71.4)", "0                    10 (23.8)",
         "1                    20 (47.6)", "2                    12 (28.6)"),
    ],
)  # fmt: skip
def test_levels_within_levels_are_not_added_up(rows: tuple[str, ...]) -> None:
    assert audit(stages(*rows)) == []


MISSING = """Table 1. Characteristics (n = 42)

Sex (%)
  Male                 30 (71.4)
  Female               12 (28.6)
Stage (%)
  I                    14 (33.3)
  II                   28 (66.7)
Histology (%)
  Clear cell           38 (90.5)
  Other                4 (9.5)
LDH (%)
  Normal               {normal}
  Elevated             10 (25.0)

"""


@pytest.mark.parametrize(
    ("normal", "rule"), [("30 (60.0)", "counts.percentage"), ("36 (75.0)", "counts.sum")]
)
def test_levels_with_missing_values_share_a_smaller_denominator(normal: str, rule: str) -> None:
    assert audit(paper(tables=MISSING.format(normal="30 (75.0)"))) == []
    found = audit(paper(tables=MISSING.format(normal=normal)))
    assert rule in {f.id for f in found}
    assert {f.certainty for f in found} == {Certainty.INCONSISTENT}


def test_one_row_of_a_uniform_column_of_events() -> None:
    names = ["Fatigue", "Rash", "Nausea", "Anemia", "Cough", "Edema", "Fever", "Pain", "Itching"]
    rows = "\n".join(f"{name:<22} {k} ({100 * k / 42:.1f})" for k, name in enumerate(names, 5))
    table = f"""Table 3. Adverse events, n (%)

                       All grades
Any event              40 (95.2)
{rows}
Vomiting               {{odd}}

"""
    assert audit(paper(tables=table.format(odd="9 (21.4)"))) == []
    assert audit(paper(tables=table.format(odd="9 (23.7)"))) == []
    found = audit(paper(tables=table.format(odd="5 (35.7)")))
    assert [f.certainty for f in found] == [Certainty.IMPOSSIBLE_IF]
    assert "all of 42 patients" in found[0].headline and found[0].assumptions
