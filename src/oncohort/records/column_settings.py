"""Settings of single columns in the protocol: the chart's name of a column and ours both count."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from oncohort.dataclass import dataclass
from oncohort.protocol.data import TableMap
from oncohort.records.names import fold

PER_COLUMN = ("codes", "missing_in", "units")
"""Settings of a table that are given column by column."""
LISTS = ("ignore", "hash", "swapped")
"""Settings of a table that are lists of columns."""


@dataclass(frozen=True, slots=True)
class Settled:
    """The settings of a table by our names, and the names that are no column at all."""

    map: TableMap
    unknown: tuple[tuple[str, str], ...] = ()
    """(setting, name as written)."""


def settle(
    table_map: TableMap,
    header: Mapping[str, str],
    chart: Iterable[str],
    ours: Iterable[str],
    aliases: Mapping[str, str],
) -> Settled:
    """Every setting under our name of its column.

    Parameters
    ----------
    header
        Our column = the chart's, as matched.
    chart
        The chart's columns.
    ours
        Our columns of the table.
    aliases
        Further names: a variable of the protocol = the column that it names.

    Examples
    --------
    >>> table_map = TableMap(codes={"LVI (0/1)": {"1": "yes"}}, ignore=["Nmae"])
    >>> done = settle(table_map, {"lvi": "LVI (0/1)"}, ["LVI (0/1)", "Name"], ["lvi"], {})
    >>> list(done.map.codes), done.unknown
    (['lvi'], (('ignore', 'Nmae'),))
    """
    there = frozenset(chart)
    exact = {theirs: own for own, theirs in header.items()}
    known = {fold(name): name for name in (*there, *table_map.columns.values())}
    known |= {fold(name): name for name in (*ours, *header, *table_map.columns)}
    inverse = {fold(theirs): own for own, theirs in header.items()}
    further = {fold(key): column for key, column in aliases.items()}

    def name_of(written: str) -> str | None:
        low = fold(written)
        if written in there:  # others may differ from it in what stands in brackets alone
            return exact.get(written, written)
        if low in inverse and written not in header:
            return inverse[low]
        if low in known:
            return known[low]
        other = further.get(low)
        return None if other is None else inverse.get(fold(other), known.get(fold(other)))

    unknown: list[tuple[str, str]] = []
    changed: dict[str, object] = {}
    for setting in PER_COLUMN:
        settled: dict[str, object] = {}
        for written, value in getattr(table_map, setting).items():
            name = name_of(written)
            if name is None:
                unknown.append((setting, written))
            else:
                settled[name] = value
        changed[setting] = settled
    for listing in LISTS:
        named = getattr(table_map, listing)
        unknown += [(listing, written) for written in named if name_of(written) is None]
    changed["swapped"] = [name_of(written) or written for written in table_map.swapped]
    return Settled(table_map.model_copy(update=changed), tuple(unknown))
