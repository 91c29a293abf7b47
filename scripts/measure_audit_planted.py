"""What the audit says of errors planted into real papers, one at a time.

    python scripts/measure_audit_planted.py FOLDER [--every 3] [--kind NAME] [--show]

FOLDER holds papers as JATS XML. Places are found in the paper's cells and sentences by patterns
of their own, apart from the audit's readers: so a place that isn't read counts as missed. Each
error changes one printed figure (or exchanges two cells) so that the place contradicts itself.
Printed are, by kind, how many were told aloud, how many only as *unusual*, and how many not.
"""

from __future__ import annotations

import argparse
import itertools
import random
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from oncohort.audit.document import Paper, Paragraph, Table
from oncohort.audit.extract.paper import extract
from oncohort.audit.finding import Certainty, Finding
from oncohort.audit.readers import read_paper
from oncohort.audit.run import audit_published
from oncohort.problems import ReadError

_RANGE = r"(\d+\.\d+)(\s?(?:-|\u2013|\u2212|to|,)\s?)(\d+\.\d+)"
_PAIR = re.compile(r"^(\d+) ?\((\d+(?:\.\d+)?) ?%?\)$")
_RATIO_CELL = re.compile(rf"^(\d+\.\d+) ?([(\[]){_RANGE}[)\]]$")
_RATIO_TEXT = re.compile(
    rf"\b(?:hazard ratio|odds ratio|HR|OR|RR)\b[^.;()]{{0,12}}?[ =:,]+(\d+\.\d+)"
    rf"([^.\d]{{1,4}}95 ?% ?(?:CI|confidence interval)[^\d.]{{1,5}}){_RANGE}"
)
_MEDIAN_TEXT = re.compile(
    rf"\bmedian\b[^.()]{{1,60}}?(\d+\.\d+)([^.()]{{1,12}}\([^.\d)]{{0,5}}95 ?% ?CI[^\d.]{{1,5}})"
    rf"{_RANGE}"
)
_FRACTION = re.compile(r"\b(\d+)( of |/)(\d+)( (?:patients|participants|subjects|women|men))?"
                       r" ?\((\d+(?:\.\d+)?) ?%\)")  # fmt: skip
_COUNT = re.compile(r"(?<![\d.,/])(\d{1,4}) ?\((\d+(?:\.\d+)) ?%\)")
_P = re.compile(r"([Pp]\s?=\s?)(0?\.\d+)")
_STATISTIC = re.compile(r"\b([tF] ?\(\d+(?:, ?\d+)?\) ?= ?-?\d+\.\d+[,;] ?[pP] ?= ?)(0?\.\d+)")
_SIZE = re.compile(r"\b[nN]\s?=\s?(\d+)")


@dataclass(frozen=True)
class Planted:
    """A paper with one error: what it printed, and what it prints now."""

    paper: Paper
    was: str
    now: str


def _digit(text: str, chance: random.Random, *, last: bool = False) -> str:
    """One digit changed: not the last decimal of a percentage, unless it is asked for."""
    places = [k for k, c in enumerate(text) if c.isdigit()]
    if "." in text and not last:
        places = [k for k in places if k < text.index(".")] or places[:1]
    k = chance.choice(places)
    other = [d for d in "0123456789" if d != text[k] and not (k == 0 and d == "0")]
    return text[:k] + chance.choice(other) + text[k + 1 :]


def _set(paper: Paper, block: int, row: int, cell: int, text: str) -> Paper:
    table = paper.blocks[block]
    assert isinstance(table, Table)
    one = table.rows[row]
    cells = (*one.cells[:cell], text, *one.cells[cell + 1 :])
    rows = (*table.rows[:row], replace(one, cells=cells, raw=""), *table.rows[row + 1 :])
    return _with(paper, block, replace(table, rows=rows))


def _with(paper: Paper, block: int, new: Table | Paragraph) -> Paper:
    return replace(paper, blocks=(*paper.blocks[:block], new, *paper.blocks[block + 1 :]))


