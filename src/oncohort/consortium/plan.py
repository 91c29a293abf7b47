"""The plan of a consortium: which sites, which questions, and what may leave a site.

One TOML file that every site has and reads before the first message. Only what is in it can be
asked.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError, model_validator

from oncohort.consortium.errors import PlanError
from oncohort.consortium.messages import Fact
from oncohort.consortium.sealing import digest
from oncohort.consortium.wire import canonical
from oncohort.dataclass import dataclass
from oncohort.foreign_texts import toml_of
from oncohort.problems import Place, problem
from oncohort.protocol.base import Key, Once, Section
from oncohort.protocol.reading import line_numbers
from oncohort.regular_files import regular
from oncohort.vocabulary.times import TimeUnit

CONDITION = re.compile(r"^\s*([a-z0-9][a-z0-9_.+-]*)\s*(<=|>=|!=|=|<|>)\s*(\S(?:.*\S)?)\s*$")


class Head(Section):
    """`[consortium]`: name and sites."""

    schema_: Literal[1] = Field(alias="schema")
    name: Key
    title: str = ""
    sites: Annotated[list[Key], Field(min_length=2), Once]


class Disclosure(Section):
    """`[disclosure]`: what may leave a site."""

    minimum: int = Field(default=5, ge=1)
    """Smallest group of patients that a number may be about."""
    rows: int = Field(default=10, ge=1)
    """Patients that a site needs to take part."""
    queries: int = Field(default=200, ge=1)
    """Answers (one step of one analysis each) that a site gives at most."""
    evaluations: int = Field(default=30, ge=1)
    """Coefficient vectors at which a site evaluates one model at most."""
    withheld: Literal["stop", "leave-out"] = "stop"
    """Where a site withholds an analysis: no result, or a result without that site."""


class Times(Section):
    """`[times]`: unit, and the grid to which times are rounded up before they are counted."""

    unit: TimeUnit
    grid: float = Field(gt=0)


class Variable(Section):
    """`[variables.KEY]`: a column of every site, a number or a category."""

    kind: Literal["number", "category"]
    label: str = ""
    unit: str = ""
    bins: list[float] = []
    """Limits between which patients are counted, ascending; for numbers."""
    levels: Annotated[list[str], Once] = []
    """Every level that a site may have; for categories. The first is the reference of models."""

    @model_validator(mode="after")
    def _fits(self) -> Variable:
        if self.kind == "category" and len(self.levels) < 2:
            raise ValueError("a category needs its levels, two at least")
        if self.kind == "category" and (self.bins or self.unit):
            raise ValueError("bins and unit belong to numbers")
        if self.kind == "number" and self.levels:
            raise ValueError("levels belong to categories")
        if any(a >= b for a, b in zip(self.bins, self.bins[1:], strict=False)):
            raise ValueError("bins must rise")
        return self


class Endpoint(Section):
    """`[endpoints.KEY]`: a time and an event of every site."""

    label: str = ""
    time: str = ""
    """Column of tables; default: the key and `_time`."""
    event: str = ""
    """Column of tables; default: the key and `_event`."""
    event_value: str | int = 1
    """The value that means the event, in tables."""


class Population(Section):
    """`[populations.KEY]`: the patients that an analysis is about."""

    where: list[str] = []
    """Conditions that all hold: ``age >= 70``, ``sex = f``."""
    complete: list[Key] = []
    """Variables and endpoints that all have a value."""


class _Analysis(Section):
    title: str = ""
    population: Key | None = None


class TableAnalysis(_Analysis):
    """Counts per level or bin, means and standard deviations."""

    kind: Literal["table"]
    variables: Annotated[list[Key], Field(min_length=1), Once]
    by: Key | None = None


class RateAnalysis(_Analysis):
    """Share of patients whose variable has one of some levels, with its exact interval."""

    kind: Literal["rate"]
    variable: Key
    levels: Annotated[list[str], Field(min_length=1), Once]
    by: Key | None = None


class SurvivalAnalysis(_Analysis):
    """Kaplan-Meier on the grid."""

    kind: Literal["survival"]
    endpoint: Key
    by: Key | None = None
    times: list[float] = []
    level: float = Field(default=0.95, gt=0, lt=1)


class LogrankAnalysis(_Analysis):
    """Log-rank test; stratified by site, or of all rows on the grid."""

    kind: Literal["logrank"]
    endpoint: Key
    by: Key
    baseline: Literal["by-site", "pooled"] = "by-site"


class CoxAnalysis(_Analysis):
    """Cox model with Efron's ties; stratified by site, or with one baseline hazard on the grid."""

    kind: Literal["cox"]
    endpoint: Key
    covariates: Annotated[list[Key], Field(min_length=1), Once]
    baseline: Literal["by-site", "pooled"] = "by-site"
    level: float = Field(default=0.95, gt=0, lt=1)


