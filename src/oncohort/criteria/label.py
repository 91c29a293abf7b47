"""Dose levels and rules of drug labels as data, and an audit of what was done against them.

The audit is a list for the study: which recorded events the label of the declared era would have
answered with an interruption, a reduction or a stop, beside what the chart and the dose record
show. It is not treatment advice: labels leave room for judgement, grades of a label are not always
those of CTCAE, and a retrospective chart does not hold all that the physician knew.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import TYPE_CHECKING

import polars as pl

from oncohort.criteria.ctcae.course import consequences
from oncohort.criteria.ctcae.events import prepare
from oncohort.criteria.ctcae.terms import concept
from oncohort.dataclass import dataclass
from oncohort.problems import OncohortError
from oncohort.vocabulary.versions import DRUG_LABELS

if TYPE_CHECKING:
    from narwhals.typing import IntoDataFrame

    from oncohort.criteria.dosing import Plan
    from oncohort.criteria.frames import Row

__all__ = ["NOTICE", "Label", "LabelError", "LabelRule", "Level", "audit", "label"]

NOTICE = (
    "An audit of recorded doses against the drug's label, for the study. It is not treatment "
    "advice and no judgement of the care given."
)
"""Stands with every audit list."""


class LabelError(OncohortError):
    """An unknown label."""


@dataclass(frozen=True, slots=True)
class Level:
    """A dose level: mean daily dose and how it is taken."""

    daily: float
    text: str


@dataclass(frozen=True, slots=True)
class LabelRule:
    """What a label asks for an event of some grades at some occurrences."""

    toxicity: str
    grades: frozenset[int]
    asks: str
    events: frozenset[str]
    terms: str | None = None
    """Pattern for the event's name, where no single event is meant."""
    occurrences: frozenset[int] | None = None
    from_occurrence: int = 1
    longer_than_days: int | None = None
    then: str | None = None
    """What is asked where the event lasts longer than ``longer_than_days``."""
    note: str = ""

    def fits(self, name: str, grade: int, occurrence: int) -> bool:
        """Whether the rule speaks of this event."""
        if grade not in self.grades:
            return False
        if self.occurrences is not None and occurrence not in self.occurrences:
            return False
        return occurrence >= self.from_occurrence and self.covers(name)

    def covers(self, name: str) -> bool:
        """Whether the event belongs to the toxicity, whatever its grade."""
        if concept(name) in self.events:
            return True
        return self.terms is not None and re.search(self.terms, name.lower()) is not None


@dataclass(frozen=True, slots=True)
class Label:
    """A drug's label in one era: planned dose, levels, rules."""

    drug: str
    era: str
    source: str
    plan: Plan
    levels: tuple[Level, ...]
    rules: tuple[LabelRule, ...]


def _rule(entry: Mapping[str, object]) -> LabelRule:
    def ints(key: str) -> frozenset[int] | None:
        found = entry.get(key)
        return frozenset(map(int, found)) if isinstance(found, list) else None

    events = entry.get("events")
    days = entry.get("longer_than_days")
    start = entry.get("from_occurrence", 1)
    return LabelRule(
        toxicity=str(entry["toxicity"]),
        grades=ints("grade") or frozenset(),
        asks=str(entry["asks"]),
        events=frozenset(map(str, events)) if isinstance(events, list) else frozenset(),
        terms=str(entry["terms"]) if "terms" in entry else None,
        occurrences=ints("occurrence"),
        from_occurrence=start if isinstance(start, int) else 1,
        longer_than_days=days if isinstance(days, int) else None,
        then=str(entry["then"]) if "then" in entry else None,
        note=str(entry.get("note", "")),
    )


@cache
def label(name: str) -> Label:
    """A label by drug and era.

    Raises
    ------
    LabelError
        Unknown; the known ones are listed.

    Examples
    --------
    >>> [level.text for level in label("sorafenib_2005").levels]
    ['400 mg twice daily', '400 mg once daily', '400 mg every other day']
    >>> label("sunitinib_current").plan.days_off
    14
    """
    from oncohort.criteria.dosing import Plan

    if name not in DRUG_LABELS:
        raise LabelError(f"no label {name!r}; known are {', '.join(DRUG_LABELS)}")
    path = files("oncohort.criteria").joinpath("labels", f"{name}.toml")
    raw = tomllib.loads(path.read_text("utf-8"))
    levels = tuple(Level(float(one["daily"]), one["text"]) for one in raw["level"])
    plan = Plan(**raw["dose"], levels=tuple(level.daily for level in levels))
    return Label(
        raw["drug"], raw["era"], raw["source"], plan, levels, tuple(map(_rule, raw["rule"]))
    )


