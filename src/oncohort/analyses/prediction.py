"""A prediction model: its equation, its performance, its points, its net benefit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import polars as pl

from oncohort.analyses.counting import COHORT
from oncohort.analyses.cox_models import Fit, contrasts, fit
from oncohort.analyses.prediction_points import points_of
from oncohort.analyses.result import Curve, Estimate, Fields, Kind, Result, key_of
from oncohort.analyses.survival import entry_times
from oncohort.dataclass import dataclass
from oncohort.endpoints.cohort import Cohort, EndpointInfo
from oncohort.problems import OncohortError, Place, Problem, problem
from oncohort.protocol import Protocol
from oncohort.protocol.number_style import style_of
from oncohort.protocol.prediction import Prediction
from oncohort.stats.inputs import Floats
from oncohort.vocabulary.boundaries import Option

if TYPE_CHECKING:
    from oncohort.stats.prediction import Calibration
    from oncohort.stats.prediction import Prediction as Performed

EVENTS_PER_COEFFICIENT = 10
"""Peduzzi et al. 1995, J Clin Epidemiol 48:1503."""
LEAST_SLOPE = 0.8
"""Below it predictions are called too extreme."""


@dataclass(frozen=True, slots=True)
class Model:
    """What every number of the section shares."""

    protocol: Protocol
    rule: Prediction
    info: EndpointInfo
    fitted: Fit

    @property
    def common(self) -> Fields:
        """Patients and events."""
        f = self.fitted
        return {
            "n": f.n,
            "events": int(f.frame[f"{self.info.key}_event"].sum()),
            "excluded": {"missing": f.missing} if f.missing else {},
            "population": COHORT,
        }

    def number(
        self, what: str, label: str, value: float | None, kind: Kind = "value", **fields: Option
    ) -> Estimate:
        """One number of the model; `levels` of its key are given as such."""
        levels = fields.pop("levels", {})
        usable = value is not None and bool(np.isfinite(value))
        return Estimate(
            key_of("prediction", self.info.key, what, **levels),
            f"{self.info.label}, prediction: {label}",
            value if usable else None,
            "ok" if usable else "not_estimable",
            kind=kind,
            **self.common | fields,
        )


def _whole(rule: Prediction, fitted: Fit) -> str:
    """Why a model can't predict; empty where it can."""
    if fitted.result is None:
        return fitted.why_not
    if not np.isfinite(fitted.result.coef).all():
        return "; ".join(fitted.warnings) or "a coefficient has no finite estimate"
    return ""


def _equation(m: Model) -> list[Estimate]:
    """Size, coefficients with their ratios, and the baseline: all that is needed to predict."""
    f, r = m.fitted, m.fitted.model
    unit = m.protocol.study.time_unit
    parameters = sum(len(t.columns) for t in f.terms)
    events = int(m.common["events"])
    out = [
        m.number("n", "patients", f.n, "count", method="count (complete cases)"),
        m.number("events", "events", events, "count", method="count"),
        m.number("parameters", "coefficients", parameters, "count", method="count"),
        m.number("events_per_parameter", "events per coefficient", events / parameters),
    ]
    for term in f.terms:
        for column, name in enumerate(term.columns):
            at = sum(len(t.columns) for t in f.terms[: f.terms.index(term)]) + column
            levels = {"variable": term.info.key}
            label = term.info.label
            if term.levels:
                levels["level"] = term.levels[column]
                label += f", {term.info.levels[term.levels[column]]}"
            elif len(term.columns) > 1:
                levels["number"] = str(column + 1)
            out.append(
                m.number(
                    "beta", f"{label}: coefficient", float(r.coef[at]), levels=levels,
                    method=f"Cox regression, Efron ties; column {name}",
                )
            )  # fmt: skip
    for place in (c for c in contrasts(f.terms) if c.column is not None):
        levels = {"variable": place.term.info.key}
        label = place.term.info.label
        if place.level is not None:
            levels["level"] = place.level
            label += f", {place.term.info.levels[place.level]}"
        i = place.column
        out.append(
            m.number(
                "hr", f"{label}: hazard ratio", float(r.hr[i]), "ratio", levels=levels,
                low=float(r.low[i]), high=float(r.high[i]), level=0.95, interval_method="Wald",
                method="Cox regression, Efron ties",
            )
        )  # fmt: skip
    hazard, risk = _baseline(m)
    centre = float(risk.mean())
    out.append(m.number("centre", "mean linear predictor", centre, method="mean"))
    for time, h in zip(m.rule.times, hazard, strict=True):
        out.append(
            m.number(
                "baseline", f"survival at {time:g} {unit} at the mean linear predictor",
                100 * float(np.exp(-h * np.exp(centre))), "percentage", unit="%",
                levels={"time": f"{time:g}"}, method="Efron's estimate of the baseline hazard",
            )
        )  # fmt: skip
    return out