def _cells(paper: Paper) -> Iterator[tuple[int, int, int, Table, str]]:
    for b, block in enumerate(paper.blocks):
        if isinstance(block, Table):
            for r, row in enumerate(block.rows):
                for c, cell in enumerate(row.cells[1:], 1):
                    yield b, r, c, block, cell.strip()


@dataclass(frozen=True)
class _Pair:
    """A cell "count (percentage)" that is right, of the patients that its heading says."""

    block: int
    row: int
    column: int
    cell: str
    n: int

    @property
    def hit(self) -> re.Match[str]:
        found = _PAIR.match(self.cell)
        assert found is not None
        return found

    @property
    def count(self) -> str:
        return self.hit[1]

    @property
    def percent(self) -> str:
        return self.hit[2]

    def written(self, count: str, percent: str) -> str:
        """The cell with another count or percentage, printed as it was."""
        hit = self.hit
        middle = self.cell[hit.end(1) : hit.start(2)]
        return f"{count}{middle}{percent}{self.cell[hit.end(2) :]}"

    def off(self, count: str, percent: str) -> bool:
        return _off(count, percent, self.n)

    def planted(self, paper: Paper, count: str, percent: str) -> Planted:
        now = self.written(count, percent)
        new = _set(paper, self.block, self.row, self.column, now)
        return Planted(new, self.cell, now)


def _pairs(paper: Paper) -> Iterator[_Pair]:
    for b, r, c, table, cell in _cells(paper):
        hit = _PAIR.match(cell)
        sizes = _SIZE.findall(table.heading(c))
        if not hit or len(sizes) != 1 or "." not in hit[2]:
            continue
        n, count = int(sizes[0]), int(hit[1])
        if n >= 20 and 2 <= count <= n and _share(count, n, hit[2]) == hit[2]:
            yield _Pair(b, r, c, cell, n)


def _share(count: int, n: int, like: str) -> str:
    return f"{100 * count / n:.{len(like.partition('.')[2])}f}"


def _off(count: str, percent: str, n: int) -> bool:
    return abs(100 * int(count) / n - float(percent)) > 1 and float(percent) <= 100


def wrong_percentage(paper: Paper, chance: random.Random) -> Iterator[Planted]:
    """A digit of a percentage in a cell."""
    for pair in _pairs(paper):
        new = _digit(pair.percent, chance)
        if pair.off(pair.count, new):
            yield pair.planted(paper, pair.count, new)


def wrong_count(paper: Paper, chance: random.Random) -> Iterator[Planted]:
    """A digit of a count in a cell."""
    for pair in _pairs(paper):
        new = _digit(pair.count, chance)
        if 0 < int(new) <= pair.n and pair.off(new, pair.percent):
            yield pair.planted(paper, new, pair.percent)


def share_of_others(paper: Paper, chance: random.Random) -> Iterator[Planted]:
    """The percentage as it would be of somewhat more patients than there are."""
    for pair in _pairs(paper):
        new = _share(int(pair.count), pair.n + chance.randint(5, 15), pair.percent)
        if pair.off(pair.count, new):
            yield pair.planted(paper, pair.count, new)


def _by(pairs: Iterator[_Pair], *, rows: bool) -> Iterator[list[_Pair]]:
    found: dict[tuple[int, int], list[_Pair]] = defaultdict(list)
    for pair in pairs:
        found[pair.block, pair.row if rows else pair.column].append(pair)
    yield from found.values()


def sum_off(paper: Paper, chance: random.Random) -> Iterator[Planted]:
    """A level of several that share out the patients has some more, with their percentage."""
    for column in _by(_pairs(paper), rows=False):
        for k in range(len(column)):
            for m in range(k + 2, min(k + 6, len(column) + 1)):
                some = column[k:m]
                close = some[-1].row - some[0].row == len(some) - 1
                if close and sum(int(x.count) for x in some) == some[0].n:
                    one = chance.choice(some)
                    count = int(one.count)
                    more = count + (chance.choice((10, -10)) if count > 12 else 10)
                    if 0 < more < one.n:
                        share = _share(more, one.n, one.percent)
                        yield one.planted(paper, str(more), share)


