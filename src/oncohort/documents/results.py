"""`results.json`: every number by id; the paper in a form that machines can compare."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date
from math import isfinite

import polars as pl

from oncohort.analyses.result import Curve, Numbers
from oncohort.vocabulary.boundaries import Parsed
from oncohort.vocabulary.spreadsheets import no_formulas
from oncohort.vocabulary.unseen import coded

SCHEMA_VERSION = 1
DIGITS = 10
"""Significant digits of a number as written: what lies beyond depends on the machine."""
PATIENT_COLUMNS = frozenset({"patient", "patients"})


def _plain(value: object) -> Parsed:
    """Values that JSON has: dates as ISO text, numpy scalars as Python's own."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if hasattr(value, "item") and not isinstance(value, str | bytes):
        value = value.item()
    if isinstance(value, float) and isfinite(value):
        return float(f"{value:.{DIGITS}g}")
    return value


def _plain_column(values: Sequence[Parsed]) -> list[object]:
    """The same for the values of a column, most of which are of one kind."""
    kinds = set(map(type, values)) - {type(None)}
    if kinds == {float}:
        short = {v: float(f"{v:.{DIGITS}g}") for v in set(values) if v and isfinite(v)}
        return [short.get(v, v) for v in values]
    return list(values) if kinds <= {int, str, bool} else [_plain(v) for v in values]


MOST_PATIENTS = 20_000
"""Patients that the populations of one file may name together, each as often as it stands."""
MOST_CELLS = 60_000
"""Values that the curves of one file may hold together."""
POPULATIONS = "evidence/populations.parquet"
"""The file of who was counted, where it does not fit here."""


def _fitting(sizes: Mapping[str, int], most: int) -> frozenset[str]:
    """The names of what fits, the smallest first."""
    total, kept = 0, []
    for name in sorted(sizes, key=lambda n: (sizes[n], n)):
        total += sizes[name]
        if total > most:
            break
        kept.append(name)
    return frozenset(kept)


def curve_file(name: str, curve: Curve) -> str:
    """Where a curve stands that is too long for `results.json`.

    Curves of patients stand with the evidence, which is never shared.
    """
    plain = re.sub(r"[\[\],=*]+", "-", name).rstrip("-")
    folder = "evidence/curves" if PATIENT_COLUMNS & set(curve.columns) else "curves"
    return f"{folder}/{plain}.csv"


def _of_populations(numbers: Numbers, share: bool) -> dict[str, object]:
    """Size and label of each population; who they are as long as that stays short."""
    sizes = {name: len(p.patients) for name, p in numbers.populations.items()}
    here = frozenset() if share else _fitting(sizes, MOST_PATIENTS)
    out: dict[str, Parsed] = {}
    for name, population in numbers.populations.items():
        out[name] = {"label": population.label, "n": sizes[name]}
        if name in here:
            out[name]["patients"] = list(population.patients)
        elif not share:
            out[name]["file"] = POPULATIONS
    return out


def _of_curves(numbers: Numbers, share: bool) -> tuple[dict[str, Parsed], dict[str, Curve]]:
    """Curves with their points as long as they stay short, and the long ones by file."""
    own = {
        name: curve
        for name, curve in numbers.curves.items()
        if not (share and PATIENT_COLUMNS & set(curve.columns))
    }
    here = _fitting({n: len(c) * max(len(c.columns), 1) for n, c in own.items()}, MOST_CELLS)
    out, long = {}, {}
    for name, curve in own.items():
        out[name] = curve.to_dict()
        if name not in here:
            file = curve_file(name, curve)
            del out[name]["columns"]
            out[name] |= {"rows": len(curve), "file": file}
            long[file] = curve
    return out, long


def results_dict(numbers: Numbers, share: bool = False) -> dict[str, object]:
    """The document as plain values.

    Parameters
    ----------
    share
        Leave out everything that points at a patient: populations keep their size alone, and
        curves that have one row per patient are left out whole, since a row of times, responses
        and deaths can point at someone without a name.
    """
    return {
        "schema_version": SCHEMA_VERSION,
        "estimates": {name: e.to_dict() for name, e in numbers.items()},
        "curves": _of_curves(numbers, share)[0],
        "populations": _of_populations(numbers, share),
        "methods": {r.section: list(r.methods) for r in numbers.results if r.methods},
        "shared": share,
    }


def long_curves(numbers: Numbers, share: bool = False) -> dict[str, bytes]:
    """The curves that are too long for `results.json`, as CSV files by their paths."""
    out = {}
    for file, curve in _of_curves(numbers, share)[1].items():
        columns = {k: _plain_column(v) for k, v in curve.columns.items()}
        frame = pl.DataFrame(
            {k: pl.Series(no_formulas(v), strict=False) for k, v in columns.items()}
        )
        out[file] = frame.write_csv().encode()
    return out


def to_json(
    numbers: Numbers, share: bool = False, places: Mapping[str, tuple[str, ...]] | None = None
) -> str:
    """Every estimate, curve and population as JSON: keys sorted, no NaN, the same bytes again.

    One line for each estimate, curve and population, so that two files can be compared by line.

    Parameters
    ----------
    share
        As in `results_dict`.
    places
        Number to where it stands in the paper, for `oncohort diff`.

    Raises
    ------
    ValueError
        If a curve holds NaN or infinity.

    Examples
    --------
    >>> from oncohort.analyses.result import Estimate, Result, key_of
    >>> number = Estimate(key_of("a", "b", "n"), "N", 3, kind="count")
    >>> text = to_json(Numbers([Result("a", (number,))]))
    >>> json.loads(text)["estimates"]["a.b.n"]["value"]
    3
    """
    parts = []
    document = results_dict(numbers, share)
    if places is not None:
        document["places"] = {name: list(places[name]) for name in numbers if name in places}
    for name, part in sorted(document.items()):
        if isinstance(part, dict) and part:
            lines = ",\n".join(f" {_json(k)}: {_json(_plain(part[k]))}" for k in sorted(part))
            parts.append(f"{_json(name)}: {{\n{lines}\n}}")
        else:
            parts.append(f"{_json(name)}: {_json(part)}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _json(value: object) -> str:
    return coded(json.dumps(value, sort_keys=True, ensure_ascii=False, allow_nan=False))
