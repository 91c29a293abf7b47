"""What HR, OR and RR stand for in a paper: a hazard ratio, or a heart rate."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from oncohort.audit.document import Paper, Table
from oncohort.published.model import Ratio

_LONG = {
    "HR": re.compile(r"\bhazards?\b", re.I),
    "OR": re.compile(r"\bodds\b", re.I),
    "RR": re.compile(r"\b(?:relative[- ]risks?|(?:risk|rate)[- ]ratios?|relative rates?)\b", re.I),
}
_OTHER = {
    "HR": re.compile(r"\bheart[- ]rates?\b|\bbpm\b|\bbeats\b", re.I),
    "OR": re.compile(r"\boperating (?:room|theat)|\b(?:overall|objective) (?:response|remission)|"
                     r"\boral rehydration", re.I),
    "RR": re.compile(r"\b(?:respirat\w+|response|relapse|recovery|remission|recurrence|resection|"
                     r"retention|reporting) rates?\b|\bR-?R[- ]interval|\bRiva[- ]Rocci|"
                     r"\bblood pressure", re.I),
}  # fmt: skip


def sure_of_kind(
    ratios: Iterable[Ratio], paper: Paper, defined: Mapping[str, str]
) -> Iterator[Ratio]:
    """Ratios whose short name means a ratio in this paper.

    The long name in the table or the sentence settles it; then the paper's own definition; then,
    where the letters may stand for something else that the paper speaks of ("heart rate"), the
    table or the sentence has to say "CI", and the figures may not be those of a rate.
    """
    everything = " ".join(
        [paper.title, *(p.text for p in paper.paragraphs), *(_words(t) for t in paper.tables)]
    )
    tables: dict[str, str] = {}
    for table in paper.tables:
        # Of several tables with one label it isn't known which one is meant.
        tables[table.label] = "" if table.label in tables else _words(table)
    anywhere = {kind: bool(pattern.search(everything)) for kind, pattern in _LONG.items()}
    other = {kind: bool(pattern.search(everything)) for kind, pattern in _OTHER.items()}
    for ratio in ratios:
        kind = ratio.kind
        if kind not in _LONG:
            continue
        place = f"{ratio.where.column} {ratio.where.quote}"
        around = f"{tables.get(ratio.where.table, '')} {place}"
        if _LONG[kind].search(around):
            yield ratio
        elif kind in defined and _OTHER[kind].search(defined[kind]):
            continue
        elif not other[kind] or (
            _small(ratio) and re.search(r"\bCI\b|confidence", around if anywhere[kind] else place)
        ):
            yield ratio


def _words(table: Table) -> str:
    heads = [cell for row in table.header for cell in row]
    return " ".join([table.caption, *heads, *table.notes, *(r.label for r in table.rows)])


def _small(ratio: Ratio) -> bool:
    """Whether a figure is below 10: heart rates and systolic pressures are not."""
    figures = (ratio.estimate, ratio.low, ratio.high)
    values = [float(f) for f in figures if re.fullmatch(r"\d+(?:\.\d+)?", f)]
    return bool(values) and min(values) < 10
