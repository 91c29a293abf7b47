"""Earlier studies beside this one: figures side by side; a test only where it was asked for."""

from __future__ import annotations

from math import log, sqrt

from oncohort.analyses.counting import COHORT
from oncohort.analyses.result import Estimate, Numbers, Result, result_id
from oncohort.endpoints.cohort import Cohort
from oncohort.protocol import Protocol
from oncohort.protocol.analysis import Historical, Reported

FIGURES = {
    "orr": ("Objective response rate", "response.orr.percent"),
    "pfs": ("Median PFS", "survival.pfs.median"),
    "os": ("Median OS", "survival.os.median"),
}
"""Figure = (label, id of this study's own number)."""


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
    return Estimate(
        result_id(f"historical.{figure}.value", study=key),
        f"{FIGURES[figure][0]}: {study.label}",
        found.value,
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
        result_id("historical.orr.p", study=key),
        f"Objective response rate against {figure.value:g}% ({study.label}), p",
        float(p),
        method="exact binomial test against a fixed value, two-sided",
        n=cohort.n,
        population=COHORT,
    )


def _one_sample(
    key: str, study: Historical, figure: Reported, cohort: Cohort, endpoint: str, scale: float
) -> Estimate:
    """One-sample log-rank against an exponential curve with the published median."""
    from scipy.special import ndtr

    frame = cohort.frame.filter(cohort.frame[f"{endpoint}_time"].is_not_null())
    time = frame[f"{endpoint}_time"].to_numpy() / scale
    observed = int(frame[f"{endpoint}_event"].sum())
    expected = float(time.sum()) * log(2) / figure.value
    if expected <= 0:
        return Estimate(
            result_id(f"historical.{endpoint}.p", study=key),
            f"{FIGURES[endpoint][0]} against {figure.value:g} ({study.label}), p",
            None,
            "not_estimable",
            n=frame.height,
            events=observed,
            population=COHORT,
            note="nobody was followed for any time",
        )
    z = (observed - expected) / sqrt(expected)
    return Estimate(
        result_id(f"historical.{endpoint}.p", study=key),
        f"{FIGURES[endpoint][0]} against {figure.value:g} ({study.label}), p",
        float(2 * ndtr(-abs(z))),
        method="one-sample log-rank test against an exponential curve with the published median, "
        "two-sided",
        n=frame.height,
        events=observed,
        population=COHORT,
    )


def analyse(protocol: Protocol, cohort: Cohort, own: Numbers) -> Result | None:
    """Published figures of earlier studies as declared, with the tests that were asked for.

    A fixed historical value has no sampling error of its own here, and the patients differ: the
    comparison describes, it doesn't prove.
    """
    from oncohort.endpoints.cohort import DAYS_PER_UNIT

    if not protocol.historical:
        return None
    unit = protocol.study.time_unit
    estimates: list[Estimate] = []
    methods: list[str] = []
    for key, study in protocol.historical.items():
        for figure, (_, mine) in FIGURES.items():
            found = _value(key, study, figure, "%" if figure == "orr" else unit)
            if found is None:
                continue
            estimates.append(found)
            asked = reported(study, figure)
            if figure not in study.test or asked is None or mine not in own:
                continue
            if figure == "orr":
                x = own["response.orr.count"].value
                estimates.append(_binomial(key, study, asked, cohort, int(x or 0)))
            else:
                estimates.append(
                    _one_sample(key, study, asked, cohort, figure, DAYS_PER_UNIT[unit])
                )
            methods.append(
                f"{FIGURES[figure][0]} was compared with the value published for {study.label} "
                f"({estimates[-1].method})."
            )
    if not estimates:
        return None
    methods.insert(
        0,
        "Figures of earlier studies are set beside ours as published; patients, periods and "
        "methods differ, so the comparison is descriptive.",
    )
    return Result("historical", tuple(estimates), (), (), tuple(methods))
