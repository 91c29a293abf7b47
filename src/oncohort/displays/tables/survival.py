"""Tables of time to event: medians and landmarks, Table II, comparison with earlier studies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from oncohort.displays.reading import Desk, low_first, per_unit, up_first
from oncohort.displays.spans import Piece, Span, Spans, say
from oncohort.displays.styles.style import DASH
from oncohort.displays.tables.model import Cell, Column, Row, Table, cell, group, row


def landmarks(desk: Desk, endpoint: str) -> list[str]:
    """Times at which the endpoint's survival is reported, as in the ids."""
    out: dict[str, None] = {}
    for time in desk.keys(f"survival.{endpoint}.at", "time"):
        out.setdefault(time)
    return list(out)


def groups_of(desk: Desk, endpoint: str, variable: str) -> list[str]:
    """Groups of a variable that have a curve for the endpoint, in the variable's order."""
    return [
        g
        for g in desk.levels(variable)
        if desk.has(f"survival.{endpoint}.n", group=g, variable=variable)
    ]


def survival(desk: Desk) -> Table | None:
    """N, events, median with interval, and survival at the declared times, in all and by group."""
    endpoints = desk.endpoints()
    if not endpoints:
        return None
    times: dict[str, None] = {}
    for endpoint in endpoints:
        for time in landmarks(desk, endpoint):
            times.setdefault(time)
    at = sorted(times, key=float)
    columns = [
        Column("Endpoint", align="left", width=2.2),
        Column("n", width=0.6),
        Column("Events", width=0.85),
        Column(f"Median, {desk.unit} (95% CI)", width=1.8),
        *(Column(f"At {t} {desk.unit}, % (95% CI)", width=1.6) for t in at),
    ]
    tests = any(
        desk.has(f"survival.{e}.logrank", variable=v)
        for e in endpoints
        for v in desk.protocol.endpoints[e].by
    )
    if tests:
        columns.append(Column(f"Log-rank {desk.style.p_symbol}", width=0.8))

    def line(label: Piece, endpoint: str, p: Piece, indent: int, **keys: Any) -> Row:
        def both(path: str, **more: Any) -> Cell:
            estimate = desk.get(path, **keys, **more)
            if estimate is None:
                return cell(DASH)
            ci = desk.style.ci(estimate)
            value = desk.show(path, **keys, **more)
            if not ci:
                return cell(value)
            return cell(say("{v} ({c})", v=value, c=Span(ci, estimate.id)))

        path = f"survival.{endpoint}"
        return row(
            label,
            desk.show(f"{path}.n", **keys),
            desk.show(f"{path}.events", **keys),
            both(f"{path}.median"),
            *(both(f"{path}.at", time=t) for t in at),
            *([p] if tests else []),
            indent=indent,
        )

    rows: list[Row] = []
    for endpoint in endpoints:
        rows.append(line(desk.endpoint(endpoint), endpoint, "", 0))
        for variable in desk.protocol.endpoints[endpoint].by:
            found = groups_of(desk, endpoint, variable)
            if not found:
                continue
            p = desk.show(f"survival.{endpoint}.logrank", variable=variable)
            blank: list[Piece] = [""] * (len(columns) - 2)
            rows.append(row(desk.variable_unit(variable), *blank, p if tests else "", indent=1))
            for level in found:
                label = desk.level(variable, level)
                rows.append(line(label, endpoint, "", 2, group=level, variable=variable))
    notes: list[Spans] = [
        say("Kaplan-Meier estimates. CI: confidence interval; NR: not reached; NE: not estimable.")
    ]
    for endpoint in endpoints:
        notes += [
            say(
                "{e}: {v} is missing in {n} of all patients, who are in no group.",
                e=desk.endpoint(endpoint),
                v=desk.variable(variable),
                n=desk.show(f"survival.{endpoint}.missing", variable=variable),
            )
            for variable in desk.keys(f"survival.{endpoint}.missing", "variable")
        ]
    said: dict[str, None] = {}
    for endpoint in endpoints:
        for estimate in desk.numbers.start(f"survival.{endpoint}.median"):
            if estimate.note:
                said.setdefault(f"{estimate.label}: {estimate.note}.")
    notes += [say("{t}", t=text) for text in list(said)[:3]]
    if desk.has("survival.follow_up.median"):
        notes.append(
            say(
                "Median follow-up (reverse Kaplan-Meier): {m}.",
                m=desk.with_ci("survival.follow_up.median", unit=desk.unit),
            )
        )
    return Table("survival", "", "Survival", tuple(columns), tuple(rows), tuple(notes), False)


