"""What a twin's protocol declares: variables with their values, models, endpoints, events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field

import numpy as np

from oncohort.dataclass import dataclass
from oncohort.published.figures import COHORT, in_words, slug
from oncohort.published.model import Categorical
from oncohort.twin.chart import IMDC, lab_of
from oncohort.twin.chart import Plan as ChartPlan
from oncohort.twin.counts import CTCAE, grades_in_use
from oncohort.twin.patients import OTHER, Patient
from oncohort.twin.plan import Plan, days_of, graded_terms
from oncohort.twin.protocol_text import Declared
from oncohort.twin.question import cut_of
from oncohort.twin.times import Timed
from oncohort.vocabulary.scores import score_of
from oncohort.vocabulary.times import DAYS_PER_UNIT
from oncohort.vocabulary.words import is_missing


@dataclass(slots=True)
class Built:
    """The patients, how they are charted and declared, and what could not be had."""

    patients: list[Patient]
    chart: ChartPlan
    declared: Declared
    timed: Timed
    impossible: dict[str, tuple[str, ...]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


AGES = (18.0, 90.0)


def _number_in(rng: np.random.Generator, key: str, below: bool, cut: float) -> float:
    """A plausible value on one side of a cut."""
    whole = float(cut).is_integer() and cut >= 2
    least, most = (0.25 * cut, 2.65 * cut)
    if key.startswith("age"):
        least, most = min(AGES[0], 0.5 * cut), max(AGES[1], cut + 5)
    score = score_of(key.replace("_", " "))
    if score is not None and score.least < cut <= score.most:
        least, most = score.least, score.most
    if below:
        value = max(least, cut * (0.25 + 0.7 * rng.random()))
        return (
            float(max(min(1, least), min(cut - 1, round(value))))
            if whole
            else round(float(value), 3)
        )
    value = min(most, cut * (1.05 + 1.6 * rng.random() ** 2))
    return float(max(cut, round(value))) if whole else round(float(value), 3)


def declare(
    plan: Plan, built: Built, levels: dict[str, list[str]], numbers: dict[str, list[float]],
    rng: np.random.Generator,
) -> None:  # fmt: skip
    """Fill the patients' values and the protocol's variables."""
    published, d = plan.published, built.declared
    d.title = published.title or "A cohort made from published figures"
    d.title += " (synthetic twin)"
    labs, imdc, columns = set(), "", dict[str, str]()
    references = _references(plan)
    for v in published.variables:
        key = slug(v.name)
        if v.population not in COHORT or key in d.variables:
            continue
        labels = [level.label for level in v.levels]
        names = {slug(level): level for level in labels}
        if len(names) == 1:
            names["other"] = "Other"
        section: dict[str, object] = {"label": in_words(v.name), "levels": names}
        if key not in levels:  # levels that do not exclude each other: one flag each
            _flags(plan, built, v, rng)
            continue
        cut = cut_of(labels)
        if cut is not None:
            section["cut"] = [cut]
            column = [_number_in(rng, key, level == slug(labels[0]), cut) for level in levels[key]]
            lab = lab_of(key)
            if lab is not None:
                labs.add(key)
                section |= {"derive": "lab", "test": lab[0], "unit": lab[1]}
            values: Sequence[float | str | None] = column
        else:
            unknown = {"missing", *(slug(x) for x in labels if is_missing(x))}
            values = [None if level in unknown else level for level in levels[key]]
            if "imdc" in key and set(names) == IMDC and None not in values:
                imdc, section["derive"] = key, "imdc"
        if key != "sex" and set(names) <= {"male", "female"}:
            section["column"] = columns[key] = "sex"
        if references.get(key) in names:
            section["reference"] = references[key]
        d.variables[key] = section
        d.baseline.append(key)
        for p, value in zip(built.patients, values, strict=True):
            p.values[key] = value
    for key, column in numbers.items():
        d.variables.setdefault(
            key, {"label": in_words(key.replace("_", " ")), "kind": "continuous"}
        )
        d.baseline.insert(0, key)
        for p, value in zip(built.patients, column, strict=True):
            p.values[key] = int(value) if float(value).is_integer() else value
    _cut_variables(plan, built, levels, numbers, rng)
    _candidates(plan, d)
    _endpoints(plan, d)
    _terms(plan, built)
    scans = bool(published.responses or published.rates) or plan.endpoints[0] in plan.printed
    d.response = scans  # progression is read from the scans, which only [response] judges
    d.clinical_benefit = any(r.kind.upper() == "CBR" for r in published.rates)
    built.chart = ChartPlan(
        frozenset(labs), imdc, dict(d.terms), graded_terms(published), scans, columns
    )


def _name_of(built: Built, term: str) -> str:
    """An event's name; where it has a grade that the criteria don't, one of the study's own."""
    grades = {p.events[slug(term)] for p in built.patients if slug(term) in p.events}
    strange = sorted(grades - set(grades_in_use(term)))
    if not strange:
        return term
    listed = ", ".join(map(str, strange))
    built.notes.append(f"{term}: CTCAE {CTCAE} has no grade {listed}, so it is an event of its own")
    return f"{term} (as published)"


