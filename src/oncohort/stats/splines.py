"""Restricted cubic splines: curves that bend between knots and are straight beyond them.

The basis is that of Stone and Koo (1985) as Harrell writes it (Regression Modeling Strategies,
2nd ed. 2015, section 2.4.5): the variable itself and one cubic term per inner knot, divided by the
square of the distance between the outer knots, so that every column has the variable's unit.
"""

from __future__ import annotations

import numpy as np

from oncohort.stats._cox.design import Floats
from oncohort.stats.errors import InputError
from oncohort.stats.inputs import Column

OUTER = {3: 0.10, 4: 0.05, 5: 0.05, 6: 0.05, 7: 0.025}
"""Number of knots = quantile of the first one; the last is as far from the other end."""


def knots_of(x: Column, number: int) -> Floats:
    """Knots at Harrell's quantiles (Regression Modeling Strategies, 2nd ed., table 2.3).

    Parameters
    ----------
    x
        ``(n,)`` the variable; missing values are passed over.
    number
        Of knots, 3 to 7.

    Raises
    ------
    InputError
        Values that are too much alike have no three different quantiles.

    Notes
    -----
    R: ``Hmisc::rcspline.eval(x, nk = 4, knots.only = TRUE)`` for values without heavy ties at
    the ends.

    Examples
    --------
    >>> knots_of(range(101), 4)
    array([ 5., 35., 65., 95.])
    """
    if number not in OUTER:
        raise InputError(f"a spline has 3 to 7 knots, not {number}")
    values = np.asarray(list(x) if isinstance(x, range) else x, dtype=np.float64)
    values = values[np.isfinite(values)]
    if not len(values):
        raise InputError("no values to place knots in")
    outer = OUTER[number]
    found = np.quantile(values, np.linspace(outer, 1 - outer, number))
    distinct = np.unique(found)
    if len(distinct) < number:
        raise InputError(
            f"{number} knots at quantiles fall on {len(distinct)} different "
            f"{'value' if len(distinct) == 1 else 'values'}: too many values are alike"
        )
    return distinct


def restricted_cubic(x: Column, knots: object) -> Floats:
    """The basis of a restricted cubic spline.

    Parameters
    ----------
    x
        ``(n,)`` values.
    knots
        ``(k,)`` rising, at least three.

    Returns
    -------
    ndarray
        ``(n, k - 1)``: the values, then one column per knot but the last two.

    Notes
    -----
    R: ``Hmisc::rcspline.eval(x, knots, inclx = TRUE)``.

    Examples
    --------
    >>> restricted_cubic([0.0, 1.0, 2.0], [0.0, 1.0, 2.0])
    array([[0.  , 0.  ],
           [1.  , 0.25],
           [2.  , 1.5 ]])
    """
    values = np.asarray(x, dtype=np.float64)
    at = np.asarray(knots, dtype=np.float64)
    if len(at) < 3 or not (np.diff(at) > 0).all():
        raise InputError("a spline needs at least three rising knots")
    last, before = at[-1], at[-2]
    scale = (last - at[0]) ** 2

    def cube(from_: float) -> Floats:
        return np.asarray(np.maximum(values - from_, 0.0) ** 3)

    columns = [values]
    for knot in at[:-2]:
        bend = (
            cube(knot)
            - cube(before) * (last - knot) / (last - before)
            + cube(last) * (before - knot) / (last - before)
        )
        columns.append(bend / scale)
    return np.column_stack(columns)
