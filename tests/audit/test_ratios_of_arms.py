"""Hazard ratios in tables of every layout, bound to sizes and events."""

from __future__ import annotations

import random

import numpy as np
import pytest
from test_false_alarms import Cells, jats

from oncohort.audit import Certainty, Finding, audit, audit_report
from oncohort.audit.extract.paper import extract
from oncohort.audit.extract.ratio_cells import ratio_cell
from oncohort.audit.readers import read_bytes
from oncohort.published.model import Ratio
from oncohort.stats import cox

pytestmark = pytest.mark.usefixtures("rules_alone")

ARMS = (("", "Drug A (n = 361)", "Drug B (n = 362)"),)
EFFICACY = (
    ("Progression-free survival", "", ""),
    ("Events, n (%)", "250 (69)", "281 (78)"),
    ("Median, months (95% CI)", "6.7 (6.1-8.2)", "4.7 (4.4-5.5)"),
    ("HR (95% CI)", "0.66 (0.54-0.81)", ""),
    ("Log-rank P value", "<0.001", ""),
    ("Overall survival", "", ""),
    ("Deaths", "140", "148"),
    ("Hazard ratio (95% CI)", "0.97 (0.76-1.23)", ""),
    ("P", "0.80", ""),
)


def ratios(rows: tuple[Cells, ...], head: tuple[Cells, ...], **more: str) -> tuple[Ratio, ...]:
    return extract(read_bytes(jats(rows, head, **more).encode()))[0].ratios


def test_ratios_as_rows_are_of_the_two_arms() -> None:
    first, second = ratios(EFFICACY, ARMS)
    assert (first.endpoint, first.estimate, first.low, first.high) == (
        "PFS",
        "0.66",
        "0.54",
        "0.81",
    )
    assert (first.p, first.test) == ("<0.001", "log-rank")
    assert (first.level, first.reference) == ("Drug A", "Drug B")
    assert first.sizes == ("361", "362")
    assert first.events == ("250", "281")
    assert (second.endpoint, second.p, second.events) == ("OS", "0.80", ("140", "148"))


def test_an_interval_in_a_row_of_its_own() -> None:
    rows = (("Median OS, months", "20.1", "19.2"), ("Hazard ratio", "0.97", ""),
            ("95% CI", "0.76 to 1.23", ""), ("P value", "0.80", ""))  # fmt: skip
    (found,) = ratios(rows, ARMS)
    assert (found.low, found.high, found.p, found.endpoint) == ("0.76", "1.23", "0.80", "OS")


def test_three_columns_with_sizes_bind_nothing() -> None:
    head = (("", "A (n = 30)", "B (n = 32)", "C (n = 31)"),)
    (found,) = ratios((("HR (95% CI)", "0.97 (0.76-1.23)", "", ""), ("P", "0.8", "", "")), head)
    assert found.sizes == ()


@pytest.mark.parametrize(
    ("text", "low"),
    [("0.90 (0.71-1.13)", "0.71"), ("0.90 (0.71–1.13)*", "0.71"), ("0.90 [0.71, 1.13]", "0.71"),
     ("0.90 (95% CI: 0.71 to 1.13)", "0.71"), ("HR 0.90 (0.71‐1.13)", "0.71"),
     ("0·90 (0·71–1·13)", "0.71"), (".90 (.71-1.13); p=.36", ".71"), ("0.90, 95% CI 0.71-1.13",
      "0.71"), ("0.90 (0.71-1.13), P < 0.001", "0.71")],
)  # fmt: skip
def test_spellings_of_one_cell(text: str, low: str) -> None:
    read = ratio_cell(text)
    assert read is not None
    assert read.low == low


def test_bounds_in_columns_of_their_own() -> None:
    head = (("Variable", "HR", "Lower CI", "Upper CI", "p value"),)
    (one,) = ratios((("Age (per year)", "1.02", "1.01", "1.03", "0.01"),), head)
    assert (one.estimate, one.low, one.high, one.p) == ("1.02", "1.01", "1.03", "0.01")
    head = (("Variable", "HR", "95% CI", "95% CI", "95% CI"),)
    (one,) = ratios((("Age (per year)", "1.02", "1.01", "to", "1.03"),), head)
    assert (one.low, one.high) == ("1.01", "1.03")


