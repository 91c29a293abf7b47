"""Cut-points that are found in the data: by which rule, and whether the outcome was looked at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from oncohort.protocol.derived import made_from

if TYPE_CHECKING:
    from oncohort.protocol.data import Variable
    from oncohort.protocol.model import Protocol

QUANTILES = {"median": (0.5,), "tertiles": (1 / 3, 2 / 3), "quartiles": (0.25, 0.5, 0.75)}
"""Rule = shares of the patients at which it cuts."""
OUTCOME_RULES = ("roc", "max_logrank")
"""Rules that look at the outcome: what is tested on the same patients afterwards is too good."""
RULES = (*QUANTILES, "percentiles", *OUTCOME_RULES)


def shares(variable: Variable) -> tuple[float, ...]:
    """The shares at which a variable is cut; empty where the outcome decides."""
    if variable.cut_by == "percentiles":
        return tuple(p / 100 for p in variable.percentiles)
    return QUANTILES.get(str(variable.cut_by), ())


def level_keys(variable: Variable) -> tuple[str, ...]:
    """Keys of the levels that a rule makes: they don't change with the data.

    Examples
    --------
    >>> from oncohort.protocol.data import Variable
    >>> level_keys(Variable.model_validate({"from": "crp", "cut_by": "tertiles"}))
    ('t1', 't2', 't3')
    """
    if variable.levels:
        return tuple(variable.levels)
    number = len(shares(variable)) or 1
    if number == 1:
        return ("low", "high")
    letter = {"tertiles": "t", "quartiles": "q"}.get(str(variable.cut_by), "p")
    return tuple(f"{letter}{i + 1}" for i in range(number + 1))


def cut_complaints(variable: Variable) -> list[str]:
    """What is wrong with the keys of a cut that is found in the data."""
    rule = variable.cut_by
    keys = {
        "percentiles": (bool(variable.percentiles), ("percentiles",)),
        "endpoint": (variable.endpoint is not None, OUTCOME_RULES),
        "horizon": (variable.horizon is not None, ("roc",)),
    }
    out = [
        f"{key} goes with cut_by = {' or '.join(f'{r!r}' for r in rules)}"
        for key, (given, rules) in keys.items()
        if given and rule not in rules
    ]
    out += [
        f'cut_by = "{rule}" needs {key}'
        for key, (given, rules) in keys.items()
        if not given and rule in rules
    ]
    if rule is None:
        return out + (["within goes with a cut_by"] if variable.within else [])
    if variable.source is None:
        out.append("cut_by needs from = the variable that is cut")
    if variable.cut or variable.group:
        out.append("cut_by, cut and group exclude each other")
    if variable.within and rule in OUTCOME_RULES:
        out.append("within goes with quantiles; a search in each group is not supported")
    if variable.percentiles and (
        sorted(set(variable.percentiles)) != variable.percentiles
        or not all(0 < p < 100 for p in variable.percentiles)
    ):
        out.append("percentiles rise, and lie between 0 and 100")
    if not out and variable.levels and len(variable.levels) != (len(shares(variable)) or 1) + 1:
        out.append(f"{rule} makes {(len(shares(variable)) or 1) + 1} levels, not as many as named")
    return out


def cut_on_outcome(p: Protocol, key: str) -> str | None:
    """The variable by which a variable's groups rest on a search of the outcome; None for none.

    Examples
    --------
    >>> from oncohort.protocol import parse_protocol
    >>> text = '[study]\\nschema = 1\\ntitle = "A"\\ndata = "x.csv"\\n[endpoints.os]\\n'
    >>> text += '[variables.crp]\\n[variables.high]\\nfrom = "crp"\\n'
    >>> text += 'cut_by = "max_logrank"\\nendpoint = "os"\\n'
    >>> p = parse_protocol(text)
    >>> cut_on_outcome(p, "high"), cut_on_outcome(p, "crp")
    ('high', None)
    """
    return next(_searched(p, key), None)


def _searched(p: Protocol, key: str) -> Iterator[str]:
    seen: set[str] = set()
    waiting = [key]
    while waiting:
        at = waiting.pop(0)
        if at in seen or at not in p.variables:
            continue
        seen.add(at)
        if p.variables[at].cut_by in OUTCOME_RULES:
            yield at
        waiting += made_from(p.variables, at)
