"""Lists for the study team: patients and visits to look at again. They stay in the report.

Manuscript, tables and figures never name a patient; these lists do, and are left out of everything
that is shared.
"""

from __future__ import annotations

from oncohort.analyses.result import Curve, Numbers
from oncohort.displays.spans import say
from oncohort.displays.tables.model import Column, Table, row

DISCREPANCIES = {
    "patient": ("Patient", 0.8),
    "visit": ("Visit", 0.9),
    "date": ("Date", 1.0),
    "charted": ("Charted", 0.8),
    "derived": ("Derived", 0.8),
    "reason": ("Why it was derived so", 4.0),
}
LABEL = {
    "patient": ("Patient", 0.8),
    "event": ("Event", 1.8),
    "grade": ("Grade", 0.6),
    "start": ("Start", 1.0),
    "occurrence": ("Episode", 0.7),
    "asks": ("The label asks to", 1.8),
    "charted": ("Charted action", 1.3),
    "recorded": ("Dose record shows", 1.3),
}


def _table(curve: Curve, number: str, columns: dict[str, tuple[str, float]], note: str) -> Table:
    rows = tuple(
        row(*("" if curve.columns[c][i] is None else str(curve.columns[c][i]) for c in columns))
        for i in range(len(curve))
    )
    heads = tuple(Column(label, align="left", width=width) for label, width in columns.values())
    name = "-".join(curve.key.path)
    return Table(name, number, curve.label, heads, rows, (say(note),), False)


def lists_of(numbers: Numbers) -> tuple[Table, ...]:
    """The lists that have something to show."""
    out: list[Table] = []
    for curve in numbers.curves.values():
        if not len(curve):
            continue
        number = f"List {len(out) + 1}"
        if curve.key.path == ("response", "discrepancies"):
            note = "The protocol says which of the two counts ([response] source)."
            out.append(_table(curve, number, DISCREPANCIES, note))
        elif curve.key.section == "exposure" and curve.key.path[-1] == "label":
            out.append(_table(curve, number, LABEL, curve.method))
    return tuple(out)
