"""Over partitions and from Parquet: the same answer as in memory."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from parquet_cohorts import ROLES, cohort, write

from oncohort import scale
from oncohort.stats import cox
from oncohort.stats.baseline import baseline_hazard, predict_survival
from oncohort.stats.errors import (
    EntryError,
    EventCodingError,
    InputError,
    NoEventsError,
    TimeError,
    WeightError,
)

COVARIATES = ("a", "b", "c")
BASE: dict[str, Any] = {"time": "time", "event": "event", "covariates": COVARIATES}
ON_DISK = 0
"""Bytes of memory that force the rows onto the disk."""


def pooled(
    data: pl.DataFrame,
    chosen: dict[str, str],
    ties: str = "efron",
    robust: bool | None = None,
) -> Any:
    """The fit of all rows at once, by `oncohort.stats`."""
    more: dict[str, Any] = {role: data[column] for role, column in chosen.items()}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return cox(
            data["time"], data["event"], data.select(COVARIATES), ties=ties, robust=robust, **more
        )


def same(found: scale.ScaledCox, expected: Any) -> None:
    np.testing.assert_allclose(found.coef, expected.coef, rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(found.covariance, expected.covariance, rtol=1e-8, atol=1e-13)
    np.testing.assert_allclose(found.loglik, expected.loglik, rtol=1e-11)
    np.testing.assert_allclose(found.loglik_null, expected.loglik_null, rtol=1e-11)
    np.testing.assert_allclose(found.p, expected.p, rtol=1e-6, atol=1e-12)
    assert (found.n, found.events) == (expected.n, expected.events)
    hazards = np.concatenate([c.cumulative_hazard for c in baseline_hazard(expected)])
    np.testing.assert_allclose(found.baseline_hazard()["hazard"], hazards, rtol=1e-9)


@pytest.mark.parametrize("memory", [ON_DISK, None])
@pytest.mark.parametrize("grid", [0.0, 20.0])
@pytest.mark.parametrize("ties", ["efron", "breslow"])
@pytest.mark.parametrize(
    "roles",
    [
        (),
        ("entry",),
        ("strata",),
        ("weights",),
        ("entry", "strata", "weights"),
        ("cluster", "entry", "strata"),
    ],
)
def test_parquet_equals_memory(
    tmp_path: Path, memory: int | None, grid: float, ties: str, roles: tuple[str, ...]
) -> None:
    data = cohort(grid=grid)
    chosen = {role: ROLES[role] for role in roles}
    path = write(data, tmp_path / "cohort")
    found = scale.cox(path, **BASE, rows=800, ties=ties, memory=memory, **chosen)
    same(found, pooled(data, chosen, ties))
    assert found.partitions == 4
    assert found.robust == ("cluster" in roles or "weights" in roles)
    assert ("variance by cluster" in found.method) == ("cluster" in roles)
    assert found.to_frame()["variable"].to_list() == ["a", "b", "c"]


@pytest.mark.parametrize("memory", [ON_DISK, None])
@pytest.mark.parametrize("robust", [True, False, None])
@pytest.mark.parametrize("whole", [True, False])
def test_the_variance_is_that_of_one_file(
    tmp_path: Path, memory: int | None, robust: bool | None, whole: bool
) -> None:
    """Robust where it is asked for, or by default where weights are no counts."""
    data = cohort(300)
    if whole:
        data = data.with_columns(w=pl.col("w").ceil())
    path = write(data, tmp_path / "cohort", [3, 100])
    for chosen in ({"weights": "w"}, {"weights": "w", "entry": "entry"}, {}):
        found = scale.cox(path, **BASE, **chosen, rows=70, memory=memory, robust=robust)
        expected = pooled(data, chosen, robust=robust)
        same(found, expected)
        assert found.robust == expected.robust
    with pytest.raises(InputError, match="contradicts"):
        scale.cox(path, **BASE, cluster="ward", robust=False)


@pytest.mark.parametrize("engine", ["numpy", "c"])
@pytest.mark.parametrize("rows", [1, 7, 90, 10_000])
def test_any_size_of_block(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: int, engine: str
) -> None:
    from oncohort.stats import engine as engines

    if engine == "c" and engines._compiled is None:
        pytest.skip("the compiled kernel was not built here")
    monkeypatch.setenv("ONCOHORT_KERNEL", engine)
    data = cohort(90, seed=rows)
    chosen = {"strata": "site", "cluster": "ward", "entry": "entry"}
    path = write(data, tmp_path / "cohort")
    same(
        scale.cox(path, **BASE, rows=rows, memory=ON_DISK, **chosen), pooled(data, chosen, "efron")
    )


def test_missing_values_and_collinear_columns(tmp_path: Path) -> None:
    data = cohort(900).with_columns(
        b=pl.when(pl.int_range(pl.len()) % 50 == 3).then(None).otherwise(pl.col("b")),
        twice=pl.col("a") * 2,
    )
    write(data, tmp_path / "cohort", [300, 600])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = cox(data["time"], data["event"], data.select("a", "b", "twice"))
    for memory in (ON_DISK, None):
        found = scale.cox(
            tmp_path / "cohort" / "*.parquet",
            time="time",
            event="event",
            covariates=["a", "b", "twice"],
            rows=250,
            memory=memory,
        )
        np.testing.assert_allclose(found.coef[:2], expected.coef[:2], rtol=1e-9)
        assert np.isnan(found.coef[2])
        assert found.n == expected.n == 882
        assert sum(found.left_out.values()) == 18
        assert "twice: constant within risk sets" in str(found)
        assert "Left out: 18 rows" in str(found)


def test_separation_is_named(tmp_path: Path) -> None:
    data = pl.DataFrame(
        {"time": [1.0, 2, 3, 4, 5, 6], "event": [1, 1, 1, 0, 0, 0], "x": [1, 1, 1, 0, 0, 0]}
    )
    data.write_parquet(tmp_path / "a.parquet")
    found = scale.cox(
        tmp_path / "a.parquet", time="time", event="event", covariates=["x"], rows=2, memory=ON_DISK
    )
    assert np.isinf(found.coef[0]) and not found.converged
    assert "separation" in str(found)


def test_times_that_differ_by_rounding_are_one_over_all_partitions(tmp_path: Path) -> None:
    data = cohort(400).with_columns(pl.col("time") / 10)
    shaken = data.with_columns(
        time=pl.when(pl.int_range(pl.len()) % 3 == 0)
        .then(pl.col("time") / 12 * 12 * (1 + 2e-16))
        .otherwise(pl.col("time"))
    )
    path = write(shaken, tmp_path / "cohort", [100, 150])
    same(scale.cox(path, **BASE, rows=60, memory=ON_DISK), pooled(data, {}))


def test_predicted_survival(tmp_path: Path) -> None:
    data = cohort(600)
    path = write(data, tmp_path / "cohort")
    expected = pooled(data, {"strata": "site"})
    found = scale.cox(path, **BASE, strata="site", rows=100, memory=ON_DISK)
    patient = [52.0, 0.5, -1.0]
    curves = predict_survival(expected, patient)
    for label, curve in zip(["0", "1", "2", "3"], curves, strict=True):
        survival = found.predict_survival(patient, [0.0, 3.0, 10.0], stratum=label)
        np.testing.assert_allclose(survival[0], curve.at([0.0, 3.0, 10.0]), rtol=1e-9)
    with pytest.raises(InputError, match="strata are '0', '1', '2', '3', not 'x'"):
        found.predict_survival(patient, [1.0], stratum="x")


def test_codes_of_the_event(tmp_path: Path) -> None:
    data = cohort(200)
    same_event = pl.col("event")
    codes = {
        "number": (same_event.cast(pl.Int64) + 1, ["2", 2, 2.0]),
        "text": (pl.when(same_event).then(pl.lit("dead")).otherwise(pl.lit("alive")), ["dead"]),
        "flag": (same_event, ["true", "1", True]),
    }
    expected = pooled(data, {})
    for name, (column, values) in codes.items():
        path = tmp_path / f"{name}.parquet"
        data.with_columns(event=column).write_parquet(path)
        for value in values:
            same(scale.cox(path, **BASE, event_value=value), expected)
        wrong = "7" if name == "number" else "lost"
        with pytest.raises((NoEventsError, EventCodingError)):
            scale.cox(path, **BASE, event_value=wrong)


@pytest.mark.parametrize("memory", [ON_DISK, None])
def test_guards_name_the_file(tmp_path: Path, memory: int | None) -> None:
    path = tmp_path / "bad.parquet"
    data = cohort(50)

    def fit(frame: pl.DataFrame, **more: Any) -> scale.ScaledCox:
        frame.write_parquet(path)
        return scale.cox(path, **{**BASE, "memory": memory, "rows": 20, **more})

    with pytest.raises(EventCodingError, match=r"bad\.parquet, rows 1 to 20: event must"):
        fit(data.with_columns(event=pl.lit(2)))
    with pytest.raises(NoEventsError):
        fit(data.with_columns(event=pl.lit(False)))
    with pytest.raises(InputError, match="no column zz"):
        fit(data, covariates=["zz"])
    with pytest.raises(InputError, match="not a number"):
        fit(data, covariates=["site"])
    with pytest.raises(InputError, match="infinite values in column a"):
        fit(data.with_columns(a=pl.lit(np.inf)))
    with pytest.raises(TimeError, match=r"bad\.parquet, row 31: negative time"):
        fit(data.with_columns(time=pl.when(pl.int_range(pl.len()) == 30).then(-1.0).otherwise(1.0)))
    with pytest.raises(EntryError, match=r"rows 1, 2, 3.*, \.\.\.: entry is not before time"):
        fit(data.with_columns(entry=pl.col("time")), entry="entry")
    with pytest.raises(WeightError, match=r"rows 1 to 20: weights must be"):
        fit(data.with_columns(w=pl.lit(-1.0)), weights="w")
    with pytest.raises(InputError, match="ties must be"):
        fit(data, ties="exact")
    with pytest.raises(InputError, match="level must lie"):
        fit(data, level=95)
    with pytest.raises(InputError, match="rows must be 1 or more"):
        fit(data, rows=0)
    path.write_text("no Parquet")
    with pytest.raises(InputError, match=r"bad\.parquet can't be read"):
        scale.cox(path, **BASE)
    with pytest.raises(InputError, match="no file"):
        scale.cox(tmp_path / "nothing*.parquet", **BASE)


def test_the_disk_is_left_clean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import tempfile

    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    data = cohort(300)
    path = write(data, tmp_path / "cohort")
    seen: list[int] = []

    def watch(_: str) -> None:
        seen.append(sum(1 for f in scratch.rglob("block*") if f.is_file()))

    scale.cox(path, **BASE, rows=50, memory=ON_DISK, progress=watch)
    assert max(seen) > 1
    assert list(scratch.iterdir()) == []


def same_tests(found: scale.ScaledCox, expected: Any, transform: str) -> None:
    """The tests of proportional hazards of a fit of all rows at once."""
    from oncohort.stats.ph_test import ph_test

    pooled_test = ph_test(expected, transform)
    wanted = (*pooled_test.terms, pooled_test.overall)
    assert [t.df for t in found.proportional] == [t.df for t in wanted]
    assert found.proportional[-1].name == "global"
    np.testing.assert_allclose(
        [t.statistic for t in found.proportional], [t.statistic for t in wanted], rtol=1e-8
    )


@pytest.mark.parametrize("memory", [ON_DISK, None])
@pytest.mark.parametrize("grid", [0.0, 20.0])
@pytest.mark.parametrize("transform", ["km", "rank", "identity", "log"])
@pytest.mark.parametrize("roles", [(), ("entry", "strata", "weights")])
def test_proportional_hazards_from_sums(
    tmp_path: Path, memory: int | None, grid: float, transform: str, roles: tuple[str, ...]
) -> None:
    data = cohort(grid=grid)
    chosen = {role: ROLES[role] for role in roles}
    path = write(data, tmp_path / "cohort")
    found = scale.cox(path, **BASE, rows=300, memory=memory, transform=transform, **chosen)
    same_tests(found, pooled(data, chosen), transform)
    assert f"time by {transform}" in str(found)


def test_a_transform_that_there_is_not(tmp_path: Path) -> None:
    path = write(cohort(60), tmp_path / "cohort")
    with pytest.raises(InputError, match="transform must be one of km"):
        scale.cox(path, **BASE, transform="sqrt")
