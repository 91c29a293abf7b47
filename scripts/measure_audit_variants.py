"""What the audit says of papers that are changed without changing what they mean.

    python scripts/measure_audit_variants.py FOLDER [--every 3]

FOLDER holds papers as JATS XML. Each variant changes the form of a paper's tables and sentences
(where the sizes stand, how numbers are written, the order of columns). Whatever is told aloud of
a variant and not of the paper itself is printed: it is a false alarm of the layout.
"""

from __future__ import annotations

import argparse
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from oncohort.audit.document import Paper, Paragraph, Row, Table
from oncohort.audit.extract.paper import extract
from oncohort.audit.finding import Certainty, Finding
from oncohort.audit.readers import read_paper
from oncohort.audit.run import audit_published
from oncohort.problems import ReadError

Change = Callable[[Table], Table]
_SIZE = re.compile(r"\s*[(\[]?\s*\b[nN]\s*=\s*\d[\d,]*\s*[)\]]?")
_PAIR = re.compile(r"^(\d[\d,]*)\s*\((\d+(?:\.\d+)?)\s*%?\)$")


def _cells(change: Callable[[str], str], *, labels: bool = False) -> Change:
    """A change of every cell of the body (and of its labels)."""

    def apply(table: Table) -> Table:
        rows = []
        for row in table.rows:
            first = change(row.label) if labels else row.label
            rows.append(replace(row, cells=(first, *map(change, row.values)), raw=""))
        return replace(table, rows=tuple(rows))

    return apply


def _split_sizes(table: Table) -> Table:
    """Sizes of the last header row in a header row of their own."""
    if not table.header:
        return table
    last = table.header[-1]
    sizes = tuple((m[0].strip() if (m := _SIZE.search(c)) else "") for c in last)
    if not any(sizes):
        return table
    names = tuple(_SIZE.sub("", c) for c in last)
    return replace(table, header=(*table.header[:-1], names, sizes))


def _merge_header(table: Table) -> Table:
    """All header rows as one."""
    if len(table.header) < 2:
        return table
    one = tuple(
        " ".join(dict.fromkeys(c for c in col if c)) for col in zip(*table.header, strict=False)
    )
    return replace(table, header=(one,))


def _moved_sizes(table: Table, *, note: bool) -> Table:
    """Sizes said in the caption or in a footnote instead of the headings."""
    said = [
        f"{_SIZE.sub('', c).strip()}: {m[0].strip(' ()[]')}"
        for row in table.header for c in dict.fromkeys(row) if (m := _SIZE.search(c))
    ]  # fmt: skip
    if not said:
        return table
    header = tuple(tuple(_SIZE.sub("", c) for c in row) for row in table.header)
    text = "; ".join(said)
    if note:
        return replace(table, header=header, notes=(*table.notes, text))
    return replace(table, header=header, caption=f"{table.caption} ({text})")


def _transposed(table: Table) -> Table:
    """Rows as columns."""
    if any(r.joined for r in table.rows) or not table.header or not table.width:
        return table
    width = table.width
    heads = [table.heading(c) for c in range(width)]
    header = ((heads[0], *(r.label for r in table.rows)),)
    rows = tuple(
        Row((heads[c], *(r.cells[c] if c < len(r.cells) else "" for r in table.rows)))
        for c in range(1, width)
    )
    return replace(table, header=header, rows=rows)


def _reversed_columns(table: Table) -> Table:
    """The columns behind the labels in the other order."""
    if any(r.joined for r in table.rows):
        return table
    turn = lambda cells: (cells[0], *reversed(cells[1:])) if cells else cells  # noqa: E731
    rows = tuple(replace(r, cells=turn(r.cells), raw="") for r in table.rows)
    return replace(table, header=tuple(turn(h) for h in table.header), rows=rows)


def _flat(table: Table) -> Table:
    """No indents."""
    return replace(table, rows=tuple(replace(r, indent=0) for r in table.rows))


