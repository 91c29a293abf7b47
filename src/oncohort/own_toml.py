"""Our own data that are kept in TOML, read fast: vocabularies, catalogues, tables of rules.

Most of these files are tables of keys with texts, numbers and lists, and that is JSON but for the
names of tables and keys. Turned into it a file is read in a tenth of the time. What is
written in another way (a table within a line, a date) is left to the standard library's reader.
"""

from __future__ import annotations

import json
import re
from typing import Any

_COMMENT = re.compile(r"^#.*", re.MULTILINE)
_TABLE = re.compile(r'^\[([\w.-]+?)(?:\."([^"\\\n]+)")?\]$', re.MULTILINE)
_KEY = re.compile(r'^(?:([\w-]+)|"([^"\\\n]+)") = ', re.MULTILINE)
_LAST_COMMA = re.compile(r",\n\]$", re.MULTILINE)


def own_toml(text: str) -> dict[str, Any]:
    """What a file of ours holds; the same as `tomllib.loads` gives.

    Examples
    --------
    >>> own_toml('# Words.\\n[sex.male]\\nen = ["man", "m"]\\n"no" = ["mann"]\\n')
    {'sex': {'male': {'en': ['man', 'm'], 'no': ['mann']}}}
    """
    try:
        tables = json.loads(_as_json(text))
    except ValueError:
        import tomllib

        return tomllib.loads(text)
    found: dict[str, Any] = {}
    for name, last, held in tables:
        at = found
        for part in (*(name.split(".") if name else ()), *([last] if last else ())):
            at = at.setdefault(part, {})
        del held[""]
        at.update(held)
    return found


def _as_json(text: str) -> str:
    """Each table as its name with what it holds, and something first that keys can follow."""
    text = _LAST_COMMA.sub("]", _COMMENT.sub("", text))
    text = _TABLE.sub(r'}], ["\1", "\2", {"": 0', _KEY.sub(r', "\1\2": ', text))
    return '[["", "", {"": 0' + text + "}]]"
