"""A faulty paper and a right one, in every format: each error is told once, the same everywhere."""

from __future__ import annotations

import html
import io
from pathlib import Path

import pytest

from oncohort.audit import audit_report
from oncohort.audit.finding import Certainty

Grid = list[list[str]]
Block = tuple[str, str, str, Grid]

FORMATS = ("md", "html", "xml", "docx")
UNUSUAL = {
    "counts.percentage", "ratios.p", "copies.rows", "times.inside", "times.landmark-median",
    "at_risk.rises", "totals.rate", "tests.cross",
}  # fmt: skip
ALOUD = {"cox.interval", "cox.all", "times.landmark", "at_risk.survival"}


def said(bad: bool) -> list[str]:
    """Sentences of the results."""
    return [
        "Of 250 patients screened, 200 (80.0%) were included; of these, 150 "
        f"({'85.0' if bad else '75.0'}%) completed the treatment, and of these 120 (80.0%) had a "
        "scan.",
        f"Median OS was {'17.1' if bad else '25.1'} months (95% CI 18.0-27.9). Median PFS was 8.1 "
        "months (95% CI 6.0-10.2). Median DFS was 9.4 months (95% CI 7.7-11.8).",
        f"The 1-, 2- and 3-year OS rates were 80%, 62% and {'68' if bad else '31'}%, respectively.",
        "During 400 patient-years of follow-up, 120 deaths occurred "
        f"({'45.0' if bad else '30.0'} per 100 patient-years).",
    ]


def characteristics(bad: bool) -> Grid:
    sites = [("55", "57"), ("25", "27"), ("20", "16")] if bad else [
        ("48", "50"), ("31", "33"), ("21", "17")
    ]  # fmt: skip
    rows = [["Characteristic", "Drug A (n = 100)", "Drug B (n = 100)", "p-value"]]
    for name, levels, p in (
        ("Sex", [("Male", "60", "62"), ("Female", "40", "38")], "0.77"),
        ("Performance status", [("0", "70", "50"), ("1", "30", "50")], "0.60" if bad else "0.004"),
        ("Prior nephrectomy", [("Yes", "81", "77"), ("No", "19", "23")], "0.49"),
        ("Liver metastases", [("Yes", "30", "41"), ("No", "70", "59")], "0.10"),
        ("Histology", [("Clear cell", "55", "57"), ("Papillary", "25", "27"),
                       ("Other", "20", "16")], "0.81"),
        ("Metastatic sites", [(x, *y) for x, y in
                              zip(("One", "Two", "Three or more"), sites, strict=True)], "0.81"),
    ):  # fmt: skip
        rows.append([name, "", "", ""])
        rows += [
            [f"  {x}", f"{a} ({a}.0)", f"{b} ({b}.0)", "" if k else p]
            for k, (x, a, b) in enumerate(levels)
        ]
    return rows


def tables(bad: bool) -> list[tuple[str, str, Grid]]:
    liver = ("1.30 (1.20-1.41)", "<0.001") if bad else ("1.30 (0.90-1.87)", "0.16")
    drug = "0.003" if bad else "0.07"
    copied = [("1.43 (1.04-1.97)", "0.03"), ("1.34 (0.92-1.95)", "0.13")] if bad else [
        ("1.28 (0.88-1.86)", "0.20"), ("1.22 (0.79-1.88)", "0.37")
    ]  # fmt: skip
    return [
        ("Table 1", "Characteristics of the patients", characteristics(bad)),
        ("Table 2", "Univariable Cox regression of overall survival", [
            ["Variable", "Patients", "Events", "HR (95% CI)", "p-value"],
            ["Age (≥ 65 vs < 65 years)", "90 vs 110", "60 vs 60", "1.20 (0.84-1.72)", "0.32"],
            ["Sex (female vs male)", "78 vs 122", "45 vs 75", "0.90 (0.62-1.30)", "0.58"],
            ["Liver metastases (yes vs no)", "71 vs 129", "50 vs 70", *liver],
            ["Drug (B vs A)", "100 vs 100", "70 vs 50", "1.40 (0.97-2.02)", drug],
            ["Prior nephrectomy (no vs yes)", "42 vs 158", "27 vs 93", "1.25 (0.81-1.92)", "0.31"],
        ]),
        ("Table 3", "Overall survival: patients at risk", [
            ["Number at risk", "0 months", "12 months", "24 months", "36 months"],
            ["Drug A", "100", "80", "40", "45" if bad else "25"],
            ["Drug B", "100", "70", "38", "20"],
        ]),
        ("Table 4", "Multivariable Cox regression", [
            ["Variable", "PFS HR (95% CI)", "p-value", "OS HR (95% CI)", "p-value"],
            ["Age (≥ 65 vs < 65 years)", "1.11 (0.81-1.52)", "0.52", "1.18 (0.82-1.70)", "0.37"],
            ["Liver metastases (yes vs no)", "1.43 (1.04-1.97)", "0.03", *copied[0]],
            ["Prior nephrectomy (no vs yes)", "1.34 (0.92-1.95)", "0.13", *copied[1]],
            ["Drug (B vs A)", "1.52 (1.11-2.08)", "0.009", "1.38 (0.96-1.98)", "0.08"],
        ]),
        ("Table 5", "Life table of overall survival", [
            ["Time (months)", "Number at risk", "Events", "Overall survival (%)"],
            ["0", "200", "0", "100"], ["12", "150", "40", "80.0"],
            ["24", "120", "100", "45.0" if bad else "62.0"], ["36", "60", "140", "31.0"],
        ]),
    ]  # fmt: skip