Analysis = Annotated[
    TableAnalysis | RateAnalysis | SurvivalAnalysis | LogrankAnalysis | CoxAnalysis,
    Field(discriminator="kind"),
]


@dataclass(frozen=True, slots=True)
class Condition:
    """``age >= 70`` taken apart."""

    variable: str
    operator: str
    value: str

    @classmethod
    def of(cls, text: str) -> Condition:
        """Raises ValueError where it is no condition."""
        found = CONDITION.match(text)
        if not found:
            raise ValueError(f'"{text}" is no condition; write "age >= 70" or "sex = f"')
        return cls(*found.groups())


class Plan(Section):
    """The whole plan, read and checked."""

    consortium: Head
    disclosure: Disclosure = Field(default_factory=Disclosure)
    times: Times
    variables: dict[Key, Variable] = {}
    endpoints: dict[Key, Endpoint] = {}
    populations: dict[Key, Population] = {}
    analyses: dict[Key, Analysis] = Field(min_length=1)

    @property
    def sites(self) -> tuple[str, ...]:
        """Names of the sites, in the plan's order."""
        return tuple(self.consortium.sites)

    def conditions(self, population: str | None) -> tuple[Condition, ...]:
        """Conditions of a population; none for all patients."""
        if population is None:
            return ()
        return tuple(Condition.of(text) for text in self.populations[population].where)

    def groups(self, by: str | None) -> tuple[str, ...]:
        """Levels of the grouping variable; one empty name without groups."""
        return ("",) if by is None else tuple(self.variables[by].levels)

    def columns(self, covariates: list[str]) -> tuple[str, ...]:
        """Names of a model's columns: a number has one, a category one per level but the first."""
        names: list[str] = []
        for key in covariates:
            v = self.variables[key]
            names += [key] if v.kind == "number" else [f"{key}={level}" for level in v.levels[1:]]
        return tuple(names)

    @model_validator(mode="after")
    def _names_exist(self) -> Plan:
        complaints = [*_of_populations(self), *_of_analyses(self)]
        if complaints:
            raise ValueError("\n".join(f"{key}: {text}" for key, text in complaints))
        return self


def _of_populations(plan: Plan) -> list[tuple[str, str]]:
    out = []
    for key, population in plan.populations.items():
        at = f"populations.{key}"
        out += [
            (f"{at}.complete", f'no variable and no endpoint "{name}"')
            for name in population.complete
            if name not in {*plan.variables, *plan.endpoints}
        ]
        for text in population.where:
            try:
                condition = Condition.of(text)
            except ValueError as error:
                out.append((f"{at}.where", str(error)))
                continue
            out += [(f"{at}.where", c) for c in _of_condition(plan, condition)]
    return out


def _of_condition(plan: Plan, condition: Condition) -> list[str]:
    variable = plan.variables.get(condition.variable)
    if variable is None:
        return [f'no variable "{condition.variable}"']
    if variable.kind == "category":
        if condition.operator not in ("=", "!="):
            return [f"{condition.variable} is a category: use = or !="]
        if condition.value not in variable.levels:
            return [f'"{condition.value}" is no level of {condition.variable}']
        return []
    try:
        float(condition.value)
    except ValueError:
        return [f'"{condition.value}" is no number']
    return []


