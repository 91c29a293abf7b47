"""Units of laboratory and body measurements: names, spellings and conversion.

A value without a unit is a question, never a guess: 8 is a normal C-reactive protein in mg/L for
some laboratories and ten times the limit in mg/dL. Conversions between mass and amount of
substance need the analyte, so every conversion names it.

All conversions are one multiplication by an exact ratio, so that 65 g/L is 6.5 g/dL and not
6.500000000000001: grades are decided at such values.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from functools import cache
from importlib.resources import files

import polars as pl

from oncohort.dataclass import dataclass
from oncohort.own_toml import own_toml
from oncohort.problems import OncohortError, Place, Problem, problem

__all__ = [
    "Analyte",
    "Converted",
    "Unit",
    "UnitError",
    "analyte",
    "analytes",
    "convert",
    "convert_labs",
    "ratio",
    "unit",
]


class UnitError(OncohortError):
    """A unit is missing, unknown, or of another dimension than the measurement."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit: its usual spelling, its dimension, and the factor to the dimension's base unit."""

    name: str
    kind: str
    factor: Fraction


@dataclass(frozen=True, slots=True)
class Analyte:
    """A measurement: canonical name, the unit calculated in, and how mass meets amount."""

    name: str
    unit: str
    kind: str
    si: Fraction | None
    """mmol/L for 1 mg/dL."""
    valence: int | None


def _units() -> dict[str, Unit]:
    table: dict[str, tuple[str, ...]] = {
        # base g/L
        "mass": (
            "g/L 1",
            "g/dL 10",
            "mg/dL 1/100",
            "mg/L 1/1000",
            "ug/mL 1/1000",
            "mg/mL 1",
            "ug/dL 1/100000",
            "ug/L 1/1000000",
            "ng/mL 1/1000000",
            "ng/dL 1/100000000",
            "ng/L 1/1000000000",
            "pg/mL 1/1000000000",
        ),
        # base mmol/L
        "amount": ("mmol/L 1", "umol/L 1/1000", "nmol/L 1/1000000", "mol/L 1000"),
        # base mEq/L
        "charge": ("mEq/L 1",),
        # base 10^9/L
        "count": (
            "10^9/L 1",
            "10^3/uL 1",
            "10^4/uL 10",
            "/uL 1/1000",
            "10^6/L 1/1000",
            "10^12/L 1000",
            "10^6/uL 1000",
            "10^2/uL 1/10",
        ),
        # base U/L
        "activity": ("U/L 1", "ukat/L 60", "U/mL 1000", "nkat/L 3/50"),
        "fraction": ("% 1",),
        "ratio": ("ratio 1",),
        # base s
        "time": ("s 1", "ms 1/1000"),
        "mass_per_day": ("g/24h 1", "mg/24h 1/1000"),
        "mass_per_mass": ("g/g 1", "mg/g 1/1000", "mg/mmol 113/10000"),
        "clearance": ("mL/min 1", "L/min 1000", "mL/s 60"),
        "clearance_bsa": ("mL/min/1.73m2 1", "mL/s/1.73m2 60"),
        "pressure": ("mmHg 1", "kPa 15001/2000"),
        "body_mass": ("kg 1", "g 1/1000", "lb 45359237/100000000"),
        "length": ("cm 1", "m 100", "mm 1/10", "in 254/100"),
        "area": ("m2 1",),
        "dipstick": ("+ 1",),
        "ph": ("pH 1",),
    }
    found: dict[str, Unit] = {}
    for kind, rows in table.items():
        for row in rows:
            name, factor = row.split(" ")
            found[name] = Unit(name, kind, Fraction(factor))
    return found


UNITS: Mapping[str, Unit] = _units()
"""Every known unit by its usual spelling."""

_SUPERSCRIPT = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")

