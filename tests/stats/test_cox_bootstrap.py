"""The stacked bootstrap equals the loop; kernel and numpy agree; optimism by its definition."""

from __future__ import annotations

import numpy as np
import pytest

from oncohort.stats import engine
from oncohort.stats._cox import stacked as _stacked
from oncohort.stats.bootstrap_cox import bootstrap_cox, validate_cox
from oncohort.stats.concordance import concordance
from oncohort.stats.cox import cox
from oncohort.stats.errors import InputError

pytestmark = pytest.mark.filterwarnings("ignore::oncohort.problems.OncohortWarning")
ENGINES = ["numpy"] if engine._compiled is None else ["numpy", "c"]


def study(n: int = 42):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(n, 3))
    x[:, 0] = rng.integers(0, 2, n)
    time = np.ceil(rng.exponential(20 * np.exp(-0.5 * x[:, 1])))
    more = {
        "strata": rng.integers(0, 2, n),
        "entry": np.maximum(time - rng.integers(1, 25, n), 0.0),
        "weights": rng.uniform(0.5, 2, n),
    }
    return time, rng.random(n) < 0.8, x, more


@pytest.mark.parametrize("wish", ENGINES)
@pytest.mark.parametrize("roles", [(), ("strata",), ("entry",), ("strata", "entry", "weights")])
@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_stack_equals_loop_over_replicated_rows(
    wish: str, roles: tuple[str, ...], ties: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ONCOHORT_KERNEL", wish)
    time, event, x, more = study()
    kept = {k: more[k] for k in roles}
    fit = cox(time, event, x, ties=ties, **kept)
    boot = bootstrap_cox(fit, 40, seed=5)
    rng = np.random.default_rng(5)
    drawn = rng.integers(0, 42, (40, 42))
    for b in np.flatnonzero(boot.usable):
        rows = drawn[b]
        one = cox(
            time[rows],
            event[rows],
            x[rows],
            ties=ties,
            robust=False,
            **{k: v[rows] for k, v in kept.items()},
        )
        np.testing.assert_allclose(boot.coef[b], one.coef, rtol=1e-6, atol=1e-8)
        np.testing.assert_allclose(boot.se[b], one.se, rtol=1e-6)
    assert boot.usable.sum() > 25


@pytest.mark.skipif(len(ENGINES) < 2, reason="the compiled kernel was not built here")
def test_kernel_and_numpy_stacks_agree_also_on_replicates_that_fail(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rng = np.random.default_rng(2)
    n = 12
    time, event, x = np.arange(1.0, n + 1), np.ones(n, bool), rng.integers(0, 2, (n, 2)) * 1.0
    event[3:] = False
    design = engine.build(time, event, x)
    counts = rng.multinomial(n, np.full(n, 1 / n), 300).astype(np.int32)
    counts = np.ascontiguousarray(counts[:, design.rows])
    monkeypatch.setenv("ONCOHORT_KERNEL", "c")
    a = engine.fit_stack(design, counts)
    b = _stacked.fit_stack(design, counts.astype(np.int64))
    assert set(np.unique(a.status)) == {0, 1, 2, 3}
    np.testing.assert_array_equal(a.status, b.status)
    fine = a.status == 0
    np.testing.assert_allclose(a.beta[fine], b.beta[fine], rtol=1e-6, atol=1e-7)


def test_seed_progress_and_summaries() -> None:
    time, event, x, _ = study()
    fit = cox(time, event, x, names=["g", "a", "b"])
    seen: list[tuple[int, int]] = []
    one = bootstrap_cox(fit, 1500, seed=1, progress=lambda a, b: seen.append((a, b)))
    two = bootstrap_cox(fit, 1500, seed=1)
    np.testing.assert_array_equal(one.coef, two.coef)
    assert seen == [(1000, 1500), (1500, 1500)]
    for kind in ("percentile", "basic", "normal"):
        low, high = one.interval(kind=kind).T
        assert (low < high).all()
    assert one.to_frame()["variable"].to_list() == ["g", "a", "b"]
    assert "seed 1" in repr(one)
    assert np.abs(one.standard_error / fit.se - 1).max() < 0.5


def test_ctrl_c_stops_between_blocks() -> None:
    time, event, x, _ = study()
    fit = cox(time, event, x)

    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bootstrap_cox(fit, 5000, seed=1, progress=stop)


def test_clusters_are_drawn_whole() -> None:
    time, event, x, _ = study()
    cluster = np.arange(42) // 3
    fit = cox(time, event, x, cluster=cluster)
    boot = bootstrap_cox(fit, 20, seed=3)
    drawn = np.random.default_rng(3).integers(0, 14, (20, 14))
    rows = np.concatenate([np.flatnonzero(cluster == c) for c in drawn[0]])
    one = cox(time[rows], event[rows], x[rows])
    np.testing.assert_allclose(boot.coef[0], one.coef, rtol=1e-7)


def test_optimism_by_its_definition() -> None:
    time, event, x, _ = study()
    fit = cox(time, event, x)
    report = validate_cox(fit, 30, seed=4)
    drawn = np.random.default_rng(4).integers(0, 42, (30, 42))
    optimism, slopes = [], []
    for rows in drawn:
        one = cox(time[rows], event[rows], x[rows])
        own = concordance(time[rows], event[rows], x[rows] @ one.coef).c
        test = concordance(time, event, x @ one.coef).c
        optimism.append(own - test)
        slopes.append(cox(time, event, x @ one.coef).coef[0])
    np.testing.assert_allclose(report.optimism, optimism, atol=1e-9)
    np.testing.assert_allclose(report.slope, np.mean(slopes), rtol=1e-7)
    np.testing.assert_allclose(report.c, report.apparent.c - np.mean(optimism), atol=1e-9)
    assert "replicate" in report.method


def test_models_that_cannot_be_resampled() -> None:
    time, event, x, _ = study()
    with pytest.raises(InputError, match="penalty"):
        bootstrap_cox(cox(time, event, x, penalty="firth"), 10, seed=1)
    with pytest.raises(InputError, match="can't be estimated"):
        bootstrap_cox(cox([1, 2, 3, 4], [1, 1, 0, 0], [1, 1, 0, 0]), 10, seed=1)
