"""Every number that R computed for the fixtures, computed here too, to 1e-8 relative."""

from __future__ import annotations

import pytest
from parity import SOURCES, comparisons


@pytest.mark.parametrize("fixture", sorted(SOURCES))
def test_equal_to_r(fixture: str) -> None:
    found = comparisons(fixture)
    assert found
    wrong = [
        f"{c.method} | {c.case} | {c.what}: {c.difference:.3g}"
        for c in found
        if not c.difference <= c.tolerance
    ]
    assert not wrong, "\n".join([f"{len(wrong)} of {len(found)} differ", *wrong[:40]])
    assert all(c.why for c in found if c.tolerance > 1e-8)
