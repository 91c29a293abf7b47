"""This study's figures beside those of a paper: what prints the same, and what doesn't.

A printed figure allows an interval of values (rounded or cut off); a number of this study agrees
with it where it lies in that interval. No number is computed here: each is one of the results.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from oncohort.analyses.result import Estimate, Numbers, Result, key_of
from oncohort.analyses.standard_endpoints import standard_endpoints
from oncohort.dataclass import dataclass
from oncohort.endpoints.cohort import Cohort, VariableInfo
from oncohort.protocol import Protocol
from oncohort.protocol.published import PublishedFigures
from oncohort.published.figures import (
    COHORT,
    Figure,
    figures_of,
    grades_of,
    ratio_key,
    slug,
)
from oncohort.published.model import Published, Ratio
from oncohort.published.rounding import number, prints_as
from oncohort.vocabulary.times import DAYS_PER_UNIT
from oncohort.vocabulary.words import is_missing

AGREE, DIFFER, IMPOSSIBLE, ABSENT = "agree", "differ", "impossible", "not in this study"
STATES = {"agree": AGREE, "differ": DIFFER, "impossible": IMPOSSIBLE, "absent": ABSENT}
"""What can become of a printed figure, by key."""


@dataclass(frozen=True, slots=True)
class Beside:
    """A paper's figures, and which of them are proven to be impossible (key to the proof)."""

    published: Published
    impossible: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Own:
    """This study's number for a printed figure.

    ``part``: ``value``, ``low`` or ``high`` of the estimate; ``inverse``: the paper's ratio is one
    over ours; ``scale``: our unit in units of the paper.
    """

    estimate: Estimate
    part: str = "value"
    inverse: bool = False
    scale: float = 1.0

    @property
    def value(self) -> float | None:
        """The number as the paper counts it."""
        part = self.part
        if self.inverse and part in ("low", "high"):
            part = "high" if part == "low" else "low"
        found = getattr(self.estimate, part)
        if found is None or (self.inverse and not found):
            return None
        return 1 / float(found) if self.inverse else float(found) * self.scale


@dataclass(frozen=True, slots=True)
class Compared:
    """One printed figure, this study's, and whether they agree."""

    figure: Figure
    own: Own | None
    state: str


def _level(text: str, variable: VariableInfo, named: Mapping[str, str]) -> str | None:
    """Key of the level that a paper calls ``text``: as named, by key, or by label."""
    for name, key in named.items():
        if slug(name) == slug(text):
            return key
    want = slug(text)
    if want in variable.levels:
        return want
    return next((k for k, label in variable.levels.items() if slug(label) == want), None)


@dataclass(frozen=True, slots=True)
class Finder:
    """Where this study has the numbers that a paper prints."""

    asked: PublishedFigures
    numbers: Numbers
    variables: Mapping[str, VariableInfo]
    made_from: Mapping[str, str]
    """Variable to the one that it is made from."""
    standard: Mapping[str, str]
    """Standard endpoints to this study's own keys."""
    terms: Mapping[str, str]
    """Adverse events: key to label."""
    drugs: tuple[str, ...]
    unit: str

    def variable(self, name: str) -> str:
        """Key of a variable by the paper's name."""
        named = {slug(k): v for k, v in self.asked.variables.items()}
        return named.get(slug(name), slug(name))

    def take(
        self, path: str, part: str = "value", scale: float = 1.0, **keys: object
    ) -> Own | None:
        """The number of an id, where the study has it."""
        found = self.numbers.get(key_of(path, **keys).id)
        return None if found is None else Own(found, part, scale=scale)

    def endpoint(self, name: str) -> str:
        """Key of an endpoint by the paper's name."""
        return self.standard.get(slug(name), slug(name))

    def per(self, unit: str) -> float:
        """This study's unit of time in the paper's."""
        paper = DAYS_PER_UNIT.get(unit or "months", DAYS_PER_UNIT["months"])
        return DAYS_PER_UNIT[self.unit] / paper


Found = Iterator[tuple[str, Own | None]]


