"""Problems as the page shows them: one card for each cause, and what can be decided about it."""

from __future__ import annotations

from collections.abc import Iterable

from oncohort.app.wording import say
from oncohort.checks.report import grouped
from oncohort.dataclass import dataclass
from oncohort.problems import Problem, Severity
from oncohort.protocol.decisions import decision_text
from oncohort.study.editing import plain_value

SHOWN = 40


@dataclass(frozen=True, slots=True)
class Where:
    """A place in the chart."""

    text: str
    patient: str
    address: str
    """`file!sheet!F2`, to open the sheet at the cell; empty where it has none."""


@dataclass(frozen=True, slots=True)
class Card:
    """Problems of one cause."""

    rule: str
    severity: str
    where: str
    what: str
    why: str
    todo: str
    blocks: tuple[str, ...]
    count: int
    patients: tuple[str, ...]
    cells: tuple[Where, ...]
    """Where the first of them stand."""
    columns: tuple[str, ...]
    """Where the records contradict each other, the columns of which one is wrong."""
    open: bool
    """Whether a decision of the authors can settle it."""


def cards(problems: Iterable[Problem]) -> list[Card]:
    """Problems grouped as `oncohort check` groups them, worst first."""
    return [_card(group) for group in grouped(problems)]


def _card(group: list[Problem]) -> Card:
    first = group[0]
    patients = tuple(dict.fromkeys(p.patient for p in group if p.patient is not None))
    columns = tuple(dict.fromkeys(c for w in first.wrong for c in w.columns))
    cells = tuple(_where(p) for p in group[:SHOWN] if p.place.cell or p.patient)
    same = len({p.what for p in group}) == 1
    return Card(
        first.id,
        first.severity.value,
        str(first.place) if len(group) == 1 else _sheet(first),
        first.what if same else say("problems.more", first=first.what, n=len(group) - 1),
        first.why,
        first.todo,
        tuple(b or say("problems.everything") for b in first.blocks),
        len(group),
        patients,
        cells,
        columns if len(columns) > 1 else (),
        bool(patients) and first.severity in (Severity.ERROR, Severity.QUESTION, Severity.WARNING),
    )


def _where(problem: Problem) -> Where:
    place = problem.place
    cell = (place.cell or "").partition(",")[0]
    address = f"{place.file}!{place.sheet or ''}!{cell}" if cell and place.file else ""
    return Where(place.cell or str(place), problem.patient or "", address)


def _sheet(problem: Problem) -> str:
    place = problem.place
    parts = [place.file or "", f"sheet {place.sheet}" if place.sheet else ""]
    parts.append(f"column {place.column}" if place.column else "")
    return ", ".join(p for p in parts if p)


def with_decision(
    text: str,
    rule: str,
    patients: list[str],
    do: str,
    by: str,
    why: str,
    value: str = "",
    column: str = "",
) -> str:
    """The protocol's text with one decision more, at its end.

    Examples
    --------
    >>> print(with_decision("", "dates.future", ["7"], "missing", "A. B.", "Typing error").strip())
    [[decisions]]
    rule = "dates.future"
    patients = ["7"]
    do = "missing"
    by = "A. B."
    why = "Typing error"
    """
    keys: dict[str, object] = {"rule": rule, "patients": patients, "do": do}
    if do == "value":
        keys["value"] = plain_value(value)
    if column:
        keys["column"] = column
    block = decision_text(keys | {"by": by, "why": why})
    return f"{text.rstrip()}\n\n{block}\n"
