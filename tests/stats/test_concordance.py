"""Harrell's and Uno's C against R's survival, and by counting pairs."""

from __future__ import annotations

import importlib
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_cox import CASES, by_name, fit_case

from oncohort.stats.concordance import concordance, model_concordance
from oncohort.stats.errors import InputError

UNO = json.loads((Path(__file__).parent / "fixtures" / "cox_uno.json").read_text())
module = importlib.import_module("oncohort.stats.concordance")


@pytest.mark.parametrize(
    "name", [c["name"] for c in CASES if c.get("concordance") and c["ties"] != "exact"]
)
def test_of_a_model_equals_r(name: str) -> None:
    case = by_name(name)
    found = model_concordance(fit_case(case))
    np.testing.assert_allclose(found.c, case["concordance"], rtol=1e-10)
    np.testing.assert_allclose(found.se**2, case["concordance_var"], rtol=1e-8, atol=1e-15)


@pytest.mark.parametrize("case", UNO["cases"], ids=lambda c: f"tau-{c.get('tau')}")
@pytest.mark.parametrize("kind", ["harrell", "uno"])
def test_time_weights_equal_r(case: dict, kind: str) -> None:
    found = concordance(UNO["time"], UNO["event"], UNO["risk"], kind=kind, tau=case.get("tau"))
    np.testing.assert_allclose(found.c, case[kind], rtol=1e-10)
    np.testing.assert_allclose(found.se**2, case[f"{kind}_var"], rtol=1e-8)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.booleans(), st.booleans())
def test_pairs_counted_one_by_one(seed: int, entries: bool, wavelet: bool) -> None:
    rng = np.random.default_rng(seed)
    n = 25
    time = np.ceil(rng.exponential(6, n))
    event = rng.random(n) < 0.7
    event[np.argmin(time)] = True
    risk, w = rng.integers(0, 6, n).astype(float), rng.uniform(0.5, 2, n)
    entry = np.maximum(time - rng.integers(1, 8, n), 0.0) if entries else None
    up = down = even = 0.0
    for i in range(n):
        for j in range(n):
            later = time[j] > time[i] or (time[j] == time[i] and not event[j])
            there = entry is None or entry[j] < time[i]
            if not (event[i] and later and there and i != j):
                continue
            pair = w[i] * w[j]
            up += pair * (risk[i] > risk[j])
            down += pair * (risk[i] < risk[j])
            even += pair * (risk[i] == risk[j])
    with pytest.MonkeyPatch.context() as patch:
        if wavelet:
            patch.setattr(module, "DIRECT_PAIRS", 0)
        if up + down + even == 0:
            with pytest.raises(InputError):
                concordance(time, event, risk, entry=entry, weights=w)
            return
        found = concordance(time, event, risk, entry=entry, weights=w)
    np.testing.assert_allclose(
        [found.concordant, found.discordant, found.tied], [up, down, even], rtol=1e-9, atol=1e-9
    )


def test_standard_error_is_the_derivative_by_weight() -> None:
    rng = np.random.default_rng(3)
    n, h = 40, 1e-6
    time, event, risk = rng.exponential(size=n), rng.random(n) < 0.7, rng.normal(size=n)
    slopes = []
    for i in range(n):
        up, down = np.ones(n), np.ones(n)
        up[i] += h
        down[i] -= h
        slopes.append(
            (
                concordance(time, event, risk, weights=up).c
                - concordance(time, event, risk, weights=down).c
            )
            / (2 * h)
        )
    np.testing.assert_allclose(concordance(time, event, risk).se, np.linalg.norm(slopes), rtol=1e-6)


def test_bad_choices() -> None:
    with pytest.raises(InputError, match="kind"):
        concordance([1, 2], [1, 1], [1, 2], kind="gini")
    with pytest.raises(InputError, match="entry"):
        concordance([1, 2], [1, 1], [1, 2], kind="uno", entry=[0, 0])
    assert "Uno" in concordance([1, 2], [1, 1], [1, 2], kind="uno").method
