"""A prediction model: its equation, its performance, its nomogram, its decision curve."""

from __future__ import annotations

import math

from oncohort.analyses import prediction
from oncohort.analyses.result import key_of
from oncohort.displays.figures import prediction as drawn
from oncohort.displays.figures.data import Panel
from oncohort.displays.figures.model import Figure
from oncohort.displays.lookup import Lookup
from oncohort.displays.sections.analysis import Analysis
from oncohort.displays.sections.item import Item, filled_if
from oncohort.displays.sections.section import Part, Section, figure_of
from oncohort.displays.spans import Piece, Spans, listed, say, sentences
from oncohort.displays.tables.model import Column, Row, Table, group, row
from oncohort.displays.words import low_first, name_in_text, per_step
from oncohort.protocol import Protocol
from oncohort.protocol.number_style import DASH


def _endpoint(lookup: Lookup) -> str | None:
    """The endpoint of the model, where it could be made."""
    rule = lookup.protocol.prediction
    if rule is None or not lookup.has(f"prediction.{rule.endpoint}.n"):
        return None
    return rule.endpoint


def _times(lookup: Lookup) -> list[str]:
    rule = lookup.protocol.prediction
    return [f"{t:g}" for t in rule.times] if rule is not None else []


def model_table(lookup: Lookup) -> Table | None:
    """The equation of the prediction model: coefficients, and survival at the mean."""
    e = _endpoint(lookup)
    rule = lookup.protocol.prediction
    if e is None or rule is None:
        return None
    rows: list[Row] = []
    for variable in rule.variables:
        info = lookup.info(variable)
        found = [
            b for b in lookup.numbers.of("prediction", e, "beta") if b.key["variable"] == variable
        ]
        many = len(found) > 1 or (info is not None and bool(info.levels))
        if many:
            rows.append(group(lookup.variable_unit(variable)))
        for beta in found:
            level = beta.key.get("level")
            number = beta.key.get("number")
            if level is not None:
                label = lookup.level(variable, level)
            elif number is not None:
                label = "Linear term" if number == "1" else f"Spline term {number}"
            else:
                label = f"{lookup.variable(variable)}, {per_step(info)}"
            keys = {"variable": variable} | ({"level": level} if level is not None else {})
            hr: Piece = (
                DASH if number is not None else lookup.value_ci(f"prediction.{e}.hr", **keys)
            )
            shown = lookup.show(beta.id, 4)
            rows.append(row(label, shown, hr, indent=1 if many else 0))
    for time in _times(lookup):
        rows.append(
            row(
                f"Survival at {time} {lookup.unit} at the mean linear predictor, %",
                lookup.show(f"prediction.{e}.baseline", 2, time=time),
                "",
            )
        )
    rows.append(row("Mean linear predictor", lookup.show(f"prediction.{e}.centre", 4), ""))
    columns = (
        Column("Predictor", align="left", width=3.0),
        Column("Coefficient", width=1.1),
        Column("HR (95% CI)", width=1.5),
    )
    notes = (
        say(
            "{n} patients, {v} events. Predicted survival is S to the power of exp(linear "
            "predictor \u2212 its mean), with S the survival at the mean.",
            n=lookup.show(f"prediction.{e}.n"), v=lookup.show(f"prediction.{e}.events"),
        ),
    )  # fmt: skip
    name = low_first(lookup.endpoint(e))
    return Table(
        "prediction_model", "", f"Prediction model of {name}", columns, tuple(rows), notes, False
    )


def table(lookup: Lookup) -> Table | None:
    """How well the model predicts: apparent, and corrected for optimism."""
    e = _endpoint(lookup)
    if e is None:
        return None
    path = f"prediction.{e}"
    rows = [
        row(
            label,
            lookup.value_ci(f"{path}.{what}"),
            lookup.show(f"{path}.{what}_corrected"),
        )
        for what, label in (("harrell", "Harrell's C"), ("uno", "Uno's C"))
    ]
    for time in _times(lookup):
        rows.append(
            row(
                f"Area under the ROC curve at {time} {lookup.unit}",
                lookup.value_ci(f"{path}.auc", time=time),
                lookup.show(f"{path}.auc_corrected", time=time),
            )
        )
    rows.append(row("Calibration slope", "1 (by definition)", lookup.show(f"{path}.slope")))
    columns = (
        Column("Measure", align="left", width=2.6),
        Column("Apparent (95% CI)", width=1.6),
        Column("Corrected", width=1.0),
    )
    rule = lookup.protocol.prediction
    assert rule is not None
    notes = (say("Corrected for optimism by {b} bootstrap samples.", b=str(rule.bootstraps)),)
    name = low_first(lookup.endpoint(e))
    return Table(
        "prediction", "", f"Performance of the prediction of {name}", columns, tuple(rows), notes,
        False,
    )  # fmt: skip


