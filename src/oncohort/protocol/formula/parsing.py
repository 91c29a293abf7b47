"""From the text of a formula to its tree.

The grammar, loosest first::

    condition  = both {"or" both} | "otherwise"
    both       = negation {"and" negation}
    negation   = "not" negation | comparison
    comparison = sum [("<" | "<=" | ">" | ">=" | "=" | "!=") sum | "is" ["not"] "missing"]
    sum        = product {("+" | "-") product}
    product    = signed {("*" | "/") signed}
    signed     = "-" signed | power
    power      = quantity ["^" ["-"] number]
    quantity   = atom ["[" unit "]"]
    atom       = number | 'level' | ["lab."] name | function "(" sum {"," sum} ")"
               | "(" condition ")"

A name is letters, digits and ``_``, or anything in double quotes.
"""

from __future__ import annotations

import re

from oncohort.dataclass import dataclass
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

LONGEST = 1000
"""So many characters may a formula have."""
DEEPEST = 25
"""So many brackets and signs may stand within each other."""

FUNCTIONS = {"log": 1, "log2": 1, "log10": 1, "exp": 1, "sqrt": 1, "abs": 1, "min": 0, "max": 0}
"""Name = number of arguments; 0: two or more."""
WORDS = ("and", "or", "not", "is", "missing", "otherwise")
_TOKEN = re.compile(
    r"""\s*(?:
      (?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
    | (?P<name>[^\W\d]\w*)
    | "(?P<quoted>[^"]+)"
    | '(?P<text>[^']*)'
    | \[(?P<unit>[^\[\]]+)\]
    | (?P<sign><=|>=|!=|[-+*/^(),.<>=])
    )""",
    re.VERBOSE,
)


class FormulaError(ValueError):
    """A formula that can't be read; the message says where."""


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a formula."""

    sort: str
    text: str
    at: int


def _tokens(text: str) -> list[Token]:
    if len(text) > LONGEST:
        raise FormulaError(f"a formula of {len(text)} characters; at most {LONGEST} are read")
    out: list[Token] = []
    at = 0
    while text[at:].strip():
        found = _TOKEN.match(text, at)
        if found is None:
            rest = text[at:].lstrip()
            raise FormulaError(f'"{rest[0]}" at character {len(text) - len(rest) + 1} of "{text}"')
        sort = str(found.lastgroup)
        piece = found[sort]
        start = found.start(sort)
        if sort == "name" and piece.lower() in WORDS:
            sort, piece = "word", piece.lower()
        out.append(Token(sort, piece, start))
        at = found.end()
    return out


class _Reader:
    """Reads tokens from left to right."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = _tokens(text)
        self.at = 0
        self.depth = 0

    def peek(self, *wanted: str, sort: str = "") -> bool:
        if self.at >= len(self.tokens):
            return False
        token = self.tokens[self.at]
        if sort:
            return token.sort == sort
        return token.sort in ("sign", "word") and token.text in wanted

    def take(self, *wanted: str, sort: str = "") -> Token | None:
        if not self.peek(*wanted, sort=sort):
            return None
        self.at += 1
        return self.tokens[self.at - 1]

    def need(self, wanted: str) -> None:
        if self.take(wanted) is None:
            raise self.error(f'"{wanted}" is wanted')

    def error(self, why: str) -> FormulaError:
        if self.at >= len(self.tokens):
            return FormulaError(f'{why} at the end of "{self.text}"')
        token = self.tokens[self.at]
        return FormulaError(
            f'{why} before "{token.text}" (character {token.at + 1} of "{self.text}")'
        )

    def deeper(self) -> None:
        self.depth += 1
        if self.depth > DEEPEST:
            raise FormulaError(f"more than {DEEPEST} brackets and signs within each other")

    def condition(self) -> Expression:
        if self.take("otherwise"):
            return Otherwise()
        left = self.both()
        while self.take("or"):
            left = Either(left, self.both())
        return left

    def both(self) -> Expression:
        left = self.negation()
        while self.take("and"):
            left = Both(left, self.negation())
        return left

    def negation(self) -> Expression:
        if self.take("not"):
            self.deeper()
            inner = Not(self.negation())
            self.depth -= 1
            return inner
        return self.comparison()

    def comparison(self) -> Expression:
        left = self.sum()
        sign = self.take("<", "<=", ">", ">=", "=", "!=")
        if sign is not None:
            return Comparison(left, sign.text, self.sum())
        if self.take("is"):
            other = self.take("not")
            self.need("missing")
            return Not(IsMissing(left)) if other else IsMissing(left)
        return left

    def sum(self) -> Expression:
        left = self.product()
        while (sign := self.take("+", "-")) is not None:
            left = Sum(left, sign.text, self.product())
        return left

    def product(self) -> Expression:
        left = self.signed()
        while (sign := self.take("*", "/")) is not None:
            left = Product(left, sign.text, self.signed())
        return left

    def signed(self) -> Expression:
        if self.take("-"):
            self.deeper()
            inner = Minus(self.signed())
            self.depth -= 1
            return inner
        return self.power()

    def power(self) -> Expression:
        base = self.quantity()
        if not self.take("^"):
            return base
        sign = -1 if self.take("-") else 1
        exponent = self.take(sort="number")
        if exponent is None:
            raise self.error("an exponent is wanted (a number)")
        return Power(base, sign * float(exponent.text))

    def quantity(self) -> Expression:
        inner = self.atom()
        unit = self.take(sort="unit")
        return inner if unit is None else InUnit(inner, unit.text.strip())

    def atom(self) -> Expression:
        if (number := self.take(sort="number")) is not None:
            return Number(float(number.text))
        if (text := self.take(sort="text")) is not None:
            return Text(text.text)
        if (quoted := self.take(sort="quoted")) is not None:
            return Operand(quoted.text)
        if (name := self.take(sort="name")) is not None:
            return self.named(name)
        if self.take("("):
            self.deeper()
            inner = self.condition()
            self.need(")")
            self.depth -= 1
            return inner
        raise self.error("a value is wanted")

    def named(self, name: Token) -> Expression:
        if name.text == "lab" and self.take("."):
            test = self.take(sort="name") or self.take(sort="quoted")
            if test is None:
                raise self.error('"lab." wants the name of a test')
            return Operand(test.text, lab=True)
        if not self.take("("):
            return Operand(name.text)
        if name.text not in FUNCTIONS:
            self.at -= 1
            raise self.error(f'no function "{name.text}" (known: {", ".join(FUNCTIONS)})')
        self.deeper()
        arguments = [self.sum()]
        while self.take(","):
            arguments.append(self.sum())
        self.need(")")
        self.depth -= 1
        wanted = FUNCTIONS[name.text]
        if len(arguments) != wanted if wanted else len(arguments) < 2:
            many = f"{wanted}" if wanted else "two or more"
            raise FormulaError(f"{name.text}() takes {many}, not {len(arguments)}")
        return Call(name.text, tuple(arguments))