_ALIASES = {
    "iu/l": "U/L",
    "iu/l/37c": "U/L",
    "units/l": "U/L",
    "unit/l": "U/L",
    "u/l/37c": "U/L",
    "iu/ml": "U/mL",
    "units/ml": "U/mL",
    "ku/l": "U/mL",
    "kiu/l": "U/mL",
    "mu/ml": "U/L",
    "miu/ml": "U/L",
    "g%": "g/dL",
    "gm/dl": "g/dL",
    "gms/dl": "g/dL",
    "gr/dl": "g/dL",
    "g/100ml": "g/dL",
    "mg%": "mg/dL",
    "mg/100ml": "mg/dL",
    "mcg/ml": "ug/mL",
    "mcg/dl": "ug/dL",
    "mcg/l": "ug/L",
    "mcmol/l": "umol/L",
    "millimol/l": "mmol/L",
    "meq": "mEq/L",
    "10^9": "10^9/L",
    "giga/l": "10^9/L",
    "gpt/l": "10^9/L",
    "k/ul": "10^3/uL",
    "k/mm3": "10^3/uL",
    "thou/ul": "10^3/uL",
    "thousand/ul": "10^3/uL",
    "10^3/mm3": "10^3/uL",
    "1000/ul": "10^3/uL",
    "1000/mm3": "10^3/uL",
    "10^4/mm3": "10^4/uL",
    "10000/ul": "10^4/uL",
    "万/ul": "10^4/uL",
    "万/mm3": "10^4/uL",
    "10^2/mm3": "10^2/uL",
    "100/ul": "10^2/uL",
    "/mm3": "/uL",
    "/cumm": "/uL",
    "/cmm": "/uL",
    "cells/ul": "/uL",
    "cells/mm3": "/uL",
    "cells/cumm": "/uL",
    "10^6/mm3": "10^6/uL",
    "t/l": "10^12/L",
    "percent": "%",
    "inr": "ratio",
    "1": "ratio",
    "sec": "s",
    "secs": "s",
    "seconds": "s",
    "msec": "ms",
    "g/day": "g/24h",
    "g/d": "g/24h",
    "g/24hr": "g/24h",
    "g/24hrs": "g/24h",
    "mg/day": "mg/24h",
    "mg/d": "mg/24h",
    "g/gcr": "g/g",
    "mg/gcr": "mg/g",
    "ml/min/1.73m^2": "mL/min/1.73m2",
    "ml/min/1.73": "mL/min/1.73m2",
    "ml/min/1.73qm": "mL/min/1.73m2",
    "kgs": "kg",
    "lbs": "lb",
    "m^2": "m2",
}


def _squeeze(text: str) -> str:
    folded = text.strip().translate(_SUPERSCRIPT).replace("µ", "u").replace("μ", "u")
    folded = re.sub(r"\s+", "", folded).replace("×", "x").replace("*", "^").replace("^^", "^")
    folded = re.sub(r"(?i)^x(?=10)", "", folded)
    folded = re.sub(r"(?i)^10e(\d)", r"10^\1", folded)
    folded = re.sub(r"10\((\d+)\)", r"10^\1", folded)
    folded = re.sub(r"^10(3|4|6|9|12)/", r"10^\1/", folded)
    return re.sub(r"mm\^3|mm\(3\)", "mm3", folded)


_BY_SQUEEZED = {name.lower(): name for name in UNITS} | _ALIASES


def unit(text: str | None, test: str | Analyte | None = None) -> Unit:
    """The unit that a text means.

    Parameters
    ----------
    text
        As the chart has it: ``"x10^9/L"``, ``"/mm3"``, ``"μmol/l"``, ``"IU/L"``.
    test
        The measurement; it decides ``G/L``, which is grams for some tests and 10^9 for counts.

    Raises
    ------
    UnitError
        No unit, or none that is known.

    Examples
    --------
    >>> unit("x 10^3/μl").name
    '10^3/uL'
    >>> unit("G/L", "platelets").name, unit("G/L", "hemoglobin").name
    ('10^9/L', 'g/L')
    """
    known = analyte(test) if isinstance(test, str) else test
    if text is None or not text.strip():
        if known is not None and known.kind in ("ratio", "dipstick", "ph"):
            return UNITS[known.unit]  # a pure number has no unit to state
        raise UnitError("no unit: a value without its unit can't be used")
    squeezed = _squeeze(text)
    if squeezed == "G/L" and known is not None and known.kind == "count":
        return UNITS["10^9/L"]
    name = _BY_SQUEEZED.get(squeezed.lower())
    if name is None:
        raise UnitError(f"unit {text!r} is not known")
    return UNITS[name]


