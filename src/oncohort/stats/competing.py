"""Checked rows with competing events: time, type of event, and which type means censored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

import numpy as np

from oncohort.dataclass import dataclass
from oncohort.stats.errors import EventCodingError, NoEventsError
from oncohort.stats.inputs import (
    Bools,
    Column,
    Floats,
    Ints,
    Label,
    Labels,
    SurvivalData,
    as_labels,
    read_survival,
)


@dataclass(frozen=True, slots=True)
class CompetingData:
    """Rows, with the type of event as a code.

    Attributes
    ----------
    rows
        ``rows.event`` is any event.
    cause
        ``(n,)`` 0 where censored, else 1 + position in `causes`.
    causes
        Types of event that occur, in a deterministic order.
    """

    rows: SurvivalData
    cause: Ints
    causes: tuple[Label, ...]
    left_out: Mapping[str, int] = field(default_factory=dict)

    def position(self, cause: object) -> int:
        """Code of a type of event, or an error that lists those that occur."""
        if cause not in self.causes:
            raise EventCodingError(
                f"cause {cause!r} does not occur; there are {', '.join(map(repr, self.causes))}"
            )
        return self.causes.index(cause) + 1

    def part(self, rows: Bools | Ints | np.bool_) -> CompetingData:
        """Some of the rows."""
        r = self.rows
        cut = SurvivalData(
            r.time[rows],
            r.event[rows],
            None if r.entry is None else r.entry[rows],
            None if r.weight is None else r.weight[rows],
            None if r.group is None else Labels(r.group.codes[rows], r.group.levels),
            None if r.stratum is None else Labels(r.stratum.codes[rows], r.stratum.levels),
        )
        return CompetingData(cut, self.cause[rows], self.causes)


def read_competing(
    time: Column,
    event_type: Column,
    *,
    censored: object = 0,
    entry: Column | None = None,
    weights: Column | None = None,
    group: Column | None = None,
    strata: Column | None = None,
) -> CompetingData:
    """Check times and types of event.

    Parameters
    ----------
    event_type
        ``(n,)`` labels or numbers; no missing values.
    censored
        The label that means censored. If it does not occur, it is asked for: pass ``None`` where
        nobody is censored.

    Raises
    ------
    EventCodingError
        The types with their counts.

    Examples
    --------
    >>> read_competing([1, 2, 3], ["pd", "", "death"], censored="").causes
    ('death', 'pd')
    """
    from oncohort.stats.inputs import as_array

    n = len(as_array(time))
    types = as_labels(event_type, "event_type", n)
    counts = ", ".join(
        f"{level!r} ({int((types.codes == code).sum())} rows)"
        for code, level in enumerate(types.levels)
    )
    if (types.codes < 0).any():
        missing = np.flatnonzero(types.codes < 0)
        raise EventCodingError(
            f"event_type is missing in {len(missing)} rows (first: row {missing[0]}); "
            f"it has the codes {counts}"
        )
    if censored is not None and censored not in types.levels:
        raise EventCodingError(
            f"no row is censored: the code {censored!r} does not occur; event_type has {counts}. "
            "Say which code means censored (censored=...), or censored=None if nobody is"
        )
    is_censored = np.array(
        [censored is not None and level == censored for level in types.levels], dtype=np.bool_
    )
    causes = tuple(level for level, out in zip(types.levels, is_censored, strict=True) if not out)
    if not causes:
        raise NoEventsError(f"no events: every row has the code {censored!r}")
    number = np.where(is_censored, 0, np.cumsum(~is_censored))
    cause = number[types.codes].astype(np.int64)
    rows = read_survival(time, cause > 0, entry=entry, weights=weights, group=group, strata=strata)
    if rows.kept is not None:
        cause = cause[rows.kept]
    return CompetingData(rows, cause, causes, rows.left_out)


@dataclass(frozen=True, slots=True)
class CauseCounts:
    """Counts at each distinct exit time, ``(k,)``; `by_cause` is ``(causes, k)``."""

    time: Floats
    at_risk: Floats
    events: Floats
    censored: Floats
    by_cause: Floats


def count_causes(data: CompetingData) -> CauseCounts:
    """Numbers at risk and events of each type at each distinct time."""
    from oncohort.stats._counts import count

    c = count(data.rows)
    k = len(c.time)
    at = np.searchsorted(c.time, data.rows.time, side="right") - 1
    by_cause = np.zeros((len(data.causes), k))
    for j in range(len(data.causes)):
        of_cause = data.cause == j + 1
        weight = None if data.rows.weight is None else data.rows.weight[of_cause]
        by_cause[j] = np.bincount(at[of_cause], weight, minlength=k)
    return CauseCounts(c.time, c.at_risk, by_cause.sum(axis=0), c.censored, by_cause)