def test_bounds_below_a_heading_on_two_lines() -> None:
    head = (("", "Hazard ratio", "95% confidence", "95% confidence", "p"),
            ("", "Hazard ratio", "interval", "interval", "p"))  # fmt: skip
    rows = (("Sex", "1.10", "0.80", "1.51", "0.55"), ("Age", "1.30", "1.01", "1.67", "0.04"))
    (first, second) = ratios(rows, head)
    assert (first.estimate, first.low, first.high, first.p) == ("1.10", "0.80", "1.51", "0.55")
    assert (second.low, second.high) == ("1.01", "1.67")


def test_adjusted_p_values_do_not_drop_a_table_of_ratios() -> None:
    head = (("Variable", "Hazard ratio (95% CI)", "p"),)
    rows = (("Sex", "1.10 (0.80-1.51)", "0.55"), ("Age", "1.30 (1.01-1.67)", "0.04"))
    note = "The p-values were adjusted for a shared frailty."
    assert len(ratios(rows, head, notes=note)) == 2
    assert len(ratios(rows, head, notes="The values were adjusted for age.")) == 0


FOREST = (("Subgroup", "Drug A, events/n", "Drug B, events/n", "HR (95% CI)"),)


def test_events_and_patients_of_a_subgroup_row() -> None:
    rows = (("Male", "40/100", "55/101", "0.66 (0.44-0.99)"),
            ("Female", "30/80", "33/79", "0.85 (0.52-1.39)"))  # fmt: skip
    found = ratios(rows, FOREST)
    assert [(r.sizes, r.events) for r in found] == [
        (("100", "101"), ("40", "55")), (("80", "79"), ("30", "33")),
    ]  # fmt: skip
    assert audit(jats(rows, FOREST)) == []


def narrow(paper: str) -> list[Finding]:
    return [f for f in audit(paper, unusual=True) if f.id == "cox.events"]


def test_an_interval_too_narrow_for_its_events() -> None:
    rows = (("Male", "40/100", "55/101", "0.66 (0.54-0.81)"),
            ("Female", "30/80", "33/79", "0.85 (0.52-1.39)"),
            ("Smoker", "20/60", "23/59", "0.85 (0.46-1.55)"))  # fmt: skip
    (found,) = narrow(jats(rows, FOREST))
    assert found.certainty is Certainty.IMPOSSIBLE_IF
    assert "40 and 55" in found.headline
    for doubtful in (jats(rows, FOREST, methods="Inverse probability weights were used."),
                     jats(rows[:2], FOREST)):  # fmt: skip
        (found,) = narrow(doubtful)
        assert found.certainty is Certainty.UNUSUAL


def test_deaths_of_two_groups_in_a_cell_are_no_deaths_of_patients() -> None:
    head = (("Cancer", "Cases in exposed/unexposed", "Deaths in exposed/unexposed", "HR (95% CI)"),)
    rows = (("Lung", "46/487", "29/354", "0.85 (0.57-1.25)"),
            ("Stomach", "10/101", "8/65", "1.42 (0.65-3.09)"))  # fmt: skip
    assert [r.events for r in ratios(rows, head)] == [(), ()]
    assert [f.id for f in audit(jats(rows, head), unusual=True) if f.id.startswith("cox")] == []
    named = (("Cancer", "Drug, deaths/no. of patients", "Control (deaths/N)", "HR (95% CI)"),)
    assert [r.events for r in ratios(rows, named)] == [("46", "29"), ("10", "8")]


@pytest.mark.parametrize("seed", range(12))
def test_fitted_ratios_are_quiet(seed: int) -> None:
    """What a Cox model of simulated arms gives is never called too narrow."""
    rng = np.random.default_rng(seed)
    n = random.Random(seed).choice([20, 40, 90])
    arm = (np.arange(n) % 2).astype(float)
    death = rng.exponential(12 / np.exp(0.5 * arm))
    leaving = rng.uniform(4, 30, n)
    time, event = np.ceil(np.minimum(death, leaving)), death <= leaving
    fit = cox(time, event, arm[:, None])
    low, high = np.exp(fit.coef[0] + np.array([-1.959964, 1.959964]) * fit.se[0])
    cell = f"{np.exp(fit.coef[0]):.2f} ({low:.2f}-{high:.2f})"
    sides = [f"{int(event[arm == k].sum())}/{int((arm == k).sum())}" for k in (1, 0)]
    report = audit_report(jats((("All", *sides, cell), ("Men", *sides, cell)), FOREST))
    assert [f for f in report.shown(False) if f.id.startswith("cox")] == []


