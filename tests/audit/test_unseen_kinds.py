"""Kinds that papers seen for the first time brought: right, so that nothing may be told aloud."""

from __future__ import annotations

import pytest
from test_false_alarms import MORE, jats, loud

pytestmark = pytest.mark.usefixtures("rules_alone")

ARMS = (
    ("Characteristic", "Drug (n = 26), n (%)", "Other (n = 24), n (%)", "Placebo (n = 25), n (%)"),
)
OF_ARMS = (
    ("Stroke characteristics", "", "", ""),
    ("Women", "11 (42)", "9 (38)", "12 (48)"),
    ("Diabetes", "4 (15)", "6 (25)", "5 (20)"),
    ("Smoker", "7 (27)", "8 (33)", "6 (24)"),
    ("Left side", "13 (50)", "10 (42)", "11 (44)"),
    ("Atrial fibrillation", "5 (19)", "3 (13)", "7 (28)"),
)


@pytest.mark.parametrize("label", ["Severity score (m, SD)", "Severity score, SEM", "Severity"])
def test_a_row_of_means_among_counts(label: str) -> None:
    means = (label, "18 (14)", "12 (10)", "14 (11)")
    assert loud(jats((*OF_ARMS, means), head=ARMS)) == []


def test_a_count_of_one_arm_is_still_found_beside_them() -> None:
    wrong = ("Treated before", "9 (21)", "6 (25)", "5 (20)")
    told = loud(jats((*OF_ARMS, wrong), head=ARMS))
    assert [f.figures for f in told] == [("9", "21")]


def test_each_part_of_a_table_has_its_own_row_of_sizes() -> None:
    rows = (
        ("Site: bone", "n", "113", "115"),
        ("", "Median TTP", "12.1 months", "6.4 months"),
        ("Receptor positive", "n", "294", "305"),
        ("", "Median TTP", "9.4 months", "6.0 months"),
        ("", "Hazard ratio (95% CI)", "0.69 (0.58, 0.83)", ""),
    )
    head = (("Subgroup", "", "Drug", "Other drug"),)
    assert loud(jats(rows, head=head, caption="Time to progression")) == []


def test_one_row_of_sizes_is_of_the_whole_table() -> None:
    rows = (
        ("n", "30", "32"),
        ("Hazard ratio (95% CI)", "0.69 (0.58, 0.83)", ""),
    )
    head = (("", "Drug", "Other drug"),)
    told = loud(jats(rows, head=head, caption="Overall survival"))
    assert [f.id for f in told] == ["cox.interval"]


def test_the_rate_of_a_part_of_the_patients_is_not_the_cohort_s() -> None:
    said = (
        "Nine patients of all 34 patients responded. The objective response rate was 26.5% "
        "(95% CI, 11.7-41.3%).",
        "Later, 19 patients had another treatment. Overall response rate was 31.6% (6 out of 19).",
    )
    text = jats(MORE, said=said).replace(
        "</body>",
        "<sec><title>Discussion</title><p>In the present study, the overall response rate was "
        "26.5%.</p></sec></body>",
    )
    assert loud(text) == []


@pytest.mark.parametrize("heading", ["Per cycle (n = 97)", "No. of cycles", "Patients"])
def test_more_events_of_a_grade_than_patients_may_be_of_cycles(heading: str) -> None:
    rows = (
        ("Nausea", "59 (65)", "184 (38)"),
        ("Diarrhoea", "32 (35)", "94 (19)"),
        ("Asthenia", "27 (30)", "109 (22)"),
        ("Rash", "31 (34)", "99 (20)"),
        ("Fever", "20 (22)", "10 (2)"),
    )
    head = (
        ("Adverse event", "Patients (n = 91)", heading),
        ("", "Grade 1-2, n (%)", "Grade 1-2, n (%)"),
    )
    assert loud(jats(rows, head=head, caption="Adverse events in 91 patients")) == []


