"""Figures that no patients have are named so, with a smallest conflict; the others are met."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncohort.published import parse_published
from oncohort.published.model import Landmark, Published, Ratio, Time
from oncohort.stats import kaplan_meier
from oncohort.twin import curve_conflicts, reconstruct
from oncohort.twin.contradictions import least_error, ratio_conflicts
from oncohort.twin.curve_conflicts import impossible_curves
from oncohort.twin.search import compiled

BASE = """
schema = 1
[[populations]]
key = "cohort"
n = "40"
[[variables]]
name = "Sex"
levels = [{label = "Male", count = "26", percent = "65.0"}, {label = "Female", count = "14"}]
[[summaries]]
name = "Age"
median = "63"
low = "41"
high = "80"
spread = "range"
whole = true
[[responses]]
levels = [
  {label = "CR", count = "2"}, {label = "PR", count = "10"},
  {label = "SD", count = "20"}, {label = "PD", count = "8"},
]
[[times]]
endpoint = "OS"
median = "18.3"
unit = "months"
[[adverse_events]]
term = "Rash"
grades = [{grade = "any", count = "20"}, {grade = ">=3", count = "4"}]
[[ratios]]
variable = "Sex"
endpoint = "OS"
level = "male"
reference = "female"
estimate = "1.42"
"""

PLANTED = {
    "margin": ('[[variables]]\nname = "Stage"\nlevels = [{label = "III", count = "16", percent = '
               '"47.1"}]', "variables.stage.iii.percent"),
    "sum": ('[[variables]]\nname = "Stage"\nlevels = [{label = "III", count = "16", percent = '
            '"40.0"}, {label = "IV", count = "26", percent = "60.0"}]', "variables.stage.iv."),
    "count": ('[[variables]]\nname = "Stage"\nlevels = [{label = "III", count = "1000000000"}]',
              "variables.stage.iii.count"),
    "rate": ('[[rates]]\nkind = "ORR"\npercent = "35.0"', "rates.orr.percent"),
    "grades": ('[[adverse_events]]\nterm = "Fever"\ngrades = [{grade = "any", count = "5"}, '
               '{grade = ">=3", count = "6"}]', "adverse_events.fever."),
    "median in limits": ('[[times]]\nendpoint = "PFS"\nmedian = "6.1"\nlow = "7.0"\nhigh = "9.0"\n'
                         'unit = "months"', "times.pfs.low"),
    "rising survival": ('[[landmarks]]\nendpoint = "OS"\ntime = "12"\npercent = "70"\nunit = '
                        '"months"\n[[landmarks]]\nendpoint = "OS"\ntime = "24"\npercent = "80"\n'
                        'unit = "months"', "landmarks.os.24.percent"),
    "median and rate": ('[[landmarks]]\nendpoint = "OS"\ntime = "12"\npercent = "40"\nunit = '
                        '"months"', "landmarks.os.12.percent"),
    "at risk": ('[[curves]]\nendpoint = "OS"\nunit = "months"\nat_risk = [["0", "40"], ["6", "30"],'
                ' ["12", "33"]]', "curves.os.at_risk.12"),
    "ratio and interval": ('[[ratios]]\nvariable = "Sex"\nendpoint = "PFS"\nlevel = "male"\n'
                           'reference = "female"\nestimate = "1.10"\nlow = "1.20"\nhigh = "1.90"',
                           "ratios.pfs.univariable.sex.male.low"),
    "interval and p": ('[[ratios]]\nvariable = "Sex"\nendpoint = "PFS"\nlevel = "male"\nreference ='
                       ' "female"\nestimate = "1.30"\nlow = "0.65"\nhigh = "2.60"\np = "0.020"',
                       "ratios.pfs.univariable.sex.male.p"),
    "ratio and p": ('[[ratios]]\nvariable = "Sex"\nendpoint = "PFS"\nlevel = "male"\nreference = '
                    '"female"\nestimate = "1.30"\np = "0.020"',
                    "ratios.pfs.univariable.sex.male.p"),
    "age": ('[[summaries]]\nname = "Weight"\nmean = "90"\nsd = "3"\nlow = "70"\nhigh = "80"\n'
            'spread = "range"\nwhole = true', "summaries.weight."),
}  # fmt: skip


@pytest.mark.skipif(not compiled(), reason="without a compiler this takes long")
@cache
def keys_without() -> frozenset[str]:
    """Figures of the base alone."""
    twin = reconstruct(parse_published(BASE), seed=3)
    return frozenset(x.key for x in twin.certificate.lines)


@pytest.mark.parametrize("planted", PLANTED)
def test_a_planted_impossible_figure_is_named_and_the_rest_met(planted: str) -> None:
    text, key = PLANTED[planted]
    twin = reconstruct(parse_published(BASE + text), seed=3, tries=6, time_budget=20)
    impossible = [x for x in twin.certificate.lines if x.state == "impossible"]
    assert impossible and any(x.key.startswith(key) for x in impossible)
    for line in impossible:
        assert line.why
        assert line.key in line.conflict
    # What was printed before the planted figures is met, but for what contradicts them.
    accused = {c for x in impossible for c in x.conflict}
    for line in twin.certificate.lines:
        if line.key in keys_without() - accused:
            assert line.state == "met", line


@settings(deadline=None, max_examples=60)
@given(
    st.floats(-1.5, 1.5), st.floats(0.12, 1.2), st.sampled_from([1, 2, 3]), st.sampled_from([2, 3])
)
def test_a_true_ratio_is_never_called_impossible(b: float, se: float, d: int, dp: int) -> None:
    z = abs(b) / se
    p = math.erfc(z / math.sqrt(2))
    q = 1.959963984540054
    r = Ratio(
        "x", estimate=f"{math.exp(b):.{d}f}", low=f"{math.exp(b - q * se):.{d}f}",
        high=f"{math.exp(b + q * se):.{d}f}", p=f"{p:.{dp}f}" if p >= 0.001 else "<0.001",
    )  # fmt: skip
    patients = math.ceil(2 / se**2) + 1
    assert ratio_conflicts(r, patients, patients) == {}


def test_the_conflict_is_smallest() -> None:
    r = Ratio("x", estimate="1.50", low="1.00", high="2.25", p="0.30")
    # Limits and p alone would do with a ratio of nearly 1: the conflict has the estimate in it.
    assert ratio_conflicts(r)["p"].conflict == ("estimate", "low", "p")
    assert ratio_conflicts(replace(r, low=""))["p"].conflict == ("estimate", "high", "p")
    assert ratio_conflicts(replace(r, low="", high="")) == {}
    assert least_error(6, 36) == pytest.approx(math.sqrt(1 / 6 + 1 / 36))


def _curve(points: str) -> dict[str, tuple[str, ...]]:
    text = 'schema = 1\n[[populations]]\nkey = "cohort"\nn = "42"\n' + points
    found = impossible_curves(parse_published(text), ("os",))
    return {k: v.conflict for k, v in found.items()}


RISK = """
[[curves]]
endpoint = "OS"
unit = "months"
at_risk = [["0", "42"], ["12", "30"], ["18", "26"], ["24", "20"]]
"""


def _landmark(time: str, percent: str) -> str:
    return (
        f'[[landmarks]]\nendpoint = "OS"\ntime = "{time}"\nunit = "months"\npercent = "{percent}"\n'
    )


@pytest.mark.parametrize(
    ("text", "conflict"),
    [
        # 30 of 42 at risk at 12 months: survival before is at least 71.4 %.
        (_landmark("11", "60") + RISK, ("landmarks.os.11.percent", "curves.os.at_risk.12")),
        # From 12 to 24 months it falls by no more than from 30 to 20.
        (_landmark("11.9", "95.0") + _landmark("23.9", "50.0") + RISK, ()),
        (
            _landmark("12.1", "95.0") + _landmark("23.9", "50.0") + RISK,
            ("landmarks.os.12_1.percent", "landmarks.os.23_9.percent", "curves.os.at_risk.24"),
        ),
        (RISK.replace('"24", "20"', '"24", "28"'), ("curves.os.at_risk.18",)),
        (RISK.replace('"12", "30"', '"12", "44"'), ("curves.os.at_risk.12",)),
        (
            _landmark("6", "70") + _landmark("12", "40") + _landmark("18", "60"),
            ("landmarks.os.12.percent", "landmarks.os.18.percent"),
        ),
    ],
)
def test_curves_that_no_patients_have(text: str, conflict: tuple[str, ...]) -> None:
    found = _curve(text)
    if not conflict:
        assert found == {}
        return
    ((key, named),) = found.items()
    assert key in named and set(conflict) <= set(named)


def test_one_wrong_figure_is_set_aside_not_all_that_contradict_it() -> None:
    text = "".join(_landmark(t, p) for t, p in (("6", "90"), ("12", "95"), ("18", "70")))
    text += '[[times]]\nendpoint = "OS"\nmedian = "3.0"\nunit = "months"\n'
    found = _curve(text)
    assert set(found) == {"times.os.median", "landmarks.os.12.percent"}
    assert len(found["times.os.median"]) == 2


@settings(max_examples=60, deadline=None)
@given(st.integers(5, 60), st.integers(0, 2**32 - 1))
def test_figures_of_patients_are_never_called_impossible(n: int, seed: int) -> None:
    """Rates, median and numbers at risk of drawn patients, with ties, rounded as papers do."""
    rng = np.random.default_rng(seed)
    time = np.ceil(rng.exponential(20, n))
    event = rng.random(n) < rng.uniform(0.2, 1)
    km = kaplan_meier(time, event)
    text = 'schema = 1\n[[populations]]\nkey = "cohort"\n' + f'n = "{n}"\n'
    for month in sorted(rng.choice(40, 4, replace=False) + 1):
        share = km.at(float(month))[0].survival
        if share is not None:
            text += _landmark(str(month), f"{100 * share:.1f}")
    if km.median.value is not None and not km.median.flat:
        text += f'[[times]]\nendpoint = "OS"\nmedian = "{km.median.value:.1f}"\nunit = "months"\n'
    risk = ", ".join(f'["{m}", "{int((time >= m).sum())}"]' for m in (0, 6, 12, 18, 24, 36))
    text += f'[[curves]]\nendpoint = "OS"\nunit = "months"\nat_risk = [{risk}]\n'
    assert impossible_curves(parse_published(text), ("os",)) == {}


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_a_conflict_is_one_and_has_nothing_to_spare(seed: int) -> None:
    rng = np.random.default_rng(seed)
    text = "".join(
        _landmark(str(t), str(rng.integers(20, 95))) for t in rng.choice(60, 5, replace=False) + 1
    )
    risk = ", ".join(f'["{m}", "{rng.integers(0, 50)}"]' for m in (6, 18, 30))
    text += f'[[curves]]\nendpoint = "OS"\nunit = "months"\nat_risk = [{risk}]\n'
    published = parse_published('schema = 1\n[[populations]]\nkey = "cohort"\nn = "42"\n' + text)
    points = list(curve_conflicts.points_of(published, "os"))
    for conflict in (v.conflict for v in impossible_curves(published, ("os",)).values()):
        assert not curve_conflicts.possible([p for p in points if p.key in conflict], 42)
        for each in conflict:
            rest = [p for p in points if p.key in conflict and p.key != each]
            assert curve_conflicts.possible(rest, 42)


def test_a_median_against_its_limit_and_a_rate_is_what_is_wrong() -> None:
    """One figure is set aside, not the two that agree with each other."""
    time = Time("OS", "25.4", "months", "14.4", "22.4", "interval", "95", "cohort")
    rates = (Landmark("OS", "12", "months", "78.6"), Landmark("OS", "24", "months", "32.7"))
    found = impossible_curves(Published(times=(time,), landmarks=rates), ("os",))
    assert {k: v.conflict for k, v in found.items()} == {
        "times.os.median": ("landmarks.os.24.percent", "times.os.median")
    }
    alone = impossible_curves(Published(times=(time,)), ("os",))
    assert {k: v.conflict for k, v in alone.items()} == {
        "times.os.high": ("times.os.median", "times.os.high")
    }


def test_a_level_that_is_set_aside_is_as_near_to_its_figure_as_can_be() -> None:
    """Of 50 patients 28 men and 24 women can't be: 22 are women, not nobody."""
    text = """
schema = 1
[[populations]]
key = "cohort"
n = "50"
[[variables]]
name = "Sex"
levels = [
  {label = "Male", count = "28", percent = "56"}, {label = "Female", count = "24", percent = "48"},
]
"""
    twin = reconstruct(parse_published(text), seed=1)
    assert twin.certificate["variables.sex.female.count"].value == 22
    assert twin.certificate["variables.sex.female.count"].state == "impossible"


def test_scores_stay_within_their_ends() -> None:
    text = """
schema = 1
[[populations]]
key = "cohort"
n = "40"
[[variables]]
name = "Gleason score"
levels = [{label = "<=7", count = "18"}, {label = ">=8", count = "22"}]
"""
    twin = reconstruct(parse_published(text), seed=1)
    assert twin.certificate.count("met") == 2
    assert [p for p in twin.study().problems if p.severity.value == "error"] == []