def test_a_row_copied_to_another_endpoint_is_worth_a_look() -> None:
    head = (("", "PFS", "PFS", "OS", "OS"), ("", "HR (95% CI)", "p", "HR (95% CI)", "p"))
    rows = (("Age", "1.31 (0.92-1.87)", "0.136", "1.31 (0.92-1.87)", "0.136"),
            ("Sex", "1.11 (0.82-1.50)", "0.496", "0.91 (0.62-1.34)", "0.631"))  # fmt: skip
    found = [f for f in audit(jats(rows, head), unusual=True) if f.id == "copies.rows"]
    assert len(found) == 1
    assert "PFS and for OS" in found[0].headline
    assert audit(jats(rows, head)) == []


def test_a_column_copied_to_another_arm_is_worth_a_look() -> None:
    counts = (30, 12, 9, 20, 15, 25)
    names = ("Male", "Smoker", "Diabetes", "Hypertension", "Statin", "Stroke")
    head = (("", "Drug (n = 48)", "Placebo (n = 52)"),)

    def cell(k: int, n: int) -> str:
        return f"{k} ({100 * k / n:.1f})"

    copied = tuple((a, cell(k, 48), cell(k, 52)) for a, k in zip(names, counts, strict=True))
    found = [f for f in audit(jats(copied, head), unusual=True) if f.id == "copies.columns"]
    assert len(found) == 1
    assert "same 6 counts" in found[0].headline
    assert audit(jats(copied, head)) == []
    other = (*copied[:-1], ("Stroke", cell(25, 48), cell(24, 52)))
    assert not [f for f in audit(jats(other, head), unusual=True) if f.id == "copies.columns"]


def levels(rows: tuple[Cells, ...], head: tuple[Cells, ...], **more: str) -> list[tuple[str, str]]:
    published = extract(read_bytes(jats(rows, head, **more).encode()))[0]
    return [(x.count, x.percent) for v in published.variables for x in v.levels]


