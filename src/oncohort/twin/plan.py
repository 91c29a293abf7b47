"""What a twin has to obey, worked out from the figures before any search.

Counts, endpoints with their templates and marks, covariates and models, likely numbers of events,
and every figure that is impossible beforehand with its proof.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import field, replace

import numpy as np

from oncohort.dataclass import dataclass
from oncohort.problems import Place, ReadError, problem
from oncohort.published.denominators import with_denominators
from oncohort.published.figures import COHORT, Figure, figures_of, grades_of, ratio_key, slug
from oncohort.published.model import Published, Ratio, Time
from oncohort.published.naming import with_own_names, with_short_names
from oncohort.published.rounding import HALF_EVEN, HALF_UP, could_be, interval, number
from oncohort.published.values import NOT_REACHED, value_problems
from oncohort.twin.contradictions import Impossible, impossible_ratios
from oncohort.twin.counts import counts_system
from oncohort.twin.crossings import crossings
from oncohort.twin.curve_conflicts import impossible_curves, without
from oncohort.twin.evaluate import TREATMENT, days_per
from oncohort.twin.event_counts import EARLY, event_guesses
from oncohort.twin.guyot import CurvePatients, patients_of_curve
from oncohort.twin.ordering import Question
from oncohort.twin.question import (
    Cox,
    Layout,
    cox_of,
    layout,
    of_another_test,
)
from oncohort.twin.search import Mark
from oncohort.twin.system import solve
from oncohort.twin.times import Knots, template
from oncohort.vocabulary.boundaries import Option

SIZES = (2, 2000)


def _curve(published: Published, endpoint: str, n: int) -> CurvePatients | None:
    """Patients behind a printed curve of the whole cohort, in days; None where there is none."""
    for c in published.curves:
        if slug(c.endpoint) != endpoint or c.population not in COHORT or not c.points:
            continue
        scale = days_per(c.unit)
        pairs = [(number(p[0]), number(p[1])) for p in c.points]
        risk = [(number(p[0]), number(p[1])) for p in c.at_risk]
        if any(a is None or b is None for a, b in (*pairs, *risk)):
            continue
        at_risk = [(float(a.value) * scale, int(b.value)) for a, b in risk if a and b]
        if not at_risk or at_risk[0][0] != 0:
            at_risk.insert(0, (0.0, n))
        if at_risk[0][1] != n:
            continue
        total = number(c.events) if c.events else None
        printed = median_of(published, endpoint)
        middle = days_of(printed.median, printed.unit) if printed is not None else None
        return patients_of_curve(
            [float(a.value) * scale for a, b in pairs if a and b],
            [float(b.value) / 100 for a, b in pairs if a and b],
            at_risk,
            events=int(total.value) if total is not None else None,
            median=sum(middle) / 2 if middle else None,
        )
    return None


@dataclass(slots=True)
class Plan:
    """All that is known before the search.

    ``endpoints``: slugs of the early and the late endpoint; ``printed``: those that the paper has.
    """

    published: Published
    n: int
    figures: tuple[Figure, ...]
    counts: dict[str, int]
    endpoints: tuple[str, str]
    printed: frozenset[str]
    knots: tuple[Knots, Knots]
    cox: Cox
    impossible: dict[str, Impossible]
    question: Question
    layout: Layout
    screening: bool
    multivariable: tuple[str, ...]
    curves: tuple[CurvePatients | None, CurvePatients | None] = (None, None)
    notes: list[str] = field(default_factory=list)
    asked: Published = field(default_factory=Published)
    """The figures of times and curves that are asked for: those that are not impossible."""
    unasked: dict[str, str] = field(default_factory=dict)
    """Figures that are not looked for though they may be possible, and why."""


def _refused(case: str, **holes: Option) -> ReadError:
    return ReadError("", [problem("twin.size", case, place=Place(key="populations"), **holes)])


def size_of(published: Published) -> int:
    """Number of patients; a paper without it has no twin."""
    n = published.n
    if n is None:
        raise _refused("unknown")
    stated = [p.n for p in published.populations if p.key == "cohort" and p.n.isdigit()]
    if len({int(k) for k in stated}) > 1:
        raise _refused("several", found=", ".join(stated))
    if not SIZES[0] <= n <= SIZES[1]:
        raise _refused("range", least=SIZES[0], most=SIZES[1], n=n)
    return n


def days_of(text: str, unit: str) -> tuple[float, float] | None:
    """Interval of days behind a printed time."""
    read = number(text)
    allowed = interval(text, (HALF_UP, HALF_EVEN)) if text else None
    if allowed is None or read is None:
        return None
    scale, margin = days_per(unit), float(read.unit) * 1e-6
    return (float(allowed.low) + margin) * scale, (float(allowed.high) - margin) * scale


def _other_bases(published: Published, n: int) -> dict[str, str]:
    """By key of a percentage: how many patients, fewer than all, would have it with its count."""
    out = {}
    for v in published.variables:
        for x in v.levels:
            count = number(x.count) if x.count and x.percent else None
            k = int(count.value) if count is not None else 0
            able = (b for b in range(n - 1, max(k, 1) - 1, -1) if could_be(k, b, x.percent))
            base = next(able, None) if count is not None else None
            if base is not None:
                key = f"variables.{slug(v.name)}.{slug(x.label)}.percent"
                out[key] = (
                    f" ({base} patients would: n or denominator says it where they are meant)"
                )
    return out


def _counts(published: Published, n: int) -> tuple[dict[str, int], dict[str, Impossible]]:
    system = counts_system(published, n)
    # A count says more than its percentage: where one of them has to go, it is the percentage.
    weight = {rule.figure: 1.01 for rule in system.rules if rule.figure.endswith(".count")}
    done, bases = solve(system, weight), _other_bases(published, n)
    aside = {
        key: Impossible(
            f"no whole numbers of {n} patients have these figures together, rounded or cut off"
            + (bases.get(key, "") if len(conflict) <= 2 else ""),
            conflict,
        )
        for key, conflict in done.aside.items()
    }
    return done.values, aside


def _twice(figures: Sequence[Figure]) -> tuple[set[str], dict[str, Impossible]]:
    """Figures said twice with different values: the commonest (then the first) is asked for."""
    out: dict[str, Impossible] = {}
    for f in figures:
        if "#" in f.key:
            first = f.key.partition("#")[0]
            out[f.key] = Impossible("the paper also prints another value", (first, f.key))
    return set(out), out


def median_of(published: Published, endpoint: str) -> Time | None:
    """The median of an endpoint that is asked for: the first one printed."""
    for t in published.times:
        if slug(t.endpoint) == endpoint and t.population in COHORT and t.median:
            return t
    return None


def time_of(published: Published, endpoint: str) -> Time | None:
    """The first median of an endpoint with its limits; those stand if it is set aside."""
    for t in published.times:
        if (
            slug(t.endpoint) == endpoint
            and t.population in COHORT
            and (t.median or t.low or t.high)
        ):
            return t
    return None


def _knots(published: Published, endpoint: str) -> Knots:
    points: list[tuple[float, float]] = []
    t = median_of(published, endpoint)
    at = days_of(t.median, t.unit) if t is not None else None
    if at is not None:
        points.append((sum(at) / 2, 0.5))
    for x in published.landmarks:
        day, share = days_of(x.time, x.unit), number(x.percent)
        if slug(x.endpoint) == endpoint and x.population in COHORT and day and share is not None:
            points.append((sum(day) / 2, float(share.value) / 100))
    longest = None
    for c in published.curves:
        if slug(c.endpoint) != endpoint or c.population not in COHORT:
            continue
        scale = days_per(c.unit)
        for pair in c.points:
            a, b = number(pair[0]), number(pair[1])
            if a is not None and b is not None:
                points.append((float(a.value) * scale, float(b.value) / 100))
        ends = [number(pair[0]) for pair in (*c.points, *c.at_risk)]
        longest = max([float(e.value) * scale for e in ends if e is not None], default=None)
    return Knots(tuple(sorted(points)), longest)


def _left(published: Published, endpoint: str, n: int) -> list[tuple[float, int]]:
    """Printed times in days, and how many patients have left by then."""
    return [
        (float(day.value) * days_per(c.unit), n - int(k.value))
        for c in published.curves
        if slug(c.endpoint) == endpoint and c.population in COHORT
        for pair in c.at_risk
        if (day := number(pair[0])) is not None and (k := number(pair[1])) is not None
    ]


def _ranks(left: Sequence[tuple[float, int]], day: tuple[float, float], n: int) -> tuple[int, int]:
    """How many patients can have left by a day, by the numbers at risk before and after it."""
    least = max((k for at, k in left if at <= day[0]), default=0)
    most = min((k for at, k in left if at >= day[1]), default=n)
    return (least, most) if least <= most else (0, n)


def _only_between(at: tuple[float, float]) -> bool:
    """Whether half a day lies within these days, and no whole one."""
    twice = math.ceil(2 * at[0])
    return twice <= 2 * at[1] and math.ceil(at[0]) > at[1]


def _unreached_end(n: int, z: float = 1.959963984540054) -> float:
    """Least survival at the end of follow-up that leaves the upper limit of the median open.

    By the log-log interval, with the standard error of ``n`` patients followed to the end.

    Examples
    --------
    >>> round(_unreached_end(77), 3), round(_unreached_end(20), 3)
    (0.394, 0.299)
    """
    s = np.linspace(0.02, 0.5, 481)
    error = np.sqrt((1 - s) / (n * s)) / np.abs(np.log(s))
    upper = np.exp(-np.exp(np.log(-np.log(s)) - z * error))
    return float(s[np.argmax(upper > 0.5)])


def _unreached(text: str) -> bool:
    return text.strip().lower() in NOT_REACHED


def _share(published: Published, endpoint: str, usual: float, n: int) -> float:
    """What part of the patients is likely to have had the event, where nothing tells it.

    Fewer than usual where a median, or its upper limit, is printed as not reached.
    """
    t = median_of(published, endpoint)
    if t is None or not (_unreached(t.median) or _unreached(t.high)):
        return usual
    return 0.35 if _unreached(t.median) else 0.9 * (1 - _unreached_end(n))


def _marks(published: Published, endpoints: tuple[str, str], n: int) -> tuple[Mark, ...]:
    out = []
    for e, key in enumerate(endpoints):
        t, left = median_of(published, key), _left(published, key, n)
        at = days_of(t.median, t.unit) if t is not None else None
        if at is not None:
            least, most = _ranks(left, at, n)
            # Where no whole day prints so, it is the middle between two events.
            lowest = 0.5 - 1e-9 if _only_between(at) else 0.0
            out.append(Mark(e, max(1, least), max(1, min(most, n - 1)), lowest, 0.5))
            if least:  # not before
                out.append(Mark(e, least, least, 0.5 + 1e-9, 1.0))
            if t is not None and _unreached(t.high):
                out.append(Mark(e, n, n, _unreached_end(n), 0.5))
        elif t is not None:  # printed as not reached
            out.append(Mark(e, n, n, 0.5 + 1e-9, 1.0))
        for x in published.landmarks:
            allowed = interval(x.percent, (HALF_UP, HALF_EVEN)) if x.percent else None
            read = number(x.time)
            if slug(x.endpoint) != key or x.population not in COHORT or allowed is None:
                continue
            day = float(read.value) * days_per(x.unit) if read is not None else None
            least, most = _ranks(left, (day, day), n) if day is not None else (0, n)
            out.append(Mark(e, least, most, float(allowed.low) / 100, float(allowed.high) / 100))
    return tuple(out)


def _screening(cox: Cox) -> tuple[bool, tuple[str, ...], dict[str, bool]]:
    """How the multivariable models were chosen, as far as one protocol can say it.

    Either one set of variables for all endpoints, or those below 0.05 alone; the latter then asks
    the search to keep every p on its side.
    """
    joint: dict[str, set[str]] = {}
    single: dict[str, dict[str, Ratio]] = {}
    for model in cox.models:
        variables = {v for v, *_ in model.ratios}
        if len(variables) > 1 or any(
            r is not None and r.model == "multivariable" for _, _, r, _ in model.ratios
        ):
            joint.setdefault(model.endpoint, set()).update(variables)
        else:
            for v, _, r, _ in model.ratios:
                if r is not None:
                    single.setdefault(model.endpoint, {})[v] = r
    sets = {frozenset(s) for s in joint.values()}
    if len(sets) <= 1:
        return False, tuple(sorted(next(iter(sets), frozenset()))), {}
    sides: dict[str, bool] = {}
    for endpoint, chosen in joint.items():
        for v in single.get(endpoint, {}):
            sides[f"{endpoint}.{v}"] = v in chosen
        if not chosen <= set(single.get(endpoint, {})):
            return False, tuple(sorted(set().union(*joint.values()))), {}
    return True, (), sides


def _endpoints(published: Published) -> tuple[tuple[str, str], frozenset[str]]:
    named = [
        slug(x.endpoint)
        for group in (
            published.times,
            published.landmarks,
            published.curves,
            published.ratios,
            published.events,
        )
        for x in group
        if x.endpoint and x.population in COHORT
    ]
    tally = Counter(k for k in named if k in EARLY)
    early = tally.most_common(1)[0][0] if tally else "pfs"
    printed = {k for k in (early, "os") if k in named}
    return (early, "os"), frozenset(printed)


def _without_strangers(
    guesses: tuple[tuple[int, ...], ...], endpoints: tuple[str, str], printed: frozenset[str],
    wanted: Mapping[str, int],
) -> tuple[tuple[int, ...], ...]:  # fmt: skip
    """Numbers of events that leave the printed endpoint alone: of one that the paper does not have
    fewer deaths than any number of early events that is tried, or more early events than deaths.
    """
    early, late = guesses
    open_ = [k not in printed and k not in wanted for k in endpoints]
    if open_[1] and not open_[0]:
        late = tuple(d for d in late if d <= min(early)) or (min(early),)
    if open_[0] and not open_[1]:
        early = tuple(d for d in early if d >= max(late)) or (max(late),)
    return early, late


def _other_tests(published: Published) -> dict[str, str]:
    """The p of ratios that are said to be of another test than Wald's: not looked for."""
    return {
        f"{ratio_key(r)}.p": f"p of the {r.test} test, which the search does not look for"
        for r in published.ratios
        if of_another_test(r) and r.p
    }


