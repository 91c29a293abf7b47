"""Several rows of a patient made into one: event types side by side, the first or the last row.

Files of trials have a row per event (recurrence, death), per visit, or per interval with start and
stop. A study takes one row for each patient; which values of which row count is said by
`[tables.patients.one_row]`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from oncohort.dataclass import dataclass
from oncohort.problems import Place, Problem, problem
from oncohort.protocol.data import OneRow
from oncohort.records.columns import as_list, read_column
from oncohort.records.grid import Cell, Joined, Raw
from oncohort.records.model import Decision
from oncohort.records.values import Reader, read_value, text_of
from oncohort.vocabulary.plurals import counted


def of_row(column: str, by: str, value: str) -> str:
    """What a column of one of the rows is called: `time` of the row with `etype` 1.

    Examples
    --------
    >>> of_row("time", "etype", "1")
    'time etype=1'
    """
    return f"{column} {by}={value}"


@dataclass(frozen=True, slots=True)
class Made:
    """The table with one row for each patient, and what was said of it."""

    raw: Raw
    problems: tuple[Problem, ...] = ()
    decisions: tuple[Decision, ...] = ()


def made_one(raw: Raw, how: OneRow, patient: str) -> Made:
    """Make several rows of a patient into one.

    Parameters
    ----------
    how
        What the protocol says: which column tells the rows apart, which values are taken of each,
        of the first and of the last row.
    patient
        The chart's column with the patient.

    Returns
    -------
    Made
        Rows in the order in which the patients are first met; a value of another row than the
        first knows its own cell. A row without patient stays a row of its own.

    Examples
    --------
    >>> raw = Raw("c.csv", None, ("id", "time", "etype"), ([1, 1], [5, 9], [1, 2]), [2, 3])
    >>> one = made_one(raw, OneRow(by="etype", columns=["time"]), "id").raw
    >>> one.names, one.columns[-2:], one.rows
    (('id', 'time', 'etype', 'time etype=1', 'time etype=2'), [[5], [9]], [2])
    """
    wanted = [*how.columns, *how.ends, *([how.by] if how.by else [])]
    wanted += [how.order] if how.order else []
    absent = [c for c in wanted if c not in raw.names]
    if absent:
        from oncohort.protocol.references import nearest

        key = "tables.patients.one_row"
        place = Place(raw.file, raw.sheet, key=key)
        return Made(
            raw,
            tuple(
                problem("columns.missing", place=place, table="patients", name=c,
                        nearest=nearest(c, raw.names))
                for c in absent
            ),
        )  # fmt: skip
    groups = _groups(raw, patient, how.order)
    firsts = [g[-1] if how.keep == "last" else g[0] for g in groups]
    data = [as_list(c) for c in raw.columns]
    columns: list[list[Cell]] = [[values[i] for i in firsts] for values in data]
    rows = [raw.rows[i] for i in firsts]
    joined = dict(raw.joined)
    ends = [g[-1] if how.end == "last" else g[0] for g in groups]
    for name in how.ends:
        at = raw.names.index(name)
        columns[at] = [data[at][i] for i in ends]
        joined[name] = _cells(raw, at, rows, ends)
    names = list(raw.names)
    letters = list(raw.letters)
    problems: list[Problem] = []
    if how.by is not None:
        values = [text_of(v) if v is not None else "" for v in data[raw.names.index(how.by)]]
        values = [how.names.get(v, v) for v in values]
        problems += _twice(raw, patient, how, values, groups)
        for value in dict.fromkeys(v for v in values if v):
            picked = [_picked(g, values, value, last=value in how.last) for g in groups]
            for name in how.columns:
                at = raw.names.index(name)
                new = of_row(name, how.by, value)
                names.append(new)
                columns.append([None if i is None else data[at][i] for i in picked])
                joined[new] = _cells(raw, at, rows, picked)
                letters.append(raw.letters[at] if raw.letters else -1)
    decisions = _decisions(raw, how, data, groups)
    out = replace(
        raw,
        names=tuple(names),
        columns=columns,
        rows=rows,
        letters=tuple(letters) if raw.letters else (),
        joined=joined,
        label_of={**raw.label_of, **_labels(raw, how, names)},
    )
    return Made(out, tuple(problems), tuple(decisions))


def _groups(raw: Raw, patient: str, order: str | None) -> list[list[int]]:
    """The rows of each patient, in the order asked for; a row without patient is by itself."""
    found: dict[str, list[int]] = {}
    for i, value in enumerate(as_list(raw.column(patient))):
        text = "" if value is None else text_of(value)
        found.setdefault(text or f"\0{i}", []).append(i)
    groups = list(found.values())
    if order is not None:
        values = as_list(raw.column(order))
        days = read_column(values, Reader("date"))
        dated = days.values.to_list() if not days.unread else None
        for group in groups:
            group.sort(key=lambda i: _place_of(dated[i] if dated else values[i], i))
    return groups


def _place_of(value: Cell, at: int) -> tuple[int, float, str, int]:
    """Numbers by their size, then dates and texts as they are written, then blanks."""
    number = read_value(value, Reader("number")).value
    if isinstance(number, int | float):
        return 0, float(number), "", at
    return (2, 0.0, "", at) if value is None else (1, 0.0, text_of(value), at)


def _cells(raw: Raw, at: int, rows: Sequence[int], picked: Sequence[int | None]) -> Joined:
    """Where the values of another row stand."""
    letter = raw.letters[at] if raw.letters else -1
    pairs = zip(rows, picked, strict=True)
    return Joined(raw.file, raw.sheet, letter, {r: raw.rows[i] for r, i in pairs if i is not None})


def _labels(raw: Raw, how: OneRow, names: Sequence[str]) -> dict[str, dict[str, str]]:
    """The labels of codes, for the columns that were made."""
    out: dict[str, dict[str, str]] = {}
    for name in how.columns:
        labels = raw.label_of.get(name)
        if labels and how.by:
            out |= {n: labels for n in names if n.startswith(f"{name} {how.by}=")}
    return out


def side_by_side(raw: Raw, how: OneRow, patient: str, kept: Sequence[str] = ()) -> Made:
    """A sheet of events with one row for each patient: the patient, and the columns of the events.

    Other columns belong to single events and are left out, but for those of the last (or first)
    row that are asked for with `ends`, and those that are `kept`.

    Examples
    --------
    >>> columns = ([1, 1], ["2015-01-02", "2016-01-02"], ["relapse", "death"], ["liver", None])
    >>> raw = Raw("c.csv", None, ("id", "day", "event", "note"), columns, [2, 3])
    >>> one = side_by_side(raw, OneRow(by="event", columns=["day"]), "id").raw
    >>> one.names
    ('id', 'day event=relapse', 'day event=death')
    """
    made = made_one(raw, how, patient)
    if made.raw is raw:
        return made
    wanted = {patient, *how.ends, *kept}
    at = [i for i, n in enumerate(made.raw.names) if n in wanted or n not in raw.names]
    out = replace(
        made.raw,
        names=tuple(made.raw.names[i] for i in at),
        columns=[made.raw.columns[i] for i in at],
        letters=tuple(made.raw.letters[i] for i in at) if raw.letters else (),
    )
    return replace(made, raw=out)


def _picked(group: Sequence[int], values: Sequence[str], value: str, *, last: bool) -> int | None:
    """The row of a patient with a value, the first or the last of them."""
    rows = [i for i in group if values[i] == value]
    return rows[-1 if last else 0] if rows else None


def _twice(
    raw: Raw, patient: str, how: OneRow, values: Sequence[str], groups: Sequence[Sequence[int]]
) -> list[Problem]:
    """Patients with two rows of one kind: the first would be taken without a reason."""
    who = as_list(raw.column(patient))
    by, settled = how.by or "", {*how.first, *how.last}
    out = []
    for group in groups:
        seen: dict[str, int] = {}
        for i in group:
            if values[i] and values[i] in seen and values[i] not in settled:
                first, second = raw.row_names(seen[values[i]], i)
                out.append(
                    problem(
                        "patients.duplicate",
                        "kind",
                        place=raw.at(i),
                        patient=text_of(who[i]),
                        table="patients",
                        by=by,
                        value=values[i],
                        first=first,
                        second=second,
                    )
                )
            seen.setdefault(values[i], i)
    return out


def _decisions(
    raw: Raw, how: OneRow, data: Sequence[list[Cell]], groups: Sequence[Sequence[int]]
) -> list[Decision]:
    """How many patients had several rows, and which of their values differ between them."""
    several = [g for g in groups if len(g) > 1]
    if not several:
        return []
    apart = {how.by, how.order, *how.columns, *how.ends}
    differ = [
        name
        for name, values in zip(raw.names, data, strict=True)
        if name not in apart
        and any(len({text_of(values[i]) for i in g if values[i] is not None}) > 1 for g in several)
    ]
    which = "last" if how.keep == "last" else "first"
    text = f"{counted(len(several), 'patient')} with several rows: one row was made of them."
    if differ:
        text += f" Values that differ are those of the {which} row: {', '.join(differ)}."
    return [
        Decision(
            "rows.one-row",
            text,
            "patients",
            count=len(several),
            place=Place(raw.file, raw.sheet),
            by="protocol",
        )
    ]