def sensitivity(desk: Desk) -> Table | None:
    """The same endpoint under other rules of events and censoring."""
    rows: list[Row] = []
    endpoints = desk.subjects("sensitivity")
    for endpoint in endpoints:
        path = f"sensitivity.{endpoint}"
        rules = desk.keys(f"{path}.median", "rules")
        if rules and len(endpoints) > 1:
            rows.append(group(desk.endpoint(endpoint)))
        for name in rules:
            estimate = desk.get(f"{path}.median", rules=name)
            assert estimate is not None
            words = estimate.label.removesuffix(": median").partition(", ")[2]
            ci = desk.style.ci(estimate)
            value = Span(desk.style.value(estimate), estimate.id)
            rows.append(
                row(
                    up_first(words or name.replace("_", " ")),
                    desk.show(f"{path}.events", rules=name),
                    desk.show(f"{path}.censored", rules=name),
                    say("{v} ({c})", v=value, c=Span(ci, estimate.id)) if ci else value,
                    indent=1 if len(endpoints) > 1 else 0,
                )
            )
    if not rows:
        return None
    what = low_first(desk.endpoint(endpoints[0])) if len(endpoints) == 1 else "survival"
    columns = (
        Column("Rule", align="left", width=3.4),
        Column("Events", width=0.8),
        Column("Censored", width=0.9),
        Column(f"Median, {desk.unit} (95% CI)", width=1.6),
    )
    notes = (say("The endpoint was derived again from the chart under each rule."),)
    title = f"Sensitivity of {what} to the rules of events and censoring"
    return Table("sensitivity", "", title, columns, tuple(rows), notes, False)


def prognosis_endpoints(desk: Desk) -> list[str]:
    """Endpoints with hazard ratios, in the protocol's order."""
    if desk.protocol.prognosis is None:
        return []
    have = desk.subjects("prognosis")
    wanted = desk.protocol.prognosis.endpoints or list(desk.protocol.endpoints)
    return [k for k in wanted if k in have]


def contrast_keys(desk: Desk, variable: str, level: str | None) -> dict[str, Any]:
    """Keys of the hazard ratio of a level: `level=` only where there are more than two."""
    keys = {"variable": variable}
    if level is not None and len(desk.levels(variable)) > 2:
        keys["level"] = level
    return keys


