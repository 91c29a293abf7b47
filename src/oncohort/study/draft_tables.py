"""The sections `[tables.*]` and `[variables.*]` of a drafted protocol."""

from __future__ import annotations

import re

from oncohort.records.columns import as_list
from oncohort.records.matching import SURE, synonyms
from oncohort.records.names import fold, header_unit, level_key
from oncohort.records.profile import Profile
from oncohort.records.repeats import Repeat
from oncohort.records.tables import TABLES
from oncohort.study.draft_values import (
    date_question,
    level_question,
    number_questions_of,
    unit_question,
    unsure,
)
from oncohort.study.drafting import Page, Question, Section, key, toml

CATEGORIES = 8
"""Up to so many distinct values a column is a category."""
_KEY = re.compile(r"[a-z0-9][a-z0-9_.+-]{0,59}")
_OUTCOMES = ("best_response", "vital_status", "progression_date", "death_date", "death_cause")
_CHANGE = re.compile(
    r"(best|max|maximum|largest|greatest)\W*(percent|%|tumou?r|target)?\W*(tumou?r)?\W*"
    r"(change|shrinkage|response %)",
    re.IGNORECASE,
)


def table_section(
    page: Page, several_files: bool, several_sheets: bool, taken: set[str]
) -> Section:
    """How one sheet maps to its record table."""
    table = page.table or "patients"
    section = Section(f"[tables.{table}]", comments=[f"{page.name}: {page.why}"])
    _where(section, page, several_files, several_sheets)
    if page.raw.header_row and page.raw.header_row != 1:
        rows = _header_rows(page)
        section.lines.append(f"header_row = {toml(rows)}")
    dated = []
    for m in sorted(page.matches, key=lambda m: ["patient", *TABLES[table].kinds].index(m.ours)):
        if m.column in taken:
            continue
        if m.confidence < SURE:
            section.questions.append(unsure(page, m))
            continue
        if fold(m.ours) != fold(m.column):
            section.lines.append(
                f"columns.{m.ours} = {toml(m.column)}   # {m.confidence:.2f}: {m.evidence}"
            )
        kind = "text" if m.ours == "patient" else TABLES[table].kinds[m.ours]
        if kind == "date":
            dated.append((page, m))
        elif kind in ("number", "integer"):
            section.questions += number_questions_of(
                table,
                m.ours,
                m.column,
                page.held[m.column],
                as_list(page.raw.column(m.column)),
                header_unit(m.column),
            )
            ask = unit_question(page, m.ours, m.column, table)
            if ask is not None:
                section.questions.append(ask)
        else:
            ask = level_question(page, m)
            if ask is not None:
                section.questions.append(ask)
    ask = date_question(dated, table)
    if ask is not None:
        section.questions.append(ask)
    return section


def _header_rows(page: Page) -> int | list[int]:
    for d in page.decisions:
        found = re.search(r"found in row (\d+)(?: and (\d+))?", d.what)
        if d.rule == "layout.header" and found:
            first, second = found.groups()
            return [int(first), int(second)] if second else int(first)
    return page.raw.header_row or 1


def _where(section: Section, page: Page, several_files: bool, several_sheets: bool) -> None:
    if several_files:
        section.lines.append(f"file = {toml(page.file.rsplit('/', 1)[-1])}")
    if page.sheet is not None and (several_sheets or fold(page.sheet) != section.header[8:-1]):
        section.lines.append(f"sheet = {toml(page.sheet)}")
    section.lines += [f"where.{key(c)} = {toml(v)}" for c, v in page.where.items()]


def repeat_section(page: Page, repeat: Repeat, several_files: bool) -> Section:
    """How repeated columns of a wide sheet map to a record table."""
    section = Section(
        f"[tables.{repeat.table}]",
        comments=[f"{page.name}: {repeat.count} repeats of {', '.join(repeat.patterns.values())}"],
    )
    if several_files or page.sheet is None:
        section.lines.append(f"file = {toml(page.file.rsplit('/', 1)[-1])}")
    if page.sheet is not None:
        section.lines.append(f"sheet = {toml(page.sheet)}")
    section.lines.append('shape = "wide"')
    if page.raw.header_row and page.raw.header_row != 1:
        section.lines.append(f"header_row = {toml(_header_rows(page))}")
    patient = page.ours.get("patient")
    if patient and fold(patient) != "patient":
        section.lines.append(f"columns.patient = {toml(patient)}")
    section.lines += [f"repeat.{ours} = {toml(p)}" for ours, p in repeat.patterns.items()]
    if repeat.table == "lesions":
        blocks = ("response", "survival.pfs")
        if "role" not in repeat.patterns:
            section.lines.append('constants.role = "target"')
        if "lesion" not in repeat.patterns and repeat.sums:
            section.lines.append('constants.lesion = "sum"')
            section.comments.append(
                "The sizes are sums over all target lesions; they are followed as one lesion."
            )
        first = next((c for c in repeat.columns if page.held[c].mostly == "number"), None)
        if first is not None and not header_unit(first) and "mm" not in first.lower():
            held = page.held[first]
            section.questions.append(
                Question(
                    f'"{repeat.patterns["diameter_mm"]}" has no unit (the first goes from '
                    f"{held.low:g} to {held.high:g}). Millimetres or centimetres?",
                    ['units.diameter_mm = "mm"   # or "cm"'],
                    blocks,
                )
            )
    if repeat.table == "adverse_events" and "grade" not in repeat.patterns:
        section.questions.append(
            Question("The events have no grade. Where does it stand?", [], ("safety",))
        )
    return section


