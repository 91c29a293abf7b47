"""The course of one patient as a small drawing: events, scans, doses and dated facts by month."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from oncohort.displays.patient import Mark, PatientPage
from oncohort.vocabulary.times import DAYS_PER_UNIT

WIDTH = 760
LEFT, RIGHT = 12, 12
ROW = 15
Scale = Callable[[float], float]
"""Day to place across."""
LETTER = 5.6
"""Width of a letter of the small print, about."""


def timeline_svg(page: PatientPage) -> str:
    """The drawing, in the colours of the page; nothing where there are no dates."""
    marks = [m for m in page.marks if m.start >= -60 or m.lane != "fact"]
    if not any(m.lane != "fact" for m in marks) and len(marks) < 2:
        return ""
    first, last = min(m.start for m in marks), max(m.end for m in marks)
    span = max(last - first, 30)

    def x(day: float) -> float:
        return LEFT + (day - first) / span * (WIDTH - LEFT - RIGHT)

    parts: list[str] = []
    y = 6.0
    for lane, title in (("fact", ""), ("visit", "Scans"), ("dose", "Dose"), ("event", "Events")):
        in_lane = [m for m in marks if m.lane == lane]
        if not in_lane:
            continue
        if title:
            parts.append(f'<text class="t-lane" x="{LEFT}" y="{y + 9:.0f}">{title}</text>')
            y += 13
        drawn, height = _LANES[lane](in_lane, x, y)
        parts += drawn
        y += height + 8
    parts += _axis(first, last, x, y)
    words = _in_words(page, marks)
    label = f"Timeline of patient {escape(page.patient, quote=True)}"
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{label}" '
        f'data-label="{label}">'
        f'<svg class="timeline" viewBox="0 0 {WIDTH} {y + 30:.0f}" role="img" '
        f'aria-label="{escape(words, quote=True)}">{"".join(parts)}</svg></div>'
    )


def _in_words(page: PatientPage, marks: list[Mark]) -> str:
    counts = {lane: sum(m.lane == lane for m in marks) for lane in ("visit", "dose", "event")}
    return (
        f"Timeline of patient {page.patient}: {counts['visit']} scans, {counts['dose']} dose "
        f"periods, {counts['event']} adverse events; all of it is listed below."
    )


def _rows(marks: list[Mark], x: Scale, room: float) -> list[tuple[int, Mark]]:
    """Each mark with a row in which its label has room."""
    ends: list[float] = []
    out = []
    for mark in sorted(marks, key=lambda m: (m.start, m.end, m.label)):
        at = x(mark.start)
        wide = max(x(mark.end) - at, 4) + len(_label(mark)) * LETTER + room
        start = min(at, WIDTH - RIGHT - len(_label(mark)) * LETTER)
        row = next((i for i, end in enumerate(ends) if end <= start), len(ends))
        if row == len(ends):
            ends.append(0.0)
        ends[row] = start + wide
        out.append((row, mark))
    return out


def _label(mark: Mark) -> str:
    if mark.lane == "event":
        return f"{mark.label} {mark.call}".strip()
    return mark.label


def _facts(marks: list[Mark], x: Scale, y: float) -> tuple[list[str], float]:
    placed = _rows(marks, x, 14)
    depth = (max(row for row, _ in placed) + 1) * ROW
    out = []
    for row, mark in placed:
        at, line = x(mark.start), y + row * ROW + 10
        wide = len(mark.label) * LETTER
        turned = at + 4 + wide > WIDTH - RIGHT
        anchor, where = ("end", at - 4) if turned else ("start", at + 4)
        out.append(f'<path class="t-stem" d="M{at:.1f} {line - 8:.1f}V{y + depth + 6:.1f}"/>')
        out.append(
            f'<text class="t-word" x="{where:.1f}" y="{line:.1f}" text-anchor="{anchor}">'
            f"{escape(mark.label)}</text>"
        )
    return out, depth


def _visits(marks: list[Mark], x: Scale, y: float) -> tuple[list[str], float]:
    out = [f'<path class="t-base" d="M{LEFT} {y + 7:.1f}H{WIDTH - RIGHT}"/>']
    last = -99.0
    for mark in sorted(marks, key=lambda m: m.start):
        at = x(mark.start)
        call = mark.call or "base"
        kind = "".join(c for c in call.lower() if c.isalpha())
        out.append(
            f'<circle class="t-scan r-{kind}" cx="{at:.1f}" cy="{y + 7:.1f}" r="5">'
            f"<title>{escape(mark.label)}: {escape(call)}</title></circle>"
        )
        if at - last > 22:
            anchor = "start" if at < 20 else "end" if at > WIDTH - 20 else "middle"
            out.append(
                f'<text class="t-word" x="{at:.1f}" y="{y + 24:.1f}" text-anchor="{anchor}">'
                f"{escape(call)}</text>"
            )
            last = at
    return out, 26


def _doses(marks: list[Mark], x: Scale, y: float) -> tuple[list[str], float]:
    out = []
    drugs = list(dict.fromkeys(m.label for m in marks))
    for i, drug in enumerate(drugs):
        top = y + i * 30
        for mark in (m for m in marks if m.label == drug):
            at = x(mark.start)
            wide = max(x(mark.end + 1) - at, 1.5)
            share = min(float(mark.call or 0), 1.0)
            high = max(16 * share, 1.5)
            kind = "t-dose" if share else "t-none"
            out.append(
                f'<rect class="{kind}" x="{at:.1f}" y="{top + 16 - high:.1f}" width="{wide:.1f}" '
                f'height="{high:.1f}"><title>{escape(drug)}, {share:.0%} of the planned dose'
                "</title></rect>"
            )
        out.append(
            f'<text class="t-word" x="{x(marks[0].start):.1f}" y="{top + 27:.1f}">'
            f"{escape(drug)}, share of the planned dose</text>"
        )
    return out, 30.0 * len(drugs)


def _events(marks: list[Mark], x: Scale, y: float) -> tuple[list[str], float]:
    out = []
    placed = _rows(marks, x, 16)
    for row, mark in placed:
        at, top = x(mark.start), y + row * ROW
        wide = max(x(mark.end + 1) - at, 4)
        label = _label(mark)
        turned = at + wide + 4 + len(label) * LETTER > WIDTH - RIGHT
        where, anchor = (at - 4, "end") if turned else (at + wide + 4, "start")
        grade = mark.call if mark.call in "12345" else "0"
        out.append(
            f'<rect class="g{grade or 0}" x="{at:.1f}" y="{top:.1f}" width="{wide:.1f}" height="9" '
            f'rx="2"><title>{escape(label)}</title></rect>'
            f'<text class="t-word" x="{where:.1f}" y="{top + 8.5:.1f}" text-anchor="{anchor}">'
            f"{escape(label)}</text>"
        )
    return out, (max(row for row, _ in placed) + 1) * ROW


_LANES = {"fact": _facts, "visit": _visits, "dose": _doses, "event": _events}


def _axis(first: int, last: int, x: Scale, y: float) -> list[str]:
    """Months from the start of treatment, in steps that leave room for their numbers."""
    months = (last - first) / DAYS_PER_UNIT["months"]
    step = next(s for s in (1, 2, 3, 6, 12, 24, 36, 60, 120) if months / s <= 14 or s == 120)
    low = -(-first // DAYS_PER_UNIT["months"])
    out = [f'<path class="t-base" d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}"/>']
    month = int(-(-low // step) * step)
    while month * DAYS_PER_UNIT["months"] <= last:
        at = x(month * DAYS_PER_UNIT["months"])
        out.append(
            f'<path class="t-base" d="M{at:.1f} {y:.1f}v4"/><text class="t-word" x="{at:.1f}" '
            f'y="{y + 14:.1f}" text-anchor="middle">{month}</text>'
        )
        month += step
    out.append(
        f'<text class="t-word" x="{WIDTH / 2:.0f}" y="{y + 26:.1f}" text-anchor="middle">'
        "months since the start of treatment</text>"
    )
    return out
