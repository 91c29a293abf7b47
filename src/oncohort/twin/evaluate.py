"""What a twin's own study gives for each printed figure, read back from its files."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import numpy as np
import polars as pl

from oncohort.published.figures import COHORT, ratio_key, slug
from oncohort.published.model import Published
from oncohort.published.rounding import number
from oncohort.twin.chart import DRUG
from oncohort.twin.counts import RATES, denominator
from oncohort.twin.question import Cox, of_another_test
from oncohort.vocabulary.times import DAYS_PER_UNIT
from oncohort.vocabulary.words import is_missing

if TYPE_CHECKING:
    from oncohort.study.results import Results


class Values:
    """Values by figure key, from a study's results."""

    def __init__(self, results: Results, n: int) -> None:
        self.results, self.n = results, n
        self.found: dict[str, float] = {}

    def take(self, key: str, result: str, part: str = "value", scale: float = 1.0) -> None:
        """The value (or an end of its interval) of a result, where it has one."""
        try:
            value = getattr(self.results[result], part)
        except KeyError:
            return
        if value is not None:
            self.found[key] = float(value) * scale

    def count(self, key: str, count: float | None, base: int | None = None) -> None:
        """A count and its percentage, of all patients or of ``base``."""
        if count is not None:
            self.found[f"{key}.count"] = float(count)
            self.found[f"{key}.percent"] = 100.0 * float(count) / (base or self.n)


def values_of(
    results: Results, published: Published, cox: Cox, names: Mapping[str, str], n: int
) -> dict[str, float]:
    """Value of every printed figure that the twin's study has.

    ``names``: endpoint slug of the paper to endpoint key of the study.
    """
    v = Values(results, n)
    _margins(v, published)
    _responses(v, published)
    _safety(v, published)
    _treated(v, published)
    _curves(v, published, names)
    _ratios(v, cox, results, names)
    return v.found


def _margins(v: Values, published: Published) -> None:
    frame = v.results.study.cohort.frame
    for variable in published.variables:
        key = slug(variable.name)
        if variable.population not in COHORT:
            continue
        if key in frame.columns:
            missing = int(variable.missing) if variable.missing.isdigit() else 0
            usual = denominator(variable, v.n, missing)
            for level in variable.levels:
                same = int((frame[key] == slug(level.label)).sum())
                if is_missing(level.label):
                    same = frame[key].null_count()
                base = int(level.denominator) if level.denominator.isdigit() else usual
                v.count(f"variables.{key}.{slug(level.label)}", same, base)
            continue
        for level in variable.levels:  # a list whose entries don't exclude each other: flags
            flag = f"{key}_{slug(level.label)}"
            if flag in frame.columns:
                base = int(level.denominator) if level.denominator.isdigit() else v.n
                v.count(
                    f"variables.{key}.{slug(level.label)}", int((frame[flag] == "yes").sum()), base
                )
    for s in published.summaries:
        key = slug(s.name)
        if s.population not in COHORT or key not in frame.columns:
            continue
        x = np.array(frame[key].drop_nulls().to_list(), dtype=float)
        low, high = (0.25, 0.75) if s.spread == "quartiles" else (0.0, 1.0)
        stats = {
            "mean": x.mean(),
            "sd": x.std(ddof=1) if len(x) > 1 else np.nan,
            "median": np.median(x),
            "low": np.quantile(x, low),
            "high": np.quantile(x, high),
        }
        v.found |= {f"summaries.{key}.{k}": float(value) for k, value in stats.items()}


def _responses(v: Values, published: Published) -> None:
    frame = v.results.study.cohort.frame
    if "best_response" not in frame.columns:
        return
    best = frame["best_response"]
    evaluable = None
    for r in published.responses:
        if r.population not in COHORT:
            continue
        evaluable = int(r.n) if r.n.isdigit() else None
        for level in r.levels:
            base = int(level.denominator) if level.denominator.isdigit() else evaluable
            count = int((best == level.label.upper()).sum())
            v.count(f"responses.{slug(level.label)}", count, base)
    for rate in published.rates:
        codes = RATES.get(rate.kind.upper())
        if codes is None:
            continue
        key = f"rates.{slug(rate.kind)}"
        base = int(rate.denominator) if rate.denominator.isdigit() else evaluable
        v.count(key, sum(int((best == c.upper()).sum()) for c in codes), base)
        result = "response.orr" if "sd" not in codes else "response.dcr"
        v.take(f"{key}.low", f"{result}.percent", "low")
        v.take(f"{key}.high", f"{result}.percent", "high")


def _safety(v: Values, published: Published) -> None:
    from oncohort.published.figures import grades_of

    events = v.results.study.cohort.evidence.adverse_events
    for event in published.adverse_events:
        if event.population not in COHORT:
            continue
        for g in event.grades:
            covered = grades_of(g.grade)
            count = 0
            if events is not None and events.height:
                rows = events if event.any else events.filter(events["term"] == slug(event.term))
                worst = rows.group_by("patient").max() if event.any else rows
                count = int(worst["grade"].is_in(list(covered)).sum()) if worst.height else 0
            base = int(g.n) if g.n.isdigit() else None
            v.count(f"adverse_events.{slug(event.term)}.{slug(g.grade)}", count, base)