def swapped_arms(paper: Paper, chance: random.Random) -> Iterator[Planted]:
    """Two cells of a row exchanged between arms of different size."""
    del chance
    for cells in _by(_pairs(paper), rows=True):
        if len(cells) != 2 or cells[0].n == cells[1].n:
            continue
        one, two = cells
        if one.off(two.count, two.percent) and two.off(one.count, one.percent):
            new = _set(paper, one.block, one.row, one.column, two.cell)
            new = _set(new, two.block, two.row, two.column, one.cell)
            yield Planted(new, one.cell, two.cell)


def exchanged_counts(paper: Paper, chance: random.Random) -> Iterator[Planted]:
    """The counts of two neighbouring rows exchanged, the percentages left where they are."""
    del chance
    for column in _by(_pairs(paper), rows=False):
        for one, two in itertools.pairwise(column):
            if one.off(two.count, one.percent) and two.off(one.count, two.percent):
                first = one.planted(paper, two.count, one.percent)
                now = two.written(one.count, two.percent)
                new = _set(first.paper, two.block, two.row, two.column, now)
                yield Planted(new, f"{one.cell} {two.cell}", f"{first.now} {now}")


def _outside(low: str, high: str, chance: random.Random) -> str:
    places = len(low.partition(".")[2])
    value = float(high) * 1.3 + 0.1 if chance.random() < 0.5 else float(low) * 0.7
    return f"{value:.{places}f}"


def _ratio_cells(paper: Paper) -> Iterator[tuple[int, int, int, str, re.Match[str]]]:
    for b, r, c, table, cell in _cells(paper):
        hit = _RATIO_CELL.match(cell)
        named = re.search(r"\b(?:HR|OR|RR|ratio)", table.heading(c) + table.caption)
        if hit and named and float(hit[3]) < float(hit[1]) < float(hit[5]):
            yield b, r, c, cell, hit


def ratio_outside_cell(paper: Paper, chance: random.Random) -> Iterator[Planted]:
    """An estimate above or below its interval in a cell."""
    for b, r, c, cell, hit in _ratio_cells(paper):
        now = _outside(hit[3], hit[5], chance) + cell[hit.end(1) :]
        yield Planted(_set(paper, b, r, c, now), cell, now)


def bounds_turned_cell(paper: Paper, chance: random.Random) -> Iterator[Planted]:
    """The two limits of an interval in a cell exchanged."""
    del chance
    for b, r, c, cell, hit in _ratio_cells(paper):
        now = f"{hit[1]} ({hit[5]}{hit[4]}{hit[3]})"
        yield Planted(_set(paper, b, r, c, now), cell, now)


def p_against_interval_cell(paper: Paper, chance: random.Random) -> Iterator[Planted]:
    """A p below 0.01 beside an interval that holds 1, or 0.6 beside one that doesn't."""
    del chance
    for b, r, c, table, cell in _cells(paper):
        hit = _RATIO_CELL.match(cell)
        row = table.rows[r].cells
        if not hit or c + 1 >= len(row) or not re.search(r"\b(?:HR|OR|RR|ratio)", table.heading(c)):
            continue
        p = row[c + 1].strip()
        if re.fullmatch(r"0?\.\d+", p) and re.search(r"\b[pP]\b", table.heading(c + 1)):
            holds = float(hit[3]) < 0.9 and float(hit[5]) > 1.1
            apart = float(hit[3]) > 1.1 or float(hit[5]) < 0.9
            if (holds and float(p) > 0.1) or (apart and float(p) < 0.05):
                new = "0.004" if holds else "0.61"
                yield Planted(_set(paper, b, r, c + 1, new), f"{cell} {p}", f"{cell} {new}")


