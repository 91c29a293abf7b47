"""Kinds of papers that are right, or may be, and of which nothing may be said aloud.

Every kind stands beside a sibling that is wrong for certain and has to be found.
"""

from __future__ import annotations

import html
from collections.abc import Sequence

import pytest

from oncohort.audit import Certainty, audit, audit_report
from oncohort.audit.checks import CHECKS
from oncohort.audit.checks import run as run_checks
from oncohort.audit.document import Row, Table
from oncohort.audit.extract.layout import parts_of
from oncohort.audit.finding import Finding
from oncohort.published.model import Level, Published, Rate, Response

pytestmark = pytest.mark.usefixtures("rules_alone")

Cells = Sequence[str]


def jats(
    rows: Sequence[Cells] = (),
    head: Sequence[Cells] = (("Characteristic", "All patients (n = 53), n (%)"),),
    said: Sequence[str] = (),
    methods: str = "",
    notes: str = "",
    caption: str = "Baseline characteristics",
) -> str:
    """A made-up paper with one table."""

    def row(cells: Cells, tag: str) -> str:
        return "<tr>" + "".join(f"<{tag}>{html.escape(c)}</{tag}>" for c in cells) + "</tr>"

    table = (
        f"<table-wrap><label>Table 1</label><caption><p>{html.escape(caption)}</p></caption><table>"
        f"<thead>{''.join(row(r, 'th') for r in head)}</thead>"
        f"<tbody>{''.join(row(r, 'td') for r in rows)}</tbody></table>"
        f"<table-wrap-foot><p>{html.escape(notes)}</p></table-wrap-foot></table-wrap>"
    )
    return (
        "<article>\n<front><article-meta><title-group><article-title>Made up</article-title>"
        f"</title-group></article-meta></front><body><sec><title>Methods</title><p>{methods}</p>"
        f"</sec><sec><title>Results</title>{''.join(f'<p>{html.escape(s)}</p>' for s in said)}"
        f"{table if rows else ''}</sec></body></article>"
    )


def loud(text: str) -> list[Finding]:
    return audit(text)


BASE = (
    ("Sex", ""), ("Male", "34 (64.2)"), ("Female", "19 (35.8)"),
    ("Stage", ""), ("III", "28 (52.8)"), ("IV", "25 (47.2)"),
)  # fmt: skip
MORE = (*BASE, ("Region", ""), ("North", "20 (37.7)"), ("South", "33 (62.3)"))


def block(name: str, *levels: tuple[str, str]) -> tuple[Cells, ...]:
    return (*MORE, (name, ""), *levels)


@pytest.mark.parametrize(
    "rows",
    [
        # Zeros padded to whole percentages, and to tenths.
        block("Smoker", ("Yes", "33 (62.00)"), ("No", "20 (38.00)")),
        block("Smoker", ("Yes", "33 (62.30)"), ("No", "20 (37.70)")),
        # Off by one, against the levels' sum, so that they make 100.
        block("Marker", ("low", "15 (28.9)"), ("middle", "22 (42.3)"), ("high", "8 (15.4)"),
              ("none", "7 (13.4)")),
        # Off by one against the printed denominator.
        block("Weight loss", ("below 10%", "32/52 (61.6)"), ("10% or more", "20/52 (38.4)")),
        # A level without a percentage is not in the denominator.
        block("Smoking before", ("First time", "25 (-)"), ("Yes", "20 (71.4)"), ("No", "8 (28.6)")),
        # Missing values: shares of everybody, and one empty level.
        block("Delay", ("none", "0 (0)"), ("1 week", "26 (49.1)"), ("2 weeks", "22 (41.5)"),
              ("3 weeks", "3 (5.7)")),
        # Other units than patients.
        block("Diarrhoea", ("Patients with diarrhoea", "9 (17.0)"),
              ("Days with diarrhoea", "31 (4.2)")),
        block("Transfer", ("No. of implanted embryos", "33 (39.8)"), ("Twins", "4 (7.5)")),
        block("Samples", ("No. (%) positive samples", "12 (5.2)"), ("Liver", "11 (20.8)")),
        # A part of a part.
        block("Relapse", ("Patients with relapse", "16 (30.2)"), ("Treated again", "8/16 (50.0)"),
              ("By surgery", "8 (15.1)"), ("By radiation", "0 (0)")),
        # Two counts with a slash are not a part and its whole.
        block("Habits", ("Smokers yes/no, n (% yes)", "33/20 (62)"),
              ("Married/single", "20/33 (38)"), ("Pets yes/no", "9/44 (17)")),
    ],
)  # fmt: skip
def test_quiet_tables(rows: Sequence[Cells]) -> None:
    assert loud(jats(rows)) == []


