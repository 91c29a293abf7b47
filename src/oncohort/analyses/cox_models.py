"""Cox models of a study's variables: terms, design matrix, and a fit or the reason for none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple, TypedDict

import numpy as np
import numpy.typing as npt
import polars as pl

from oncohort.analyses.counting import COHORT
from oncohort.analyses.fit_warnings import fit_warnings
from oncohort.analyses.result import Fields
from oncohort.analyses.survival import entry_times
from oncohort.dataclass import dataclass
from oncohort.endpoints.cohort import EndpointInfo, VariableInfo
from oncohort.protocol import Protocol
from oncohort.protocol.analysis import Prognosis
from oncohort.vocabulary.times import DAYS_PER_UNIT

if TYPE_CHECKING:
    from oncohort.stats._coefficients import Coefficients
    from oncohort.stats._cox.result import CoxResult


@dataclass(frozen=True, slots=True)
class Term:
    """A variable as columns of the design matrix: dummies against the reference, or itself."""

    info: VariableInfo
    levels: tuple[str, ...]
    """Levels with a coefficient; empty for a continuous variable."""
    absent: tuple[str, ...]
    """Levels that no patient of the model has."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns; of a spline the variable, then one per inner knot."""
        key = self.info.key
        if self.levels:
            return tuple(f"{key}={level}" for level in self.levels)
        return tuple(key + "'" * i for i in range(self.info.effect.width))


def term_of(info: VariableInfo, frame: pl.DataFrame) -> Term:
    """The columns a variable needs among these patients."""
    if info.kind == "continuous":
        return Term(info, (), ())
    present = set(frame[info.key].to_list())
    others = [v for v in info.levels if v != info.reference]
    return Term(
        info,
        tuple(v for v in others if v in present),
        tuple(v for v in info.levels if v not in present),
    )


@dataclass(frozen=True, slots=True)
class Contrast:
    """What one ratio of a model compares.

    Attributes
    ----------
    level
        The level that is compared with the reference; none for a number.
    weights
        ``(p,)`` what the coefficients of the whole model are multiplied by.
    column
        The one column that it is the coefficient of; none where it is made of several.
    """

    term: Term
    level: str | None
    weights: npt.NDArray[np.float64]
    column: int | None


def contrasts(terms: Sequence[Term]) -> list[Contrast]:
    """The ratios of a model, in order: one per level, one per number whatever its columns are."""
    width = sum(len(t.columns) for t in terms)
    out: list[Contrast] = []
    at = 0
    for term in terms:
        if term.levels:
            for i, level in enumerate(term.levels):
                out.append(Contrast(term, level, np.eye(width)[at + i], at + i))
        else:
            weights = np.zeros(width)
            weights[at : at + len(term.columns)] = term.info.effect.contrast()
            one = at if len(term.columns) == 1 else None
            out.append(Contrast(term, None, weights, one))
        at += len(term.columns)
    return out


def design_matrix(frame: pl.DataFrame, terms: list[Term]) -> npt.NDArray[np.float64]:
    """Columns of all terms, in their order: 0 and 1 for levels, else what the effect makes."""
    columns = []
    for term in terms:
        if term.levels:
            columns += [(frame[term.info.key] == v).to_numpy() for v in term.levels]
        else:
            columns += list(term.info.effect.columns(frame[term.info.key].to_numpy()).T)
    return np.column_stack([np.asarray(c, dtype=float) for c in columns])


def stratum_labels(frame: pl.DataFrame, strata: Sequence[str]) -> list[str] | None:
    """Each patient's stratum: the levels of all variables together; none without strata."""
    if not strata:
        return None
    return frame.select(pl.concat_str(list(strata), separator="*"))[strata[0]].to_list()