def _no_headings(table: Table) -> Table:
    """Without the rows that head a block."""
    rows = tuple(r for r in table.rows if any(v.strip() for v in r.values))
    return replace(table, rows=rows)


def _split_pairs(table: Table) -> Table:
    """Counts and percentages in columns of their own."""
    wanted = [
        c for c in range(1, table.width)
        if sum(bool(_PAIR.match(r.cells[c].strip())) for r in table.rows if c < len(r.cells)) > 2
    ]  # fmt: skip
    if not wanted or any(r.joined for r in table.rows):
        return table

    def widen(cells: Sequence[str], *, head: bool) -> tuple[str, ...]:
        out: list[str] = []
        for c, cell in enumerate(cells):
            hit = _PAIR.match(cell.strip()) if c in wanted and not head else None
            if c in wanted:
                out += [cell, cell] if head else [hit[1], hit[2]] if hit else [cell, ""]
            else:
                out.append(cell)
        return tuple(out)

    units: list[str] = []
    for c in range(table.width):
        units += ["n", "%"] if c in wanted else [""]
    header = (*(widen(h, head=True) for h in table.header), tuple(units))
    rows = tuple(replace(r, cells=widen(r.cells, head=False), raw="") for r in table.rows)
    return replace(table, header=header, rows=rows)


def _total(table: Table) -> Table:
    """A row of totals below."""
    sizes = [m[0] if (m := re.search(r"\b[nN]\s*=\s*(\d+)", table.heading(c))) else "" for c in
             range(table.width)]  # fmt: skip
    cells = ("Total", *(f"{re.sub('[^0-9]', '', s)} (100)" if s else "" for s in sizes[1:]))
    return replace(table, rows=(*table.rows, Row(cells))) if any(sizes) else table


def _subtotals(table: Table) -> Table:
    """Above each block a row with the sum of its first two counts."""
    rows: list[Row] = []
    for k, row in enumerate(table.rows):
        rows.append(row)
        below = table.rows[k + 1 : k + 3]
        if any(v.strip() for v in row.values) or len(below) < 2:
            continue
        cells = [f"{row.label.strip() or 'Any'}, either"]
        for c in range(1, len(row.cells)):
            hits = [_PAIR.match(b.cells[c].strip()) if c < len(b.cells) else None for b in below]
            size = re.search(r"\b[nN]\s*=\s*(\d+)", table.heading(c))
            if all(hits) and size and int(size[1]):
                both = sum(int(h[1].replace(",", "")) for h in hits if h)
                share = 100 * both / int(size[1])
                cells.append(f"{both} ({share:.1f})" if share <= 100 else "")
            else:
                cells.append("")
        if any(cells[1:]):
            rows.append(Row(tuple(cells), indent=below[0].indent))
    return replace(table, rows=tuple(rows))


def _thousands(text: str) -> str:
    return re.sub(r"(?<![\d.,])(\d{1,3})(\d{3})(?=\s*[(\[/]|$)(?!\.)", r"\1,\2", text)


def _other_unit(table: Table) -> Table:
    """Lesions instead of patients."""
    swap = lambda t: re.sub(r"\b(?:patients|participants|subjects)\b", "lesions", t)  # noqa: E731
    header = tuple(tuple(map(swap, h)) for h in table.header)
    return replace(table, header=header, caption=swap(table.caption))


