"""Blood or urine: what a laboratory value was measured in, where that decides its meaning.

A pH of 5 is usual in urine and no life in blood; creatinine, glucose and protein are charted of
both under one name. The specimen is what the column ``specimen`` or the test's name says; else
the laboratory's limits may show it. Where nothing does it is a question, and the value is not
graded.

Sources of the windows: usual adult reference intervals (Kratz et al., N Engl J Med
2004;351:1548-1563), widened so that every laboratory's limits for blood lie within.
"""

from __future__ import annotations

import re
from functools import cache

import polars as pl

from oncohort.dataclass import dataclass
from oncohort.records.units import analyte

__all__ = ["DECIDED", "OPEN", "specimen_of", "specimen_problem", "without_other_fluids"]

OPEN = "specimen: blood or urine isn't said"
"""Why a value is not graded whose specimen decides and is not known."""

_WORDS = {
    "blood": "blood|serum|plasma|sérum|sang|sangre|suero|blut|vollblut|arterial|venous|capillary"
    "|血清|血液|全血|血漿",
    "urine": "urine|urinary|urin|orina|urinaire|harn|尿|u",
    "other": "csf|liquor|cerebrospinal|ascites|ascitic|pleural|effusion|stool|feces|faeces|saliva"
    "|peritoneal|bile|sweat|dialysate",
}
_ALONE = {"s": "blood", "p": "blood", "b": "blood", "u": "urine"}
_OF_URINE = frozenset({"protein_urine", "protein_dipstick"})
_OF_BOTH = frozenset({"creatinine_clearance"})
_NOT_LABORATORY = frozenset(
    (
        "systolic",
        "diastolic",
        "qtc",
        "ejection_fraction",
        "weight",
        "height",
        "fev1",
        "vital_capacity",
        "dlco",
    )
)


@dataclass(frozen=True, slots=True)
class Window:
    """What limits, and values, blood can have, in the test's usual unit."""

    lower: tuple[float, float]
    upper: tuple[float, float]
    value: tuple[float, float]


_DECIDES = {
    "ph": Window((7.1, 7.45), (7.35, 7.6), (6.5, 8.0)),
    "creatinine": Window((0.05, 1.5), (0.3, 2.5), (0.0, 60.0)),
    "glucose": Window((40.0, 100.0), (80.0, 250.0), (0.0, 3000.0)),
}
DECIDED = tuple(_DECIDES)
"""Tests that blood and urine share under one name."""


@cache
def specimen_of(text: str | None, *, name: bool = False) -> str | None:
    """``blood``, ``urine`` or ``other`` by a word; none where it can't be told.

    Parameters
    ----------
    name
        The text is the name of a test, in which a single letter says nothing.

    Examples
    --------
    >>> specimen_of("Serum"), specimen_of("24h urine"), specimen_of("creatinine", name=True)
    ('blood', 'urine', None)
    """
    if not text:
        return None
    low = text.strip().lower()
    if not name and low in _ALONE:
        return _ALONE[low]
    words = set(re.findall(r"[^\W\d_]+", low))
    for specimen in ("urine", "other", "blood"):
        marks = _WORDS[specimen].split("|")
        if any(m in words or (ord(m[0]) > 0x2E80 and m in low) for m in marks):
            return specimen
    return None


def specimen_problem(
    test: str,
    fluid: str | None,
    *,
    lower: float | None = None,
    upper: float | None = None,
    value: float | None = None,
) -> str | None:
    """Why a value can't stand for its test; none where it can.

    Parameters
    ----------
    test
        Canonical name of the test.
    said
        The specimen that column or name say (:func:`specimen_of`).
    lower, upper, value
        Limits and value in the test's usual unit.

    Examples
    --------
    >>> specimen_problem("ph", None, lower=5.0, upper=8.0, value=5.0)
    'limits and value are not those of blood'
    >>> specimen_problem("creatinine", None, value=1.0)
    "specimen: blood or urine isn't said"
    >>> specimen_problem("creatinine", None, upper=1.2, value=1.0) is None
    True
    >>> specimen_problem("sodium", "urine", value=80.0)
    'a value of urine is no value of blood'
    """
    if test in _NOT_LABORATORY or test in _OF_BOTH:
        return None
    if test in _OF_URINE:
        return None if fluid in (None, "urine") else f"a value of {fluid} is no value of urine"
    if fluid in ("urine", "other"):
        word = "urine" if fluid == "urine" else "another fluid"
        return f"a value of {word} is no value of blood"
    window = _DECIDES.get(test)
    if window is None:
        return None
    figures = ((lower, window.lower), (upper, window.upper))
    # A lower limit of 0 is that of a laboratory which states none.
    given = [(v, w) for v, w in figures if v is not None and not (v == 0 and w is window.lower)]
    limits = [low <= v <= high for v, (low, high) in given]
    if value is not None and not window.value[0] <= value <= window.value[1]:
        return "limits and value are not those of blood" if given else "no value of blood"
    if fluid == "blood":
        return None
    if not limits:
        return OPEN
    return None if all(limits) else "limits and value are not those of blood"


def without_other_fluids(labs: pl.DataFrame) -> pl.DataFrame:
    """Laboratory rows without those whose specimen says that they are of another fluid.

    Examples
    --------
    >>> import polars as pl
    >>> labs = pl.DataFrame({"test": ["Na", "Na"], "specimen": ["serum", "urine"]})
    >>> without_other_fluids(labs).height
    1
    """
    if "specimen" not in labs.columns:
        return labs
    pairs = labs.select("test", "specimen").unique(maintain_order=True)
    strange = []
    for test, text in pairs.iter_rows():
        known = analyte(test)
        why = None if known is None else specimen_problem(known.name, specimen_of(text))
        strange.append(why not in (None, OPEN))
    other = pairs.filter(pl.Series(strange, dtype=pl.Boolean))
    return labs.join(
        other, on=["test", "specimen"], how="anti", nulls_equal=True, maintain_order="left"
    )
