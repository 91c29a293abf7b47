"""Lines of a protocol as text. Whatever writes `study.toml` anew, or quotes it, writes it so.

Changes of a protocol that is there are made in its tree (:mod:`oncohort.study.editing`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import date

from oncohort.vocabulary.unseen import coded


class Hole(str):
    """What stands where a value is not known yet; it is written bare."""

    __slots__ = ()


HOLE = Hole("???")


def toml_value(value: object, *, bare: bool = False) -> str:
    """A value as TOML.

    Parameters
    ----------
    bare
        Keys of an inline table are ours, and stand without quotes where they can. Without it they
        are the chart's own words, and all are quoted.

    Examples
    --------
    >>> toml_value('LD "cm"'), toml_value(["a", 1]), toml_value(True), toml_value({"1": "male"})
    ('"LD \\\\"cm\\\\""', '["a", 1]', 'true', '{ "1" = "male" }')
    >>> toml_value({"sheet": "Labs", "where": {"x": HOLE}}, bare=True)
    '{ sheet = "Labs", where = { x = ??? } }'
    """
    if isinstance(value, Hole):
        return str(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return f"[{', '.join(toml_value(v, bare=bare) for v in value)}]"
    if isinstance(value, dict):
        keys = {k: toml_key(str(k)) if bare else toml_value(str(k)) for k in value}
        inner = ", ".join(f"{keys[k]} = {toml_value(v, bare=bare)}" for k, v in value.items())
        return f"{{ {inner} }}"
    return coded(json.dumps(str(value), ensure_ascii=False))


def toml_key(name: str) -> str:
    """A key, quoted where it has to be, or would look like a date.

    Examples
    --------
    >>> toml_key("crp"), toml_key("CRP, mg/L"), toml_key("2008-01-31")
    ('crp', '"CRP, mg/L"', '"2008-01-31"')
    """
    bare = isinstance(name, Hole) or re.fullmatch(r"(?!-|\d+-)[A-Za-z0-9_-]+", name)
    return name if bare else toml_value(name)


def toml_header(*path: str) -> str:
    """The head of a section.

    Examples
    --------
    >>> toml_header("endpoints", "os"), toml_header("variables", "CRP high")
    ('[endpoints.os]', '[variables."CRP high"]')
    """
    return f"[{'.'.join(map(toml_key, path))}]"


def toml_line(
    path: str | Sequence[str], value: object, comment: str = "", *, bare: bool = False
) -> str:
    """A setting, with a comment behind it.

    Parameters
    ----------
    path
        Its keys; as one text they are joined by dots, each a bare key.
    bare
        See :func:`toml_value`.

    Examples
    --------
    >>> toml_line("columns.age", "Age", "0.95: its name")
    'columns.age = "Age"   # 0.95: its name'
    >>> toml_line(("codes", "CRP high"), {"1": "yes"})
    'codes."CRP high" = { "1" = "yes" }'
    """
    where = path if isinstance(path, str) else ".".join(map(toml_key, path))
    return f"{where} = {toml_value(value, bare=bare)}" + (f"   # {comment}" if comment else "")
