"""What a derived variable is made of: its formulas as trees, and what they read."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from oncohort.protocol.formula import Expression, FormulaError, Operand, operands, parse
from oncohort.vocabulary.indices import INDICES

if TYPE_CHECKING:
    from oncohort.protocol.data import Variable

FORMULAS = ("formula", "ratio", "category", "duration", *INDICES)
"""Ways to derive a variable that are formulas."""

_ONLY = {
    "formula": ("formula",),
    "of": ("ratio",),
    "when": ("category",),
    "inputs": tuple(INDICES),
    "at": ("age",),
    "since": ("duration",),
    "until": ("duration",),
}
"""Key of a variable = the derivations that it belongs to."""


@lru_cache(maxsize=512)
def _parsed(text: str, condition: bool) -> Expression:
    return parse(text, condition=condition)


def _quoted(name: str) -> str:
    if name.startswith("lab."):
        return f'lab."{name.removeprefix("lab.")}"'
    return f'"{name}"'


def formulas(variable: Variable) -> Mapping[str, Expression]:
    """Level = condition, or one formula under the empty name; none where it has no formula.

    Raises
    ------
    FormulaError
        A formula can't be read.

    Examples
    --------
    >>> from oncohort.protocol.data import Variable
    >>> list(formulas(Variable(derive="mgps")))
    ['0', '1', '2']
    """
    how = variable.derive
    if how == "formula":
        return {"": _parsed(variable.formula, False)}
    if how == "ratio":
        return {"": _parsed(" / ".join(_quoted(name) for name in variable.of), False)}
    if how == "duration":
        return {"": _parsed(f'"{variable.until}" - "{variable.since}"', False)}
    if how == "category":
        return {level: _parsed(text, True) for level, text in variable.when.items()}
    if how is not None and how in INDICES:
        index = INDICES[how]
        if index.when:
            return {level: _parsed(text, True) for level, text in index.when.items()}
        return {"": _parsed(index.formula, False)}
    return {}


def stands_for(variable: Variable, operand: Operand) -> Operand | None:
    """What the protocol gives for an input of a published score; None where it says nothing."""
    given = variable.inputs.get(operand.name)
    if given is None:
        return None
    lab = given.startswith("lab.")
    return Operand(given.removeprefix("lab."), lab) if lab else Operand(given)


def read_by(variable: Variable) -> tuple[Operand, ...]:
    """The values that a variable's formulas read, each once."""
    found = operands(*formulas(variable).values())
    return tuple(dict.fromkeys(stands_for(variable, o) or o for o in found))


def made_from(variables: Mapping[str, Variable], name: str) -> tuple[str, ...]:
    """The variables that one is made from directly: `from`, `within`, and names in formulas."""
    variable = variables[name]
    found = [v for v in (variable.source, variable.within) if v]
    found += [o.name for o in read_by(variable) if not o.lab and o.name in variables]
    return tuple(dict.fromkeys(n for n in found if n in variables))


def formula_words(variable: Variable) -> str:
    """The formula of a variable as it is written; its conditions one after the other.

    Examples
    --------
    >>> from oncohort.protocol.data import Variable
    >>> formula_words(Variable(derive="nlr"))
    'neutrophils [10^9/L] / lymphocytes [10^9/L]'
    """
    if variable.derive == "formula":
        return variable.formula
    if variable.derive == "ratio":
        return " / ".join(variable.of)
    if variable.derive == "duration":
        return f"{variable.until} - {variable.since}"
    when: Mapping[str, str] = variable.when
    if variable.derive in INDICES:
        index = INDICES[str(variable.derive)]
        if index.formula:
            return index.formula
        when = index.when
    return "; ".join(f"{level}: {condition}" for level, condition in when.items())


def reads_baseline_values(variable: Variable) -> bool:
    """Does it rest on values of a window before treatment?"""
    if variable.derive in FORMULAS:
        return any(o.lab or variable.derive in INDICES for o in read_by(variable))
    return variable.derive not in (None, "age", "sites")


def complaints(variable: Variable) -> list[str]:
    """What is wrong with the keys that derive a variable."""
    out = [
        f"{key} goes with derive = {' or '.join(f'{h!r}' for h in hows[:3])}"
        for key, hows in _ONLY.items()
        if getattr(variable, key) and variable.derive not in hows
    ]
    wanted = {
        "formula": ("formula",),
        "ratio": ("of",),
        "category": ("when",),
        "duration": ("since", "until"),
    }
    out += [
        f'derive = "{variable.derive}" needs {key}'
        for key in wanted.get(variable.derive or "", ())
        if not getattr(variable, key)
    ]
    if variable.of and len(variable.of) != 2:
        out.append(f"of names two values, not {len(variable.of)}")
    if variable.derive in INDICES and not out:
        known = [o.name for o in operands(*formulas(variable).values())]
        strange = [name for name in variable.inputs if name not in known]
        if strange:
            out.append(f"{', '.join(strange)}: no input of {variable.derive} ({', '.join(known)})")
    if variable.when and variable.levels and set(variable.when) != set(variable.levels):
        out.append("levels and when name different levels")
    model = [k for k in ("per", "log", "knots") if getattr(variable, k) is not None]
    if len(model) > 1:
        out.append(f"{' and '.join(model)} exclude each other")
    if model and (variable.cut or variable.levels or variable.group or variable.when):
        out.append(f"{model[0]} is for a number, not for levels")
    if isinstance(variable.knots, list) and sorted(set(variable.knots)) != variable.knots:
        out.append("knots must rise")
    if not out:
        try:
            formulas(variable)
        except FormulaError as error:
            out.append(str(error))
    return out
