"""Tables that describe: flow, Table I, response, exposure, adverse events."""

from __future__ import annotations

from typing import Any

from oncohort.displays.reading import RESPONSE_ORDER, RESPONSE_WORDS, Desk, human, up_first
from oncohort.displays.spans import Piece, Span, Spans, listed, say
from oncohort.displays.styles.style import DASH
from oncohort.displays.tables.model import Cell, Column, Row, Table, cell, group, row


def _note(template: str, **pieces: Piece) -> Spans:
    return say(template, **pieces)


def flow(desk: Desk) -> Table | None:
    """Patients by criterion; one that excludes nobody keeps its row with 0."""
    if not desk.has("flow.source.count") or not desk.protocol.eligibility.criteria:
        return None
    rows = [row(desk.protocol.eligibility.source, "", desk.show("flow.source.count"))]
    for criterion in desk.protocol.eligibility.criteria:
        if desk.has(f"flow.{criterion.key}.excluded"):
            rows.append(
                row(
                    criterion.label,
                    desk.show(f"flow.{criterion.key}.excluded"),
                    desk.show(f"flow.{criterion.key}.remaining"),
                    indent=1,
                )
            )
    rows.append(row("Included in the analysis", "", desk.show("flow.included.count"), total=True))
    columns = (
        Column("Criterion", align="left", width=3.4),
        Column("Left out, n"),
        Column("Remaining, n"),
    )
    note = "Criteria apply in this order; each patient is counted where first left out."
    return Table(
        "flow", "", "Patients by eligibility criterion", columns, tuple(rows), (_note(note),), False
    )


def _summary_words(desk: Desk, key: str, keys: dict[str, Any]) -> str:
    path = f"baseline.{key}"
    if desk.has(f"{path}.mean", **keys):
        return "mean (SD)"
    return "median (range)" if desk.has(f"{path}.minimum", **keys) else "median (IQR)"


def baseline(desk: Desk) -> Table | None:
    """Table I: numbers as median (range) or mean (SD), categories as n (%), missing counted."""
    section = desk.protocol.baseline
    if section is None or desk.numbers.section("baseline") is None:
        return None
    groups: list[dict[str, Any]] = [{}]
    columns = [Column("Characteristic", align="left", width=2.6)]
    whole = f"All patients (n = {desk.context.n})"
    by = section.by if section.by and desk.context.variables.get(section.by) else None
    if by:
        name = desk.variable(by)
        columns.append(Column(whole))
        for level, label in desk.levels(by).items():
            population = desk.numbers.populations.get(f"baseline.group[group={level}]")
            size = len(population.patients) if population else 0
            columns.append(Column(f"{label} (n = {size})", (name,)))
            groups.append({"group": level})
    else:
        columns.append(Column(whole))
    tests = by is not None and section.test
    if tests:
        columns.append(Column(desk.style.p_symbol, width=0.7))
    rows: list[Row] = []
    empty: list[Piece | Cell] = [""] * len(columns)
    for key in section.variables:
        info = desk.info(key)
        if info is None or not desk.has(f"baseline.{key}.missing"):
            continue
        p = [desk.show(f"baseline.{key}.p")] if desk.has(f"baseline.{key}.p") else [Span("")]
        tail = p if tests else []
        missing = any(desk.number(f"baseline.{key}.missing", **g) for g in groups)
        if info.kind == "continuous":
            unit = f", {info.unit}" if info.unit else ""
            words = f"{info.label}{unit}, {_summary_words(desk, key, {})}"
            cells = [cell(desk.median_range(f"baseline.{key}", info.digits, **g)) for g in groups]
            rows.append(row(words, *cells, *tail))
        else:
            rows.append(
                row(f"{desk.variable_unit(key)}, n (%)", *empty[1 : 1 + len(groups)], *tail)
            )
            for level, label in info.levels.items():
                cells = [
                    cell(desk.count_percent(f"baseline.{key}", level=level, **g)) for g in groups
                ]
                rows.append(row(label, *cells, *([""] if tests else []), indent=1))
        if missing:
            cells = [cell(desk.show(f"baseline.{key}.missing", **g)) for g in groups]
            rows.append(row("Missing", *cells, *([""] if tests else []), indent=1))
    if not rows:
        return None
    return Table(
        "baseline",
        "",
        "Patient characteristics",
        tuple(columns),
        tuple(rows),
        _baseline_notes(desk, tests),
    )


