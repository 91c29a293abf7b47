"""Event and censoring rules as data: what ends the clock, what stops the watch, and where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from oncohort.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class MissedVisits:
    """Scans as planned; an event after too long a silence doesn't count.

    Source: FDA, Clinical Trial Endpoints for the Approval of Cancer Drugs and Biologics, 2018,
    appendix: an event after two or more missed visits is censored at the last evaluable one.
    Offered only where the protocol declares schedule and tolerance.

    Parameters
    ----------
    interval_days
        Planned time between scans.
    tolerance_days
        How late a scan may be.
    missed
        Number of planned visits without a scan from which on the event doesn't count.

    Examples
    --------
    >>> MissedVisits(interval_days=56, tolerance_days=7).longest_gap
    119
    """

    interval_days: float
    tolerance_days: float
    missed: int = 2

    @property
    def longest_gap(self) -> float:
        """Longest time in days from the last evaluable scan to an event that still counts.

        The last of the ``missed`` planned visits was due ``missed`` intervals after that scan,
        and is missed when the tolerance has passed.
        """
        return self.missed * self.interval_days + self.tolerance_days


@dataclass(frozen=True, slots=True)
class EndpointRule:
    """One endpoint: where the clock starts, what is an event, what ends the watch before it.

    Parameters
    ----------
    key, label
        Name in column names and ids (``pfs``), and in words.
    origin
        Kind of fact where the clock starts: ``treatment_start``, another date column of
        ``patients``, ``response``, ``complete_response``.
    events
        Kinds of facts that are events, in order: the earliest counts; on the same day, the one
        named first.
    stops
        Kinds of facts that end the watch without an event when they come before it (on the same
        day the event counts); the patient is then censored as ``at`` says.
    otherwise
        Kinds of facts at which patients without event are censored, first that is known:
        ``assessment`` (the last evaluable one) or ``last_contact``.
    at
        Where a stop censors: ``assessment``, the last evaluable one before it (the origin, time 0,
        where there is none), or ``stop``, the day of the stop itself.
    missed
        The rule on missed visits, where the schedule is declared.
    entry
        Kind of fact from which a patient is under observation, where that is later than the
        origin (delayed entry); needed for an origin before treatment start.
    competing
        Kinds of facts after which the event can't happen, or not be seen, any more: the earliest
        of events and competing events counts (on one day, the event).
    causes
        Charted causes whose deaths count as ``death``; other deaths are ``death_other``.
    unknown_cause
        What a death without a charted cause is then: ``event``, ``competing`` or ``leave_out``.

    Examples
    --------
    >>> PFS.events
    ('progression', 'death')
    """

    key: str
    label: str
    origin: str = "treatment_start"
    events: tuple[str, ...] = ("progression", "death")
    stops: tuple[str, ...] = ()
    otherwise: tuple[str, ...] = ("assessment",)
    at: str = "assessment"
    missed: MissedVisits | None = None
    entry: str | None = None
    competing: tuple[str, ...] = ()
    causes: tuple[str, ...] = ()
    unknown_cause: str = ""


PFS = EndpointRule("pfs", "progression-free survival")
OS = EndpointRule("os", "overall survival", events=("death",), otherwise=("last_contact",))
TTP = EndpointRule("ttp", "time to progression", events=("progression",), stops=("death",))
TTF = EndpointRule(
    "ttf",
    "time to treatment failure",
    events=("treatment_end", "progression", "death", "next_therapy"),
    otherwise=("last_contact",),
)
TIME_ON_TREATMENT = EndpointRule(
    "tot", "time on treatment", events=("treatment_end", "death"), otherwise=("last_contact",)
)
TTNT = EndpointRule(
    "ttnt",
    "time to next treatment",
    events=("next_therapy", "death"),
    otherwise=("last_contact",),
)
DOR = EndpointRule("dor", "duration of response", origin="response")
DOCR = EndpointRule("docr", "duration of complete response", origin="complete_response")
DOSD = EndpointRule("dosd", "duration of stable disease", origin="stable_disease_from")
PFS2 = EndpointRule(
    "pfs2",
    "time to progression on the next therapy or death",
    events=("second_progression", "death"),
    otherwise=("last_contact",),
    stops=("therapy_after_next",),
    at="stop",
)

ENDPOINTS: dict[str, EndpointRule] = {
    rule.key: rule for rule in (PFS, OS, TTP, TTF, TIME_ON_TREATMENT, TTNT, DOR, DOCR, DOSD, PFS2)
}
"""The endpoints known by name."""
OF_RECURRENCE = frozenset({"rfs", "dfs", "dfi", "ttr"})
"""Endpoints of patients without disease: what the chart has as progression is a recurrence."""


@dataclass(frozen=True, slots=True)
class RuleSet:
    """A named way of censoring, applied to an endpoint."""

    name: str
    label: str
    add_events: tuple[str, ...] = ()
    add_stops: tuple[str, ...] = ()
    otherwise: tuple[str, ...] | None = None
    needs_schedule: bool = False
    censoring: str = ""
    """What `censoring = "..."` of the protocol calls it, where that differs."""

    def apply(self, rule: EndpointRule, missed: MissedVisits | None = None) -> EndpointRule:
        """The endpoint under this set.

        Raises
        ------
        ValueError
            The set counts missed visits and no schedule was declared.

        Examples
        --------
        >>> RULE_SETS["new_therapy"].apply(PFS).stops
        ('next_therapy',)
        """
        if self.needs_schedule and missed is None:
            raise ValueError(f"rule set {self.name!r} needs the declared scan schedule")
        events = rule.events + tuple(e for e in self.add_events if e not in rule.events)
        stops = rule.stops + tuple(
            s for s in self.add_stops if s not in rule.stops and s not in events
        )
        return replace(
            rule,
            events=events,
            stops=tuple(s for s in stops if s not in events),
            otherwise=self.otherwise if self.otherwise is not None else rule.otherwise,
            # Who is followed by contacts, not by scans, is known to be free of it until the stop.
            at="stop" if self.otherwise == ("last_contact",) else rule.at,
            missed=missed if self.needs_schedule else rule.missed,
        )


_SETS = (
    RuleSet(
        "plain",
        "events as they happened; else the last evaluable assessment",
        censoring="last_assessment",
    ),
    RuleSet(
        "last_contact",
        "events as they happened; else the last contact",
        otherwise=("last_contact",),
    ),
    RuleSet(
        "new_therapy",
        "censored at the last evaluable assessment before a new therapy",
        add_stops=("next_therapy",),
    ),
    RuleSet(
        "new_therapy_event",
        "a new therapy counts as an event",
        add_events=("next_therapy",),
    ),
    RuleSet(
        "clinical_progression",
        "stopping for progression without a scan that shows it counts as an event",
        add_events=("clinical_progression",),
    ),
    RuleSet(
        "toxicity_stop",
        "censored at the last evaluable assessment before stopping for toxicity",
        add_stops=("toxicity",),
    ),
    RuleSet(
        "missed_visits",
        "an event after two missed visits is censored at the last evaluable assessment",
        needs_schedule=True,
    ),
)
RULE_SETS: dict[str, RuleSet] = {s.name: s for s in _SETS}
"""Ways of censoring progression-type endpoints, by name.

``plain`` follows what the European regulator asks for as a default (new therapy and missed visits
don't censor), ``new_therapy`` and ``missed_visits`` follow the FDA's appendix; they are described
rather than named after an agency.
"""


CENSORING_RULES: dict[str, RuleSet] = {s.censoring or s.name: s for s in _SETS}
"""The same by the names that the protocol calls them by."""


def rule_sets_for(
    rule: EndpointRule, missed: MissedVisits | None = None, names: Sequence[str] | None = None
) -> dict[str, EndpointRule]:
    """The endpoint under each rule set that can be offered: name to rule.

    The set on missed visits is left out where no schedule is declared.

    Examples
    --------
    >>> list(rule_sets_for(PFS))[:3]
    ['plain', 'last_contact', 'new_therapy']
    """
    chosen = names if names is not None else list(RULE_SETS)
    return {
        name: RULE_SETS[name].apply(rule, missed)
        for name in chosen
        if missed is not None or not RULE_SETS[name].needs_schedule
    }
