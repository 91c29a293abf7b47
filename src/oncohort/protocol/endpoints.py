"""`[endpoints.*]`: times to events, from dates and rules or from columns of times and events."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from oncohort.protocol.base import Key, Once, OneOf, Section
from oncohort.vocabulary.endpoints import CENSORING_RULES
from oncohort.vocabulary.times import TimeUnit

Event = Annotated[str, Field(min_length=1)]
"""A kind of fact (`progression`, `death`, ...) or a date column of `patients`."""
CensoringRule = Annotated[str, OneOf(tuple(CENSORING_RULES))]
Code = str | int | float | bool
Codes = Code | list[Code]
"""One value of an event column, or several."""


def codes(values: Codes | None) -> tuple[Code, ...]:
    """One value or several, as several.

    Examples
    --------
    >>> codes(1), codes(["relapse", "death"]), codes(None)
    ((1,), ('relapse', 'death'), ())
    """
    if values is None:
        return ()
    return tuple(values) if isinstance(values, list) else (values,)


class TimedEvent(Section):
    """One pair of a time and an event column, where an endpoint is made of several pairs."""

    label: str | None = None
    time: str
    event: str
    event_value: Codes
    """The value of the event column, or the values, that mean that the event happened."""
    censored_value: Codes | None = None
    """The value, or the values, that mean that it did not; default: the one that is left."""


class Endpoint(Section):
    """A time-to-event endpoint: from dates and rules, or from time and event columns."""

    label: str | None = None
    origin: str = Field(default="treatment_start", alias="from")
    """Date column of `patients` where the clock starts."""
    events: Annotated[list[Event], Once] = []
    """What counts as the event: `progression`, `death`, `next_therapy`, `clinical_progression`,
    `treatment_end`, `toxicity`, `second_progression`, or a date column of `patients`; the first
    counts. Default: what the endpoint's name says (pfs, os, ttp, ...)."""
    causes: Annotated[list[str], Once] = []
    """Values of `patients.death_cause` whose deaths are the event; deaths of another cause are a
    competing event (`death_other`)."""
    unknown_cause: Literal["event", "competing", "leave_out"] | None = None
    """What a death without a charted cause is, where `causes` is given. Never guessed."""
    competing: dict[Key, Codes] | Annotated[list[Event], Once] = []
    """Events after which the event can't happen any more, or not be seen. From dates: kinds as in
    `events`. From columns: key = value of the event column. Of `parts`: their keys. The endpoint
    is then reported as cumulative incidence, not as Kaplan-Meier curve."""
    event_labels: dict[Key, str] = {}
    """What figures and tables call the events: key of a competing event, or `event`, = words."""
    censoring: CensoringRule | None = None
    """How patients without event are censored; default: at the last evaluable assessment (at the
    last contact for OS)."""
    time: str | None = None
    """Column with the time, for cohorts that come already reduced."""
    date: str | None = None
    """Instead of `time`: column with the day of the event, or of the last look at those without
    one; the time runs to it from `from`."""
    event: str | None = None
    event_value: Codes | None = None
    """The value of the event column that means that the event happened, or a list of them. Never
    guessed."""
    censored_value: Codes | None = None
    """The value, or the values, that mean that nothing happened; default: the one that is left."""
    time_unit: TimeUnit | None = None
    """Unit of the time column; default: the study's."""
    parts: dict[Key, TimedEvent] = {}
    """Several pairs of time and event columns: the first event of any pair counts."""
    followed: Literal["shortest", "longest"] | None = None
    """For `parts`: how long a patient without an event in them was followed, where the times of
    the pairs differ: the shortest (whatever comes later is not looked at) or the longest."""
    landmarks: Annotated[list[Annotated[float, Field(ge=0)]], Once] = []
    """Times (study's unit) at which survival is reported."""
    by: Annotated[list[Key], Once] = []
    """Variables whose groups get curves and a log-rank test."""
    interval: Literal["log-log", "log", "plain", "logit", "arcsine"] = "log-log"
    restricted_mean: Annotated[list[Annotated[float, Field(gt=0)]], Once] = []
    """Times (study's unit) up to which the restricted mean survival time is reported: in all, and
    for the groups of `by` with difference and ratio."""
    differences: bool = False
    """Differences of survival at the `landmarks` between the groups of `by`."""
    trend: Annotated[list[Key], Once] = []
    """Variables of `by` whose levels have an order, tested for a trend (log-rank)."""
    interval_censored: bool = False
    """For endpoints seen on scans: the Turnbull estimate, which takes a progression as lying
    between two scans, beside Kaplan-Meier in the sensitivity table."""

    @model_validator(mode="after")
    def _one_way(self) -> Endpoint:
        if self.time is not None and self.date is not None:
            raise ValueError("time or date: the event column has one of them")
        columns = [self.time or self.date, self.event]
        pairs = [(self.time or self.date, self.event)]
        pairs += [(p.time, p.event) for p in self.parts.values()]
        if any(one is not None and one == other for one, other in pairs):
            raise ValueError("one column can't be the time and the event")
        if self.parts and (any(columns) or self.event_value is not None):
            raise ValueError("parts have their own time and event columns")
        if any(c is not None for c in columns):
            if not all(c is not None for c in columns):
                raise ValueError("time (or date) and event go together")
            if self.event_value is None:
                raise ValueError(
                    "event_value is missing: say which value of the event column means "
                    "that the event happened"
                )
        elif self.event_value is not None:
            raise ValueError("event_value without time and event columns")
        if self.reduced and (self.events or self.censoring or self.causes):
            raise ValueError("events, causes and censoring belong to dates, not to time columns")
        self._competing_fits()
        stray = [v for v in self.trend if v not in self.by]
        if stray:
            raise ValueError(f"trend: {', '.join(stray)} is not in by")
        if self.interval_censored and self.reduced:
            raise ValueError("interval_censored needs the dates of scans, not time columns")
        if self.has_competing and (self.restricted_mean or self.differences or self.trend):
            raise ValueError("restricted_mean, differences and trend belong to survival curves")
        return self

    def _competing_fits(self) -> None:
        """Competing events are declared in the way that the endpoint comes in."""
        given = self.competing
        own = self.time is not None or self.date is not None
        if own and isinstance(given, list) and given:
            raise ValueError(
                "competing events of an event column have a key and a value: "
                "competing = { death = 2 }"
            )
        if not own and isinstance(given, dict) and given:
            raise ValueError('competing is a list here: competing = ["death"]')
        if self.parts:
            unknown = [k for k in given if k not in self.parts]
            if unknown:
                raise ValueError(f"competing: {', '.join(unknown)} is none of the parts")
            if len(given) == len(self.parts):
                raise ValueError("one of the parts has to be the event")
        both = [k for k in self.events if k in given]
        if both:
            raise ValueError(f"{', '.join(both)} is an event and a competing event")
        if isinstance(given, dict):
            held = (self.event_value, self.censored_value, *given.values())
            values = [str(v) for several in held for v in codes(several)]
            double = sorted({v for v in values if values.count(v) > 1})
            if double:
                raise ValueError(f"the value {', '.join(double)} has two meanings")
            if "event" in given:
                raise ValueError('"event" is the key of the event itself')
        if (self.causes or self.unknown_cause) and not self.causes:
            raise ValueError("unknown_cause without causes")

    @property
    def reduced(self) -> bool:
        """True where time (or its last day) and event come as columns."""
        return self.time is not None or self.date is not None or bool(self.parts)

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of `patients` that times and events come from."""
        pairs = [
            (self.time or self.date, self.event),
            *((p.time, p.event) for p in self.parts.values()),
        ]
        return tuple(c for pair in pairs for c in pair if c is not None)

    @property
    def has_contrasts(self) -> bool:
        """True where restricted means, differences at times or a trend are asked for."""
        differences = bool(self.differences and self.landmarks and self.by)
        return bool(self.restricted_mean or self.trend) or differences

    @property
    def has_competing(self) -> bool:
        """True where other events can come first."""
        return bool(self.competing or self.causes)
