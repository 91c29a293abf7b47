"""The protocol as cards: who is in the study, what is counted, which model the events can bear."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from oncohort.app.wording import say
from oncohort.dataclass import dataclass
from oncohort.vocabulary.endpoints import CENSORING_RULES
from oncohort.vocabulary.facts import EVENTS, FACTS, ORIGINS
from oncohort.vocabulary.journals import JOURNALS
from oncohort.vocabulary.tables import TABLES
from oncohort.vocabulary.versions import CTCAE_VERSIONS

if TYPE_CHECKING:
    from oncohort.endpoints.cohort import Cohort, VariableInfo
    from oncohort.protocol import Protocol
    from oncohort.protocol.data import Criterion
    from oncohort.protocol.endpoints import Endpoint
    from oncohort.study.study import Study

ENOUGH = 10
"""Events per coefficient below which a fit warns (`stats.errors.EventsPerVariableWarning`)."""
CONDITIONS = ("min", "max", "is", "is_not", "present")
DIGITS = ("percent", "time", "hr", "change")
UNDER = ("at_risk", "events", "censored")


@dataclass(frozen=True, slots=True)
class Step:
    """A criterion in the flow: how many leave there, and how many remain."""

    key: str
    label: str
    leave: int
    remain: int
    reads: str
    """`age`, `sites: organ`."""
    conditions: tuple[tuple[str, str], ...]
    """(`min`, `20`)."""
    missing: str


@dataclass(frozen=True, slots=True)
class Flow:
    """The flow of patients."""

    source: str
    looked_at: int
    steps: tuple[Step, ...]
    included: int


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that can be chosen, and whether it is."""

    value: str
    label: str
    chosen: bool = False
    count: int | None = None


@dataclass(frozen=True, slots=True)
class EndpointCard:
    """An endpoint: where its clock starts, what ends it, how it is censored, and how often."""

    key: str
    label: str
    sentence: str
    """As the methods section will say it."""
    n: int
    events: int
    reduced: str
    """Where it comes from columns: their names; empty otherwise."""
    origins: tuple[Choice, ...]
    kinds: tuple[Choice, ...]
    censoring: tuple[Choice, ...]
    by: tuple[Choice, ...]
    landmarks: str


@dataclass(frozen=True, slots=True)
class Meter:
    """How many events of an endpoint there are for each coefficient of the model."""

    endpoint: str
    events: int
    coefficients: int

    @property
    def ratio(self) -> float:
        """Events per coefficient."""
        return self.events / self.coefficients if self.coefficients else 0.0

    @property
    def enough(self) -> bool:
        """Whether a fit would not warn."""
        return self.ratio >= ENOUGH


@dataclass(frozen=True, slots=True)
class Group:
    """A variable with levels: how many patients are in each."""

    key: str
    label: str
    levels: tuple[tuple[str, int], ...]
    missing: int
    cut: str
    """Its cut-points, where it has some."""
    reference: str


def flow_of(study: Study) -> Flow:
    """The flow of patients through the criteria, zeros too."""
    declared = {c.key: c for c in study.protocol.eligibility.criteria}
    cohort = study.cohort
    steps = tuple(
        Step(
            s.key, s.label, len(s.excluded), len(s.remaining), _reads(declared[s.key]),
            _conditions(declared[s.key]), declared[s.key].missing,
        )
        for s in cohort.steps if s.key in declared
    )  # fmt: skip
    return Flow(study.protocol.eligibility.source, len(cohort.source), steps, cohort.n)


def _reads(criterion: Criterion) -> str:
    where = "" if criterion.table == "patients" else f"{criterion.table.replace('_', ' ')}: "
    return where + criterion.column.replace("_", " ")


def _conditions(criterion: Criterion) -> tuple[tuple[str, str], ...]:
    given = {"min": criterion.min, "max": criterion.max, "is": criterion.is_,
             "is_not": criterion.is_not, "present": criterion.present}  # fmt: skip
    return tuple((name, typed(value)) for name, value in given.items() if value is not None)


def typed(value: object) -> str:
    """A value of the protocol as it stands in a field.

    Examples
    --------
    >>> typed(["CR", "PR"]), typed(20.0), typed(True)
    ('CR, PR', '20', 'true')
    """
    if isinstance(value, list):
        return ", ".join(map(typed, value))
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)


def patient_columns(study: Study) -> list[str]:
    """Columns of the patients that a criterion can ask for."""
    held = study.records.tables["patients"].columns
    return [c for c in held if c not in ("patient", "source_row") and not c.endswith("_precision")]


def endpoint_cards(study: Study) -> list[EndpointCard]:
    """Every endpoint of the protocol; one that could not be derived has no sentence."""
    protocol, cohort = study.protocol, study.cohort
    return [_card(study, key, one, cohort, protocol) for key, one in protocol.endpoints.items()]