def _baseline(m: Model) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Cumulative baseline hazard at the times, and the linear predictors."""
    from oncohort.stats.prediction import hazard_at

    data = m.fitted.model.model.data
    risk = np.asarray(data.x @ m.fitted.model.coef)
    return hazard_at(data.time, data.event, np.exp(risk), m.rule.times), risk


def _performance(m: Model) -> tuple[list[Estimate], list[Curve], float]:
    """Discrimination, calibration and net benefit, apparent and corrected; and the slope."""
    from oncohort.stats import predict_performance

    seed = m.protocol.study.seed
    p = predict_performance(
        m.fitted.model, m.rule.times, groups=m.rule.groups, replicates=m.rule.bootstraps, seed=seed
    )
    how = f"optimism by {p.usable} of {p.replicates} bootstrap samples taken off (seed {seed})"
    unit = m.protocol.study.time_unit
    out = []
    for name, label, c, corrected in (
        ("harrell", "Harrell's C", p.harrell, p.harrell_corrected),
        ("uno", f"Uno's C up to {p.tau:g} {unit}", p.uno, p.uno_corrected),
    ):
        out += [
            m.number(
                name, label, c.c, low=c.low, high=c.high, level=c.level, method="apparent",
                interval_method="normal, infinitesimal jackknife",
            ),
            m.number(f"{name}_corrected", f"{label}, corrected", corrected, method=how),
        ]  # fmt: skip
    out.append(m.number("slope", "calibration slope, corrected", p.slope, method=how))
    curves: list[Curve] = []
    for i, time in enumerate(p.times):
        levels = {"time": f"{time:g}"}
        at = f"at {time:g} {unit}"
        out += [
            m.number(
                "auc", f"area under the ROC curve {at}", p.roc[i].auc, levels=levels,
                method="cumulative/dynamic, inverse probability of censoring weights, apparent",
            ),
            m.number(
                "auc_corrected", f"area under the ROC curve {at}, corrected", p.auc_corrected[i],
                levels=levels, method=how,
            ),
        ]  # fmt: skip
        out += _groups(m, p.calibration[i], levels, at, how)
        curves += _curves(m, p, i, levels, at)
    return out, curves, p.slope


def _groups(m: Model, c: Calibration, levels: dict[str, str], at: str, how: str) -> list[Estimate]:
    """Predicted and observed survival of each group."""
    out = []
    for g in range(len(c.n)):
        keys = levels | {"group": str(g + 1)}
        who = f"group {g + 1} of predicted survival {at}"
        share: Fields = {
            "kind": "percentage", "unit": "%", "levels": keys,
            "n": int(c.n[g]), "events": int(c.events[g]),
        }  # fmt: skip
        low, high = float(c.low[g]), float(c.high[g])
        known = np.isfinite(low) and np.isfinite(high)
        out += [
            m.number("predicted", f"{who}, predicted", 100 * float(c.predicted[g]), **share,
                     method="mean of the predictions"),
            m.number("observed", f"{who}, observed", 100 * float(c.observed[g]), **share,
                     low=100 * low if known else None, high=100 * high if known else None,
                     level=0.95 if known else None, interval_method="log-log",
                     method="Kaplan-Meier"),
            m.number("corrected", f"{who}, observed, corrected", 100 * float(c.corrected[g]),
                     **share, method=how),
            m.number("size", f"{who}, patients", int(c.n[g]), **share | {"kind": "count",
                     "unit": "patients"}, method="count"),
        ]  # fmt: skip
    return out


def _curves(m: Model, p: Performed, i: int, levels: dict[str, str], at: str) -> list[Curve]:
    """The ROC curve and the net benefit at one time."""
    roc, benefit = p.roc[i], p.benefit[i]

    def plain(values: Floats) -> tuple[float | None, ...]:
        return tuple(float(v) if np.isfinite(v) else None for v in values)

    return [
        Curve(
            key_of("prediction", m.info.key, "roc", **levels),
            f"{m.info.label}: ROC curve of the prediction {at}",
            {"sensitivity": plain(roc.sensitivity), "specificity": plain(roc.specificity)},
            method="cumulative/dynamic ROC, inverse probability of censoring weights",
            population=COHORT,
        ),
        Curve(
            key_of("prediction", m.info.key, "benefit", **levels),
            f"{m.info.label}: net benefit {at}",
            {
                "threshold": plain(benefit.thresholds),
                "model": plain(benefit.model),
                "corrected": plain(benefit.corrected),
                "treat_all": plain(benefit.treat_all),
            },
            method="net benefit (Vickers et al. 2008), Kaplan-Meier",
            population=COHORT,
        ),
    ]


def _points(m: Model) -> tuple[list[Estimate], list[Curve], list[Problem], bool]:
    """The nomogram, or the reason why there is none."""
    parameters = sum(len(t.columns) for t in m.fitted.terms)
    events = int(m.common["events"])
    problems = []
    few = events < EVENTS_PER_COEFFICIENT * parameters
    if few:
        problems.append(
            problem(
                "prediction.few-events",
                place=Place(file="study.toml", key="prediction"),
                endpoint=m.info.label,
                events=events,
                parameters=parameters,
                ratio=style_of(m.protocol.style).number(events / parameters),
            )
        )
    if not m.rule.nomogram or (few and not m.rule.few_events):
        return [], [], problems, False
    hazard, _ = _baseline(m)
    estimates, curves = points_of(m, hazard)
    return estimates, curves, problems, True


def analyse(
    protocol: Protocol, cohort: Cohort, blocked: frozenset[str] = frozenset()
) -> Result | None:
    """The model of `[prediction]`, where nothing blocks its endpoint."""
    rule = protocol.prediction
    if rule is None or rule.endpoint in blocked or rule.endpoint not in cohort.meaning.endpoints:
        return None
    infos = [cohort.meaning.variables.get(v) for v in rule.variables]
    known = [i for i in infos if i is not None]
    if len(known) < len(infos):
        return None
    info = cohort.meaning.endpoints[rule.endpoint]
    frame = cohort.frame.filter(pl.col(f"{info.key}_time").is_not_null())
    # The model is a plain one, whatever Table II is.
    fitted = fit(protocol.model_copy(update={"prognosis": None}), info, frame, known)
    m = Model(protocol, rule, info, fitted)
    why = _whole(rule, fitted)
    if not why and entry_times(fitted.frame, info.key, 1.0) is not None:
        why = "patients come under observation late (delayed entry), which is not supported here"
    if not why:
        try:
            return _made(m)
        except OncohortError as error:
            why = str(error)
    place = Place(file="study.toml", key="prediction")
    told = problem(
        "prediction.not-estimable", place=place, endpoint=info.label, reason=why.rstrip(".")
    )
    c = m.number("harrell", "Harrell's C", None, note=why)
    return Result("prediction", (c,), problems=(told,))


def _made(m: Model) -> Result:
    performance, curves, slope = _performance(m)
    points, more, problems, drawn = _points(m)
    if slope < LEAST_SLOPE:
        problems.append(
            problem(
                "prediction.too-extreme",
                place=Place(file="study.toml", key="prediction"),
                endpoint=m.info.label,
                slope=style_of(m.protocol.style).number(slope),
            )
        )
    return Result(
        "prediction",
        (*_equation(m), *performance, *points),
        (*curves, *more),
        methods=tuple(_methods(m, drawn)),
        problems=tuple(problems),
    )


def _methods(m: Model, drawn: bool) -> list[str]:
    """What was done, in sentences."""
    rule, unit = m.rule, m.protocol.study.time_unit
    at = " and ".join(f"{t:g}" for t in rule.times)
    out = [
        f"{m.info.label} was predicted by a Cox model of variables specified in advance (complete "
        "cases). Discrimination was measured by Harrell's and Uno's C and by the time-dependent "
        f"area under the ROC curve at {at} {unit} (cumulative/dynamic, inverse probability of "
        "censoring weights); calibration by Kaplan-Meier in "
        f"{rule.groups} groups of predicted survival and by the calibration slope. All were "
        f"corrected for optimism by {rule.bootstraps} bootstrap samples in which the model was "
        "fitted again; variables were not selected again.",
    ]
    if rule.decision_curve:
        out.append("Net benefit was computed over thresholds of risk (decision curve).")
    if drawn and rule.few_events:
        out.append(
            f"The nomogram has fewer than {EVENTS_PER_COEFFICIENT} events per coefficient; it is "
            f"shown because {rule.few_events.rstrip('.')}."
        )
    elif drawn:
        out.append(
            "The nomogram gives 100 points to the widest effect and the others in proportion."
        )
    return out
