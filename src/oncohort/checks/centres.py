"""One hospital that writes otherwise than the others: another unit, no events."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl
from numpy.typing import NDArray

from oncohort.checks.rule import Data, rule
from oncohort.checks.tumours import used_columns
from oncohort.problems import Place, Problem, problem
from oncohort.vocabulary.mentions import mentions

FEWEST = 6
"""Patients of a hospital from which its values can be told from those of others."""
APART = 0.97
"""Share of pairs (here, elsewhere) in which the value here is the larger one, or the smaller."""
RATIO = 1.5
"""How many times larger the values of a hospital are, at least, where only the unit differs."""
DIFFERENT = 8
"""Values of a measurement; fewer are a code."""
CHANCE = 0.005
"""So seldom nobody of a hospital has an event, were it like the others."""


def _centres(data: Data) -> Iterator[str]:
    """Columns of patients with a hospital each."""
    for column, kind in data.patients.schema.items():
        if kind == pl.String and mentions(column, "centre"):
            levels = data.patients[column].drop_nulls().n_unique()
            if 2 <= levels <= 30:
                yield column


def _times(data: Data) -> set[str]:
    return {e.time for e in data.protocol.endpoints.values() if e.time is not None}


def _apart(values: NDArray[np.float64], here: NDArray[np.bool_]) -> bool:
    """Do nearly all values of a hospital lie beyond those of the others, and by a factor?

    How often a value here is the larger one is Mann and Whitney's statistic.

    Examples
    --------
    >>> values = np.array([4.0, 41, 38, 3.9, 44, 3.7])
    >>> _apart(values, values > 10), _apart(values + 100, values > 10)
    (True, False)
    """
    own, others = values[here], np.sort(values[~here])
    below = np.searchsorted(others, own, "left") + np.searchsorted(others, own, "right")
    above = float(below.mean()) / (2 * others.size)
    ratio = float(np.median(values[here]) / np.median(values[~here]))
    return bool(not 1 - APART < above < APART and not 1 / RATIO < ratio < RATIO)


@rule("values.unit-of-one-centre")
def unit_of_one_centre(data: Data) -> Iterator[Problem]:
    """All values of one hospital lie beyond those of all the others: it writes another unit."""
    kinds = data.patients.schema
    columns = [c for c in {*used_columns(data), *_times(data)} if c in kinds]
    columns = sorted(c for c in columns if kinds[c].is_numeric())
    rows = data.included(data.patients)
    for centre in _centres(data):
        codes = rows[centre].cast(pl.Categorical).to_physical().cast(pl.Float64).to_numpy()
        for column in columns:
            held = rows[column].cast(pl.Float64).to_numpy()
            known = (held > 0) & ~np.isnan(codes)
            values, where = held[known], codes[known]
            if np.unique(values).size < DIFFERENT:
                continue  # lines of therapy, groups in digits
            names, sizes = np.unique(where, return_counts=True)
            for name, size in zip(names, sizes, strict=True):
                # Of two hospitals the smaller one is told.
                if not FEWEST <= size <= values.size / 2 or values.size - size < FEWEST:
                    continue
                if not _apart(values, where == name):
                    continue
                own = rows.filter(pl.Series(known & (codes == name)))
                others = rows.filter(pl.Series(known & (codes != name)))
                yield problem(
                    "values.unit-of-one-centre",
                    place=data.at("patients", column, own["source_record"][0]),
                    name=column,
                    centre=own[centre][0],
                    n=own.height,
                    own=own[column].median(),
                    usual=others[column].median(),
                    patients=own["patient"].to_list(),
                )


def _events(data: Data) -> Iterator[tuple[str, str, str, pl.DataFrame]]:
    """Events per patient, as a whole and by what they are: key, label, case, ``event``."""
    assert data.cohort is not None
    frame = data.cohort.frame
    for key, info in data.cohort.meaning.endpoints.items():
        event, kind = f"{key}_event", f"{key}_kind"
        if event not in frame.columns:
            continue
        yield key, info.label, "", frame.select("patient", event=event)
        if kind in frame.columns and frame[kind].dtype == pl.String:
            progressed = pl.col(event) & pl.col(kind).fill_null("").str.contains("progression")
            yield key, info.label, "progression", frame.select("patient", event=progressed)


@rule("survival.no-events-at-a-centre")
def no_events_at_a_centre(data: Data) -> Iterator[Problem]:
    """Nobody of one hospital has an event that is common elsewhere: it was not recorded there."""
    if data.cohort is None:
        return
    for centre in _centres(data):
        where = data.patients.select("patient", _centre=centre).unique(
            "patient", keep="first", maintain_order=True
        )
        told: set[tuple[str, str]] = set()
        for key, label, case, events in _events(data):
            held = events.join(where, on="patient", maintain_order="left").drop_nulls()
            by = held.group_by("_centre", maintain_order=True).agg(
                n=pl.len(), events=pl.col("event").sum()
            )
            total, all_events = held.height, int(held["event"].sum())
            for name, n, own in by.iter_rows():
                rate = (all_events - own) / max(1, total - n)
                if own or n < FEWEST or (1 - rate) ** n >= CHANCE or (key, name) in told:
                    continue
                told.add((key, name))
                yield problem(
                    "survival.no-events-at-a-centre",
                    case,
                    place=Place(file="study.toml", key=f"endpoints.{key}"),
                    label=label,
                    name=name,
                    n=n,
                    percent=100 * rate,
                    patients=held.filter(pl.col("_centre") == name)["patient"].to_list(),
                )
