"""E-values: how strong an unmeasured confounder would have to be to explain a hazard ratio away."""

from __future__ import annotations

from math import isfinite, sqrt

from oncohort.analyses.result import Estimate, Numbers, Result, key_of
from oncohort.protocol import Protocol

COMMON = 0.15
"""Share of patients with the event above which a hazard ratio is no longer near a risk ratio."""


def e_value(ratio: float) -> float:
    """The E-value of a risk ratio.

    Source: VanderWeele and Ding 2017, Ann Intern Med 167:268.

    Examples
    --------
    >>> round(e_value(3.9), 2), round(e_value(1 / 3.9), 2), e_value(1.0)
    (7.26, 7.26, 1.0)
    """
    above = ratio if ratio >= 1 else 1 / ratio
    return above + sqrt(above * (above - 1))


def risk_ratio(hazard_ratio: float, share: float) -> float:
    """The risk ratio that a hazard ratio stands for, where events are common.

    Source: VanderWeele 2017, Biometrics 73:1388; below 15 % of patients with the event the
    hazard ratio itself.

    Examples
    --------
    >>> round(risk_ratio(0.5, 0.6), 3), risk_ratio(0.5, 0.1)
    (0.62, 0.5)
    """
    if share <= COMMON:
        return hazard_ratio
    return float((1 - 0.5 ** sqrt(hazard_ratio)) / (1 - 0.5 ** sqrt(1 / hazard_ratio)))


def _of(estimate: Estimate) -> list[Estimate]:
    """E-value of a ratio and of the end of its interval that is nearer to 1."""
    if estimate.value is None or not estimate.n or estimate.events is None:
        return []
    share = estimate.events / estimate.n
    ends = [e for e in (estimate.low, estimate.high) if e is not None]
    crosses = len(ends) < 2 or min(ends) <= 1 <= max(ends)
    near = 1.0 if crosses else min(ends) if estimate.value > 1 else max(ends)
    path = ("e_value", *estimate.key.path[1:-1])
    levels = {k: v for k, v in estimate.key.levels if k != "model"}
    how = (
        "the hazard ratio as risk ratio" if share <= COMMON else "the hazard ratio turned into one"
    )
    told = (("estimate", "E-value", estimate.value), ("interval", "E-value of the interval", near))
    found = [_finite(ratio, share) for _, _, ratio in told]
    return [
        Estimate(
            key_of(*path, what, **levels),
            f"{estimate.label}: {words}",
            value,
            state="ok" if value is not None else "not_estimable",
            note="" if value is not None else "The hazard ratio is too far from 1.",
            kind="ratio",
            n=estimate.n,
            events=estimate.events,
            population=estimate.population,
            method=f"VanderWeele and Ding, {how}",
        )
        for (what, words, _), value in zip(told, found, strict=True)
    ]


def _finite(ratio: float, share: float) -> float | None:
    """The E-value of a hazard ratio; None for a ratio of a model that ran away.

    Examples
    --------
    >>> _finite(1e300, 0.5) is None, _finite(0.0, 0.5) is None, _finite(1.0, 0.5)
    (True, True, 1.0)
    """
    try:
        value = e_value(risk_ratio(ratio, share))
    except (ZeroDivisionError, OverflowError):
        return None
    return value if isfinite(value) else None


def analyse(protocol: Protocol, numbers: Numbers) -> Result | None:
    """E-values of the multivariable hazard ratios, where they are asked for."""
    rule = protocol.prognosis
    if rule is None or not rule.e_values:
        return None
    out: list[Estimate] = []
    for endpoint in protocol.endpoints:
        for estimate in numbers.of("prognosis", endpoint, "hr", model="multi"):
            out += _of(estimate)
    if not out:
        return None
    method = (
        "The E-value is the least strength, as a risk ratio, with which an unmeasured confounder "
        "would have to go with both factor and outcome to explain an estimate away; hazard ratios "
        "of common outcomes were turned into risk ratios first."
    )
    return Result("e_value", tuple(out), (), (), (method,))