def _margins(f: Finder, p: Published) -> Found:
    for v in p.variables:
        key = f.variable(v.name)
        if v.population not in COHORT or key not in f.variables:
            continue
        for level in v.levels:
            own = _level(level.label, f.variables[key], f.asked.levels.get(key, {}))
            name = f"variables.{slug(v.name)}.{slug(level.label)}"
            if is_missing(level.label):  # a row of the paper, no level of a variable here
                yield f"{name}.count", f.take(f"baseline.{key}.missing")
                continue
            for part in ("count", "percent") if own is not None else ():
                yield f"{name}.{part}", f.take(f"baseline.{key}.{part}", level=own)
    for s in p.summaries:
        key, name = f.variable(s.name), f"summaries.{slug(s.name)}"
        ends = ("q1", "q3") if s.spread == "quartiles" else ("minimum", "maximum")
        if s.population in COHORT:
            for part in ("mean", "sd", "median"):
                yield f"{name}.{part}", f.take(f"baseline.{key}.{part}")
            yield f"{name}.low", f.take(f"baseline.{key}.{ends[0]}")
            yield f"{name}.high", f.take(f"baseline.{key}.{ends[1]}")


RATES = {"ORR": "response.orr", "DCR": "response.dcr", "CBR": "response.dcr"}


def _responses(f: Finder, p: Published) -> Found:
    for r in p.responses:
        for level in r.levels if r.population in COHORT else ():
            code = slug(level.label)
            for part in ("count", "percent"):
                yield f"responses.{code}.{part}", f.take(f"response.best.{part}", level=code)
    for rate in p.rates:
        path, name = RATES.get(rate.kind.upper()), f"rates.{slug(rate.kind)}"
        if path is None or rate.population not in COHORT:
            continue
        yield f"{name}.count", f.take(f"{path}.count")
        yield f"{name}.percent", f.take(f"{path}.percent")
        for end in ("low", "high"):
            yield f"{name}.{end}", f.take(f"{path}.percent", end)


_GRADES = {(1, 2, 3, 4, 5): "any", (3, 4, 5): "ge3"}


def _events(f: Finder, p: Published) -> Found:
    labels = {slug(label): key for key, label in f.terms.items()}
    for a in p.adverse_events:
        if a.population not in COHORT or a.group:
            continue
        term = "any_event" if a.any else labels.get(slug(a.term), slug(a.term))
        for g in a.grades:
            covered = grades_of(g.grade)
            grade = _GRADES.get(covered, str(covered[0]) if len(covered) == 1 else "")
            for part in ("count", "percent"):
                name = f"adverse_events.{slug(a.term)}.{slug(g.grade)}.{part}"
                yield name, f.take(f"safety.{term}.{part}", grade=grade)


def _treated(f: Finder, p: Published) -> Found:
    for t in p.treated:
        if t.population not in COHORT:
            continue
        name = f"treated.{t.kind}" + (f".{slug(t.reason)}" if t.reason else "")
        for part in ("count", "percent"):
            if t.kind == "stopped":
                yield f"{name}.{part}", f.take(f"exposure.stop.{part}", reason=t.reason)
            elif len(f.drugs) == 1:
                yield f"{name}.{part}", f.take(f"exposure.{f.drugs[0]}.{t.kind}.{part}")


TREATMENT = ("treatment", "time_on_treatment", "treatment_duration")


def _times(f: Finder, p: Published) -> Found:
    for e in p.events:
        if e.population in COHORT:
            own = f.take(f"survival.{f.endpoint(e.endpoint)}.events")
            yield f"events.{slug(e.endpoint)}.count", own
    for t in p.times:
        name, scale = f"times.{slug(t.endpoint)}", f.per(t.unit)
        if t.population not in COHORT:
            continue
        if slug(t.endpoint) in TREATMENT:
            for part, word in (("median", "median"), ("low", "minimum"), ("high", "maximum")):
                path = f"exposure.time_on_treatment.{word}"
                yield f"{name}.{part}", f.take(path, scale=scale)
            continue
        path = f"survival.{f.endpoint(t.endpoint)}.median"
        yield f"{name}.median", f.take(path, scale=scale)
        for end in ("low", "high") if t.spread in ("", "interval") else ():
            yield f"{name}.{end}", f.take(path, end, scale)
    for x in p.landmarks:
        at = number(x.time)
        if x.population in COHORT and at is not None:
            time = float(at.value) / f.per(x.unit)
            path = f"survival.{f.endpoint(x.endpoint)}.at"
            name, when = f"landmarks.{slug(x.endpoint)}.{slug(x.time)}", f"{round(time, 6):g}"
            yield f"{name}.percent", f.take(path, time=when)
            for end in ("low", "high"):
                yield f"{name}.{end}", f.take(path, end, time=when)


_OTHERS = {"others", "other", "rest", "all_others", ""}


