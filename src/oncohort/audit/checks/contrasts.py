"""The direction of a contrast against what the text says, and cut-offs that differ."""

from __future__ import annotations

import re
from fractions import Fraction

from oncohort.audit.checks import binding
from oncohort.audit.extract import names
from oncohort.audit.finding import Certainty, Finding, Log
from oncohort.published.model import Published, Ratio
from oncohort.published.rounding import interval, probability

RULE = (
    "A hazard ratio above 1 says that the first side of 'first versus second' does worse, if the "
    "table names its contrasts in that order."
)
_POOR = re.compile(r"\bpoor\b|\bhigh[- ]risk\b|\bunfavou?rable\b", re.I)


def check(published: Published, log: Log) -> None:
    """Compare directions in the tables with what the text calls adverse."""
    words = binding.dictionary(published)
    adverse = [f for f in published.facts if f.kind == "adverse" and f.level == "high"]
    tables: dict[str, list[Ratio]] = {}
    for ratio in published.ratios:
        if ratio.where.table and ratio.kind == "HR" and ratio.level and ratio.reference:
            tables.setdefault(ratio.where.table, []).append(ratio)
    for rows in tables.values():
        convention = [r for r in rows if _POOR.search(r.level) and not _POOR.search(r.reference)]
        backwards = [r for r in rows if _POOR.search(r.reference) and not _POOR.search(r.level)]
        if not convention or backwards or not all(_above(r) for r in convention):
            continue
        if not any(_significant(r) for r in convention):
            continue
        variables = sorted({r.variable for r in rows})
        for fact in adverse:
            index = names.best_match(
                names.tokens(fact.subject, words),
                [names.tokens(v, words) for v in variables],
                least=0.6,
            )
            if index is None:
                continue
            hits = [r for r in rows if r.variable == variables[index]]
            against = [r for r in hits if _against(r)]
            clear = [r for r in hits if _significant(r)]
            log.checked(fact, *hits)
            if not clear or len(against) != len(hits):
                continue
            _report(fact.subject, clear, convention[0], fact.where, log)


def _above(ratio: Ratio) -> bool:
    allowed = interval(ratio.estimate)
    return allowed is not None and allowed.low > 1


def _significant(ratio: Ratio) -> bool:
    allowed = probability(ratio.p) if ratio.p else None
    return allowed is not None and allowed.high < Fraction(5, 100)


def _against(ratio: Ratio) -> bool:
    """The low side is named first and does worse, or the high side first and does better."""
    first, second = names.threshold(ratio.level), names.threshold(ratio.reference)
    allowed = interval(ratio.estimate)
    if first is None or second is None or allowed is None or first.value != second.value:
        return False
    if first.relation.startswith("<") and second.relation.startswith(">"):
        return allowed.low > 1
    if first.relation.startswith(">") and second.relation.startswith("<"):
        return allowed.high < 1
    return False


def _report(subject: str, rows: list[Ratio], model: Ratio, where: object, log: Log) -> None:
    from oncohort.published.model import Where

    first = rows[0]
    stated = where if isinstance(where, Where) else Where()
    printed = ", ".join(f"{r.estimate} ({r.model} {r.endpoint})".replace("( ", "(") for r in rows)
    log.add(
        Finding(
            "contrasts.direction",
            Certainty.INCONSISTENT,
            f"{first.variable}, {first.contrast}: HR {printed} says that {first.level} does worse, "
            f"the text that a high {subject} does; if the label means first against second, as "
            f"{model.contrast!r} does in {model.variable!r}",
            (first.where, stated, model.where),
            RULE,
            tuple(
                f"HR {r.estimate} of {r.contrast}, p {r.p}: above 1, so {r.level} has the higher "
                f"hazard than {r.reference}"
                for r in rows
            ),
            tuple(f"{r.estimate} allows {interval(r.estimate)}" for r in rows),
            (
                f"the table names its contrasts first against second: {model.variable}, "
                f"{model.contrast}, HR {model.estimate}",
            ),
            (
                "with the second side against the first, the ratio would agree with the text; then "
                "this row is labelled the other way round than its neighbours",
            ),
            tuple(r.estimate for r in rows),
        )
    )