def prognosis(desk: Desk) -> Table | None:
    """Table II: N, events, hazard ratio, interval and p; univariable beside multivariable."""
    endpoints = prognosis_endpoints(desk)
    rule = desk.protocol.prognosis
    if not endpoints or rule is None:
        return None
    multi = {e: desk.has(f"prognosis.{e}.n", model="multi") for e in endpoints}
    columns = [Column("Variable", align="left", width=2.5)]
    ratio = "HR (95% CI)"
    for e in endpoints:
        name = desk.endpoint(e)
        columns.append(Column("N (events)", (name,), width=0.95))
        columns.append(Column(ratio, (name, "Univariable"), width=1.5))
        columns.append(Column(desk.style.p_symbol, (name, "Univariable"), width=0.7))
        if multi[e]:
            columns.append(Column(ratio, (name, "Multivariable"), width=1.5))
            columns.append(Column(desk.style.p_symbol, (name, "Multivariable"), width=0.7))

    def ratio_cells(e: str, model: str, keys: dict[str, Any]) -> list[Cell]:
        path = f"prognosis.{e}"
        estimate = desk.get(f"{path}.hr", model=model, **keys)
        if estimate is None:
            return [cell(DASH), cell(DASH)]
        ci = desk.style.ci(estimate)
        value = Span(desk.style.value(estimate), estimate.id)
        first = cell(say("{v} ({c})", v=value, c=Span(ci, estimate.id))) if ci else cell(value)
        return [first, cell(desk.show(f"{path}.p", model=model, **keys))]

    def size(e: str, **keys: Any) -> Cell:
        path = f"prognosis.{e}"
        if not desk.has(f"{path}.n", **keys):
            return cell(DASH)
        return cell(
            say(
                "{n} ({e})", n=desk.show(f"{path}.n", **keys), e=desk.show(f"{path}.events", **keys)
            )
        )

    rows: list[Row] = []
    for variable in rule.candidates:
        if not any(desk.has(f"prognosis.{e}.n", model="uni", variable=variable) for e in endpoints):
            continue
        info = desk.info(variable)
        label = desk.variable(variable)
        if info is None or info.kind == "continuous":
            unit = f", {per_unit(info.unit if info is not None else '')}"
            cells: list[Cell] = []
            for e in endpoints:
                cells.append(size(e, model="uni", variable=variable))
                cells += ratio_cells(e, "uni", {"variable": variable})
                if multi[e]:
                    cells += ratio_cells(e, "multi", {"variable": variable})
            rows.append(row(f"{label}{unit}", *cells))
            continue
        rows += _factor(desk, variable, endpoints, multi, ratio_cells, size)
    if not rows:
        return None
    return Table(
        "prognosis",
        "",
        "Univariable and multivariable analysis of "
        + " and ".join(desk.endpoint(e).lower() for e in endpoints),
        tuple(columns),
        tuple(rows),
        _prognosis_notes(desk, endpoints, multi),
    )


def _factor(
    desk: Desk,
    variable: str,
    endpoints: list[str],
    multi: dict[str, bool],
    ratio_cells: Callable[[str, str, dict[str, Any]], list[Cell]],
    size: Callable[..., Cell],
) -> list[Row]:
    """Head row and one row per level; the reference level is shown as 1."""
    info = desk.info(variable)
    assert info is not None
    head: list[Cell] = []
    for e in endpoints:
        head += [cell(""), cell("")]
        overall = f"prognosis.{e}.p_overall"
        for model in ("uni", "multi")[: 2 if multi[e] else 1]:
            if model == "multi":
                head.append(cell(""))
            found = desk.get(overall, model=model, variable=variable)
            head.append(cell(Span(desk.style.value(found), found.id)) if found else cell(""))
    rows = [row(desk.variable_unit(variable), *head)]
    for level, label in info.levels.items():
        cells: list[Cell] = []
        for e in endpoints:
            cells.append(size(e, level=level, variable=variable))
            for model in ("uni", "multi")[: 2 if multi[e] else 1]:
                inside = any(
                    desk.has(f"prognosis.{e}.hr", model=model, **contrast_keys(desk, variable, v))
                    for v in info.levels
                )
                if level == info.reference:
                    cells += [cell("1 (ref.)" if inside else DASH), cell("")]
                else:
                    cells += ratio_cells(e, model, contrast_keys(desk, variable, level))
        rows.append(row(label, *cells, indent=1))
    return rows


