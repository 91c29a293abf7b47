"""Why each call was made for one patient: in plain words, and as a small picture."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from oncohort.problems import OncohortError, OutputError, Place, problem
from oncohort.protocol.derived import formula_words
from oncohort.protocol.references import nearest
from oncohort.study.derivations import behind

if TYPE_CHECKING:
    from oncohort.endpoints import Entry
    from oncohort.study.study import Study


def patient_named(study: Study, name: str) -> str:
    """The patient that a person means: "s05", "S5" and "5" are S05 where no other can be meant.

    Raises
    ------
    OncohortError
        No such patient, or several; the nearest id is named.
    """
    known = study.cohort.source
    if name in known:
        return name
    for alike in (_plain, _number):
        meant = [p for p in known if alike(p) and alike(p) == alike(name)]
        if len(meant) == 1:
            return meant[0]
    said = problem(
        "explain.unknown-patient",
        place=Place(file=study.protocol.study.data),
        patient=name,
        nearest=nearest(name, known),
    )
    raise OncohortError("", [said])


def _plain(name: str) -> str:
    """An id without case, blanks, signs and leading zeros: "s5" of "S-005"."""
    letters = re.sub(r"[^a-z0-9]", "", name.strip().lower())
    return re.sub(r"(?<![0-9])0+(?=[0-9])", "", letters)


def _number(name: str) -> str:
    """The number of an id with one number in it: "5" of "S05"."""
    found = re.findall(r"[0-9]+", name)
    return found[0].lstrip("0") or "0" if len(found) == 1 else ""


def entries(study: Study, patient: str) -> list[Entry]:
    """The patient's course by date; empty where the cohort came reduced to times."""
    from oncohort.endpoints import timeline

    evidence, endpoints = study.cohort.evidence, study.cohort.meaning.endpoints
    if evidence.facts is None:
        return []
    best = evidence.best
    return timeline(
        patient,
        facts=evidence.facts,
        visits=evidence.assessments,
        visits_table=study.protocol.response.source if study.protocol.response else "lesions",
        best=best if best is not None and "visits" in best.columns else None,
        endpoints={k: f for k, f in evidence.derived.items() if not endpoints[k].reduced},
        labels={k: i.label for k, i in endpoints.items()},
    )


def _eligibility(study: Study, patient: str) -> list[str]:
    out = []
    for step in study.cohort.steps:
        if patient in step.excluded:
            why = " (the value is missing)" if patient in step.missing else ""
            out.append(f"Left out of the study: {step.label}{why}.")
    return out or ["Included in the study: meets every criterion."]


def _variables(study: Study, patient: str) -> list[str]:
    cohort = study.cohort
    row = cohort.frame.filter(pl.col("patient") == patient)
    if row.is_empty():
        return []
    values = row.row(0, named=True)
    lines = []
    for key, info in cohort.meaning.variables.items():
        value = values[key]
        if value is None:
            text = "missing"
        elif info.levels:
            text = info.levels.get(value, str(value))
        else:
            text = f"{value:g} {info.unit}".rstrip()
        lines.append(f"{info.label} ({key}): {text}")
        held = cohort.evidence.made_of.get(key, {}).get(patient)
        if held is not None:
            lines.append(f"  = {formula_words(study.protocol.variables[key])}")
            lines.append(f"  from {behind(held, study.records)}")
    return lines


def _risk_factors(study: Study, patient: str) -> list[str]:
    """The factors behind a derived risk group, each with its value and source."""
    derived = [k for k, v in study.protocol.variables.items() if v.derive == "imdc"]
    if not derived or "treatment_start" not in study.records.tables["patients"].columns:
        return []
    from oncohort.criteria import imdc

    mine = {
        name: frame.filter(pl.col("patient") == patient)
        for name, frame in study.records.tables.items()
    }
    rule = study.protocol.schedule
    done = imdc.assess(
        mine["patients"],
        mine.get("labs"),
        mine.get("performance"),
        window=(rule.baseline_days_before, rule.baseline_days_after),
        ecog_map=rule.ecog_map,
        formula=rule.calcium_formula,
    )
    lines = []
    for row in done.evidence.iter_rows(named=True):
        state = {True: "present", False: "absent", None: "not known"}[row["present"]]
        day = f", {row['date']}" if row.get("date") else ""
        lines.append(f"{row['factor']}: {state} ({row['reason']}{day})")
    for row in done.table.iter_rows(named=True):
        lines.append(
            f"group: {row['imdc_group'] or 'not determined'}, "
            f"score {_range(row['imdc_low'], row['imdc_high'])} of 6"
        )
    return lines


def _range(low: int, high: int) -> str:
    return str(low) if low == high else f"{low} to {high}"


def _problems(study: Study, patient: str) -> list[str]:
    return [f"{p.severity.value}: {p.what}" for p in study.data_problems if p.patient == patient]


