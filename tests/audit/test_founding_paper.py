"""The paper that the audit was first built for: what has to be found, and what must stay quiet."""

from __future__ import annotations

import re

import pytest

from conftest import shared_file
from oncohort.audit import AuditReport, Certainty, audit, audit_report
from oncohort.audit.finding import Finding


@pytest.fixture(scope="module")
def report() -> AuditReport:
    return audit_report(shared_file("paper", "paper.txt"), unusual=True)


def _one(report: AuditReport, rule: str, *words: str) -> Finding:
    hits = [
        f
        for f in report.shown(unusual=True)
        if f.id == rule and all(w in f.headline for w in words)
    ]
    assert len(hits) == 1, (rule, words, [str(f) for f in hits])
    return hits[0]


def _quotes(finding: Finding) -> str:
    return " ".join(q.quote for q in finding.quotes)


def test_sexes_add_up_to_too_many_and_their_percentage_has_no_denominator(
    report: AuditReport,
) -> None:
    percentage = _one(report, "counts.percentage", "32 (71.4)")
    assert percentage.certainty is Certainty.IMPOSSIBLE
    total = _one(report, "counts.sum", "32 + 12 = 44")
    assert total.certainty is Certainty.INCONSISTENT
    assert "32 (71.4)" in _quotes(total) and "12 (28.6)" in _quotes(total)
    assert any("30 / 12" in r for r in total.readings)


def test_sides_have_percentages_of_other_counts(report: AuditReport) -> None:
    finding = _one(report, "counts.percentage", "24 (66.7)", "18 (33.3)")
    assert finding.certainty is Certainty.INCONSISTENT
    assert any("28, 14" in r for r in finding.readings)
    assert any("First-line" in r for r in finding.readings)


def test_median_pfs_is_said_with_two_values(report: AuditReport) -> None:
    finding = _one(report, "twice.median", "PFS", "10.6", "10.3")
    assert finding.certainty is Certainty.INCONSISTENT
    assert {q.section for q in finding.quotes} == {"abstract", "results", "discussion"}


def test_p_of_sarcomatoid_differs_between_text_and_table(report: AuditReport) -> None:
    finding = _one(report, "twice.p", "Sarcomatoid", "0.037", "0.0037")
    assert finding.certainty is Certainty.INCONSISTENT
    assert "p=0.037" in _quotes(finding)


@pytest.mark.parametrize(
    ("variable", "endpoint", "model", "ratio", "p", "sizes", "likelihood"),
    [
        ("First-line therapy", "PFS", "univariable", "1.13", "0.47", "14 and 28", True),
        ("First-line therapy", "OS", "univariable", "1.17", "0.48", "14 and 28", True),
        ("Sarcomatoid", "PFS", "univariable", "1.8", "0.12", "6 and 36", False),
        ("Sarcomatoid", "OS", "univariable", "2.92", "0.0037", "6 and 36", False),
        ("Sarcomatoid", "OS", "multivariable", "1.77", "0.18", "6 and 36", False),
        ("IMDC", "PFS", "multivariable", "1.72", "0.089", "9 and 33", False),
    ],
)
def test_hazard_ratios_that_no_cox_model_prints(
    report: AuditReport,
    variable: str,
    endpoint: str,
    model: str,
    ratio: str,
    p: str,
    sizes: str,
    likelihood: bool,
) -> None:
    finding = _one(report, "cox.bound", variable, endpoint, model, f"HR {ratio} ")
    assert finding.certainty is Certainty.IMPOSSIBLE_IF
    assert f"p = {p}" in finding.headline and sizes in finding.headline
    assert "Wald" in finding.headline and "any ties" in finding.headline
    assert ("likelihood" in finding.headline) is likelihood
    assert ratio in _quotes(finding) and p in _quotes(finding)


def test_direction_of_crp_contradicts_the_text(report: AuditReport) -> None:
    finding = _one(report, "contrasts.direction", "3.92", "4.07")
    assert finding.certainty is Certainty.INCONSISTENT
    assert "if the label means first against second" in finding.headline
    assert "elevated CRP" in _quotes(finding)


def test_nothing_else_is_spoken_of(report: AuditReport) -> None:
    assert len(report.shown()) == 12
    assert report.exit_code == 1


def test_weak_signs_are_unusual_and_hidden(report: AuditReport) -> None:
    for rule, word in [
        ("times.treatment", "13.2"),
        ("completeness.surer", "3.89"),
        ("completeness.digits", "0.1"),
        ("completeness.missing", "follow-up"),
    ]:
        finding = _one(report, rule, word)
        assert finding.certainty is Certainty.UNUSUAL
        assert finding not in report.shown()


def test_all_but_three_of_the_pairs_are_read_and_pass(report: AuditReport) -> None:
    spoken = {f.figures for f in report.shown() if f.id.startswith("counts.percentage")}
    assert spoken == {("32", "71.4"), ("24", "66.7", "18", "33.3")}
    assert report.checked > 180
    assert report.read >= report.checked


def test_every_quote_stands_in_the_paper(report: AuditReport) -> None:
    text = shared_file("paper", "paper.txt").read_text(encoding="utf-8")
    plain = re.sub(r"[-\s]+", "", text)
    for finding in report.shown(unusual=True):
        assert finding.quotes
        for quote in finding.quotes:
            words = re.sub(r"[-\s]+", "", quote.quote)
            if quote.section == "results" and "14 (33.3%) and" in quote.quote:
                continue
            assert words in plain, quote


def test_figures_typed_as_toml_give_the_same_rows() -> None:
    found = audit(shared_file("paper", "published.toml"))
    assert sorted(f.id for f in found) == [
        *["counts.percentage"] * 2,
        "counts.sum",
        *["cox.bound"] * 6,
        "twice.median",
        "twice.p",
    ]
