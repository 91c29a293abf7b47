"""The report: one HTML file that needs no network and keeps nothing from its reader.

Everything that comes from the study is escaped; figures are inline SVG; a content security
policy lets nothing in or out. Behind each number stand its method and, unless shared, its
patients.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections import Counter
from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING

from oncohort.analyses.result import Estimate, Numbers
from oncohort.displays.behind import PageEvidence
from oncohort.displays.figures.model import Figure
from oncohort.displays.lists import lists_of
from oncohort.displays.paper import Notice, Paper
from oncohort.documents.style import asset, page_css
from oncohort.documents.templates import piece, render
from oncohort.protocol.number_style import Style

if TYPE_CHECKING:
    from oncohort.displays.context import Context
    from oncohort.problems import Problem
    from oncohort.protocol import Protocol

MOST_PROBLEMS = 100
"""Problems of one rule that the page lists; the rest are counted."""
SCALE = 4.72
"""CSS pixels per printed millimetre: 25 % above print size, for reading on a screen."""


def figure_svg(figure: Figure, svg: str) -> str:
    """The drawing as a part of the page: sized for the screen, with words for screen readers."""
    width = round(figure.width_mm * SCALE)

    def opening(match: re.Match[str]) -> str:
        tag = re.sub(r'\s(width|height)="[^"]*"', "", match[0])
        label = escape(figure.alt, quote=True)
        tag = tag.replace('style="', f'style="max-width:{width}px;', 1)
        return tag[:-1] + f' role="img" aria-label="{label}">'

    return re.sub(r"<svg\b[^<>]*>", opening, svg, count=1)


def estimate_dict(estimate: Estimate, style: Style) -> dict[str, object]:
    """What the page knows of a number; empty fields are left out."""
    raw: dict[str, object] = {
        "label": estimate.label,
        "value": style.in_words(estimate),
        "ci": style.interval_words(estimate),
        "how": estimate.interval_method,
        "method": estimate.method,
        "n": estimate.n,
        "events": estimate.events,
        "excluded": dict(estimate.excluded),
        "note": estimate.note,
        "population": estimate.population,
        "members": estimate.members,
    }
    return {k: v for k, v in raw.items() if v not in ("", None, {})}


def page_data(numbers: Numbers, context: Context, style: Style) -> dict[str, object]:
    """Numbers, populations and evidence for the disclosure; nothing about patients when shared."""
    seen = PageEvidence() if context.share else context.evidence
    estimates = {name: estimate_dict(e, style) for name, e in numbers.items()}
    for name, groups in seen.of.items():
        if groups:
            estimates[name]["seen"] = list(groups)
    populations: dict[str, object] = {}
    for name, population in numbers.populations.items():
        entry: dict[str, object] = {"label": population.label, "n": len(population.patients)}
        if name in seen.listed:
            entry["patients"] = list(population.patients)
        populations[name] = entry
    return {
        "estimates": estimates,
        "populations": populations,
        "evidence": {k: dict(v) for k, v in seen.groups.items()},
        "titles": dict(seen.titles),
        "folder": seen.folder,
        "pages": {p.patient: f"patient-{i}" for i, p in enumerate(seen.patients)},
    }


def json_for_page(data: object) -> str:
    """JSON that can't end its script element."""
    text = json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    for char, code in (("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026")):
        text = text.replace(char, code)
    return text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def problem_groups(problems: tuple[Problem, ...], share: bool) -> list[dict[str, object]]:
    """Problems by rule, worst first; when shared, only rule, severity and how many."""
    groups: dict[tuple[str, str], list[Problem]] = {}
    for problem in problems:
        groups.setdefault((problem.severity.value, problem.id), []).append(problem)
    out = []
    for (severity, rule), members in groups.items():
        out.append(
            {
                "severity": severity,
                "rule": rule,
                "count": len(members),
                "more": max(0, len(members) - MOST_PROBLEMS),
                "problems": []
                if share
                else [
                    {
                        "what": p.what,
                        "why": p.why,
                        "todo": p.todo,
                        "place": "" if str(p.place) == "-" else str(p.place),
                        "patient": p.patient or "",
                    }
                    for p in members[:MOST_PROBLEMS]
                ],
            }
        )
    return out


def _contents(paper: Paper) -> list[dict[str, object]]:
    from oncohort.displays.paper import Heading

    out: list[dict[str, object]] = []
    for section in paper.sections:
        parts = [
            {"anchor": anchor(section.key, i), "title": b.text}
            for i, b in enumerate(section.blocks)
            if isinstance(b, Heading) and section.key == "results"
        ]
        out.append({"anchor": section.key, "title": section.title, "parts": parts})
    return out


def anchor(section: str, index: int) -> str:
    """Id of a heading inside a section."""
    return f"{section}-{index}"


def csp(script: str) -> str:
    """A policy that lets nothing in or out but this very script (by its hash) and inline styles."""
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return (
        f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def write_report(
    paper: Paper,
    numbers: Numbers,
    protocol: Protocol,
    context: Context,
    images: Mapping[str, Mapping[str, bytes]],
) -> str:
    """Lay the paper out as one HTML file.

    Parameters
    ----------
    images
        Figure id to format to bytes; the SVG is taken. A figure without one keeps its caption.
    context
        With ``share`` set, the page holds no patient id: no members, no evidence, no cells.

    Returns
    -------
    str
        The page; the same input gives the same text.
    """
    from markupsafe import Markup

    script = asset("report.js")

    def notice_html(block: Notice) -> Markup:
        words = block.shared if context.share and block.shared else block.spans
        return piece("spans", words)

    def drawing(figure: Figure) -> Markup:
        svg = images.get(figure.id, {}).get("svg", b"").decode("utf-8")
        return Markup(figure_svg(figure, svg)) if svg else Markup("<p>Not drawn.</p>")

    counts = Counter(p.severity.value for p in context.problems)
    return str(
        render(
            "report.html.j2",
            paper=paper,
            protocol=protocol,
            context=context,
            contents=_contents(paper),
            anchor=anchor,
            csp=csp(script),
            css=Markup(page_css()),
            script=Markup(script),
            data=Markup(json_for_page(page_data(numbers, context, paper.style))),
            numbers=[{"id": name, **estimate_dict(e, paper.style)} for name, e in numbers.items()],
            problems=problem_groups(context.problems, context.share),
            counts=counts,
            lists=() if context.share else lists_of(numbers),
            patients=() if context.share else context.evidence.patients,
            formats=tuple(protocol.style.formats),
            notice=notice_html,
            svg=drawing,
            kind=lambda block: type(block).__name__,
        )
    )
