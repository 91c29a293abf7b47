"""Columns that the draft makes of the chart's: dates of parts, times that are told in words."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

from oncohort.protocol.toml_text import toml_line
from oncohort.records.date_parts import find_date_parts, with_date_parts
from oncohort.records.grid import Raw
from oncohort.records.matching import Match, match_table, profiles
from oncohort.records.outcome_times import find_outcome_times, with_outcome_times
from oncohort.records.time_parts import find_time_parts, with_time_parts
from oncohort.records.told_times import Told, split_told, status_name, told_time, unit_named
from oncohort.study.draft_event_rows import with_matches
from oncohort.study.drafting import Page
from oncohort.study.endpoint_names import called, endpoints_named, has
from oncohort.vocabulary.mentions import mentions
from oncohort.vocabulary.tables import TABLES
from oncohort.vocabulary.words import level_words, outcome_words, plain

MOST = 0.9
"""Share of a column's values that tell a time from which it is one of times in words."""


def settle_made(page: Page) -> None:
    """Find dates in parts and times in words on the patients' sheet, and put them together.

    The columns that they are made of are taken off the page; its values, names, profiles and
    matches are changed in place.
    """
    page.date_parts = find_date_parts(page.raw.names, page.held)
    raw, _ = with_date_parts(page.raw, page.date_parts)
    dated = {c for parts in page.date_parts.values() for c in parts}
    page.time_parts = find_time_parts([n for n in page.raw.names if n not in dated], page.held)
    raw, _ = with_time_parts(raw, page.time_parts)
    if page.table == "patients":
        columns = dict(zip(raw.names, raw.columns, strict=True))
        page.by_outcome = find_outcome_times(page.raw.names, page.held, columns)
        raw, _ = with_outcome_times(raw, page.by_outcome)
    page.told = {c: u for c in page.raw.names if (u := _unit_told(page, c))}
    raw, _ = split_told(raw, page.told)
    if raw is page.raw:
        return
    gone = {c for parts in page.date_parts.values() for c in parts} | set(page.told)
    gone |= {c for parts in page.time_parts.values() for c in parts.values()}
    gone |= set(page.by_outcome.values())
    before = {m.column for m in page.matches}
    page.raw = without(raw, gone)
    page.held = profiles(page.raw)
    if page.table == "patients":
        kept = [m for m in page.matches if m.column not in gone and m.ours == "patient"]
        page.matches = match_table(page.raw, TABLES["patients"], page.held)
        if kept and not any(m.ours == "patient" for m in page.matches):
            page.matches += kept
        if page.by_row and "patient" not in {m.ours for m in page.matches if m.column in before}:
            page.matches = [m for m in page.matches if m.ours != "patient"]
        for found in page.events:
            with_matches(page, found)
        _of_life(page)


def _of_life(page: Page) -> None:
    """Words of life and death beside a time are the vital status, where nothing else is."""
    if "vital_status" in page.ours:
        return
    for column in page.told:
        words = page.held.get(status_name(column))
        if words is None or not words.counts:
            continue
        meanings = {level_words("vital_status").get(plain(v)) for v in words.counts}
        if meanings <= {"alive", "dead"} and "dead" in meanings:
            page.matches = [m for m in page.matches if m.column != status_name(column)]
            why = "its words are those of life and death"
            page.matches.append(Match(status_name(column), "vital_status", 0.9, why))
            return


def without(raw: Raw, gone: set[str]) -> Raw:
    """The table without some of its columns."""
    index = [i for i, n in enumerate(raw.names) if n not in gone]
    return replace(
        raw,
        names=tuple(raw.names[i] for i in index),
        columns=[raw.columns[i] for i in index],
        letters=tuple(raw.letters[i] for i in index) if raw.letters else (),
    )


def _unit_told(page: Page, column: str) -> str:
    """The unit of the times that a column tells in words; empty where it tells none."""
    held = page.held[column]
    if held.n < 3 or held.distinct > 5000 or held.mostly == "date":
        return ""
    if any(m.column == column and m.ours in ("age", "patient") for m in page.matches):
        return ""
    if held.numbers > held.n / 2 and not held.words:
        return ""
    own = unit_named(column)
    told: Counter[Told] = Counter()
    bare = 0
    for text, n in held.counts.items():
        found = told_time(text, own)
        if found is not None:
            told[found] += n
        elif own and re.fullmatch(r"\d+([.,]\d+)?", text):
            bare += n  # the word stands beside the times of some patients alone: `alive 455`
    if bare and not all(plain(t.words) in _known_words() for t in told):
        return ""  # a sign or a remark
    if len({t.days for t in told}) < min(4, held.n) and not (bare and told):
        return ""
    if told.total() + bare < MOST * held.n or not _is_outcome(page, column, told):
        return ""
    units = Counter(dict.fromkeys(("months", "years", "weeks", "days"), 0))
    for one, n in told.items():
        units[one.unit] += n
    if len([u for u, n in units.items() if n]) == 1 or units.most_common(1)[0][0] != "years":
        return units.most_common(1)[0][0]
    return "months"


def _known_words() -> set[str]:
    """Words of life and death, and of events."""
    return {*level_words("vital_status"), *level_words("event")}


def _is_outcome(page: Page, column: str, told: Counter[Told]) -> bool:
    """Does the name say a time of an endpoint, or do words of life and events stand beside it?"""
    worded = sum(n for t, n in told.items() if plain(t.words) in _known_words())
    if worded >= 0.5 * told.total():
        return True
    text = called(page, column)
    if mentions(text, "another_time", "before") or page.ours.get("treatment_end") == column:
        return False
    each = all(t.unit for t in told)  # `12.3 mo` in every cell
    timed = each or has(text, outcome_words("any")["time"])
    return bool(endpoints_named(text)) or (timed and mentions(text, "last_contact"))


def made_lines(page: Page) -> list[str]:
    """Lines of `[tables.patients]` for the columns that were made."""
    lines = [toml_line("narrow", True)] if page.beyond else []
    lines += [toml_line(("rows_with", n), rows) for n, rows in page.rows_with.items()]
    lines += [toml_line("forms", True)] if page.forms else []
    lines += [toml_line("sheet_column", page.sheet_column)] if page.sheet_column else []
    lines += [toml_line(("date_parts", n), parts) for n, parts in page.date_parts.items()]
    lines += [toml_line(("time_parts", n), parts) for n, parts in page.time_parts.items()]
    lines += [toml_line("times_by_outcome", page.by_outcome)] if page.by_outcome else []
    lines += [toml_line(("difference", n), two) for n, two in page.differences.items()]
    lines += [toml_line(("days_after", n), d.model_dump()) for n, d in page.days_after.items()]
    return lines + [toml_line(("times_in_words", c), u) for c, u in page.told.items()]
