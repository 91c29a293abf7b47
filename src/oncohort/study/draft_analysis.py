"""The sections of a draft beside the tables: response, endpoints, safety, exposure, Table I."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from oncohort.problems import Wrong
from oncohort.protocol.toml_text import toml_header, toml_line, toml_value
from oncohort.records.columns import as_list
from oncohort.records.names import fold
from oncohort.records.values import text_of
from oncohort.study.draft_chart import Chart
from oncohort.study.draft_endpoints import dated_sections, reduced_section
from oncohort.study.draft_events import ctcae_section, first_doses
from oncohort.study.draft_variables import best_change
from oncohort.study.drafting import Page, Question, Section
from oncohort.study.questions import NUMBER, open_line
from oncohort.vocabulary.keys import new_key


def analysis(chart: Chart) -> tuple[list[Section], list[str]]:
    """Response, endpoints, safety and exposure, as far as the chart has them; and lines for
    `[tables.patients]` that the endpoints need."""
    patients, pairs = chart.patients, chart.pairs
    sure = {e.table for e in chart.events if e.sure}
    made = {r.table for r in chart.repeats} | set(chart.tables) | sure
    out = _response(patients, made)
    extra: list[str] = []
    for pair in pairs:
        section, lines = reduced_section(patients, pair)
        out.append(section)
        extra += lines
    done = {p.key for p in pairs}
    done |= {"os"} if any(p.may_be_survival for p in pairs) else set()
    known = {**chart.tables, **dict.fromkeys((r.table for r in chart.repeats), patients)}
    out += [] if chart.endpoints_of_rows else dated_sections(known, done)
    if "adverse_events" in made:
        out.append(ctcae_section())
    if "doses" in chart.tables:
        out += _exposure(_given(chart.tables["doses"]))
    for one in chart.events:
        if one.table == "doses" and not one.questions:
            out += _exposure(first_doses(one))
    return out, extra


def _response(patients: Page, made: set[str]) -> list[Section]:
    """Where responses come from: lesions, charted visits, or the best response."""
    source = next(
        (s for s in ("lesions", "assessments") if s in made),
        "charted" if "best_response" in patients.ours else None,
    )
    if source is None:
        return []
    section = Section(("response",), [toml_line("source", source)])
    change = best_change(patients)
    if change is not None and source == "charted":
        held = patients.held[change]
        section.lines.append(toml_line("best_change", change))
        if held.low is not None and held.high is not None and abs(held.low) <= 1.0:
            section.questions.append(
                Question(
                    "best_change_unit",
                    f'"{change}" goes from {held.low:g} to {held.high:g}. Are these fractions '
                    "or percent?",
                    [open_line("best_change_unit", "fraction", "percent")],
                    about=Wrong("patients", (change,)),
                )
            )
    return [section]


def _given(page: Page) -> dict[str, Counter[str]]:
    """Drug = its amounts, counted."""
    drugs, amounts = page.ours.get("drug"), page.ours.get("amount")
    given: dict[str, Counter[str]] = {}
    if drugs is None or amounts is None:
        return given
    rows = zip(as_list(page.raw.column(drugs)), as_list(page.raw.column(amounts)), strict=True)
    for drug, amount in rows:
        if drug is not None and isinstance(amount, int | float) and amount > 0:
            given.setdefault(text_of(drug), Counter())[f"{amount:g}"] += 1
    return given


def _exposure(given: Mapping[str, Counter[str]]) -> list[Section]:
    """One question per drug: what was planned. The commonest dose is named."""
    out: list[Section] = []
    taken: set[str] = set()
    for drug, counts in list(given.items())[:8]:
        name = new_key(fold(drug), taken, "drug")
        taken.add(name)
        amount, times = counts.most_common(1)[0]
        question = Question(
            f"dose_{name}",
            f'What dose of "{drug}" was planned? (The commonest is {amount}, {times} times.)',
            [
                toml_header("exposure", name),
                toml_line("label", drug),
                open_line("amount", NUMBER),
                open_line("unit", "mg", "mg/m2", "mg/kg"),
                open_line("times_per_day", NUMBER),
            ],
            ("exposure",),
            optional=True,
        )
        out.append(Section(("exposure", name), questions=[question], off=True))
    return out


BASELINE = 40
"""Variables that are put into Table I; the others are declared and can be added."""


def baseline_and_prognosis(
    variables: list[Section], sections: list[Section], doubtful: set[str]
) -> list[Section]:
    """Table I of the variables that are sure to be some, and how to test them for prognosis."""
    keys = [s.path[1] for s in variables if not s.off and s.column not in doubtful]
    out: list[Section] = []
    if keys:
        table = Section(("baseline",), [toml_line("variables", keys[:BASELINE])])
        if len(keys) > BASELINE:
            rest = ", ".join(keys[BASELINE:])
            table.comments.append(f"Declared, and not in Table I: {rest}")
        out.append(table)
    endpoints = [str(s.path[1]) for s in sections if s.path[0] == "endpoints"]
    if keys and endpoints and out:
        out[-1].comments += [
            "To test variables for prognosis, name those meant before the data were seen:",
            "  [prognosis]",
            f"  endpoints = {toml_value(endpoints)}",
            '  candidates = ["..."]',
        ]
    return out
