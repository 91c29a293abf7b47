"""A progression lies between two scans: the Turnbull estimate beside Kaplan-Meier."""

from __future__ import annotations

import numpy as np

from oncohort.analyses.counting import COHORT
from oncohort.analyses.result import Estimate, Fields, State, key_of
from oncohort.endpoints import intervals
from oncohort.endpoints.cohort import Cohort
from oncohort.problems import OncohortError
from oncohort.protocol import Protocol
from oncohort.vocabulary.times import DAYS_PER_UNIT

RULES = "between_scans"
WORDS = "progression between the last scan without it and the first with it (Turnbull)"


def between_scans(protocol: Protocol, cohort: Cohort, key: str) -> list[Estimate]:
    """Events, censored patients, and the interval that holds the median.

    With delayed entry there is no such estimate, and that is said.
    """
    from oncohort.stats import turnbull

    info = cohort.meaning.endpoints[key]
    frame = intervals(cohort.evidence.derived[key])
    if frame.is_empty():
        return []
    unit = protocol.study.time_unit
    scale = DAYS_PER_UNIT[unit]
    left = frame["left"].to_numpy() / scale
    right = frame["right"].cast(float).fill_null(np.inf).to_numpy() / scale
    events = int(np.isfinite(right).sum())
    median, why = None, "not reached"
    if cohort.meaning.rules[key].entry is not None:
        why = "with delayed entry there is no such estimate"
    else:
        try:
            median = turnbull(left, right).median
        except OncohortError as error:
            why = str(error)
    label = f"{info.label}, {WORDS}"
    path = ("sensitivity", key)
    common: Fields = {
        "n": frame.height,
        "population": COHORT,
        "heading": WORDS,
        "method": "Turnbull, nonparametric maximum likelihood",
    }
    out = [
        Estimate(
            key_of(*path, what, rules=RULES),
            f"{label}: {words}",
            value,
            kind="count",
            unit="patients",
            **common,
        )
        for what, words, value in (
            ("n", "patients", frame.height),
            ("events", "events", events),
            ("censored", "censored", frame.height - events),
        )
    ]
    reached: State = "not_reached" if why == "not reached" else "not_estimable"
    for i, (what, words) in enumerate((("median_from", "from"), ("median_to", "to"))):
        state: State = "ok" if median is not None else reached
        out.append(
            Estimate(
                key_of(*path, what, rules=RULES),
                f"{label}: median, {words}",
                None if median is None else median[i],
                state,
                kind="time",
                unit=unit,
                events=events,
                note="" if median is not None else why,
                **common,
            )
        )
    return out