@pytest.mark.parametrize(
    ("rows", "figure"),
    [
        (block("Smoker", ("Yes", "33 (66.00)"), ("No", "20 (38.00)")), "33"),
        (block("Marker", ("low", "15 (32.9)"), ("middle", "22 (42.3)"), ("high", "8 (15.4)"),
               ("none", "7 (13.5)")), "15"),
        (block("Smoker", ("Yes", "34 (62.3)"), ("No", "20 (37.7)")), "34"),
        (block("Diarrhoea", ("Patients with diarrhoea", "9 (4.2)"), ("None", "44 (83.0)")), "9"),
    ],
)  # fmt: skip
def test_their_siblings_are_found(rows: Sequence[Cells], figure: str) -> None:
    found = loud(jats(rows))
    assert found
    assert any(figure in f.figures for f in found)


@pytest.mark.parametrize(
    "flat",
    [
        [("Liver involved", "12 (22.6)"), ("Smoker", "33 (62.3)")],
        [("Diabetes", "12 (22.6)"), ("Hypertension", "33 (62.3)"), ("COPD", "9 (17.0)")],
        [("Prior nephrectomy, n (%)", "40 (75.5)"), ("Bone metastases, n (%)", "20 (37.7)")],
    ],
)
@pytest.mark.parametrize("last", ["Sex", "Stage", "ECOG PS"])
def test_rows_after_a_variable_without_indents_are_not_its_levels(
    flat: list[Cells], last: str
) -> None:
    levels = {
        "Sex": [("Male", "34 (64.2)"), ("Female", "19 (35.8)")],
        "Stage": [("III", "28 (52.8)"), ("IV", "25 (47.2)")],
        "ECOG PS": [("0", "28 (52.8)"), ("1", "25 (47.2)")],
    }
    blocks = [(name, rows) for name, rows in levels.items() if name != last]
    rows = [r for name, own in [*blocks, (last, levels[last])] for r in [(name, ""), *own]]
    assert loud(jats([*rows, *flat])) == []


def test_a_wrong_level_before_flat_rows_is_still_found() -> None:
    rows = [*BASE[:3], ("Smoker", "33 (62.3)"), ("Liver, n (%)", "12 (26.5)"), *BASE[3:],
            ("Bone", "10 (18.9)"), ("Lung", "20 (37.7)")]  # fmt: skip
    assert any("12" in f.figures for f in loud(jats(rows)))


TWO = (("Characteristic", "Drug A (n = 163), n (%)", "Drug B (n = 86), n (%)"),)
ARMS = (
    ("Sex", "", ""), ("Male", "100 (61.3)", "50 (58.1)"), ("Female", "63 (38.7)", "36 (41.9)"),
    ("Region", "", ""), ("North", "60 (36.8)", "40 (46.5)"), ("South", "103 (63.2)", "46 (53.5)"),
    ("Smoker", "", ""), ("Yes", "90 (55.2)", "40 (46.5)"), ("No", "73 (44.8)", "46 (53.5)"),
)  # fmt: skip


def test_sizes_in_the_middle_of_a_table_hold_for_what_follows() -> None:
    rows = [*ARMS, ("", "Drug A (n = 71)", "Drug B (n = 41)"), ("Earlier therapy", "", ""),
            ("Chemotherapy", "27 (38.0)", "14 (34.1)"), ("Vaccine", "43 (60.6)", "26 (63.4)"),
            ("Radiation", "9 (12.7)", "3 (7.3)"), ("Laser", "3 (4.2)", "4 (9.8)"),
            ("Surgery", "20 (28.2)", "11 (26.8)")]  # fmt: skip
    assert loud(jats(rows, TWO)) == []
    wrong = [*rows[:-1], ("Surgery", "20 (38.2)", "11 (26.8)")]
    assert [f.figures for f in loud(jats(wrong, TWO))] != []


