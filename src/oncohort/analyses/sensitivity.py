"""The same endpoint under other censoring rules, side by side."""

from __future__ import annotations

from typing import Literal

import polars as pl

from oncohort.analyses.between_scans import between_scans
from oncohort.analyses.counting import COHORT
from oncohort.analyses.result import Estimate, Kind, Result, key_of
from oncohort.analyses.survival import median_estimate
from oncohort.endpoints.cohort import Cohort
from oncohort.protocol import Protocol
from oncohort.vocabulary.plurals import counted
from oncohort.vocabulary.times import DAYS_PER_UNIT

_DATES: dict[Literal["shortest", "longest"], str] = {
    "shortest": "partial dates at the shortest time they allow",
    "longest": "partial dates at the longest time they allow",
}


def _one(
    protocol: Protocol, key: str, name: str, label: str, words: str, frame: pl.DataFrame
) -> list[Estimate]:
    """Counts and median of one way of deriving the endpoint."""
    unit = protocol.study.time_unit
    path = ("sensitivity", key)
    events = frame["event"].to_numpy()
    censored = frame.filter(~pl.col("event"))

    def count(what: str, words: str, value: int, **levels: str) -> Estimate:
        return Estimate(
            key_of(*path, what, rules=name, **levels),
            f"{label}: {words}",
            value,
            kind="count",
            n=frame.height,
            unit="patients",
            population=COHORT,
            method="count",
        )

    out = [
        count("n", "patients", frame.height),
        count("events", "events", int(events.sum())),
        count("censored", "censored", censored.height),
    ]
    for reason in sorted(censored["reason"].drop_nulls().unique().to_list()):
        those = censored.filter(pl.col("reason") == reason).height
        out.append(
            count(
                "censored",
                f"censored, {reason.replace('-', ' ')}",
                those,
                reason=reason.replace("-", "_"),
            )
        )
    out.append(
        median_estimate(
            key_of(*path, "median", rules=name),
            f"{label}: median",
            frame["time"].to_numpy() / DAYS_PER_UNIT[unit],
            events,
            unit=unit,
            population=COHORT,
            method=f"Kaplan-Meier; {words}",
            interval=protocol.endpoints[key].interval,
            heading=words,
        )
    )
    return out


def _lost(
    protocol: Protocol, key: str, name: str, label: str, words: str, lost: int
) -> list[Estimate]:
    """The same where patients would drop out who have a time under the declared rule."""
    note = f"no date of censoring under this rule in {counted(lost, 'patient')}"
    unit = protocol.study.time_unit

    def one(what: str, phrase: str, of: str, kind: Kind) -> Estimate:
        return Estimate(
            key_of("sensitivity", key, what, rules=name),
            f"{label}: {phrase}",
            None,
            "not_estimable",
            kind=kind,
            unit=of,
            population=COHORT,
            method=words,
            note=note,
            heading=words,
        )

    return [
        one("n", "patients", "patients", "count"),
        one("events", "events", "patients", "count"),
        one("censored", "censored", "patients", "count"),
        one("median", "median", unit, "time"),
    ]


def analyse(
    protocol: Protocol, cohort: Cohort, blocked: frozenset[str] = frozenset()
) -> Result | None:
    """Events, reasons of censoring and median of each endpoint under each named rule set.

    Where dates are partial, also at the shortest and the longest time that they allow. A rule
    under which patients would lose their time is not estimable: those left are no sample of all.
    """
    estimates: list[Estimate] = []
    methods: list[str] = []
    for key, rule in cohort.meaning.rules.items():
        if key in blocked or rule.competing:
            continue
        info = cohort.meaning.endpoints[key]
        ways = [
            (
                name,
                cohort.meaning.rule_sets.get(name, name),
                cohort.under(other),
            )
            for name, other in cohort.meaning.alternatives.get(key, {}).items()
        ]
        if ways:
            methods.append(
                "progression-type endpoints were derived again under other censoring rules"
            )
        if cohort.evidence.derived[key]["imputed"].any():
            ways += [
                (
                    f"dates_{case}",
                    words,
                    cohort.under(rule, case),
                )
                for case, words in _DATES.items()
            ]
            methods.append("partial dates were taken at the shortest and longest time they allow")
        timed = cohort.evidence.derived[key].filter(pl.col("time").is_not_null())
        for name, words, derived in ways:
            frame = derived.filter(pl.col("time").is_not_null())
            label = f"{info.label}, {words}"
            lost = timed.join(frame, on="patient", how="anti").height
            if lost:
                estimates += _lost(protocol, key, name, label, words, lost)
            elif not frame.is_empty():
                estimates += _one(protocol, key, name, label, words, frame)
    for key in cohort.meaning.rules:
        if protocol.endpoints[key].interval_censored and key not in blocked:
            between = between_scans(protocol, cohort, key)
            estimates += between
            if between:
                methods.append("a progression was taken as lying between two scans (Turnbull)")
    if not estimates:
        return None
    methods_text = f"In sensitivity analyses, {'; '.join(dict.fromkeys(methods))}."
    return Result("sensitivity", tuple(estimates), (), (), (methods_text,))
