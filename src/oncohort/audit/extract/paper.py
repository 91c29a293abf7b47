"""From a paper to its published figures."""

from __future__ import annotations

import re
from dataclasses import replace

from oncohort.audit.document import Paper, Table
from oncohort.audit.extract import names, prose, tables
from oncohort.audit.extract import tests as printed_tests
from oncohort.audit.extract.ratio_names import sure_of_kind
from oncohort.audit.extract.table_at_risk import read_at_risk, read_life_landmarks
from oncohort.audit.extract.table_bounds import read_bounded_cells
from oncohort.audit.extract.text_arms import read_arms
from oncohort.audit.extract.text_counts import label_counts
from oncohort.audit.extract.text_sizes import read_sizes
from oncohort.published.model import Count, Population, Published, Rate, Time, Where


def _populations(paper: Paper, told: prose.Statements) -> list[Population]:
    """All patients, and every other size that text, tables and footnotes name."""
    sizes: dict[str, Where] = {}
    noted: dict[str, Where] = {}
    for n, where in told.sizes:
        sizes.setdefault(n, where)
    for table in paper.tables:
        labels = [r.label for r in table.rows]
        for text in [table.caption, *labels, *(c for row in table.header for c in row)]:
            for match in re.finditer(r"\b[nN]\s*=\s*(\d[\d,]*)", text):
                sizes.setdefault(
                    match[1].replace(",", ""), Where("table", table.label, quote=text.strip())
                )
        for text in [*table.notes, table.caption]:
            # Numbers in footnotes are denominators as a rule ("available in 38 patients").
            for match in re.finditer(r"(?<![\d.,])(\d{2,6})(?![\d.%])", text):
                noted.setdefault(match[1], Where("table", table.label, quote=text.strip()))
    populations: list[Population] = []
    if told.cohort:
        populations.append(Population("cohort", "all patients", told.cohort, sizes[told.cohort]))
    populations += [
        Population(f"stated-{n}", "", n, where) for n, where in sizes.items() if n != told.cohort
    ]
    # What a footnote names may explain a percentage, but it never is the size of a column.
    populations += [
        Population(f"noted-{n}", "", n, where) for n, where in noted.items() if n not in sizes
    ]
    return populations


def extract(paper: Paper) -> tuple[Published, tuple[str, ...]]:
    """Published figures of a paper, and what could not be read.

    Parameters
    ----------
    paper
        As a reader gave it.

    Returns
    -------
    (Published, unread)
        The figures as printed, each with its place; and what was left out, in words.
    """
    told = prose.read_prose(paper.paragraphs)
    table_text = " ".join(n for t in paper.tables for n in t.notes)
    pairs: dict[str, str] = {}
    for note in table_text.split("\n"):
        pairs.update(names.definitions(note))
    for paragraph in paper.paragraphs:
        for short, long in names.abbreviations(paragraph.text).items():
            pairs.setdefault(short, long)
    found = tables.read_tables(paper.tables, told.cohort)
    populations = _populations(paper, told)
    rows = {level.label for v in found.variables for level in v.levels} | {
        e.term for e in found.adverse_events
    }
    stated = tuple(
        Count(label, count, percent, "", "row", -1, True, False, where)
        for label, count, percent, where in label_counts(told.sentences, sorted(rows))
    )
    times, rates = _certain(paper, [*told.times, *found.times], told.rates)
    legends = [p for p in paper.paragraphs if p.kind == "legend" or "at risk" in p.text[:4000]]
    published = Published(
        title=paper.title,
        populations=tuple(populations),
        variables=tuple(found.variables),
        summaries=tuple(found.summaries),
        responses=(*told.responses, *found.responses),
        rates=rates,
        times=times,
        landmarks=(*told.landmarks, *read_life_landmarks(paper.tables)),
        curves=tuple(read_at_risk(paper.tables, legends)),
        events=tuple(told.events),
        ratios=tuple(sure_of_kind((*found.ratios, *told.ratios), paper, pairs)),
        adverse_events=tuple(found.adverse_events),
        tests=tuple(printed_tests.read_tests(told.sentences)),
        cross_tables=tuple(printed_tests.read_cross_tables(paper.tables, told.cohort)),
        p_values=tuple(told.p_values),
        counts=(*told.counts, *stated),
        bounded=(*told.bounded, *(b for t in paper.tables for b in read_bounded_cells(t))),
        facts=(
            *told.facts,
            *read_sizes(told.sentences, paper.tables),
            *read_arms(told.sentences),
        ),
        abbreviations=tuple(sorted(pairs.items())),
    )
    return published, (*paper.unread, *found.unread)


_TOKEN = re.compile(r"(?<![\d.])\d+(?:[.·]\d+)?(?![\d.])")


def _certain(
    paper: Paper, times: list[Time], rates: list[Rate]
) -> tuple[tuple[Time, ...], tuple[Rate, ...]]:
    """Loosen bindings that a second mention puts in doubt.

    If the results print the abstract's median too (of anything), but bind another value to the
    cohort, then one of the two may be of a subgroup that its sentence doesn't name.
    """
    abstract: set[str] = set()
    body: set[str] = set()
    for block in paper.blocks:
        if isinstance(block, Table):
            words = " ".join([block.caption, *(c for r in block.rows for c in r.cells)])
            body |= _tokens(words)
        elif block.section == "abstract":
            abstract |= _tokens(block.text)
        elif block.section in {"results", "legend", ""}:
            body |= _tokens(block.text)

    def doubtful(value: str, section: str, others: set[str]) -> bool:
        clash = others - {value}
        if section == "abstract":
            return value in body and bool(clash)
        return value in abstract and bool(clash)

    told: dict[tuple[str, str], set[str]] = {}
    for time in times:
        if time.population:
            told.setdefault((time.endpoint, time.unit), set()).add(time.median)
    kept_times = tuple(
        replace(t, population="")
        if t.population
        and t.where.section in {"abstract", "results", "table", "legend"}
        and doubtful(t.median, t.where.section, told[t.endpoint, t.unit])
        else t
        for t in times
    )
    shares: dict[str, set[str]] = {}
    for rate in rates:
        if rate.population:
            shares.setdefault(rate.kind, set()).add(rate.percent)
    kept_rates = tuple(
        replace(r, population="")
        if r.population
        and r.where.section in {"abstract", "results"}
        and doubtful(r.percent, r.where.section, shares[r.kind])
        else r
        for r in rates
    )
    return kept_times, kept_rates


def _tokens(text: str) -> set[str]:
    return {t.replace("·", ".") for t in _TOKEN.findall(text)}