@cache
def analytes() -> Mapping[str, Analyte]:
    """Every known measurement by its canonical name."""
    return {name: found for name, (found, _) in _analyte_table().items()}


@cache
def _analyte_table() -> dict[str, tuple[Analyte, tuple[str, ...]]]:
    raw = own_toml(files("oncohort.records").joinpath("analytes.toml").read_text("utf-8"))
    return {
        name: (
            Analyte(
                name,
                entry["unit"],
                entry["kind"],
                Fraction(entry["si"]) if "si" in entry else None,
                entry.get("valence"),
            ),
            tuple(entry.get("names", ())),
        )
        for name, entry in raw.items()
    }


def _key(text: str) -> str:
    return re.sub(r"[\s._\-]+", "", text.strip().lower())


@cache
def _analyte_keys() -> dict[str, str]:
    keys: dict[str, str] = {}
    for name, (_, others) in _analyte_table().items():
        for spelling in (name, *others):
            keys.setdefault(_key(spelling), name)
    return keys


def analyte(test: str | None) -> Analyte | None:
    """The measurement that a test's name means; None where it is not known.

    Examples
    --------
    >>> analyte("Hb").name, analyte("GPT").name, analyte("unheard of")
    ('hemoglobin', 'alt', None)
    """
    if test is None:
        return None
    name = _analyte_keys().get(_key(test))
    return None if name is None else analytes()[name]


def ratio(test: str | Analyte | None, source: str | None, target: str) -> Fraction:
    """The exact factor from one unit to another for a measurement.

    Parameters
    ----------
    test
        The measurement; needed where mass meets amount of substance or charge.
    source, target
        Units as texts.

    Raises
    ------
    UnitError
        A unit is missing or unknown, or the two are of different dimensions and the measurement
        has no factor between them.

    Notes
    -----
    Factors between mg/dL and mmol/L are those that journals tabulate (AMA Manual of Style, SI
    conversion factors): calcium 0.2495, creatinine 88.4 umol/L, bilirubin 17.1 umol/L.

    Examples
    --------
    >>> ratio("creatinine", "mg/dL", "umol/L")
    Fraction(442, 5)
    """
    known = analyte(test) if isinstance(test, str) else test
    a, b = unit(source, known), unit(target, known)
    if a.kind == b.kind:
        return a.factor / b.factor
    label = known.name if known is not None else str(test)
    # Everything meets in mmol/L: mass through `si` (mmol/L for 1 mg/dL, so x 100 for 1 g/L),
    # charge through the valence.
    to_amount: dict[str, Fraction] = {"amount": Fraction(1)}
    if known is not None and known.si is not None:
        to_amount["mass"] = known.si * 100
    if known is not None and known.valence is not None:
        to_amount["charge"] = Fraction(1, known.valence)
    if a.kind not in to_amount or b.kind not in to_amount:
        raise UnitError(f"{label} in {a.name} can't be converted to {b.name}")
    return a.factor * to_amount[a.kind] / (to_amount[b.kind] * b.factor)


def convert(value: float, source: str | None, target: str, test: str | None = None) -> float:
    """A value in another unit.

    Parameters
    ----------
    value
        In the unit ``source``.
    test
        The measurement (``"calcium"``), needed between mass and amount of substance.

    Returns
    -------
    float
        In the unit ``target``.

    Raises
    ------
    UnitError
        See :func:`ratio`.

    Examples
    --------
    >>> convert(0.8, "mg/dL", "mg/L", "crp")
    8.0
    >>> convert(88.4, "umol/L", "mg/dL", "creatinine")
    1.0
    >>> convert(21.5, "10^4/uL", "10^9/L", "platelets")
    215.0
    """
    factor = ratio(test, source, target)
    return value * factor.numerator / factor.denominator