@pytest.mark.parametrize("label", ["No.", "N", "Number of patients", "Patients, n", "Total"])
def test_sizes_in_a_row_of_the_body(label: str) -> None:
    head = (("Characteristic", "Drug A, n (%)", "Drug B, n (%)"),)
    assert loud(jats([(label, "163", "86"), *ARMS], head)) == []
    wrong = [(label, "163", "86"), *ARMS[:-1], ("No", "73 (44.8)", "46 (63.4)")]
    found = loud(jats(wrong, head))
    assert len(found) == 1
    assert "86" in found[0].readings[0]


def test_the_innermost_size_is_the_column_s() -> None:
    head = (
        ("", "Study completers (n = 249)", "Study completers (n = 249)"),
        ("Characteristic", "Drug A (n = 163), n (%)", "Drug B (n = 86), n (%)"),
    )
    assert loud(jats(ARMS, head)) == []


def test_an_explanation_names_only_what_was_tried() -> None:
    found = loud(jats(block("Smoker", ("Yes", "33 (71.9)"), ("No", "20 (37.7)"))))
    assert len(found) == 1
    assert "7 of the 8 pairs of this column are shares of 53" in found[0].readings[0]
    assert found[0].readings[1].startswith("denominators tried: 53")


def test_one_error_is_told_once() -> None:
    rows = block("Smoker", ("Yes", "32 (62.3)"), ("No", "20 (37.7)"))
    assert [f.id for f in loud(jats(rows))] == ["counts.percentage"]


@pytest.mark.parametrize(
    "said",
    [
        "Of the 60 patients, 47 (78.00%) were men and 13 (22.00%) were women.",
        "During follow-up, 59 (69.5%) patients had a recurrence; each arm had 85 patients.",
        "The dose 7.5/40 (21.5%) and the dose 15/80 (27.9%) reached remission more often.",
        "The share of one genus was above 40% and that of another below 1% (11 of 12).",
        "Relapse rates at 12 months were 12.4% (6/51) with drug A and 3.4% (2/87) with drug B.",
        "Relapse rates were 12.4% (6/51) and 3.4% (2/87) (HR 0.19, 95% CI 0.04 to 0.92).",
        "The Kaplan-Meier estimate of fractures was 2.1% (24/1,080) and 3.9% (34/1,075).",
        "On average 88.4% (34/40) of the modules were completed by a parent.",
        "The level fell by 35.0% (12/40) on the drug.",
    ],
)
def test_quiet_sentences(said: str) -> None:
    assert loud(jats(said=[said])) == []


@pytest.mark.parametrize(
    "said",
    [
        "Of the 60 patients, 47 (71.3%) were men and 13 (21.7%) were women.",
        "A recurrence was seen in 22 of 53 patients (53%).",
        "Remission was reached by 77% (22/30) of the patients on the drug.",
    ],
)
def test_sentences_that_are_wrong(said: str) -> None:
    assert len(loud(jats(said=[said]))) == 1


@pytest.mark.parametrize(
    ("said", "methods"),
    [
        ("The groups differed (t(998) = 1.88, p = .182).", "P was corrected after Bonferroni."),
        ("The groups differed (t(58) = 1.88, p = .150).", "Tukey's post hoc test was used."),
        ("Time mattered, F(2, 116) = 3.72, p = 0.041.", "Greenhouse-Geisser corrections."),
        ("Time mattered, F(2, 116) = 3.72, p = 0.035.", "A repeated-measures ANOVA was done."),
        ("They were related (r(17) = -0.20, p = 0.44).", ""),
        ("They differed (t(20) = 2.10, p = 0.049).", ""),
        ("They differed (t(58) = 14.80, p = 0.0001).", ""),
        ("They differed (t(61) = -7.4, p < .000).", ""),
        ("They differed (F(2, 38) = 7.24, p < .002).", ""),
        ("They differed (F(1, 100) = 5.231, p < 0.024).", ""),
        ("They did not differ (F(3, 44) = 0.67, p = 0.580).", ""),
        ("They differed (z = -3.0, p = 0.005).", "Mann-Whitney tests were used."),
        ("They differed (t(40) = 2.10, p = 0.021).", ""),
        ("They differed (chi-squared(1) = 4.2, p = 0.06).", "Fisher's exact test for small n."),
    ],
)
def test_quiet_statistics(said: str, methods: str) -> None:
    assert loud(jats(said=[said], methods=methods)) == []


