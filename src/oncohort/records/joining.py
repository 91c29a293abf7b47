"""Sheets with one row per patient put side by side: baseline here, outcome there."""

from __future__ import annotations

from dataclasses import replace

from oncohort.problems import Place, Problem, problem
from oncohort.protocol.references import nearest
from oncohort.records.columns import as_list
from oncohort.records.grid import Joined, Raw
from oncohort.records.identities import same_patients
from oncohort.records.model import column_letters
from oncohort.records.values import text_of


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
    problems: list[Problem] = []
    patients = ["" if v is None else text_of(v) for v in as_list(raw.column(key))]
    known = set(patients) - {""}
    index: dict[str, int] = {}
    at = other.names.index(other_key)
    theirs = ["" if v is None else text_of(v) for v in as_list(other.columns[at])]
    alike = same_patients(known, set(theirs) - {""})
    for i, written in enumerate(theirs):
        who = alike.get(written, written)
        if who == "":
            continue
        cell = f"{column_letters(other.letters[at])}{other.rows[i]}" if other.letters else None
        place = Place(other.file, other.sheet, cell, other.rows[i], other_key)
        if who in index:
            problems.append(
                problem(
                    "patients.duplicate",
                    "joined",
                    place=place,
                    patient=who,
                    table="patients",
                    first=other.rows[index[who]],
                    second=other.rows[i],
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
                    nearest=nearest(who, known),
                )
            )
    names, columns, letters = list(raw.names), list(raw.columns), list(raw.letters)
    joined = dict(raw.joined)
    for position, name in enumerate(other.names):
        if position == at:
            continue
        ours, n = name, 1
        while ours in names:
            n += 1
            ours = f"{name} ({n})"
        values = as_list(other.columns[position])
        names.append(ours)
        columns.append([values[index[p]] if p in index else None for p in patients])
        letter = other.letters[position] if other.letters else -1
        letters.append(letter)
        rows = {
            row: other.rows[index[p]]
            for row, p in zip(raw.rows, patients, strict=True)
            if p in index
        }
        joined[ours] = Joined(other.file, other.sheet, letter, rows)
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
