"""Awful workbooks: every trap found at its cell, nothing else, and columns matched."""

from __future__ import annotations

from pathlib import Path

import pytest
from awful import CORPUS, HEAD, Awful

from oncohort.checks import check
from oncohort.problems import ReadError, Severity
from oncohort.protocol import parse_protocol
from oncohort.records import read_records
from oncohort.study.depends import settled
from oncohort.study.drafting import read_pages


def found_in(one: Awful, folder: Path) -> set[tuple[str, str | None]]:
    """(rule, cell) of everything above a note."""
    one.save(folder)
    protocol = parse_protocol(HEAD + one.protocol)
    try:
        records = read_records(protocol, folder)
    except ReadError as error:
        return {(p.id, p.place.cell) for p in error.problems}
    problems = settled([*records.problems, *check(records, protocol)], protocol)
    return {(p.id, p.place.cell) for p in problems if p.severity is not Severity.NOTE}


def matched_in(one: Awful, folder: Path) -> set[tuple[str, str, str]]:
    """(table, our column, the chart's) of every sure match."""
    pages = read_pages(one.save(folder), "awful.xlsx")
    out = {(p.table, ours, theirs) for p in pages if p.table for ours, theirs in p.ours.items()}
    out |= {(r.table, o, t) for p in pages for r in p.repeats for o, t in r.patterns.items()}
    return out


def truth_of(one: Awful) -> set[tuple[str, str, str]]:
    tables = [*one.columns.items(), *one.wide.items()]
    return {(t, ours, theirs) for t, columns in tables for ours, theirs in columns.items()}


@pytest.mark.parametrize("one", CORPUS, ids=lambda a: a.name)
def test_every_trap_is_found_at_its_cell_and_nothing_else(one: Awful, tmp_path: Path) -> None:
    assert found_in(one, tmp_path) == set(one.expected)


def test_columns_are_matched(tmp_path: Path) -> None:
    """Precision first: a wrong match is worse than a question."""
    right = wrong = missed = 0
    say = []
    for i, one in enumerate(CORPUS):
        folder = tmp_path / str(i)
        folder.mkdir()
        truth, found = truth_of(one), matched_in(one, folder)
        right += len(found & truth)
        wrong += len(found - truth)
        missed += len(truth - found)
        say += [f"{one.name}: wrong {sorted(found - truth)}, missed {sorted(truth - found)}"]
    print("\n".join(say), f"right {right}, wrong {wrong}, missed {missed}")
    assert right / (right + wrong) >= 0.99
    assert right / (right + missed) >= 0.97
