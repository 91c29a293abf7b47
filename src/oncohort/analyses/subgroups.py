"""The effect of the arms within subgroups, and the test of its interaction with each of them."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import polars as pl

from oncohort.analyses.contrasts import ratios, sizes
from oncohort.analyses.counting import COHORT, count
from oncohort.analyses.cox_models import fit
from oncohort.analyses.result import Estimate, Fields, Population, key_of
from oncohort.analyses.survival import entry_times
from oncohort.dataclass import dataclass
from oncohort.endpoints.cohort import Cohort, EndpointInfo, VariableInfo
from oncohort.problems import OncohortError, OncohortWarning
from oncohort.protocol import Protocol
from oncohort.protocol.arms import CROSS, Arms, subgroup_key
from oncohort.vocabulary.plurals import counted


@dataclass(frozen=True, slots=True)
class Subgroups:
    """What the subgroups of one endpoint gave."""

    estimates: tuple[Estimate, ...] = ()
    populations: tuple[Population, ...] = ()


def crossed(one: VariableInfo, other: VariableInfo) -> VariableInfo:
    """A variable whose levels are the pairs of the levels of two.

    Examples
    --------
    >>> sex = VariableInfo("sex", "Sex", "categorical", {"m": "Male", "f": "Female"})
    >>> side = VariableInfo("side", "Side", "categorical", {"l": "Left", "r": "Right"})
    >>> both = crossed(sex, side)
    >>> both.key, both.label, list(both.levels)[:2], both.levels["m*l"]
    ('sex*side', 'Sex and Side', ['m*l', 'm*r'], 'Male, Left')
    """
    levels = {
        f"{a}{CROSS}{b}": f"{words}, {more}"
        for a, words in one.levels.items()
        for b, more in other.levels.items()
    }
    return VariableInfo(
        f"{one.key}{CROSS}{other.key}",
        f"{one.label} and {other.label}",
        "categorical",
        MappingProxyType(levels),
        next(iter(levels), None),
    )


def variable_of(one: str | Sequence[str], cohort: Cohort) -> VariableInfo | None:
    """The variable of a declared subgroup; none where one is not there or has no levels."""
    names = [one] if isinstance(one, str) else list(one)
    infos = [cohort.meaning.variables.get(name) for name in names]
    if any(info is None or not info.levels for info in infos):
        return None
    first = infos[0]
    if len(infos) == 1 or first is None or infos[1] is None:
        return first
    return crossed(first, infos[1])


def with_crossed(frame: pl.DataFrame, one: str | Sequence[str]) -> pl.DataFrame:
    """The frame with a column of the pairs of two crossed variables."""
    if isinstance(one, str):
        return frame
    pair = pl.concat_str([pl.col(name) for name in one], separator=CROSS)
    return frame.with_columns(pair.alias(subgroup_key(one)))


def subgroups(
    protocol: Protocol,
    rule: Arms,
    cohort: Cohort,
    info: EndpointInfo,
    arm: VariableInfo,
    known: pl.DataFrame,
) -> Subgroups:
    """Patients, events and hazard ratios of each subgroup, and interactions.

    The models are not stratified: a subgroup has few events already.

    Parameters
    ----------
    known
        Patients who are in an arm and have a time.
    """
    estimates: list[Estimate] = []
    populations: list[Population] = []
    for one in rule.subgroups:
        variable = variable_of(one, cohort)
        if variable is None:
            continue
        frame = with_crossed(known, one)
        path = ("arms", info.key, "subgroup", variable.key)
        without = frame.filter(pl.col(variable.key).is_null())["patient"].to_list()
        if without:
            label = f"{info.label}, {variable.label}: missing, in no subgroup"
            number, who = count((*path, "missing"), label, without)
            estimates.append(number)
            populations.append(who)
        for level, words in variable.levels.items():
            part = frame.filter(pl.col(variable.key) == level)
            label = f"{info.label}, {variable.label}: {words}"
            counted, members = sizes(path, label, arm, part, f"{info.key}_event", level=level)
            fitted = fit(protocol, info, part, [arm])
            estimates += [*counted, *ratios(path, label, arm, fitted, info, level=level)]
            populations += members
        estimates.append(_interaction(protocol, info, arm, variable, frame))
    return Subgroups(tuple(estimates), tuple(populations))


def _dummies(frame: pl.DataFrame, info: VariableInfo) -> list[npt.NDArray[np.float64]]:
    """0 and 1 for each level that somebody has, but the first."""
    columns = [(frame[info.key] == level).to_numpy().astype(float) for level in info.levels]
    return [c for c in columns if c.any()][1:]


def _interaction(
    protocol: Protocol,
    info: EndpointInfo,
    arm: VariableInfo,
    variable: VariableInfo,
    frame: pl.DataFrame,
) -> Estimate:
    """Likelihood-ratio test of the interaction of arm and subgroup."""
    rows = frame.drop_nulls([arm.key, variable.key])
    missing = frame.height - rows.height
    key = key_of("arms", info.key, "subgroup", variable.key, "interaction_p")
    common: Fields = {
        "n": rows.height,
        "events": int(rows[f"{info.key}_event"].sum()),
        "excluded": {"missing": missing} if missing else {},
        "population": COHORT,
        "kind": "p",
        "method": "likelihood-ratio test of the interaction in a Cox model",
    }
    label = f"{info.label}, {arm.label} by {variable.label}: interaction p"
    first, second = _dummies(rows, arm), _dummies(rows, variable)
    products = [a * b for a in first for b in second]
    products = [c for c in products if c.any()]
    why = "" if products else "arms or subgroups do not vary"
    found = None
    if not why:
        try:
            found = _compared(protocol, info, rows, [*first, *second], products)
        except OncohortError as error:
            why = str(error)
    if found is None or found[1] == 0:
        why = why or "no column of the interaction can be told from the arms and subgroups"
        return Estimate(key, label, None, "not_estimable", note=why, **common)
    from oncohort.stats._cox.result import ChiSquared

    test = ChiSquared.of("interaction", *found)
    common["method"] += f", {counted(test.df, 'degree')} of freedom"
    return Estimate(key, label, test.p, **common)


def _compared(
    protocol: Protocol,
    info: EndpointInfo,
    rows: pl.DataFrame,
    main: list[npt.NDArray[np.float64]],
    products: list[npt.NDArray[np.float64]],
) -> tuple[float, int]:
    """Twice the gain in log likelihood by the products, and its degrees of freedom."""
    from oncohort.stats import cox

    ties = protocol.prognosis.ties if protocol.prognosis else "efron"
    fits = []
    for columns in (main, [*main, *products]):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", OncohortWarning)
            fits.append(
                cox(
                    rows[f"{info.key}_time"].to_numpy(),
                    rows[f"{info.key}_event"].to_numpy(),
                    np.column_stack(columns),
                    entry=entry_times(rows, info.key, 1.0),
                    ties=ties,
                )
            )
    small, large = fits
    return 2.0 * (large.loglik - small.loglik), int(large.free.sum() - small.free.sum())
