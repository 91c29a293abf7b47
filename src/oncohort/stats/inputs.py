"""Any array-like or frame column in, checked numpy arrays out.

Lists, numpy arrays and polars, pandas or pyarrow columns are accepted. What can't be used is a
typed error that names the rows, counted from 0. Rows that lack a group or a stratum are left out
and counted; nothing is left out silently.
"""

from __future__ import annotations

import numbers
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import field
from decimal import Decimal
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from oncohort.dataclass import dataclass
from oncohort.stats.errors import (
    EntryError,
    EventCodingError,
    InputError,
    TimeError,
    WeightError,
)
from oncohort.stats.times import snap_times

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Column: TypeAlias = ArrayLike | Sequence[object]
"""What can be read as one value a row: a list, a numpy array, a column of a frame."""
Array: TypeAlias = NDArray[Any]
"""An array as it was given: of any type of number, of text or of objects."""
Matrix: TypeAlias = Any
"""What can be read as rows and columns: an array of two dimensions, or a data frame of any library;
numpy and Narwhals find out which, and no type covers both."""
Label: TypeAlias = Hashable
"""A label as the user gives it: of a group, a stratum, a cause."""


@dataclass(frozen=True, slots=True)
class Labels:
    """Group labels as codes.

    Attributes
    ----------
    codes
        ``(n,)`` position in `levels`; -1 where the label is missing.
    levels
        Distinct labels: numbers by size, text by alphabet, categories in their declared order.
    """

    codes: Ints
    levels: tuple[Label, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The levels as text."""
        return tuple(str(level) for level in self.levels)


@dataclass(frozen=True, slots=True)
class SurvivalData:
    """Checked rows, in the order of the input.

    Attributes
    ----------
    time, event, entry, weight
        ``(n,)``; `entry` and `weight` may be none.
    group, stratum
        Labels without missing values, or none.
    kept
        ``(n,)`` positions of the rows in the input.
    left_out
        Reason to number of rows left out.
    """

    time: Floats
    event: Bools
    entry: Floats | None = None
    weight: Floats | None = None
    group: Labels | None = None
    stratum: Labels | None = None
    kept: Ints | None = None
    left_out: Mapping[str, int] = field(default_factory=dict)

    @property
    def n(self) -> int:
        """Number of rows used."""
        return len(self.time)


def read_survival(
    time: Column,
    event: Column,
    *,
    entry: Column | None = None,
    weights: Column | None = None,
    group: Column | None = None,
    strata: Column | None = None,
    join: bool = True,
) -> SurvivalData:
    """Check times, events, entries, weights and labels.

    Times (and entries) that differ by rounding alone become one time: see :func:`snap_times`.

    Parameters
    ----------
    time
        ``(n,)`` finite, not negative; any unit.
    event
        ``(n,)`` bool or 0/1.
    entry
        ``(n,)`` finite, before `time`.
    weights
        ``(n,)`` above zero.
    group, strata
        ``(n,)`` labels; rows without one are left out and counted.
    join
        False where the caller joins such times itself as it counts them.

    Raises
    ------
    TimeError, EntryError, EventCodingError, WeightError, InputError

    Examples
    --------
    >>> data = read_survival([5, 3, 8], [1, 0, 1], group=["b", None, "a"])
    >>> data.n, data.group.levels, data.left_out
    (2, ('a', 'b'), {'missing group': 1})
    """
    t = as_numbers(time, "time")
    n = len(t)
    if not n:
        raise InputError("time is empty: there are no rows")
    e = as_events(event, n)
    start = None if entry is None else as_numbers(entry, "entry", n)
    t, start = joined_times(t, start, join=join)
    w = None if weights is None else as_numbers(weights, "weights", n)
    if w is not None and not (np.isfinite(w).all() and w.min() > 0):
        bad = ~(np.isfinite(w) & (w > 0))
        raise WeightError(f"weights must be finite and above zero: rows {row_list(bad)}")
    g = None if group is None else as_labels(group, "group", n)
    s = None if strata is None else as_labels(strata, "strata", n)
    keep: Bools | None = None
    left_out: dict[str, int] = {}
    for what, labels in (("group", g), ("stratum", s)):
        if labels is None or labels.codes.min() >= 0:
            continue
        present = labels.codes >= 0
        left_out[f"missing {what}"] = int(
            np.count_nonzero(~present if keep is None else keep & ~present)
        )
        keep = present if keep is None else keep & present
    if keep is None:
        return SurvivalData(t, e, start, w, g, s, None, left_out)
    if not keep.any():
        raise InputError(f"no rows are left: {_reasons(left_out)}")
    return SurvivalData(
        t[keep],
        e[keep],
        None if start is None else start[keep],
        None if w is None else w[keep],
        None if g is None else _used(g, keep),
        None if s is None else _used(s, keep),
        np.flatnonzero(keep),
        left_out,
    )


def _used(labels: Labels, keep: Bools) -> Labels:
    """Labels of the kept rows; levels that no kept row has are dropped."""
    codes = labels.codes[keep]
    used, inner = np.unique(codes, return_inverse=True)
    return Labels(inner.astype(np.int64), tuple(labels.levels[int(code)] for code in used))


def _reasons(left_out: Mapping[str, int]) -> str:
    return ", ".join(f"{n} with {why}" for why, n in left_out.items())


def row_list(mask: NDArray[np.bool_], most: int = 10) -> str:
    """Row numbers, counted from 0, for a message."""
    index = np.flatnonzero(mask)
    text = ", ".join(str(i) for i in index[:most])
    return text if len(index) <= most else f"{text}, ... ({len(index)} rows)"


def as_array(values: Column) -> Array:
    """Numpy array of any array-like or frame column; masked values are missing."""
    if type(values) is np.ndarray:  # numpy.ma is slow to load: asked for where it may be meant
        return values
    if isinstance(values, np.ndarray):
        return _unmasked(values) if isinstance(values, np.ma.MaskedArray) else values
    if type(values).__module__.startswith("pyarrow"):
        return np.asarray(values)
    convert = getattr(values, "to_numpy", None)
    return np.asarray(convert() if convert is not None else values)


def _unmasked(values: np.ma.MaskedArray[tuple[int, ...], np.dtype[np.generic]]) -> Array:
    """The data with not-a-number, or none, where the mask is."""
    mask = np.ma.getmaskarray(values)
    data = np.asarray(values.data)
    if not mask.any():
        return data
    if data.dtype.kind in "iuf":
        return np.where(mask, np.nan, data.astype(np.float64))
    out = data.astype(object)
    out[mask] = None
    return out


def as_numbers(values: Column, what: str, n: int | None = None) -> Floats:
    """One-dimensional doubles; missing values are NaN.

    Numbers and bools only: text of digits, categories, dates and durations are refused.

    Raises
    ------
    InputError
        With the type that `what` has.
    """
    if not isinstance(values, np.ndarray) and (
        _categories(values) is not None or str(getattr(values, "dtype", "")) == "Categorical"
    ):
        raise InputError(f"{what} is categorical, not a number; code it as columns of 0 and 1")
    raw = as_array(values)
    if raw.ndim != 1:
        raise InputError(f"{what} must have one dimension, it has {raw.ndim}")
    if n is not None and len(raw) != n:
        raise InputError(f"{what} has {len(raw)} rows, time has {n}")
    return doubles(raw, what)


def doubles(raw: Array, what: str) -> Floats:
    """Doubles of an array of any type of number."""
    if raw.dtype.kind in "biuf":
        return np.asarray(raw, dtype=np.float64)
    if raw.dtype.kind in "mM":
        raise InputError(
            f"{what} holds dates or durations ({raw.dtype}); convert them to numbers in one unit"
        )
    if raw.dtype.kind != "O":
        raise InputError(f"{what} must be numbers, it is {raw.dtype}")
    out = np.empty(raw.shape)
    for at, value in enumerate(raw.ravel().tolist()):
        if _missing(value):
            out.flat[at] = np.nan
        elif isinstance(value, _NUMBERS) and not isinstance(value, complex):
            out.flat[at] = float(value)
        else:
            raise InputError(f"{what} must be numbers, it holds {value!r} ({type(value).__name__})")
    return out


_NUMBERS = (int, float, np.number, np.bool_, numbers.Real, Decimal)


def as_events(values: Column, n: int, what: str = "event") -> Bools:
    """Bool, or the numbers 0 and 1; anything else is asked for, never guessed."""
    raw = as_array(values)
    if raw.ndim != 1 or len(raw) != n:
        raise InputError(f"{what} must have {n} rows, it has shape {raw.shape}")
    if raw.dtype == np.bool_:
        return raw
    if raw.dtype.kind in "iuf":
        one = raw == 1
        if (one | (raw == 0)).all():
            return np.asarray(one)
    elif raw.dtype.kind == "O":
        listed = raw.tolist()
        if all(
            isinstance(v, bool | int | float | np.bool_ | np.number) and v in (0, 1) for v in listed
        ):
            return np.array([bool(v) for v in listed], dtype=np.bool_)
    counts: dict[str, int] = {}
    for value in raw.tolist():
        key = "missing" if _missing(value) else repr(value)
        counts[key] = counts.get(key, 0) + 1
    seen = ", ".join(f"{code} ({count} rows)" for code, count in sorted(counts.items())[:8])
    raise EventCodingError(
        f"{what} must be true/false or 0/1; it has the codes {seen}. "
        f"Say which code is the event: {what} = (status == code)"
    )


def joined_times(
    time: Floats, entry: Floats | None, *, join: bool = True
) -> tuple[Floats, Floats | None]:
    """Times and entries checked, with those that differ by rounding alone made equal.

    Raises
    ------
    TimeError, EntryError
        Rows with a missing, infinite or negative time, or with no time under observation.
    """
    check_times(time, entry)
    if entry is None:
        return (snap_times(time)[0] if join else time), None
    time, entry = snap_times(time, entry)
    entry_before(time, entry)
    return time, entry


def check_times(time: Floats, entry: Floats | None) -> None:
    """Finite; not negative, or, with entries, each entry before its time."""
    if not np.isfinite(time).all():
        bad = ~np.isfinite(time)
        raise TimeError(
            f"time is missing or infinite in rows {row_list(bad)}", np.flatnonzero(bad).tolist()
        )
    if entry is None:
        if len(time) and time.min() < 0:
            bad = time < 0
            raise TimeError(f"negative time in rows {row_list(bad)}", np.flatnonzero(bad).tolist())
        return
    if not np.isfinite(entry).all():
        bad = ~np.isfinite(entry)
        raise EntryError(
            f"entry is missing or infinite in rows {row_list(bad)}", np.flatnonzero(bad).tolist()
        )
    entry_before(time, entry)


def entry_before(time: Floats, entry: Floats, kept: Ints | None = None) -> None:
    """Each entry before its time; `kept` are the rows' positions in the input.

    Raises
    ------
    EntryError
    """
    late = ~(entry < time)
    if late.any():
        bad = late
        if kept is not None:
            bad = np.zeros(int(kept[-1]) + 1, dtype=np.bool_)
            bad[kept] = late
        raise EntryError(
            f"entry is not before time in rows {row_list(bad)} (times that differ by rounding "
            "alone are one time)",
            np.flatnonzero(bad).tolist(),
        )


def as_labels(values: Column, what: str, n: int) -> Labels:
    """Codes and levels in a deterministic order.

    Examples
    --------
    >>> as_labels([10, 9, 10], "group", 3).levels
    (9, 10)
    """
    declared = _categories(values)
    raw = as_array(values)
    if isinstance(values, list | tuple) and raw.dtype.kind == "U":
        raw = np.array(values, dtype=object)  # numpy would turn the number 1 into "1"
    if raw.ndim != 1 or len(raw) != n:
        raise InputError(f"{what} must have {n} rows, it has shape {raw.shape}")
    if raw.dtype == np.bool_:
        return _small_integers(raw.astype(np.int64), (False, True))
    if raw.dtype.kind in "iu":
        if n and raw.min() >= 0 and raw.max() < 1024:
            return _small_integers(raw.astype(np.int64), None)
        levels, codes = np.unique(raw, return_inverse=True)
        return Labels(codes.astype(np.int64), tuple(levels.tolist()))
    if raw.dtype.kind == "f":
        gap = np.isnan(raw)
        levels, inner = np.unique(raw[~gap], return_inverse=True)
        codes = np.full(n, -1, dtype=np.int64)
        codes[~gap] = inner
        whole = (
            (levels == np.floor(levels)).all() and np.isfinite(levels).all()
            if len(levels)
            else False
        )
        return Labels(codes, tuple(int(v) if whole else float(v) for v in levels.tolist()))
    listed = raw.tolist()
    present = {v for v in listed if not _missing(v)}
    if declared is not None:
        ordered = [v for v in declared if v in present]
    else:
        try:
            ordered = sorted(present)
        except TypeError:
            ordered = sorted(present, key=lambda v: (str(type(v)), str(v)))
    position = {v: i for i, v in enumerate(ordered)}
    codes = np.array([-1 if _missing(v) else position[v] for v in listed], dtype=np.int64)
    return Labels(codes, tuple(ordered))


def _small_integers(values: Ints, names: tuple[object, ...] | None) -> Labels:
    """Codes of integers from 0 to 1023 by counting, without a sort."""
    present = np.bincount(values, minlength=1) > 0
    code = np.cumsum(present) - 1
    levels = np.flatnonzero(present).tolist()
    codes = values if present.all() else code[values]
    return Labels(codes, tuple(levels if names is None else (names[level] for level in levels)))


def _missing(value: object) -> bool:
    if value is None:
        return True
    try:
        return bool(value != value)
    except TypeError:  # pandas.NA is neither equal nor unequal to itself
        return True


def group_labels(data: SurvivalData) -> Labels:
    """Labels of the groups of a comparison."""
    if data.group is None:
        raise InputError("group must hold one label per row")
    return data.group


def _categories(values: Column) -> list[object] | None:
    """Declared order of a polars Enum or a pandas categorical."""
    if isinstance(values, np.ndarray):
        return None
    dtype = getattr(values, "dtype", None)
    if str(dtype).startswith("Enum") or str(dtype) == "category":
        return list(dtype.categories)  # type: ignore[union-attr]
    return None


def check_level(level: float) -> float:
    """Confidence level strictly between 0 and 1."""
    if not 0 < level < 1:
        raise InputError(f"level must lie between 0 and 1, it is {level}")
    return float(level)


def check_choice(value: str, choices: tuple[str, ...], what: str) -> str:
    """One of the named choices."""
    if value not in choices:
        raise InputError(f"{what} must be one of {', '.join(choices)}, not {value!r}")
    return value
