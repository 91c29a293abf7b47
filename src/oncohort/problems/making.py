"""A problem from its id and its place: the texts come from the catalogue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from string import Formatter

from oncohort.problems.entries import entry
from oncohort.problems.model import Place, Problem, Wrong

SHOWN = 12
"""So many members of a list are named in a text."""


LONG = 2_000
"""Letters of a value that a text quotes; what follows can be read in the chart."""


def _short(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest // 2]}..."


class _Texts(Formatter):
    """Holes as in `str.format`, and two more ways to fill them.

    `{n:row|rows}` is the first word for 1 and the second for every other number. Lists are joined
    by commas; of a long one the first members are named. What is none stands as `(blank)`.
    """

    def format_field(self, value: object, format_spec: str) -> str:
        one, several, many = format_spec.partition("|")
        if several:
            return one if value == 1 else many
        if value is None:
            return "(blank)"
        if isinstance(value, list | tuple):
            shown = ", ".join(_short(str(v), LONG // 10) for v in value[:SHOWN])
            return f"{shown}, ..." if len(value) > SHOWN else shown
        if isinstance(value, str):
            return _short(value, LONG)
        return str(super().format_field(value, format_spec))

    def get_value(
        self, key: int | str, args: Sequence[object], kwargs: Mapping[str, object]
    ) -> object:
        return kwargs[str(key)]


_TEXTS = _Texts()


def fill(text: str, /, **holes: object) -> str:
    """A text of a catalogue with its holes filled.

    Examples
    --------
    >>> fill("{n} {n:row|rows} in {files}", n=2, files=["a.csv", "b.csv"])
    '2 rows in a.csv, b.csv'
    """
    return _TEXTS.vformat(text, (), holes)


def problem(
    id_: str,
    case: str = "",
    *,
    place: Place | None = None,
    patient: str | None = None,
    table: str | None = None,
    column: str | Sequence[str] | None = None,
    row: int | None = None,
    also: Iterable[Wrong] = (),
    blocks: Iterable[str] = (),
    **holes: object,
) -> Problem:
    """A problem of the catalogue.

    Parameters
    ----------
    id_
        Its id, ``values.unreadable``.
    case
        Which way of saying it, where the entry has several.
    place
        Where the user finds it: file, sheet and cell, or the key of the protocol.
    patient
        Whose value it is.
    table, column, row
        What is wrong, in the record tables: the table, the column or columns (none: every one of
        the table) and the ``source_row`` (none: any). What rests on it is found from this.
    also
        Further wrong values, where two tables contradict each other.
    blocks
        Result ids or their prefixes; only where the cause stands in the protocol itself.
    holes
        Values of the ``{named}`` holes of the texts; ``table``, ``column``, ``row`` and
        ``patient`` are filled by the parameters of these names.

    Raises
    ------
    KeyError
        The catalogue has no such id or case, or a hole is not filled.

    Examples
    --------
    >>> problem("patients.orphan", "joined", patient="7", nearest="").what
    'Patient 7 is not in the first sheet of patients.'
    """
    one = entry(id_)
    texts = one.cases[case] if case else one.case
    columns = () if column is None else (column,) if isinstance(column, str) else tuple(column)
    wrong = (() if table is None else (Wrong(table, columns, row),)) + tuple(also)
    own = {"table": table, "column": " and ".join(columns), "row": row, "patient": patient}
    values = own | holes
    what, why, todo = (
        _TEXTS.vformat(text, (), values).strip() for text in (texts.what, texts.why, texts.todo)
    )
    return Problem(
        id_, texts.severity, what, why, todo, place or Place(), patient, tuple(blocks), wrong
    )