TABLES: dict[str, Change] = {
    "sizes in a header row of their own": _split_sizes,
    "one header row": _merge_header,
    "sizes in the caption": lambda t: _moved_sizes(t, note=False),
    "sizes in a footnote": lambda t: _moved_sizes(t, note=True),
    "transposed": _transposed,
    "columns in the other order": _reversed_columns,
    "no indents": _flat,
    "no heading rows": _no_headings,
    "counts and percentages apart": _split_pairs,
    "a row of totals": _total,
    "rows of sub-totals": _subtotals,
    "lesions": _other_unit,
    "decimal commas": _cells(lambda t: re.sub(r"(\d)\.(\d)", r"\1,\2", t)),
    "middle dots": _cells(lambda t: re.sub(r"(\d)\.(\d)", "\\1\u00b7\\2", t)),
    "thousands separators": _cells(_thousands),
    "en dashes": _cells(lambda t: re.sub(r"(?<=\d)-(?=\d)", "\u2013", t)),
    "minus signs": _cells(lambda t: re.sub(r"(?<=\d)[-\u2013](?=\d)", "\u2212", t)),
    "to": _cells(lambda t: re.sub(r"(?<=\d)\s?[-\u2013]\s?(?=\d)", " to ", t)),
    "percent signs": _cells(lambda t: _PAIR.sub(r"\1 (\2%)", t)),
    "square brackets": _cells(lambda t: t.replace("(", "[").replace(")", "]")),
    "padded zeros": _cells(lambda t: re.sub(r"^(\d+ \(\d+\.\d)\)$", r"\g<1>0)", t)),
    "upper case": _cells(str.upper, labels=True),
    "no-break blanks": _cells(lambda t: t.replace(" ", "\u00a0"), labels=True),
}
TEXTS: dict[str, Callable[[str], str]] = {
    "text: middle dots": lambda t: re.sub(r"(?<=\d)\.(?=\d)", "\u00b7", t),
    "text: to": lambda t: re.sub(r"(?<=\d)[-\u2013](?=\d)", " to ", t),
    "text: square brackets": lambda t: t.replace("(", "[").replace(")", "]"),
    "text: blanks before percent": lambda t: re.sub(r"(?<=\d)%", " %", t),
    "text: en dashes": lambda t: re.sub(r"(?<=\d)-(?=\d)", "\u2013", t),
}


def variants(paper: Paper) -> Iterator[tuple[str, Paper]]:
    """Every variant that differs from the paper."""
    for name, change in TABLES.items():
        blocks = tuple(change(b) if isinstance(b, Table) else b for b in paper.blocks)
        if blocks != paper.blocks:
            yield name, replace(paper, blocks=blocks)
    for name, edit in TEXTS.items():
        blocks = tuple(
            replace(b, text=edit(b.text)) if isinstance(b, Paragraph) else b for b in paper.blocks
        )
        if blocks != paper.blocks:
            yield name, replace(paper, blocks=blocks)


def loud(paper: Paper) -> list[Finding]:
    """What is told aloud."""
    published, _ = extract(paper)
    found = audit_published(published).findings
    return [f for f in found if f.certainty is not Certainty.UNUSUAL]


def same(one: Finding, two: Finding) -> bool:
    """Whether two findings have a figure pair, or all of their figures, in common."""
    a, b = ([x.rstrip("0").rstrip(".").replace(",", "") for x in f.figures] for f in (one, two))
    pairs = set(zip(a[::2], a[1::2], strict=False)) & set(zip(b[::2], b[1::2], strict=False))
    return a == b or (one.id.split(".")[0] == two.id.split(".")[0] and bool(pairs))


def main(arguments: Sequence[str] | None = None) -> None:
    """Print what only variants say."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--every", type=int, default=1, help="every how many papers")
    chosen = parser.parse_args(arguments)
    tried: Counter[str] = Counter()
    new: Counter[str] = Counter()
    for path in sorted(chosen.folder.glob("*.nxml"))[:: chosen.every]:
        try:
            paper = read_paper(path)
        except ReadError:
            continue
        own = loud(paper)
        for name, variant in variants(paper):
            tried[name] += 1
            for finding in loud(variant):
                if not any(same(finding, other) for other in own):
                    new[name] += 1
                    print(
                        f"{path.stem} | {name} | {finding.id} | {finding.headline[:160]}",
                        flush=True,
                    )
    for name, count in tried.items():
        print(f"{name}: {new[name]} in {count} papers")


if __name__ == "__main__":
    main()
