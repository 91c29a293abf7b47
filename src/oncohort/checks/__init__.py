"""Named checks of a study's data: each a small function, with its texts in the catalogue."""

from __future__ import annotations

from oncohort.checks import (  # noqa: F401  importing a room registers its checks
    agreement,
    alike,
    centres,
    charted_response,
    charted_visits,
    competing,
    course,
    curves,
    cutpoints,
    dates,
    event_dates,
    event_names,
    events,
    exchanged,
    exposed,
    far_dates,
    filled,
    follow_up,
    groups,
    identity,
    inverted,
    laboratory,
    measurements,
    models,
    naming,
    numbers,
    quantities,
    ranges,
    reduced_times,
    relations,
    separated,
    spelt,
    survival,
    tables,
    time_dependent,
    treatment,
    tumours,
    unit_heaps,
    unnamed,
    usual,
    whole_endpoints,
    wording,
)
from oncohort.checks.rule import CHECKS, Data, numbered
from oncohort.endpoints.cohort import Cohort
from oncohort.problems import Problem, worst_first
from oncohort.protocol import Protocol
from oncohort.records import Records

__all__ = ["CHECKS", "Data", "check"]


def check(records: Records, protocol: Protocol, cohort: Cohort | None = None) -> list[Problem]:
    """Apply every check to a study's data.

    Parameters
    ----------
    records, protocol
        As read; problems of the reading itself are in ``records.problems``.
    cohort
        The cohort, for rules that compare it with the chart; may be left out.

    Returns
    -------
    list of Problem
        Worst first; ``wrong`` names the values that are wrong.

    Examples
    --------
    >>> import polars as pl
    >>> from oncohort.protocol import parse_protocol
    >>> from oncohort.records.frames import empty_table
    >>> from oncohort.vocabulary.tables import TABLES
    >>> patients = empty_table(TABLES["patients"]).clear(2).with_columns(patient=pl.lit("7"))
    >>> protocol = parse_protocol('[study]\\nschema = 1\\ntitle = "A study"\\ndata = "x.csv"')
    >>> [p.id for p in check(Records({"patients": patients}), protocol)]
    ['patients.duplicate']
    """
    data = Data(numbered(records), protocol, cohort)
    found: list[Problem] = []
    for one in CHECKS.values():
        found += one(data)
    return worst_first(found)
