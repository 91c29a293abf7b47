"""Sheets with one row per patient put side by side: baseline here, outcome there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from oncohort.problems import Place, Problem, problem
from oncohort.protocol.references import alike
from oncohort.records.columns import as_list
from oncohort.records.grid import Joined, Raw
from oncohort.records.identities import same_patients
from oncohort.records.values import text_of
from oncohort.vocabulary.spreadsheets import column_letters


def join(raw: Raw, key: str, other: Raw, other_key: str) -> tuple[Raw, list[Problem]]:
    """Add the columns of another sheet to the patients', row by patient.

    Parameters
    ----------
    raw, key
        The sheet of patients and its column with the patient.
    other, other_key
        The other sheet, and its column with the patient.

    Returns
    -------
    Raw
        Rows of the first sheet; columns of both, those of the second know their own cells.
    list of Problem
        Patients who stand twice in the other sheet, or only there.
    """
    patients = ["" if v is None else text_of(v) for v in as_list(raw.column(key))]
    index, problems = _rows_of_patients(other, other_key, set(patients) - {""})
    names, columns, letters = list(raw.names), list(raw.columns), list(raw.letters)
    joined = dict(raw.joined)
    rows = {
        row: other.rows[index[p]] for row, p in zip(raw.rows, patients, strict=True) if p in index
    }
    at = other.names.index(other_key)
    for position, name in enumerate(other.names):
        if position == at:
            continue
        ours = _new_name(name, names)
        values = as_list(other.columns[position])
        letter = other.letters[position] if other.letters else -1
        names.append(ours)
        columns.append([values[index[p]] if p in index else None for p in patients])
        letters.append(letter)
        joined[ours] = Joined(other.file, other.sheet, letter, _own_rows(other, name, rows))
    return (
        replace(
            raw,
            names=tuple(names),
            columns=columns,
            letters=tuple(letters) if raw.letters else (),
            joined=joined,
            label_of={**other.label_of, **raw.label_of},
            column_label={**other.column_label, **raw.column_label},
        ),
        problems,
    )


def _own_rows(other: Raw, name: str, rows: dict[int, int]) -> dict[int, int]:
    """The rows in which the values of a column stand, where rows were made of several."""
    made = other.joined.get(name)
    if made is None:
        return rows
    return {own: made.rows[theirs] for own, theirs in rows.items() if theirs in made.rows}


def _rows_of_patients(
    other: Raw, key: str, known: set[str]
) -> tuple[dict[str, int], list[Problem]]:
    """Index of each patient's row; patients who stand there twice, or are not known."""
    index: dict[str, int] = {}
    problems: list[Problem] = []
    at = other.names.index(key)
    theirs = ["" if v is None else text_of(v) for v in as_list(other.columns[at])]
    same = same_patients(known, set(theirs) - {""})
    for i, written in enumerate(theirs):
        who = same.get(written, written)
        if who == "":
            continue
        cell = f"{column_letters(other.letters[at])}{other.rows[i]}" if other.letters else None
        place = Place(other.file, other.sheet, cell, other.rows[i], key)
        if who in index:
            first, second = other.row_names(index[who], i)
            problems.append(
                problem(
                    "patients.duplicate",
                    "joined",
                    place=place,
                    patient=who,
                    table="patients",
                    first=first,
                    second=second,
                )
            )
            continue
        index[who] = i
        if who not in known:
            problems.append(
                problem(
                    "patients.orphan",
                    "joined",
                    place=place,
                    patient=who,
                    table="patients",
                    nearest=alike(who, known),
                )
            )
    return index, problems


def _new_name(name: str, taken: Sequence[str]) -> str:
    """The name of a joined column, numbered where the first sheet has it too."""
    ours, n = name, 1
    while ours in taken:
        n += 1
        ours = f"{name} ({n})"
    return ours


def borrow(raw: Raw, key: str, main: Raw, main_key: str, names: Sequence[str]) -> Raw:
    """Add columns of the patients' sheet to the rows of another one, by patient.

    Examples
    --------
    >>> people = Raw("c.xlsx", "Patients", ("id", "CT 1"), ([1, 2], ["a", "b"]), [2, 3], (0, 1))
    >>> sizes = Raw("c.xlsx", "Lesions", ("id", "size"), ([2, 2], [9, 8]), [2, 3], (0, 1))
    >>> borrow(sizes, "id", people, "id", ["CT 1"]).columns[-1]
    ['b', 'b']
    """
    who = ["" if v is None else text_of(v) for v in as_list(main.column(main_key))]
    own = ["" if v is None else text_of(v) for v in as_list(raw.column(key))]
    alike = same_patients(set(who) - {""}, set(own) - {""})
    first: dict[str, int] = {}
    for i, text in enumerate(who):
        first.setdefault(text, i)
    at = [first.get(alike.get(text, text)) if text else None for text in own]
    out_names, columns, letters = list(raw.names), list(raw.columns), list(raw.letters)
    joined = dict(raw.joined)
    for name in names:
        if name in out_names:
            continue
        values = as_list(main.column(name))
        out_names.append(name)
        columns.append([None if i is None else values[i] for i in at])
        letter = main.letters[main.names.index(name)] if main.letters else -1
        letters.append(-1)
        rows = {r: main.rows[i] for r, i in zip(raw.rows, at, strict=True) if i is not None}
        joined[name] = Joined(main.file, main.sheet, letter, rows)
    return replace(
        raw,
        names=tuple(out_names),
        columns=columns,
        letters=tuple(letters) if raw.letters else (),
        joined=joined,
    )
