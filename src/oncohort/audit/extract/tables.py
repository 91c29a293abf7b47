"""What a paper's tables hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field

from oncohort.audit.document import Table
from oncohort.audit.extract.cells import (
    EVENT_TABLE,
    SKIPPED,
    SKIPPED_NOTE,
    blocks_of,
    count_columns,
    without_p,
)
from oncohort.audit.extract.layout import normalise, parts_of
from oncohort.audit.extract.table_arms import read_row_ratios
from oncohort.audit.extract.table_counts import read_categoricals
from oncohort.audit.extract.table_events import read_events, read_responses
from oncohort.audit.extract.table_ratios import ratio_columns, read_ratios
from oncohort.audit.extract.table_sexes import read_sexes
from oncohort.audit.extract.table_summaries import read_continuous, read_times
from oncohort.dataclass import dataclass
from oncohort.published.model import (
    AdverseEvent,
    Categorical,
    Continuous,
    Ratio,
    Response,
    Time,
)


@dataclass(slots=True)
class Found:
    """What the tables of a paper hold."""

    variables: list[Categorical] = field(default_factory=list)
    summaries: list[Continuous] = field(default_factory=list)
    responses: list[Response] = field(default_factory=list)
    ratios: list[Ratio] = field(default_factory=list)
    times: list[Time] = field(default_factory=list)
    adverse_events: list[AdverseEvent] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)


def read_tables(tables: Sequence[Table], cohort: str) -> Found:
    """Read every table. ``cohort`` is the printed size of the cohort, or empty."""
    found = Found()
    for each in tables:
        before = _size(found)
        table = each
        try:
            for part in parts_of(each):
                table = normalise(part)
                _read_table(table, cohort, found)
        except (ValueError, IndexError, KeyError) as problem:
            found.unread.append(f"{table.label or 'a table'}: {problem}")
            continue
        if _size(found) == before:
            found.unread.append(f"{table.label or 'a table'}: no figures of a known kind")
    return found


def _size(found: Found) -> int:
    return (
        len(found.variables)
        + len(found.summaries)
        + len(found.responses)
        + len(found.ratios)
        + len(found.times)
        + len(found.adverse_events)
    )


def _read_table(table: Table, cohort: str, found: Found) -> None:
    everything = " ".join([table.caption, *(c for h in table.header for c in h)])
    if SKIPPED.search(everything) or SKIPPED_NOTE.search(" ".join(table.notes)):
        found.unread.append(
            f"{table.label or 'a table'}: weighted, imputed, pooled or of other studies; left out"
        )
        return
    ratios = ratio_columns(table)
    if ratios:
        found.ratios.extend(read_ratios(table, ratios))
    else:
        found.ratios.extend(read_row_ratios(table))
    taken = {c for group in ratios for c in group.columns}
    columns = count_columns(table, taken, cohort)
    blocks = list(blocks_of(without_p(table), columns))
    events = list(read_events(table, columns)) if EVENT_TABLE.search(everything) else []
    graded = {g.where.column for e in events for g in e.grades}
    for column in columns:
        if column.heading not in graded:
            found.variables.extend(read_categoricals(table, column, blocks))
    counted = {c for column in columns for c in (column.index, column.percent)}
    found.variables.extend(read_sexes(table, taken | counted))
    found.summaries.extend(read_continuous(table, taken, cohort))
    found.times.extend(read_times(table, cohort))
    found.responses.extend(read_responses(table, columns))
    found.adverse_events.extend(events)
