"""REDCap exports: labels, checkboxes and identifiers from the data dictionary beside the export.

A data dictionary is a text file whose first column is "Variable / Field Name". It is looked for in
the folder of the export and taken where it names the export's columns. Repeating instruments and
events are rows of their own in an export; the protocol picks them with ``where``.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from oncohort.dataclass import dataclass
from oncohort.problems import Place
from oncohort.records.columns import as_list
from oncohort.records.grid import Raw
from oncohort.records.model import Decision
from oncohort.records.sources.delimited import decode

INSTRUMENT, INSTANCE, EVENT = (
    "redcap_repeat_instrument",
    "redcap_repeat_instance",
    "redcap_event_name",
)
_LABELS = ("Event Name", "Repeat Instrument", "Repeat Instance")
"""The same in an export with labels."""
_FIRST = "Variable / Field Name"
_MAX = 20_000_000
_YES_NO = {"1": "Yes", "0": "No"}


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a data dictionary."""

    name: str
    kind: str
    label: str
    choices: Mapping[str, str]
    identifier: bool


def parse_choices(text: str) -> dict[str, str]:
    """Codes and labels of a choice field.

    Examples
    --------
    >>> parse_choices("1, Alive | 2, Dead, of disease")
    {'1': 'Alive', '2': 'Dead, of disease'}
    """
    out: dict[str, str] = {}
    for part in text.split("|"):
        code, mark, label = part.partition(",")
        if mark and code.strip():
            out[code.strip()] = label.strip()
    return out


@lru_cache(maxsize=32)
def _dictionary(path: Path, changed: float) -> tuple[Field, ...]:
    """The fields of a data dictionary; none where the file is no dictionary."""
    with path.open("rb") as handle:
        if _FIRST.encode() not in handle.read(400):
            return ()
    text, _ = decode(path.read_bytes())
    rows = csv.DictReader(io.StringIO(text, newline=""))
    fields = []
    for row in rows:
        kind = (row.get("Field Type") or "").strip().lower()
        choices = parse_choices(row.get("Choices, Calculations, OR Slider Labels") or "")
        if kind in ("yesno", "truefalse"):
            choices = _YES_NO
        fields.append(
            Field(
                (row.get(_FIRST) or "").strip(),
                kind,
                re.sub(r"<[^<>]+>", "", row.get("Field Label") or "").strip(),
                choices if kind in ("radio", "dropdown", "checkbox", "yesno", "truefalse") else {},
                (row.get("Identifier?") or "").strip().lower() == "y",
            )
        )
    return tuple(f for f in fields if f.name)


def is_dictionary(path: Path) -> bool:
    """Is a text file a REDCap data dictionary?"""
    return path.suffix.lower() == ".csv" and bool(_fields(path))


def _fields(path: Path) -> tuple[Field, ...]:
    """The fields of a data dictionary; none where a file is none, or can't be read."""
    try:
        if not path.is_file() or path.stat().st_size > _MAX:
            return ()
        return _dictionary(path, path.stat().st_mtime)
    except (OSError, csv.Error, ValueError):
        return ()


def row_marks(raw: Raw) -> list[str]:
    """The columns that say which event, and which repeating instrument, a row of an export holds.

    An export with labels has other names, which a sheet of adverse events may have too: there the
    event stands behind the record, and no record has one twice.

    Examples
    --------
    >>> columns = ([1, 1], ["Visit 1", "Visit 2"])
    >>> row_marks(Raw("c.csv", None, ("Record ID", "Event Name"), columns, [2, 3]))
    ['Event Name']
    """
    marks = [c for c in (EVENT, INSTRUMENT) if c in raw.names]
    if marks or not set(_LABELS) & set(raw.names[1:4]):
        return marks
    there = [raw.names[0], *(c for c in _LABELS if c in raw.names)]
    rows = list(zip(*(as_list(raw.column(c)) for c in there), strict=True))
    if raw.names[1] not in _LABELS or len({tuple(map(str, r)) for r in rows}) < len(rows):
        return []
    return [c for c in _LABELS[:2] if c in raw.names]


def visit_of(event: str) -> str:
    """An event's name without its arm: the arms of a study have the same visits.

    Examples
    --------
    >>> visit_of("baseline_arm_1"), visit_of("Baseline (Arm 1: Drug)")
    ('baseline', 'Baseline')
    """
    return re.sub(r"_arm_\d+$|(?<!\s)\s*+\(Arm \d+: [^()]*\)$", "", event)


def _base(column: str) -> str:
    return column.split("___")[0]


def find_dictionary(path: Path, names: tuple[str, ...]) -> tuple[Path, tuple[Field, ...]] | None:
    """The data dictionary beside an export that names at least four in five of its columns."""
    wanted = {
        _base(n) for n in names if not n.startswith("redcap_") and not n.endswith("_complete")
    }
    best: tuple[float, Path, tuple[Field, ...]] | None = None
    for other in sorted(path.parent.glob("*.csv")):
        if other == path:
            continue
        fields = _fields(other)
        if not fields or not wanted:
            continue
        share = len(wanted & {f.name for f in fields}) / len(wanted)
        if share >= 0.8 and (best is None or share > best[0]):
            best = (share, other, fields)
    return None if best is None else (best[1], best[2])


def labelled(path: Path, raw: Raw) -> tuple[Raw, tuple[Decision, ...]]:
    """An export with the labels of its data dictionary, where there is one."""
    found = find_dictionary(path, raw.names)
    if found is None:
        return raw, ()
    where, fields = found
    by_name = {f.name: f for f in fields}
    label_of = dict(raw.label_of)
    column_label = dict(raw.column_label)
    for column in raw.names:
        field = by_name.get(_base(column))
        if field is None:
            continue
        if "___" in column and field.kind == "checkbox":
            code = column.split("___", 1)[1]
            label_of[column] = _YES_NO
            column_label[column] = f"{field.label}: {field.choices.get(code, code)}"
            continue
        if field.choices:
            label_of[column] = dict(field.choices)
        if field.label:
            column_label[column] = field.label
    identifiers = tuple(c for c in raw.names if (f := by_name.get(_base(c))) and f.identifier)
    decision = Decision(
        "redcap.dictionary",
        f"{where.name} is its REDCap data dictionary: labels were taken from it.",
        place=Place(raw.file),
    )
    return (
        replace(raw, label_of=label_of, column_label=column_label, identifiers=identifiers),
        (decision,),
    )