def test_counts_in_other_spellings() -> None:
    head = (("", "All (n = 40), n (%)"),)
    rows = (("Male", "26 (65,0)"), ("Female", "14 (35,0)"), ("Rare", "1 (<3)"), ("Rarer", "0 (0)"))
    assert levels(rows, head) == [("26", "65.0"), ("14", "35.0"), ("1", ""), ("0", "0")]
    turned = (("Sex", ""), ("Male", "65.0 (26)"), ("Female", "35.0 (14)"), ("ECOG", ""),
              ("0", "55.0% (22)"), ("1", "45.0% (18)"))  # fmt: skip
    assert levels(turned, (("", "All (n = 40), % (n)"),)) == [
        ("26", "65.0"), ("14", "35.0"), ("22", "55.0"), ("18", "45.0"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "note",
    ["Ages were imputed for two patients.", "Follow-up was 310 person-years.",
     "Events are those of the Standardized MedDRA Queries.", "Cut-off from the literature."],
)  # fmt: skip
def test_a_word_of_a_footnote_does_not_drop_the_table(note: str) -> None:
    head = (("", "All (n = 40), n (%)"),)
    rows = (("Male", "26 (65.0)"), ("Female", "14 (35.0)"))
    assert len(levels(rows, head, notes=note)) == 2
    assert levels(rows, head, notes="Percentages were weighted to the census.") == []


LEVELS = (
    ("Stage", "", "", ""),
    ("I", "40", "20", "1"),
    ("II", "30", "18", "1.40 (0.70-2.80)"),
    ("III", "30", "25", "2.10 (1.10-4.00)"),
)


def test_a_level_has_the_counts_of_its_row_and_of_the_reference() -> None:
    head = (("", "No. of patients", "Deaths", "HR (95% CI)"),)
    second, third = ratios(LEVELS, head)
    assert (second.level, second.reference) == ("II", "I")
    assert (second.sizes, second.events) == (("30", "40"), ("18", "20"))
    assert (third.sizes, third.events) == (("30", "40"), ("25", "20"))


def test_events_of_a_table_with_two_endpoints_are_of_neither() -> None:
    head = (("", "No. of patients", "Deaths", "PFS HR (95% CI)", "OS HR (95% CI)"),)
    rows = tuple((*r, r[-1]) for r in LEVELS)
    assert {r.events for r in ratios(rows, head)} == {()}
    assert {r.sizes for r in ratios(rows, head)} == {("30", "40")}


@pytest.mark.parametrize("head", ["Person-years", "Lesions", "No. of events", "Mean", "Days"])
def test_what_is_not_counted_in_patients_is_no_size(head: str) -> None:
    rows = (("Stage", "", ""), ("I", "40", "1"), ("II", "30", "1.40 (0.70-2.80)"))
    (found,) = ratios(rows, (("", head, "HR (95% CI)"),))
    assert found.sizes == ()


def test_groups_as_columns_against_the_reference() -> None:
    head = (("Mortality", "Never", "Sometimes", "Often", "P for trend"),)
    rows = (
        ("Frequency", "n = 218", "n = 203", "n = 295", ""),
        ("Crude model", "1 (Reference)", "0.68 (0.52 to 0.88)", "0.60 (0.45 to 0.79)", "0.005"),
        ("Adjusted", "1 (Reference)", "0.70 (0.54 to 0.91)", "0.61 (0.46 to 0.81)", "0.006"),
    )
    caption = "Table 2. Hazard ratios of mortality"
    one, two, *_ = ratios(rows, head, caption=caption)
    assert (one.level, one.reference, one.sizes) == ("Sometimes", "Never", ("203", "218"))
    assert (two.level, two.sizes) == ("Often", ("295", "218"))


def test_arms_beside_a_ratio_count_below_their_headings() -> None:
    head = (
        ("Level", "Placebo", "Placebo", "Drug", "Drug", "HR (95% CI)"),
        ("Level", "Patients, n", "Median, months", "Patients, n", "Median, months", "HR (95% CI)"),
    )
    rows = (("Low", "62", "4.2", "79", "12.9", "0.37 (0.25-0.55)"),
            ("High", "81", "5.7", "59", "10.0", "0.65 (0.45-0.94)"))  # fmt: skip
    low, high = ratios(rows, head)
    assert (low.sizes, high.sizes) == (("62", "79"), ("81", "59"))
    assert (low.level, low.reference) == ("Placebo", "Drug")


def test_groups_without_a_heading_are_compared_with_the_one_reference() -> None:
    head = (("Group", "n/Total n (%)", "HR", "P"),)
    rows = (
        ("Low dose", "17/65 (26.1)", "0.72", "0.01"),
        ("High dose", "21/65 (32.3)", "0.80", "0.08"),
        ("Placebo", "24/66 (36.4)", "1 (Ref)", ""),
    )
    low, high = ratios(rows, head)
    assert (low.reference, low.sizes, low.events) == ("Placebo", ("65", "66"), ("17", "24"))
    assert (high.reference, high.events) == ("Placebo", ("21", "24"))


@pytest.mark.parametrize(
    ("head", "caption", "level"),
    [("HR (90% CI)", "Models", "90"), ("HR (95% CI)", "Models", "95"), ("HR (CI)", "Models", "95"),
     ("HR (CI)", "Hazard ratios with 99% confidence intervals", "99")],
)  # fmt: skip
def test_the_level_of_intervals_is_read_from_headings_and_captions(
    head: str, caption: str, level: str
) -> None:
    rows = (("Sex", "1.10 (0.80-1.51)"), ("Age", "1.30 (1.01-1.67)"))
    found = ratios(rows, (("Variable", head),), caption=caption)
    assert [r.confidence for r in found] == [level, level]


def test_a_row_per_unit_is_not_of_the_arms() -> None:
    head = (("", "Drug A (n = 48)", "Drug B (n = 52)"),)
    (arms,) = ratios((("HR (95% CI)", "0.97 (0.76-1.23)", ""),), head)
    (unit,) = ratios((("HR per 10 years (95% CI)", "0.97 (0.94-1.00)", ""),), head)
    assert (arms.sizes, unit.sizes) == (("48", "52"), ())
