"""Well-shaped protocols by the thousand: a good one with some settings drawn anew.

The models of the protocol say which keys there are and what each may hold, so that a new section
is drawn from as soon as it is declared.
"""

from __future__ import annotations

import random
import types
from collections.abc import Sequence
from copy import deepcopy
from datetime import date
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from oncohort.problems import Problem
from oncohort.protocol.base import OneOf
from oncohort.protocol.model import Protocol

Raw = dict[str, Any]
COLUMNS = (
    *("patient", "sex", "age", "arm", "ecog", "kps", "diagnosis_date", "treatment_start"),
    *("treatment_end", "treatment_end_reason", "last_contact", "vital_status", "death_date"),
    *("death_cause", "progression_date", "best_response", "rfs_months", "rfs_event", "nothing"),
    *("os_months", "os_event", "pfs_months", "pfs_event", "crp", "site", "best_change", "ldh"),
)
KEYS = ("a", "b", "low", "high", "male", "female", "0", "1", "x", "crp", "sex", "arm", "age")
TEXTS = ("A", "µg/L <b>", "x" * 300, "CRP", "Sorafenib (400 mg)", "$x_1$", "ORR, %", "lung", "患者")
NUMBERS = (0, 1, 2, 3, 5, 8, 10, 28, 30, 100, 0.5, 0.05, 12.5, 1e6, -1)
TABLES = ("patients", "lesions", "labs", "adverse_events", "doses", "therapies", "assessments")
FACTS = (
    *("progression", "death", "next_therapy", "treatment_end", "toxicity", "response"),
    *("clinical_progression", "second_progression", "adverse_event", "progression_date"),
    *("death_date", "last_contact", "response_date", "treatment_start", "diagnosis_date"),
)
FORMULAS = (
    *("age", "age + 1", "crp * 10", "crp / ldh", "log(crp)", "lab.Hemoglobin", "kps - age"),
    *("lab.neutrophils / lab.lymphocytes", "crp [mg/L]", "age >= 65", "sex = 'male'", "crp > 5"),
    *(
        "age / 0",
        "nlr ^ 2",
        "lab.CRP [mg/dL]",
        "age >= 60 and crp > 5",
        "not kps < 80",
        "otherwise",
    ),
    *("last_contact - treatment_start", "min(age, kps)", "stage in ['i', 'ii']", "bmi > 25"),
)
POOLS: dict[str, tuple[str, ...]] = {
    "events": FACTS,
    "competing": FACTS,
    "change": FACTS,
    "formula": FORMULAS,
    "when": FORMULAS,
    "of": ("age", "crp", "ldh", "lab.CRP", "lab.neutrophils", "lab.lymphocytes", "kps"),
    "test": ("CRP", "Hemoglobin", "neutrophils", "ALT", "hemoglobin"),
    "organ": ("lung", "liver", "bone", "brain"),
    "causes": ("cancer", "other", "unknown", "disease"),
    "terms": ("Diarrhea", "Fatigue", "Hypertension", "Pneumonitis", "diarrhea"),
    "term": ("diarrhea", "fatigue", "hypertension", "any_event"),
    "onset": ("any_event", "diarrhea", "fatigue"),
    "drug": ("sorafenib", "agentinib"),
    "table": TABLES,
    "levels": ("male", "female", "a", "b", "a0", "a1", "low", "high", "i", "ii", "iii"),
    "responses": ("CR", "PR", "SD", "PD"),
    "units": ("mm", "cm", "mg", "mg/L", "mg/dL", "years", "kg", "%", "g/dL"),
    "main": ("table.baseline", "figure.survival", "baseline", "survival", "safety", "nothing"),
}
"""Texts for a key that names something which no list of the models holds."""
OPEN = {"file", "data", "text", "sheet", "figures", "certificate", "template", "references"}
"""Keys that name files: another one would only say that it is missing."""
NEWEST = (
    *("tables", "decisions", "endpoints", "propensity", "prediction", "missing", "published"),
    *("time_dependent", "arms", "outcomes", "logistic", "variables", "conduct"),
)
"""Sections that are grown more often where `sections` says so; endpoints have competing events."""
RULES = ("dates.after-death", "values.unreadable", "values.age", "lesions.jump", "labs.unit", "x")


def _name_of(field: str, raw: Raw, rng: random.Random) -> str:
    """A text for a key: mostly a name that exists where the key points at one."""
    variables, endpoints = list(raw.get("variables", {})), list(raw.get("endpoints", {}))
    pools: dict[str, list[str]] = {
        "by": variables,
        "variables": variables,
        "variable": variables,
        "candidates": variables,
        "multivariable": variables,
        "strata": variables,
        "subgroups": variables,
        "from": variables,
        "endpoints": endpoints,
        "endpoint": endpoints,
        "treatment": variables,
        "adjust": variables,
        "auxiliary": variables,
        "within": variables,
        "trend": variables,
        "outcomes": list(raw.get("outcomes", {})),
        **{k: list(v) for k, v in POOLS.items()},
    }
    known = pools.get(field)
    if known and rng.random() < 0.95:
        return rng.choice(known)
    if field in (
        *("column", "columns", "time", "event", "date", "best_change", "at", "since", "until"),
        *("only_where", "fill_from", "earliest", "date_parts", "times_in_words", "swapped"),
    ):
        return rng.choice((*COLUMNS, "yes", "1", "CRP") if field == "only_where" else COLUMNS)
    if field in ("patients",):
        return rng.choice(("S01", "S05", "R03", "P0007", "nobody"))
    if field == "rule":
        return rng.choice(RULES)
    if field in ("reference", "group", "levels", "codes", "terms", "synonyms"):
        return rng.choice(KEYS)
    return rng.choice((*TEXTS, *COLUMNS, *KEYS))


