"""Questions about rows: struck through, hidden, commented, excluded, several for a patient."""

from __future__ import annotations

from oncohort.problems import Wrong
from oncohort.protocol.toml_text import toml_line
from oncohort.records.columns import as_list
from oncohort.records.noticing import coloured_rows, commented_rows, struck_rows
from oncohort.records.sources.colours import called
from oncohort.records.values import text_of
from oncohort.study.drafting import Page, Question
from oncohort.study.questions import open_line
from oncohort.vocabulary.keys import level_key
from oncohort.vocabulary.mentions import mentions
from oncohort.vocabulary.plurals import counted
from oncohort.vocabulary.words import level_words, may_be_missing, plain

PATIENTS = Wrong("patients")
"""Who is in the study is open: everything waits."""
SEVERAL = 0.5
"""Share of patients with several rows from which a sheet has more than one row each by intent."""


def row_questions(page: Page) -> list[Question]:
    """Questions whether rows that are marked count."""
    out = []
    marked = (
        ("struck_rows", struck_rows(page.marks, page.raw), "struck through"),
        (
            "commented_rows",
            commented_rows(page.marks, page.raw),
            "commented on (consent, exclusion or a mistake)",
        ),
        ("hidden_rows", [r for r in page.marks.hidden_rows if r in set(page.raw.rows)], "hidden"),
    )
    for name, rows, how in marked:
        if not rows or (name == "struck_rows" and "struck" in page.explained):
            continue
        shown = ", ".join(map(str, rows[:12])) + (", ..." if len(rows) > 12 else "")
        text = (
            f"{len(rows)} row{' is' if len(rows) == 1 else 's are'} {how}: {shown}. "
            "Are they to be left out? (yes; none: they count)"
        )
        out.append(
            Question(name, text, [toml_line("skip_rows", rows)], about=PATIENTS, optional=True)
        )
    coloured = coloured_rows(page.marks, page.raw, page.ours.get("patient"))
    told = {c for c in coloured if called(c).removeprefix("light ") in page.explained}
    coloured = {c: rows for c, rows in coloured.items() if c not in told}
    if coloured:
        rows = sorted({r for own in coloured.values() for r in own})
        shown = "; ".join(
            f"{called(c)}: {', '.join(map(str, own[:12]))}{', ...' if len(own) > 12 else ''}"
            for c, own in coloured.items()
        )
        text = (
            f"{counted(len(rows), 'row')} coloured ({shown}). What does the colour say? If it says "
            "who died, or anything else that stands in no column, rows_with.NAME = [rows] in "
            "[tables.patients] makes a column of it. Are the rows to be left out? (yes; none: "
            "they count)"
        )
        lines = [toml_line("skip_rows", rows)]
        out.append(Question("coloured_rows", text, lines, about=PATIENTS, optional=True))
    return out


def excluded_columns(page: Page) -> list[str]:
    """Columns that say whether a patient is in the study, by their names and values."""
    return [
        c
        for c in page.raw.names
        if mentions(c, "in_or_out")
        and page.held[c].n
        and page.held[c].mostly in ("text", "number")
        and (_flags(page, c) or (mentions(c, "out") and page.held[c].n < 0.7 * page.held[c].rows))
    ]


def _flags(page: Page, column: str) -> bool:
    values = [v for v in page.held[column].counts if not may_be_missing(v)]
    words = level_words("flag")
    return len(values) == 2 and all(
        plain(v) in words or mentions(v, "in_or_out_value") for v in values
    )


def exclusion_questions(page: Page) -> list[Question]:
    """Who is meant, where a column says who is in the study."""
    out = []
    for column in excluded_columns(page):
        held = page.held[column]
        lines = [
            "[[eligibility.criteria]]",
            toml_line("key", level_key(column)),
            toml_line("label", f"Left out by the chart ({column})"),
            toml_line("column", column),
        ]
        if _flags(page, column):
            values = [v for v in held.counts if not may_be_missing(v)]
            text = f'"{column}" holds {held.top()}. Patients with which value are in the study?'
            lines.append(open_line("is", *values))
        else:
            text = (
                f'"{column}" has a text in {held.n} of {held.rows} rows. Are these patients left '
                "out? (yes; none: they count)"
            )
            lines.append(toml_line("present", False))
        out.append(
            Question(f"in_study_{level_key(column)}", text, lines, about=PATIENTS, optional=True)
        )
    return out


def told_out_question(page: Page) -> Question | None:
    """Are rows left out whose remarks say `screen failure`, `withdrew consent` and the like?"""
    marked: dict[int, str] = {}
    for column in page.raw.names:
        held = page.held[column]
        if held.mostly != "text" or held.n > 0.5 * held.rows or column in excluded_columns(page):
            continue
        for row, value in zip(page.raw.rows, as_list(page.raw.column(column)), strict=True):
            if isinstance(value, str) and len(value) < 80 and mentions(value, "left_out"):
                marked.setdefault(row, f'"{column}": {value.strip()}')
    if not marked or len(marked) > 0.5 * page.raw.height or page.one_row or page.raw.turned:
        return None
    shown = "; ".join(f"row {r}, {word}" for r, word in list(marked.items())[:6])
    more = f" and {len(marked) - 6} others" if len(marked) > 6 else ""
    text = (
        f"{len(marked)} rows say that they may not count ({shown}{more}). Are they to be left out? "
        "(yes; none: they count)"
    )
    lines = [toml_line("skip_rows", list(marked))]
    return Question("remarks_out", text, lines, about=PATIENTS, optional=True)


def several_rows(page: Page) -> str | None:
    """The column that tells the rows of a patient apart, where most patients have several.

    Its values are few, and no patient has one twice: event types, visits, lines of therapy.
    """
    ours = page.ours.get("patient")
    if ours is None or page.where:
        return None
    who = ["" if v is None else text_of(v) for v in as_list(page.raw.column(ours))]
    patients = set(who) - {""}
    counts = dict.fromkeys(patients, 0)
    for p in who:
        if p:
            counts[p] += 1
    if sum(n > 1 for n in counts.values()) < SEVERAL * max(len(patients), 1):
        return None
    found = []
    for column in page.raw.names:
        held = page.held[column]
        if column == ours or not 2 <= held.distinct <= 12 or held.n < held.rows:
            continue
        pairs = list(zip(who, map(text_of, as_list(page.raw.column(column))), strict=True))
        named = mentions(column, "repeats")
        if named and len(set(pairs)) == len(pairs):
            coded = max(len(v) for v in held.counts)
            found.append((held.distinct, coded, column))
    return min(found)[2] if found else None


def several_question(page: Page, column: str) -> Question:
    """Which of a patient's rows is meant."""
    held = page.held[column]
    values = sorted(held.counts, key=lambda v: (len(v), v))
    text = (
        f'Most patients have several rows, which differ in "{column}": {held.top()}. Which of them '
        "are meant? (One study takes one row for each patient; the others can be a record table or "
        "a study of their own.)"
    )
    line = open_line(("where", column), *values)
    return Question("rows_per_patient", text, [line], about=PATIENTS)