def test_a_column_whose_size_is_not_said_may_have_missing_values() -> None:
    rows = (
        ("Thin", "42 (50.6)"),
        ("Type", ""), ("First", "60 (73.2)"), ("Second", "15 (18.3)"), ("Other", "7 (8.5)"),
        ("Site", ""), ("Limbs", "59 (72.0)"), ("Hands", "3 (3.7)"), ("Trunk", "20 (24.4)"),
        ("Class", ""), ("Low", "26 (31.7)"), ("Middle", "50 (61.0)"), ("High", "6 (7.3)"),
    )  # fmt: skip
    head = (("", "Users, n (%)"),)
    assert loud(jats(rows, head=head)) == []
    far = tuple((a, b.replace("42 (50.6)", "42 (21.2)")) for a, b in rows)
    assert [f.figures for f in loud(jats(far, head=head))] == [("42", "21.2")]


@pytest.mark.parametrize(
    "said",
    [
        "Twenty-five patients are alive at a median follow-up of 24 months (range 2-62 months).",
        "Median follow-up of these patients was 24 months (range 0-62 months).",
        "The median follow-up of surviving patients was 24 months.",
    ],
)
def test_the_follow_up_of_some_is_not_that_of_all(said: str) -> None:
    text = jats(MORE, said=(said,)).replace(
        "<title>Methods</title><p>",
        "<title>Abstract</title><p>In this study, median follow-up was 12 months.",
    )
    assert loud(text) == []


def test_those_who_were_not_evaluable_may_be_told_besides() -> None:
    head = (("Best response", "Patients (N = 84), n (%)"),)
    rows = [("CR", "5 (6.0)"), ("PR", "27 (32.1)"), ("SD", "28 (33.3)"), ("PD", "24 (28.6)")]
    assert loud(jats((*rows, ("NE", "8")), head=head, caption="Response")) == []
    more = [*rows[:3], ("PD", "34 (40.5)"), ("NE", "8 (9.5)")]
    assert [f.id for f in loud(jats(more, head=head, caption="Response"))][-1:] != []


@pytest.mark.parametrize("last", ["0.033", "0.038"])
def test_one_p_at_the_last_level_is_of_the_factor(last: str) -> None:
    rows = (
        ("Response", "", ""), ("Free of disease", "1.00", ""),
        ("Disease present", "1.53 (1.12-2.10)", "0.01"),
        ("", "", ""),
        ("Grade", "", ""), ("1", "1.00", ""), ("2", "0.83 (0.45-1.54)", ""),
        ("3", "1.33 (0.73-2.41)", ""), ("Not stated", "0.92 (0.46-1.84)", last),
    )  # fmt: skip
    head = (("Factor", "HR (95% CI)", "P"),)
    caption = "Multivariate Cox analysis of overall survival (n = 298)"
    assert loud(jats(rows, head=head, caption=caption)) == []
    own = tuple(r if r[0] != "3" else ("3", "1.33 (0.73-2.41)", "0.36") for r in rows)
    assert {f.id for f in loud(jats(own, head=head, caption=caption))} == {"cox.all"}


@pytest.mark.parametrize("name", ["genotype", "serotype", "cluster", "exon", "HPV", "question"])
def test_a_number_that_names_is_no_count(name: str) -> None:
    said = (
        f"Of the 53 patients most had {name} 3 (36.2%), then {name} 6 (30.0%) and {name} 1 (28.5%)."
    )
    assert loud(jats(said=(said,))) == []


def test_limits_of_an_interval_beside_a_fraction() -> None:
    said = (
        "The predictive values are 100% and the 95% CI lower bounds are 79% (16/16) and 54% (6/6)."
    )
    assert loud(jats(said=(said,))) == []


def test_percentages_that_were_rounded_to_halves_make_a_hundred() -> None:
    rows = (("Alcohol", ""), ("Never", "38 (15.5)"), ("Yes", "201 (84)"), ("Missing", "1 (0.5)"),
            ("Sex", ""), ("Male", "168 (70)"), ("Female", "72 (30)"),
            ("Smoking", ""), ("No", "48 (20)"), ("Yes", "192 (80)"))  # fmt: skip
    head = (("", "Cases (n = 240), n (%)"),)
    assert loud(jats(rows, head=head)) == []
    wrong = tuple(("Never", "38 (25.5)") if r[0] == "Never" else r for r in rows)
    assert len(loud(jats(wrong, head=head))) == 1