@pytest.mark.parametrize(
    ("said", "methods"),
    [
        ("The groups differed (t(998) = 1.88, p = .022).", "P was corrected after Bonferroni."),
        ("Time mattered, F(2, 116) = 3.72, p = 0.35.", "Greenhouse-Geisser corrections."),
        (
            "They were related (r(17) = -0.20, p = 0.04), as were others (r(17) = 0.30, p = .21 "
            "and r(17) = 0.50, p = .029).",
            "",
        ),
        ("They differed (t(58) = 1.20, p = 0.0001).", ""),
        ("They differed (F(2, 38) = 1.74, p < .01).", ""),
        ("They did not differ (F(3, 44) = 0.67, p = 0.083).", ""),
        (
            "They differed (z = -3.0, p = 0.09; z = 1.60, p = 0.11; z = 2.10, p = 0.036).",
            "Mann-Whitney tests were used.",
        ),
    ],
)
def test_statistics_that_are_wrong(said: str, methods: str) -> None:
    paper = jats(said=[HOLDING, said], methods=methods)
    assert [f.id for f in loud(paper)] == ["tests.statistic"]


HOLDING = "Ages differed (t(38) = 2.05, p = .047), and sites did (F(2, 39) = 3.60, p = .037)."
"""Statistics with the p that follows: they show how the paper's others are read."""


def test_sides_of_five_percent_are_named_only_if_both_are_certain() -> None:
    (found,) = loud(jats(said=[HOLDING, "They differed (F(1, 38) = 4.79, p = 0.004)."]))
    assert "either side" not in found.headline
    (found,) = loud(jats(said=[HOLDING, "They differed (F(2, 23) = 2.51, p = 0.025)."]))
    assert "either side of 0.05" in found.headline


EVENTS = (("Event", "All grades (n = 80), n (%)", "Grade >=3 (n = 80), n (%)"),)
TERMS = (("Fatigue", "30 (37.5)", "8 (10.0)"), ("Nausea", "24 (30.0)", "2 (2.5)"))


@pytest.mark.parametrize(
    "first",
    [
        "Any adverse event leading to discontinuation", "Any serious adverse event",
        "All infusion-related events", "Any hematologic toxicity", "Total grade 5 events",
        "Any treatment-related adverse event", "Any event leading to death",
        "Any immune-mediated adverse event", "All deaths", "Any fatal event",
    ],
)  # fmt: skip
def test_a_row_of_some_events_is_not_the_row_of_all(first: str) -> None:
    rows = [(first, "5 (6.3)", "4 (5.0)"), *TERMS]
    assert loud(jats(rows, EVENTS, caption="Adverse events")) == []


@pytest.mark.parametrize(
    "first",
    ["Any adverse event", "Any event", "Patients with any adverse event, n (%)", "Any AE",
     "At least one adverse event", "Any treatment-emergent adverse event", "All adverse events"],
)  # fmt: skip
def test_the_row_of_all_events_holds_each(first: str) -> None:
    rows = [(first, "25 (31.3)", "10 (12.5)"), *TERMS]
    assert {f.id for f in loud(jats(rows, EVENTS, caption="Adverse events"))} == {"adverse.any"}
    fine = [(first, "60 (75.0)", "10 (12.5)"), ("Number of events", "210", "44"), *TERMS]
    assert loud(jats(fine, EVENTS, caption="Adverse events")) == []