def calibration_table(lookup: Lookup) -> Table | None:
    """Predicted and observed survival in groups."""
    e = _endpoint(lookup)
    if e is None:
        return None
    path = f"prediction.{e}"
    rows: list[Row] = []
    times = _times(lookup)
    for time in times:
        if len(times) > 1:
            rows.append(group(f"At {time} {lookup.unit}"))
        for found in lookup.numbers.of("prediction", e, "predicted", time=time):
            keys = {"time": time, "group": found.key["group"]}
            rows.append(
                row(
                    f"Group {found.key['group']}",
                    lookup.show(f"{path}.size", **keys),
                    lookup.bound(found),
                    lookup.value_ci(f"{path}.observed", **keys),
                    lookup.show(f"{path}.corrected", **keys),
                    indent=1 if len(times) > 1 else 0,
                )
            )
    columns = (
        Column("Predicted survival", align="left", width=1.6),
        Column("Patients", width=0.8),
        Column("Predicted, %", width=1.0),
        Column("Observed, % (95% CI)", width=1.6),
        Column("Observed, corrected, %", width=1.2),
    )
    return Table(
        "calibration", "", "Calibration: predicted and observed survival", columns, tuple(rows),
        (say("Groups of rising predicted survival; observed: Kaplan-Meier."),), False,
    )  # fmt: skip


def points_table(lookup: Lookup) -> Table | None:
    """The points of the nomogram, and what their sum predicts."""
    e = _endpoint(lookup)
    rule = lookup.protocol.prediction
    if e is None or rule is None or not lookup.has(f"prediction.{e}.highest"):
        return None
    rows: list[Row] = []
    for variable in rule.variables:
        rows.append(group(lookup.variable_unit(variable)))
        for found in lookup.numbers.of("prediction", e, "points", variable=variable):
            level = found.key.get("level")
            label = lookup.level(variable, level) if level is not None else found.key["value"]
            rows.append(row(label, lookup.show(found.id, 1), indent=1))
    for time in _times(lookup):
        rows.append(group(f"Total points for survival at {time} {lookup.unit}"))
        for found in lookup.numbers.of("prediction", e, "total", time=time):
            rows.append(row(f"{found.key['survival']}%", lookup.show(found.id, 0), indent=1))
    return Table(
        "nomogram_points", "", "Points of the nomogram",
        (Column("Predictor", align="left", width=2.4), Column("Points", width=1.0)), tuple(rows),
        (say("Add the points of all variables; the sum gives the predicted survival."),), False,
    )  # fmt: skip


def _curve(lookup: Lookup, e: str, what: str, **levels: str) -> Panel | None:
    found = lookup.numbers.curves.get(key_of("prediction", e, what, **levels).id)
    return None if found is None else {k: list(v) for k, v in found.columns.items()}


def figures(lookup: Lookup) -> list[Figure]:
    """Calibration plot, ROC curves, nomogram and decision curve."""
    e = _endpoint(lookup)
    if e is None:
        return []
    made = [_calibration(lookup, e), _rocs(lookup, e), _nomogram(lookup, e), _decision(lookup, e)]
    return [f for f in made if f is not None]


def _panels(lookup: Lookup) -> list[Panel]:
    """One panel per time, with its letter and note."""
    times = _times(lookup)
    letters = "ABCDEFGH" if len(times) > 1 else " "
    return [
        {"letter": letter.strip(), "note": f"at {time} {lookup.unit}", "time": time}
        for letter, time in zip(letters, times, strict=False)
    ]


def _sized(lookup: Lookup, number: int) -> float | None:
    return lookup.style.one_column_mm if number == 1 else None


