"""Signs that steer a terminal or the direction of writing, and are not seen."""

from __future__ import annotations

import re
import tomllib

_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def drawn(text: str) -> str:
    r"""Words of a figure without such signs: they have no shape, and XML allows few of them.

    Examples
    --------
    >>> drawn("\x1b[31mArm\u202e A")
    '[31mArm A'
    """
    return _NO_XML.sub("", _UNSEEN.sub("", text))


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


def coded_edits(before: str, after: str) -> str:
    r"""A person's TOML after an edit: what the edit wrote is coded, their own lines stay.

    Literal strings and comments know no codes: a line that would say something else stays, too.

    Examples
    --------
    >>> coded_edits("a = 'x'  # \u200e", "a = 'x'  # \u200e\nb = \"y\u202e\"").split("\n")[1]
    'b = "y\\u202E"'
    """
    known = set(before.split("\n"))
    lines = [line if line in known else coded(line) for line in after.split("\n")]
    done = "\n".join(lines)
    return done if done == after or tomllib.loads(done) == tomllib.loads(after) else after
