"""On Dask workers: the numbers of one process, and faults that never change an answer."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from parquet_cohorts import ROLES, cohort, write
from test_scale import BASE, COVARIATES, pooled, same, same_tests

from oncohort import scale, stats
from oncohort.scale import dask, workers
from oncohort.scale.files import chunks
from oncohort.scale.parquet import Columns
from oncohort.stats.errors import EventCodingError, InputError, NoEventsError

distributed: Any = pytest.importorskip(
    "distributed", reason="Dask's distributed (the extra oncohort[dask]) is not installed"
)


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    """A client of two worker processes with one thread each."""
    with (
        distributed.LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            dashboard_address="127.0.0.1:0",
            silence_logs=50,
            memory_limit="1GiB",
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


def fit(
    client: Any,
    path: Path,
    chosen: dict[str, str],
    ties: str,
    layout: str,
    rows: int,
    transform: str | None = None,
    robust: bool | None = None,
) -> scale.ScaledCox:
    return dask.cox_on_workers(
        client,
        chunks(str(path), rows),
        Columns("time", "event", COVARIATES, **chosen, robust=robust),
        ties=ties,
        level=0.95,
        report=lambda _: None,
        layout=layout,
        transform=transform,
    )


@pytest.mark.parametrize("layout", ["grid", "blocks"])
@pytest.mark.parametrize("grid", [0.0, 20.0])
@pytest.mark.parametrize("ties", ["efron", "breslow"])
@pytest.mark.parametrize("roles", [(), ("strata",), ("entry", "strata", "weights")])
def test_same_numbers(
    client: Any,
    tmp_path: Path,
    layout: str,
    grid: float,
    ties: str,
    roles: tuple[str, ...],
) -> None:
    data = cohort(1200, grid=grid)
    chosen = {role: ROLES[role] for role in roles}
    path = write(data, tmp_path / "cohort", [7, 8, 500])
    robust = False if layout == "grid" else None
    found = fit(client, path, chosen, ties, layout, 300, robust=robust)
    same(found, pooled(data, chosen, ties, robust))


@pytest.mark.parametrize("roles", [(), ("entry", "strata", "weights", "cluster")])
def test_covariates_are_sent_where_many_threads_share_them(
    client: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, roles: tuple[str, ...]
) -> None:
    """Few threads read them again; both with rows that miss something."""
    lost = pl.int_range(pl.len()) % 7 == 3
    data = cohort(600, grid=0.0)
    data = data.with_columns(
        a=pl.when(lost).then(None).otherwise("a"),
        site=pl.when(pl.int_range(pl.len()) % 50 == 20).then(None).otherwise("site"),
    )
    chosen = {role: ROLES[role] for role in roles}
    path = write(data, tmp_path / "cohort", [100, 110])
    expected = pooled(data.drop_nulls(["a", *(["site"] if "strata" in roles else [])]), chosen)
    same(fit(client, path, chosen, "efron", "blocks", 90), expected)
    monkeypatch.setattr(dask, "THREADS", 1)
    same(fit(client, path, chosen, "efron", "blocks", 90), expected)


def test_a_file_that_changes_between_readings_is_refused(client: Any, tmp_path: Path) -> None:
    path = write(cohort(200, grid=0.0), tmp_path / "cohort", [100])
    part = tmp_path / "cohort" / "part001.parquet"

    def changed(words: str) -> None:
        if words.startswith("sorting by time"):
            pl.read_parquet(part).reverse().write_parquet(part)

    columns = Columns("time", "event", COVARIATES)
    with pytest.raises(InputError, match=r"part001\.parquet was changed while it was read"):
        dask.cox_on_workers(
            client,
            chunks(str(path), 90),
            columns,
            ties="efron",
            level=0.95,
            report=changed,
            layout="blocks",
        )


@pytest.mark.parametrize("layout", ["grid", "blocks"])
@pytest.mark.parametrize("guessed", ["grid", "blocks"])
def test_what_the_sample_told_does_not_matter(
    client: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, layout: str, guessed: str
) -> None:
    """Chunks read for one layout and used by the other; ties within rounding across chunks."""
    data = cohort(400, grid=20.0)
    nearly = pl.col("time") * (1 + 1e-13 * (pl.int_range(pl.len()) % 3))
    data = data.with_columns(time=nearly, entry=pl.col("entry") * 0.9)
    chosen = {role: ROLES[role] for role in ("entry", "strata")}
    path = write(data, tmp_path / "cohort", [150])
    monkeypatch.setattr(dask, "_guessed", lambda *_: guessed)
    found = fit(client, path, chosen, "efron", layout, 100, robust=False)
    same(found, pooled(data, chosen))


@pytest.mark.parametrize("layout", ["grid", "blocks"])
@pytest.mark.parametrize("roles", [(), ("entry", "strata", "weights")])
def test_proportional_hazards(
    client: Any, tmp_path: Path, layout: str, roles: tuple[str, ...]
) -> None:
    data = cohort(900, grid=20.0)
    chosen = {role: ROLES[role] for role in roles}
    path = write(data, tmp_path / "cohort", [400])
    same_tests(
        fit(client, path, chosen, "efron", layout, 200, "km", robust=False),
        pooled(data, chosen, "efron", robust=False),
        "km",
    )


@pytest.mark.parametrize("grid", [0.0, 20.0])
def test_robust_variance_by_cluster(
    client: Any,
    tmp_path: Path,
    grid: float,
) -> None:
    data = cohort(1200, grid=grid)
    path = write(data, tmp_path / "cohort", [500])
    found = scale.cox(path, **BASE, **ROLES, rows=400, client=client)
    same(found, pooled(data, ROLES))
    for role in ("entry", "strata"):
        chosen = {"weights": "w", role: ROLES[role]}
        by_row = scale.cox(path, **BASE, **chosen, rows=400, client=client)
        same(by_row, pooled(data, chosen))
        assert by_row.robust and "by cluster" not in by_row.method
    assert found.robust and "robust sandwich variance by cluster" in found.method


@pytest.mark.parametrize("layout", ["grid", "blocks"])
def test_partitions_do_not_matter(
    client: Any,
    tmp_path: Path,
    layout: str,
) -> None:
    """Sorted and shuffled rows, one row a file, all rows of a file left out, one event in all."""
    data = cohort(240, grid=0.0)
    expected = pooled(data, {"entry": "entry"})
    empty = data.with_columns(a=pl.lit(None, dtype=pl.Float64))
    orders = {
        "by_time": data.sort("time"),
        "shuffled": data.sample(fraction=1.0, shuffle=True, seed=2),
        "with_empty": pl.concat([data[:100], empty[:60], data[100:]]),
    }
    edges = {"by_time": [1, 2, 120], "shuffled": [60], "with_empty": [100, 160]}
    for name, frame in orders.items():
        path = write(frame, tmp_path / name, edges[name])
        same(fit(client, path, {"entry": "entry"}, "efron", layout, 60), expected)
    one = data.with_columns(event=pl.int_range(pl.len()) == 17)
    path = write(one, tmp_path / "one", [100])
    found = fit(client, path, {}, "efron", layout, 30)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = pooled(one, {})
    assert found.events == 1
    np.testing.assert_array_equal(np.isinf(found.coef), np.isinf(expected.coef))
    np.testing.assert_allclose(found.loglik_null, expected.loglik_null, rtol=1e-12)


def test_curves(client: Any, tmp_path: Path) -> None:
    data = cohort(900)
    path = write(data, tmp_path / "cohort", [100, 101])
    km = scale.kaplan_meier(path, time="time", event="event", group="site", rows=200, client=client)
    expected = stats.kaplan_meier(data["time"], data["event"], group=data["site"])
    assert km.to_frame().equals(expected.to_frame())
    test = scale.logrank(
        path, time="time", event="event", group="arm", strata="site", rows=200, client=client
    )
    pooled_test = stats.logrank(data["time"], data["event"], data["arm"], strata=data["site"])
    assert test.statistic == pytest.approx(pooled_test.statistic, rel=1e-10)
    cif = scale.cumulative_incidence(path, time="time", event_type="type", rows=90, client=client)
    assert cif.to_frame().equals(stats.cumulative_incidence(data["time"], data["type"]).to_frame())


def test_faults_are_named(client: Any, tmp_path: Path) -> None:
    data = cohort(120)
    path = write(data, tmp_path / "cohort", [60])
    bad = tmp_path / "cohort" / "part001.parquet"
    whole = bad.read_bytes()
    bad.write_bytes(b"PAR1" + b"\0" * 100)
    with pytest.raises(InputError, match=r"part001\.parquet can't be read"):
        scale.cox(path, **BASE, client=client)
    # The footer tells the rows, and what it points at is gone.
    bad.write_bytes(b"PAR1" + b"\0" * (len(whole) // 2 - 4) + whole[len(whole) // 2 :])
    with pytest.raises(InputError, match=r"part001\.parquet, rows 1 to 60"):
        scale.cox(path, **BASE, client=client)
    with pytest.raises(InputError, match=r"part001\.parquet, rows 1 to 60"):
        scale.kaplan_meier(path, time="time", event="event", client=client)
    bad.unlink()
    with pytest.raises(NoEventsError, match="no row has 'x'"):
        scale.cox(path, **{**BASE, "event": "site"}, event_value="x", client=client)
    with pytest.raises(EventCodingError, match=r"part000\.parquet, rows 1 to 60: arm must"):
        scale.cox(path, **{**BASE, "event": "arm"}, client=client)


class Kills:
    """A line of words that ends a worker when it is said the second time."""

    def __init__(self, client: Any, at: str) -> None:
        self.client, self.at, self.done = client, at, False

    def __call__(self, words: str) -> None:
        if words == self.at and not self.done:
            self.done = True
            pids = self.client.run(os.getpid)
            os.kill(next(iter(pids.values())), 9)


@pytest.mark.parametrize("grid", [0.0, 20.0])
def test_a_killed_worker_changes_nothing(tmp_path: Path, grid: float) -> None:
    data = cohort(600, grid=grid)
    path = write(data, tmp_path / "cohort", [200])
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0", silence_logs=50
        ) as cluster,
        distributed.Client(cluster) as own,
    ):
        kills = Kills(own, "evaluation 2")
        found = scale.cox(path, **BASE, rows=100, client=own, progress=kills)
    assert kills.done
    same(found, pooled(data, {}))


def test_other_versions_are_refused(
    client: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = write(cohort(60), tmp_path / "cohort")
    here = workers._identity()
    monkeypatch.setattr(client, "run", lambda *_, **__: {"tcp://1.2.3.4:5": ("0.0.1", *here[1:])})
    with pytest.raises(InputError, match=r"worker tcp://1\.2\.3\.4:5 has .*: 0\.0\.1, "):
        scale.cox(path, **BASE, client=client)
    monkeypatch.setattr(client, "run", lambda *_, **__: {})
    with pytest.raises(InputError, match="no workers"):
        scale.cox(path, **BASE, client=client)


def test_a_scheduler_that_is_not_there() -> None:
    with (
        pytest.raises(InputError, match=r"no scheduler answers at tcp://127\.0\.0\.1:9"),
        workers.connect("tcp://127.0.0.1:9", seconds=1),
    ):
        pass
    with pytest.raises(InputError, match="local:N needs"), workers.connect("local:none"):
        pass


def test_the_terminal(client: Any, tmp_path: Path) -> None:
    """As a stranger types it: a folder, a pattern, partitioned folders; here and on workers."""
    from typer.testing import CliRunner

    from oncohort.cli.app import app

    def said(*words: object) -> str:
        done = CliRunner().invoke(app, [str(w) for w in words])
        assert done.exit_code == 0, done.output
        return done.stdout

    data = cohort(300)
    path = write(data, tmp_path / "cohort", [150])
    for (site,), part in data.group_by("site"):
        folder = tmp_path / "hive" / f"site={site}"
        folder.mkdir(parents=True)
        part.drop("site").write_parquet(folder / "part.parquet")
    ends = ("--time", "time", "--event", "event", "--event-value", "true")
    model = ("cox", *ends, "--covariates", ",".join(COVARIATES), "--ph", "rank")
    there = ("--scheduler", client.scheduler.address)
    text = said(model[0], path, *model[1:], *there)
    assert "proportional hazards (score test, time by rank): a: " in text
    expected = pooled(data, {})
    assert f"{expected.hr[0]:.4g}" in text and "300 rows" in text
    for where in (path, tmp_path / "hive", f"{tmp_path}/cohort/*.parquet"):
        here = said(model[0], where, *model[1:])
        assert f"{expected.hr[0]:.4g}" in here and "300 rows" in here
    roles = ("--entry", "entry", "--strata", "site", "--weights", "w", "--cluster", "ward")
    text = said(model[0], tmp_path / "hive", *model[1:-2], *roles, *there)
    robust = pooled(data.with_columns(site=pl.col("site").cast(pl.Int64)), ROLES)
    assert f"{robust.hr[0]:.4g}" in text and f"{robust.p[0]:.3g}"[:4] in text
    curves = (*ends, "--by", "arm", "--strata", "site", "--times", "5", "--quantiles", "0.25")
    one = tmp_path / "one.parquet"
    data.write_parquet(one)
    alone = said("km", one, *curves)
    for more in ((), there):
        text = said("km", path, *curves, *more)
        assert "survival at 5:" in text and "25 % quantile" in text
        test = stats.logrank(data["time"], data["event"], data["arm"], strata=data["site"])
        assert f"{test.statistic:.4g}" in text and f"{test.statistic:.4g}" in alone
        assert [t for t in alone.splitlines() if "quantile" in t] == [
            t for t in text.splitlines() if "quantile" in t
        ]
    kinds = ("--time", "time", "--event", "type", "--event-value", "1", "--censored", "0")
    expected_at = stats.cumulative_incidence(data["time"], data["type"]).curve(1).at(9)[0]
    for where, more in ((one, ()), (path, ()), (path, there)):
        text = said("km", where, *kinds, "--times", "9", *more)
        assert f"incidence of 1 at 9: {expected_at.incidence:.4f}" in text
