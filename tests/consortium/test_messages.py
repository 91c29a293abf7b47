"""Messages from elsewhere: read strictly, or refused by name."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncohort.consortium.errors import MessageError, SealError
from oncohort.consortium.messages import (
    AskAnswer,
    AskRequest,
    CheckAnswer,
    CoxTerms,
    Envelope,
    Fact,
    LifeTable,
    LifeTables,
    Question,
    RateCounts,
    RoundingTerms,
)
from oncohort.consortium.sealing import answer_of, opened, read_envelope, request_of, sealed
from oncohort.consortium.wire import MOST_BYTES, canonical, decode, encode, loads

KEY, OTHER = "ab" * 32, "cd" * 32


def envelope(body: Any, request: str = "r") -> Envelope:
    return Envelope("oncohort-consortium", 1, "trial", "p", "s", 3, "north", request, body, "")


TERMS = CoxTerms("m", (0.5, -1.25), True, -12.5, (0.1, 1e-300), (2.0, 0.5, 0.5, 1.0))
BODIES = [
    CheckAnswer((Fact("a", "b"),), 0, True),
    AskAnswer((TERMS, RateCounts("r", (3, None), (9, None))), 7),
    AskAnswer((LifeTables("k", (LifeTable((1, 2), (1, 0), (0, 4), False),)),), 1),
    AskRequest((Question("m", "terms", beta=(0.1, 0.2)),)),
    AskRequest((Question("m", "rounding", beta=(0.1, 0.2)),)),
    AskAnswer((RoundingTerms("m", (0.5,), True, (0.1,), (2.0,), (0.2,), (2.5,)),), 1),
]


@pytest.mark.parametrize("body", BODIES)
def test_a_message_comes_out_as_it_went_in(body: Any) -> None:
    text = sealed(envelope(body), KEY)
    assert opened(text, KEY).body == body
    assert text.isascii() and text.count("\n") == 1


@settings(max_examples=200, deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_come_out_bit_for_bit(value: float) -> None:
    assert math.copysign(1, loads(canonical([value]))[0]) == math.copysign(1, value)
    assert loads(canonical([value]))[0] == value


def changed(**fields: Any) -> str:
    data = json.loads(sealed(envelope(BODIES[1]), KEY))
    for path, value in fields.items():
        at = data
        *way, last = path.split("__")
        for step in way:
            at = at[int(step)] if step.isdigit() else at[step]
        if value is ...:
            del at[last]
        else:
            at[int(last) if last.isdigit() else last] = value
    return json.dumps(data)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"version": 2}, "version 2; this oncohort reads version 1"),
        ({"version": "1"}, "version 1"),
        ({"version": True}, "version True"),
        ({"format": "other"}, "no message of a consortium"),
        ({"more": 1}, "unknown field 'more'"),
        ({"sequence": ...}, "lacks sequence"),
        ({"sequence": 0}, "sequence is below 1"),
        ({"sequence": 1.5}, "must be int"),
        ({"sequence": True}, "must be int"),
        ({"site": 7}, "must be str"),
        ({"site": "x" * 5000}, "longer than"),
        ({"body__kind": "asked"}, "is none of check"),
        ({"body__spent": -1}, "spent is below 0"),
        ({"body__items": {}}, "must be a list"),
        ({"body__items__0__kind": "table"}, "unknown field"),
        ({"body__items__0__loglik": "-12"}, "must be float"),
        ({"body__items__0__loglik": None}, "must be float"),
        ({"body__items__0__loglik": 3.0}, "above 0"),
        ({"body__items__0__score": [1.0]}, "another length"),
        ({"body__items__0__information": [1.0, 2.0, 3.0, 4.0]}, "lopsided"),
        ({"body__items__0__information": [-1.0, 0.0, 0.0, 4.0]}, "negative diagonal"),
        ({"body__items__0__known": 1}, "must be bool"),
        ({"body__items__1__x": [10, None]}, "x is above n"),
        ({"body__items__1__x": [-1, None]}, "below 0"),
        ({"body__items__1__x": [2.0, None]}, "must be int"),
    ],
)
def test_what_is_not_a_message_is_refused_with_its_place(fields: Any, said: str) -> None:
    with pytest.raises(MessageError, match=said):
        opened(changed(**fields), KEY)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no JSON"),
        ("[1, 2", "no JSON"),
        ("[]", "must be an object"),
        ("null", "must be an object"),
        ('{"a": 1, "a": 2}', "stands twice"),
        ('{"a": NaN}', "no number"),
        ('{"a": -Infinity}', "no number"),
        ('{"a": 1e999}', "too large"),
        ('{"a": 99999999999999999999}', "too large"),
        ("[" * 100_000, "no JSON"),
        (b"\xff\xfe", "no JSON"),
    ],
)
def test_what_is_no_json_is_refused(text: Any, said: str) -> None:
    with pytest.raises(MessageError, match=said):
        read_envelope(text)


def test_a_message_of_any_size_is_not_read() -> None:
    with pytest.raises(MessageError, match="longer than"):
        loads("1" * (MOST_BYTES + 1))


def test_a_number_that_is_not_finite_never_leaves() -> None:
    for bad in (math.nan, math.inf):
        with pytest.raises(MessageError, match="not finite"):
            encode(CoxTerms("m", (0.0,), True, -1.0, (bad,), (1.0,)))


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_changed_character_is_noticed(data: Any) -> None:
    text = sealed(envelope(BODIES[1]), KEY)
    at = data.draw(st.integers(0, len(text) - 2))
    new = data.draw(st.characters(min_codepoint=32, max_codepoint=126))
    forged = text[:at] + new + text[at + 1 :]
    if forged == text:
        return
    try:
        found = opened(forged, KEY)
    except (MessageError, SealError):
        return
    # 1.0 and 1.00 are one number: what was read is what was sealed.
    assert found == opened(text, KEY)


def test_a_message_of_another_key_is_forged() -> None:
    with pytest.raises(SealError, match="north"):
        opened(sealed(envelope(BODIES[0]), OTHER), KEY)


def test_a_request_is_no_answer_and_the_other_way_round() -> None:
    with pytest.raises(MessageError, match="a request stands"):
        answer_of(envelope(BODIES[3], ""))
    with pytest.raises(MessageError, match="an answer stands"):
        request_of(envelope(BODIES[0]))
    with pytest.raises(MessageError, match="an answer stands"):
        request_of(envelope(BODIES[3], "r"))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats(-2, 2) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(max_examples=200, deadline=None)
@given(JSON)
def test_anything_else_is_an_error_of_its_own_type(data: Any) -> None:
    for kind in (Envelope, AskAnswer, LifeTable, CoxTerms):
        try:
            decode(kind, data)
        except MessageError:
            continue
        raise AssertionError(f"{data!r} was read as {kind.__name__}")
