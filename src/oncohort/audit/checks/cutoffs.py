"""A variable that one table splits at another value than the next table does."""

from __future__ import annotations

import re
from fractions import Fraction

from oncohort.audit.checks import binding
from oncohort.audit.checks.whole_cohort import whole_cohort
from oncohort.audit.extract import names
from oncohort.audit.finding import Certainty, Finding, Log
from oncohort.published.model import Categorical, Published, Ratio

RULE = "The groups that a model compares are those that the table of characteristics counts."


def check(published: Published, log: Log) -> None:
    """Compare cut-offs of contrasts with the levels of the same variable."""
    words = binding.dictionary(published)
    variables = [v for v in whole_cohort(published) if _cuts(v)]
    labels = [names.tokens(v.name, words) for v in variables]
    seen: set[tuple[str, str]] = set()
    for ratio in published.ratios:
        contrast = _contrast(ratio)
        if not contrast or not ratio.where.table:
            continue
        name = names.tokens(ratio.variable, words)
        index = names.best_match(name, labels, least=0.99)
        if index is None or name != labels[index]:
            continue
        variable = variables[index]
        if variable.where.table == ratio.where.table:
            continue
        log.checked(ratio, *variable.levels)
        key = (ratio.where.table, ratio.variable)
        printed = _cuts(variable)
        if contrast & printed or key in seen or _units_differ(ratio, variable):
            continue
        if _finer(published, words, name):
            continue
        seen.add(key)
        levels = " / ".join(x.label for x in variable.levels)
        log.add(
            Finding(
                "cutoffs.differ",
                Certainty.UNUSUAL,
                f"{ratio.variable} is split as {ratio.contrast or ratio.level} in "
                f"{ratio.where.table} and as {levels} in {variable.where.table}",
                tuple(dict.fromkeys((ratio.where, variable.where))),
                RULE,
                (
                    f"{', '.join(sorted(str(float(x)) for x in contrast))} is none of "
                    f"{', '.join(sorted(str(float(x)) for x in printed))}",
                ),
                (),
                (),
                (
                    "two cut-offs of one variable are legal: a model may use another one",
                    "the names are the same, and no other unit is printed",
                ),
            )
        )


def _cuts(variable: Categorical) -> set[Fraction]:
    """Cut-offs of a variable all of whose levels (but the unknown) are one-sided ranges."""
    known = [x for x in variable.levels if not re.search(r"unknown|missing|n/?a\b", x.label, re.I)]
    cuts = [names.threshold(x.label) for x in known]
    if len(cuts) != 2 or any(c is None for c in cuts):
        return set()
    return {c.value for c in cuts if c is not None}


def _contrast(ratio: Ratio) -> set[Fraction]:
    sides = [names.threshold(ratio.level), names.threshold(ratio.reference)]
    values = {s.value for s in sides if s is not None}
    # "<0.8 versus ≥1.0" leaves a gap: not a split of all patients.
    return set(values) if all(sides) and len(values) == 1 else set()


def _units_differ(ratio: Ratio, variable: Categorical) -> bool:
    """Whether different units are printed, or a unit or a multiple of a norm on one side only."""
    text = " ".join((ratio.variable, ratio.contrast, ratio.where.row))
    other = " ".join((variable.name, *(x.label for x in variable.levels)))
    relative = re.compile(r"\b[ul]\.?l\.?n\b|normal|median|quartile|tertile|cut-?off", re.I)
    if relative.search(text) or relative.search(other):
        return True
    return _units(text) != _units(other) and bool(_units(text) and _units(other))


def _units(text: str) -> set[str]:
    return {
        m[0].lower().replace(" ", "").replace("μ", "µ")
        for m in re.finditer(r"(?<![a-zA-Zµμ])[a-zA-Zµμ]+\s*/\s*(?:[a-zA-Zµμ]+|\d+)", text)
    }


def _finer(published: Published, words: names.Dictionary, name: frozenset[str]) -> bool:
    """Whether the table of characteristics has the variable more than once."""
    same = [v for v in published.variables if names.tokens(v.name, words) == name]
    return len({v.name for v in same}) > 1 or any(
        names.threshold(x.label) is not None and len(v.levels) > 2 for v in same for x in v.levels
    )
