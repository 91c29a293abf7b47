"""One HTML page: the paper's own place beside the arithmetic, in words that are read at once."""

from __future__ import annotations

import html
from collections.abc import Sequence

from oncohort.audit.finding import Finding
from oncohort.audit.report import AuditReport
from oncohort.audit.wording import force, letter, remedies, verdict
from oncohort.audit.writing import MARK
from oncohort.published.model import Where

_STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.25rem; margin: 2rem 0 .3rem; }
h3 { font-size: 1.1rem; margin: 1rem 0 .3rem; } article h3 { margin-top: 0; }
h4 { font-size: .95rem; margin: .6rem 0 .2rem; }
.line { font-size: 1.05rem; font-weight: 600; }
article { border: 1px solid #8888; border-left-width: .4rem; border-radius: .3rem; padding: 1rem;
  margin: 1rem 0; break-inside: avoid; }
article.impossible { border-left-color: #b00020; }
article.impossible-if { border-left-color: #c45500; }
article.inconsistent { border-left-color: #8a6d00; } article.unusual { border-left-color: #556; }
.force { font-size: .85rem; text-transform: uppercase; letter-spacing: .03em; opacity: .85; }
.sides { display: grid; grid-template-columns: 1fr 1fr; gap: 1.2rem; }
@media (max-width: 45rem) { .sides { grid-template-columns: 1fr; }
  th:nth-child(n+4), td:nth-child(n+4) { display: none; } td { overflow-wrap: anywhere; } }
blockquote { margin: 0 0 .6rem; padding-left: .8rem; border-left: 3px solid #8888; }
cite { display: block; font-size: .85rem; font-style: normal; opacity: .85; }
mark { background: #ffe08a; color: #000; padding: 0 .1em; }
ul { margin: .2rem 0; padding-left: 1.2rem; } .right { margin-top: .6rem; }
code { white-space: pre-wrap; } dt { font-weight: 600; margin-top: .5rem; } dd { margin: 0; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; padding: .3rem .5rem;
  border-bottom: 1px solid #8886; vertical-align: top; } td.n, th.n { text-align: right; }
.letter { white-space: pre-wrap; border: 1px solid #8888; padding: .8rem; user-select: all;
  -webkit-user-select: all; font: 13px/1.45 ui-monospace, monospace; }
summary { cursor: pointer; margin-top: .6rem; }
@media print { details { display: none; } }
"""


def to_html(
    reports: Sequence[AuditReport], *, unusual: bool = False, reviewer: bool = False
) -> str:
    """One page for one paper or many, most certain findings first.

    Several papers get a table of papers above. ``reviewer`` adds what could not be checked and
    what each paper should state.
    """
    parts = [_overview(reports)] if len(reports) > 1 else []
    parts += [_paper(k, report, unusual, reviewer) for k, report in enumerate(reports, start=1)]
    body = "\n".join(parts)
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">\n'
        f'<meta name="generator" content="{MARK}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>Audit of figures</title><style>{_STYLE}</style></head>\n"
        f"<body><main>\n<h1>Audit of figures</h1>\n{body}\n</main></body>"
        "</html>\n"
    )


def _overview(reports: Sequence[AuditReport]) -> str:
    rows = "".join(
        f'<tr><td><a href="#paper-{k}">{_e(report.name)}</a></td><td>{_e(report.verdict())}</td>'
        f'<td class="n">{len(report.shown())}</td><td class="n">{report.checked}</td>'
        f'<td class="n">{report.read}</td></tr>'
        for k, report in enumerate(reports, start=1)
    )
    return (
        '<table><thead><tr><th>Paper</th><th>Verdict</th><th class="n">Findings</th>'
        '<th class="n">Figures checked</th><th class="n">Figures read</th></tr></thead>'
        f"<tbody>{rows}</tbody></table>"
    )


def _paper(number: int, report: AuditReport, unusual: bool, reviewer: bool) -> str:
    shown = report.shown(unusual)
    parts = [
        f'<section id="paper-{number}"><h2>{_e(report.name)}</h2>',
        f'<p class="line">{_e(report.verdict())}</p>',
        f"<p>{_e(report.summary())}</p>",
    ]
    parts += [_article(finding) for finding in shown]
    text = letter(report.name, report.shown(), report.read)
    if text:
        parts.append(
            "<details><summary>A letter to the author, to copy (one click marks it all)</summary>"
            f'<pre class="letter">{_e(text)}</pre></details>'
        )
    if reviewer:
        parts.append(_items("What the paper should state", report.wanted))
    left = (*report.unread, *report.not_checked)
    if reviewer:
        parts.append(_items("What could not be read or checked", left))
    elif left:
        parts.append(
            f"<details><summary>Not read or not checked ({len(left)})</summary>{_list(left)}"
            "</details>"
        )
    return "\n".join([*parts, "</section>"])


def _items(title: str, lines: Sequence[str]) -> str:
    held = _list(lines) if lines else "<p>Nothing.</p>"
    return f"<h3>{_e(title)}</h3>{held}"


def _article(finding: Finding) -> str:
    kind = finding.certainty.value.replace(" ", "-")
    quotes = "".join(_quote(q, finding.figures) for q in finding.quotes if q.quote)
    right = _list(remedies(finding), code=False)
    return (
        f'<article class="{kind}"><div class="force">{_e(force(finding.certainty))}</div>'
        f'<h3>{_e(verdict(finding))}</h3><p>{_e(finding.headline)}</p><div class="sides"><div>'
        f"<h4>The paper says</h4>{quotes}</div>"
        f"<div><h4>The arithmetic</h4>{_list(finding.arithmetic, code=True)}</div></div>"
        f'<div class="right"><h4>What would make it right</h4>{right}</div>'
        f"<details><summary>The rule, and what was allowed for</summary><dl>"
        f"{_item('Rule', (f'{finding.id}: {finding.rule}',))}"
        f"{_item('Rounding allowed for', finding.intervals)}"
        f"{_item('Assumptions', finding.assumptions)}{_item('Readings tried', finding.readings)}"
        "</dl></details></article>"
    )


def _quote(where: Where, figures: Sequence[str]) -> str:
    """The words of the paper with the figures in question marked, and their place."""
    text = "  ".join(part for part in where.quote.split("  ") if part.strip())
    return f"<blockquote>{_marked(text, figures)}<cite>{_e(_place(where))}</cite></blockquote>"


def _place(where: Where) -> str:
    named = {"abstract": "Abstract", "results": "Results", "methods": "Methods"}
    parts = [where.table or named.get(where.section, where.section.capitalize()) or "Text"]
    if where.row:
        parts.append(f"row “{where.row}”")
    if where.column:
        parts.append(f"column “{where.column}”")
    if where.page is not None:
        parts.append(f"page {where.page}")
    return ", ".join(parts)


def _marked(text: str, figures: Sequence[str]) -> str:
    spans: list[tuple[int, int]] = []
    for figure in dict.fromkeys(f for f in figures if f):
        start = text.find(figure)
        while start >= 0:
            end = start + len(figure)
            before, after = text[start - 1 : start], text[end : end + 2]
            whole = not (before[-1:].isdigit() or before[-1:] in ".," or after[:1].isdigit())
            whole = whole and not (after[:1] == "." and after[1:].isdigit())
            if whole and not any(a < end and start < b for a, b in spans):
                spans.append((start, end))
            start = text.find(figure, end)
    out, position = [], 0
    for start, end in sorted(spans):
        out += [_e(text[position:start]), f"<mark>{_e(text[start:end])}</mark>"]
        position = end
    return "".join([*out, _e(text[position:])])


def _list(lines: Sequence[str], *, code: bool = False) -> str:
    item = "<li><code>{}</code></li>" if code else "<li>{}</li>"
    items = "".join(item.format(_e(line)) for line in lines)
    return f"<ul>{items}</ul>" if items else ""


def _item(name: str, lines: Sequence[str]) -> str:
    if not lines:
        return ""
    return f"<dt>{_e(name)}</dt>" + "".join(f"<dd>{_e(line)}</dd>" for line in dict.fromkeys(lines))


def _e(text: str) -> str:
    return html.escape(text)