def _reduced(study: Study, patient: str) -> list[str]:
    cohort = study.cohort
    row = cohort.frame.filter(pl.col("patient") == patient)
    if row.is_empty():
        return []
    values = row.row(0, named=True)
    lines = []
    for key, info in cohort.meaning.endpoints.items():
        if not info.reduced:
            continue
        time, event = values[f"{key}_time"], values[f"{key}_event"]
        if time is None or event is None:
            lines.append(f"{info.label}: left out, the chart has no usable time and event")
        else:
            what = "event" if event else "censored"
            if info.competing and values[f"{key}_cause"] not in (None, "event"):
                what = f"competing event ({info.competing[values[f'{key}_cause']]})"
            lines.append(f"{info.label}: {what} after {time:.1f} days ({info.method})")
    return lines


def explain(study: Study, patient: str) -> str:
    """Everything that was decided about one patient, each call with its reason.

    Raises
    ------
    OncohortError
        No such patient; the nearest id is named.
    """
    patient = patient_named(study, patient)
    parts: list[tuple[str, Sequence[str]]] = [
        ("Eligibility", _eligibility(study, patient)),
        ("Course", [str(e) for e in entries(study, patient)]),
        ("Endpoints as charted", _reduced(study, patient)),
        ("IMDC risk", _risk_factors(study, patient)),
        ("Variables", _variables(study, patient)),
        ("Problems", _problems(study, patient)),
    ]
    lines = [f"Patient {patient}"]
    if study.protocol.study.synthetic:
        lines[0] += " (synthetic)"
    for title, rows in parts:
        if rows:
            lines += ["", title, *(f"  {row}" for row in rows)]
    return "\n".join(lines)


COLOURS: Mapping[str, str] = {
    "CR": "#0072B2",
    "PR": "#56B4E9",
    "SD": "#999999",
    "Non-CR/Non-PD": "#999999",
    "PD": "#D55E00",
    "NE": "#CCCCCC",
    "": "#000000",
}


def draw_timeline(study: Study, patient: str, path: Path) -> None:
    """Draw the course of one patient as SVG or PNG.

    Raises
    ------
    OutputError
        The file is neither, or there are no dates to draw.
    """
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    patient = patient_named(study, patient)
    dated = [e for e in entries(study, patient) if e.days is not None]
    if path.suffix.lower() not in (".svg", ".png") or not dated:
        what = "no dated course to draw" if not dated else f"{path.suffix} is not drawn"
        said = problem("explain.picture", place=Place(file=str(path)), reason=what.capitalize())
        raise OutputError("", [said])
    with matplotlib.rc_context({"svg.hashsalt": "oncohort", "svg.fonttype": "none"}):
        visits = [e for e in dated if e.sort == "visit"]
        others = [e for e in dated if e.sort in ("fact", "endpoint")]
        # One line of labels for each, so that no two can overlap.
        height_mm = 34 + 4.2 * len(others)
        figure = Figure(figsize=(174 / 25.4, height_mm / 25.4))
        FigureCanvasAgg(figure)
        axes = figure.add_axes((0.04, 12 / height_mm, 0.92, 1 - 20 / height_mm))
        scale = 30.4375
        axes.axhline(0, color="#444444", lw=0.8, zorder=1)
        for e in visits:
            colour = COLOURS.get(e.call, "#000000")
            axes.plot((e.days or 0) / scale, 0, "o", ms=5, color=colour, mec="black", mew=0.4)
            axes.annotate(
                e.call or "base",
                ((e.days or 0) / scale, 0),
                (0, -12),
                textcoords="offset points",
                ha="center",
                fontsize=6,
            )
        for i, e in enumerate(others):
            height = 1.2 + i
            x = (e.days or 0) / scale
            text = f"{e.what}: {e.call}" if e.call else e.what
            axes.plot([x, x], [0, height], color="#888888", lw=0.5, zorder=0)
            axes.annotate(
                text,
                (x, height),
                (1, 0),
                textcoords="offset points",
                fontsize=6,
                ha="left" if x < (dated[-1].days or 1) / scale * 0.7 else "right",
            )
        axes.set_ylim(-2.2, len(others) + 1.6)
        axes.set_yticks([])
        axes.set_xlabel("months since treatment start", fontsize=7)
        axes.tick_params(labelsize=6)
        for side in ("left", "right", "top"):
            axes.spines[side].set_visible(False)
        figure.text(0.04, 1 - 5 / height_mm, f"Patient {patient}", fontsize=8, weight="bold")
        drawn = io.BytesIO()
        kind = path.suffix.lower()[1:]
        dateless = {"Date": None} if kind == "svg" else None
        figure.savefig(drawn, format=kind, dpi=200, metadata=dateless)
    try:
        path.write_bytes(drawn.getvalue())
    except OSError as error:
        reason = f"It can't be written there ({error.strerror})"
        said = problem("explain.picture", place=Place(file=str(path)), reason=reason)
        raise OutputError("", [said]) from error
