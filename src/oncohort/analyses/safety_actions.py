"""What adverse events led to: serious events, and what was done about them."""

from __future__ import annotations

import polars as pl

from oncohort.analyses.counting import percent
from oncohort.analyses.result import Estimate, Population
from oncohort.endpoints.cohort import Cohort
from oncohort.protocol import Protocol
from oncohort.vocabulary.actions import ACTIONS, action_of
from oncohort.vocabulary.boundaries import Option

SERIOUS = ("safety", "serious")
ACTION = ("safety", "action")


def _patients(events: pl.DataFrame, keep: pl.Expr) -> list[str]:
    return events.filter(keep)["patient"].unique(maintain_order=True).to_list()


def actions(
    protocol: Protocol, cohort: Cohort, treated: str
) -> tuple[list[Estimate], list[Population]]:
    """Patients with a serious event, and patients with each action, of the events that count.

    Actions are told only where every one on record is one of the four that papers tell: of words
    that nobody understands nothing is counted. A patient can have several actions.

    Parameters
    ----------
    treated
        Id of the population of treated patients.
    """
    estimates: list[Estimate] = []
    populations: list[Population] = []
    events = cohort.evidence.events
    if events is None or events.is_empty():
        return estimates, populations

    def add(path: tuple[str, str], label: str, who: list[str], **levels: Option) -> None:
        es, members = percent(
            path, label, who, cohort.n, population=treated, heading=label, **levels
        )
        estimates.extend(es)
        populations.append(members)

    if "serious" in events.columns and events["serious"].count():
        add(SERIOUS, "Serious adverse event", _patients(events, pl.col("serious").fill_null(False)))
    if "action" not in events.columns:
        return estimates, populations
    written = events["action"].drop_nulls().unique(maintain_order=True).to_list()
    meant = {w: action_of(str(w)) for w in written}
    if not written or None in meant.values():
        return estimates, populations
    coded = events.with_columns(pl.col("action").replace_strict(meant, default=None).alias("done"))
    for action, words in ACTIONS.items():
        if action != "none":
            who = _patients(coded, pl.col("done") == action)
            add(ACTION, f"Adverse event that led to {words}", who, action=action)
    return estimates, populations
