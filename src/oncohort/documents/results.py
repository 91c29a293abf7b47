"""`results.json`: every number by id; the paper in a form that machines can compare."""

from __future__ import annotations

import json
from datetime import date
from math import isfinite
from typing import Any

from oncohort.analyses.result import Numbers

SCHEMA_VERSION = 1
DIGITS = 10
"""Significant digits of a number as written: what lies beyond depends on the machine."""
PATIENT_COLUMNS = frozenset({"patient", "patients"})


def _plain(value: Any) -> Any:
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


def results_dict(numbers: Numbers, share: bool = False) -> dict[str, Any]:
    """The document as plain values.

    Parameters
    ----------
    share
        Leave out everything that points at a patient: populations keep their size alone, and
        curves that have one row per patient are left out whole, since a row of times, responses
        and deaths can point at someone without a name.
    """
    curves = {}
    for name, curve in numbers.curves.items():
        if share and PATIENT_COLUMNS & set(curve.columns):
            continue
        curves[name] = curve.to_dict()
    populations: dict[str, Any] = {}
    for name, population in numbers.populations.items():
        entry: dict[str, Any] = {"label": population.label, "n": len(population.patients)}
        if not share:
            entry["patients"] = list(population.patients)
        populations[name] = entry
    return {
        "schema_version": SCHEMA_VERSION,
        "estimates": {name: e.to_dict() for name, e in numbers.items()},
        "curves": curves,
        "populations": populations,
        "methods": {r.section: list(r.methods) for r in numbers.results if r.methods},
        "shared": share,
    }


def to_json(numbers: Numbers, share: bool = False) -> str:
    """Every estimate, curve and population as JSON: keys sorted, no NaN, the same bytes again.

    Raises
    ------
    ValueError
        If a curve holds NaN or infinity.

    Examples
    --------
    >>> from oncohort.analyses.result import Estimate, Result
    >>> text = to_json(Numbers([Result("a", (Estimate("a.b.n", "N", 3),))]))
    >>> json.loads(text)["estimates"]["a.b.n"]["value"]
    3
    """
    return (
        json.dumps(
            _plain(results_dict(numbers, share)),
            indent=1,
            sort_keys=True,
            ensure_ascii=False,
            allow_nan=False,
        )
        + "\n"
    )