def _prognosis_notes(desk: Desk, endpoints: list[str], multi: dict[str, bool]) -> tuple[Spans, ...]:
    rule = desk.protocol.prognosis
    assert rule is not None
    notes: list[Spans] = [
        say(
            "HR: hazard ratio; CI: confidence interval; ref.: level that the others are compared "
            "with; {d}: not in the model; NE: not estimable.",
            d=DASH,
        )
    ]
    for e in endpoints:
        if not multi[e]:
            why = (
                f"no candidate had a univariable {desk.style.p_symbol} below {rule.p_enter:g}"
                if rule.selection == "screening"
                else "it could not be fitted"
            )
            notes.append(say("{e}: no multivariable model; {w}.", e=desk.short(e), w=why))
            continue
        estimate = desk.get(f"prognosis.{e}.n", model="multi")
        missing = sum(estimate.excluded.values()) if estimate else 0
        text = "Multivariable model of {e}: {n} complete cases, {v} events"
        text += f" ({missing} left out for missing values)." if missing else "."
        notes.append(
            say(
                text,
                e=desk.short(e),
                n=desk.show(f"prognosis.{e}.n", model="multi"),
                v=desk.show(f"prognosis.{e}.events", model="multi"),
            )
        )
    if any(multi.values()):
        notes.append(
            say(
                "Variables entered by screening: univariable {p} below {x}; such models tend to "
                "overstate effects.",
                p=desk.style.p_symbol,
                x=f"{rule.p_enter:g}",
            )
            if rule.selection == "screening"
            else say("The variables of the multivariable model were specified in advance.")
        )
    factors = [v for v in rule.candidates if len(desk.levels(v)) > 2]
    if factors:
        notes.append(
            say(
                "{p} beside {v}: joint test of its levels.",
                p=desk.style.p_symbol,
                v=" and ".join(desk.variable(f) for f in factors),
            )
        )
    return tuple(notes)


FIGURES = {
    "orr": ("Objective response rate, %", "response.orr.percent"),
    "pfs": ("Median PFS", "survival.pfs.median"),
    "os": ("Median OS", "survival.os.median"),
}


def historical_figures(desk: Desk) -> list[str]:
    """Figures that earlier studies give: orr, pfs, os."""
    return [f for f in FIGURES if desk.keys(f"historical.{f}.value", "study")]


def historical(desk: Desk) -> Table | None:
    """This study beside earlier ones, with intervals; a test only where it was asked for."""
    figures = historical_figures(desk)
    if not figures:
        return None
    columns = [Column("Study", align="left", width=2.6), Column("n", width=0.6)]
    for f in figures:
        words = FIGURES[f][0] + (f", {desk.unit}" if f != "orr" else "")
        columns.append(Column(f"{words} (95% CI)", width=1.6))
    tests = any(
        desk.has(f"historical.{f}.p", study=s) for f in figures for s in desk.protocol.historical
    )
    if tests:
        columns.append(Column(f"{desk.style.p_symbol} against this study", width=1.2))

    def both(path: str, **keys: Any) -> Cell:
        estimate = desk.get(path, **keys)
        if estimate is None:
            return cell(DASH)
        ci = desk.style.ci(estimate)
        value = Span(desk.style.value(estimate), estimate.id)
        return cell(say("{v} ({c})", v=value, c=Span(ci, estimate.id))) if ci else cell(value)

    rows = [
        row(
            "This study",
            str(desk.context.n),
            *(both(FIGURES[f][1]) for f in figures),
            *([""] if tests else []),
            total=True,
        )
    ]
    for key, study in desk.protocol.historical.items():
        p: list[Span] = []
        for f in figures:
            found = desk.get(f"historical.{f}.p", study=key)
            if found is not None:
                p += [
                    Span("; " if p else ""),
                    Span(f"{f.upper()} "),
                    Span(desk.style.value(found), found.id),
                ]
        rows.append(
            row(
                study.label,
                str(study.n) if study.n else DASH,
                *(both(f"historical.{f}.value", study=key) for f in figures),
                *([tuple(p)] if tests else []),
            )
        )
    notes = [
        say(
            "Figures of earlier studies as published. Patients, periods, lines of therapy "
            "and ways of measuring differ: this is a description, not a comparison of treatments."
        )
    ]
    for study in desk.protocol.historical.values():
        if study.reference:
            notes.append(say("{l}: {r}.", l=study.label, r=study.reference.rstrip(".")))
    return Table(
        "historical",
        "",
        "This study beside earlier ones",
        tuple(columns),
        tuple(rows),
        tuple(notes),
        False,
    )


__all__ = ["group", "historical", "prognosis", "survival", "up_first"]
