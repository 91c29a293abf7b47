"""Logistic regression: odds ratios in the layout of Table II, with a forest plot."""

from __future__ import annotations

from collections.abc import Mapping

from oncohort.analyses import logistic
from oncohort.displays.figures.model import Figure
from oncohort.displays.lookup import Lookup
from oncohort.displays.sections.analysis import Analysis
from oncohort.displays.sections.forest_of_models import (
    Ratio,
    Words,
    figure_of_models,
    ratio_of,
    rows_of,
)
from oncohort.displays.sections.forest_of_models import Row as DrawnRow
from oncohort.displays.sections.outcomes import label as outcome_label
from oncohort.displays.sections.prognosis_imputed import Imputed, moved, table_of
from oncohort.displays.sections.section import Part, Section
from oncohort.displays.sections.table_of_models import (
    MODELS,
    contrast_keys,
    entry_note,
    joint_test_notes,
    models_of,
    size,
)
from oncohort.displays.spans import Piece, Spans, listed, say, sentences, text_of
from oncohort.displays.tables.model import Column, Row, Table, row
from oncohort.displays.words import low_first, name_in_text, per_step
from oncohort.protocol import Protocol
from oncohort.protocol.number_style import DASH, SIGNIFICANT
from oncohort.vocabulary.plurals import plural

DRAWN = ("uni", "multi")
"""Models of the forest plot."""


def modelled(lookup: Lookup) -> list[str]:
    """Outcomes with odds ratios, in the protocol's order."""
    have = lookup.numbers.subjects("logistic")
    return [k for k in logistic.wanted(lookup.protocol) if k in have]


def _has_multi(lookup: Lookup, outcome: str) -> bool:
    return lookup.has(f"logistic.{outcome}.n", model="multi")


def _candidates(lookup: Lookup) -> list[str]:
    """Candidates that have a model of their own."""
    rule = lookup.protocol.logistic
    outcomes = modelled(lookup)
    return [
        v
        for v in (rule.candidates if rule is not None else [])
        if any(lookup.has(f"logistic.{o}.n", model="uni", variable=v) for o in outcomes)
    ]


def table(lookup: Lookup) -> Table | None:
    """N, events, odds ratio, interval and p; univariable beside multivariable."""
    outcomes = modelled(lookup)
    if not outcomes:
        return None
    columns = [Column("Variable", align="left", width=2.5)]
    ratio, p = "OR (95% CI)", lookup.style.p_symbol
    for o in outcomes:
        name = outcome_label(lookup, o)
        columns.append(Column("N (events)", (name,), width=0.95))
        for model in models_of(lookup, o, "logistic"):
            columns.append(Column(ratio, (name, MODELS[model]), width=1.5))
            columns.append(Column(p, (name, MODELS[model]), width=0.7))
    rows: list[Row] = []
    for variable in _candidates(lookup):
        rows += _rows(lookup, variable, outcomes)
    if not rows:
        return None
    names = text_of(listed(low_first(outcome_label(lookup, o)) for o in outcomes))
    title = f"Univariable and multivariable logistic regression of {names}"
    notes = _notes(lookup, outcomes)
    return Table("logistic", "", title, tuple(columns), tuple(rows), notes)


def _rows(lookup: Lookup, variable: str, outcomes: list[str]) -> list[Row]:
    """One variable: a row for a number; a head row and a row per level for a factor."""
    info = lookup.info(variable)
    if info is None or info.kind == "continuous":
        unit = per_step(info)
        cells: list[Piece] = []
        for o in outcomes:
            cells.append(size(lookup, f"logistic.{o}", model="uni", variable=variable))
            for model in models_of(lookup, o, "logistic"):
                cells += _cells(lookup, o, model, {"variable": variable})
        return [row(f"{lookup.variable(variable)}, {unit}", *cells)]
    head: list[Piece] = []
    for o in outcomes:
        head.append("")
        for model in models_of(lookup, o, "logistic"):
            found = lookup.get(f"logistic.{o}.p_overall", model=model, variable=variable)
            head += ["", lookup.bound(found) if found else ""]
    rows = [row(lookup.variable_unit(variable), *head)]
    for level, words in info.levels.items():
        cells = []
        for o in outcomes:
            cells.append(size(lookup, f"logistic.{o}", level=level, variable=variable))
            for model in models_of(lookup, o, "logistic"):
                if level == info.reference:
                    inside = lookup.numbers.of("logistic", o, "or", model=model, variable=variable)
                    cells += ["1 (ref.)" if inside else DASH, ""]
                else:
                    cells += _cells(lookup, o, model, contrast_keys(lookup, variable, level))
        rows.append(row(words, *cells, indent=1))
    return rows