@dataclass(frozen=True, slots=True)
class Fit:
    """A fitted model with the terms that went in, or the reason why there is none."""

    terms: tuple[Term, ...]
    frame: pl.DataFrame
    missing: int
    result: Coefficients | None = None
    """Of a Cox model, or of a Fine-Gray model of the same terms."""
    why_not: str = ""
    warnings: tuple[str, ...] = ()
    """Warnings of the fit."""
    strata: tuple[str, ...] = ()
    """Keys of the variables whose levels are its strata."""
    penalised: bool = False
    """Fitted with Firth's penalty."""

    @property
    def model(self) -> CoxResult:
        """The fitted Cox model.

        Raises
        ------
        ValueError
            There is none.
        """
        from oncohort.stats._cox.result import CoxResult

        if not isinstance(self.result, CoxResult):
            raise ValueError(self.why_not)
        return self.result

    @property
    def n(self) -> int:
        """Patients with all values."""
        return self.frame.height

    def common(self, info: EndpointInfo) -> Fields:
        """What all numbers of the model share."""
        return {
            "n": self.n,
            "events": int(self.frame[f"{info.key}_event"].sum()),
            "excluded": {"missing": self.missing} if self.missing else {},
            "population": COHORT,
        }


class _How(TypedDict):
    """How a model is fitted, whatever comes of it."""

    strata: tuple[str, ...]
    penalised: bool


class Effect(NamedTuple):
    """A hazard ratio with the ends of its interval (an infinite one is None) and its p.

    All are None where the model has no finite estimate.
    """

    hr: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None


def effect_at(result: Coefficients | None, i: int) -> Effect:
    """The effect of one column of a model; nothing where no event tells it."""
    if result is None or not (
        np.isfinite(result.coef[i]) and np.isfinite(result.low[i]) and result.hr[i] > 0
    ):
        return Effect()
    hr, low, high, p = (float(v[i]) for v in (result.hr, result.low, result.high, result.p))
    return Effect(hr, low, high if np.isfinite(high) else None, p)


def fit(
    protocol: Protocol,
    info: EndpointInfo,
    frame: pl.DataFrame,
    variables: list[VariableInfo],
    *,
    strata: Sequence[VariableInfo] = (),
) -> Fit:
    """Fit one model on the patients who have all its values (complete cases).

    Ties and penalty are those of `[prognosis]`, or its defaults.
    """
    from oncohort.problems import OncohortError
    from oncohort.stats import cox

    rule = protocol.prognosis or Prognosis()
    names = [v.key for v in variables]
    within = tuple(s.key for s in strata)
    known = frame.drop_nulls([*names, *within])
    how: _How = {"strata": within, "penalised": rule.penalty == "firth"}
    missing = frame.height - known.height
    terms = [term_of(v, known) for v in variables]
    event = known[f"{info.key}_event"].to_numpy()
    unable = ""
    if not known.height or not event.any():
        unable = "no event among the patients with known values"
    flat = [t.info.label for t in terms if t.info.levels and len(t.levels) == 0] + [
        t.info.label
        for t in terms
        if t.info.kind == "continuous" and known[t.info.key].n_unique() < 2
    ]
    if flat and not unable:
        unable = f"{', '.join(flat)}: only one level among the patients with known values"
    orphans = [
        f"{t.info.label}: nobody with known values has the reference level "
        f'"{t.info.levels.get(t.info.reference or "", t.info.reference)}"'
        for t in terms
        if t.levels and t.info.reference in t.absent
    ]
    unable = unable or "; ".join(orphans)
    if unable:
        return Fit(tuple(terms), known, missing, None, unable, **how)
    time = known[f"{info.key}_time"].to_numpy() / DAYS_PER_UNIT[protocol.study.time_unit]
    columns = [c for t in terms for c in t.columns]
    try:
        with fit_warnings() as raised:
            result = cox(
                time,
                event,
                design_matrix(known, terms),
                entry=entry_times(known, info.key, DAYS_PER_UNIT[protocol.study.time_unit]),
                strata=stratum_labels(known, within),
                ties=rule.ties,
                penalty=None if rule.penalty == "none" else rule.penalty,
                interval="profile" if rule.penalty == "firth" else "wald",
                names=columns,
                terms={t.info.key: list(t.columns) for t in terms},
            )
    except OncohortError as error:
        return Fit(tuple(terms), known, missing, None, str(error), **how)
    return Fit(tuple(terms), known, missing, result, "", tuple(raised), **how)
