"""The parts that a formula is made of."""

from __future__ import annotations

from collections.abc import Iterator

from oncohort.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Number:
    """A number as written."""

    value: float


@dataclass(frozen=True, slots=True)
class Text:
    """A word in single quotes: a level."""

    value: str


@dataclass(frozen=True, slots=True)
class Operand:
    """A value of the patient: ``weight`` (a variable or column), ``lab.crp`` (baseline value)."""

    name: str
    lab: bool = False

    def __str__(self) -> str:
        return f"lab.{self.name}" if self.lab else self.name


@dataclass(frozen=True, slots=True)
class InUnit:
    """``crp [mg/L]``: how many of the unit; a plain number."""

    inner: Expression
    unit: str


@dataclass(frozen=True, slots=True)
class Minus:
    """A sign."""

    inner: Expression


@dataclass(frozen=True, slots=True)
class Sum:
    """``a + b`` or ``a - b``."""

    left: Expression
    sign: str
    right: Expression


@dataclass(frozen=True, slots=True)
class Product:
    """``a * b`` or ``a / b``."""

    left: Expression
    sign: str
    right: Expression


@dataclass(frozen=True, slots=True)
class Power:
    """``a ^ 2``; the exponent is a number."""

    inner: Expression
    exponent: float


@dataclass(frozen=True, slots=True)
class Call:
    """One of the known functions."""

    name: str
    arguments: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """``a < b``; ``=`` and ``!=`` also for words."""

    left: Expression
    sign: str
    right: Expression


@dataclass(frozen=True, slots=True)
class IsMissing:
    """``a is missing``."""

    inner: Expression


@dataclass(frozen=True, slots=True)
class Not:
    """``not a``."""

    inner: Expression


@dataclass(frozen=True, slots=True)
class Both:
    """``a and b``."""

    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Either:
    """``a or b``."""

    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Otherwise:
    """``otherwise``: what no condition before it met."""


Expression = (
    Number
    | Text
    | Operand
    | InUnit
    | Minus
    | Sum
    | Product
    | Power
    | Call
    | Comparison
    | IsMissing
    | Not
    | Both
    | Either
    | Otherwise
)


def parts(expression: Expression) -> Iterator[Expression]:
    """The expression and everything in it, as read from left to right."""
    yield expression
    match expression:
        case InUnit(inner) | Minus(inner) | Power(inner, _) | IsMissing(inner) | Not(inner):
            yield from parts(inner)
        case Call(_, arguments):
            for one in arguments:
                yield from parts(one)
        case Sum(left, _, right) | Product(left, _, right) | Comparison(left, _, right):
            yield from parts(left)
            yield from parts(right)
        case Both(left, right) | Either(left, right):
            yield from parts(left)
            yield from parts(right)
        case _:
            return


def operands(*expressions: Expression) -> tuple[Operand, ...]:
    """The values of the patient that expressions read, each once.

    Examples
    --------
    >>> from oncohort.protocol.formula import parse
    >>> [str(o) for o in operands(parse("lab.crp [mg/L] / weight [kg] + weight [kg]"))]
    ['lab.crp', 'weight']
    """
    found = (p for e in expressions for p in parts(e) if isinstance(p, Operand))
    return tuple(dict.fromkeys(found))