def _card(
    study: Study, key: str, declared: Endpoint, cohort: Cohort, protocol: Protocol
) -> EndpointCard:
    info = cohort.meaning.endpoints.get(key)
    rule = cohort.meaning.rules.get(key)
    timed = f"{key}_time" in cohort.frame.columns
    sentence = f"{info.label}: {info.method}." if info is not None and info.method else ""
    events = set(declared.events or (rule.events if rule is not None else ()))
    dates = [c for c in patient_columns(study) if TABLES["patients"].kinds.get(c) == "date"]
    dates += [c for c in protocol.dates if c not in dates]
    censoring = [Choice("", say("protocol.by_its_name"), declared.censoring is None)]
    censoring += [
        Choice(name, rules.label, declared.censoring == name)
        for name, rules in CENSORING_RULES.items()
    ]
    return EndpointCard(
        key,
        declared.label or (info.label if info is not None else key),
        sentence,
        cohort.frame[f"{key}_time"].count() if timed else 0,
        int(cohort.frame[f"{key}_event"].sum() or 0) if timed else 0,
        ", ".join(filter(None, (declared.time or declared.date, declared.event))),
        tuple(
            Choice(c, c.replace("_", " "), c == declared.origin)
            for c in dict.fromkeys((declared.origin, *dates, *ORIGINS))
        ),
        tuple(
            Choice(c, FACTS[c].words if c in FACTS else c.replace("_", " "), c in events)
            for c in dict.fromkeys((*EVENTS, *declared.events))
        ),
        tuple(censoring),
        tuple(Choice(k, v.label, k in declared.by) for k, v in _levelled(cohort).items()),
        ", ".join(f"{t:g}" for t in declared.landmarks),
    )


def _levelled(cohort: Cohort) -> Mapping[str, VariableInfo]:
    return {k: v for k, v in cohort.meaning.variables.items() if v.levels}


def groups(study: Study) -> list[Group]:
    """Variables with levels, and the patients in each."""
    cohort = study.cohort
    out = []
    for key, info in _levelled(cohort).items():
        values = cohort.frame[key]
        counts = {str(k): n for k, n in values.value_counts().iter_rows()}
        declared = study.protocol.variables.get(key)
        cut = ", ".join(f"{c:g}" for c in declared.cut) if declared is not None else ""
        levels = tuple((label, counts.get(level, 0)) for level, label in info.levels.items())
        out.append(Group(key, info.label, levels, values.null_count(), cut,
                         info.levels.get(info.reference or "", "")))  # fmt: skip
    return out


def candidates(study: Study) -> list[Choice]:
    """Variables that can enter the models, with the coefficients that each takes."""
    prognosis = study.protocol.prognosis
    chosen = set(prognosis.candidates) if prognosis is not None else set()
    known = study.cohort.meaning.variables
    return [Choice(k, v.label, k in chosen, coefficients(v)) for k, v in known.items()]


def coefficients(variable: VariableInfo) -> int:
    """Coefficients that a variable takes in a model."""
    return max(len(variable.levels) - 1, 1)


def meters(study: Study) -> list[Meter]:
    """For each endpoint of the models, its events and the coefficients of the whole model."""
    prognosis = study.protocol.prognosis
    if prognosis is None:
        return []
    cohort = study.cohort
    names = prognosis.multivariable or prognosis.candidates
    taken = sum(coefficients(v) for k, v in cohort.meaning.variables.items() if k in names)
    return [
        Meter(
            cohort.meaning.endpoints[k].label, int(cohort.frame[f"{k}_event"].sum() or 0), taken
        )
        for k in prognosis.endpoints
        if k in cohort.meaning.endpoints
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class SafetyCard:
    """Which adverse events are counted, and how."""

    criteria: tuple[Choice, ...]
    count: str
    threshold: int
    window_days: int
    terms: tuple[Choice, ...]
    """Terms of the table, and those of the chart that have no row of their own."""


def safety_card(study: Study) -> SafetyCard | None:
    """The adverse events; None where the protocol has no such section."""
    safety = study.protocol.safety
    if safety is None:
        return None
    found = study.cohort.evidence.adverse_events
    seen: dict[str, int] = {}
    labels: dict[str, str] = dict(safety.terms)
    if found is not None and found.height:
        for term, label, patients in (
            found.group_by("term", "label", maintain_order=True).len().iter_rows()
        ):
            seen[term] = patients
            labels.setdefault(term, label)
    every = not safety.terms
    terms = [Choice(k, v, every or k in safety.terms, seen.get(k, 0)) for k, v in labels.items()]
    named = {v.casefold() for v in (*labels.values(), *safety.synonyms)}
    charted = study.records.tables.get("adverse_events")
    if charted is not None and not every:
        counts = charted["term"].drop_nulls().value_counts()
        rest = counts.sort("count", "term", descending=[True, False]).iter_rows()
        terms += [Choice(t, t, False, n) for t, n in rest if t.casefold() not in named]
    versions = (f"CTCAE {v}" for v in CTCAE_VERSIONS)
    return SafetyCard(
        tuple(Choice(v, v, v == safety.criteria) for v in versions),
        safety.count, safety.threshold, safety.window_days, tuple(terms),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class StyleCard:
    """How numbers and figures look."""

    journals: tuple[Choice, ...]
    digits: tuple[tuple[str, str], ...]
    under: tuple[Choice, ...]


def style_card(study: Study) -> StyleCard:
    """Journal, digits, rows below the curves."""
    style = study.protocol.style
    digits: Mapping[Any, Any] = style.digits
    return StyleCard(
        tuple(Choice(j, str(v.get("name", j)), j == style.journal) for j, v in JOURNALS.items()),
        tuple((name, str(digits.get(name, ""))) for name in DIGITS),
        tuple(Choice(u, u, u in style.under_curves) for u in UNDER),
    )