ABSTRACT = "Background: The drug may help. Results: We studied 200 consecutive patients."
METHODS = (
    "We studied 200 consecutive patients with kidney cancer; 100 received drug A and 100 received "
    "drug B. Survival was estimated by the Kaplan-Meier method, and hazard ratios by Cox "
    "regression with Wald p-values. Categories were compared by the chi-squared test."
)


def sections(bad: bool) -> list[tuple[str, list[str]]]:
    return [("Abstract", [ABSTRACT]), ("Methods", [METHODS]), ("Results", said(bad))]


def markdown(bad: bool) -> bytes:
    out = [x for name, texts in sections(bad) for x in (f"## {name}", *texts)]
    for label, caption, grid in tables(bad):
        rows = [[r[0].replace("  ", "&nbsp;&nbsp;"), *r[1:]] for r in grid]
        lines = ["| " + " | ".join(r) + " |" for r in rows]
        lines.insert(1, "|" + "---|" * len(grid[0]))
        out.append(f"**{label}.** {caption}\n\n" + "\n".join(lines))
    return "\n\n".join(out).encode()


def tabled(grid: Grid) -> str:
    def cell(text: str, tag: str) -> str:
        blanks = "&#160;" * (len(text) - len(text.lstrip()))
        return f"<{tag}>{blanks}{html.escape(text.strip())}</{tag}>"

    head, *rows = ["<tr>" + "".join(cell(c, "td") for c in r) + "</tr>" for r in grid]
    return f"<table><thead>{head}</thead><tbody>{''.join(rows)}</tbody></table>"


def as_html(bad: bool) -> bytes:
    body = "".join(
        f"<h2>{name}</h2>" + "".join(f"<p>{html.escape(t)}</p>" for t in texts)
        for name, texts in sections(bad)
    )
    floats = "".join(f"<p><b>{a}.</b> {b}</p>{tabled(grid)}" for a, b, grid in tables(bad))
    return f"<html><body>{body}{floats}</body></html>".encode()


def jats(bad: bool) -> bytes:
    _, *others = sections(bad)
    body = "".join(
        f"<sec><title>{name}</title>"
        + "".join(f"<p>{html.escape(t)}</p>" for t in texts)
        + "</sec>"
        for name, texts in others
    )
    floats = "".join(
        f"<table-wrap><label>{a}</label><caption><p>{b}</p></caption>{tabled(grid)}</table-wrap>"
        for a, b, grid in tables(bad)
    )
    return (
        f"<article><front><article-meta><abstract><p>{ABSTRACT}</p></abstract></article-meta>"
        f"</front><body>{body}<sec>{floats}</sec></body></article>"
    ).encode()


def word(bad: bool) -> bytes:
    import docx

    paper = docx.Document()
    for name, texts in sections(bad):
        paper.add_heading(name, 1)
        for text in texts:
            paper.add_paragraph(text)
    for label, caption, grid in tables(bad):
        paper.add_paragraph(f"{label}. {caption}")
        table = paper.add_table(rows=0, cols=len(grid[0]))
        for row in grid:
            for cell, text in zip(table.add_row().cells, row, strict=True):
                cell.text = text.strip()
                if text.startswith("  "):
                    cell.paragraphs[0].paragraph_format.left_indent = docx.shared.Pt(12)
        paper.add_paragraph("")
    file = io.BytesIO()
    paper.save(file)
    return file.getvalue()


WRITE = {"md": markdown, "html": as_html, "xml": jats, "docx": word}


@pytest.mark.usefixtures("rules_alone")
@pytest.mark.parametrize("kind", FORMATS)
def test_each_error_is_told_in_each_format(kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"paper.{kind}"
    path.write_bytes(WRITE[kind](True))
    report = audit_report(path)
    assert not report.error
    assert {f.id for f in report.findings} >= UNUSUAL | ALOUD
    figures = [f.figures for f in report.findings if f.id.startswith("cox.")]
    assert len(figures) == len(set(figures)) == 3  # an interval, and the p of two rows
    assert not {f.id for f in report.findings} & {"totals.flow", "times.order"}


@pytest.mark.parametrize("kind", FORMATS)
def test_the_right_paper_gets_no_word(kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"paper.{kind}"
    path.write_bytes(WRITE[kind](False))
    report = audit_report(path)
    assert report.read > 140 and report.checked > 135
    assert [str(f) for f in report.findings] == []
    assert Certainty.UNUSUAL not in {f.certainty for f in report.findings}