def _contrast(f: Finder, r: Ratio, endpoint: str) -> tuple[str, str | None, bool] | None:
    """Variable, level (None where it has two) and whether the paper compares the other way."""
    base = f.variable(r.variable)
    made = [v for v in f.variables if v == base or f.made_from.get(v) == base]
    model = "multi" if r.model == "multivariable" else "uni"
    for key in made:
        here = f.numbers.of("prognosis", endpoint, "hr", model=model, variable=key)
        info = f.variables[key]
        if not here or not info.levels or info.reference is None:
            continue
        named = f.asked.levels.get(key, f.asked.levels.get(base, {}))
        first, second = (_level(t, info, named) for t in (r.level, r.reference))
        if len(info.levels) == 2:
            other = {a: b for a in info.levels for b in info.levels if a != b}
            if first is None and second is not None and slug(r.level) in _OTHERS:
                first = other[second]
            if second is None and first is not None and slug(r.reference) in _OTHERS:
                second = other[first]
            if first is not None and second is not None and first != second:
                return key, None, first == info.reference
        elif first is not None and second is not None and info.reference in (first, second):
            inverse = first == info.reference
            return key, second if inverse else first, inverse
    return None


def _ratios(f: Finder, p: Published) -> Found:
    for r in p.ratios:
        endpoint = f.endpoint(r.endpoint)
        if r.population not in COHORT or r.kind != "HR":
            continue
        contrast = _contrast(f, r, endpoint)
        if contrast is None:
            continue
        variable, level, inverse = contrast
        keys = {"model": "multi" if r.model == "multivariable" else "uni", "variable": variable}
        if level is not None:
            keys["level"] = level
        hr = f.numbers.get(key_of(f"prognosis.{endpoint}.hr", **keys).id)
        for name, part in (("estimate", "value"), ("low", "low"), ("high", "high")):
            yield f"{ratio_key(r)}.{name}", None if hr is None else Own(hr, part, inverse)
        p_value = f.numbers.get(key_of(f"prognosis.{endpoint}.p", **keys).id)
        yield f"{ratio_key(r)}.p", None if p_value is None else Own(p_value)


_MAKERS: tuple[Callable[[Finder, Published], Found], ...] = (
    _margins, _responses, _events, _treated, _times, _ratios,
)  # fmt: skip


def compare(beside: Beside, finder: Finder) -> tuple[Compared, ...]:
    """Every printed figure of the cohort with this study's number for it."""
    own = {k: v for make in _MAKERS for k, v in make(finder, beside.published)}
    out = []
    for figure in figures_of(beside.published):
        found = own.get(figure.key.partition("#")[0])
        value = None if found is None else found.value
        if value is not None and prints_as(value, figure.printed):
            state = AGREE
        elif figure.key in beside.impossible:
            state = IMPOSSIBLE
        else:
            state = ABSENT if value is None else DIFFER
        out.append(Compared(figure, found, state))
    return tuple(out)


def part_of(figure: Figure) -> str:
    """The table of a paper that a figure stands in, by its key.

    Examples
    --------
    >>> part_of(Figure("ratios.os.univariable.sex.male.p", "0.4", "", "p"))
    'prognosis'
    """
    head = re.split(r"[.]", figure.key, maxsplit=1)[0]
    return {"variables": "baseline", "summaries": "baseline", "adverse_events": "safety",
            "ratios": "prognosis"}.get(head, "outcomes")  # fmt: skip


def finder_of(protocol: Protocol, cohort: Cohort, numbers: Numbers) -> Finder | None:
    """Where a study has its numbers; None where the protocol names no paper."""
    if protocol.published is None:
        return None
    return Finder(
        protocol.published,
        numbers,
        cohort.meaning.variables,
        {k: v.source for k, v in protocol.variables.items() if v.source},
        standard_endpoints(cohort),
        protocol.safety.terms if protocol.safety is not None else {},
        tuple(protocol.exposure),
        protocol.study.time_unit,
    )


def analyse(
    protocol: Protocol, cohort: Cohort, numbers: Numbers, beside: Beside | None
) -> Result | None:
    """How many printed figures agree, differ, can't be, or have no number here, per table."""
    finder = finder_of(protocol, cohort, numbers)
    if finder is None or beside is None:
        return None
    found = compare(beside, finder)
    estimates = []
    for part in dict.fromkeys(part_of(c.figure) for c in found):
        own = [c for c in found if part_of(c.figure) == part]
        for key, state in STATES.items():
            estimates.append(
                Estimate(
                    key_of("published", part, "count", state=key),
                    f"Printed figures ({part}): {state}",
                    sum(c.state == state for c in own),
                    kind="count",
                    method="a number agrees where it is printed the same, rounded or cut off",
                    n=len(own),
                    unit="figures",
                )
            )
    return Result("published", tuple(estimates), (), (), ())