def value(kind: Any, field: str, raw: Raw, rng: random.Random) -> Any:
    """A value that an annotation allows, or nearly."""
    origin, parts = get_origin(kind), get_args(kind)
    if origin is Annotated:
        for mark in parts[1:]:
            if isinstance(mark, OneOf):
                return rng.choice(list(mark.names))
        return value(parts[0], field, raw, rng)
    if origin is Literal:
        return rng.choice(parts)
    if origin in (Union, types.UnionType):
        return value(rng.choice([p for p in parts if p is not type(None)]), field, raw, rng)
    if origin is list:
        return [value(parts[0], field, raw, rng) for _ in range(rng.randint(0, 3))]
    if origin is dict:
        n = rng.randint(0, 3)
        keys = [value(parts[0], field, raw, rng) for _ in range(n)]
        return {str(k): value(parts[1], field, raw, rng) for k in keys}
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return section(kind, raw, rng)
    if kind is bool:
        return rng.random() < 0.5
    if kind is int:
        return int(rng.choice(NUMBERS))
    if kind is float:
        return float(rng.choice(NUMBERS))
    if kind is date:
        return date(rng.randint(1999, 2030), rng.randint(1, 12), rng.randint(1, 28))
    return _name_of(field, raw, rng)


def section(model: type[BaseModel], raw: Raw, rng: random.Random) -> Raw:
    """A section with what it needs and some of what it may have."""
    out: Raw = {}
    for name, info in model.model_fields.items():
        key = info.alias or name
        if key in OPEN or not (info.is_required() or rng.random() < 0.25):
            continue
        marks = tuple(info.metadata)
        kind = Annotated[(info.annotation, *marks)] if marks else info.annotation
        out[key] = value(kind, key, raw, rng)
    return out


def _models(kind: Any) -> list[type[BaseModel]]:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return [kind]
    return [m for part in get_args(kind) for m in _models(part)]


def _decision(problem: Problem, rng: random.Random) -> Raw:
    """A decision about a problem that the chart really has."""
    out: Raw = {"rule": problem.id, "by": "A", "why": rng.choice(TEXTS)}
    out["do"] = rng.choice(("missing", "value", "leave out", "accept"))
    if problem.patient is not None and rng.random() < 0.8:
        out["patients"] = [problem.patient]
    elif problem.place.cell:
        out["cells"] = [problem.place.cell]
    if out["do"] == "value":
        out["value"] = rng.choice((1, 60.5, "yes", "male", "CR", date(2016, 3, 4), True, -1))
    if problem.place.column and rng.random() < 0.5:
        out["column"] = problem.place.column
    return out


def _drawn(out: Raw, rng: random.Random, sections: Sequence[str], told: Sequence[Problem]) -> None:
    """One setting or section of a protocol drawn anew, added or left out, in place."""
    name = rng.choice(list(sections) or list(Protocol.model_fields))
    if name == "decisions" and told:
        rule = rng.choice(sorted({p.id for p in told}))
        one = rng.choice([p for p in told if p.id == rule])
        out.setdefault(name, []).append(_decision(one, rng))
        return
    models = _models(Protocol.model_fields[name].annotation)
    kind = Protocol.model_fields[name].annotation
    if name == "study" or not models:
        return
    if get_origin(kind) is list:
        held_list = out.setdefault(name, [])
        held_list.append(section(models[0], out, rng))
        return
    if get_origin(kind) is dict:
        held = out.setdefault(name, {})
        own = list(TABLES) if name == "tables" else [*held, f"new_{rng.randint(1, 9)}"]
        key = rng.choice(own)
        if rng.random() < 0.1:
            held.pop(key, None)
            return
        there = held.setdefault(key, {})
    else:
        if rng.random() < 0.1:
            out.pop(name, None)
            return
        there = out.setdefault(name, {})
    drawn = section(models[0], out, rng)
    if not there or rng.random() < 0.1:
        there.clear()
        there.update(drawn)
    for key in rng.sample(sorted(drawn), min(len(drawn), rng.randint(1, 2))):
        there[key] = drawn[key]
    if there and rng.random() < 0.1:
        there.pop(rng.choice(sorted(there)))


def accepted(raw: Raw) -> bool:
    """Does the protocol read it?"""
    try:
        Protocol.model_validate(raw)
    except ValueError:
        return False
    return True


def grown(
    base: Raw,
    rng: random.Random,
    tries: int = 40,
    sections: Sequence[str] = (),
    told: Sequence[Problem] = (),
) -> Raw:
    """A protocol that is accepted: settings are drawn one by one, and kept where they may stand.

    Up to eight such steps, so that sections meet that nobody has thought of together: of all
    sections, or of those that are named. What the chart was told of is decided, too.
    """
    out, kept, wanted = base, 0, rng.choice((1, 2, 4, 8))
    for _ in range(tries):
        other = deepcopy(out)
        _drawn(other, rng, sections, told)
        if other != out and accepted(other):
            out, kept = other, kept + 1
            if kept == wanted:
                break
    return out


def written(raw: Raw) -> str:
    """The protocol as TOML."""
    import tomlkit

    return tomlkit.dumps(raw)