def _baseline_notes(desk: Desk, tests: bool) -> tuple[Spans, ...]:
    section = desk.protocol.baseline
    assert section is not None
    known = section.percent_of == "known"
    some = any(desk.number(f"baseline.{k}.missing") for k in section.variables)
    notes: list[Spans] = []
    if some or known:
        of = "patients with a known value" if known else "all patients of the column"
        notes.append(
            _note(f"Percentages are of {of}; missing values are counted below each variable.")
        )
    else:
        notes.append(_note("Percentages are of all patients of the column; no value is missing."))
    if section.by and desk.number("baseline.group.missing"):
        notes.append(
            _note(
                "{v} is missing in {n} of all patients, who are in no group.",
                v=desk.variable(section.by),
                n=desk.show("baseline.group.missing"),
            )
        )
    if tests:
        methods = dict.fromkeys(
            e.method for k in section.variables if (e := desk.get(f"baseline.{k}.p")) and e.method
        )
        notes.append(_note("{p}: {m}.", p=desk.style.p_symbol, m="; ".join(methods)))
    if any("imdc" in (desk.protocol.variables[k].derive or "") for k in section.variables):
        notes.append(
            _note("IMDC: International Metastatic Renal Cell Carcinoma Database Consortium.")
        )
    ranges = [k for k in section.variables if desk.has(f"baseline.{k}.q1")]
    if ranges:
        notes.append(_note("IQR: interquartile range (first to third quartile)."))
    return tuple(notes)


def response(desk: Desk) -> Table | None:
    """Best response with rates; the categories sum to n."""
    if not desk.has("response.orr.percent"):
        return None
    columns = (
        Column("Best response", align="left", width=2.6),
        Column("n"),
        Column("%"),
        Column("95% CI", width=1.4),
    )
    rows: list[Row] = []

    def add(label: Piece, path: str, total: bool = False, **keys: Any) -> None:
        rows.append(
            row(
                label,
                desk.show(f"{path}.count", **keys),
                desk.show(f"{path}.percent", **keys),
                desk.interval(f"{path}.percent", **keys),
                total=total,
            )
        )

    for level in RESPONSE_ORDER:
        if desk.has("response.best.count", level=level):
            words = RESPONSE_WORDS[level]
            add(words if level == "noncr_nonpd" else up_first(words), "response.best", level=level)
    orr = desk.get("response.orr.percent")
    add("Objective response (CR + PR)", "response.orr", total=True)
    rule = desk.protocol.response
    if desk.has("response.dcr.percent") and rule is not None:
        weeks = f"{rule.stable_disease_min_weeks:g} weeks"
        word = up_first(rule.disease_control)
        lasting = "" if rule.source == "charted" else f" for at least {weeks}"
        add(f"{word} (CR + PR + SD{lasting})", "response.dcr", total=True)
    if desk.has("response.reduced.percent"):
        add("Any shrinkage of target lesions", "response.reduced")
    notes = [
        _note(
            "Denominator: all {n} included patients, those not evaluable among them. "
            "CI: exact (Clopper-Pearson) confidence interval.",
            n=desk.size("response.orr.percent"),
        )
    ]
    if desk.number("response.reduced.percent") is not None:
        shrunk = desk.get("response.reduced.percent")
        if shrunk is not None and orr is not None and shrunk.n != orr.n:
            notes.append(
                _note(
                    f"Shrinkage is of the {shrunk.n} patients with target lesions measured again."
                )
            )
    if desk.number("response.onset.median") is not None:
        told = desk.median_words("response.onset", desk.unit)
        notes.append(_note("Time to response, median: {m}.", m=told))
    if desk.has("response.duration.median"):
        notes.append(
            _note(
                "Duration of response (Kaplan-Meier among {n} responders), median: {m}.",
                n=desk.show("response.duration.n"),
                m=desk.with_ci("response.duration.median", unit=desk.unit),
            )
        )
    return Table("response", "", "Best response", columns, tuple(rows), tuple(notes), False)


