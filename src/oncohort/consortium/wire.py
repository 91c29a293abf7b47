"""Frozen dataclasses as JSON and back, strictly.

What comes from another machine is checked before it is used: every field is there and no other, of
its own type; numbers are finite; keys stand once; texts, lists and the whole have limits. What is
not so is a :class:`~oncohort.consortium.errors.MessageError` with its place, never a default.
"""

from __future__ import annotations

import json
import math
import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Literal, NoReturn, TypeVar, Union, get_args, get_origin, get_type_hints

from oncohort.consortium.errors import MessageError
from oncohort.vocabulary.boundaries import Parsed

T = TypeVar("T")

MOST_BYTES = 32 * 2**20
"""Longest message that is read."""
MOST_TEXT = 4000
"""Longest text in a message."""
MOST_ITEMS = 2_000_000
"""Most members of a list."""
MOST_INTEGER = 2**53
"""Whole numbers are exact below this."""


def canonical(value: object) -> bytes:
    """The one way in which a message is written: keys in order, no blanks, ASCII.

    Examples
    --------
    >>> canonical({"b": 1, "a": [0.5]})
    b'{"a":[0.5],"b":1}'
    """
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode("ascii")


def loads(text: str | bytes) -> Parsed:
    """JSON without what its readers may take in two ways: repeated keys, NaN, numbers too large.

    Raises
    ------
    MessageError
    """
    if len(text) > MOST_BYTES:
        raise MessageError.of(f"it is longer than {MOST_BYTES} bytes")
    try:
        decoded = text.decode("utf-8") if isinstance(text, bytes) else text
        return json.loads(
            decoded,
            object_pairs_hook=_once,
            parse_constant=_no_constant,
            parse_float=_finite,
            parse_int=_whole,
        )
    except (ValueError, RecursionError) as error:
        raise MessageError.of(f"it is no JSON that can be read ({str(error)[:80]})") from None


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    out = dict(pairs)
    if len(out) != len(pairs):
        raise MessageError.of("a key stands twice")
    return out


def _no_constant(name: str) -> NoReturn:
    raise MessageError.of(f"it holds {name}, which is no number")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise MessageError.of(f"{text[:20]} is too large for a number")
    return value


def _whole(text: str) -> int:
    if len(text) > 17 or abs(int(text)) > MOST_INTEGER:
        raise MessageError.of(f"{text[:20]} is too large for a whole number")
    return int(text)


def encode(value: object) -> Parsed:
    """A message as what JSON has.

    Raises
    ------
    MessageError
        A number is not finite: such a message never leaves.
    """
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: encode(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, tuple | list):
        return [encode(v) for v in value]
    if isinstance(value, float) and not math.isfinite(value):
        raise MessageError.of("a number is not finite")
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise MessageError.of(f"{type(value).__name__} has no place in a message")


def decode(kind: type[T], data: object, where: str = "") -> T:
    """A message of the type `kind`, every field checked.

    Raises
    ------
    MessageError
        With the place of what is wrong.
    """
    value: T = _decode(kind, data, where)
    return value


@cache
def _hints(kind: object) -> Mapping[str, object]:
    return get_type_hints(kind)


def _decode(kind: object, data: object, where: str) -> Parsed:
    origin = get_origin(kind)
    if origin is Literal:
        allowed = get_args(kind)
        if not any(type(data) is type(a) and data == a for a in allowed):
            raise MessageError.of(f"must be {' or '.join(map(repr, allowed))}", where)
        return data
    if origin is tuple:
        return _items(get_args(kind)[0], data, where)
    if origin in (Union, types.UnionType):
        return _one_of(get_args(kind), data, where)
    if is_dataclass(kind):
        return _object(kind, data, where)
    return _plain(kind, data, where)


def _plain(kind: Parsed, data: Parsed, where: str) -> Parsed:
    if kind is bool and isinstance(data, bool):
        return data
    if kind is int and type(data) is int and abs(data) <= MOST_INTEGER:
        return data
    if kind is float and type(data) in (int, float) and math.isfinite(data):
        return float(data)
    if kind is str and isinstance(data, str):
        if len(data) > MOST_TEXT:
            raise MessageError.of(f"a text is longer than {MOST_TEXT} characters", where)
        return data
    if kind is type(None) and data is None:
        return None
    name = getattr(kind, "__name__", str(kind))
    raise MessageError.of(f"must be {name}, it is {_shown(data)}", where)


def _shown(data: object) -> str:
    text = repr(data)
    return text if len(text) <= 40 else f"{type(data).__name__}"


def _items(kind: object, data: object, where: str) -> tuple[object, ...]:
    if not isinstance(data, list):
        raise MessageError.of(f"must be a list, it is {_shown(data)}", where)
    if len(data) > MOST_ITEMS:
        raise MessageError.of(f"has more than {MOST_ITEMS} members", where)
    return tuple(_decode(kind, v, f"{where}[{i}]") for i, v in enumerate(data))


def _one_of(kinds: tuple[object, ...], data: object, where: str) -> Parsed:
    """A union: none, or the dataclass whose `kind` is named, or the plain type that fits."""
    if data is None and type(None) in kinds:
        return None
    named = {tag: k for k in kinds if (tag := _tag(k)) is not None}
    if named:
        tag = data.get("kind") if isinstance(data, dict) else None
        if not isinstance(tag, str) or tag not in named:
            raise MessageError.of(f"is none of {', '.join(named)}", where)
        return _object(named[tag], data, where)
    rest = [k for k in kinds if k is not type(None)]
    if len(rest) == 1:
        return _decode(rest[0], data, where)
    raise MessageError.of("has no type", where)


def _tag(kind: object) -> str | None:
    """The `kind` by which a class is known in a message; none where it has none."""
    hints = _hints(kind) if isinstance(kind, type) and kind is not type(None) else {}
    return str(get_args(hints["kind"])[0]) if "kind" in hints else None


def _object(kind: Parsed, data: Parsed, where: str) -> Parsed:
    if not isinstance(data, dict):
        raise MessageError.of(f"must be an object, it is {_shown(data)}", where)
    wanted = [f.name for f in fields(kind)]
    unknown = [k for k in data if k not in wanted]
    if unknown:
        raise MessageError.of(f"has an unknown field {unknown[0][:40]!r}", where)
    missing = [k for k in wanted if k not in data]
    if missing:
        raise MessageError.of(f"lacks {missing[0]}", where)
    hints: Mapping[str, object] = _hints(kind)
    prefix = f"{where}." if where else ""
    values = {name: _decode(hints[name], data[name], prefix + name) for name in wanted}
    try:
        return kind(**values)
    except ValueError as error:
        raise MessageError.of(str(error), where) from None
