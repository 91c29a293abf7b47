"""All counts of a paper as one whole-number system: margins, responses, adverse events, doses."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import inf

from oncohort.published.figures import (
    COHORT,
    Figure,
    figures_of,
    grades_of,
    slug,
)
from oncohort.published.model import Categorical, Published, Rate
from oncohort.published.rounding import could_be, interval, number
from oncohort.twin.system import System

CTCAE = "5.0"
"""Version of the criteria that a twin's adverse events are graded by."""

RATES: Mapping[str, tuple[str, ...]] = {
    "ORR": ("cr", "pr"),
    "RR": ("cr", "pr"),
    "DCR": ("cr", "pr", "sd"),
    "CBR": ("cr", "pr", "sd"),
}
"""Best responses that a rate adds up."""

UNPRINTED: Mapping[str, float] = {"cr": 4e-4, "pr": 3e-4, "pd": 1e-4}
"""What a best response costs of which nothing is printed: whoever is left over has stable disease,
else progressed; nobody responded of whom the paper doesn't say so."""


def _whole(text: str) -> int | None:
    read = number(text)
    return (
        int(read.value) if read is not None and read.exact and read.value.denominator == 1 else None
    )


def _asks(
    system: System,
    unknowns: list[str],
    record: object,
    n: int,
    key: str,
    keys: Mapping[str, Figure],
) -> None:
    """Rules of a printed count and percentage over a sum of unknowns."""
    ones = dict.fromkeys(unknowns, 1)
    for name in ("count", "percent"):
        text = getattr(record, name)
        figure = f"{key}.{name}"
        if not text or figure not in keys or any(r.figure == figure for r in system.rules):
            continue  # of a figure said twice the first is asked for
        if name == "count":
            count = _whole(text)
            if count is not None:
                system.rule(ones, count, count, figure)
            continue
        allowed = interval(text)
        if allowed is not None and n:
            hundred = {u: Fraction(100, n) for u in ones}
            system.rule(hundred, allowed.low, allowed.high, figure)


def shares_out(v: Categorical, n: int) -> bool:
    """Whether the printed levels are known to be all there are.

    Percentages that add up to 100, counts that add up to the patients, or counts of all levels but
    some with a percentage only. A lone level, or levels that leave patients over, may have others
    beside them that are not printed.

    Examples
    --------
    >>> from oncohort.published.model import Level
    >>> shares_out(Categorical("Sex", (Level("Male", "32", "71.4"), Level("F", "12", "28.6"))), 42)
    True
    >>> shares_out(Categorical("Smoker", (Level("Yes", "12", "28.6"),)), 42)
    False
    """
    if not v.exclusive or len(v.levels) < 2:
        return False
    percents = [number(level.percent) if level.percent else None for level in v.levels]
    known = [float(p.value) for p in percents if p is not None]
    if len(known) == len(v.levels):
        return abs(sum(known) - 100) <= 0.6 * len(known) + 0.01
    counts = [_whole(level.count) if level.count else None for level in v.levels]
    if None in counts:
        return True
    missing = (_whole(v.missing) or 0) if v.missing else 0
    return sum(c for c in counts if c is not None) == n - missing


def denominator(v: Categorical, n: int, missing: int) -> int:
    """Of all patients or of those known: the one that fits more of the printed pairs."""

    def fitting(base: int) -> int:
        pairs = [(_whole(x.count), x.percent) for x in v.levels if x.count and x.percent]
        return sum(c is not None and could_be(c, base, p) for c, p in pairs)

    return n - missing if fitting(n - missing) >= fitting(n) else n


def _variable(system: System, v: Categorical, n: int, keys: Mapping[str, Figure]) -> None:
    missing = (_whole(v.missing) or 0) if v.missing else 0
    usual = denominator(v, n, missing)
    names = []
    for level in v.levels:
        key = f"variables.{slug(v.name)}.{slug(level.label)}"
        names.append(system.unknown(key, 0, n))
        base = _whole(level.denominator) if level.denominator else None
        _asks(system, [key], level, base or usual, key, keys)
    if v.exclusive and names:
        least = n - missing if shares_out(v, n) else 0
        system.rule(dict.fromkeys(names, 1), least, n - missing)


def _responses(system: System, published: Published, n: int, keys: Mapping[str, Figure]) -> None:
    """Best responses; patients who are in none of the printed ones were not evaluable."""
    names = []
    evaluable = n
    for response in published.responses:
        if response.population not in COHORT:
            continue
        evaluable = (_whole(response.n) if response.n else None) or n
        for level in response.levels:
            key = f"responses.{slug(level.label)}"
            names.append(system.unknown(key, 0, n))
            base = _whole(level.denominator) if level.denominator else None
            _asks(system, [key], level, base or evaluable, key, keys)
    rates = [r for r in published.rates if r.population in COHORT and r.kind.upper() in RATES]
    if not names and not rates:
        return
    table = len(names) >= 3
    for code in ("cr", "pr", "sd", "pd", "ne"):
        if f"responses.{code}" not in names:
            # A whole table that leaves one response out has nobody in it, as far as can be.
            system.cost[f"responses.{code}"] = (
                0.05 if table and code != "ne" else UNPRINTED.get(code, 0.0)
            )
            names.append(system.unknown(f"responses.{code}", 0, n))
    system.rule(dict.fromkeys(names, 1), n, n)
    for rate in rates:
        _rate(system, rate, evaluable, keys)