def _calibration(lookup: Lookup, e: str) -> Figure:
    panels = _panels(lookup)
    for panel in panels:
        for what in ("predicted", "observed", "corrected"):
            found = lookup.numbers.of("prediction", e, what, time=panel["time"])
            panel[what] = [x.value for x in found]
            if what == "observed":
                panel["low"], panel["high"] = [x.low for x in found], [x.high for x in found]
    name = low_first(lookup.endpoint(e))
    caption = say(
        "Groups of patients by predicted survival: circles are Kaplan-Meier estimates with {l} "
        "intervals, crosses are corrected for optimism. On the dashed line predictions hold.",
        l=lookup.style.level(0.95),
    )
    return figure_of(
        lookup, "calibration", "calibration", f"Calibration of the prediction of {name}", caption,
        f"Observed against predicted {name} in groups.", {"panels": panels},
        drawn.panels_height(len(panels)), width=_sized(lookup, len(panels)),
    )  # fmt: skip


def _rocs(lookup: Lookup, e: str) -> Figure | None:
    curves = []
    for time in _times(lookup):
        columns = _curve(lookup, e, "roc", time=time)
        if columns is None:
            continue
        auc = lookup.get(f"prediction.{e}.auc", time=time)
        area = lookup.style.value(auc, 2) if auc is not None else DASH
        curves.append(columns | {"label": f"{time} {lookup.unit}, area {area}"})
    if not curves:
        return None
    name = low_first(lookup.endpoint(e))
    caption = say(
        "Time-dependent ROC curves of the linear predictor, weighted for censoring; apparent: "
        "{t} gives the areas corrected for optimism.",
        t="the table of performance",
    )
    return figure_of(
        lookup, "prediction_roc", "prediction_roc", f"ROC curves of the prediction of {name}",
        caption, f"ROC curves of the prediction of {name}.", {"curves": curves},
        drawn.panels_height(1), width=drawn.SQUARE,
    )  # fmt: skip


def _nomogram(lookup: Lookup, e: str) -> Figure | None:
    rule = lookup.protocol.prediction
    highest = lookup.number(f"prediction.{e}.highest")
    if rule is None or highest is None:
        return None
    variables = []
    for variable in rule.variables:
        columns = _curve(lookup, e, "axis", variable=variable)
        if columns is None:
            continue
        levels = lookup.levels(variable)
        names = [levels.get(n, n) for n in columns["name"]]
        variables.append(
            {"label": lookup.variable_unit(variable), "names": names, "points": columns["points"]}
        )
    survival = []
    for time in _times(lookup):
        found = lookup.numbers.of("prediction", e, "total", time=time)
        survival.append(
            {
                "label": f"Survival at {time} {lookup.unit} (%)",
                "survival": [x.key["survival"] for x in found],
                "points": [x.value for x in found],
            }
        )
    data = {
        "variables": variables, "survival": survival, "most": 10 * math.ceil(highest / 10),
    }  # fmt: skip
    name = low_first(lookup.endpoint(e))
    few = " It rests on few events." if rule.few_events else ""
    caption = say(
        "Each value gives the points above it; their sum gives the predicted survival below. "
        "Not for use before it is validated in other patients.{f}",
        f=few,
    )
    return figure_of(
        lookup, "nomogram", "nomogram", f"Nomogram of {name}", caption,
        f"Nomogram: points of each variable, their sum, and predicted {name}.", data,
        drawn.nomogram_height([*variables, *survival, 0]),
    )  # fmt: skip


def _decision(lookup: Lookup, e: str) -> Figure | None:
    rule = lookup.protocol.prediction
    if rule is None or not rule.decision_curve:
        return None
    panels = []
    for panel in _panels(lookup):
        columns = _curve(lookup, e, "benefit", time=panel["time"])
        if columns is not None:
            panels.append(panel | columns)
    if not panels:
        return None
    name = low_first(lookup.endpoint(e))
    caption = say(
        "Net benefit of treating those whose predicted risk is above the threshold, against "
        "treating all and nobody; dashed: corrected for optimism."
    )
    return figure_of(
        lookup, "decision_curve", "decision", f"Decision curve of the prediction of {name}",
        caption, f"Net benefit over thresholds of risk for {name}.", {"panels": panels},
        drawn.panels_height(len(panels)), width=_sized(lookup, len(panels)),
    )  # fmt: skip


