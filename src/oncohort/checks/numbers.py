"""Numbers of the patients' sheet that do not fit the others of their column."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import polars as pl

from oncohort.checks.quantities import measured_columns
from oncohort.checks.ranges import fences
from oncohort.checks.rule import HIDDEN, MISSING_CODES, Data, rule
from oncohort.problems import Problem, problem
from oncohort.protocol import Protocol
from oncohort.vocabulary.quantities import QUANTITIES

FEW = 0.1
"""Share of the values up to which they are exceptions among the others."""


def _is_time(protocol: Protocol, column: str) -> bool:
    return any(e.time == column for e in protocol.endpoints.values())


def _numeric(data: Data, maybe: Callable[[pl.Expr], pl.Expr]) -> Iterator[tuple[str, pl.DataFrame]]:
    """Numeric columns of patients that are no times, with their rows (null rows left out).

    Parameters
    ----------
    maybe
        False of the values where the rule can't find anything. It is asked of all columns at
        once: charts have thousands, and most of them have nothing to find.
    """
    change = data.protocol.response.best_change if data.protocol.response else None
    columns = [
        column
        for column, kind in data.patients.schema.items()
        if kind.is_numeric()
        and column not in (*HIDDEN, change)
        and not _is_time(data.protocol, column)
    ]
    if not columns:
        return
    found = data.patients.select(maybe(pl.col(columns).cast(pl.Float64))).row(0)
    for column in (c for c, may in zip(columns, found, strict=True) if may):
        rows = data.patients.select(*HIDDEN, "patient", value=pl.col(column)).drop_nulls()
        if rows.height:
            yield column, rows


def _used(data: Data) -> set[str]:
    """Columns of patients that the protocol uses as variables."""
    return {v.column or k for k, v in data.protocol.variables.items() if not v.derive}


OLDEST = 88
"""A single age of 99 beside younger ones only is more often a code than a patient."""


@rule("values.missing-code")
def missing_code(data: Data) -> Iterator[Problem]:
    """99 that stands several times, beyond every other value, is a code."""
    codes = [float(code) for code in MISSING_CODES]
    for column, rows in _numeric(data, lambda values: values.is_in(codes).any()):
        values = rows["value"]
        for code in MISSING_CODES:
            n = int((values == code).sum())
            others = values.filter(values != code)
            if not n or others.len() < max(n, ENOUGH if n == 1 else 2):
                continue
            case = _like_a_code(code, n, others)
            if column == "age" and n == 1 and code == 99 and float(others.max()) < OLDEST:  # type: ignore[arg-type]
                case = "once"
            if case is None or (case == "once" and _far_out(code, values)):
                continue
            held = rows.filter(pl.col("value") == code)
            yield problem(
                "values.missing-code",
                case,
                place=data.at("patients", column, held["source_record"][0]),
                patient=held["patient"][0] if n == 1 else None,
                column=column,
                n=n,
                value=code,
                patients=held["patient"].to_list(),
                largest=others.max(),
                least=others.min(),
            )


def _far_out(code: int, values: pl.Series) -> bool:
    """Is the number told as an outlier already?"""
    found = fences(values.cast(pl.Float64))
    return found is not None and code > found[1][1]


NEAR = 0.9
"""From this part of a code on, a number lies beside it."""


def _like_a_code(code: int, n: int, others: pl.Series) -> str | None:
    """The case of the problem that a number stands ``n`` times beside the others; None if fine."""
    least, most = float(others.min()), float(others.max())  # type: ignore[arg-type]
    usual = int(others.value_counts()["count"].max())  # type: ignore[arg-type]
    if n == 1:
        # A single 999 that is the largest of all; one among larger ones is a value like others.
        return "once" if code >= 777 and code > most else None
    if code > most if code > 0 else least >= 0:
        near = others.filter(others.is_between(NEAR * code, code))
        often = 0 if near.is_empty() else int(near.value_counts()["count"].max())  # type: ignore[arg-type]
        # 99 percent beside 98 and 97 percent is one more of them.
        return "" if code <= 0 or near.len() < 2 or n > 3 * often else None
    if n < 3 or code <= 0:
        return None
    if code < least / 1.3 and n > usual:
        return "below"
    different = others.n_unique() >= 0.6 * others.len()
    # Three 99 among numbers of which hardly one stands twice, and few lie near it.
    beside = int(others.is_between(0.8 * code, 1.25 * code).sum())
    stands_out = n > 1.5 * usual or (n >= usual and beside < n)
    return "among" if different and stands_out and code in (88, 99, 777, 888, 999) else None


@rule("values.negative")
def negative(data: Data) -> Iterator[Problem]:
    """One or a few negative numbers in a variable that has none otherwise."""
    used = _used(data)
    for column, rows in _numeric(data, lambda values: (values < 0).any()):
        if column not in used or column in ("age", "kps", "ecog"):
            continue
        low = rows.filter(pl.col("value") < 0)
        if not 0 < low.height <= max(1, FEW * rows.height) or rows.height < 8:
            continue
        held = low["value"]
        if low.height > 1 and held.n_unique() == 1 and held[0] in MISSING_CODES:
            continue  # told as a code for missing
        for row in low.iter_rows(named=True):
            code = row["value"] in MISSING_CODES
            yield data.problem(
                "values.negative",
                "code" if code else "",
                row=row,
                table="patients",
                column=column,
                value=row["value"],
                n=rows.height - low.height,
            )


GAP = 4.0
"""A ratio of neighbouring values, in order of size, that parts a column in two."""


def _wide(values: pl.Expr) -> pl.Expr:
    """Is the largest so many times the smallest that two neighbours can be?"""
    positive = values.filter(values > 0)
    return positive.max() >= GAP * positive.min()


def _possible(data: Data, column: str) -> tuple[float, float]:
    """What nobody goes beyond, where the column is a known measurement."""
    for _, own, _, name, factor in measured_columns(data):
        if own == column:
            low, high = QUANTITIES[name].possible
            return low / factor, high / factor
    return float("-inf"), float("inf")


@rule("values.two-scales")
def two_scales(data: Data) -> Iterator[Problem]:
    """Two heaps of values with nothing between them, farther apart than each is wide."""
    used = _used(data)
    for column, rows in _numeric(data, _wide):
        if column not in used or column in ("kps", "ecog", "age"):
            continue
        held = rows.filter(pl.col("value") > 0).sort("value", maintain_order=True)
        values = held["value"].to_list()
        if len(values) < ENOUGH or len(set(values)) < ENOUGH:
            continue
        ratio, k = max((values[i] / values[i - 1], i) for i in range(1, len(values)))
        larger = values[:k] if 2 * k > len(values) else values[k:]
        if ratio < GAP or ratio < larger[-1] / larger[0]:
            continue
        fewer = held.head(k) if 2 * k <= len(values) else held.slice(k)
        if not fewer["value"].is_between(*_possible(data, column)).any():
            continue  # each of them is told as a value that nobody has
        yield problem(
            "values.two-scales",
            place=data.at("patients", column, fewer["source_record"][0]),
            patient=fewer["patient"][0] if fewer.height == 1 else None,
            column=column,
            n=fewer.height,
            patients=fewer["patient"].to_list(),
            few=[f"{v:g}" for v in fewer["value"].to_list()],
            low=larger[0],
            high=larger[-1],
        )


MOST_DECIMALS = 3
NEXT = 1.5
"""So many times larger is the next number."""
DECIMALS_SHARE = 0.05
FAR = 3.0
"""So many times smaller or larger than the middle one is a number of another unit."""


def _few_decimals(values: pl.Expr) -> pl.Expr:
    """Are one to three of the numbers not whole?"""
    return (values % 1 != 0).sum().is_between(1, MOST_DECIMALS)


@rule("values.decimals-apart")
def decimals_apart(data: Data) -> Iterator[Problem]:
    """One to three numbers, some with decimals, below all others, which are whole: cm among mm."""
    used = _used(data)
    for column, rows in _numeric(data, _few_decimals):
        if column not in used or column in ("kps", "ecog", "age"):
            continue
        held = rows.sort("value", maintain_order=True)
        k = decimals_below(held["value"].cast(pl.Float64))
        if not k:
            continue
        few = held.head(k)
        yield problem(
            "values.decimals-apart",
            place=data.at("patients", column, few["source_record"][0]),
            patient=few["patient"][0] if k == 1 else None,
            column=column,
            patients=few["patient"].to_list(),
            few=[f"{v:g}" for v in few["value"].to_list()],
            least=held["value"][k],
        )


def decimals_below(values: pl.Series) -> int:
    """How many of the sorted numbers are of another form and far below the others.

    Examples
    --------
    >>> decimals_below(pl.Series([2.4, 3.0, *map(float, range(10, 60))]))
    2
    >>> decimals_below(pl.Series([2.0, 3.0, *map(float, range(10, 60))]))
    0
    """
    whole = values % 1 == 0
    decimals = int((~whole).sum())
    most = max(1, min(MOST_DECIMALS, int(DECIMALS_SHARE * values.len())))
    if not 0 < decimals <= most or values[0] <= 0:
        return 0
    for k in range(decimals, most + 1):
        rest = values.slice(k)
        if rest.len() < 2 * ENOUGH or rest.n_unique() < ENOUGH or not whole.slice(k).all():
            continue
        middle = float(rest.median())  # type: ignore[arg-type]
        if values[k - 1] < min(rest[0] / NEXT, middle / FAR):
            return k
    return 0


ENOUGH = 10
"""Values below which a column says nothing of its own scale."""
