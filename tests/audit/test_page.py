"""What people get: the page, the letter, the table of papers, the reviewer's list."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from oncohort.audit import AuditReport, audit_report, to_csv, to_html, to_json, to_text
from oncohort.audit.finding import Certainty, Finding
from oncohort.audit.page import _marked
from oncohort.audit.wording import _RULES, letter, remedies, shortened, verdict
from oncohort.cli.app import app
from oncohort.published.model import Where

RIGHT = "Results\n\nIn these patients, a response was seen in 16/42 patients (38.1%).\n"
WRONG = "Results\n\nIn these patients, a response was seen in 16/42 patients (48.1%) & more.\n"
MODEL = (
    "Results\n\nOf the 42 patients, 30 (71.4%) were men. Median OS was 20.1 months. Age was "
    "associated with OS (HR 1.40, p = 0.03) and so was sex (HR 1.2; 95% CI 0.8-1.9).\n"
)
CHECKS = Path(__file__).parents[2] / "src" / "oncohort" / "audit" / "checks"


def test_the_page_shows_place_arithmetic_verdict_and_remedy() -> None:
    page = to_html([audit_report(WRONG)])
    assert "1 contradiction." in page
    assert "<h3>This percentage is not that of the fraction printed beside it.</h3>" in page
    assert "<mark>16</mark>/<mark>42</mark> patients (<mark>48.1</mark>%) &amp; more." in page
    assert "<cite>Results</cite>" in page
    assert "100 x 16 / 42 = 38.095" in page
    assert "What would make it right" in page and "16 of 42 is 38.1%." in page
    assert "No count of 42 is 48.1%." in page
    assert "Dear author," in page and page.count('<pre class="letter">') == 1


def test_a_figure_at_the_start_of_its_quote_is_marked() -> None:
    where = Where(quote="16 of 42, and 116 or 16.5")
    assert [words for words, meant in _marked(where, ("16",)) if meant] == ["16"]


def test_a_consistent_paper_has_a_verdict_and_no_letter() -> None:
    page = to_html([audit_report(RIGHT)])
    assert "No contradiction among the 3 of 3 figures that could be checked." in page
    assert "Dear author" not in page and "<table>" not in page


def test_a_folder_gives_one_table_of_papers() -> None:
    reports = [audit_report(RIGHT), audit_report(WRONG), AuditReport("x/c.pdf", error="damaged")]
    page = to_html(reports)
    assert page.count("<tr><td>") == 3 and '<a href="#paper-3">c.pdf</a>' in page
    assert "Could not be read." in page
    rows = list(csv.DictReader(io.StringIO(to_csv(reports))))
    assert [r["inconsistent"] for r in rows] == ["0", "1", "0"]
    assert rows[1]["rules"] == "counts.fraction" and rows[2]["error"] == "damaged"
    text = to_text(reports)
    assert text.count("[inconsistent]") == 1 and "x/c.pdf: cannot read: damaged" in text


def test_page_and_letter_name_a_paper_by_its_title() -> None:
    told = replace(audit_report(WRONG), title="A trial of <b> & c", source="x/PMC1.xml")
    page = to_html([told, told])
    assert "<h2>A trial of &lt;b&gt; &amp; c</h2>" in page and "<p>PMC1.xml</p>" in page
    assert "<cite>A trial of &lt;b&gt; &amp; c</cite></td>" in page
    assert "reading your paper (“A trial of &lt;b&gt; &amp; c”)" in page
    assert "<h2>a.txt</h2>" in to_html([AuditReport("a.txt", read=3, checked=3)])


def test_figures_of_which_none_was_checked_are_no_clean_bill() -> None:
    report = AuditReport("a.txt", read=5)
    assert "No contradiction" not in to_html([report]) and "none could be checked" in to_csv(
        [report]
    )


def test_a_reviewer_is_told_what_to_ask_for() -> None:
    report = audit_report(MODEL)
    asked = " / ".join(report.wanted)
    assert "1 of 2 ratios without a confidence interval (first: 1.40, results)" in asked
    assert "hazard ratios without the patients and events of both groups" in asked
    assert "1 of 1 medians without a confidence interval (first: OS 20.1 months)" in asked
    assert "the number of events behind OS" in asked and "the median follow-up" in asked
    assert "the test that gave the p-values" in asked
    page = to_html([report], reviewer=True)
    assert "What the paper should state" in page and "the median follow-up" in page
    assert "What the paper should state" not in to_html([report])
    assert "the median follow-up" in to_text([report], reviewer=True)
    assert json.loads(to_json([report]))[0]["wanted"] == list(report.wanted)


def test_a_paper_that_states_what_is_needed_is_asked_for_nothing() -> None:
    text = (
        "Methods\n\nHazard ratios came from Cox models.\n\nResults\n\nOf the 42 patients, 30 "
        "(71.4%) were men. Median follow-up was 30 months. "
        " Of the 42 patients, 20 (47.6%) died. Median OS was 20.1 months (95% CI 15.0-"
        "24.9).\n"
    )
    assert audit_report(text).wanted == ()


def test_every_rule_that_checks_name_has_words_of_its_own() -> None:
    import re

    named = set()
    for path in CHECKS.glob("*.py"):
        named |= set(re.findall(r"Finding\(\s*\"([a-z]+\.[a-z-]+)\"", path.read_text()))
    assert len(named) > 30
    plain = {"completeness.digits", "completeness.surer", "summaries.debit"}
    unusual_only = {"summaries.mean-median", "summaries.sd-range"}
    missing = named - set(_RULES) - plain - unusual_only
    assert not missing, missing


def test_remedies_compute_what_is_printed() -> None:
    fraction = Finding(
        "counts.fraction", Certainty.INCONSISTENT, "", (), "", figures=("14", "42", "35.7")
    )
    assert remedies(fraction)[:2] == ("14 of 42 is 33.3%.", "35.7% of 42 would be 15.")
    size = Finding(
        "counts.percentage", Certainty.IMPOSSIBLE, "", (), "", ("100 x 32 / 42 = 76.190",),
        figures=("32", "71.4"),
    )  # fmt: skip
    assert remedies(size)[:2] == ("32 of 42 is 76.2%.", "71.4% of 42 would be 30.")
    odd = Finding("counts.fraction", Certainty.INCONSISTENT, "", (), "", figures=("a", "0", "x"))
    assert len(remedies(odd)) == 1
    assert verdict(Finding("no.such", Certainty.UNUSUAL, "", (), "")).startswith("These figures")


def test_a_letter_has_every_point_with_its_place() -> None:
    where = Where("results", "Table I", "Sex: Male", quote="Male  32 (71.4)  " + "long " * 200)
    finding = Finding(
        "counts.percentage", Certainty.IMPOSSIBLE, "", (where,), "", ("100 x 32 / 42 = 76.190",)
    )
    text = letter("paper.xml", (finding,), 210)
    assert "1. This count and this percentage do not belong together." in text
    assert "Table I, row 'Sex: Male'" in text and "100 x 32 / 42 = 76.190" in text and "…" in text
    assert "210 printed figures" in text and max(map(len, text.splitlines())) < 500
    assert letter("paper.xml", (), 10) == ""
    assert len(shortened("word " * 400, 100)) <= 102


@pytest.mark.parametrize(
    "payload",
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "</pre><script>x</script>",
    ],
)
def test_nothing_of_a_paper_is_executed(payload: str) -> None:
    where = Where("results", payload, payload, payload, quote=payload)
    finding = Finding(
        "counts.sum", Certainty.INCONSISTENT, payload, (where,), payload, (payload,), (payload,),
        (payload,), (payload,), (payload,),
    )  # fmt: skip
    report = AuditReport(payload, (finding,), 9, 9, (payload,), (payload,), wanted=(payload,))
    page = to_html([report, report], unusual=True, reviewer=True)
    assert "<img" not in page and "<script" not in page and page.count("</pre>") == 2


def test_a_terminal_and_a_spreadsheet_are_left_alone() -> None:
    report = AuditReport("=cmd|x", error="a\x1b[2J\x9b31m\u202eb\r")
    text = to_text([report])
    assert not any(c != "\n" and not c.isprintable() for c in text)
    assert to_csv([report]).splitlines()[1].startswith("'=cmd|x")


def test_the_command_line_writes_each_form(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(WRONG)
    (tmp_path / "b.txt").write_text(RIGHT)
    runner = CliRunner()
    for form, mark in (("csv", "paper,verdict"), ("html", "<table>"), ("text", "[inconsistent]")):
        out = tmp_path / f"report.{form}.out"
        arguments = ["audit", str(tmp_path), "--format", form, "--reviewer", "--out", str(out)]
        for _ in range(2):
            assert runner.invoke(app, arguments).exit_code == 1
        assert mark in out.read_text()


def test_each_count_of_a_block_gets_what_would_make_it_right() -> None:
    done = ("48 + 23 = 71", "100 x 48 / 71 = 67.61", "100 x 23 / 71 = 32.39")
    figures = ("48", "64.9", "23", "31.1")
    found = Finding(
        "counts.percentage", Certainty.INCONSISTENT, "Sex", (), "", done, figures=figures
    )  # fmt: skip
    assert remedies(found)[:4] == (
        "48 of 71 is 67.6%.", "No count of 71 is 64.9%.", "23 of 71 is 32.4%.",
        "No count of 71 is 31.1%.",
    )  # fmt: skip
