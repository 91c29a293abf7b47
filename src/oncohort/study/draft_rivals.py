"""Several columns of a chart that may all be the one that a study needs: which of them is asked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

from oncohort.problems import Wrong
from oncohort.protocol.toml_text import toml_line
from oncohort.records.columns import as_list, read_column
from oncohort.records.matching import SURE, score
from oncohort.records.values import Reader, read_value
from oncohort.study.drafting import Page, Question
from oncohort.study.questions import open_line
from oncohort.vocabulary.mentions import mentions
from oncohort.vocabulary.tables import TABLES

CLOSE = 0.05
"""By how much less a name may fit than that of the column that was taken, to be asked about."""
LATEST = "latest contact"
FIRST = "first day of death"
"""Columns made of several."""

_MEANT: Mapping[str, str] = MappingProxyType(
    {
        "treatment_start": "the start of the treatment that is studied",
        "last_contact": "the last contact",
        "death_date": "the day of death",
        "vital_status": "who is alive or dead",
        "best_response": "the best response",
    }
)
_MADE: Mapping[str, tuple[str, str, str]] = MappingProxyType(
    {
        "last_contact": ("latest", LATEST, "the latest of them"),
        "death_date": ("earliest", FIRST, "the first that is filled"),
    }
)


def rival_questions(page: Page) -> list[Question]:
    """Which of several columns counts, where their names fit alike and their values differ.

    Of "Sunitinib start" and "Sorafenib start" the first would else be taken for standing first.
    """
    return [q for ours in _MEANT if (q := _question(page, ours)) is not None]


def _question(page: Page, ours: str) -> Question | None:
    main = page.ours.get(ours)
    if main is None or page.relative or (page.contact_is_death and ours == "last_contact"):
        return None
    others = _rivals(page, ours, main)
    if not others:
        return None
    all_ = (main, *others)
    shown = ", ".join(f'"{c}" (filled in {page.held[c].n} rows)' for c in all_)
    made = _MADE.get(ours)
    also = f' or "{made[1]}", {made[2]}' if made is not None else ""
    lines = [toml_line((made[0], made[1]), list(all_))] if made is not None else []
    offered = (*all_, made[1]) if made is not None else all_
    return Question(
        ours,
        f"{shown} may all be {_MEANT[ours]}, and they differ. Which counts: one of them{also}?",
        [*lines, open_line(f"columns.{ours}", *offered)],
        about=Wrong("patients", (ours,)),
    )


def _rivals(page: Page, ours: str, main: str) -> list[str]:
    """Columns whose names fit nearly as well, that are nothing else, and that hold other values."""
    fits = next((m.confidence for m in page.matches if m.column == main and m.ours == ours), None)
    if fits is None:
        return []
    used = {m.column for m in page.matches if m.confidence >= SURE}
    own = _values(page, ours, main)
    out = []
    for column in page.raw.names:
        if column in used or page.held[column].n < 3 or mentions(column, "before"):
            continue
        found = score(TABLES["patients"], ours, column, page.held[column])
        if found is not None and found.confidence >= max(SURE, fits - CLOSE):
            differs = _values(page, ours, column) != own
        else:
            differs = ours == "last_contact" and _seen_later(page, column, own)
        if differs:
            out.append(column)
    if ours == "treatment_start":
        out += _first_lines(page, main)
    return out


def _first_lines(page: Page, start: str) -> list[str]:
    """The start of the first line of treatment, where more patients have one than that which was
    taken: `Second-line start` is blank in those who had no second line."""
    first = [m.column for m in page.matches if m.ours == "first_systemic_date"]
    return [c for c in first if page.held[c].n > page.held[start].n]


def _seen_later(page: Page, column: str, contacts: list[object]) -> bool:
    """Is a column one of last days (`Last phone contact`, `Date of last CT`) after the contact?"""
    held = page.held[column]
    if held.mostly != "date" or held.n < held.rows / 2 or not mentions(column, "last_contact"):
        return False
    if mentions(column, "death", "progression", "dose", "treatment_start", "since_or_until"):
        return False
    pairs = zip(_values(page, "last_contact", column), contacts, strict=True)
    return any(isinstance(a, date) and isinstance(b, date) and a > b for a, b in pairs)


def _values(page: Page, ours: str, column: str) -> list[object]:
    cells = as_list(page.raw.column(column))
    if TABLES["patients"].kinds.get(ours) == "date":
        return list(read_column(cells, Reader("date")).values.to_list())
    reader = Reader("text", ours, TABLES["patients"].levels.get(ours, ()), hints=False)
    known: dict[str, object] = {}  # a column of words has few different ones
    for cell in cells:
        if isinstance(cell, str) and cell not in known:
            known[cell] = read_value(cell, reader).value
    return [known[c] if isinstance(c, str) else read_value(c, reader).value for c in cells]


__all__ = ["rival_questions"]
