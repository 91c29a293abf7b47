"""The same figure said twice, with two values."""

from __future__ import annotations

import re
from collections.abc import Sequence

from oncohort.audit.checks import binding
from oncohort.audit.extract import names
from oncohort.audit.finding import Certainty, Finding, Log
from oncohort.published.model import Published, PValue, Rate, Ratio, Time, Where
from oncohort.published.rounding import compatible, interval, probability

RULE = "One quantity of one population has one value, however it is rounded."
_START = re.compile(
    r"introduc|initiat|start|beginning|first dose|administ|commence|random|enrol", re.I
)


def check(published: Published, log: Log) -> None:
    """Compare medians, rates and p-values that are said more than once."""
    _medians(published, log)
    _rates(published, log)
    _p_values(published, log)
    _rows(published, log)


def _rows(published: Published, log: Log) -> None:
    """Counts that a sentence gives to a row of a table of one arm."""
    rows: dict[str, list[tuple[str, str, Where]]] = {}
    arms: dict[str, set[int]] = {}
    for event in published.adverse_events:
        arms.setdefault(event.where.table, set()).add(event.group)
        for grade in event.grades:
            rows.setdefault(event.term, []).append((grade.count, grade.percent, grade.where))
    agreements: dict[str, list[bool]] = {}
    """By sentence: which of its counts agree with their rows."""
    for stated in published.counts:
        if stated.role == "row" and stated.label in rows:
            agrees = any(
                c == stated.count and p == stated.percent for c, p, _ in rows[stated.label]
            )
            agreements.setdefault(stated.where.quote, []).append(agrees)
    for stated in published.counts:
        if stated.role != "row" or stated.label not in rows:
            continue
        cells = rows[stated.label]
        # Other counts of the sentence that agree show that it speaks of this table.
        same_table = any(agreements[stated.where.quote])
        tables = {where.table for _, _, where in cells}
        if len(tables) != 1 or any(len(arms[t]) != 1 for t in tables):
            continue
        if len({where.row for _, _, where in cells}) != 1:
            continue
        log.checked(stated)
        if any(count == stated.count or percent == stated.percent for count, percent, _ in cells):
            continue
        if any(compatible(percent, stated.percent) for _, percent, _ in cells if percent):
            continue
        printed = ", ".join(
            f"{count} ({percent})" if percent else count for count, percent, _ in cells
        )
        log.add(
            Finding(
                "twice.count",
                Certainty.INCONSISTENT if same_table else Certainty.UNUSUAL,
                f"{stated.label}: {stated.count} ({stated.percent}%) in the "
                f"{stated.where.section}, "
                f"{printed} in "
                f"{next(iter(tables))}",
                (stated.where, cells[0][2]),
                RULE,
                (),
                (f"{stated.percent} allows {interval(stated.percent)}",),
                (),
                (
                    "every column of the row was compared, and neither count nor percentage agrees",
                    "the sentence names no grade, arm or subgroup, and no other table has "
                    "such a row",
                ),
                (stated.count, stated.percent, *(c for cell in cells for c in cell[:2])),
            )
        )


def _part(section: str) -> str:
    if section == "abstract":
        return "abstract"
    if section in {"results", "legend", "table"}:
        return "results"
    return "discussion"


def _medians(published: Published, log: Log) -> None:
    groups: dict[tuple[str, str], list[Time]] = {}
    for time in published.times:
        if time.population != "cohort":
            continue
        if time.origin and not _START.search(time.origin):
            continue
        groups.setdefault((time.endpoint, time.unit), []).append(time)
    for (endpoint, unit), times in groups.items():
        if len(times) < 2:
            continue
        log.checked(*times)
        parts: dict[str, list[Time]] = {}
        for time in times:
            parts.setdefault(_part(time.where.section), []).append(time)
        if any(_several([t.median for t in stated]) for stated in parts.values()):
            # Two values in one part of a paper are more likely two populations.
            continue
        values = {part: stated[0].median for part, stated in parts.items()}
        if not _several(list(values.values())):
            continue
        others = [t for t in published.times if t.population != "cohort"]
        elsewhere = {t.median for t in others if t.endpoint == endpoint}
        if elsewhere & set(values.values()) or (elsewhere and endpoint == "follow-up"):
            # Follow-up that is told of some, too, is told in several ways.
            continue
        stated = ", ".join(f"{values[p]} ({p})" for p in values)
        log.add(
            Finding(
                # Follow-up has many readings (of all, of survivors, until a cut-off): its own rule.
                "twice.follow-up" if endpoint == "follow-up" else "twice.median",
                Certainty.INCONSISTENT,
                f"Median {_name(endpoint)} of the whole cohort is printed as {stated} {unit}",
                tuple(t.where for t in times),
                RULE,
                tuple(f"{t.median} allows {interval(t.median)}" for t in times),
                tuple(f"{t.median} allows {interval(t.median)}" for t in times),
                (),
                (
                    "each sentence was bound to this cohort: none names a subgroup, an arm, "
                    "another "
                    "study or another start of the time",
                    "rounding one value to the digits of the other does not make them agree",
                ),
                tuple(t.median for t in times),
            )
        )


