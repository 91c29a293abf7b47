"""Functions stay below about 60 lines and modules below about 500; what is longer may only shrink.

`allowed.txt` has what is longer today: place and lines, as `scripts/measure_sizes.py` prints them.
"""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "scripts"))

from measure_sizes import long_places

ALLOWED = {
    place: int(lines)
    for place, lines in (
        line.split("\t")
        for line in Path(__file__).with_name("allowed.txt").read_text().splitlines()
    )
}


found_places = cache(long_places)


def test_nothing_is_longer_than_it_may_be() -> None:
    assert {k: v for k, v in found_places().items() if v > ALLOWED.get(k, 0)} == {}


def test_what_is_short_enough_now_is_no_longer_allowed_to_be_long() -> None:
    assert sorted(set(ALLOWED) - set(found_places())) == []


def test_a_long_function_is_found(tmp_path: Path) -> None:
    doc = '    """Said.\n\n' + "    more\n" * 30 + '    """\n'
    short = "def short():\n" + doc + "    x = 1\n" * 59
    long = "def long():\n" + doc + "    x = 1\n" * 60
    (tmp_path / "a.py").write_text(f"{short}\n\n{long}")
    assert long_places(tmp_path) == {"a.py:long": 61}