def _limits_of_rates(published: Published) -> dict[str, str]:
    """Limits of survival at fixed times: they follow from the curve and are not looked for."""
    return {
        f"landmarks.{slug(x.endpoint)}.{slug(x.time)}.{part}": "limits of rates are not looked for"
        for x in published.landmarks
        for part in ("low", "high")
    }


def _smaller_models(cox: Cox) -> list[str]:
    """Notes on models of several variables of which some could not be asked for."""
    out = []
    for endpoint in dict.fromkeys(m.endpoint for m in cox.models):
        start = f"ratios.{endpoint}.multivariable."
        gone = dict.fromkeys(k.split(".")[3] for k in cox.left_out if k.startswith(start))
        kept = any(
            r is not None and r.model == "multivariable"
            for m in cox.models
            if m.endpoint == endpoint
            for _, _, r, _ in m.ratios
        )
        if gone and kept:
            names = ", ".join(k.replace("_", " ") for k in gone)
            what = f"the model of several variables of {endpoint.upper()} is fitted without {names}"
            out.append(f"{what}, of which no ratio could be asked for")
    return out


def make_plan(
    published: Published, events: Mapping[str, int] | None = None, left_out: tuple[str, ...] = ()
) -> Plan:
    """Work out everything that needs no search.

    ``events``: numbers of events to search with, by endpoint, where the paper prints none.

    Raises
    ------
    ReadError
        A figure is none of its kind, or the figures don't say how many patients there are.
    """
    wrong = value_problems(published)
    if wrong:
        raise ReadError("", wrong)
    n = size_of(published)
    published = with_short_names(with_own_names(with_denominators(published)))
    figures = figures_of(published)
    counts, impossible = _counts(published, n)
    endpoints, printed = _endpoints(published)
    _, twice = _twice(figures)
    impossible |= twice
    cox = cox_of(published, counts, n, list(printed))
    impossible |= impossible_ratios(cox, counts, n)
    impossible |= impossible_curves(published, sorted(printed))
    crossed, unasked = crossings(without(published, impossible), endpoints, counts, n)
    impossible |= crossed
    unasked |= _other_tests(published) | _limits_of_rates(published)
    screening, multivariable, sides = _screening(cox)
    asked = without(published, {*impossible, *unasked})
    early, late = (_knots(asked, e) for e in endpoints)
    if not early.points:
        shift = late.points or ((900.0, 0.5),)
        early = Knots(tuple((0.45 * t, s) for t, s in shift))
    if not late.points:
        late = Knots(tuple((2.2 * t, s) for t, s in early.points))
    shares = tuple(_share(asked, e, s, n) for e, s in zip(endpoints, (0.88, 0.7), strict=True))
    wanted = {slug(k): v for k, v in (events or {}).items()}
    for key, k in wanted.items():
        if key not in endpoints or not 1 <= k <= n:
            raise _refused("events", key=key, events=k, known=" or ".join(endpoints), n=n)
    guesses = tuple(
        (wanted[e],) if e in wanted else event_guesses(published, cox, e, counts, n, share)
        for e, share in zip(endpoints, shares, strict=True)
    )
    guesses = _without_strangers(guesses, endpoints, printed, wanted)
    curves = (_curve(asked, endpoints[0], n), _curve(asked, endpoints[1], n))
    guesses = tuple(
        (int(c.event.sum()),) if c is not None and endpoints[e] not in wanted else g
        for e, (c, g) in enumerate(zip(curves, guesses, strict=True))
    )
    patterns = tuple(
        None if c is None else tuple(int(v) for v in c.event) for c in curves
    )  # fmt: skip
    marks = _marks(asked, endpoints, n)
    shapes = np.stack([template(n, early, floor=42.0), template(n, late, floor=60.0)])
    made = layout(cox, list(endpoints), shapes, marks, ((0, 1),), frozenset(impossible), sides)
    open_ = tuple((min(g), max(g)) for g in guesses)
    still = frozenset(e for e, pattern in enumerate(patterns) if pattern is not None)
    made = replace(made, space=replace(made.space, counts=open_, still=still))
    question = Question(n, made.space, made.values, guesses, patterns)
    return Plan(
        published, n, figures, counts, endpoints, printed, (early, late), cox, impossible,
        question, made, screening, multivariable, curves,
        [*(f"left out: {x}" for x in left_out), *_smaller_models(cox)], asked, unasked,
    )  # fmt: skip


def treatment_times(published: Published) -> Time | None:
    """The printed time on treatment."""
    for t in published.times:
        if slug(t.endpoint) in TREATMENT and t.population in COHORT and t.median:
            return t
    return None


def overall_term(published: Published) -> str:
    """Slug of the row that counts patients with any event."""
    return next((slug(a.term) for a in published.adverse_events if a.any), "")


def graded_terms(published: Published) -> frozenset[str]:
    """Terms whose grades 1 and 2 are printed apart."""
    return frozenset(
        slug(a.term)
        for a in published.adverse_events
        if any(grades_of(g.grade) in ((1,), (2,)) for g in a.grades)
    )