SEXES = (("Age, median", "60"), ("Male", "40"), ("Female", "22"), ("Stage IV", "30"))


def _with(**labels: str) -> tuple[tuple[str, str], ...]:
    return tuple((labels.get(a, a), b) for a, b in SEXES)


@pytest.mark.parametrize(
    ("rows", "heading", "told"),
    [
        (SEXES, "All patients (n = 61)", 1),
        (SEXES, "All patients (n = 62)", 0),
        (SEXES, "All patients (n = 63)", 0),
        (SEXES, "All patients (n = 41)", 0),  # Who says that the counts are of these?
        ((("Age", "60"), ("Male", "85"), ("Female", "15")), "All (n = 90)", 0),  # percentages
        (_with(Male="Sex: men, n", Female="Sex: women, n"), "All (n = 61)", 1),
        (_with(Male="Male smokers", Female="Female smokers"), "All (n = 61)", 0),
        (_with(Male="Male", Female="Male smokers"), "All (n = 61)", 0),
        (SEXES, "Samples (n = 61)", 0),
        (SEXES, "Mean (n = 61)", 0),
        (SEXES, "Adverse events (n = 61)", 0),
        ((("Sex", ""), *SEXES[1:3], ("Stage", "")), "All (n = 61)", 1),
        ((("Deaths", ""), *SEXES[1:3], ("Stage", "")), "All (n = 63)", 0),
        (
            (("Male", "40 (65.6)"), ("Female", "22 (36.1)"), ("Smoker", "10 (16.4)"),
             ("ECOG 1", "15 (24.6)"), ("Stage IV", "30 (49.2)")),
            "All patients (n = 61), n (%)", 1,
        ),
    ],
)  # fmt: skip
def test_men_and_women_are_no_more_than_all(
    rows: tuple[tuple[str, str], ...], heading: str, told: int
) -> None:
    found = loud(jats(rows, head=(("", heading),)))
    assert [f.id for f in found] == ["counts.sum"] * told


@pytest.mark.parametrize(
    ("pair", "told"),
    [
        ("12 (15.5)", 1),  # 25.5: one digit
        ("12 (52.5)", 1),  # two digits exchanged
        ("21 (25.5)", 1),  # the count's
        ("12 (17.6)", 0),  # of whom?
        ("12 (13.3)", 0),
    ],
)
def test_a_pair_that_no_slip_explains_needs_its_row(pair: str, told: int) -> None:
    rows = (("Cough", "10 (21.3)"), ("Fever", "14 (29.8)"), ("Diabetes", "9 (19.1)"),
            ("Smoker", "22 (46.8)"), ("Anaemia", "6 (12.8)"), ("Asthma", pair))  # fmt: skip
    assert len(loud(jats(rows, head=(("", "All patients (n = 47), n (%)"),)))) == told
    both = (*((a, b, b) for a, b in rows[:-1]), ("Asthma", "12 (25.5)", pair))
    head = (("", "Drug (n = 47), n (%)", "Placebo (n = 47), n (%)"),)
    assert len(loud(jats(both, head=head))) == 1


@pytest.mark.parametrize("no", ["No", "NO", "no"])
@pytest.mark.parametrize("yes", ["Yes", "Yes, any", "Unknown"])
def test_no_is_a_level_where_others_are_yes(no: str, yes: str) -> None:
    rows = (
        ("Liver metastases", "", ""), (no, "34", "1 (ref.)"), (yes, "14", "2.10 (1.08-4.08)"),
        ("Sex", "", ""), ("Male", "31", "1.19 (0.61-2.32)"), ("Female", "17", "1 (ref.)"),
    )  # fmt: skip
    head = (("", "N", "HR (95% CI)"),)
    assert loud(jats(rows, head=head, caption="Overall survival")) == []


def test_no_alone_is_the_number_of_patients() -> None:
    rows = (("No", "34"), ("Male", "31"), ("Female", "17"))
    told = loud(jats(rows, head=(("Characteristic", "All"),)))
    assert [f.id for f in told] == ["counts.sum"]