def _of_analyses(plan: Plan) -> list[tuple[str, str]]:
    out: list[tuple[str, str]] = []
    for key, a in plan.analyses.items():
        at = f"analyses.{key}"
        if a.population is not None and a.population not in plan.populations:
            out.append((f"{at}.population", f'no population "{a.population}"'))
        endpoint = getattr(a, "endpoint", None)
        if endpoint is not None and endpoint not in plan.endpoints:
            out.append((f"{at}.endpoint", f'no endpoint "{endpoint}"'))
        by = getattr(a, "by", None)
        if by is not None and (by not in plan.variables or plan.variables[by].kind != "category"):
            out.append((f"{at}.by", f'"{by}" is no category of the plan'))
        named = [*getattr(a, "variables", []), *getattr(a, "covariates", [])]
        for name in named:
            if name not in plan.variables:
                out.append((at, f'no variable "{name}"'))
        if isinstance(a, TableAnalysis) and by in a.variables:
            out.append((f"{at}.variables", f'"{by}" makes the groups'))
        if isinstance(a, RateAnalysis):
            out += _of_rate(plan, at, a)
    return out


def _of_rate(plan: Plan, at: str, a: RateAnalysis) -> list[tuple[str, str]]:
    variable = plan.variables.get(a.variable)
    if variable is None or variable.kind != "category":
        return [(f"{at}.variable", f'"{a.variable}" is no category of the plan')]
    return [
        (f"{at}.levels", f'"{level}" is no level of {a.variable}')
        for level in a.levels
        if level not in variable.levels
    ]


def parse_plan(text: str, file: str = "consortium.toml") -> Plan:
    """A plan from its text.

    Raises
    ------
    PlanError
        With one problem per complaint, each with file, line and key.

    Examples
    --------
    >>> parse_plan('''
    ... [consortium]
    ... schema = 1
    ... name = "trial"
    ... sites = ["north", "south"]
    ... [times]
    ... unit = "months"
    ... grid = 1
    ... [endpoints.os]
    ... [analyses.os]
    ... kind = "survival"
    ... endpoint = "os"
    ... ''').sites
    ('north', 'south')
    """
    try:
        raw = toml_of(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"at line (\d+)", str(error))
        line = int(found.group(1)) if found else None
        place = Place(file=file, line=line)
        raise PlanError("", [problem("consortium.plan", place=place, reason=error)]) from None
    try:
        return Plan.model_validate(raw)
    except ValidationError as error:
        lines = line_numbers(text)
        problems = []
        for e in error.errors(include_url=False):
            loc = tuple(p for p in e["loc"] if p not in _KINDS)
            for reason in str(e["msg"]).removeprefix("Value error, ").split("\n"):
                key, _, rest = reason.partition(": ")
                at = tuple(key.split(".")) if rest and re.fullmatch(r"[a-z_.0-9+-]+", key) else loc
                place = Place(
                    file=file,
                    line=next(
                        (lines[at[:i]] for i in range(len(at), 0, -1) if at[:i] in lines), None
                    ),
                    key=".".join(map(str, at)) or None,
                )
                problems.append(
                    problem("consortium.plan", place=place, reason=rest if at != loc else reason)
                )
        raise PlanError("", problems) from None


_KINDS = ("table", "rate", "survival", "logrank", "cox")


def read_plan(path: str | Path) -> Plan:
    """The plan of a file.

    Raises
    ------
    PlanError
    """
    path = Path(path)
    try:
        text = regular(path).read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        place = Place(file=str(path))
        raise PlanError("", [problem("consortium.plan", place=place, reason=error)]) from None
    return parse_plan(text, path.name)


def plan_facts(plan: Plan) -> tuple[Fact, ...]:
    """Every value of the plan by its dotted key: what a site compares with its own copy."""
    return flat(plan.model_dump(by_alias=True, mode="json"))


def flat(data: object, prefix: str = "") -> tuple[Fact, ...]:
    """Nested values by dotted keys; lists as one text."""
    if isinstance(data, dict):
        return tuple(
            fact
            for key in sorted(data)
            for fact in flat(data[key], f"{prefix}.{key}" if prefix else str(key))
        )
    return (Fact(prefix, canonical(data).decode("ascii")[:1000]),)


def plan_digest(plan: Plan) -> str:
    """SHA-256 of the plan after parsing: comments, order and spelling of the file do not matter."""
    return digest(canonical(plan.model_dump(by_alias=True, mode="json")))