IMPUTED = Imputed("logistic", ("or", "OR", "odds ratio"), modelled, outcome_label)


def imputed(lookup: Lookup) -> Table | None:
    """The multivariable models on complete cases and after imputation."""
    return table_of(lookup, IMPUTED)


def _cells(lookup: Lookup, outcome: str, model: str, keys: Mapping[str, str]) -> list[Piece]:
    path = f"logistic.{outcome}"
    return [
        lookup.value_ci(f"{path}.or", model=model, **keys),
        lookup.show(f"{path}.p", model=model, **keys),
    ]


def _notes(lookup: Lookup, outcomes: list[str]) -> tuple[Spans, ...]:
    rule = lookup.protocol.logistic
    assert rule is not None
    p = lookup.style.p_symbol
    notes: list[Spans] = [
        say(
            "Events: patients with the outcome; ref.: level that the others are compared with; "
            "{d}: not in the model.",
            d=DASH,
        )
    ]
    if rule.penalty == "firth":
        notes.append(say("Firth's penalised likelihood with profile intervals."))
    for o in outcomes:
        name = outcome_label(lookup, o)
        if not _has_multi(lookup, o):
            why = (
                f"no candidate had a univariable {p} below {rule.p_enter:g}"
                if rule.selection == "screening"
                else "it could not be fitted"
            )
            notes.append(say("{o}: no multivariable model; {w}.", o=name, w=why))
            continue
        estimate = lookup.get(f"logistic.{o}.n", model="multi")
        missing = sum(estimate.excluded.values()) if estimate else 0
        tail = f" ({missing} left out for missing values)." if missing else "."
        notes.append(
            say(
                "Multivariable model of {o}: {n} complete {c}, {e} with the outcome" + tail,
                o=low_first(name),
                n=lookup.show(f"logistic.{o}.n", model="multi"),
                c=plural(lookup.number(f"logistic.{o}.n", model="multi"), "case"),
                e=lookup.show(f"logistic.{o}.events", model="multi"),
            )
        )
    if any(_has_multi(lookup, o) for o in outcomes):
        notes.append(entry_note(lookup, rule))
    notes += joint_test_notes(lookup, _candidates(lookup))
    return tuple(notes)


def figures(lookup: Lookup) -> list[Figure]:
    """Forest plots of the odds ratios, one for each outcome."""
    made = []
    for i, outcome in enumerate(modelled(lookup), 1):
        found = _odds(lookup, outcome, "odds" if i == 1 else f"odds_{i}")
        made += [found] if found is not None else []
    return made


def _ratios(lookup: Lookup, outcome: str, keys: Mapping[str, str]) -> list[Ratio]:
    """What is drawn of a contrast: univariable, then multivariable."""
    out = []
    for model in DRAWN:
        estimate = lookup.get(f"logistic.{outcome}.or", model=model, **keys)
        if estimate is not None:
            p = lookup.get(f"logistic.{outcome}.p", model=model, **keys)
            out.append(ratio_of(lookup, model, estimate, p))
    return out


def _drawn_rows(lookup: Lookup, outcome: str, variable: str) -> list[DrawnRow]:
    """Rows of a variable in the forest plot."""
    return rows_of(
        lookup,
        variable,
        lambda level: _ratios(lookup, outcome, contrast_keys(lookup, variable, level)),
        lambda keys: text_of(size(lookup, f"logistic.{outcome}", **keys)),
    )


def _odds(lookup: Lookup, outcome: str, name: str) -> Figure | None:
    words = Words(
        outcome_label(lookup, outcome),
        "odds ratio",
        "OR",
        ("less frequent", "more frequent"),
        "that the outcome is more frequent than in the reference. N (events): patients and those "
        "with the outcome",
    )
    rows = (_drawn_rows(lookup, outcome, v) for v in _candidates(lookup))
    return figure_of_models(lookup, name, words, rows)


