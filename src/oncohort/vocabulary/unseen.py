"""Signs that steer a terminal or the direction of writing, and are not seen."""

from __future__ import annotations

import re

_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def coded(text: str) -> str:
    r"""TOML or JSON in which such signs are written as their codes; it says the same.

    For texts that hold basic strings only, as the ones that are written here. In other texts
    the code is shown.

    Examples
    --------
    >>> coded('title = "a\u202eb"')
    'title = "a\\u202Eb"'
    """
    return _UNSEEN.sub(lambda sign: f"\\u{ord(sign[0]):04X}", text)
