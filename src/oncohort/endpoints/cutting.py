"""Groups from a cut-point that is found in the data: at quantiles, or where an outcome parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from decimal import Decimal
from itertools import pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import polars as pl

from oncohort.dataclass import dataclass
from oncohort.endpoints.formulas.binding import refused
from oncohort.problems import OncohortError, Place, Problem, problem
from oncohort.protocol.cut_rules import OUTCOME_RULES, level_keys, shares
from oncohort.vocabulary.times import DAYS_PER_UNIT

if TYPE_CHECKING:
    from oncohort.protocol import Protocol
    from oncohort.protocol.data import Variable

LEAST = 0.1
"""Smallest share of the patients on either side of a cut that is searched."""
FEW_EVENTS = 20
"""Below so many events a searched cut is mostly chance (Altman et al. 1994, J Natl Cancer Inst
86:829, show 40 % false findings; fewer events make each cut less certain)."""


@dataclass(frozen=True, slots=True)
class FoundCut:
    """A cut-point that was found in the data.

    Attributes
    ----------
    rule
        How.
    source
        The variable that was cut.
    cuts
        Group of `within` (empty where there is none) = cut-points, in order.
    endpoint, horizon
        Of a search: the outcome, and the time by which its events count.
    printed
        Group of `within` = its cut-points as they are printed.
    """

    rule: str
    source: str
    cuts: Mapping[str, tuple[float, ...]] = field(default_factory=lambda: MappingProxyType({}))
    within: str = ""
    endpoint: str = ""
    horizon: float | None = None
    printed: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def searched(self) -> bool:
        """Was the outcome looked at?"""
        return self.rule in OUTCOME_RULES


@dataclass(frozen=True, slots=True)
class Cut:
    """The groups of the patients, their labels, and the cut."""

    values: pl.DataFrame
    levels: Mapping[str, str]
    found: FoundCut | None
    problems: tuple[Problem, ...] = ()


LEAST_DIGITS, MOST_DIGITS = 3, 17
"""Significant digits of a cut-point that are tried; the most are exact."""


def printed(cut: float, known: npt.NDArray[np.float64], inside: bool) -> str:
    """A cut-point rounded, but not so far that a patient would change sides.

    Parameters
    ----------
    known
        The values that were cut, of shape (n,).
    inside
        Is a value at the cut in the upper group?

    Examples
    --------
    >>> printed(2.957, np.array([2.1, 2.957, 2.98, 3.4]), inside=False)
    '2.96'
    >>> printed(2.95712, np.array([2.1, 2.95712, 2.959, 3.4]), inside=False)
    '2.958'
    """
    upper = known >= cut if inside else known > cut
    for digits in range(LEAST_DIGITS, MOST_DIGITS):
        value = float(f"{cut:.{digits}g}")
        if np.array_equal(known >= value if inside else known > value, upper):
            break
    else:
        value = cut
    return f"{Decimal(repr(value)).normalize():f}"


def _labels(variable: Variable, shown: tuple[str, ...], unit: str) -> dict[str, str]:
    """Level = label with its bounds, as they are printed."""
    keys = level_keys(variable)
    if variable.levels:
        return dict(variable.levels)
    end = f" {unit}" if unit else ""
    if variable.within:
        named = len(keys) == 2
        words = ("Below", "At or above") if named else ()
        if named:
            what = "median" if variable.cut_by == "median" else "cut"
            return {k: f"{w} the group's {what}" for k, w in zip(keys, words, strict=True)}
        return {k: f"Part {i + 1} of {len(keys)} of the group" for i, k in enumerate(keys)}
    if variable.cut_by in OUTCOME_RULES:
        return {keys[0]: f"≤{shown[0]}{end}", keys[1]: f">{shown[0]}{end}"}
    out = [f"<{shown[0]}{end}"]
    out += [f"{low} to <{high}{end}" for low, high in pairwise(shown)]
    return dict(zip(keys, [*out, f"≥{shown[-1]}{end}"], strict=True))


def _quantiles(variable: Variable, known: npt.NDArray[np.float64]) -> tuple[float, ...]:
    return tuple(float(q) for q in np.quantile(known, shares(variable)))


def _searched(
    variable: Variable, values: pl.DataFrame, outcome: pl.DataFrame, protocol: Protocol
) -> float:
    """The cut at which the outcome parts most."""
    from oncohort.stats import best_cut, time_roc

    scale = DAYS_PER_UNIT[protocol.study.time_unit]
    rows = outcome_rows(values, outcome)
    time, event = rows["time"].to_numpy() / scale, rows["event"].to_numpy()
    x = rows["value"].to_numpy()
    if variable.cut_by == "max_logrank":
        return best_cut(time, event, x, least=LEAST)[0]
    assert variable.horizon is not None
    roc = time_roc(time, event, x, at=variable.horizon)
    inside = roc.thresholds[1:-1]
    if not len(inside):
        from oncohort.stats.errors import TooFewGroupsError

        raise TooFewGroupsError("all known values are alike: there is nothing to cut")
    best = int(np.argmax(np.round(np.abs(roc.youden[1:-1]), 12)))
    return float(inside[best])


def outcome_rows(values: pl.DataFrame, outcome: pl.DataFrame) -> pl.DataFrame:
    """Rows with a value, a time and an event: ``patient``, ``value``, ``time``, ``event``."""
    return (
        values.select("patient", pl.col("value").cast(pl.Float64))
        .join(outcome.select("patient", "time", "event"), on="patient", how="inner",
              maintain_order="left")
        .drop_nulls()
        .with_columns(pl.col("time").cast(pl.Float64))
    )  # fmt: skip


def _coded(
    values: pl.DataFrame, cuts: tuple[float, ...], keys: tuple[str, ...], inside: bool
) -> list[str | None]:
    """The level of each value; `inside`: a value at a cut is in the upper level."""
    out: list[str | None] = []
    for value in values["value"].to_list():
        if value is None or value != value:
            out.append(None)
        else:
            out.append(keys[sum(value >= c if inside else value > c for c in cuts)])
    return out


def _unsearchable(variable: Variable, outcome: pl.DataFrame | None) -> str:
    """Why no cut can be searched by an outcome; empty where it can."""
    if outcome is None:
        return f'the endpoint "{variable.endpoint}" could not be derived'
    if "entry" in outcome.columns and outcome["entry"].count():
        return "with delayed entry the search has no correction"
    return ""


def find_cut(
    name: str,
    variable: Variable,
    values: pl.DataFrame,
    unit: str,
    groups: pl.DataFrame | None,
    outcomes: Mapping[str, pl.DataFrame],
    protocol: Protocol,
) -> Cut:
    """Cut a number where its rule says; what can't be cut is a problem of the variable.

    Parameters
    ----------
    values
        ``patient``, ``value``: the numbers.
    groups
        ``patient``, ``value``: the groups of `within`.
    outcomes
        Endpoint = its frame with ``time`` (days) and ``event``.
    """
    keys = level_keys(variable)
    empty = values.with_columns(pl.lit(None, dtype=pl.String).alias("value"))

    def no(reason: str) -> Cut:
        return Cut(
            empty, {k: k for k in keys}, None, (refused("variables.no-cut", name, reason=reason),)
        )

    if not values.schema["value"].is_numeric():
        return no("its values are not numbers")
    searching = variable.cut_by in OUTCOME_RULES
    outcome = outcomes.get(str(variable.endpoint)) if searching else None
    if searching and (why := _unsearchable(variable, outcome)):
        return no(why)
    problems: list[Problem] = []
    cuts: dict[str, tuple[float, ...]] = {}
    shown: dict[str, tuple[str, ...]] = {}
    parts: list[pl.DataFrame] = []
    try:
        for group, part in _parts(values, groups):
            known = part["value"].drop_nulls().cast(pl.Float64).to_numpy()
            if group is None or not len(known):
                parts.append(part.with_columns(pl.lit(None, dtype=pl.String).alias("value")))
                continue
            if outcome is not None:
                cuts[group] = (_searched(variable, part, outcome, protocol),)
                problems += _few(name, variable, part, outcome)
            else:
                cuts[group] = _quantiles(variable, known)
            levels = _coded(part, cuts[group], keys, not searching)
            shown[group] = tuple(printed(c, known, not searching) for c in cuts[group])
            if set(keys) - set(levels):
                at = f"{', '.join(shown[group])}{f' among {group}' if group else ''}"
                return no(f"a cut at {at} leaves a group empty (too many values are alike)")
            parts.append(part.with_columns(pl.Series("value", levels, dtype=pl.String)))
    except OncohortError as error:
        return no(str(error))
    if not cuts:
        return no("it has no known value")
    coded = _of_everybody(values, parts)
    found = FoundCut(
        str(variable.cut_by),
        str(variable.source),
        MappingProxyType(cuts),
        variable.within or "",
        variable.endpoint or "",
        variable.horizon,
        MappingProxyType(shown),
    )
    return Cut(coded, _labels(variable, next(iter(shown.values())), unit), found, tuple(problems))


def _of_everybody(values: pl.DataFrame, parts: list[pl.DataFrame]) -> pl.DataFrame:
    """The groups in the order of the patients; none where no part holds the patient."""
    return values.select("patient").join(
        pl.concat(parts).select("patient", "value"), on="patient", how="left",
        maintain_order="left",
    )  # fmt: skip


def _parts(
    values: pl.DataFrame, groups: pl.DataFrame | None
) -> list[tuple[str | None, pl.DataFrame]]:
    """The patients of each group of `within`; all of them under an empty name without one."""
    if groups is None:
        return [("", values)]
    both = values.join(
        groups.select("patient", pl.col("value").alias("_group")), on="patient", how="left",
        maintain_order="left",
    )  # fmt: skip
    names = both["_group"].unique(maintain_order=True).to_list()
    return [(n, both.filter(pl.col("_group").eq_missing(pl.lit(n))).drop("_group")) for n in names]


def _few(name: str, variable: Variable, part: pl.DataFrame, outcome: pl.DataFrame) -> list[Problem]:
    events = int(outcome_rows(part, outcome)["event"].sum())
    if events >= FEW_EVENTS:
        return []
    return [
        problem(
            "variables.cut-of-few-events",
            place=Place(file="study.toml", key=f"variables.{name}.cut_by"),
            name=name,
            n=events,
            endpoint=str(variable.endpoint).upper(),
        )
    ]