def slug(name: str, taken: set[str]) -> str:
    """A key for a variable from a column's name.

    Examples
    --------
    >>> slug("CRP (mg/dL)", set()), slug("年齢", set()), slug("CRP", {"crp"})
    ('crp', 'column_1', 'crp_2')
    """
    text = re.sub(r"[^a-z0-9]+", "_", fold(name)).strip("_")[:40]
    if not text:
        text = f"column_{sum(t.startswith('column_') for t in taken) + 1}"
    base, n = text, 1
    while text in taken:
        n += 1
        text = f"{base}_{n}"
    return text


def variable_sections(page: Page, taken: set[str], ignored: set[str]) -> list[Section]:
    """One section per usable covariate, and those of age, sex and performance."""
    out: list[Section] = []
    keys: set[str] = set()
    ours = page.ours
    for known, lines in (
        ("age", ['label = "Age"', 'unit = "years"', 'kind = "continuous"']),
        ("sex", ['label = "Sex"', 'levels = { male = "Male", female = "Female" }']),
        ("kps", ['label = "Karnofsky performance status"', 'kind = "categorical"']),
        ("ecog", ['label = "ECOG performance status"', 'kind = "categorical"']),
        (
            "imdc",
            [
                'label = "IMDC risk group"',
                'levels = { favorable = "Favorable", intermediate = "Intermediate", '
                'poor = "Poor" }',
            ],
        ),
    ):
        if known in ours and page.held[ours[known]].n:
            out.append(Section(f"[variables.{known}]", list(lines)))
            keys.add(known)
    special = set(ours.values()) | {m.column for m in page.matches if m.confidence >= SURE}
    special.add(best_change(page) or "")
    # A second column of outcome (a response beside the best response) is no baseline variable.
    outcomes = {n for o in _OUTCOMES for n in synonyms()["patients"][o]}
    special |= {c for c in page.raw.names if fold(c) in outcomes}
    for column in page.raw.names:
        held = page.held[column]
        if column in special or column in taken or column in ignored:
            continue
        if column.startswith("redcap_") or (page.raw.column_label and column.endswith("_complete")):
            continue
        if held.n < max(3, 0.05 * held.rows) or held.distinct < 2 or held.mostly == "date":
            continue
        section = _variable(page, column, keys)
        if section is not None and len(out) < 40:
            out.append(section)
    return out


def _variable(page: Page, column: str, keys: set[str]) -> Section | None:
    held = page.held[column]
    unit = header_unit(column)
    label = re.sub(r"\s*[\(\[][^()\[\]]*[\)\]]\s*$", "", column).replace("_", " ").strip()
    label = page.raw.column_label.get(column) or label or column
    name = slug(column, keys)
    head = [f"column = {toml(column)}", f"label = {toml(label[:1].upper() + label[1:])}"]
    if held.mostly == "number" and (unit or not _codes(held)):
        section = Section(f"[variables.{name}]", [*head, 'kind = "continuous"'])
        if unit:
            section.lines.append(f"unit = {toml(unit)}")
        keys.add(name)
        return section
    longest = max(len(v) for v in held.counts)
    if held.distinct > CATEGORIES or held.distinct >= 0.8 * held.n > 4 or longest > 60:
        return None
    labels = page.raw.label_of.get(column, {})
    levels: dict[str, str] = {}
    for value in sorted(held.counts, key=_natural):
        shown = labels.get(value, value)
        if re.fullmatch(r"-?\d+\.0+", shown):
            shown = shown.split(".")[0]
        levels.setdefault(level_key(shown), shown)
    if not all(_KEY.fullmatch(k) for k in levels):
        return None
    section = Section(f"[variables.{name}]", [*head, f"levels = {_levels(levels)}"])
    if all(re.fullmatch(r"-?\d+(\.\d+)?", v) for v in levels.values()):
        section.questions.append(
            Question(
                f'"{column}" holds {held.top()}. What do the figures mean? '
                "(Put the words into levels above; nothing waits for it.)",
                [],
            )
        )
    keys.add(name)
    return section


def _codes(held: Profile) -> bool:
    """Are these few whole numbers, as codes and scores are?"""
    numbers = [float(v) for v in held.counts if re.fullmatch(r"-?\d+(\.\d+)?", v)]
    return (
        held.distinct <= CATEGORIES
        and len(numbers) == held.distinct
        and all(n.is_integer() for n in numbers)
        and max(numbers) - min(numbers) < 10
    )


def _natural(text: str) -> tuple[float, str]:
    return (float(text), "") if re.fullmatch(r"-?\d+(\.\d+)?", text) else (1e12, text.lower())


def _levels(levels: dict[str, str]) -> str:
    inner = ", ".join(f"{key(k)} = {toml(v)}" for k, v in levels.items())
    return f"{{ {inner} }}"


def covariate_questions(page: Page, sections: list[Section]) -> list[Question]:
    """Questions about the values of continuous covariates."""
    out: list[Question] = []
    for section in sections:
        if 'kind = "continuous"' not in section.lines:
            continue
        column = next((x[9:] for x in section.lines if x.startswith("column = ")), None)
        if column is None:
            continue
        name = next(n for n in page.raw.names if toml(n) == column)
        out += [
            Question(q.text, q.lines, (f"baseline.{section.header[11:-1]}",))
            for q in number_questions_of(
                "patients",
                name,
                name,
                page.held[name],
                as_list(page.raw.column(name)),
                header_unit(name),
            )
        ]
    return out


def best_change(page: Page) -> str | None:
    """The column with the best change of the target sum, if there is one."""
    for column in page.raw.names:
        if _CHANGE.search(column.replace("_", " ")) and page.held[column].mostly == "number":
            return column
    return None
