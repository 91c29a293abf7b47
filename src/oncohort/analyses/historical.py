"""Earlier studies beside this one: figures side by side; a test only where it was asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from oncohort.analyses.counting import COHORT
from oncohort.analyses.result import Estimate, Fields, Key, Kind, Numbers, Result, key_of
from oncohort.analyses.standard_endpoints import standard_endpoints
from oncohort.endpoints.cohort import Cohort
from oncohort.protocol import Protocol
from oncohort.protocol.analysis import Historical, Reported
from oncohort.vocabulary.times import DAYS_PER_UNIT

FIGURES = {"orr": "Objective response rate", "pfs": "Median PFS", "os": "Median OS"}
"""Figures of earlier studies, by their key in the protocol."""


def own_figure(standard: Mapping[str, str], figure: str) -> Key | None:
    """This study's own number beside a figure of earlier studies; None where it has none.

    Parameters
    ----------
    standard
        Standard endpoints to the study's own keys, from `standard_endpoints`.
    """
    if figure == "orr":
        return key_of("response", "orr", "percent")
    return key_of("survival", standard[figure], "median") if figure in standard else None


def reported(study: Historical, figure: str) -> Reported | None:
    """The declared figure, with or without its interval."""
    value = getattr(study, figure)
    if value is None:
        return None
    return value if isinstance(value, Reported) else Reported(value=float(value))


def _value(key: str, study: Historical, figure: str, unit: str) -> Estimate | None:
    found = reported(study, figure)
    if found is None:
        return None
    low, high = found.low, found.high
    how = "as published" if low is not None or high is not None else ""
    if figure == "orr" and low is None and study.n and found.events is not None:
        from oncohort.stats import proportion

        ci = proportion(found.events, study.n, method="clopper-pearson")
        low, high, how = 100 * ci.low, 100 * ci.high, "Clopper-Pearson from published counts"
    kind: Kind = "proportion" if figure == "orr" else "time"
    return Estimate(
        key_of("historical", figure, "value", study=key),
        f"{FIGURES[figure]}: {study.label}",
        found.value,
        kind=kind,
        low=low,
        high=high,
        level=0.95 if low is not None or high is not None else None,
        interval_method=how,
        method="as published",
        n=study.n,
        unit=unit,
        note=study.reference,
    )


def _binomial(key: str, study: Historical, figure: Reported, cohort: Cohort, x: int) -> Estimate:
    from scipy.stats import binomtest

    p = binomtest(x, cohort.n, figure.value / 100).pvalue
    return Estimate(
        key_of("historical", "orr", "p", study=key),
        f"Objective response rate against {figure.value:g}% ({study.label}), p",
        float(p),
        kind="p",
        method="exact binomial test against a fixed value, two-sided",
        n=cohort.n,
        population=COHORT,
    )


def _upper(key: str, study: Historical, name: str, found: Estimate) -> list[Estimate]:
    """The upper end of a range that was published."""
    asked = reported(study, name)
    if asked is None or asked.to is None:
        return []
    made_of = key_of("historical", name, "to", study=key)
    return [replace(found, key=made_of, value=asked.to, label=f"{found.label}, upper end")]


def _one_sample(
    key: str,
    study: Historical,
    name: str,
    figure: Reported,
    cohort: Cohort,
    endpoint: str,
    scale: float,
) -> Estimate:
    """One-sample log-rank against an exponential curve with the published median."""
    from oncohort.stats import logrank_one_sample

    frame = cohort.frame.filter(cohort.frame[f"{endpoint}_time"].is_not_null())
    time = frame[f"{endpoint}_time"].to_numpy() / scale
    event = frame[f"{endpoint}_event"].to_numpy()
    common: Fields = {
        "kind": "p",
        "n": frame.height,
        "events": int(event.sum()),
        "population": COHORT,
    }
    made_of = key_of("historical", name, "p", study=key)
    label = f"{FIGURES[name]} against {figure.value:g} ({study.label}), p"
    if not time.sum() > 0:
        why = "nobody was followed for any time"
        return Estimate(made_of, label, None, "not_estimable", note=why, **common)
    found = logrank_one_sample(time, event, median=figure.value)
    return Estimate(
        made_of,
        label,
        float(found.p),
        method="one-sample log-rank test against an exponential curve with the published median, "
        "two-sided",
        **common,
    )


def _test(
    protocol: Protocol, cohort: Cohort, own: Numbers, key: str, study: Historical, figure: str
) -> Estimate | None:
    """The test that was asked for, where this study has the number that it needs."""
    asked = reported(study, figure)
    ours = own_figure(standard_endpoints(cohort), figure)
    if figure not in study.test or asked is None or ours is None or ours.id not in own:
        return None
    if figure == "orr":
        return _binomial(key, study, asked, cohort, int(own["response.orr.count"].value or 0))
    scale = DAYS_PER_UNIT[protocol.study.time_unit]
    return _one_sample(key, study, figure, asked, cohort, ours.subject, scale)


def analyse(protocol: Protocol, cohort: Cohort, own: Numbers) -> Result | None:
    """Published figures of earlier studies as declared, with the tests that were asked for.

    A fixed historical value has no sampling error of its own here, and the patients differ: the
    comparison describes, it doesn't prove.
    """
    unit = protocol.study.time_unit
    estimates: list[Estimate] = []
    methods: list[str] = []
    for key, study in protocol.historical.items():
        for figure in FIGURES:
            found = _value(key, study, figure, "%" if figure == "orr" else unit)
            if found is None:
                continue
            estimates.append(found)
            estimates += _upper(key, study, figure, found)
            test = _test(protocol, cohort, own, key, study, figure)
            if test is None:
                continue
            estimates.append(test)
            methods.append(
                f"{FIGURES[figure]} was compared with the value published for {study.label} "
                f"({test.method})."
            )
    if not estimates:
        return None
    methods.insert(
        0,
        "Figures of earlier studies are set beside ours as published; patients, periods and "
        "methods differ, so the comparison is descriptive.",
    )
    return Result("historical", tuple(estimates), (), (), tuple(methods))
