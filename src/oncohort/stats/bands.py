"""Pointwise intervals of a survival curve on five scales.

With ``S`` the estimate, ``se`` its standard error, ``s = se / S`` and ``z`` the normal quantile:

============  ==============================================================
plain         ``S - z se, S + z se``, cut at 0 and 1
log           ``S exp(-z s), S exp(z s)``, cut at 1 (R's default)
log-log       ``S ** exp(+-z s / log S)`` (SAS's default)
logit         ``expit(logit S +- z s / (1 - S))``
arcsine       ``sin(asin(sqrt S) +- z s sqrt(S / (1 - S)) / 2) ** 2``
============  ==============================================================

Before the first event both ends are 1. Where the curve is at 0 its variance is undefined and
so are both ends (not-a-number in arrays, none in tables), as in R.

Source: Klein and Moeschberger, Survival Analysis, 2nd ed. 2003, section 4.3; R
``survival::survfit(conf.type = )``.
"""

from __future__ import annotations

import numpy as np

from oncohort.stats.distributions import expit, ndtri
from oncohort.stats.errors import InputError
from oncohort.stats.inputs import Floats

INTERVALS = ("plain", "log", "log-log", "logit", "arcsine")
_OTHER_NAMES = {"arcsin": "arcsine", "loglog": "log-log", "linear": "plain"}


def interval_name(interval: str) -> str:
    """The standard name of an interval, or an error that lists them."""
    name = _OTHER_NAMES.get(interval, interval)
    if name not in INTERVALS:
        raise InputError(f"interval must be one of {', '.join(INTERVALS)}, not {interval!r}")
    return name


def survival_band(
    survival: Floats, se: Floats, interval: str, level: float
) -> tuple[Floats, Floats]:
    """Lower and upper ends, each ``(k,)``.

    Parameters
    ----------
    survival, se
        ``(k,)`` estimates in [0, 1] and their standard errors.

    Examples
    --------
    >>> import numpy as np
    >>> low, high = survival_band(np.array([0.5]), np.array([0.1]), "log-log", 0.95)
    >>> round(float(low[0]), 4), round(float(high[0]), 4)
    (0.2952, 0.6745)
    """
    z = float(ndtri(0.5 + 0.5 * level))
    s = survival
    inner = (s > 0) & (s < 1)
    safe = np.where(inner, s, 0.5)
    error = np.where(inner, se, 0.0)
    if interval == "plain":
        low, high = safe - z * error, safe + z * error
    elif interval == "log":
        width = np.exp(z * error / safe)
        low, high = safe / width, safe * width
    elif interval == "log-log":
        width = np.exp(z * error / (safe * np.log(safe)))
        with np.errstate(divide="ignore"):  # a width of 0 is an interval from 0 to 1
            low, high = safe ** (1.0 / width), safe**width
    elif interval == "logit":
        middle, half = np.log(safe / (1 - safe)), z * error / (safe * (1 - safe))
        low, high = expit(middle - half), expit(middle + half)
    else:
        middle = np.arcsin(np.sqrt(safe))
        half = 0.5 * z * error / np.sqrt(safe * (1 - safe))
        low = np.sin(np.maximum(middle - half, 0.0)) ** 2
        high = np.sin(np.minimum(middle + half, 0.5 * np.pi)) ** 2
    outside = np.where(s >= 1, 1.0, np.nan)
    low = np.where(inner, np.maximum(low, 0.0), outside)
    high = np.where(inner, np.minimum(high, 1.0), outside)
    return low, high