def _contrasts(lookup: Lookup, outcome: str, model: str, variable: str) -> list[dict[str, str]]:
    """Keys of the ratios of a variable that the model has."""
    info = lookup.info(variable)
    levels: list[str | None] = [None]
    if info is not None and info.levels:
        levels = [v for v in info.levels if v != info.reference]
    found = [contrast_keys(lookup, variable, level) for level in levels]
    return [k for k in found if lookup.has(f"logistic.{outcome}.or", model=model, **k)]


def _against(lookup: Lookup, variable: str, keys: Mapping[str, str]) -> str:
    """ "smoking (yes vs. no)", "age (per year)"."""
    info = lookup.info(variable)
    name = name_in_text(lookup.variable(variable))
    if info is None or not info.levels:
        return f"{name} ({per_step(info)})"
    level = keys.get("level") or next(v for v in info.levels if v != info.reference)
    reference = name_in_text(info.levels.get(info.reference or "", ""))
    return f"{name} ({name_in_text(info.levels[level])} vs. {reference})"


def _associations(lookup: Lookup, outcome: str, model: str) -> list[Spans]:
    """What goes with the outcome at p < 0.05, each with its ratio."""
    out = []
    for variable in _candidates(lookup):
        for keys in _contrasts(lookup, outcome, model, variable):
            p = lookup.number(f"logistic.{outcome}.p", model=model, **keys)
            if p is None or p >= SIGNIFICANT:
                continue
            path = f"logistic.{outcome}"
            out.append(
                say(
                    "{v}OR {r}{c}; {p})",
                    v=f"{_against(lookup, variable, keys)[:-1]}; ",
                    r=lookup.show(f"{path}.or", model=model, **keys),
                    c=lookup.level_ci(f"{path}.or", ", {c}", model=model, **keys),
                    p=lookup.p_phrase(f"{path}.p", model=model, **keys),
                )
            )
    return out


def texts(lookup: Lookup) -> list[Spans]:
    """Which candidates went with each outcome alone, and in the multivariable model."""
    out: list[Spans] = []
    for o in modelled(lookup):
        name = low_first(outcome_label(lookup, o))
        told: list[Spans] = []
        for model in [m for m in models_of(lookup, o, "logistic") if m in DRAWN]:
            words = "univariable" if model == "uni" else "multivariable"
            found = _associations(lookup, o, model)
            told.append(
                say(
                    "In {m} logistic regression, {n} was associated with {l}.",
                    m=words,
                    n=name,
                    l=listed(found),
                )
                if found
                else say(
                    "In {m} logistic regression, no factor was associated with {n}.",
                    m=words,
                    n=name,
                )
            )
        out.append(sentences(*told, moved(lookup, o, IMPUTED)))
    return out


def declared(protocol: Protocol) -> tuple[Part, ...]:
    """The models of each outcome."""
    return tuple(("logistic", key) for key in logistic.wanted(protocol))


SECTION = Section(
    key="logistic",
    title="",
    methods="Logistic regression",
    declared=declared,
    analyse=lambda request: logistic.analyse(request.protocol, request.cohort, request.blocked),
    tables=(table, imputed),
    figures=(figures,),
    sentences=texts,
    analyses=(
        Analysis(
            "Logistic regression",
            key="logistic.candidates",
            ids=("logistic.*.or", "logistic.*.p", "logistic.*.p_overall", "logistic.*.n"),
            guard=("logistic.fit", "protocol.value"),
            r="glm(binomial)",
            page="analyses/logistic.md",
            table=table,
            figure=figures,
            stats=("logistic",),
        ),
        Analysis(
            "Logistic regression with Firth's penalty",
            key="logistic.penalty",
            ids=("logistic.*.or", "logistic.*.p"),
            guard=("logistic.fit",),
            r="logistf::logistf",
            page="analyses/logistic.md",
            table=table,
            figure=figures,
            stats=("logistic",),
        ),
        Analysis(
            "Logistic regression after multiple imputation",
            key="missing.imputations",
            ids=("logistic.*.or", "logistic.*.p", "logistic.*.fmi", "logistic.*.mc_error"),
            guard=("missing.few-imputations", "missing.mostly", "logistic.fit"),
            r="mice::mice, mice::pool",
            page="analyses/missing.md",
            table=imputed,
            stats=("impute", "pool", "pool_test", "logistic"),
        ),
    ),
)
