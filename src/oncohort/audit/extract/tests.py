"""Printed tests: statistics with degrees of freedom and p in prose, 2 x 2 tables with a p."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from oncohort.audit.document import Table
from oncohort.audit.extract import cells, table_ratios
from oncohort.audit.extract.layout import normalise, parts_of
from oncohort.audit.extract.sentences import Sentence
from oncohort.published.model import Test, TwoByTwo

_NUMBER = r"[-−–]?\s?(?:\d+(?:[.·]\d+)?|[.·]\d+)"
_P = (
    r"[\s,;(\[]*(?:two[- ](?:sided|tailed)\s++)?p(?:[- ]?values?)?\s*+(?P<relation>[=<>≤≥])\s*+"
    r"(?P<p>\d*[.·]\d+(?![.·]?\d)(?:\s*+[x×]\s*+10\s*+\^?\s*+[-−–]\d+)?)(?!\s?[eE]\s?[-−–+]?\d)"
)
_DF = r"\s*+(?P<df>\d+(?:[.·]\d+)?)"
_NAMED_DF = rf"(?:df|d\.f\.)\s*+=\s*+{_DF}"
_CHI2 = r"(?:[χΧ]\s*+(?:2|²|\^2)|\bchi[- ]?squared?|\bchi2)"
_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("t", re.compile(rf"(?<![A-Za-z])t\s*+\({_DF}\s*+\)\s*+=\s*+(?P<value>{_NUMBER}){_P}")),
    (
        "t",
        re.compile(rf"(?<![A-Za-z])t\s*+=\s*+(?P<value>{_NUMBER})\s*+[,;]\s*+{_NAMED_DF}{_P}"),
    ),
    (
        "F",
        re.compile(
            rf"(?<![A-Za-z])F\s*+\({_DF}\s*+[,;]\s*+(?P<df2>\d+(?:[.·]\d+)?)\s*+\)\s*+=\s*+"
            rf"(?P<value>{_NUMBER}){_P}"
        ),
    ),
    (
        "chi2",
        re.compile(
            rf"{_CHI2}\s*+\({_DF}\s*+(?:[,;]\s*+[Nn]\s*+=\s*+(?P<n>\d+)\s*+)?\)"
            rf"\s*+=\s*+(?P<value>{_NUMBER}){_P}",
            re.I,
        ),
    ),
    (
        "chi2",
        re.compile(
            rf"{_CHI2}\s*+=\s*+(?P<value>{_NUMBER})\s*+[,;]\s*+{_NAMED_DF}{_P}",
            re.I,
        ),
    ),
    ("z", re.compile(rf"(?<![A-Za-z])[zZ]\s*+=\s*+(?P<value>{_NUMBER}){_P}")),
    ("r", re.compile(rf"(?<![A-Za-z])r\s*+\({_DF}\s*+\)\s*+=\s*+(?P<value>{_NUMBER}){_P}")),
)  # fmt: skip
_OTHER_TESTS = re.compile(
    r"standardi[sz]ed|\bSMD\b|adjusted|matched|paired|McNemar|trend|log[- ]?rank|hazard", re.I
)
_NAMED = (
    ("fisher", re.compile(r"\bfisher", re.I)),
    ("chi2", re.compile(r"\bchi[- ]?squared?|[χΧ]\s*(?:2|²)", re.I)),
)


_MOST_ARMS = 6
_MOST_LEVELS = 10


def read_tests(sentences: Sequence[Sentence]) -> Iterator[Test]:
    """Test statistics that a sentence prints with degrees of freedom and p.

    Examples
    --------
    >>> from oncohort.published.model import Where
    >>> s = Sentence("Age differed (t(40) = 2.10, p = 0.042).", Where("results"), True, 0)
    >>> [(t.kind, t.statistic, t.df, t.p) for t in read_tests([s])]
    [('t', '2.10', ('40',), '0.042')]
    """
    for sentence in sentences:
        taken: list[tuple[int, int]] = []
        for kind, pattern in _PATTERNS:
            for match in pattern.finditer(sentence.text):
                if any(match.start() < b and a < match.end() for a, b in taken):
                    continue
                taken.append(match.span())
                groups = match.groupdict()
                df = tuple(_plain(groups[k]) for k in ("df", "df2") if groups.get(k))
                if kind in {"r", "t"} and df == ("2",):
                    continue  # "r(2) = 0.79" is r squared, its exponent set in brackets
                relation = "" if match["relation"] == "=" else match["relation"]
                yield Test(
                    kind,
                    _plain(match["value"]),
                    df,
                    relation + _plain(match["p"]),
                    groups.get("n") or "",
                    sentence.where,
                )


def _plain(text: str) -> str:
    return re.sub(r"\s", "", text.replace("·", ".")).replace("−", "-").replace("–", "-")


def read_cross_tables(tables: Sequence[Table], cohort: str) -> Iterator[TwoByTwo]:
    """Variables of tables of two or more arms that print a p beside the counts.

    Every column has to give its size, the levels have to add up to it in each (so that nothing
    is missing), and the p has to stand in one cell for the variable.
    """
    for each in tables:
        for part in parts_of(each):
            yield from _of_table(normalise(part), cohort)


def _of_table(table: Table, cohort: str) -> Iterator[TwoByTwo]:
    columns = cells.p_columns(table)
    if len(columns) != 1:
        return
    p_column = columns[0]
    everything = " ".join([table.caption, *(c for h in table.header for c in h), *table.notes])
    if cells.SKIPPED.search(everything) or _OTHER_TESTS.search(everything):
        return
    arms = [
        c
        for c in cells.count_columns(table, {p_column}, cohort)
        if c.n.isdigit() and not re.search(r"\b(?:total|all|overall|whole)\b", c.heading, re.I)
    ]
    if not 2 <= len(arms) <= _MOST_ARMS:
        return
    tests = [name for name, pattern in _NAMED if pattern.search(everything)]
    test = tests[0] if len(tests) == 1 else ""
    for block in cells.blocks_of(cells.without_p(table), arms):
        if block.heading is None or not 2 <= len(block.rows) <= _MOST_LEVELS:
            continue
        rows = [table.rows[k] for k in block.rows]
        heading = table.rows[block.heading]
        printed = [
            p for r in (heading, *rows) if (p := table_ratios.p_text(r.cells[p_column])) and p != ""
        ]
        if len(printed) != 1:
            continue
        pairs = [[cells.pair_in(r, arm) for arm in arms] for r in rows]
        if any(level is None for row in pairs for level in row):
            continue
        counts = tuple(tuple(x.count for x in row if x is not None) for row in pairs)
        if any(sum(int(row[k]) for row in counts) != int(a.n) for k, a in enumerate(arms)):
            continue
        where = cells.place(table, rows[0], p_column, heading.label)
        quote = " / ".join(r.quote for r in (heading, *rows))
        yield TwoByTwo(heading.label, counts, printed[0], test, replace(where, quote=quote))