def _rate(system: System, rate: Rate, n: int, keys: Mapping[str, Figure]) -> None:
    unknowns = [f"responses.{code}" for code in RATES[rate.kind.upper()]]
    base = _whole(rate.denominator) if rate.denominator else None
    _asks(system, unknowns, rate, base or n, f"rates.{slug(rate.kind)}", keys)


def grades_in_use(term: str) -> tuple[int, ...]:
    """Grades that CTCAE has for an event; all of them where it has no such event.

    Examples
    --------
    >>> grades_in_use("Alopecia"), grades_in_use("Bad mood of a doctor")
    ((1, 2), (1, 2, 3, 4, 5))
    """
    from oncohort.criteria.ctcae.terms import match

    found = match(term, CTCAE).term
    return tuple(sorted(found.grades)) if found is not None else (1, 2, 3, 4, 5)


def _events(system: System, published: Published, n: int, keys: Mapping[str, Figure]) -> None:
    """Patients by worst grade per term; any event counts at least as many as the largest term.

    It may count more than all of them together: papers list the commoner events only.
    """
    totals: dict[str, list[str]] = {}
    overall = ""
    fatal = any(
        5 in grades_of(g.grade) and len(grades_of(g.grade)) < 3 and _whole(g.count)
        for event in published.adverse_events
        for g in event.grades
    )
    for event in published.adverse_events:
        if event.population not in COHORT or event.group:
            continue
        term = f"adverse_events.{slug(event.term)}"
        grades = [system.unknown(f"{term}.{g}", 0, n) for g in range(1, 6)]
        system.rule(dict.fromkeys(grades, 1), 0, n)
        if event.any:
            overall = term
        else:
            totals[term] = grades
        printed = [(grades_of(g.grade), g) for g in event.grades]
        for covered, g in printed:
            chosen = [grades[k - 1] for k in covered]
            if chosen:
                base = (_whole(g.n) if g.n else None) or n
                _asks(system, chosen, g, base, f"{term}.{slug(g.grade)}", keys)
        if not any(5 in covered and len(covered) < 3 for covered, _ in printed) and not (
            event.any and fatal
        ):
            system.rule({grades[4]: 1}, 0, 0)  # nobody died of it unless the paper says so
    if overall:
        for least in range(1, 6):
            whole = {f"{overall}.{g}": 1 for g in range(least, 6)}
            for grades in totals.values():
                part = dict.fromkeys(grades[least - 1 :], -1)
                system.rule(whole | part, 0, inf)


def _treated(system: System, published: Published, n: int, keys: Mapping[str, Figure]) -> None:
    stops = []
    for t in published.treated:
        if t.population not in COHORT:
            continue
        key = f"treated.{t.kind}" + (f".{slug(t.reason)}" if t.reason else "")
        system.unknown(key, 0, n)
        _asks(system, [key], t, n, key, keys)
        if t.kind in ("stopped", "ongoing") and key not in stops:
            stops.append(key)
    if stops:
        system.rule(dict.fromkeys(stops, 1), 0, n)


def _endpoint_events(
    system: System, published: Published, n: int, keys: Mapping[str, Figure]
) -> None:
    for e in published.events:
        if e.population in COHORT:
            key = f"events.{slug(e.endpoint)}"
            system.unknown(key, 0, n)
            _asks(system, [key], e, n, key, keys)
    for curve in published.curves:
        count = _whole(curve.events) if curve.events else None
        if curve.population in COHORT and count is not None:
            key = system.unknown(f"events.{slug(curve.endpoint)}", 0, n)
            system.rule({key: 1}, count, count, f"curves.{slug(curve.endpoint)}.events")
    progressed = [name for name in ("events.pfs", "events.ttp") if name in system.bounds]
    if progressed and "responses.pd" in system.bounds:
        system.rule({progressed[0]: 1, "responses.pd": -1}, 0, inf)
    if "events.pfs" in system.bounds and "events.os" in system.bounds:
        system.rule({"events.pfs": 1, "events.os": -1}, 0, inf)


def counts_system(published: Published, n: int) -> System:
    """The system of all counts of a cohort of ``n``.

    Names of unknowns: ``variables.<variable>.<level>``, ``responses.<cr ...>``,
    ``adverse_events.<term>.<grade 1 to 5>``, ``treated.<kind>[.<reason>]``,
    ``events.<endpoint>``.
    """
    keys = {f.key: f for f in figures_of(published)}
    system = System()
    for v in published.variables:
        if v.population in COHORT:
            _variable(system, v, n, keys)
    _responses(system, published, n, keys)
    _events(system, published, n, keys)
    _treated(system, published, n, keys)
    _endpoint_events(system, published, n, keys)
    for event in published.adverse_events:
        for grade in range(1, 6):
            name = f"adverse_events.{slug(event.term)}.{grade}"
            if name in system.bounds and not event.any and grade not in grades_in_use(event.term):
                system.cost[name] = 0.1
    # High grades are rare, and few patients can't be evaluated.
    rare = {"4": 0.01, "5": 0.05}
    for name in system.bounds:
        if name.startswith("adverse_events.") and name[-1] in rare:
            system.cost[name] = system.cost.get(name, 0.0) + rare[name[-1]]
    system.cost["responses.ne"] = 0.02
    return system
