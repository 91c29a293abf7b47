"""Whether a paper's other figures of a kind confirm that one of them was read for what it is.

A rule of arithmetic can only be wrong where it misreads: a letter that means another statistic, an
interval with lost points, a p of another test. Where two other figures of the same kind and place
hold, and most of them do, the reading is that of the paper; else a contradiction is *unusual*.
"""

from __future__ import annotations

from collections.abc import Sequence

LEAST = 2
"""Other figures that have to hold."""
ALONE = "no two other figures of this kind in the paper show that it is read for what it is"


def confirmed(others: Sequence[bool], exact: Sequence[bool] | None = None) -> bool:
    """Whether at least two of the other figures hold, and more than half of them.

    Parameters
    ----------
    others
        For each other figure of the kind, whether it holds.
    exact
        Those among them that hold only if they are read rightly; all, if not given.

    Examples
    --------
    >>> confirmed([True, True]), confirmed([True]), confirmed([True, True, False, False])
    (True, False, False)
    >>> confirmed([True, True], [True])
    False
    """
    sure = others if exact is None else exact
    return enough(sum(others), len(others), sum(sure))


def enough(holding: int, of: int, exact: int | None = None) -> bool:
    """The same of how many hold, of how many, and how many hold only if they are read rightly."""
    return (holding if exact is None else exact) >= LEAST and 2 * holding > of
