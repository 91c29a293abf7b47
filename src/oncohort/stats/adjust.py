"""P-values adjusted for their number."""

from __future__ import annotations

import numpy as np

from oncohort.stats.errors import InputError
from oncohort.stats.inputs import Column, Floats, as_numbers, check_choice

ADJUSTMENTS = {
    "holm": "p-values adjusted by Holm",
    "bh": "p-values adjusted by Benjamini-Hochberg (false discovery rate)",
    "bonferroni": "p-values adjusted by Bonferroni",
    "none": "p-values not adjusted",
}


def adjust_p(p: Column, method: str = "holm") -> Floats:
    """Adjusted p-values, in the order of the input.

    Parameters
    ----------
    p
        ``(k,)`` in [0, 1].
    method
        "holm" (Holm 1979, Scand J Stat 6:65), "bh" (Benjamini and Hochberg 1995, J R Stat Soc B
        57:289), "bonferroni" or "none". R: ``p.adjust``.

    Examples
    --------
    >>> adjust_p([0.01, 0.04, 0.03]).tolist()
    [0.03, 0.06, 0.06]
    """
    check_choice(method, tuple(ADJUSTMENTS), "method")
    values = as_numbers(p, "p")
    if not ((values >= 0) & (values <= 1)).all():
        raise InputError("p-values must lie between 0 and 1")
    k = len(values)
    if method == "none" or not k:
        return values.copy()
    if method == "bonferroni":
        return np.asarray(np.minimum(values * k, 1.0))
    order = np.argsort(values, kind="stable")
    ranked = values[order]
    if method == "holm":
        steps = np.maximum.accumulate(ranked * (k - np.arange(k)))
    else:
        steps = np.minimum.accumulate((ranked * k / np.arange(1, k + 1))[::-1])[::-1]
    out = np.empty(k)
    out[order] = np.minimum(steps, 1.0)
    return out
