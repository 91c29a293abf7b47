"""Printed numbers and the true values behind them."""

from __future__ import annotations

from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncohort.published.rounding import (
    CONVENTIONS,
    could_be,
    denominators,
    interval,
    number,
    probability,
)

MODES = {"half-up": ROUND_HALF_UP, "half-even": ROUND_HALF_EVEN, "truncation": ROUND_DOWN}


@pytest.mark.parametrize(
    ("text", "value", "unit", "relation"),
    [
        ("71.4", Fraction(357, 5), Fraction(1, 10), "="),
        ("0·0083", Fraction(83, 10000), Fraction(1, 10000), "="),
        (".05", Fraction(1, 20), Fraction(1, 100), "="),
        ("<0.001", Fraction(1, 1000), Fraction(1, 1000), "<"),
        ("≥ 4", Fraction(4), Fraction(1), ">="),
        ("−1.5", Fraction(-3, 2), Fraction(1, 10), "="),
        ("1,204", Fraction(1204), Fraction(1), "="),
        ("3.2 × 10−5", Fraction(32, 10**6), Fraction(1, 10**6), "="),
        ("1e-4", Fraction(1, 10**4), Fraction(1, 10**4), "="),
        ("38.1%", Fraction(381, 10), Fraction(1, 10), "="),
    ],
)
def test_numbers_as_papers_print_them(
    text: str, value: Fraction, unit: Fraction, relation: str
) -> None:
    read = number(text)
    assert read is not None
    assert (read.value, read.unit, read.relation) == (value, unit, relation)


@pytest.mark.parametrize("text", ["", "NS", "n.s.", "12-14", "12 (5)", "1.2.3", "1e999999", "a1"])
def test_what_is_no_number(text: str) -> None:
    assert number(text) is None


@settings(deadline=None, max_examples=300)
@given(
    st.decimals(0, 1000, places=6, allow_nan=False, allow_infinity=False),
    st.integers(0, 4),
    st.sampled_from(sorted(MODES)),
)
def test_the_true_value_is_never_outside(value: Decimal, places: int, mode: str) -> None:
    printed = str(value.quantize(Decimal(1).scaleb(-places), rounding=MODES[mode]))
    allowed = interval(printed)
    assert allowed is not None and Fraction(value) in allowed
    own = interval(printed, (mode,))
    assert own is not None and Fraction(value) in own
    assert set(CONVENTIONS) == set(MODES)


@settings(deadline=None, max_examples=300)
@given(st.integers(1, 400), st.data(), st.integers(0, 2), st.sampled_from(sorted(MODES)))
def test_right_percentages_always_have_their_denominator(
    n: int, data: st.DataObject, places: int, mode: str
) -> None:
    count = data.draw(st.integers(0, n))
    exact = Decimal(100 * count) / Decimal(n)
    printed = str(exact.quantize(Decimal(1).scaleb(-places), rounding=MODES[mode]))
    assert could_be(count, n, printed)
    assert n in denominators(count, printed)


@settings(deadline=None, max_examples=200)
@given(st.integers(1, 60), st.integers(1, 999))
def test_denominators_are_all_and_only_those_that_fit(count: int, tenths: int) -> None:
    printed = f"{tenths / 10:.1f}"
    found = set(denominators(count, printed))
    tried = {n for n in range(1, 3000) if could_be(count, n, printed)}
    assert tried == {n for n in found if n < 3000}


def test_probabilities() -> None:
    assert str(probability("<0.05")) == "0 to 0.05"
    assert str(probability(">0.9")) == "0.9 to 1"
    assert probability("1.2") is None
    assert str(probability("0.1")) == "0.05 to 0.2"
