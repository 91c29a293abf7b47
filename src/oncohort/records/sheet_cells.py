"""Raw cells of a sheet: blank or filled, words or figures."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from oncohort.records.grid import Cell
from oncohort.records.names import fold
from oncohort.vocabulary.words import names as known_names


def is_blank(value: Cell) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def n_filled(row: Sequence[Cell]) -> int:
    return sum(not is_blank(v) for v in row)


def any_value(row: Sequence[Cell]) -> bool:
    """Is there a value in the row? Stops at the first one."""
    return any(v is not None and not (isinstance(v, str) and not v.strip()) for v in row)


def n_texts(row: Sequence[Cell]) -> int:
    return sum(isinstance(v, str) and not is_blank(v) and not is_numeric(v) for v in row)


def is_numeric(value: str) -> bool:
    return bool(re.fullmatch(r"\s*[-+]?[\d.,/\-:]+\s*+%?\s*", value))


def at(row: Sequence[Cell], column: int) -> Cell:
    return row[column] if column < len(row) else None


def name_text(value: Cell) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def shown(row: Sequence[Cell], most: int = 80) -> str:
    words = [name_text(v) for v in row if not is_blank(v)]
    text = ", ".join(words[: max(4, most // 40)])
    return (text[:most] + "...") if len(text) > most or len(words) > max(4, most // 40) else text


@cache
def id_names() -> frozenset[str]:
    return frozenset(fold(n) for n in known_names()["any"]["patient"])