def _texts(paper: Paper) -> Iterator[tuple[int, Paragraph]]:
    for b, block in enumerate(paper.blocks):
        if isinstance(block, Paragraph) and block.section in ("results", "abstract"):
            yield b, block


def _edit(paper: Paper, b: int, block: Paragraph, start: int, end: int, text: str) -> Paper:
    return _with(paper, b, replace(block, text=block.text[:start] + text + block.text[end:]))


def ratio_outside_text(paper: Paper, chance: random.Random) -> Iterator[Planted]:
    for b, block in _texts(paper):
        for hit in _RATIO_TEXT.finditer(block.text):
            if float(hit[3]) < float(hit[1]) < float(hit[5]):
                new = _outside(hit[3], hit[5], chance)
                yield Planted(_edit(paper, b, block, hit.start(1), hit.end(1), new), hit[0], new)


def p_against_interval_text(paper: Paper, chance: random.Random) -> Iterator[Planted]:
    del chance
    for b, block in _texts(paper):
        for hit in _RATIO_TEXT.finditer(block.text):
            p = _P.search(block.text, hit.end(), hit.end() + 18)
            if p is None:
                continue
            holds = float(hit[3]) < 0.9 and float(hit[5]) > 1.1
            apart = float(hit[3]) > 1.1 or float(hit[5]) < 0.9
            if (holds and float(p[2]) > 0.1) or (apart and float(p[2]) < 0.05):
                new = "0.004" if holds else "0.61"
                yield Planted(_edit(paper, b, block, p.start(2), p.end(2), new), hit[0] + p[0], new)


def median_outside(paper: Paper, chance: random.Random) -> Iterator[Planted]:
    for b, block in _texts(paper):
        for hit in _MEDIAN_TEXT.finditer(block.text):
            if float(hit[3]) < float(hit[1]) < float(hit[5]):
                new = _outside(hit[3], hit[5], chance)
                yield Planted(_edit(paper, b, block, hit.start(1), hit.end(1), new), hit[0], new)


def _fractions(paper: Paper) -> Iterator[tuple[int, Paragraph, re.Match[str]]]:
    for b, block in _texts(paper):
        for hit in _FRACTION.finditer(block.text):
            count, n, percent = int(hit[1]), int(hit[3]), hit[5]
            places = len(percent.partition(".")[2])
            if n >= 20 and count <= n and f"{100 * count / n:.{places}f}" == percent:
                yield b, block, hit


def fraction_percentage(paper: Paper, chance: random.Random) -> Iterator[Planted]:
    for b, block, hit in _fractions(paper):
        new = _digit(hit[5], chance)
        if _off(hit[1], new, int(hit[3])):
            yield Planted(_edit(paper, b, block, hit.start(5), hit.end(5), new), hit[0], new)


def fraction_count(paper: Paper, chance: random.Random) -> Iterator[Planted]:
    for b, block, hit in _fractions(paper):
        new = _digit(hit[1], chance)
        if int(new) <= int(hit[3]) and _off(new, hit[5], int(hit[3])):
            yield Planted(_edit(paper, b, block, hit.start(1), hit.end(1), new), hit[0], new)


def more_than_all(paper: Paper, chance: random.Random) -> Iterator[Planted]:
    for b, block, hit in _fractions(paper):
        new = str(int(hit[3]) + chance.randint(2, 9))
        yield Planted(_edit(paper, b, block, hit.start(1), hit.end(1), new), hit[0], new)


def count_in_text(paper: Paper, chance: random.Random) -> Iterator[Planted]:
    """A percentage with a decimal that no number of patients gives."""
    for b, block in _texts(paper):
        for hit in _COUNT.finditer(block.text):
            count = int(hit[1])
            if count < 3 or float(hit[2]) > 100:
                continue
            for _ in range(9):
                new = _digit(hit[2], chance)
                n = round(100 * count / float(new)) if float(new) else 0
                gives = {f"{100 * count / m:.1f}" for m in (n - 1, n, n + 1) if m >= count}
                if float(new) <= 100 and new not in gives and len(new.partition(".")[2]) == 1:
                    yield Planted(
                        _edit(paper, b, block, hit.start(2), hit.end(2), new), hit[0], new
                    )
                    break