_NEEDS = {
    "continue": frozenset[str](),
    "interrupt and reduce": frozenset({"interruption", "reduction"}),
    "stop": frozenset({"stop"}),
}


def audit(
    adverse_events: IntoDataFrame,
    patients: IntoDataFrame,
    doses: IntoDataFrame | None = None,
    *,
    name: str,
    version: str,
    look_days: int = 14,
    window_days: int = 30,
) -> pl.DataFrame:
    """What the label asks for each recorded event, beside what was charted and done.

    Parameters
    ----------
    adverse_events, patients, doses
        Record tables.
    name
        A label of :data:`~oncohort.vocabulary.versions.DRUG_LABELS`.
    version
        CTCAE version of the grades.
    look_days
        Days from the event's start in which the dose record is searched for a change.

    Returns
    -------
    polars.DataFrame
        ``patient, event, toxicity, grade, start, days, occurrence, asks, charted, recorded,
        agrees, note, source_row``. ``occurrence`` counts episodes of the same event with that
        grade; rows that touch are one episode;
        ``asks`` is one of continue, interrupt and reduce, stop, or begins with "consider";
        ``recorded`` is what the dose record shows; ``agrees`` is null where the label leaves it
        open or neither chart nor doses say anything. Events that the label has no rule for are
        left out.

    Notes
    -----
    Read with :data:`NOTICE`.

    Examples
    --------
    >>> import polars as pl
    >>> from datetime import date
    >>> patients = pl.DataFrame({"patient": ["a"], "treatment_start": [date(2014, 1, 1)]})
    >>> events = pl.DataFrame({"patient": ["a", "a"], "term": ["HFS", "HFS"], "grade": [2, 3],
    ...     "start": [date(2014, 1, 20), date(2014, 3, 1)], "end": [date(2014, 1, 25), None],
    ...     "action": ["none", "none"]})
    >>> found = audit(events, patients, name="sorafenib_2005", version="3.0")
    >>> found.select("grade", "occurrence", "asks", "agrees").rows()
    [(2, 1, 'continue', True), (3, 1, 'interrupt and reduce', False)]
    """
    from oncohort.criteria.frames import frame_in

    patients = frame_in(patients, "patients")
    doses = (
        None if doses is None else frame_in(doses, "doses", ("patient", "drug", "start", "amount"))
    )
    leaflet = label(name)
    events = (
        prepare(
            adverse_events, patients, version=version, window_days=window_days, drug=leaflet.drug
        )
        .filter(pl.col("emergent") & pl.col("grade").is_between(1, 4))
        .sort("patient", "start", nulls_last=True, maintain_order=True)
    )
    changes = _dose_changes(doses, patients, leaflet)
    counter = _Occurrences()
    rows = []
    for event in events.iter_rows(named=True):
        covering = [r for r in leaflet.rules if r.covers(event["name"])]
        if not covering:
            continue
        occurrence = counter.number(event["patient"], event["name"], event["grade"], event)
        fits = (r for r in covering if r.fits(event["name"], event["grade"], occurrence))
        rule = next(fits, None)
        if rule is None:
            continue
        recorded = None
        if doses is not None:
            recorded = _near(changes.get(event["patient"], ()), event["start"], look_days)
        found = _beside(rule, event, recorded)
        rows.append(found | {"toxicity": covering[0].toxicity, "occurrence": occurrence})
    return pl.DataFrame(rows, schema=_AUDIT)


_AUDIT: dict[str, pl.DataType] = {
    "patient": pl.String(),
    "event": pl.String(),
    "toxicity": pl.String(),
    "grade": pl.Int64(),
    "start": pl.Date(),
    "days": pl.Int64(),
    "occurrence": pl.Int64(),
    "asks": pl.String(),
    "charted": pl.String(),
    "recorded": pl.String(),
    "agrees": pl.Boolean(),
    "note": pl.String(),
    "source_row": pl.Int64(),
}


