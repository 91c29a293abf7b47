"""Kaplan-Meier, log-rank and Aalen-Johansen from counts: the same answer as from rows."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from parquet_cohorts import cohort, write

from oncohort import scale, stats
from oncohort.scale.tables import Roles, count_chunk, merge
from oncohort.stats.errors import EventCodingError, InputError, TimeError, WeightError


def same_curve(found: Any, expected: Any) -> None:
    """Two curves of one kind, field by field."""
    for field in fields(expected):
        left, right = getattr(found, field.name), getattr(expected, field.name)
        if isinstance(right, np.ndarray):
            np.testing.assert_allclose(left, right, rtol=1e-12, atol=1e-13, err_msg=field.name)
        else:
            assert left == right, field.name


@pytest.mark.parametrize("grid", [0.0, 20.0])
@pytest.mark.parametrize("roles", [(), ("entry",), ("group",), ("entry", "group", "weights")])
def test_kaplan_meier(tmp_path: Path, grid: float, roles: tuple[str, ...]) -> None:
    data = cohort(800, grid=grid)
    path = write(data, tmp_path / "cohort", [100, 101, 500])
    columns = {"entry": "entry", "group": "site", "weights": "copies"}
    chosen = {role: columns[role] for role in roles}
    found = scale.kaplan_meier(path, time="time", event="event", rows=90, **chosen)
    expected = stats.kaplan_meier(
        data["time"], data["event"], **{role: data[c] for role, c in chosen.items()}
    )
    assert list(found.groups) == list(expected.groups)
    for label, curve in expected.groups.items():
        same_curve(found.groups[label], curve)
        assert found.groups[label].median == curve.median
    assert (found.n, found.n_events, found.method) == (
        expected.n,
        expected.n_events,
        expected.method,
    )


@pytest.mark.parametrize("weighting", ["logrank", "tarone-ware", "g-rho"])
@pytest.mark.parametrize("roles", [(), ("strata",), ("entry", "strata", "weights")])
def test_logrank(tmp_path: Path, weighting: str, roles: tuple[str, ...]) -> None:
    data = cohort(800).with_columns(
        arm=pl.when(pl.int_range(pl.len()) % 40 == 1).then(None).otherwise(pl.col("arm"))
    )
    path = write(data, tmp_path / "cohort", [333])
    columns = {"entry": "entry", "strata": "site", "weights": "copies"}
    chosen = {role: columns[role] for role in roles}
    rho = 0.5 if weighting == "g-rho" else 0.0
    more = {role: data[c] for role, c in chosen.items()}
    found = scale.logrank(
        path,
        time="time",
        event="event",
        group="arm",
        weighting=weighting,
        rho=rho,
        rows=90,
        **chosen,
    )
    expected = stats.logrank(
        data["time"], data["event"], data["arm"], weighting=weighting, rho=rho, **more
    )
    np.testing.assert_allclose(found.statistic, expected.statistic, rtol=1e-10)
    np.testing.assert_allclose(found.covariance, expected.covariance, rtol=1e-9)
    for name in ("p", "df", "levels", "n_by_group", "events_by_group", "n", "n_events", "method"):
        left, right = getattr(found, name), getattr(expected, name)
        assert left == pytest.approx(right, rel=1e-9) if name == "p" else left == right, name
    assert found.left_out == expected.left_out == {"missing group": 20}


@pytest.mark.parametrize("group", [None, "site"])
def test_cumulative_incidence(tmp_path: Path, group: str | None) -> None:
    data = cohort(800)
    path = write(data, tmp_path / "cohort", [100])
    found = scale.cumulative_incidence(
        path, time="time", event_type="type", group=group, entry="entry", rows=90
    )
    expected = stats.cumulative_incidence(
        data["time"],
        data["type"],
        entry=data["entry"],
        group=None if group is None else data[group],
    )
    assert list(found.curves) == list(expected.curves)
    for key, curve in expected.curves.items():
        same_curve(found.curves[key], curve)
    assert (found.n, found.n_events) == (expected.n, expected.n_events)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 60), max_size=6), st.randoms(use_true_random=False))
def test_counts_do_not_depend_on_the_parts(
    tmp_path_factory: pytest.TempPathFactory, edges: list[int], random: Any
) -> None:
    data = cohort(60)
    folder = tmp_path_factory.mktemp("cohort")
    write(data, folder, sorted(edges))
    roles = Roles("time", "event", "entry", None, "site", "arm")
    from oncohort.scale.files import chunks

    parts = [count_chunk(chunk, roles) for chunk in chunks(str(folder), 7)]
    random.shuffle(parts)
    whole = folder / "all.parquet"
    data.write_parquet(whole)
    (chunk,) = chunks(str(whole), 1000)
    assert merge(parts).table.equals(merge([count_chunk(chunk, roles)]).table)


def test_memory_follows_distinct_times(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    data = pl.DataFrame({"t": rng.integers(0, 50, 40_000), "e": rng.random(40_000) < 0.5})
    path = write(data, tmp_path / "days", [11, 20_000])
    from oncohort.scale.curves import counts

    assert counts(path, Roles("t", "e"), rows=1000).table.height == 100


def test_guards(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    cohort(50).write_parquet(path)
    with pytest.raises(WeightError, match="whole numbers"):
        scale.kaplan_meier(path, time="time", event="event", weights="w")
    with pytest.raises(EventCodingError, match="arm must be"):
        scale.kaplan_meier(path, time="time", event="arm")
    with pytest.raises(EventCodingError, match="'9' is no value of arm"):
        scale.kaplan_meier(path, time="time", event="arm", event_value="9")
    with pytest.raises(InputError, match="no column zz"):
        scale.logrank(path, time="time", event="event", group="zz")
    cohort(50).with_columns(time=-pl.col("time")).write_parquet(path)
    with pytest.raises(TimeError, match=r"a\.parquet, rows 1, 2, .*, \.\.\.: negative time"):
        scale.cumulative_incidence(path, time="time", event_type="type")
