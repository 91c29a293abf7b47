"""What a problem is: its id, its severity, its place, and what is wrong."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, field
from enum import StrEnum

from oncohort.dataclass import dataclass


class Severity(StrEnum):
    """How much a problem matters, worst first."""

    ERROR = "error"
    """Wrong or unreadable; what depends on it is left out until it is settled."""
    QUESTION = "question"
    """Ambiguous; the answer belongs into the protocol. What depends on it is left out."""
    WARNING = "warning"
    """Probably wrong; the work goes on and says so."""
    NOTE = "note"
    """Worth knowing; nothing is wrong."""

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return list(Severity).index(self)


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a problem is: in a data file (sheet, cell) or in the protocol (line, key)."""

    file: str | None = None
    sheet: str | None = None
    cell: str | None = None
    """Spreadsheet address (``C14``) or a range (``C2:C43``)."""
    row: int | None = None
    """Row of the source as a person counts it: the first line of the file is 1."""
    column: str | None = None
    """Column name as the source has it."""
    line: int | None = None
    key: str | None = None
    """Dotted key in the protocol, ``endpoints.pfs.event_value``."""

    def __str__(self) -> str:
        parts = []
        if self.file:
            parts.append(self.file if self.line is None else f"{self.file}:{self.line}")
        elif self.line is not None:
            parts.append(f"line {self.line}")
        if self.sheet:
            parts.append(f"sheet {self.sheet!r}")
        if self.cell:
            parts.append(f"cell {self.cell}" if ":" not in self.cell else f"cells {self.cell}")
        elif self.row is not None:
            parts.append(f"row {self.row}")
        if self.column and not self.cell:
            parts.append(f"column {self.column!r}")
        elif self.column:
            parts.append(f"({self.column})")
        if self.key:
            parts.append(self.key)
        return " ".join(parts) if parts else "-"


@dataclass(frozen=True, slots=True)
class Wrong:
    """Values of the record tables that are wrong, or can't be trusted."""

    table: str
    columns: tuple[str, ...] = ()
    """Columns of the table; none means every one."""
    row: int | None = None
    """The record's ``source_row``; none where it can't be said."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, or open, with its place.

    Parameters
    ----------
    id
        Name of the rule that found it, ``dates.death-before-progression``.
    what
        What is wrong, with the values: one sentence.
    why
        Why it matters.
    todo
        What the user should do.
    blocks
        Result ids or their prefixes that are left out because of it
        (``("survival.pfs", "prognosis.pfs")``). For wrong values they are computed from `wrong`;
        only a cause in the protocol names them itself.
    wrong
        Which values of the record tables are wrong.
    """

    id: str
    severity: Severity
    what: str
    why: str = ""
    todo: str = ""
    place: Place = field(default_factory=Place)
    patient: str | None = None
    blocks: tuple[str, ...] = ()
    wrong: tuple[Wrong, ...] = ()

    def __str__(self) -> str:
        who = f" patient {self.patient}" if self.patient is not None else ""
        text = f"{self.severity.value}: {self.place}{who}: {self.what}"
        if self.why:
            text += f" {self.why}"
        if self.todo:
            text += f" -> {self.todo}"
        return text

    def to_dict(self) -> dict[str, object]:
        """Plain values for JSON; empty fields are left out."""
        place = {k: v for k, v in asdict(self.place).items() if v is not None}
        raw: dict[str, object] = {
            "id": self.id,
            "severity": self.severity.value,
            "what": self.what,
            "why": self.why,
            "todo": self.todo,
            "place": place,
            "patient": self.patient,
            "blocks": list(self.blocks),
        }
        return {k: v for k, v in raw.items() if v not in (None, "", [], {})}


def worst_first(problems: Iterable[Problem]) -> list[Problem]:
    """Sort by severity, then rule, place and patient; a stable order for people and files."""
    return sorted(
        problems,
        key=lambda p: (
            p.severity.rank,
            p.id,
            p.place.file or "",
            p.place.sheet or "",
            p.place.line or 0,
            p.place.row or 0,
            p.place.cell or "",
            p.patient or "",
            p.what,
        ),
    )


def errors(problems: Iterable[Problem]) -> list[Problem]:
    """Those that block something: errors and open questions."""
    return [p for p in problems if p.severity in (Severity.ERROR, Severity.QUESTION)]
