"""Grade of one measurement, with its reason; and loudly, why one can't be given."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from oncohort.criteria.calcium import CalciumFormula, corrected
from oncohort.criteria.ctcae.lab_rules import (
    Direction,
    Facts,
    LabRule,
    clinical_reason,
    decided_text,
    evaluate,
    rules,
)
from oncohort.criteria.ctcae.versions import VERSIONS, CtcaeError, Version, version_of
from oncohort.dataclass import dataclass
from oncohort.records.specimens import specimen_of, specimen_problem
from oncohort.records.units import Analyte, UnitError, analyte, convert, ratio, unit

__all__ = ["Grade", "bound_unit", "grade", "no_rule_reason"]


@dataclass(frozen=True, slots=True)
class Grade:
    """A grade of a measurement.

    Attributes
    ----------
    grade
        0 to 4; None where it can't be said.
    highest
        The highest grade that missing information would allow; equal to ``grade`` where nothing
        is missing.
    reason
        The call in one sentence, or why there is none.
    missing
        What would be needed: ``lower limit``, ``upper limit``, ``baseline``, ``symptoms``,
        ``fasting``, ``specimen``, ``unit``, ``albumin``, ``rule``.
    """

    test: str
    version: Version
    term: str | None
    direction: Direction | None
    grade: int | None
    highest: int | None
    reason: str
    missing: tuple[str, ...] = ()


def bound_unit(rule: LabRule, text: str | None, known: Analyte) -> str:
    """In which of a rule's units a value is compared: its own, one of its kind, or the first.

    Raises
    ------
    UnitError
        No unit, or one that can't be converted.
    """
    own = unit(text, known)
    if own.name in rule.grades or "any" in rule.grades:
        ratio(known, text, known.unit)
        return own.name if own.name in rule.grades else "any"
    from oncohort.records.units import UNITS

    kinds = [name for name in rule.grades if UNITS[name].kind == own.kind]
    target = kinds[0] if kinds else next(iter(rule.grades))
    ratio(known, text, target)
    return target


def no_rule_reason(version: str, name: str, direction: str | None = None) -> str:
    """Why a version can't grade a measurement."""
    which = version_of(version)
    clinical = clinical_reason(which, name, direction)
    if clinical:
        return clinical
    others = [v for v in VERSIONS if v != which and rules(v, name)]
    if others:
        return f"CTCAE {which} has no figures for {name}; version {', '.join(others)} has."
    return f"CTCAE has no figures for {name}."


def grade(
    test: str,
    value: float,
    unit: str | None,
    *,
    version: str,
    lower: float | None = None,
    upper: float | None = None,
    baseline: float | None = None,
    direction: Direction | None = None,
    specimen: str | None = None,
    symptoms: bool | None = None,
    fasting: bool | None = None,
    anticoagulated: bool | None = False,
    albumin: float | None = None,
    albumin_unit: str | None = "g/dL",
    calcium_formula: CalciumFormula = "standard",
    missing_baseline: Literal["ungraded", "normal"] = "ungraded",
) -> Grade:
    """CTCAE grade of a measurement.

    Parameters
    ----------
    test
        Name as charted (``"Hb"``, ``"GPT"``).
    value, unit
        A value without a unit is not graded (a pure number such as INR has none).
    version
        ``"3.0"``, ``"4.03"`` or ``"5.0"``.
    lower, upper, baseline
        The laboratory's limits and the patient's value before treatment, in the same unit.
    direction
        ``"low"`` or ``"high"`` where the test has both; without it the worse one is given.
    specimen
        Blood, serum, urine, ...: pH, creatinine and glucose are not graded without it, unless the
        test's name or the limits show that the value is of blood.
    symptoms, fasting, anticoagulated
        Facts that some grades hang on; None is not known.
    albumin, albumin_unit, calcium_formula
        For total calcium, which is graded only after correction.
    missing_baseline
        Version 5.0 asks whether the baseline was normal; ``"normal"`` takes it so where it is
        missing.

    Returns
    -------
    Grade
        ``grade`` is None where the missing information decides whether there is any grade at
        all; where it only decides how high, the lower grade is given and ``highest`` says more.

    Raises
    ------
    CtcaeError
        A version that is not known.

    Notes
    -----
    NCI CTCAE 3.0 (2006), 4.03 (2010), 5.0 (2017); the rules stand in
    ``criteria/ctcae/data/labs_*.toml``. A value at a printed upper bound (2.5 x ULN) belongs to
    the lower grade; a value at a printed lower bound (8.0 g/dL) belongs to the better one.

    Examples
    --------
    >>> grade("Hb", 8.0, "g/dL", version="3.0", lower=13.5).reason
    'hemoglobin 8 g/dL is below 10: grade 2 (CTCAE 3.0, Hemoglobin)'
    >>> grade("Hb", 64, "g/L", version="3.0", lower=135).grade
    4
    >>> grade("ALT", 120, "U/L", version="5.0", upper=40, baseline=60).reason
    'alt 120 U/L is above ULN (40), at or above 1.5 x baseline (90), with abnormal baseline: \
grade 1 (CTCAE 5.0, Alanine aminotransferase increased)'
    >>> grade("Hb", 11, None, version="3.0", lower=13.5).grade is None
    True
    """
    which = version_of(version)
    known = analyte(test)
    if known is None:
        return Grade(
            test, which, None, direction, None, None, f"{test!r} is not a known test.", ("rule",)
        )
    strange = _not_of_blood(known, test, specimen, unit, (lower, upper, value))
    if strange is not None:
        reason = f"{known.name} {value:g} is not graded: {strange}"
        return Grade(known.name, which, None, direction, None, None, reason, ("specimen",))
    named = known.name
    if known.name == "calcium" and rules(which, "calcium_corrected"):
        if albumin is None and calcium_formula != "none":
            reason = "calcium is graded after correction for albumin: no albumin"
            return Grade("calcium", which, None, direction, None, None, reason, ("albumin",))
        try:
            value += _correction(known, unit, albumin, albumin_unit, calcium_formula)
        except UnitError as error:
            return _no_unit(known, which, direction, error)
        known, named = analyte("calcium_corrected") or known, f"corrected {test}"
    elif known.name == "calcium_corrected":
        named = test
    found = [r for r in rules(which, known.name) if direction in (None, r.direction)]
    if not found:
        reason = no_rule_reason(which, known.name, direction)
        return Grade(known.name, which, None, direction, None, None, reason, ("rule",))
    facts = Facts(
        value,
        symptoms=symptoms,
        fasting=fasting,
        anticoagulated=anticoagulated,
        assume_normal_baseline=missing_baseline == "normal",
    )
    measured = (value, lower, upper, baseline)
    try:
        return _worse([_one(rule, known, measured, unit, facts, named) for rule in found])
    except UnitError as error:
        return _no_unit(known, which, direction, error)