def texts(lookup: Lookup) -> list[Spans]:
    """How well the model predicts, and whether its predictions are too extreme."""
    rule = lookup.protocol.prediction
    if rule is None or lookup.numbers.section("prediction") is None:
        return []
    e = _endpoint(lookup)
    short = lookup.short(rule.endpoint)
    if e is None:
        failed = lookup.get(f"prediction.{rule.endpoint}.harrell")
        why = failed.note.rstrip(".") if failed is not None else "it could not be fitted"
        return [say("The prediction of {e} could not be made: {w}.", e=short, w=why)]
    path = f"prediction.{e}"
    names = listed([name_in_text(lookup.variable(v)) for v in rule.variables])
    out: list[Piece] = [
        say(
            "{e} was predicted from {v} ({n} patients, {x} events).",
            e=short, v=names, n=lookup.show(f"{path}.n"), x=lookup.show(f"{path}.events"),
        ),
        say(
            "Harrell's C was {c} ({k} corrected for optimism), Uno's C {u} ({w}).",
            c=lookup.show(f"{path}.harrell"), k=lookup.show(f"{path}.harrell_corrected"),
            u=lookup.show(f"{path}.uno"), w=lookup.show(f"{path}.uno_corrected"),
        ),
    ]  # fmt: skip
    areas: list[Piece] = [
        say("{a} at {t} {u} ({k})", a=lookup.show(f"{path}.auc", time=t), t=t, u=lookup.unit,
            k=lookup.show(f"{path}.auc_corrected", time=t))
        for t in _times(lookup)
    ]  # fmt: skip
    out.append(say("The area under the ROC curve was {l}, corrected in brackets.", l=listed(areas)))
    slope = lookup.number(f"{path}.slope")
    if slope is not None:
        judged = (
            "the predictions are too extreme"
            if slope < prediction.LEAST_SLOPE
            else "the predictions are a little too extreme"
            if slope < 0.95
            else "no sign of overfitting"
        )
        out.append(
            say("The corrected calibration slope was {s}: {j}.",
                s=lookup.show(f"{path}.slope"), j=judged)
        )  # fmt: skip
    if rule.nomogram and not lookup.has(f"{path}.highest"):
        out.append(
            say(
                "No nomogram is shown: there are {r} events for each coefficient, fewer than {l}.",
                r=lookup.show(f"{path}.events_per_parameter"),
                l=str(prediction.EVENTS_PER_COEFFICIENT),
            )
        )
    return [sentences(*out)]


def declared(protocol: Protocol) -> tuple[Part, ...]:
    """The endpoint that is predicted."""
    rule = protocol.prediction
    return (("prediction", rule.endpoint),) if rule is not None else ()


def _item(lookup: Lookup) -> str | None:
    if lookup.protocol.prediction is None:
        return None
    return filled_if(_endpoint(lookup), "Prediction", "say how the prediction was made and judged")


GUARD = ("prediction.few-events", "prediction.too-extreme", "prediction.not-estimable")

SECTION = Section(
    key="prediction",
    title="Prediction",
    methods="Prediction",
    declared=declared,
    analyse=lambda request: prediction.analyse(request.protocol, request.cohort, request.blocked),
    tables=(model_table, table, calibration_table, points_table),
    figures=(figures,),
    sentences=texts,
    items=(Item("17", "Prediction: discrimination and calibration, corrected", _item),),
    analyses=(
        Analysis(
            "Discrimination, corrected for optimism",
            key="prediction.variables",
            ids=("prediction.*.harrell", "prediction.*.uno", "prediction.*.harrell_corrected"),
            guard=(*GUARD, "variables.double-dipping"),
            r="survival::concordance, rms::validate",
            page="analyses/prediction.md",
            table=table,
            stats=("predict_performance", "model_concordance"),
        ),
        Analysis(
            "Time-dependent ROC curve",
            key="prediction.times",
            ids=("prediction.*.auc", "prediction.*.auc_corrected"),
            guard=GUARD,
            r="timeROC::timeROC",
            page="analyses/prediction.md",
            table=table,
            figure=figures,
            stats=("time_roc",),
        ),
        Analysis(
            "Calibration",
            key="prediction.groups",
            ids=("prediction.*.predicted", "prediction.*.observed", "prediction.*.slope"),
            guard=GUARD,
            r='rms::calibrate(cmethod = "KM")',
            page="analyses/prediction.md",
            table=calibration_table,
            figure=figures,
            stats=("predict_performance",),
        ),
        Analysis(
            "Nomogram",
            key="prediction.nomogram",
            ids=("prediction.*.points", "prediction.*.total"),
            guard=GUARD,
            r="rms::nomogram",
            page="analyses/prediction.md",
            table=points_table,
            figure=figures,
            stats=("nomogram",),
        ),
        Analysis(
            "Decision curve",
            key="prediction.decision_curve",
            ids=("prediction.*.benefit",),
            guard=GUARD,
            r="dcurves::dca",
            page="analyses/prediction.md",
            figure=figures,
            stats=("predict_performance",),
        ),
    ),
)
