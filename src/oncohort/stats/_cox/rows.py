"""Arrays and frame columns in, validated rows of a Cox model out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from oncohort.stats._cox.design import Bools, Floats, Ints
from oncohort.stats._cox.model import CoxData
from oncohort.stats.errors import InputError, NoEventsError, WeightError
from oncohort.stats.inputs import (
    Column,
    Label,
    Matrix,
    as_array,
    as_events,
    as_labels,
    as_numbers,
    check_times,
    doubles,
    entry_before,
    row_list,
)
from oncohort.stats.times import ordered_times, snap_times


def _kept_rows(
    x: Floats,
    names: tuple[str, ...],
    numbers: Mapping[str, Floats | None],
    coded: Mapping[str, Ints | None],
) -> tuple[Bools | None, dict[str, int]]:
    """Rows with all that the model reads, None where each has it; why others are left out."""
    left_out: dict[str, int] = {}
    keep = _complete_rows(x, names, left_out)
    for name, values in numbers.items():
        if values is not None and not np.isfinite(values).all():
            keep = _drop(keep, np.isnan(values), f"missing {name}", left_out)
            if np.isinf(values).any():
                raise InputError(f"infinite {name} in rows {row_list(np.isinf(values))}")
    for name, codes_ in coded.items():
        if codes_ is not None and codes_.min(initial=0) < 0:
            keep = _drop(keep, codes_ < 0, f"missing {name}", left_out)
    w = numbers["weights"]
    if w is not None:
        bad_weight = np.asarray((w <= 0) if keep is None else (w <= 0) & keep)
        if bad_weight.any():
            raise WeightError(f"weights must be above zero: rows {row_list(bad_weight)}")
    return keep, left_out


def read(
    time: Column,
    event: Column,
    x: Matrix,
    *,
    entry: Column | None = None,
    strata: Matrix = None,
    weights: Column | None = None,
    cluster: Matrix = None,
    offset: Column | None = None,
    names: Sequence[str] | None = None,
) -> CoxData:
    """Validate; leave rows with a missing covariate, weight, stratum, cluster or offset out.

    Raises
    ------
    TimeError, EventCodingError, WeightError, NoEventsError, InputError
        Each names the rows (counted from 0) or columns.
    """
    t = as_numbers(time, "time")
    n = len(t)
    e = as_events(event, n)
    matrix, found = covariates(x, n)
    labels = tuple(str(name) for name in (names if names is not None else found))
    if len(labels) != matrix.shape[1]:
        raise InputError(f"names has {len(labels)} entries, X has {matrix.shape[1]} columns")
    start = None if entry is None else as_numbers(entry, "entry", n)
    check_times(t, start)
    w = None if weights is None else as_numbers(weights, "weights", n)
    o = None if offset is None else as_numbers(offset, "offset", n)
    s_codes, s_labels = codes(strata, "strata", n)
    c_codes, _ = codes(cluster, "cluster", n)

    coded = {"stratum": s_codes, "cluster": c_codes}
    keep, left_out = _kept_rows(matrix, labels, {"weights": w, "offset": o}, coded)
    if keep is None or keep.all():
        kept = np.arange(n)
    else:
        kept = np.flatnonzero(keep)
        t, e, matrix = t[kept], e[kept], matrix[kept]
        start, w, o = (v if v is None else v[kept] for v in (start, w, o))
        s_codes, c_codes = (v if v is None else v[kept] for v in (s_codes, c_codes))
    if not len(t):
        why = ", ".join(f"{count} with {reason}" for reason, count in left_out.items())
        raise InputError(f"no rows are left: {why}")
    if not e.any():
        raise NoEventsError("no events: a Cox model can't be estimated")
    t, start, order = _joined(t, start, kept)
    return CoxData(
        time=t,
        event=e,
        x=matrix,
        names=labels,
        entry=start,
        strata=s_codes,
        strata_labels=s_labels,
        weight=w,
        cluster=c_codes,
        offset=o,
        kept=kept,
        left_out=left_out,
        order=order,
    )


def _complete_rows(
    matrix: Floats, labels: tuple[str, ...], left_out: dict[str, int]
) -> Bools | None:
    """Rows with all covariates, None where all have them; the others are counted."""
    if not matrix.size or np.isfinite(float(matrix.sum())):
        return None
    infinite = np.isinf(matrix).any(axis=0)
    if infinite.any():
        bad = [labels[j] for j in np.flatnonzero(infinite)]
        raise InputError(f"infinite values in column {', '.join(bad)}")
    missing = np.isnan(matrix)
    gaps: Bools = np.asarray(missing.any(axis=1))
    if not gaps.any():
        return None
    columns = [labels[j] for j in np.flatnonzero(missing.any(axis=0))]
    left_out[f"missing value in {', '.join(columns)}"] = int(gaps.sum())
    return np.asarray(~gaps)


def _joined(
    time: Floats, entry: Floats | None, kept: Ints
) -> tuple[Floats, Floats | None, Ints | None]:
    """Times that differ by rounding alone made equal, and the order of the rows where found."""
    if entry is None:
        joined, order = ordered_times(time)
        return joined, None, order
    time, entry = snap_times(time, entry)
    entry_before(time, entry, kept)
    return time, entry, None


def _drop(keep: Bools | None, gone: Bools, why: str, left_out: dict[str, int]) -> Bools:
    old = np.ones(len(gone), dtype=np.bool_) if keep is None else keep
    count = int((old & gone).sum())
    if count:
        left_out[why] = count
    return np.asarray(old & ~gone)


def codes(values: Matrix, what: str, n: int) -> tuple[Ints | None, tuple[Label, ...]]:
    """Integer codes and labels; -1 where missing. A tuple of columns, or a frame, is crossed."""
    if values is None:
        return None, ()
    if isinstance(values, tuple):
        parts = list(values)
    elif hasattr(values, "columns") and not hasattr(values, "dtype"):
        parts = [values[c] for c in values.columns]
    else:
        one = as_labels(values, what, n)
        return one.codes, one.levels
    combined = np.zeros(n, dtype=np.int64)
    absent = np.zeros(n, dtype=np.bool_)
    tables = []
    for part in parts:
        labels = as_labels(part, what, n)
        absent |= labels.codes < 0
        combined = combined * max(len(labels.levels), 1) + np.maximum(labels.codes, 0)
        tables.append(labels.levels)
    used, inner = np.unique(combined, return_inverse=True)
    crossed = []
    for code in used.tolist():
        cell = []
        for levels in reversed(tables):
            code, at = divmod(code, max(len(levels), 1))
            cell.append(levels[at])
        crossed.append(tuple(reversed(cell)))
    coded = inner.astype(np.int64)
    coded[absent] = -1
    return coded, tuple(crossed)


def covariates(x: Column, n: int) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    """``(n, p)`` doubles and column names of a 2-D or 1-D array, series or frame.

    Numbers and bools only, whatever holds them: text, categories and dates are refused.
    """
    found: tuple[str, ...] | None = None
    if isinstance(x, np.ndarray):
        raw = as_array(x)
    elif hasattr(x, "columns") or hasattr(x, "column_names"):
        raw, found = _frame(x)
    else:
        name = getattr(x, "name", None)
        found = (name,) if isinstance(name, str) and name else None
        raw = as_numbers(x, "X") if hasattr(x, "dtype") else as_array(x)
    if raw.ndim == 1:
        raw = raw[:, None]
    if raw.ndim != 2:
        raise InputError(f"X must have one or two dimensions, it has {raw.ndim}")
    if raw.shape[0] != n:
        raise InputError(f"X has {raw.shape[0]} rows, time has {n}")
    if raw.dtype != np.float64:
        try:
            raw = doubles(raw, "X")
        except InputError as error:
            raise InputError(
                f"{error}; code a factor as columns and name them by `terms`"
            ) from None
    if found is None or len(found) != raw.shape[1]:
        found = tuple(f"x{j + 1}" for j in range(raw.shape[1]))
    return raw, found


def _frame(x: Matrix) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    import narwhals as nw

    frame = nw.from_native(x, eager_only=True)
    columns = []
    for name in frame.columns:
        column = frame.get_column(name)
        if not (column.dtype.is_numeric() or column.dtype == nw.Boolean):
            raise InputError(
                f"column {name!r} is {column.dtype}, not a number; code a factor as columns "
                "and name them by `terms`"
            )
        columns.append(column.cast(nw.Float64).to_numpy())
    matrix = np.column_stack(columns) if columns else np.zeros((len(frame), 0))
    return np.asarray(matrix, dtype=np.float64), tuple(frame.columns)
