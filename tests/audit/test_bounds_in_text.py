"""Values in sentences whose own interval, range or quartiles they lie outside of."""

from __future__ import annotations

import pytest

from oncohort.audit import Certainty, audit_report

pytestmark = pytest.mark.usefixtures("rules_alone")

LOUD = """\
The hazard ratio was 2.10 (95% CI 2.40-3.10).
Smoking was associated with failure (AdjOR 0.64, 95% CI 1.35, 1.86).
Failure was rarer after training (AOR = 1.48; 95% CI: 1.87, 2.51).
The aRR was 2.33 (95% CI 1.36 to 1.22).
Median response duration was 7.7 months (95% CI 56.0-9.5 months).
The response rate was 23% (95% CI 0.29-0.62).
Median survival was estimated at 14.3 months (95% CI: 9.2-9.6).
Sensitivity was 100% (95% CI 91-99.3).
Median duration of response was 11.4 months (range, 13-26 months).
Median age was 76 years (IQR 55-71).
Median stay was 41 days (interquartile range: 48 to 71 days).
The coefficient was significant [B = -0.11 (95% CI = -0.017; -0.004)].
Weight fell; the mean difference was -1.2 kg (95% CI, -5.1 to -2.4).
PFS was 9.1 months (95% CI 7.0-11.2) and 12.5 months (95% CI 13.1-15.0) in the two arms.
The mean tumour was 2.2 cm (95% CI, 2.5–3.8) after treatment.
Prevalence was 16% (95 % confidence interval [CI] 13 to 14%).
"""
SILENT = """\
Mean age was 20.7 ± 2.9 years (range 18–42 years).
Mean age was 65.2 years (SD = 4.9, range: 54–74).
The AUC was 0.933 (s.d., 0.017; 95% confidence interval, 0.900, 0.966).
The AUC was 0.913 (0.022; 95% confidence interval, 0.869, 0.957).
The odds ratio was 0.72 (CI 95%, 0.41–1.01).
A 1.29-fold increase was seen (95%, CI 1.00-1.69).
It differed (odds ratio 95%, confidence interval 1.10–1.40).
Survival was longer at 6 months (95% CI 7.4% to 23.2%).
Of 50 patients 12 responded, one of 12 (95% CI 0.2 to 38).
Reported adherence was 83.8% (n = 369; 95% CI 74–90.4%).
It differed (p = 0.016, 95% CI 21.2-41.1).
The proportions were 75% (95% CI 1.25; 2.45) higher.
The relative reduction was 46% (95% CI 0.33–0.87).
Mean reduction was 33.6% (95% CI −41.2 to −26.0).
The difference was 19% (95% CI 27 to 10).
The effect size was 0.29 (95% CI −0.80 to −0.22).
Median follow-up was 26 months (range: 18 months to 3 years).
A session lasted a median of 20 min (range 5 min to 1 hour).
Median follow-up was 50 months (range 839–1932 days).
Specificity was 59.4 % (95% CI 0.41-0.76).
Mean costs were 1.204 (95% CI 350-5600).
The mean was 1.00 (95% CI 077-1.29).
Mean birth weight was 2,850 g (range: 800–5,000), and 16% had a low one (P < 0,001).
Median dose intensity was 443.7 mg m−2 week−1 (range: 304–500).
Rates were 40.9% and 45.1% (difference in proportions 95% CI -14.7% to 23.1%).
PFS was 90.9% vs. 44.4% (95% CI 73.7%-100% vs. 11.9%-76.9%).
The score was 25 points out of 100 (range 0–50).
The mean length of stay was 3 days (IQR 4-8).
The hazard ratio was 0.92 (95% CI 0.70-1.20) and 0.71 (0.5-0.9).
Children were 15% (95% CI 24–64%) more likely to fall ill.
The total number of doses was 268 (range 1-8).
"""


def audited(sentence: str) -> list[str]:
    text = f"Results\n\n{sentence} Of the 42 patients, 3 (7.1%) died.\n"
    return [f.id for f in audit_report(text).shown()]


@pytest.mark.parametrize("sentence", LOUD.splitlines())
def test_a_value_outside_its_own_bounds_is_told_wherever_it_stands_alone(sentence: str) -> None:
    ratio = sentence in LOUD.splitlines()[:4]
    assert audited(sentence) == ["ratios.inside" if ratio else "bounds.inside"]


@pytest.mark.parametrize("sentence", SILENT.splitlines())
def test_what_may_not_be_the_value_of_the_bounds_is_not(sentence: str) -> None:
    assert audited(sentence) == []


def test_one_error_is_told_once() -> None:
    held = "HR was 0.80 (95% CI 0.70-0.90) in men, and HR was 1.30 (95% CI 1.10-1.60) in women. "
    text = (
        f"Results\n\n{held}HR was 2.10 (95% CI 2.40-3.10) in all. Of 42 patients 3 (7.1%) died.\n"
    )
    told = [f for f in audit_report(text).findings if "2.10" in f.headline]
    assert [f.id for f in told] == ["ratios.inside"]
    assert told[0].certainty is Certainty.INCONSISTENT


def test_a_median_that_its_own_rule_only_doubts_is_told_by_its_named_bounds() -> None:
    text = "Results\n\nMedian OS was 19.2 months (95% CI, 11.1-17.3) in 42 patients.\n"
    (told,) = audit_report(text, unusual=True).findings
    assert (told.id, told.figures) == ("bounds.inside", ("19.2", "11.1", "17.3"))
    assert told.rule.startswith("A value lies within its own")


CELLS = """Results

Table 2. Prevalence
Group        N       {heading}
Men          210     74.9 (69.4-79.7)
Women        190     50.9 (45.0-56.8)
Young        100     25.1 (20.3-30.6)
Old          300     41.2 (38.0-44.9)
Farmers      120     {cell}
"""


@pytest.mark.parametrize(
    ("heading", "cell", "told"),
    [
        ("% (95% CI)", "27.9 (45.0-51.0)", 1),
        ("% (95% CI)", "60.0 (45.0-57.7)", 1),
        ("Median (IQR)", "60.0 (45.0-57.7)", 1),
        ("% (95% CI)", "50.0 (45.0-57.7)", 0),
        ("Mean (IQR)", "60.0 (45.0-57.7)", 0),
        ("Something", "60.0 (45.0-57.7)", 0),
        ("% (95% CI)", "48 (1,022)", 0),
        ("Mean difference (95% CI)", "0.4 (1.2-3.1)", 0),
    ],
)
def test_cells_of_a_column_that_names_its_bounds(heading: str, cell: str, told: int) -> None:
    report = audit_report(CELLS.format(heading=heading, cell=cell))
    assert [f.id for f in report.shown()] == ["bounds.inside"] * told


def test_a_cell_is_only_unusual_where_its_column_is_short() -> None:
    text = CELLS.format(heading="% (95% CI)", cell="27.9 (45.0-51.0)")
    short = "\n".join(x for x in text.splitlines() if "Women" not in x)
    assert not audit_report(short).shown()
    (told,) = (f for f in audit_report(short, unusual=True).findings if f.id == "bounds.inside")
    assert "too few other cells" in told.readings[0]
