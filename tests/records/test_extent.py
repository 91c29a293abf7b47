"""How far a sheet reaches is found fast where it is written plainly, and right where it isn't."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from oncohort.records.sources import extent

PIECES = (
    b'<row r="5">',
    b'<c r="A5">',
    b'<c r="AB77">',
    b'<c r="ABC12345">',
    b'<c r="A123456">',
    b"<c r='A1'>",
    b'<c r = "b7">',
    b'<c r=" B9">',
    b'<c r="b5">',
    b'<c\nr\n="Z9">',
    b'<x:row\tr="77">',
    b'<row spans="1:2" r="9">',
    b'<dataValidation operator="between">',
    b"\r\n",
    b"<?xml version='1.0'?>",
    b"<v>a = b</v>",
)
ROW = re.compile(rb"<(?:\w{1,60}:)?row\b[^<]{0,400}?\br\s*=\s*[\"']\s*(\d{1,19})")
LOW = re.compile(
    rb"\br\s*=\s*[\"']\s*[A-Za-z]{1,3}\d{5,}|\br\s*=\s*[\"']\s*[a-z]|\br\s*=\s*'",
)
blocks = st.lists(st.sampled_from(PIECES), max_size=8).map(b"".join)


@given(blocks)
def test_rows_and_odd_addresses_are_those_of_the_plain_search(block: bytes) -> None:
    assert sorted(extent._rows(block)) == sorted(int(n[:9]) for n in ROW.findall(block))
    assert extent._is_low(block) == bool(LOW.search(block))


@given(blocks)
def test_the_width_is_never_too_small(block: bytes) -> None:
    letters = re.findall(rb'\br="([A-Z]{1,3})\d', block)
    allowed = max([26, *(n for pattern, n in extent._BUCKETS if pattern.search(block))])
    assert all(extent._columns(one) <= allowed for one in letters)
