"""Columns whose values are replaced by codes as soon as they are read."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from pathlib import Path

import polars as pl

from oncohort.problems import Place, ReadError, problem
from oncohort.records.columns import as_list
from oncohort.records.grid import Cell, Column, OnDemand, Raw
from oncohort.records.names import columns_called
from oncohort.records.values import text_of
from oncohort.whole_files import write_once

KEY_FILE = "hash.key"
"""The study's own key, beside `study.toml`; without it nobody can try values against the codes."""
_BYTES = 32
_DIGITS = 10
"""Of a code: among 10,000 values two share one with a chance below 0.0001."""


def key_of(folder: Path) -> bytes:
    """The study's key; made once, readable by its owner only.

    Raises
    ------
    ReadError
        It can't be written, or the file holds something else.
    """
    path = folder / KEY_FILE
    place = Place(file=KEY_FILE)
    try:
        write_once(path, f"{secrets.token_hex(_BYTES)}\n".encode())
        secret = bytes.fromhex(path.read_text("ascii").strip())
    except OSError as error:
        wrong = problem("files.hash-key", place=place, reason=error.strerror or "it is in use")
        raise ReadError("", [wrong]) from error
    except ValueError as error:
        wrong = problem("files.hash-key", place=place, reason="it holds no key")
        raise ReadError("", [wrong]) from error
    if len(secret) != _BYTES:
        raise ReadError("", [problem("files.hash-key", place=place, reason="it holds no key")])
    return secret


def code(secret: bytes, value: Cell) -> str:
    """What stands for a value; the same in every table of the study.

    Examples
    --------
    >>> code(b"key", 4711) == code(b"key", " 4711 ") != code(b"another", 4711)
    True
    """
    text = text_of(value).strip()
    return "H" + hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()[:_DIGITS]


def coded(raw: Raw, names: Collection[str], secret: Callable[[], bytes]) -> Raw:
    """The table with codes in these columns; blank cells stay blank.

    Parameters
    ----------
    names
        The chart's columns; those that the table does not have are passed over.
    secret
        Gives the key; asked only where there is something to replace.

    Examples
    --------
    >>> raw = Raw("c.csv", None, ("MRN", "age"), [[4711, None], [60, 61]], [2, 3])
    >>> found = coded(raw, ["mrn"], lambda: b"key")
    >>> found.columns[0][0].startswith("H"), found.columns[0][1], found.columns[1]
    (True, None, [60, 61])
    """
    wanted = columns_called(raw.names, names)
    at = {i for i, name in enumerate(raw.names) if name in wanted}
    if not at:
        return raw
    key = secret()

    def one(values: Column) -> list[Cell]:
        return [None if v is None else code(key, v) for v in as_list(values)]

    def some(columns: Sequence[Column]) -> list[Column]:
        return [one(c) if i in at else c for i, c in enumerate(columns)]

    columns = raw.columns
    if isinstance(columns, OnDemand):
        lazy = columns

        def load(i: int) -> pl.Series:
            found = lazy[i]
            return pl.Series(found.name, one(found), pl.String) if i in at else found

        def top(n: int) -> Sequence[pl.Series]:
            return [
                pl.Series(c.name, one(c), pl.String) if i in at else c
                for i, c in enumerate(lazy.top(n))
            ]

        return replace(raw, columns=OnDemand(len(lazy), load, top))
    return replace(raw, columns=some(columns))
