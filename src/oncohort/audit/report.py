"""The outcome of an audit, and how it is shown: text, JSON, HTML."""

from __future__ import annotations

import html
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from oncohort.audit.finding import Certainty, Finding, most_certain_first
from oncohort.audit.writing import MARK

CONSISTENT, FINDINGS, UNREADABLE = 0, 1, 2
SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class AuditReport:
    """All that was found in one paper.

    Parameters
    ----------
    source
        File name, or ``text``.
    findings
        Every finding, *unusual* ones too; :meth:`shown` leaves them out unless asked.
    read, checked
        Printed figures read, and those that at least one check looked at.
    unread, not_checked
        What could not be read or checked, in words.
    error
        Why the paper could not be read at all; empty otherwise.
    """

    source: str
    findings: tuple[Finding, ...] = ()
    read: int = 0
    checked: int = 0
    unread: tuple[str, ...] = ()
    not_checked: tuple[str, ...] = ()
    error: str = ""

    def shown(self, unusual: bool = False) -> tuple[Finding, ...]:
        """Findings in order of certainty."""
        kept = [f for f in self.findings if unusual or f.certainty is not Certainty.UNUSUAL]
        return tuple(most_certain_first(kept))

    @property
    def exit_code(self) -> int:
        """0 consistent, 1 findings, 2 cannot read. What is only *unusual* doesn't count."""
        if self.error:
            return UNREADABLE
        return FINDINGS if self.shown() else CONSISTENT

    def summary(self) -> str:
        """One line: "214 figures read, 187 checked, 6 findings"."""
        if self.error:
            return f"cannot read: {self.error}"
        shown = len(self.shown())
        unusual = len(self.findings) - shown
        line = (
            f"{self.read} figures read, {self.checked} checked, "
            f"{shown} finding{'' if shown == 1 else 's'}"
        )
        return f"{line} ({unusual} unusual)" if unusual else line


def exit_code(reports: Iterable[AuditReport]) -> int:
    """Exit code of a batch: the worst one."""
    return max((r.exit_code for r in reports), default=UNREADABLE)


def to_text(reports: Sequence[AuditReport], *, unusual: bool = False) -> str:
    """For the terminal."""
    return "\n".join(_text(report, unusual) for report in reports)


def _text(report: AuditReport, unusual: bool) -> str:
    lines = [f"{report.source}: {report.summary()}"]
    for finding in report.shown(unusual):
        lines += ["", f"[{finding.certainty.value}] {finding.headline}"]
        for quote in finding.quotes:
            if quote.quote:
                lines.append(f"    {quote}: “{_squeeze(quote.quote)}”")
        lines += [f"    {line}" for line in finding.arithmetic]
        if finding.intervals:
            lines.append(f"    rounding: {'; '.join(dict.fromkeys(finding.intervals))}")
        if finding.assumptions:
            lines.append(f"    assumes: {'; '.join(finding.assumptions)}")
        if finding.readings:
            lines.append(f"    tried: {'; '.join(finding.readings)}")
        lines.append(f"    rule {finding.id}: {finding.rule}")
    left = [*report.unread, *report.not_checked]
    if left:
        lines += ["", "Not read or not checked:", *(f"    {each}" for each in left)]
    return "\n".join(lines) + "\n"


def _squeeze(text: str) -> str:
    return "  ".join(part for part in text.split("  ") if part.strip())


def to_dict(report: AuditReport, *, unusual: bool = False) -> dict[str, object]:
    """Plain values."""
    return {
        "schema_version": SCHEMA_VERSION,
        "source": report.source,
        "summary": report.summary(),
        "figures_read": report.read,
        "figures_checked": report.checked,
        "findings": [f.to_dict() for f in report.shown(unusual)],
        "unread": list(report.unread),
        "not_checked": list(report.not_checked),
        "error": report.error,
    }


def to_json(reports: Sequence[AuditReport], *, unusual: bool = False) -> str:
    """JSON with sorted keys; always a list of papers."""
    papers = [to_dict(report, unusual=unusual) for report in reports]
    return json.dumps(papers, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


_STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.15rem; margin: 0 0 .5rem; }
article { border: 1px solid #8888; border-left-width: .4rem; border-radius: .3rem; padding: 1rem;
  margin: 1rem 0; }
article.impossible { border-left-color: #b00020; }
article.impossible-if { border-left-color: #c45500; }
article.inconsistent { border-left-color: #8a6d00; } article.unusual { border-left-color: #556; }
.sides { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem; }
@media (max-width: 45rem) { .sides { grid-template-columns: 1fr; } }
blockquote { margin: 0 0 .6rem; padding-left: .8rem; border-left: 3px solid #8888; }
cite { display: block; font-size: .85rem; font-style: normal; opacity: .85; }
ul { margin: .2rem 0; padding-left: 1.2rem; } .certainty { font-weight: 600; }
code { white-space: pre-wrap; } dt { font-weight: 600; margin-top: .5rem; } dd { margin: 0; }
"""


def to_html(reports: Sequence[AuditReport], *, unusual: bool = False) -> str:
    """One page: the paper's statement beside the arithmetic, most certain first."""
    body = "\n".join(_html(report, unusual) for report in reports)
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">\n'
        f'<meta name="generator" content="{MARK}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>Audit of figures</title><style>{_STYLE}</style></head>\n"
        f"<body><main>\n<h1>Audit of figures</h1>\n{body}\n</main></body></html>\n"
    )


def _html(report: AuditReport, unusual: bool) -> str:
    parts = [
        f"<section><h2>{_e(report.source)}</h2>",
        f"<p>{_e(report.summary())}</p>",
    ]
    parts += [_article(finding) for finding in report.shown(unusual)]
    left = [*report.unread, *report.not_checked]
    if left:
        items = "".join(f"<li>{_e(each)}</li>" for each in left)
        parts.append(f"<h3>Not read or not checked</h3><ul>{items}</ul>")
    return "\n".join([*parts, "</section>"])


def _article(finding: Finding) -> str:
    kind = finding.certainty.value.replace(" ", "-")
    quotes = "".join(
        f"<blockquote>{_e(_squeeze(q.quote))}<cite>{_e(str(q))}</cite></blockquote>"
        for q in finding.quotes
        if q.quote
    )
    return (
        f'<article class="{kind}"><h3><span '
        f'class="certainty">{_e(finding.certainty.value)}:</span> '
        f'{_e(finding.headline)}</h3><div class="sides"><div><h4>The paper says</h4>{quotes}</div>'
        f"<div><h4>The arithmetic</h4>{_list(finding.arithmetic)}"
        f"<dl>{_item('Rule', (finding.rule,))}{_item('Rounding allowed for', finding.intervals)}"
        f"{_item('Assumptions', finding.assumptions)}{_item('Readings tried', finding.readings)}"
        "</dl></div></div></article>"
    )


def _list(lines: Sequence[str]) -> str:
    items = "".join(f"<li><code>{_e(line)}</code></li>" for line in lines)
    return f"<ul>{items}</ul>" if items else ""


def _item(name: str, lines: Sequence[str]) -> str:
    if not lines:
        return ""
    return f"<dt>{_e(name)}</dt>" + "".join(f"<dd>{_e(line)}</dd>" for line in dict.fromkeys(lines))


def _e(text: str) -> str:
    return html.escape(text)