def test_one_p_after_two_ratios_is_of_the_factor() -> None:
    said = (
        "Risk rose by dose (OR 1.33, 95% CI 0.53-3.36, p = 0.027; OR 9.87, 95% CI 1.82-53.53, "
        "p = 0.027)."
    )
    assert loud(jats(said=[said])) == []


def test_a_misspelt_check_is_an_import_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("oncohort.audit.checks.CHECKS", (*CHECKS, "count"))
    with pytest.raises(ImportError):
        run_checks(Published())


HUGE = (
    "Of 60 patients, 9999999999 (50.0%) had stable disease.",
    "There were 1000000000 of 2000000000 patients (50%) and 3/9999999999 (1%).",
    "A total of " + "9" * 4300 + " patients (n = " + "9" * 4300 + ") were included.",
    "CR 1, PR 2, SD 9999999999, PD 3 and the disease control rate was 40.0% of 60 patients.",
)


@pytest.mark.parametrize("said", HUGE)
def test_huge_counts_take_no_time(said: str) -> None:
    head = (("Response", "Patients (n = 60), n (%)"),)
    rows = [("Complete response", "1 (1.7)"), ("Partial response", "20 (33.3)"),
            ("Stable disease", "9999999999 (45.0)"), ("Progressive disease", "14 (23.3)"),
            ("Weight", "1 (0)"), ("Height", "1 (0)")]  # fmt: skip
    report = audit_report(jats(rows, head, said=[said], notes="n = " + "7" * 4300))
    assert not report.error


def test_a_response_rate_with_a_thousand_million_stable_diseases() -> None:
    response = Response(
        (Level("CR", "1"), Level("PR", "2"), Level("SD", "1000000000")), "cohort", "60"
    )
    rates = (Rate("DCR", "40.0", population="cohort"),)
    log = run_checks(Published(responses=(response,), rates=rates), unusual=False)
    assert all(f.certainty is not Certainty.IMPOSSIBLE for f in log.findings)


def test_headings_in_the_body_join_the_header() -> None:
    rows = (Row(("", "N (%)", "N (%)")), Row(("Male", "4 (40)", "5 (50)")))
    (table,) = parts_of(Table("", "", (("", "A (n = 10)", "B (n = 10)"),), rows))
    assert table.heading(1) == "A (n = 10) / N (%)"
    spread = (Row(("", "HR (95% CI)", "P", "HR (95% CI)", "P")), Row(("Age", "1", "2", "3", "4")))
    (table,) = parts_of(Table("", "", (("", "Crude", "", "Adjusted", ""),), spread))
    assert [table.heading(c) for c in (2, 4)] == ["Crude / P", "Adjusted / P"]
    plain = (Row(("Any", "4 (40)")), Row(("All", "5 (50)")))
    assert parts_of(Table("", "", (("", "A"),), plain))[0].rows == plain


@pytest.mark.parametrize(
    "label", ["Missing", "Unknown", "Not reported", "No data", "Refused to answer", "Unclassified"]
)
def test_shares_of_those_with_data_beside_those_without(label: str) -> None:
    """Percentages of the known ones, and of the unknown ones of everybody."""
    mood = (
        ("Mood", ""), ("None", "8 (2.7)"), ("Moderate", "219 (73.0)"), ("Severe", "73 (24.3)"),
        (label, "2 (0.7)"),
    )  # fmt: skip
    assert not loud(jats(mood, (("Characteristic", "All, n (%)"),)))
    few = (("Mood", ""), ("None", "5 (9.8)"), ("Some", "30 (58.8)"), ("Low", "16 (31.4)"))
    assert not loud(jats((*MORE, *few, (label, "2 (3.8)"))))
    wrong = tuple((a, b.replace("58.8", "68.8")) for a, b in few)
    assert len(loud(jats((*MORE, *wrong, (label, "2 (3.8)"))))) == 1


def test_exchanged_percentages_are_one_error() -> None:
    yes_no = (("Pain", ""), ("Yes", "40 (24.5)"), ("No", "13 (75.5)"))
    (found,) = loud(jats((*MORE, *yes_no)))
    assert found.figures == ("40", "24.5", "13", "75.5")
    assert any("exchanged" in reading for reading in found.readings)
    assert not any("0 of the 0" in reading for reading in found.readings)
