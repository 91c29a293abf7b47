"""Which counts may leave: no small cell, and none that others give away.

A sum over a set of patients leaves. Whoever adds and subtracts such sums can get the sum over
every set whose indicator is a combination of theirs. So what is asked of each new answer is: with
all that was answered before, does the span of the indicators hold one with entries -1, 0 and 1
over fewer than `k` patients? Such a small set is a small cell, what is left when all but one cell
of a total are known, and the difference of two populations that differ by a few patients.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations, product

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

TOLERANCE = 1e-8
MOST_TRIES = 200_000
"""Combinations that are tried; a question that needs more is refused."""


def small(count: int, k: int) -> bool:
    """A group that is too small to be told of: not empty, and below `k`."""
    return 0 < count < k


def small_difference(sets: Sequence[Bools], k: int) -> bool:
    """Can a set of fewer than `k` patients be made of these by adding and subtracting?

    Parameters
    ----------
    sets
        ``(n,)`` each.

    Examples
    --------
    >>> import numpy as np
    >>> everyone, most = np.ones(20, bool), np.arange(20) < 18
    >>> small_difference([everyone, most], 5), small_difference([everyone, most], 2)
    (True, False)
    """
    if not sets or k <= 1:
        return False
    matrix = np.unique(np.asarray(sets, dtype=np.bool_), axis=0)
    cells, sizes = np.unique(matrix, axis=1, return_counts=True)
    used = cells.any(axis=0)
    atoms: Floats = cells[:, used].astype(np.float64)
    sizes = sizes[used]
    few = sizes < k
    if not few.any():
        return False
    basis = _combinations_without(atoms[:, ~few]) @ atoms[:, few]
    rows, pivots = _echelon(basis)
    return _has_small(rows, pivots, sizes[few], k)


def _combinations_without(columns: Floats) -> Floats:
    """Basis of the combinations of rows that vanish on these columns."""
    s = len(columns)
    if not columns.shape[1]:
        return np.eye(s)
    u, d, _ = np.linalg.svd(columns, full_matrices=True)
    rank = int(np.count_nonzero(d > TOLERANCE * max(1.0, float(d[0]))))
    return np.asarray(u[:, rank:].T)


def _echelon(matrix: Floats) -> tuple[Floats, list[int]]:
    """Reduced rows, and the column in which each has its leading 1."""
    rows = matrix.copy()
    pivots: list[int] = []
    for column in range(rows.shape[1]):
        r = len(pivots)
        if r == len(rows):
            break
        best = r + int(np.argmax(np.abs(rows[r:, column])))
        if abs(rows[best, column]) <= TOLERANCE:
            rows[r:, column] = 0.0
            continue
        rows[[r, best]] = rows[[best, r]]
        rows[r] /= rows[r, column]
        others = np.arange(len(rows)) != r
        rows[others] -= np.outer(rows[others, column], rows[r])
        pivots.append(column)
    return rows[: len(pivots)], pivots


def _has_small(rows: Floats, pivots: list[int], sizes: NDArray[np.int64], k: int) -> bool:
    """Is a combination with entries -1, 0, 1 over fewer than `k` patients among them?

    A combination has its coefficients as entries at the leading columns.
    """
    tried = 0
    for many in range(1, min(len(pivots), k - 1) + 1):
        for chosen in combinations(range(len(pivots)), many):
            if sum(int(sizes[pivots[i]]) for i in chosen) >= k:
                continue
            for signs in product((1.0, -1.0), repeat=many - 1):
                tried += 1
                if tried > MOST_TRIES:
                    return True
                entries = np.array([1.0, *signs]) @ rows[list(chosen)]
                whole = np.round(entries)
                if np.abs(entries - whole).max() > 1e-6 or np.abs(whole).max() > 1:
                    continue
                if int(sizes[whole != 0].sum()) < k:
                    return True
    return False


def withheld_cells(
    known: Sequence[Bools], cells: Sequence[Bools], k: int, held: Iterable[int] = ()
) -> frozenset[int] | None:
    """Positions of the cells that stay at the site, so that no small set can be made.

    Small cells stay (primary suppression), and as many of the smallest others as are needed
    (complementary suppression); those of `held` stay anyhow. None where what is known already
    gives a small set away.

    Examples
    --------
    >>> import numpy as np
    >>> level = np.repeat([0, 1, 2], [20, 8, 2])
    >>> sorted(withheld_cells([np.ones(30, bool)], [level == i for i in range(3)], 5))
    [1, 2]
    """
    sizes = [int(c.sum()) for c in cells]
    out = {*held, *(i for i, size in enumerate(sizes) if small(size, k))}
    if small_difference(known, k):
        return None
    while True:
        left = [c for i, c in enumerate(cells) if i not in out and sizes[i]]
        if not small_difference([*known, *left], k):
            return frozenset(out)
        candidates = [i for i in range(len(cells)) if i not in out and sizes[i]]
        out.add(min(candidates, key=lambda i: (sizes[i], i)))