@dataclass(frozen=True, slots=True)
class Converted:
    """Laboratory rows in the units calculated in, and what could not be converted."""

    table: pl.DataFrame
    """The rows given, with ``analyte`` (canonical test), ``standard_value``, ``standard_lower``,
    ``standard_upper``, ``standard_unit`` and ``unit_problem`` (why a row could not be converted)
    added."""
    problems: tuple[Problem, ...]


def convert_labs(labs: pl.DataFrame, *, only: frozenset[str] | None = None) -> Converted:
    """Recognise tests and units of a laboratory table and convert values with their limits.

    Parameters
    ----------
    labs
        Columns ``patient, date, test, value, unit`` and, where present, ``lower_limit`` and
        ``upper_limit`` (in the row's own unit), ``source_row``.
    only
        Canonical tests to keep; others are dropped. None keeps all.

    Returns
    -------
    Converted
        Unknown tests keep ``analyte`` null and raise no problem here: a chart may hold tests
        that no rule asks for.

    Examples
    --------
    >>> import polars as pl
    >>> labs = pl.DataFrame({"patient": ["a", "b"], "test": ["Hb", "Hb"], "value": [131.0, 12.0],
    ...                      "unit": ["g/L", None]})
    >>> done = convert_labs(labs)
    >>> done.table["standard_value"].to_list()
    [13.1, None]
    >>> [p.id for p in done.problems]
    ['units.missing']
    """
    pairs = labs.select("test", "unit").unique(maintain_order=True).rows()
    rows = []
    for test, text in pairs:
        known = analyte(test)
        name, target, numerator, denominator, why = None, None, None, None, None
        if known is not None:
            name, target = known.name, known.unit
            try:
                factor = ratio(known, text, known.unit)
                numerator, denominator = float(factor.numerator), float(factor.denominator)
            except UnitError as error:
                why = str(error)
        rows.append((test, text, name, target, numerator, denominator, why))
    lookup = pl.DataFrame(
        rows,
        schema={
            "test": pl.String,
            "unit": pl.String,
            "analyte": pl.String,
            "standard_unit": pl.String,
            "_numerator": pl.Float64,
            "_denominator": pl.Float64,
            "unit_problem": pl.String,
        },
        orient="row",
    )
    for column in ("lower_limit", "upper_limit"):
        if column not in labs.columns:
            labs = labs.with_columns(pl.lit(None, dtype=pl.Float64).alias(column))
    factor_of = pl.col("_numerator"), pl.col("_denominator")
    table = (
        labs.with_columns(pl.col("test").cast(pl.String), pl.col("unit").cast(pl.String))
        .join(lookup, on=["test", "unit"], how="left", nulls_equal=True, maintain_order="left")
        .with_columns(
            *(
                (pl.col(column).cast(pl.Float64) * factor_of[0] / factor_of[1]).alias(alias)
                for column, alias in (
                    ("value", "standard_value"),
                    ("lower_limit", "standard_lower"),
                    ("upper_limit", "standard_upper"),
                )
            )
        )
        .drop("_numerator", "_denominator")
    )
    if only is not None:
        table = table.filter(pl.col("analyte").is_in(sorted(only)))
    return Converted(table, _unit_problems(table))


def _unit_problems(table: pl.DataFrame) -> tuple[Problem, ...]:
    """One problem per test and unit, with the number of rows and the first of them."""
    keep = pl.col("unit_problem").is_not_null() & pl.col("value").is_not_null()
    if "source_row" not in table.columns:
        table = table.with_columns(pl.lit(None, dtype=pl.Int64).alias("source_row"))
    groups = (
        table.filter(keep)
        .group_by("analyte", "unit", "unit_problem", maintain_order=True)
        .agg(pl.len().alias("n"), pl.col("source_row").first())
    )
    problems = []
    for row in groups.iter_rows(named=True):
        missing = row["unit"] is None or not row["unit"].strip()
        problems.append(
            problem(
                "units.missing" if missing else "units.unknown",
                place=Place(row=row["source_row"], column="unit", key="tables.labs"),
                table="labs",
                column="unit",
                row=row["source_row"],
                n=row["n"],
                analyte=row["analyte"],
                reason=row["unit_problem"],
            )
        )
    return tuple(problems)
