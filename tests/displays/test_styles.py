"""Numbers to text: the one place where results are formatted."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncohort.analyses.result import Estimate, Kind, key_of
from oncohort.displays.styles import style_of
from oncohort.protocol.analysis import Style as StyleSection
from oncohort.protocol.number_style import rounded


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.0, "<0.001"),
        (0.00099, "<0.001"),
        (0.001, "0.001"),
        (0.0496, "0.0496"),
        (0.04999, "<0.05"),
        (0.0504, "0.050"),
        (0.1996, "0.200"),
        (0.2, "0.20"),
        (0.64, "0.64"),
        (0.996, ">0.99"),
        (1.0, ">0.99"),
    ],
)
def test_p(value: float, shown: str) -> None:
    assert style_of().p(value) == shown


def test_p_of_journals() -> None:
    jco = style_of(StyleSection(journal="jco"))
    assert (jco.p(0.0004), jco.p(0.04), jco.p_phrase(0.04)) == (
        "<.001",
        ".040",
        "P\u00a0=\u00a0.040",
    )
    anticancer = style_of(StyleSection(journal="anticancer_research"))
    assert [anticancer.p(v) for v in (0.0083, 0.0123, 0.64, 0.1)] == [
        "0.0083",
        "0.012",
        "0.64",
        "0.10",
    ]


def test_percent_by_denominator() -> None:
    annals = style_of(StyleSection(journal="annals"))
    assert annals.percent(38.095, 42) == "38"
    assert annals.percent(38.095, 420) == "38.1"
    assert style_of().percent(38.095, 42) == "38.1"


def test_digits_of_the_protocol_win() -> None:
    style = style_of(StyleSection(digits={"percent": 2, "time": 0}))
    assert style.percent(38.095) == "38.10"
    assert style.one(10.6, "time") == "11"


@pytest.mark.parametrize(
    ("value", "digits", "shown"),
    [
        (0.5, 0, "1"),
        (2.675, 2, "2.68"),
        (-0.04, 1, "0.0"),
        (-12.34, 1, "\u221212.3"),
        (0.125, 2, "0.13"),
    ],
)
def test_rounds_half_away_from_zero(value: float, digits: int, shown: str) -> None:
    assert rounded(value, digits) == shown


@settings(max_examples=200, deadline=None)
@given(st.floats(-1e6, 1e6), st.integers(0, 4))
def test_rounding_is_never_further_than_half(value: float, digits: int) -> None:
    shown = float(rounded(value, digits).replace("\u2212", "-"))
    assert abs(shown - value) <= 0.5 * 10.0**-digits * (1 + 1e-9) + 1e-9


@settings(max_examples=200, deadline=None)
@given(st.floats(0, 1), st.sampled_from(["default", "jco", "annals", "anticancer_research"]))
def test_a_p_value_never_reads_as_0_or_1(p: float, journal: str) -> None:
    text = style_of(StyleSection.model_validate({"journal": journal})).p(p)
    number = float(text.lstrip("<>"))
    assert 0 < number < 1
    if text.startswith("<"):
        assert p <= number
    elif text.startswith(">"):
        assert p >= number
    else:
        assert math.isclose(number, p, abs_tol=0.0051)


def test_intervals() -> None:
    style = style_of()
    pfs = key_of("survival", "pfs", "median")
    median = Estimate(pfs, "PFS", 10.55, kind="time", low=7.9, high=None, level=0.95, unit="months")
    assert style.ci(median) == "7.9\u2013NR"
    change = Estimate(
        key_of("a", "b", "c"), "x", -3.0, kind="percentage", low=-12.0, high=3.0, level=0.95
    )
    assert style.ci(change) == "\u221212.0 to 3.0"
    none = Estimate(pfs, "PFS", None, "not_reached", kind="time", level=0.95, unit="months")
    assert (style.value(none), style.ci(none)) == ("NR", "")
    hr = key_of("prognosis", "os", "hr", model="uni", variable="x")
    lost = Estimate(hr, "HR", None, "not_estimable", kind="ratio")
    assert (style.value(lost), style.ci(lost)) == ("NE", "")


def test_ratios_are_never_zero_or_absurd() -> None:
    style = style_of()
    assert [style.ratio(v) for v in (0.0001, 0.45, 123.4, 1.6e10)] == [
        "<0.01",
        "0.45",
        "123.4",
        ">999",
    ]


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        ("p", 0.0004, "<0.001"),
        ("ratio", 2.8349, "2.83"),
        ("proportion", 38.095, "38.1"),
        ("proportion", 100.0, "100"),
        ("percentage", -37.25, "\u221237.3"),
        ("percentage", 100.0, "100"),
        ("time", 10.55, "10.6"),
        ("value", 63.0, "63"),
        ("value", 4.251, "4.3"),
        ("count", 3, "3"),
    ],
)
def test_the_kind_of_a_number_decides_its_format(kind: Kind, value: float, text: str) -> None:
    # The id says nothing about the format: all of these have the same.
    number = Estimate(key_of("survival", "pfs", "p"), "x", value, kind=kind)
    assert style_of().value(number) == text


def test_numerals() -> None:
    assert [style_of().numeral(n) for n in (1, 3, 4, 9, 14)] == ["I", "III", "IV", "IX", "XIV"]
    assert style_of(StyleSection(journal="jco")).numeral(4) == "4"


def test_two_significant_digits_are_those_of_the_rounded_value() -> None:
    style = style_of(StyleSection(journal="anticancer_research"))
    texts = [style.p(v) for v in (0.00996, 0.0996, 0.0123, 0.64, 0.996, 0.0004)]
    assert texts == ["0.010", "0.10", "0.012", "0.64", ">0.99", "<0.001"]


def test_a_ratio_and_its_bounds_have_one_limit() -> None:
    style = style_of()
    hr = key_of("prognosis", "os", "hr")
    huge = Estimate(hr, "HR", 1.6e10, kind="ratio", low=0.0001, high=None, level=0.95)
    assert style.value_ci(huge) == ">999 (<0.01\u2013NR)"
    assert [style.ratio(v) for v in (0.0, 99.994, 99.996, 999.94, 999.96)] == [
        "<0.01", "99.99", "100.0", "999.9", ">999",
    ]  # fmt: skip


def test_no_interval_without_width_and_none_that_is_not_reached_at_both_ends() -> None:
    style = style_of()
    at = key_of("survival", "os", "at", time="12")
    whole = Estimate(at, "OS", 100.0, kind="proportion", low=100.0, high=100.0, level=0.95)
    assert style.value_ci(whole) == "100"
    median = key_of("survival", "os", "median")
    lost = Estimate(median, "OS", None, "not_reached", kind="time", level=0.95, unit="months")
    assert (style.in_words(lost), style.interval_words(lost)) == ("not reached", "")
