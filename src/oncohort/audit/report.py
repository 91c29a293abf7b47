"""The outcome of an audit, and how it is shown: text, JSON, CSV (HTML is in :mod:`.page`)."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from oncohort.audit.finding import Certainty, Finding, most_certain_first
from oncohort.audit.wording import letter, remedies, verdict
from oncohort.dataclass import dataclass
from oncohort.vocabulary.plurals import counted
from oncohort.vocabulary.spreadsheets import no_formula
from oncohort.vocabulary.unseen import coded

CONSISTENT, FINDINGS, UNREADABLE = 0, 1, 2
SCHEMA_VERSION = 2


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
    wanted
        What the paper should state so that more could be checked, in words.
    title
        The paper's own title, where it was read.
    """

    source: str
    findings: tuple[Finding, ...] = ()
    read: int = 0
    checked: int = 0
    unread: tuple[str, ...] = ()
    not_checked: tuple[str, ...] = ()
    error: str = ""
    wanted: tuple[str, ...] = ()
    title: str = ""

    @property
    def name(self) -> str:
        """The file's name without its folder."""
        return Path(self.source).name or self.source

    @property
    def cited(self) -> str:
        """How a letter names the paper: by its title, or by the name of its file."""
        return f"“{self.title}”" if self.title else self.name

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

    def verdict(self) -> str:
        """One line for a reader.

        Examples
        --------
        >>> AuditReport("a.txt", read=40, checked=31).verdict()
        'No contradiction among the 31 of 40 figures that could be checked.'
        >>> AuditReport("a.txt", read=5).verdict()
        'Figures were read (5), but none could be checked.'
        """
        if self.error:
            return "Could not be read."
        count = Counter(f.certainty for f in self.shown())
        if not count and self.read and not self.checked:
            return f"Figures were read ({self.read}), but none could be checked."
        if not count:
            return (
                f"No contradiction among the {self.checked} of {self.read} figures that could be "
                "checked."
            )
        parts = [
            _many(count[Certainty.IMPOSSIBLE], "statement that cannot be true as printed"),
            _many(
                count[Certainty.IMPOSSIBLE_IF],
                "statement that cannot be true under the assumptions named",
            ),
            _many(count[Certainty.INCONSISTENT], "contradiction"),
        ]
        return f"{', '.join(p for p in parts if p)}."

    def summary(self) -> str:
        """One line: "214 figures read, 187 checked, 6 findings"."""
        if self.error:
            reason = self.error.removeprefix(f"{self.source}: ")
            return f"cannot read: {reason}"
        shown = len(self.shown())
        unusual = len(self.findings) - shown
        line = f"{self.read} figures read, {self.checked} checked, {counted(shown, 'finding')}"
        return f"{line} ({unusual} unusual)" if unusual else line


def _many(count: int, what: str) -> str:
    first, _, rest = what.partition(" ")
    return f"{counted(count, first)} {rest}".rstrip() if count else ""


def exit_code(reports: Iterable[AuditReport]) -> int:
    """Exit code of a batch: the worst one."""
    return max((r.exit_code for r in reports), default=UNREADABLE)


def to_text(
    reports: Sequence[AuditReport], *, unusual: bool = False, reviewer: bool = False
) -> str:
    """For the terminal: one line per paper, then each paper with findings.

    Control characters of a paper are shown as signs, never sent.
    """
    parts = []
    if len(reports) > 1:
        parts = ["".join(f"{r.source}: {r.summary()}\n" for r in reports)]
    parts += [
        _text(report, unusual, reviewer)
        for report in reports
        if len(reports) == 1 or reviewer or report.shown(unusual)
    ]
    return harmless("\n".join(parts))


def harmless(text: str) -> str:
    r"""Text without characters that steer a terminal.

    Examples
    --------
    >>> harmless("a\x1b[2Jb")
    'a�[2Jb'
    """
    return "".join(
        c if c == "\n" or c.isprintable() else " " if unicodedata.category(c) == "Zs" else "�"
        for c in text
    )


def _text(report: AuditReport, unusual: bool, reviewer: bool) -> str:
    lines = [f"{report.source}: {report.summary()}"]
    for finding in report.shown(unusual):
        lines += ["", f"[{finding.certainty.value}] {finding.headline}"]
        lines.append(f"    {verdict(finding)}")
        for quote in finding.quotes:
            if quote.quote:
                lines.append(f"    {quote}: “{squeezed(quote.quote)}”")
        lines += [f"    {line}" for line in finding.arithmetic]
        if finding.intervals:
            lines.append(f"    rounding: {'; '.join(dict.fromkeys(finding.intervals))}")
        if finding.assumptions:
            lines.append(f"    assumes: {'; '.join(finding.assumptions)}")
        if finding.readings:
            lines.append(f"    tried: {'; '.join(finding.readings)}")
        lines.append(f"    to make it right: {' '.join(remedies(finding))}")
        lines.append(f"    rule {finding.id}: {finding.rule}")
    if reviewer and not report.error:
        lines += ["", "What the paper should state:"]
        lines += [f"    {each}" for each in report.wanted] or ["    nothing was found missing"]
    left = [*report.unread, *report.not_checked]
    if left:
        lines += ["", "Not read or not checked:", *(f"    {each}" for each in left)]
    return "\n".join(lines) + "\n"


def squeezed(text: str) -> str:
    """A quote of cells without the empty ones."""
    return "  ".join(part for part in text.split("  ") if part.strip())


def to_dict(report: AuditReport, *, unusual: bool = False) -> dict[str, object]:
    """Plain values."""
    return {
        "schema_version": SCHEMA_VERSION,
        "source": report.source,
        "summary": report.summary(),
        "verdict": report.verdict(),
        "figures_read": report.read,
        "figures_checked": report.checked,
        "findings": [
            f.to_dict() | {"verdict": verdict(f), "remedies": list(remedies(f))}
            for f in report.shown(unusual)
        ],
        "title": report.title,
        "letter": letter(report.cited, report.shown(), report.read),
        "wanted": list(report.wanted),
        "unread": list(report.unread),
        "not_checked": list(report.not_checked),
        "error": report.error,
    }


def to_json(
    reports: Sequence[AuditReport], *, unusual: bool = False, reviewer: bool = False
) -> str:
    """JSON with sorted keys; always a list of papers, and always with what each should state."""
    papers = [to_dict(report, unusual=unusual) for report in reports]
    return coded(json.dumps(papers, ensure_ascii=False, indent=2, sort_keys=True)) + "\n"


COLUMNS = (
    "paper",
    "verdict",
    "figures_read",
    "figures_checked",
    *(c.value.replace(" ", "_") for c in Certainty),
    "rules",
    "first_finding",
    "should_state",
    "error",
)


def to_csv(reports: Sequence[AuditReport], *, unusual: bool = False, reviewer: bool = False) -> str:
    """One row per paper, for a spreadsheet; no cell can be taken for a formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for report in reports:
        count = Counter(f.certainty for f in report.findings)
        shown = report.shown(unusual)
        row = [
            report.source,
            report.verdict(),
            str(report.read),
            str(report.checked),
            *(str(count[c]) for c in Certainty),
            " ".join(dict.fromkeys(f.id for f in shown)),
            shown[0].headline if shown else "",
            "; ".join(report.wanted) if reviewer else "",
            report.error,
        ]
        writer.writerow([no_formula(" ".join(harmless(cell).split())) for cell in row])
    return out.getvalue()
