"""What fits warn of, kept for the numbers' notes."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from oncohort.problems import OncohortWarning


@contextmanager
def fit_warnings() -> Iterator[list[str]]:
    """The texts of the warnings of a fit, complete when the block is left.

    Examples
    --------
    >>> with fit_warnings() as raised:
    ...     warnings.warn(OncohortWarning("few events"))
    >>> raised
    ['few events']
    """
    raised: list[str] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", OncohortWarning)
        yield raised
    raised += [str(w.message) for w in caught if issubclass(w.category, OncohortWarning)]
