"""JATS XML: spans, indents, footnotes, sections, citations, damage."""

from __future__ import annotations

import pytest

from oncohort.audit import audit_report
from oncohort.audit.extract.paper import extract
from oncohort.audit.readers import read_bytes
from oncohort.audit.run import audit_published
from oncohort.problems import ReadError

ARTICLE = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE article PUBLIC "-//NLM//DTD JATS 1.2//EN" "JATS-archivearticle1.dtd">
<article xmlns:xlink="http://www.w3.org/1999/xlink">
<front><article-meta><title-group><article-title>A cohort</article-title></title-group>
<abstract><sec><title>Results</title><p>We studied 120 consecutive patients. The median OS was
{abstract} months.</p></sec></abstract></article-meta></front>
<body>
<sec sec-type="intro"><title>Introduction</title><p>Others saw a median OS of 8 months
[<xref ref-type="bibr" rid="b1">1</xref>].</p></sec>
<sec><title>2. Patients and methods</title>
<p>A total of 120 consecutive patients were included.</p></sec>
<sec sec-type="results"><title>3. Results</title>
<p>In the 120 patients, the median OS was 20.3
months (95% CI 15.0&#x2013;27.9). Others differ.<sup>2</sup>
<xref ref-type="table" rid="t1">Table 1</xref>.</p>
<table-wrap id="t1"><label>Table 1</label><caption><p>Baseline</p></caption>
<table><thead><tr><th>Variable</th><th>Category</th><th colspan="2">All (n = 120)</th></tr>
<tr><th/><th/><th>n</th><th>%</th></tr></thead>
<tbody>
<tr><td rowspan="2">Sex</td><td>Male</td><td>{male}</td><td>70.0</td></tr>
<tr><td>Female</td><td>36</td><td>30.0</td></tr>
<tr><td rowspan="3">Stage</td><td>I</td><td>30</td><td>25.0</td></tr>
<tr><td>II</td><td>40</td><td>33.3</td></tr>
<tr><td>III</td><td>50</td><td>41.7</td></tr>
</tbody></table><table-wrap-foot><fn><p><sup>a</sup>A note.</p></fn></table-wrap-foot></table-wrap>
<table-wrap id="t2"><label>Table 2</label>
<caption><p>Cox regression of overall survival</p></caption>
<table><thead><tr><th rowspan="2">Variable</th>
<th colspan="2">Univariate</th><th colspan="2">Multivariate</th></tr>
<tr><th>HR (95% CI)</th><th>P value</th><th>HR (95% CI)</th><th>P value</th></tr></thead>
<tbody>
<tr><td colspan="5">Sex</td></tr>
<tr><td>&#x2003;Male</td><td>1 (ref)</td><td/><td>&#x2014;</td><td/></tr>
<tr><td>&#x2003;Female</td><td>0.80 (0.50&#x2013;1.28)</td>
<td>0.35</td><td>{hr}</td><td>{p}</td></tr>
</tbody></table></table-wrap>
</sec></body></article>"""


def article(**changes: str) -> bytes:
    values = {"abstract": "20.3", "male": "84", "hr": "0.90 (0.56&#x2013;1.45)", "p": "0.66"}
    return ARTICLE.format(**(values | changes)).encode()


def found(**changes: str) -> list[str]:
    published, unread = extract(read_bytes(article(**changes)))
    report = audit_published(published, unread=unread)
    return [f.id for f in report.shown()]


def test_sections_and_citations() -> None:
    paper = read_bytes(article())
    sections = {p.section for p in paper.paragraphs if p.kind == "text"}
    assert sections == {"abstract", "introduction", "methods", "results"}
    text = " ".join(p.text for p in paper.paragraphs)
    assert "[1]" in text and "differ. [2]" in text
    assert paper.title == "A cohort"


def test_spans_become_headings_and_repeated_heads() -> None:
    first, second = read_bytes(article()).tables
    assert first.heading(2) == "All (n = 120) / n"
    assert second.heading(4) == "Multivariate / P value"
    assert first.rows[1].cells[0] == "Sex"


def test_figures_of_two_label_columns_and_reference_rows() -> None:
    published, _ = extract(read_bytes(article()))
    names = {v.name: [(x.label, x.count, x.percent) for x in v.levels] for v in published.variables}
    assert names["Sex"] == [("Male", "84", "70.0"), ("Female", "36", "30.0")]
    assert [x[1] for x in names["Stage"]] == ["30", "40", "50"]
    ratios = [
        (r.variable, r.level, r.reference, r.model, r.estimate, r.low, r.high, r.p)
        for r in published.ratios
    ]
    assert ("Sex", "Female", "Male", "univariable", "0.80", "0.50", "1.28", "0.35") in ratios
    assert ("Sex", "Female", "Male", "multivariable", "0.90", "0.56", "1.45", "0.66") in ratios
    assert {r.endpoint for r in published.ratios} == {"OS"}


def test_a_right_paper_is_quiet() -> None:
    assert found() == []


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"male": "48"}, "counts.percentage"),
        ({"abstract": "23.0"}, "twice.median"),
        ({"hr": "0.90 (0.80&#x2013;1.01)", "p": "0.08"}, "cox.bound"),
    ],
)
def test_planted_errors_are_found(change: dict[str, str], rule: str) -> None:
    assert rule in found(**change)


@pytest.mark.parametrize(
    "damage",
    [
        lambda b: b[: len(b) // 2],
        lambda b: b.replace(b"</tr>", b""),
        lambda b: b.replace(b'colspan="2"', b'colspan="999999999"'),
        lambda b: b.replace(b'rowspan="3"', b'rowspan="-1"'),
        lambda b: b.replace(b"<tbody>", b"<tbody>" + b"<sec>" * 5000),
        lambda b: b.replace(b"UTF-8", b"latin-1"),
    ],
)  # fmt: skip
def test_damaged_files_are_survived(damage: object) -> None:
    content = damage(article())  # type: ignore[operator]
    try:
        paper = read_bytes(content)
    except ReadError:
        return
    extract(paper)


def test_entities_are_not_expanded(tmp_path: object) -> None:
    bomb = b"""<?xml version="1.0"?><!DOCTYPE article [<!ENTITY a "aaaaaaaaaa">
    <!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c SYSTEM "file:///etc/passwd">]>
    <article><body><p>&b;&c; some text</p></body></article>"""
    text = " ".join(p.text for p in read_bytes(bomb).paragraphs)
    assert "root:" not in text and len(text) < 1000


def test_xml_without_an_article_is_refused() -> None:
    with pytest.raises(ReadError, match="without an article"):
        read_bytes(b"<note><p>x</p></note>")


def test_a_missing_file_is_a_report_with_an_error() -> None:
    report = audit_report("no-such-paper.xml")
    assert report.exit_code == 2 and report.error
