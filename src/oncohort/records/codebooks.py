"""Sheets, notes and comments that say what the codes of columns mean."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

from oncohort.records.grid import Cell
from oncohort.records.legend_pairs import normal
from oncohort.records.legends import legend, unmarked_legend
from oncohort.records.names import fold


def codebook(
    rows: Sequence[Sequence[Cell]],
    columns: Mapping[str, str],
    held: Mapping[str, Collection[str]] | None = None,
) -> dict[str, dict[str, str]]:
    """What the rows of a sheet of explanations say: column = {code = word}.

    A row is `Status | 1 | alive`, or `| 2 | dead` below it, or `Status | 1 = alive, 2 = dead`, or
    one cell `Status: 1 = alive, 2 = dead`; or the columns' names stand in one row, and what their
    codes mean below.

    Parameters
    ----------
    columns
        Folded name = the chart's name, of the columns that may be explained.
    held
        The values that a column of the chart holds: of two cells the code is the one that is one
        of them.

    Examples
    --------
    >>> known = {"status": "Status", "sex": "Sex"}
    >>> codebook([["Status", 1, "alive"], [None, 2, "dead"], ["Sex", "0 = F; 1 = M"]], known)
    {'Status': {'1': 'alive', '2': 'dead'}, 'Sex': {'0': 'F', '1': 'M'}}
    >>> codebook([["Sex", "Status"], ["1 = male", "0 = alive"], ["2 = female", "1 = dead"]], known)
    {'Sex': {'1': 'male', '2': 'female'}, 'Status': {'0': 'alive', '1': 'dead'}}
    >>> codebook([["Status"], ["0 - alive"], ["1 - dead of disease"]], known)
    {'Status': {'0': 'alive', '1': 'dead of disease'}}
    >>> codebook([["SEX", "Sex", "0 = F; 1 = M"]], known)
    {'Sex': {'0': 'F', '1': 'M'}}
    >>> codebook([["Status", "alive", 0], ["Status", "dead", 1]], known, {"Status": ["0", "1"]})
    {'Status': {'0': 'alive', '1': 'dead'}}
    """
    cells = [[_text(v) for v in row] for row in rows]
    below = _below_names(cells, columns)
    if below:
        return below
    out: dict[str, dict[str, str]] = {}
    current: str | None = None
    at = 0
    for row in cells:
        filled = [v for v in row if v]
        if not filled:
            continue
        if len({fold(v) for v in filled if fold(v) in columns}) > 1:
            current = None  # names of columns, over rows of data
            continue
        first = next(i for i, v in enumerate(row) if v)
        values = (held or {}).get(current or "", ())
        if len(filled) == 1 and (found := codes_in(filled[0], columns)):
            for column, codes in found.items():
                out.setdefault(column, {}).update(codes)
            continue
        if fold(filled[0]) in columns:
            current, at, filled = columns[fold(filled[0])], first, filled[1:]
            values = (held or {}).get(current, ())
        elif first == at and not (filled[0] in values or filled[0].isdigit()):
            current = None  # something else is explained
        if current is None or not filled:
            continue
        known = out.setdefault(current, {})
        known.update({c: w for c, w in _of_row(filled, values).items() if c not in known})
    return {c: codes for c, codes in out.items() if len(codes) >= 2}


def _of_row(cells: list[str], held: Collection[str]) -> dict[str, str]:
    """Code = word of a row behind the column's name."""
    for cell in cells:
        if pairs := legend(cell) or unmarked_legend(cell):
            return pairs
    if len(cells) == 1:
        return legend(cells[0], fewest=1)
    at = next((i for i, c in enumerate(cells) if c in held), None)
    if at is None:
        at = 0 if len(cells[0]) <= 6 else None
    if at is None:
        return {}
    words = [c for i, c in enumerate(cells) if i != at and re.search(r"[^\W\d_]", c)]
    return {cells[at]: words[0]} if words else {}


