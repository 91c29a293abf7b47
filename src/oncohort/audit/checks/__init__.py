"""The checks: each reads :class:`~oncohort.published.Published` and writes to a log."""

from __future__ import annotations

from importlib import import_module

from oncohort.audit.finding import Log
from oncohort.published.model import Published

CHECKS: tuple[str, ...] = (
    "counts",
    "counts_in_text",
    "twice",
    "cohort_size",
    "responses",
    "progressions",
    "proportions",
    "summaries",
    "ratios",
    "cox",
    "ratio_events",
    "copies",
    "ratios_in_text",
    "event_range",
    "times",
    "bounds",
    "at_risk",
    "totals",
    "adverse",
    "tests",
    "contrasts",
    "cutoffs",
    "completeness",
)
"""Modules of this package, in the order in which they run."""


ONLY_UNUSUAL = frozenset({"event_range"})
"""Checks that take seconds and can't say more than *unusual*: run only when that is asked for."""


def run(published: Published, *, unusual: bool = True) -> Log:
    """Run every check over the figures of one paper.

    Raises
    ------
    ImportError
        If a name in :data:`CHECKS` is not that of a module of this package.
    """
    log = Log(published)
    for name in CHECKS:
        if name in ONLY_UNUSUAL and not unusual:
            continue
        import_module(f"{__name__}.{name}").check(published, log)
    return log