def statistic(paper: Paper, chance: random.Random) -> Iterator[Planted]:
    del chance
    for b, block in _texts(paper):
        for hit in _STATISTIC.finditer(block.text):
            new = "0.61" if float(hit[2]) < 0.2 else "0.004"
            yield Planted(_edit(paper, b, block, hit.start(2), hit.end(2), new), hit[0], new)


KINDS: dict[str, Callable[[Paper, random.Random], Iterator[Planted]]] = {
    "table: a digit of a percentage": wrong_percentage,
    "table: a digit of a count": wrong_count,
    "table: a percentage of 5 to 15 patients more": share_of_others,
    "table: ten patients more or fewer in a level, with their percentage": sum_off,
    "table: cells of two arms exchanged": swapped_arms,
    "table: counts of two rows exchanged": exchanged_counts,
    "table: a ratio outside its interval": ratio_outside_cell,
    "table: bounds in the wrong order": bounds_turned_cell,
    "table: p against the interval": p_against_interval_cell,
    "text: a ratio outside its interval": ratio_outside_text,
    "text: p against the interval": p_against_interval_text,
    "text: a median outside its interval": median_outside,
    "text: a digit of the percentage of n/N": fraction_percentage,
    "text: a digit of the count of n/N": fraction_count,
    "text: more patients than all in n/N": more_than_all,
    "text: a percentage that no number of patients gives": count_in_text,
    "text: p against its statistic": statistic,
}


def told(paper: Paper) -> list[Finding]:
    """Everything that the audit says of a paper."""
    published, _ = extract(paper)
    return list(audit_published(published).findings)


def _key(finding: Finding) -> tuple[str, tuple[str, ...]]:
    return finding.id, tuple(finding.figures)


def verdict(planted: Planted, before: Sequence[Finding]) -> tuple[str, str]:
    """``aloud``, ``unusual`` or ``not told``, and the rule that told it."""
    old = {_key(f) for f in before}
    new = [f for f in told(planted.paper) if _key(f) not in old]
    for name, some in (
        ("aloud", [f for f in new if f.certainty is not Certainty.UNUSUAL]),
        ("unusual", [f for f in new if f.certainty is Certainty.UNUSUAL]),
    ):
        if some:
            return name, some[0].id
    return "not told", ""


def main(arguments: Sequence[str] | None = None) -> None:
    """Plant and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--every", type=int, default=1, help="every how many papers")
    parser.add_argument("--kind", default="", help="only kinds whose name holds this")
    parser.add_argument("--show", action="store_true", help="print what was not told")
    chosen = parser.parse_args(arguments)
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for path in sorted(chosen.folder.glob("*.nxml"))[:: chosen.every]:
        try:
            paper = read_paper(path)
        except ReadError:
            continue
        before: list[Finding] | None = None
        for kind, plant in KINDS.items():
            if chosen.kind not in kind:
                continue
            chance = random.Random(f"{path.stem} {kind}")
            places = list(plant(paper, chance))
            if not places:
                continue
            if before is None:
                before = told(paper)
            one = chance.choice(places)
            said, rule = verdict(one, before)
            counts[kind][said] += 1
            if chosen.show and said != "aloud":
                print(f"{path.stem} | {kind} | {one.was} -> {one.now} | {said} {rule}", flush=True)
    print("| planted error | papers | aloud | only *unusual* | not told |\n|---|---|---|---|---|")
    for kind, found in counts.items():
        print(
            f"| {kind} | {found.total()} | {found['aloud']} | {found['unusual']} | "
            f"{found['not told']} |"
        )


if __name__ == "__main__":
    main()
