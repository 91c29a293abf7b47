"""A form per patient, one below the other: names in the first column, values beside them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from oncohort.records.grid import Cell, Joined, Raw, Sheet
from oncohort.records.names import fold
from oncohort.records.sheet_cells import id_names, is_blank

FEWEST = 3
"""Forms below each other from which a sheet is taken for forms."""


def _pairs(sheet: Sheet) -> list[tuple[int, str, Cell]]:
    """Row (from 0), name and value of each line of a form."""
    out = []
    for r, row in enumerate(sheet.rows):
        filled = [v for v in row if not is_blank(v)]
        if filled and isinstance(row[0], str) and not is_blank(row[0]):
            out.append((r, row[0].strip().rstrip(":").strip(), row[1] if len(row) > 1 else None))
    return out


def is_forms(sheet: Sheet) -> bool:
    """Do the same names come again and again in the first column, that of the patient first?

    Examples
    --------
    >>> form = [["Patient", 1], ["Age", 61], ["Status", "dead"], []]
    >>> is_forms(Sheet("c.xlsx", "S", form * 4)), is_forms(Sheet("c.xlsx", "S", form))
    (True, False)
    """
    rows = [r for r in sheet.rows if any(not is_blank(v) for v in r)]
    if not rows or max(sum(not is_blank(v) for v in r) for r in rows) > 2:
        return False
    pairs = _pairs(sheet)
    if len(pairs) < len(rows) or fold(pairs[0][1]) not in id_names():
        return False
    counts = Counter(fold(name) for _, name, _ in pairs)
    forms = counts[fold(pairs[0][1])]
    often = sum(n for n in counts.values() if n >= 0.5 * forms)
    return forms >= FEWEST and 2 <= len(counts) <= 60 and often >= 0.8 * len(pairs)


def forms_by_sheet(sheets: Mapping[str | None, Sheet]) -> list[str | None]:
    """The sheets that hold one form each, that of one patient: several with the same names.

    Examples
    --------
    >>> form = [["Patient", 1], ["Age", 61], ["Status", "dead"]]
    >>> book = {n: Sheet("c.xlsx", n, form) for n in ("Pt 1", "Pt 2", "Pt 3")}
    >>> forms_by_sheet(book), forms_by_sheet({"Pt 1": book["Pt 1"]})
    (['Pt 1', 'Pt 2', 'Pt 3'], [])
    """
    named = {name: names for name, sheet in sheets.items() if (names := _names_of_one(sheet))}
    often = Counter(n for names in named.values() for n in names)
    usual = {n for n, k in often.items() if k >= 0.8 * len(named)}
    found = [s for s, names in named.items() if len(usual & names) >= max(2, 0.5 * len(names))]
    return found if len(found) >= FEWEST and usual & id_names() else []


def _names_of_one(sheet: Sheet) -> set[str]:
    """The names of a sheet that holds one form and nothing else; else none."""
    rows = [r for r in sheet.rows if any(not is_blank(v) for v in r)]
    if not 3 <= len(rows) <= 80 or max(sum(not is_blank(v) for v in r) for r in rows) > 2:
        return set()
    pairs = _pairs(sheet)
    names = [fold(name) for _, name, _ in pairs]
    if len(pairs) < len(rows) or len(set(names)) < len(names):
        return set()
    return set(names)


def unfolded(sheet: Sheet) -> Raw:
    """The forms as a table: a row per patient, a column per name.

    A form begins where the name of the patient stands. A name that a form has twice keeps its
    first value.

    Examples
    --------
    >>> rows = [["ID", 1], ["Age", 61], ["ID:", 2], ["Sex", "f"]]
    >>> raw = unfolded(Sheet("c.xlsx", "S", rows))
    >>> raw.names, raw.columns, list(raw.rows), raw.joined["Age"].rows
    (('ID', 'Age', 'Sex'), [[1, 2], [61, None], [None, 'f']], [1, 3], {1: 2})
    """
    pairs = _pairs(sheet)
    first = fold(pairs[0][1]) if pairs else ""
    names: dict[str, str] = {}
    forms: list[dict[str, tuple[int, Cell]]] = []
    for r, name, value in pairs:
        if fold(name) == first:
            forms.append({})
        names.setdefault(fold(name), name)
        if forms:
            forms[-1].setdefault(fold(name), (r + 1, None if is_blank(value) else value))
    rows = [form[first][0] for form in forms]
    joined = {
        name: Joined(
            sheet.file,
            sheet.name,
            1,
            {row: form[k][0] for row, form in zip(rows, forms, strict=True) if k in form},
        )
        for k, name in names.items()
    }
    return Raw(
        sheet.file,
        sheet.name,
        tuple(names.values()),
        [[form.get(k, (0, None))[1] for form in forms] for k in names],
        rows,
        tuple(1 for _ in names),
        joined=joined,
        from_1904=sheet.from_1904,
    )