def _beside(rule: LabelRule, event: Row, recorded: frozenset[str] | None) -> dict[str, object]:
    """What the rule asks for an event, beside what was charted and what the doses show.

    ``recorded`` is nothing where the study has no record of doses.
    """
    days = (event["end"] - event["start"]).days if event["end"] and event["start"] else None
    asks, note = rule.asks, rule.note
    if rule.then and days is not None and days > (rule.longer_than_days or 0):
        asks = rule.then
    if rule.longer_than_days is not None and days is None:
        note = f"How long it lasted is not known; after {rule.longer_than_days} days: {rule.then}."
    charted = consequences(event["action"], event["outcome"], event["grade"]) - {"death"}
    shown = recorded or frozenset()
    silent = event["action"] is None and (recorded is None or event["start"] is None)
    return {
        "patient": event["patient"],
        "event": event["label"],
        "grade": event["grade"],
        "start": event["start"],
        "days": days,
        "asks": asks,
        "charted": ", ".join(sorted(charted)) or (None if event["action"] is None else "none"),
        "recorded": ", ".join(sorted(shown)) or (None if recorded is None else "none"),
        "agrees": None if silent else _agrees(asks, charted | shown),
        "note": note,
        "source_row": event["source_row"],
    }


class _Occurrences:
    """Counts in how many episodes of an event a grade was reached, in order of start."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, str, int], int] = {}
        self._episodes: dict[tuple[str, str], tuple[date | None, set[int]]] = {}

    def number(self, patient: str, name: str, grade: int, row: Row) -> int:
        """The number of this occurrence; a grade counts once per episode."""
        start, end = row["start"], row["end"]
        key = (patient, name)
        reached, grades = self._episodes.get(key, (None, set()))
        # As in the course of events: a row without an end goes on until the next one.
        known = key in self._episodes and start is not None
        same = known and (reached is None or start <= reached + timedelta(days=1))
        grades = grades if same else set()
        if grade not in grades:
            self._counts[*key, grade] = self._counts.get((*key, grade), 0) + 1
        later = end if not (same and reached and end) else max(reached, end)
        self._episodes[key] = (later, grades | {grade})
        return self._counts[*key, grade]


def _agrees(asks: str, done: frozenset[str]) -> bool | None:
    """A stop answers every demand; a continued dose only the demand to continue."""
    if asks not in _NEEDS:
        return None
    if asks == "continue":
        return not done
    return "stop" in done or _NEEDS[asks] <= done


def _dose_changes(
    doses: pl.DataFrame | None, patients: pl.DataFrame, leaflet: Label
) -> dict[str, tuple[tuple[str, object], ...]]:
    """Dated interruptions, reductions and stops of the drug per patient."""
    if doses is None:
        return {}
    from oncohort.criteria.dosing.periods import periods, planned_table

    plans = planned_table({leaflet.drug: leaflet.plan})
    rows, _ = periods(doses, patients, plans, None)
    rows = rows.filter(pl.col("drug") == leaflet.drug)
    found: dict[str, list[tuple[str, object]]] = {}
    for patient, group in rows.group_by("patient", maintain_order=True):
        who = str(patient[0])
        taken = [r for r in group.iter_rows(named=True) if r["daily_mg"]]
        marks = found.setdefault(who, [])
        rest = leaflet.plan.days_off or 0
        for before, after in pairwise(taken):
            if (after["start"] - before["last"]).days - 1 > rest:
                marks.append(("interruption", before["last"]))
            if after["change"] == "reduction":
                marks.append(("reduction", before["last"]))
        if taken:
            marks.append(("stop", taken[-1]["last"]))
    return {who: tuple(marks) for who, marks in found.items()}


def _near(marks: tuple[tuple[str, object], ...], start: object, look_days: int) -> frozenset[str]:
    """Changes whose last day on the old dose lies from the day before the event's start on."""
    if not isinstance(start, date):
        return frozenset()
    return frozenset(
        kind
        for kind, day in marks
        if isinstance(day, date) and -1 <= (day - start).days <= look_days
    )
