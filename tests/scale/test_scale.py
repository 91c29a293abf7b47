"""Over partitions and from Parquet: the same answer as in memory."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from oncohort import scale
from oncohort.stats import cox, kaplan_meier
from oncohort.stats.errors import EventCodingError, InputError, NoEventsError


def frame(n: int = 3000, grid: float = 20.0, seed: int = 0) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 3))
    time = rng.exponential(np.exp(-x @ [0.3, -0.2, 0.0]))
    time = np.ceil(time * grid) if grid else time
    return pl.DataFrame(
        {
            "time": time,
            "event": rng.random(n) < 0.6,
            "entry": time * rng.random(n) * 0.9,
            "site": rng.integers(0, 4, n).astype(str),
            "w": rng.uniform(0.5, 2, n),
            "a": x[:, 0] * 3 + 50,
            "b": x[:, 1],
            "c": x[:, 2],
        }
    )


@pytest.mark.parametrize("grid", [0.0, 20.0])
@pytest.mark.parametrize("ties", ["efron", "breslow"])
@pytest.mark.parametrize("roles", [(), ("entry",), ("strata",), ("entry", "strata", "weights")])
def test_parquet_equals_memory(
    tmp_path: Path, grid: float, ties: str, roles: tuple[str, ...]
) -> None:
    data = frame(grid=grid)
    data.write_parquet(tmp_path / "cohort.parquet", row_group_size=700)
    columns = {"entry": "entry", "strata": "site", "weights": "w"}
    chosen = {role: columns[role] for role in roles}
    found = scale.cox(
        tmp_path / "cohort.parquet",
        time="time",
        event="event",
        covariates=["a", "b", "c"],
        rows=800,
        ties=ties,
        **chosen,
    )
    more: dict[str, Any] = {role: data[column] for role, column in chosen.items()}
    expected = cox(
        data["time"], data["event"], data.select("a", "b", "c"), ties=ties, robust=False, **more
    )
    np.testing.assert_allclose(found.coef, expected.coef, rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(found.covariance, expected.covariance, rtol=1e-8, atol=1e-13)
    np.testing.assert_allclose(found.loglik, expected.loglik, rtol=1e-11)
    np.testing.assert_allclose(found.p, expected.p, rtol=1e-6, atol=1e-12)
    assert found.partitions == 4
    assert (found.n, found.events) == (expected.n, expected.events)
    assert found.to_frame()["variable"].to_list() == ["a", "b", "c"]


def test_several_files_missing_values_and_collinear_columns(tmp_path: Path) -> None:
    data = frame(900)
    data = data.with_columns(
        b=pl.when(pl.int_range(pl.len()) % 50 == 3).then(None).otherwise(pl.col("b")),
        twice=pl.col("a") * 2,
    )
    for i in range(3):
        data[i * 300 : (i + 1) * 300].write_parquet(tmp_path / f"part{i}.parquet")
    found = scale.cox(
        tmp_path / "*.parquet", time="time", event="event", covariates=["a", "b", "twice"], rows=250
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = cox(data["time"], data["event"], data.select("a", "b", "twice"))
    np.testing.assert_allclose(found.coef[:2], expected.coef[:2], rtol=1e-9)
    assert np.isnan(found.coef[2])
    assert found.n == expected.n == 882
    assert sum(found.left_out.values()) == 18


def test_kaplan_meier_from_parquet(tmp_path: Path) -> None:
    data = frame(500)
    path = tmp_path / "cohort.parquet"
    data.write_parquet(path)
    found = scale.kaplan_meier(path, time="time", event="event", group="site")
    expected = kaplan_meier(data["time"], data["event"], group=data["site"])
    assert repr(found) == repr(expected)


def test_guards(tmp_path: Path) -> None:
    path = tmp_path / "bad.parquet"
    data = frame(50)
    data.with_columns(event=pl.lit(2)).write_parquet(path)
    with pytest.raises(EventCodingError):
        scale.cox(path, time="time", event="event", covariates=["a"])
    data.with_columns(event=pl.lit(False)).write_parquet(path)
    with pytest.raises(NoEventsError):
        scale.cox(path, time="time", event="event", covariates=["a"])
    with pytest.raises(InputError, match="no column zz"):
        scale.cox(path, time="time", event="event", covariates=["zz"])
    with pytest.raises(InputError, match="not a number"):
        scale.cox(path, time="time", event="event", covariates=["site"])