_TRUTHS = (Comparison, IsMissing, Not, Both, Either, Otherwise)


def _mixed(expression: Expression) -> str:
    """What is used as a number though it is a condition, or the other way round; else empty."""
    match expression:
        case Both(left, right) | Either(left, right):
            for side in (left, right):
                if not isinstance(side, _TRUTHS) or isinstance(side, Otherwise):
                    return 'both sides of "and" and "or" are conditions'
            return _mixed(left) or _mixed(right)
        case Not(inner):
            return "" if isinstance(inner, _TRUTHS) else '"not" goes with a condition'
        case InUnit(inner) | Minus(inner) | Power(inner, _):
            return _number(inner)
        case Call(_, arguments):
            return next((w for a in arguments if (w := _number(a))), "")
        case Sum(left, _, right) | Product(left, _, right):
            return _number(left) or _number(right)
        case Comparison(left, sign, right):
            words = isinstance(left, Text) or isinstance(right, Text)
            if words and sign not in ("=", "!="):
                return "a word is compared with = or !="
            sides = [s for s in (left, right) if not isinstance(s, Text)]
            return next((w for s in sides if (w := _number(s))), "")
        case _:
            return ""


def _number(expression: Expression) -> str:
    if isinstance(expression, (*_TRUTHS, Text)):
        return "a condition or a word is no number"
    return _mixed(expression)


def parse(text: str, *, condition: bool = False) -> Expression:
    """Read a formula.

    Parameters
    ----------
    condition
        True where it has to be true or false (a level of a category), else it is a number.

    Raises
    ------
    FormulaError
        It can't be read; the message names the character.

    Examples
    --------
    >>> parse("lab.neutrophils / lab.lymphocytes")
    Product(left=Operand(name='neutrophils', lab=True), sign='/',
            right=Operand(name='lymphocytes', lab=True))
    >>> parse("1 +* 2")
    Traceback (most recent call last):
    ...
    oncohort.protocol.formula.parsing.FormulaError: a value is wanted before "*"
    (character 4 of "1 +* 2")
    """
    reader = _Reader(text)
    found = reader.condition()
    if reader.at < len(reader.tokens):
        raise reader.error("something is missing")
    wrong = _mixed(found)
    is_truth = isinstance(found, _TRUTHS)
    if not wrong and is_truth != condition:
        wrong = (
            "a level needs a condition (crp > 10)"
            if condition
            else "a formula gives a number, not a condition"
        )
    if wrong:
        raise FormulaError(f'{wrong}: "{text}"')
    return found