def exposure(desk: Desk) -> Table | None:
    """Time on treatment, changes of dose, dose intensity, reasons for stopping."""
    if desk.numbers.section("exposure") is None:
        return None
    columns = (Column("Measure", align="left", width=2.8), Column("Value", width=1.4))
    rows: list[Row] = []
    if desk.has("exposure.time_on_treatment.median"):
        rows.append(
            row(
                f"Time on treatment, {desk.unit}, median (range)",
                desk.median_range("exposure.time_on_treatment"),
            )
        )
    for drug, plan in desk.protocol.exposure.items():
        path = f"exposure.{drug}"
        if not (desk.has(f"{path}.rdi.median") or desk.has(f"{path}.time_on_treatment.median")):
            continue
        label = plan.label or up_first(human(drug))
        estimate = desk.get(f"{path}.treated.count")
        n = f" (n = {estimate.value})" if estimate is not None else ""
        rows.append(group(f"{label}{n}"))
        if desk.has(f"{path}.time_on_treatment.median") and (
            len(desk.protocol.exposure) > 1 or not desk.has("exposure.time_on_treatment.median")
        ):
            rows.append(
                row(
                    f"Time on {label}, {desk.unit}, median (range)",
                    desk.median_range(f"{path}.time_on_treatment"),
                    indent=1,
                )
            )
        for what, words in (
            ("reduced", "Dose reduced"),
            ("interrupted", "Treatment interrupted"),
            ("escalated", "Dose escalated again"),
        ):
            if desk.has(f"{path}.{what}.count"):
                rows.append(row(f"{words}, n (%)", desk.count_percent(f"{path}.{what}"), indent=1))
        if desk.has(f"{path}.time_to_reduction.median"):
            rows.append(
                row(
                    f"Time to first reduction, {desk.unit}, median (range)",
                    desk.median_range(f"{path}.time_to_reduction"),
                    indent=1,
                )
            )
        for what, words in (
            ("rdi", "Relative dose intensity, %"),
            ("daily_dose", "Mean daily dose, mg"),
        ):
            if desk.has(f"{path}.{what}.median"):
                digits = None if what == "rdi" else 0
                rows.append(
                    row(
                        f"{words}, median (range)",
                        desk.median_range(f"{path}.{what}", digits),
                        indent=1,
                    )
                )
    reasons = desk.keys("exposure.stop.count", "reason")
    if reasons:
        rows.append(group("Reason for stopping treatment, n (%)"))
        for reason in reasons:
            estimate = desk.get("exposure.stop.count", reason=reason)
            label = estimate.label if estimate is not None else human(reason)
            rows.append(row(label, desk.count_percent("exposure.stop", reason=reason), indent=1))
        if desk.has("exposure.ongoing.count"):
            rows.append(row("Still on treatment, n", desk.show("exposure.ongoing.count"), indent=1))
    if not rows:
        return None
    notes = (
        (_note("Percentages of reasons are of all {n} included patients.", n=desk.whole()),)
        if reasons
        else ()
    )
    return Table("exposure", "", "Exposure to treatment", columns, tuple(rows), notes, False)


def safety_terms(desk: Desk) -> list[str]:
    """Keys of the terms of Table III in its order."""
    return [k for k in desk.subjects("safety") if k not in ("treated", "deaths", "any_event")]


def safety_high(desk: Desk) -> str:
    """Key of the upper grades: ``ge3``."""
    rule = desk.protocol.safety
    return f"ge{rule.threshold if rule else 3}"


def safety(desk: Desk) -> Table | None:
    """Table III: worst grade per patient and term, any grade and the upper grades, n (%)."""
    rule = desk.protocol.safety
    if rule is None or not desk.has("safety.treated.count"):
        return None
    high = safety_high(desk)
    columns = (
        Column("Adverse event", align="left", width=2.4),
        Column("Any grade, n (%)"),
        Column(f"Grade {rule.threshold} or higher, n (%)"),
    )
    rows: list[Row] = []

    def add(label: str, key: str, total: bool = False) -> None:
        rows.append(
            row(
                label,
                desk.count_percent(f"safety.{key}", grade="any"),
                desk.count_percent(f"safety.{key}", grade=high),
                total=total,
            )
        )

    if desk.has("safety.any_event.count", grade="any"):
        add("Any adverse event", "any_event", total=True)
    for key in safety_terms(desk):
        estimate = desk.get(f"safety.{key}.count", grade="any")
        label = rule.terms.get(key) or (
            estimate.label.rpartition(", any grade")[0] if estimate else human(key)
        )
        add(label or up_first(human(key)), key)
    related = "related to treatment" if rule.count == "related" else "whether related or not"
    notes = (
        _note(
            "Events {r}, graded by {c}; worst grade per patient and term, of {n} treated patients.",
            r=related,
            c=rule.criteria,
            n=desk.show("safety.treated.count"),
        ),
    )
    title = "Adverse events"
    drugs = [e.label or up_first(human(k)) for k, e in desk.protocol.exposure.items()]
    if rule.count == "related" and drugs:
        title += f" related to {' and '.join(drugs)}"
    return Table("safety", "", title, columns, tuple(rows), notes)


__all__ = ["DASH", "baseline", "exposure", "flow", "listed", "response", "safety"]