def _treated(v: Values, published: Published) -> None:
    for t in published.treated:
        key = f"treated.{t.kind}" + (f".{slug(t.reason)}" if t.reason else "")
        result = f"exposure.{DRUG}.{t.kind}.count"
        if t.kind == "stopped":
            reasons = v.results.study.cohort.frame["patient"]
            rows = v.results.study.records.tables["patients"]
            of_reason = rows.filter(rows["patient"].is_in(reasons.to_list()))
            v.count(key, int((of_reason["treatment_end_reason"] == t.reason).sum()))
            continue
        exposure = v.results.study.cohort.evidence.exposure
        if exposure is not None and t.kind in exposure.columns:
            v.count(key, int(exposure[t.kind].fill_null(False).sum()))
        else:
            v.take(f"{key}.count", result)


def _curves(v: Values, published: Published, names: Mapping[str, str]) -> None:
    from oncohort.stats import kaplan_meier

    frame = v.results.study.cohort.frame
    for key, study_key in names.items():
        if f"{study_key}_time" not in frame.columns:
            continue
        time, event = frame[f"{study_key}_time"].to_numpy(), frame[f"{study_key}_event"].to_numpy()
        curve = kaplan_meier(time, event)
        v.count(f"events.{key}", int(event.sum()))
        v.found[f"curves.{key}.events"] = float(event.sum())
        for t in (t for t in published.times if slug(t.endpoint) == key):
            days = days_per(t.unit)
            m = curve.median
            for part, value in (("median", m.value), ("low", m.low), ("high", m.high)):
                if value is not None and (part == "median" or t.spread in ("", "interval")):
                    v.found[f"times.{key}.{part}"] = float(value) / days
        for x in (x for x in published.landmarks if slug(x.endpoint) == key):
            day = _day(x.time, x.unit)
            if day is not None:
                at = curve.at(day)[0]
                shares = (("percent", at.survival), ("low", at.low), ("high", at.high))
                for part, share in shares:
                    if share is not None:
                        v.found[f"landmarks.{key}.{slug(x.time)}.{part}"] = 100 * float(share)
        for c in (c for c in published.curves if slug(c.endpoint) == key):
            for pair in c.at_risk:
                day = _day(pair[0], c.unit)
                if day is not None:
                    v.found[f"curves.{key}.at_risk.{slug(pair[0])}"] = float((time >= day).sum())
    for t in published.times:
        if slug(t.endpoint) in TREATMENT and "patients" in v.results.study.records.tables:
            rows = v.results.study.records.tables["patients"]
            d = (rows["treatment_end"] - rows["treatment_start"]).dt.total_days().drop_nulls()
            unit = days_per(t.unit)
            stats: dict[str, Any] = {"median": d.median(), "low": d.min(), "high": d.max()}
            v.found |= {f"times.{slug(t.endpoint)}.{k}": float(x) / unit for k, x in stats.items()}


TREATMENT = ("treatment", "time_on_treatment", "treatment_duration")


def days_per(unit: str | None) -> float:
    """Days in a unit of a paper; papers that name none mean months."""
    return DAYS_PER_UNIT.get(unit or "months", DAYS_PER_UNIT["months"])


def _day(text: str, unit: str) -> float | None:
    read = number(text)
    return float(read.value) * days_per(unit) if read is not None else None


Asked = ParamSpec("Asked")
Given = TypeVar("Given")


def _quiet(fit: Callable[Asked, Given]) -> Callable[Asked, Given]:
    """The fit without advice for analysts: the figures of the paper are what they are."""

    def call(*arguments: Asked.args, **options: Asked.kwargs) -> Given:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return fit(*arguments, **options)

    return call


def _logrank(frame: pl.DataFrame, endpoint: str, group: list[float]) -> float:
    """Two-sided p of the log-rank test between the sides of a 0/1 column."""
    from oncohort.stats import logrank

    return float(logrank(frame[f"{endpoint}_time"], frame[f"{endpoint}_event"], group).p)


def _ratios(v: Values, cox: Cox, results: Results, names: Mapping[str, str]) -> None:
    from oncohort.stats import cox as fit

    frame = results.study.cohort.frame
    by_key = {c.key: c for c in cox.covariates}
    for model in cox.models:
        study_key = names[model.endpoint]
        columns = []
        for variable, k, _, _ in model.ratios:
            covariate = by_key[variable]
            levels = frame[variable if covariate.cut is None else f"{variable}_group"].to_list()
            columns.append([float(level in covariate.columns[k]) for level in levels])
        try:
            done = _quiet(fit)(
                frame[f"{study_key}_time"], frame[f"{study_key}_event"], np.array(columns).T
            )
        except (ValueError, ArithmeticError):
            continue
        for j, (_, _, ratio, inverse) in enumerate(model.ratios):
            if ratio is None:
                continue
            key = ratio_key(ratio)
            hr, low, high = float(done.hr[j]), float(done.low[j]), float(done.high[j])
            if inverse:
                hr, low, high = 1 / hr, 1 / high, 1 / low
            v.found |= {f"{key}.estimate": hr, f"{key}.low": low, f"{key}.high": high}
            if not of_another_test(ratio):
                v.found[f"{key}.p"] = float(done.p[j])
            elif slug(ratio.test) == "log_rank" and len(columns) == 1:
                v.found[f"{key}.p"] = _logrank(frame, study_key, columns[0])
