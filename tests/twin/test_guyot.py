"""Patients behind printed curves, tested on curves of known patients."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

import oncohort as oc
from conftest import shared_file
from oncohort.cli.app import app
from oncohort.problems import ReadError
from oncohort.stats import cox, kaplan_meier
from oncohort.twin.guyot import patients_of_curve


def digitised(
    time: np.ndarray, event: np.ndarray, rng: np.random.Generator, shake: float
) -> tuple[np.ndarray, np.ndarray]:
    """The corners of a curve as a person reads them: hundredths of a month, thousandths."""
    steps = np.unique(time[event])
    survival = np.array([x.survival for x in kaplan_meier(time, event).at(steps)])
    at = np.round(np.maximum(steps + rng.normal(size=len(steps)) * 25 * shake, 0.01), 2)
    return at, np.clip(np.round(survival + rng.normal(size=len(steps)) * shake, 4), 0, 1)


def read_back(
    time: np.ndarray, event: np.ndarray, seed: int, shake: float, every: float
) -> tuple[np.ndarray, np.ndarray]:
    at, survival = digitised(time, event, np.random.default_rng(seed), shake)
    risk = [(float(m), int((time >= m).sum())) for m in np.arange(0, time.max(), every)]
    median = kaplan_meier(time, event).median.value
    printed = None if median is None else round(median, 1)
    found = patients_of_curve(at, survival, risk, events=int(event.sum()), median=printed)
    return found.time, found.event


@pytest.mark.parametrize("shake", [0.0, 0.001, 0.002])
def test_a_trial_read_off_its_curves(shake: float) -> None:
    """HR within 0.02, medians within 0.1 month of the patients whose curves were read."""
    path = shared_file("data", "rcc_motzer2009_os_ipd_reconstructed.csv")
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    truth: list[tuple[float, bool, bool]] = []
    read: list[tuple[float, bool, bool]] = []
    for k, arm in enumerate(("sunitinib", "interferon_alfa")):
        mine = [r for r in rows if r["arm"] == arm]
        time = np.array([float(r["os_months"]) for r in mine])
        event = np.array([r["event"] == "1" for r in mine])
        got_time, got_event = read_back(time, event, k, shake, 3.0)
        assert len(got_time) == len(time)
        assert abs(int(got_event.sum()) - int(event.sum())) <= 3
        one, two = kaplan_meier(time, event).median, kaplan_meier(got_time, got_event).median
        assert one.value is not None and two.value is not None
        assert abs(one.value - two.value) <= 0.1
        truth += [(t, bool(e), k == 0) for t, e in zip(time, event, strict=True)]
        read += [(t, bool(e), k == 0) for t, e in zip(got_time, got_event, strict=True)]
    hrs = []
    for patients in (truth, read):
        t, e, x = (np.array(column) for column in zip(*patients, strict=True))
        hrs.append(float(cox(t, e, x.astype(float).reshape(-1, 1)).hr[0]))
    assert abs(hrs[0] - hrs[1]) <= 0.02


def test_both_arms_through_the_command_line(tmp_path: Path) -> None:
    """Points and numbers at risk typed as TOML: HR within 0.02, medians within 0.1 month."""
    path = shared_file("data", "rcc_motzer2009_os_ipd_reconstructed.csv")
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    arms: list[list[tuple[np.ndarray, np.ndarray]]] = [[], []]
    for k, arm in enumerate(("sunitinib", "interferon_alfa")):
        mine = [r for r in rows if r["arm"] == arm]
        time = np.array([float(r["os_months"]) for r in mine])
        event = np.array([r["event"] == "1" for r in mine])
        at, survival = digitised(time, event, np.random.default_rng(k), 0.001)
        median = kaplan_meier(time, event).median.value
        points = [[f"{a:g}", f"{100 * s:.2f}"] for a, s in zip(at, survival, strict=True)]
        risk = [[f"{m:g}", str(int((time >= m).sum()))] for m in np.arange(0, time.max(), 3)]
        toml = (
            f'schema = 1\n[[populations]]\nkey = "cohort"\nn = "{len(time)}"\n'
            f'[[times]]\nendpoint = "OS"\nmedian = "{median:.1f}"\nunit = "months"\n'
            f'[[curves]]\nendpoint = "OS"\nunit = "months"\nevents = "{int(event.sum())}"\n'
            f"points = {json.dumps(points)}\nat_risk = {json.dumps(risk)}\n"
        )
        (tmp_path / f"{arm}.toml").write_text(toml, encoding="utf-8")
        out = tmp_path / arm
        typed = ["twin", str(tmp_path / f"{arm}.toml"), "--out", str(out), "--workers", "1", "-q"]
        assert CliRunner().invoke(app, typed).exit_code in (0, 1)
        frame = oc.read_study(out).cohort.frame
        made = frame["os_time"].to_numpy() / 30.4375, frame["os_event"].to_numpy()
        found = kaplan_meier(*made).median.value
        assert median is not None and found is not None and abs(found - median) <= 0.1
        arms[0].append((time, event))
        arms[1].append(made)
    hrs = []
    for one, two in arms:
        times, events = (np.concatenate([a, b]) for a, b in zip(one, two, strict=True))
        x = np.r_[np.ones(len(one[0])), np.zeros(len(two[0]))].reshape(-1, 1)
        hrs.append(float(cox(times, events, x).hr[0]))
    assert abs(hrs[0] - hrs[1]) <= 0.02


@settings(max_examples=25, deadline=None)
@given(st.integers(60, 200), st.integers(0, 2**32 - 1), st.sampled_from([0.5, 0.8, 1.0]))
def test_curves_of_random_cohorts(n: int, seed: int, share: float) -> None:
    rng = np.random.default_rng(seed)
    time = np.round(rng.exponential(15, n) + 0.5, 2)
    event = rng.random(n) < share
    if not event.any():
        return
    got_time, got_event = read_back(time, event, 1, 0.0, 6.0)
    assert len(got_time) == n
    one, two = kaplan_meier(time, event), kaplan_meier(got_time, got_event)
    grid = np.linspace(1, np.quantile(time, 0.8), 12)
    gap = [abs(a.survival - b.survival) for a, b in zip(one.at(grid), two.at(grid), strict=True)]
    # A fifth of the patients is still at risk where the grid ends: one of them is a step of 5 / n.
    assert max(gap) <= max(0.05, 5 / n)


def test_without_censoring_it_is_exact() -> None:
    rng = np.random.default_rng(1)
    time = np.sort(np.round(rng.exponential(12, 50) + 1, 2) + np.arange(50) * 0.01)
    at, survival = digitised(time, np.ones(50, bool), rng, 0.0)
    found = patients_of_curve(at, survival, [(0, 50)], events=50)
    assert found.event.all()
    assert np.allclose(found.time, np.sort(time), atol=0.006)


@pytest.mark.parametrize(
    ("times", "survival", "risk", "what"),
    [
        ([1, 2], [0.9], [(0, 10)], "differ in number"),
        ([1, 2], [90, 80], [(0, 10)], "outside 0 to 1"),
        ([1, float("nan")], [0.9, 0.8], [(0, 10)], "no number"),
        ([1, 2], [0.9, 0.8], [(6, 10)], "at time 0"),
        ([1, 9], [0.9, 0.8], [(0, 10), (6, 12)], "rise"),
    ],
)
def test_what_is_no_curve_is_refused(
    times: list[float], survival: list[float], risk: list[tuple[float, int]], what: str
) -> None:
    with pytest.raises(ReadError, match=what):
        patients_of_curve(times, survival, risk)