def _terms(plan: Plan, built: Built) -> None:
    """The adverse events of the safety table."""
    terms = built.declared.terms
    for a in plan.published.adverse_events:
        if a.population in COHORT and not a.any and not a.group:
            terms.setdefault(slug(a.term), _name_of(built, a.term))
    if any(OTHER in p.events for p in built.patients):
        terms[OTHER] = "Other event"


def _flags(plan: Plan, built: Built, v: Categorical, rng: np.random.Generator) -> None:
    """A list whose entries don't exclude each other: a yes/no column per entry."""
    for level in v.levels:
        key = f"{slug(v.name)}_{slug(level.label)}"
        if key in built.declared.variables:  # said twice
            continue
        count = plan.counts.get(f"variables.{slug(v.name)}.{slug(level.label)}", 0)
        chosen = set(rng.choice(plan.n, count, replace=False).tolist())
        built.declared.variables[key] = {
            "label": f"{v.name}: {level.label}",
            "levels": {"yes": "Yes", "no": "No"},
        }
        built.declared.baseline.append(key)
        for i, p in enumerate(built.patients):
            p.values[key] = "yes" if i in chosen else "no"


def _references(plan: Plan) -> dict[str, str]:
    """Reference level of each variable: the second side of its contrasts, if that is one level."""
    out: dict[str, str] = {}
    for model in plan.cox.models:
        for variable, k, ratio, inverse in model.ratios:
            covariate = next(c for c in plan.cox.covariates if c.key == variable)
            if ratio is None or covariate.cut is not None:
                continue
            ones = covariate.columns[k]
            rest = set(covariate.levels) - ones
            side = ones if inverse else rest
            if len(side) == 1:
                out.setdefault(variable, next(iter(side)))
    return out


def _cut_variables(
    plan: Plan, built: Built, levels: dict[str, list[str]], numbers: dict[str, list[float]],
    rng: np.random.Generator,
) -> None:  # fmt: skip
    """A variable that only a contrast cuts: values as a column, the cut as a variable."""
    for covariate in plan.cox.covariates:
        if covariate.cut is None:
            continue
        key = covariate.key
        if key not in numbers:
            for p, level in zip(built.patients, levels[key], strict=True):
                p.values[key] = _number_in(rng, key, level == "below", covariate.cut)
            built.declared.variables[key] = {
                "label": in_words(key.replace("_", " ")),
                "kind": "continuous",
            }
        ratio = next(
            r for m in plan.cox.models for v, _, r, _ in m.ratios if v == key and r is not None
        )
        below_first = ratio.level.strip().startswith("<")
        built.declared.variables[f"{key}_group"] = {
            "label": in_words(key.replace("_", " ")),
            "from": key,
            "cut": [covariate.cut],
            "levels": {"below": f"< {covariate.cut:g}", "above": f"≥ {covariate.cut:g}"},
            "reference": "above" if below_first else "below",
        }


def _candidates(plan: Plan, d: Declared) -> None:
    """Variables of Table II; a contrast that joins levels becomes a grouped variable."""
    named: dict[str, list[str]] = {}
    for model in plan.cox.models:
        if model.endpoint not in d.prognosis:
            d.prognosis.append(model.endpoint)
        for variable, k, ratio, inverse in model.ratios:
            covariate = next(c for c in plan.cox.covariates if c.key == variable)
            if ratio is None:
                continue
            key = f"{variable}_group" if covariate.cut is not None else variable
            whole = set(covariate.levels)
            joined = len(whole) > 2 and sum(v == variable for v, *_ in model.ratios) == 1
            if joined:
                key = f"{variable}_{slug(ratio.level)}"
                ones = sorted(covariate.columns[k])
                rest = [level for level in dict.fromkeys(covariate.levels) if level not in ones]
                sides = {"ones": ones, "others": rest}
                d.variables.setdefault(
                    key,
                    {
                        "label": f"{in_words(variable.replace('_', ' '))}: "
                        f"{ratio.contrast or ratio.level}",
                        "from": variable,
                        "group": sides,
                        "levels": {"ones": ", ".join(ones), "others": ", ".join(rest)},
                        "reference": "ones" if inverse else "others",
                    },
                )
            named.setdefault(variable, [])
            if key not in named[variable]:
                named[variable].append(key)
    d.candidates = [k for keys in named.values() for k in keys]
    d.screening = plan.screening
    d.multivariable = [k for v in plan.multivariable for k in named.get(v, [])]


_ENDPOINTS = {
    "os": "Overall survival", "pfs": "Progression-free survival", "ttp": "Time to progression",
    "dfs": "Disease-free survival", "rfs": "Recurrence-free survival", "efs": "Event-free survival",
}  # fmt: skip


def _endpoints(plan: Plan, d: Declared) -> None:
    early, late = plan.endpoints
    for key in (early, late):
        if key not in plan.printed:
            continue
        events = {"os": ["death"], "ttp": ["progression"]}.get(key, ["progression", "death"])
        landmarks = {
            round(sum(day) / 2 / DAYS_PER_UNIT["months"], 6)
            for x in plan.published.landmarks
            if slug(x.endpoint) == key and (day := days_of(x.time, x.unit))
        }
        d.endpoints[key] = {
            "label": _ENDPOINTS.get(key, key.upper()),
            "from": "treatment_start",
            "events": events,
            "censoring": "last_contact" if key == late else "last_assessment",
        }
        if landmarks:
            d.endpoints[key]["landmarks"] = sorted(landmarks)
