"""Which of the figures that people read in 30 papers are read, and the sentences of each kind."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from conftest import shared_file
from oncohort.audit.document import Paragraph
from oncohort.audit.extract.paper import extract
from oncohort.audit.extract.prose import Statements, read_prose
from oncohort.audit.readers import read_paper

LIST = Path(__file__).with_name("recall.json")
"""Paper, kind, value, low, high (for a count: paper, kind, count, percentage)."""
BLIND = Path(__file__).with_name("recall_blind.json")
"""The same of 18 other papers of oncology, listed before anyone saw what is read of them."""
LEAST = {"ratio in prose": 0.95, "median": 0.90, "fixed time": 0.80, "count": 0.90}


def figures(path: Path) -> set[tuple[str, str, str, str]]:
    published, _ = extract(read_paper(path))
    out = {("ratio in prose", r.estimate, r.low, r.high) for r in published.ratios}
    for time in published.times:
        out |= {("median", time.median, time.low, time.high), ("median", time.median, "", "")}
    for mark in published.landmarks:
        out |= {("fixed time", mark.percent, mark.low, mark.high),
                ("fixed time", mark.percent, "", "")}  # fmt: skip
    return out | {("count", c.count, c.percent, "") for c in published.counts}


@pytest.mark.parametrize(("path", "papers"), [(LIST, 30), (BLIND, 18)])
def test_figures_that_people_read_in_papers_are_read(path: Path, papers: int) -> None:
    rows = [tuple(row) for row in json.loads(path.read_text())]
    found: Counter[str] = Counter()
    for name in sorted({row[0] for row in rows}):
        read = figures(shared_file("data", "papers", f"{name}.nxml"))
        found.update(row[1] for row in rows if row[0] == name and row[1:] in read)
    whole = Counter(row[1] for row in rows)
    assert len({row[0] for row in rows}) >= papers and set(whole) == set(LEAST)
    assert {
        kind: found[kind] / whole[kind] >= least for kind, least in LEAST.items()
    } == dict.fromkeys(LEAST, True), {kind: (found[kind], whole[kind]) for kind in LEAST}


def said(text: str) -> Statements:
    return read_prose([Paragraph(text, "results")])


@pytest.mark.parametrize(
    ("text", "ratios"),
    [
        ("The hazard ratio for death was 0.72 (CI 95%, 0.51-1.01).", [("0.72", "0.51", "1.01")]),
        ("The HR was attenuated to 1.30 (CI 1.01-1.62) overall.", [("1.30", "1.01", "1.62")]),
        ("OS was longer (HR[95%CI] = 0.48 [0.30–0.77], p<0.01).", [("0.48", "0.30", "0.77")]),
        ("OS was longer (HR .70; 97.5% CI .51 to .93; P=.012).", [("0.70", "0.51", "0.93")]),
        ("PFS improved, hazard ratio 0.64 (0.47\u20100.88).", [("0.64", "0.47", "0.88")]),
        (
            "The HR of death and of progression was 0.91 (95% CI 0.70-1.18) and 0.86 (0.69-1.07), "
            "respectively.",
            [("0.91", "0.70", "1.18"), ("0.86", "0.69", "1.07")],
        ),
        (
            "Patients (hazard ratio [HR] for a step of 1 point 1.75, 95% confidence interval [CI] "
            "1.44–2.12) died earlier.",
            [("1.75", "1.44", "2.12")],
        ),
        ("The hazard ratio for response was 1·18 [95% CI 0·95–1·46].", [("1.18", "0.95", "1.46")]),
        # Also where the estimate can't be right.
        ("The hazard ratio for death was 0.70 (95% CI 0.75-0.90).", [("0.70", "0.75", "0.90")]),
        ("The hazard ratio for death, in men 0.70 (95% CI 0.75-0.90), is given.", []),
        # Other measures beside a ratio are no ratios.
        (
            "The HR was 0.79 (95% CI 0.66-0.94); the difference of means was 3.16 (95% CI "
            "2.74-3.63) per year.",
            [("0.79", "0.66", "0.94")],
        ),
        ("The HR is given below; median age was 62.5 (range 34.1-80.2) years.", []),
        ("To detect an HR of 0.65 with power 0.90 (0.80-0.95), 227 deaths are needed.", []),
    ],
)
def test_ratios_in_sentences(text: str, ratios: list[tuple[str, str, str]]) -> None:
    from oncohort.audit.document import Paper
    from oncohort.audit.readers.bounds import bounded

    paper = bounded(Paper(blocks=(Paragraph(text, "results"),)))
    found = read_prose(paper.paragraphs).ratios
    assert [(r.estimate, r.low, r.high) for r in found] == ratios


@pytest.mark.parametrize(
    ("text", "endpoints"),
    [
        ("PFS (HR 0.6, 95% CI 0.4-0.9) and OS (HR 0.8, 95% CI 0.5-1.1) improved.", ["PFS", "OS"]),
        (
            "HRs of PFS and OS were 0.6 (95% CI 0.4-0.9) and 0.8 (95% CI 0.5-1.1), respectively.",
            ["PFS", "OS"],
        ),
        ("HR was 0.6 (95% CI 0.4-0.9) for PFS and 0.8 (95% CI 0.5-1.1) for OS.", ["PFS", "OS"]),
        ("In PFS and OS arms differed (HR 0.6, 95% CI 0.4-0.9).", [""]),
    ],
)
def test_ratios_get_the_endpoint_that_is_named_for_them(text: str, endpoints: list[str]) -> None:
    assert [r.endpoint for r in said(text).ratios] == endpoints


def test_ratios_get_the_model_that_is_named_for_them() -> None:
    text = (
        "In univariate analysis (HR 0.61, 95% CI 0.41-0.91) and in multivariate analysis (HR 0.70, "
        "95% CI 0.46-1.06) the groups differed; the aHR was 0.72 (95% CI 0.47-1.10)."
    )
    assert [r.model for r in said(text).ratios] == [
        "univariable", "multivariable", "multivariable",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "times"),
    [
        (
            "Median OS was 20.1 months (95% CI 15.4-24.6) in group A and 25.3 months (95% CI "
            "22.1-28.6) in group B.",
            [("OS", "20.1", "15.4"), ("OS", "25.3", "22.1")],
        ),
        ("Median PFS was 7.1 v 9.6 months.", [("PFS", "7.1", ""), ("PFS", "9.6", "")]),
        ("The median survival time was 11.5 months.", [("OS", "11.5", "")]),
        (
            "After a median follow-up of 42 months, median PFS was 10.2 and 10.8 months.",
            [("follow-up", "42", ""), ("PFS", "10.2", ""), ("PFS", "10.8", "")],
        ),
        (
            "Median DFS was 22.4 months in the control arm (95% CI 16.5-37.5).",
            [("DFS", "22.4", "16.5")],
        ),
        (
            "Median OS was 14.2 months (95% CI 11.1-17.3) in A and 14.2 months (95% CI 8.2-20.3) "
            "in B.",
            [("OS", "14.2", "11.1"), ("OS", "14.2", "8.2")],
        ),
        (
            "Median TFS has not been reached in A (95% CI 28 - not reached) and was 39 months "
            "(95% CI 23 - 53) in B.",
            [("TFS", "39", "23")],
        ),
        ("Median PFS was NR (95% CI: 8.2-NR) vs 5.1 months (95% CI: 4.0-6.2).",
         [("PFS", "5.1", "4.0")]),
        ("The mean and median survival was 31.06 and 17.76 vs. 21.07 and 12.63 months.",
         [("OS", "12.63", ""), ("OS", "17.76", "")]),
        ("The mPFS was 15.7 months with A and 6.5 months with B.",
         [("PFS", "15.7", ""), ("PFS", "6.5", "")]),
        ("Series report only 12 months median survival.", [("OS", "12", "")]),
        ("Median OS was 9.4 months (m) in A and 5.2 m in B.",
         [("OS", "5.2", ""), ("OS", "9.4", "")]),
        (
            "Median duration of PR was 5.2 months, while median time to progression and overall "
            "survival was 4 and 6.7 months, respectively.",
            [("DOR", "5.2", ""), ("OS", "6.7", ""), ("TTP", "4", "")],
        ),
        # Numbers of something else beside a median.
        (
            "During a median follow-up of 4.8 years, 323 deaths occurred.",
            [("follow-up", "4.8", "")],
        ),
        ("Median OS was prolonged by 2.5 months.", []),
        ("At 12 months, median age was 61 years.", []),
    ],
)  # fmt: skip
def test_medians_in_sentences(text: str, times: list[tuple[str, str, str]]) -> None:
    assert sorted((t.endpoint, t.median, t.low) for t in said(text).times) == sorted(times)


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        ("OS at 2 years was 61% (95% CI 50-70).", [("OS", "2", "61", "50")]),
        (
            "Two-year PFS and OS rates were 18% and 44% in A, and 17% and 54% in B, respectively.",
            [("OS", "2", "44", ""), ("OS", "2", "54", ""), ("PFS", "2", "17", ""),
             ("PFS", "2", "18", "")],
        ),
        (
            "The 1-, 3- and 5-year OS rates were 80, 60 and 40%.",
            [("OS", "1", "80", ""), ("OS", "3", "60", ""), ("OS", "5", "40", "")],
        ),
        (
            "OS after 1 and 2 years was higher (96% vs. 87% and 87% vs. 75%).",
            [("OS", "1", "87", ""), ("OS", "1", "96", ""), ("OS", "2", "75", ""),
             ("OS", "2", "87", "")],
        ),
        (
            "The RFS at 3 years was higher in A (38.6%; 95% confidence interval, 28.5%-48.6%) than "
            "in B (32.3%; 95% confidence interval, 22.8%-42.1%).",
            [("RFS", "3", "32.3", "22.8"), ("RFS", "3", "38.6", "28.5")],
        ),
        (
            "With a median follow-up of 58.5 months, 5-year OS was 53%.",
            [("OS", "5", "53", "")],
        ),
        ("OS was 61% at 1 year and 65% at 2 years.",
         [("OS", "1", "61", ""), ("OS", "2", "65", "")]),
        ("At 1 year, OS was 61%; at 2 years, it was 50%.",
         [("OS", "1", "61", ""), ("OS", "2", "50", "")]),
        (
            "The 1-year and 2-year LTP free survival rates were 93.9% and 84.3% in A and 94.4% "
            "and 88.4% in B.",
            [("LTPFS", "1", "93.9", ""), ("LTPFS", "1", "94.4", ""), ("LTPFS", "2", "84.3", ""),
             ("LTPFS", "2", "88.4", "")],
        ),
        (
            "At 10 years DFS was 64% (95% CI 59-68%). The corresponding numbers for overall "
            "survival were 74% (95% CI 69-77%) versus 68% (95% CI 64-73%).",
            [("DFS", "10", "64", "59"), ("OS", "10", "68", "64"), ("OS", "10", "74", "69")],
        ),
        ("Women >50 years had better OS (95% vs. 71%).", []),
        ("We assumed a 3-year DFS of 75% in the control arm.", []),
    ],
)  # fmt: skip
def test_survival_at_fixed_times_in_sentences(
    text: str, marks: list[tuple[str, str, str, str]]
) -> None:
    found = said(text).landmarks
    assert sorted((m.endpoint, m.time, m.percent, m.low) for m in found) == marks


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("A response was seen in 12 of 50 patients (24%; 95% CI 13-38).", [("12", "24", "50")]),
        ("In group A, 83 (15%) of 547 patients were older.", [("83", "15", "547")]),
        ("Nineteen of 49 patients (39%) had an infection.", [("19", "39", "49")]),
        ("Of 80 women, n = 16 (20.0%) completed four visits.", [("16", "20.0", "")]),
        ("In the test group 84 patients (86.2%) had none.", [("84", "86.2", "")]),
        ("Twenty-seven (81.8%) patients completed it.", [("27", "81.8", "")]),
        ("Many came, and of these 434 (58.0%) answered.", [("434", "58.0", "")]),
        ("One had an abscess (2.7%, 1/36).", [("1", "2.7", "36")]),
        ("Few had the mutation (n = 13; 15%).", [("13", "15", "")]),
        ("Arm A had two partial responses (PR) (14%).", [("2", "14", "")]),
        ("Three out of 8 patients with pain at presentation (37.5%) gained.", [("3", "37.5", "8")]),
        ("Grade 3 (12%) events and week 12 (40%) visits are listed.", []),
    ],
)
def test_counts_with_percentages_in_sentences(
    text: str, counts: list[tuple[str, str, str]]
) -> None:
    assert [(c.count, c.percent, c.denominator) for c in said(text).counts] == counts


def test_counts_of_other_things_than_patients_are_never_judged() -> None:
    (count,) = said("In 30 patients, 57 tumors (38%) were positive.").counts
    assert not count.own