def _name(endpoint: str) -> str:
    return {"treatment": "time on treatment"}.get(endpoint, endpoint)


def _several(values: Sequence[str]) -> bool:
    return any(not compatible(a, b) for k, a in enumerate(values) for b in values[k + 1 :])


def _rates(published: Published, log: Log) -> None:
    groups: dict[str, list[Rate]] = {}
    for rate in published.rates:
        if rate.population == "cohort":
            groups.setdefault(rate.kind, []).append(rate)
    for kind, rates in groups.items():
        if len(rates) < 2:
            continue
        log.checked(*rates)
        parts: dict[str, list[Rate]] = {}
        for rate in rates:
            parts.setdefault(_part(rate.where.section), []).append(rate)
        if any(_several([r.percent for r in stated]) for stated in parts.values()):
            continue
        values = {part: stated[0].percent for part, stated in parts.items()}
        if not _several(list(values.values())):
            continue
        bases = {r.denominator for r in rates if r.denominator}
        others = [r for r in published.rates if r.population != "cohort" and r.kind == kind]
        if len(bases) > 1 or {r.percent for r in others} & set(values.values()):
            # Rates of several populations: of one part of the patients, or of a later treatment.
            continue
        in_words = ", ".join(f"{v}% ({p})" for p, v in values.items())
        log.add(
            Finding(
                "twice.rate",
                Certainty.INCONSISTENT,
                f"{kind} of the whole cohort is printed as {in_words}",
                tuple(r.where for r in rates),
                RULE,
                (),
                tuple(f"{r.percent} allows {interval(r.percent)}" for r in rates),
                (),
                ("each sentence was bound to this cohort",),
                tuple(r.percent for r in rates),
            )
        )


_NOT_OF_THE_MODEL = re.compile(r"log[- ]?rank|kaplan|curve|figure|fig\.|interaction|trend", re.I)


def _p_values(published: Published, log: Log) -> None:
    words = binding.dictionary(published)
    rows: dict[tuple[str, str], list[Ratio]] = {}
    for ratio in published.ratios:
        if ratio.where.table and ratio.p and ratio.endpoint and ratio.model:
            rows.setdefault((ratio.endpoint, ratio.model), []).append(ratio)
    for stated in published.p_values:
        if stated.endpoint and stated.model and not _NOT_OF_THE_MODEL.search(stated.where.quote):
            row = _row_of(stated, rows.get((stated.endpoint, stated.model), []), words)
            if row is not None:
                _compare_p(stated, row, published, log)


def _row_of(stated: PValue, candidates: Sequence[Ratio], words: names.Dictionary) -> Ratio | None:
    """The one row that a sentence's p is about, of the one table with its endpoint and model."""
    if len({r.where.table for r in candidates}) != 1:
        return None
    index = names.best_match(
        names.tokens(stated.subject, words),
        [names.tokens(r.variable, words) for r in candidates],
        least=0.6,
    )
    if index is None:
        return None
    row = candidates[index]
    return row if sum(r.variable == row.variable for r in candidates) == 1 else None


def _compare_p(stated: PValue, row: Ratio, published: Published, log: Log) -> None:
    printed, text = probability(row.p), probability(stated.p)
    if printed is None or text is None:
        return
    log.checked(stated, row)
    if printed.overlaps(text):
        return
    place = (row.where.table, row.where.row)
    same_row = [r.p for r in published.ratios if (r.where.table, r.where.row) == place]
    if any(_agree(p, stated.p) for p in same_row):
        # The text speaks of another column of that row.
        return
    again = (q for q in published.p_values if q is not stated and q.subject == stated.subject)
    if any(_agree(q.p, row.p) for q in again):
        return
    # Where log-rank tests were done, the text may print their p beside a Cox table; but not
    # with the same digits, a decimal place apart.
    other_test = (
        "log-rank" in binding.methods(published)
        and stated.model == "univariable"
        and stated.p.strip("0.") != row.p.strip("0.")
    )
    log.add(
        Finding(
            "twice.p",
            Certainty.UNUSUAL if other_test else Certainty.INCONSISTENT,
            f"{row.variable}, {row.model} {row.endpoint}: p = {stated.p} in the text, "
            f"{row.p} in {row.where.table}",
            (stated.where, row.where),
            RULE,
            (f"{stated.p} allows {text}; {row.p} allows {printed}: they don't meet",),
            (f"{stated.p} allows {text}", f"{row.p} allows {printed}"),
            (),
            (
                f"the text's p was looked for in every column of the row: {', '.join(same_row)}",
                "both are of the same endpoint and the same kind of model, in the paper's words",
            ),
            (stated.p, row.p),
        )
    )


def _agree(one: str, two: str) -> bool:
    a, b = probability(one), probability(two)
    return a is not None and b is not None and a.overlaps(b)