def _correction(
    calcium: Analyte,
    unit: str | None,
    albumin: float | None,
    albumin_unit: str | None,
    formula: CalciumFormula,
) -> float:
    """What the correction for albumin adds to calcium, in the unit of calcium."""
    factor = float(ratio(calcium, unit, "mg/dL"))
    if albumin is None:
        return 0.0
    grams = convert(albumin, albumin_unit, "g/dL", "albumin")
    return corrected(0.0, grams, formula=formula) / factor


def _not_of_blood(
    known: Analyte,
    test: str,
    specimen: str | None,
    text: str | None,
    figures: tuple[float | None, float | None, float | None],
) -> str | None:
    """Why a value can't be graded as what its test's rules are written for."""
    try:
        factor = float(ratio(known, text, known.unit))
    except UnitError:
        return None  # the missing unit is told first
    lower, upper, value = (None if f is None else f * factor for f in figures)
    fluid = specimen_of(specimen) or specimen_of(test, name=True)
    return specimen_problem(known.name, fluid, lower=lower, upper=upper, value=value)


def _no_unit(
    known: Analyte, which: Version, direction: Direction | None, error: UnitError
) -> Grade:
    reason = f"{known.name}: {error}"
    return Grade(known.name, which, None, direction, None, None, reason, ("unit",))


def _one(
    rule: LabRule,
    known: Analyte,
    figures: tuple[float, float | None, float | None, float | None],
    text: str | None,
    flags: Facts,
    label: str,
) -> Grade:
    target = bound_unit(rule, text, known)
    shown = known.unit if target == "any" else target
    factor = ratio(known, text, shown)
    value, lower, upper, baseline = (
        None if f is None else f * factor.numerator / factor.denominator for f in figures
    )
    assert value is not None
    facts = Facts(
        value,
        lower,
        upper,
        baseline,
        flags.symptoms,
        flags.fasting,
        flags.anticoagulated,
        flags.assume_normal_baseline,
    )
    sure, possible, decided, unknown = evaluate(rule.grades[target], facts, rule.direction)
    figure = f"{label} {round(value, 6):g} {shown}"
    tail = f"(CTCAE {rule.version}, {rule.term})"
    if unknown and sure == 0:
        reason = f"{figure} can't be graded: {', '.join(unknown)} not known {tail}"
        return Grade(
            known.name, rule.version, rule.term, rule.direction, None, possible, reason, unknown
        )
    if sure:
        reason = f"{figure} is {decided_text(decided, facts)}: grade {sure} {tail}"
    else:
        reason = f"{figure} meets no grade {tail}"
    if unknown:
        reason += f"; up to grade {possible}: {', '.join(unknown)} not known"
    return Grade(
        known.name, rule.version, rule.term, rule.direction, sure, possible, reason, unknown
    )


def _worse(graded: Iterable[Grade]) -> Grade:
    """The direction with a grade; else the one that can't be graded; else the first."""
    every = list(graded)
    if not every:
        raise CtcaeError("no rule to grade by")
    with_grade = [g for g in every if g.grade]
    if with_grade:
        return max(with_grade, key=lambda g: g.grade or 0)
    return next((g for g in every if g.grade is None), every[0])