def _below_names(rows: list[list[str]], columns: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """What stands below the columns' names where these stand beside each other in a row."""
    for nth, row in enumerate(rows[:10]):
        named = {i: columns[fold(v)] for i, v in enumerate(row) if v and fold(v) in columns}
        if not named or len(named) < 0.5 * sum(bool(v) for v in row):
            continue
        out = {}
        for i, column in named.items():
            below = [r[i] for r in rows[nth + 1 :] if i < len(r) and r[i]]
            pairs = legend("\n".join(below)) or unmarked_legend(",".join(below))
            if len(below) <= 40 and pairs:
                out[column] = pairs
        if out:
            return out
    return {}


_CLAUSE = re.compile(r"(?<=[^\d\s])[.;]\s+(?=[^\W\d_])|\n(?=[^\W\d_])")
_MOST_WORDS = 6
"""Words before a legend among which the name of its column is looked for."""


def codes_in(text: str, columns: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """What a note says: `Status 1=dead; 0=alive. Sex 1=male; 2=female`.

    Examples
    --------
    >>> known = {"status": "Status", "sex": "Sex"}
    >>> codes_in("Legend: Status 1=dead;0=alive. Sex 1=male;2=female", known)
    {'Status': {'1': 'dead', '0': 'alive'}, 'Sex': {'1': 'male', '2': 'female'}}
    >>> codes_in("0 = alive, 1 = dead (Status)", known), codes_in("red = dead", known)
    ({'Status': {'0': 'alive', '1': 'dead'}}, {})
    >>> codes_in("Sex:1=male,2=female;Status:0=alive,1=dead", known)
    {'Sex': {'1': 'male', '2': 'female'}, 'Status': {'0': 'alive', '1': 'dead'}}
    """
    whole = _named(text, columns)
    clauses = [c for c in _CLAUSE.split(text) if c.strip()]
    out = _by_names(text, columns)
    if not out and len(clauses) > 1:
        for clause in clauses:
            column = _named(clause, columns)
            if column and (pairs := legend(clause)):
                out[column] = pairs
    if not out and whole and (pairs := legend(text)):
        out[whole] = pairs
    return out


def _by_names(text: str, columns: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """The legends behind two or more names of columns, however these are set apart."""
    plain = normal(text)
    names = {normal(c).strip().casefold(): c for c in columns.values() if c.strip()}
    names = {name: column for name, column in names.items() if name in plain.casefold()}
    if len(names) < 2:
        return {}
    any_name = "|".join(re.escape(n) for n in sorted(names, key=len, reverse=True))
    behind = r"\s*+(?:[:(=\-]\s*+)?+(?=[\w+*-]{1,6}\s*+[=:→(]|\d{1,2}(?:\s|[^\W\d_]))"
    found = list(
        re.finditer(rf"(?<![A-Za-z0-9_])(?P<name>{any_name}){behind}", plain, re.IGNORECASE)
    )
    if len({m["name"].casefold() for m in found}) < 2:
        return {}
    out = {}
    for here, following in zip(found, [*found[1:], None], strict=True):
        clause = plain[here.end() : following.start() if following else None].strip(" ;,.。、\t\n")
        if pairs := legend(clause) or unmarked_legend(clause.strip("()")):
            out[names[here["name"].casefold()]] = pairs
    return out if len(out) >= 2 else {}


def _named(text: str, columns: Mapping[str, str]) -> str | None:
    """The column that the words before the first code name, or the brackets at the end."""
    last = re.search(r"[(\[]([^()\[\]]{1,60})[)\]]\s*$", text)
    if last is not None and fold(last[1]) in columns:
        return columns[fold(last[1])]
    sign = re.search(r"[=→\d]", text)
    front = text[: sign.start()] if sign is not None else text
    if sign is not None and not sign[0].isdigit():
        front = " ".join(front.split()[:-1])  # a code of letters stands before the sign
    front = front.strip(" :(-,[*\t\n")
    for part in (front, *front.split(":")[::-1]):
        words = part.split()
        for n in range(min(len(words), _MOST_WORDS), 0, -1):
            for some in (words[-n:], words[:n]):
                if fold(" ".join(some)) in columns:
                    return columns[fold(" ".join(some))]
    return None


def _text(value: Cell) -> str:
    if value is None:
        return ""
    whole = isinstance(value, float) and value.is_integer()
    return (f"{value:.0f}" if whole else str(value)).strip()
