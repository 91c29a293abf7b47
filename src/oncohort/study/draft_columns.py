"""Every column of a chart stands in its draft: used, asked about, or left out with the reason."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from oncohort.protocol.toml_text import toml_value
from oncohort.records.names import fold
from oncohort.study.draft_chart import Chart
from oncohort.study.drafting import Page, Section

_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*+"')
_KEYS = re.compile(r"^[a-z_]{1,40}\.([A-Za-z0-9_-]{1,200})(?:\.| =)", re.MULTILINE)
_TERMS = re.compile(r"\{term:([^{}]*)\}")


def quoted(columns: Iterable[str]) -> str:
    """Names of columns as a draft shows them.

    Examples
    --------
    >>> quoted(["Age", 'He said "x"'])
    '"Age", "He said \\\\"x\\\\""'
    """
    return ", ".join(toml_value(c) for c in columns)


def named_in(text: str) -> set[str]:
    """The columns that a draft names: in quotation marks, or as terms of a pattern.

    Examples
    --------
    >>> sorted(named_in('columns.age = "Age (y)"  # 0.95'))
    ['Age (y)', 'age']
    """
    out: set[str] = set(_KEYS.findall(text))
    for found in _QUOTED.findall(text):
        try:
            name = json.loads(found)
        except ValueError:
            continue
        out.add(name)
        for terms in _TERMS.findall(name):
            out |= set(terms.split("|"))
    return out


def own_names(page: Page, taken: set[str]) -> list[str]:
    """Columns that are called as ours, and need no line."""
    ours = page.ours
    return [c for o, c in ours.items() if fold(o) == fold(c) and c not in taken]


_LEFT = 'Not used: "'


def _subject(comment: str) -> str:
    """The column that a comment is about, the first that it names."""
    found = _QUOTED.search(comment)
    names = named_in(found[0]) if found is not None else set()
    return next(iter(names), "")


def _used_or_asked(sections: list[Section]) -> set[str]:
    out: set[str] = set()
    for section in sections:
        out |= named_in("\n".join([section.header, *section.lines]))
        for question in section.questions:
            out |= named_in("\n".join([question.text, *question.lines]))
            out |= {question.leave_out[1]} if question.leave_out is not None else set()
    return out


def name_the_rest(chart: Chart, sections: list[Section]) -> None:
    """Say of each column that no section names what becomes of it; comments are added in place."""
    known = _used_or_asked(sections)
    for section in sections:
        # What is used or asked about in another way is not left out: it is no variable alone.
        section.comments = [
            c for c in section.comments if not (c.startswith(_LEFT) and _subject(c) in known)
        ]
    for section in sections:
        for one in section.comments:
            known |= {_subject(one)} if one.startswith(_LEFT) else named_in(one)
    for page in chart.tables.values():
        found = [s for s in sections if s.path == ("tables", page.table)]
        if not found:
            continue
        section = found[0]
        own = page is chart.patients
        rest = [c for c in page.raw.names if c not in known]
        taken = [c for c in rest if own and c in chart.taken]
        own_name = [c for c in own_names(page, chart.taken if own else set()) if c in rest]
        other = [c for c in rest if c not in own_name and c not in taken]
        if own_name:
            section.comments.append(f"Read under their own names: {quoted(own_name)}")
        if taken:
            section.comments.append(f"Read in another table: {quoted(taken)}")
        if other:
            section.comments.append(f"Not used, nothing of the study reads them: {quoted(other)}")
        known |= set(rest)
    _of_other_sheets(chart, sections[0], known)


def _of_other_sheets(chart: Chart, section: Section, known: set[str]) -> None:
    """The columns of sheets that no table takes."""
    apart = {id(p) for p in (*chart.unused, *chart.codebooks)}
    tables = {id(p) for p in chart.tables.values()}
    for page in chart.pages:
        rest = [c for c in page.raw.names if c not in known]
        if id(page) in tables or not rest:
            continue
        what = "Not read" if id(page) in apart else "Read with the sheet"
        section.comments.append(f"{what}, columns of {page.name}: {quoted(rest)}")
        known |= set(rest)
