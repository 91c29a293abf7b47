"""The value of a formula for one patient.

What is missing stays missing; ``and`` and ``or`` know three truths (Kleene 1952), so that a
condition may be false though one of its values is missing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import date

from oncohort.dataclass import dataclass
from oncohort.endpoints.formulas.quantities import (
    NONE,
    Quantity,
    Undefined,
    WrongUnits,
    factor_of,
    in_unit,
    quantity,
    times,
)
from oncohort.protocol.formula.tree import (
    Both,
    Call,
    Comparison,
    Either,
    Expression,
    InUnit,
    IsMissing,
    Minus,
    Not,
    Number,
    Operand,
    Otherwise,
    Power,
    Product,
    Sum,
    Text,
)
from oncohort.records.units import UnitError, convert

Value = float | str | bool | date | None


@dataclass(frozen=True, slots=True)
class Held:
    """One value of one patient, and where it stands.

    Attributes
    ----------
    value
        As the chart has it.
    unit
        Its unit; empty for a number without one.
    test
        The laboratory test, which decides how mass becomes amount of substance.
    """

    value: Value
    unit: str = ""
    test: str | None = None
    table: str | None = None
    column: str | None = None
    row: int | None = None
    day: date | None = None


Values = Mapping[Operand, Held]


def _number(expression: Expression, values: Values) -> Quantity | None:
    """A quantity, or None where a value is missing."""
    match expression:
        case Number(value):
            return Quantity(value)
        case Operand():
            held = values[expression]
            if held.value is None:
                return None
            if isinstance(held.value, bool) or not isinstance(held.value, int | float):
                raise WrongUnits(f'"{expression}" is no number')
            return quantity(held.value, held.unit, held.test)
        case InUnit(inner, unit):
            return _in_unit(inner, unit, values)
        case Minus(inner):
            found = _number(inner, values)
            return None if found is None else Quantity(-found.value, found.kinds)
        case Sum(left, sign, right):
            return _sum(left, sign, right, values)
        case Product(left, sign, right):
            a, b = _number(left, values), _number(right, values)
            if b is not None and sign == "/" and b.value == 0:
                raise Undefined("variables.zero-denominator", part=right)
            return None if a is None or b is None else times(a, b, 1 if sign == "*" else -1)
        case Power(inner, exponent):
            return _power(inner, exponent, values)
        case Call(name, arguments):
            return _call(name, arguments, values)
        case _:
            raise WrongUnits("a condition is no number")


def _in_unit(inner: Expression, unit: str, values: Values) -> Quantity | None:
    if isinstance(inner, Operand):
        held = values[inner]
        if held.value is None:
            return None
        if unit == NONE and not held.unit and isinstance(held.value, int | float):
            return Quantity(float(held.value))
        if isinstance(held.value, int | float) and factor_of(unit)[1].keys() != {"time"}:
            if held.unit == unit:
                return Quantity(float(held.value))
            try:
                return Quantity(convert(float(held.value), held.unit, unit, test=held.test))
            except UnitError as error:
                raise WrongUnits(str(error)) from error
    found = _number(inner, values)
    return None if found is None else Quantity(in_unit(found, unit))


def _sum(left: Expression, sign: str, right: Expression, values: Values) -> Quantity | None:
    days = [values[s].value if isinstance(s, Operand) else None for s in (left, right)]
    if any(isinstance(d, date) for d in days):
        first, second = days
        if sign == "-" and isinstance(first, date) and isinstance(second, date):
            return Quantity(float((first - second).days), {"time": 1.0})
        if (
            sign == "-"
            and None in days
            and isinstance(left, Operand)
            and isinstance(right, Operand)
        ):
            return None
        raise WrongUnits("of dates only the difference can be taken")
    a, b = _number(left, values), _number(right, values)
    if a is None or b is None:
        return None
    if not a.alike(b):
        raise WrongUnits(f"{a.words} and {b.words} can't be added")
    return Quantity(a.value + b.value if sign == "+" else a.value - b.value, a.kinds)


def _power(inner: Expression, exponent: float, values: Values) -> Quantity | None:
    base = _number(inner, values)
    if base is None:
        return None
    if base.value == 0 and exponent < 0:
        raise Undefined("variables.zero-denominator", part=inner)
    if base.value < 0 and not float(exponent).is_integer():
        raise Undefined("variables.root-of-negative", part=inner)
    return Quantity(
        _finite(lambda: base.value**exponent, inner),
        {k: p * exponent for k, p in base.kinds.items() if p * exponent},
    )


def _finite(compute: Callable[[], float], part: Expression) -> float:
    try:
        found = compute()
    except OverflowError:
        found = math.inf
    if not math.isfinite(found):
        raise Undefined("variables.too-large", part=part)
    return found


_LOGARITHMS: Mapping[str, Callable[[float], float]] = {
    "log": math.log,
    "log2": math.log2,
    "log10": math.log10,
}


def _call(name: str, arguments: tuple[Expression, ...], values: Values) -> Quantity | None:
    found = [_number(a, values) for a in arguments]
    known = [f for f in found if f is not None]
    if len(known) < len(found):
        return None
    one = known[0]
    if name in ("min", "max"):
        if not all(one.alike(k) for k in known):
            raise WrongUnits(f"{name}() compares {one.words} with {known[-1].words}")
        pick = min if name == "min" else max
        return Quantity(pick(k.value for k in known), one.kinds)
    if name == "abs":
        return Quantity(abs(one.value), one.kinds)
    if name == "sqrt":
        return _power(arguments[0], 0.5, values)
    if one.kinds:
        raise WrongUnits(
            f"{name}() of {one.words}: say in which unit the number is, as in {name}(crp [mg/L])"
        )
    if name == "exp":
        return Quantity(_finite(lambda: math.exp(one.value), arguments[0]))
    if one.value <= 0:
        raise Undefined("variables.log-of-nothing", part=arguments[0])
    return Quantity(_LOGARITHMS[name](one.value))


def _plain(value: Value) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip().lower()


def _word(expression: Expression, values: Values) -> str | None:
    if isinstance(expression, Text):
        return expression.value.strip().lower()
    if isinstance(expression, Operand):
        held = values[expression].value
        return None if held is None else _plain(held)
    raise WrongUnits("a word is compared with a value of the patient")


def _compare(left: Expression, sign: str, right: Expression, values: Values) -> bool | None:
    held = [values[s].value if isinstance(s, Operand) else None for s in (left, right)]
    worded = isinstance(left, Text) or isinstance(right, Text)
    if worded or any(isinstance(h, str | bool) for h in held):
        one, other = _word(left, values), _word(right, values)
        if one is None or other is None:
            return None
        if sign not in ("=", "!="):
            raise WrongUnits("a word is compared with = or !=")
        return (one == other) == (sign == "=")
    if any(isinstance(h, date) for h in held):
        if None in held or not (isinstance(held[0], date) and isinstance(held[1], date)):
            return None
        a, b = float(held[0].toordinal()), float(held[1].toordinal())
    else:
        first, second = _number(left, values), _number(right, values)
        if first is None or second is None:
            return None
        if not first.alike(second):
            raise WrongUnits(f"{first.words} and {second.words} can't be compared")
        a, b = first.value, second.value
    return {
        "<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b, "=": a == b, "!=": a != b,
    }[sign]  # fmt: skip


def truth(expression: Expression, values: Values) -> bool | None:
    """Is a condition true, false, or not known?"""
    match expression:
        case Otherwise():
            return True
        case Not(inner):
            found = truth(inner, values)
            return None if found is None else not found
        case Both(left, right):
            sides = (truth(left, values), truth(right, values))
            return False if False in sides else None if None in sides else True
        case Either(left, right):
            sides = (truth(left, values), truth(right, values))
            return True if True in sides else None if None in sides else False
        case IsMissing(inner):
            if isinstance(inner, Operand):
                return values[inner].value is None
            return _number(inner, values) is None
        case Comparison(left, sign, right):
            return _compare(left, sign, right, values)
        case _:
            raise WrongUnits("a number is no condition")


def number(expression: Expression, values: Values, unit: str) -> float | None:
    """The number that a formula gives for one patient, in a unit where its result has one.

    Raises
    ------
    Undefined
        There is no such number: a zero denominator, the logarithm of zero.
    WrongUnits
        The units don't go together.
    """
    found = _number(expression, values)
    if found is None:
        return None
    if found.kinds and not unit:
        raise WrongUnits(f"the result is {found.words}: give the variable a unit")
    value = in_unit(found, unit) if found.kinds else found.value
    return _finite(lambda: value, expression)


def level(conditions: Mapping[str, Expression], values: Values) -> str | None:
    """The first level whose condition holds; None where one before it is not known."""
    for key, condition in conditions.items():
        holds = truth(condition, values)
        if holds is None:
            return None
        if holds:
            return key
    return None
