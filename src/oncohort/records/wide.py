"""Wide sheets: one row per patient, repeated columns (`scan1_date`, `scan2_date`) into rows.

Patterns name what varies in braces: ``scan{n}_date``. ``{n}`` is a number and becomes the visit
where the table has one; any other name is a column of the record table and takes the text that
stood there: ``T{lesion}_scan{n}``, ``AE_{term}``, ``{test:Hb|LDH|CRP}``.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

from oncohort.dataclass import dataclass
from oncohort.problems import Place, Problem, problem
from oncohort.protocol.data import TableMap
from oncohort.records.columns import as_list
from oncohort.records.grid import Cell, Raw, origin
from oncohort.records.in_words import says_none
from oncohort.records.model import Decision
from oncohort.records.names import columns_called, fold, header_unit
from oncohort.records.scan_marks import MARKS, add_mark, says_nothing, status_of
from oncohort.records.values import text_of
from oncohort.vocabulary.spreadsheets import column_letters
from oncohort.vocabulary.words import level_words, plain

SAME_NAME = " ({n})"
"""End of a pattern for columns that have one name: the second of them is called `Grade (2)`."""
_TWICE = r"(?:\((?P<n>[0-9]+)\))?"
_NUMBERED = re.compile(r"(?<!\s)\s+\((\d+)\)$")
_HOLE = re.compile(r"\{([a-z_]+)(?::([^{}]*))?\}")


def pattern(text: str) -> re.Pattern[str]:
    """A repeat pattern as a regular expression over folded column names.

    Examples
    --------
    >>> pattern("scan{n}_date").fullmatch("scan 12 date").groupdict()
    {'n': '12'}
    >>> [pattern("Grade ({n})").fullmatch(name)[1] for name in ("grade", "grade(2)")]
    [None, '2']
    >>> pattern("CT{n} new lesion?").fullmatch("ct 2 new lesion")["n"]
    '2'
    """
    if text.endswith(SAME_NAME):
        return re.compile(_literal(text.removesuffix(SAME_NAME)) + _TWICE)
    out, last, seen = "", 0, set()
    for hole in _HOLE.finditer(text):
        out += _literal(text[last : hole.start()])
        name, options = hole.group(1), hole.group(2)
        if name in seen:
            out += f"(?P={name})"
        elif options:
            choices = sorted((fold(o) for o in options.split("|")), key=len, reverse=True)
            out += f"(?P<{name}>{'|'.join(re.escape(c) for c in choices)})"
        else:
            out += f"(?P<{name}>{r'[0-9]+' if name == 'n' else '.+?'})"
        seen.add(name)
        last = hole.end()
    return re.compile(out + _literal(text[last:]))


def _literal(text: str) -> str:
    # Blanks, dashes and underscores are all blanks after `fold`, and people leave them out at will.
    parts = re.split(r"[\s_\-./]+", re.sub(r"(?<![?!:;*])[?!:;*]++(?=\s|$)", "", text.casefold()))
    return r"\s*" + r"\s*".join(re.escape(p) for p in parts if p) + r"\s*"


@dataclass(frozen=True, slots=True)
class Wide:
    """The long form of a wide sheet: for each record row its source row and its cells."""

    rows: list[int]
    index: list[int]
    """Row of the raw table, from 0, that each record row came from."""
    columns: Mapping[str, list[Cell]]
    positions: Mapping[str, list[int]]
    """Our column = for each record row the raw column it came from, or -1."""
    problems: tuple[Problem, ...] = ()
    decisions: tuple[Decision, ...] = ()

    def has(self, column: str) -> bool:
        """Does the long form hold the column?"""
        return column in self.columns

    def values(self, column: str) -> list[Cell] | None:
        """Raw values of a column in the long form."""
        return self.columns.get(column)

    def place(self, raw: Raw, column: str, at: int) -> Place:
        """The cell of one record row's value."""
        position = self.positions.get(column, [-1] * len(self.rows))[at]
        row = self.rows[at]
        below = origin(raw.stacked, row)
        if below is not None:
            name = raw.names[position] if position >= 0 else ""
            letter, own = below.letters.get(name, -1), below.row(row)
            cell = f"{column_letters(letter)}{own}" if letter >= 0 else None
            return Place(below.file, below.sheet, cell, own, name or None)
        if position >= 0 and raw.names[position] in raw.joined:
            other = raw.joined[raw.names[position]]
            there = other.rows.get(row)
            cell = f"{column_letters(other.letter)}{there}" if there and other.letter >= 0 else None
            return Place(other.file, other.sheet, cell, there, raw.names[position])
        if position < 0:
            return Place(raw.file, raw.sheet, None, row)
        cell = f"{column_letters(raw.letters[position])}{row}" if raw.letters else None
        return Place(raw.file, raw.sheet, cell, row, raw.names[position])

    def cells(self, raw: Raw) -> dict[tuple[str, int], tuple[int, ...]]:
        """The sparse map: (our column, source row) = positions in the sheet, in row order."""
        out: dict[tuple[str, int], list[int]] = {}
        if not raw.letters:
            return {}
        for column, positions in self.positions.items():
            for row, position in zip(self.rows, positions, strict=True):
                at = raw.letters[position] if position >= 0 else -1
                out.setdefault((column, row), []).append(at)
        return {k: tuple(v) for k, v in out.items()}


_Combo = tuple[tuple[str, str], ...]
_Hits = Mapping[str, dict[_Combo, int]]


def widen(raw: Raw, table_map: TableMap, header: Mapping[str, str], table: str) -> Wide:
    """Turn a wide sheet's repeated columns into rows; repeats that are all blank make none.

    Parameters
    ----------
    header
        Our column = the chart's, for the columns that are not repeated.
    table
        The record table that the rows go to.
    """
    patterns = {ours: pattern(text) for ours, text in table_map.repeat.items()}
    ignored = columns_called(raw.names, table_map.ignore)
    hits = _hits(raw, patterns, ignored)
    before = {
        ours: pattern(text if "{" in text else fold(text))
        for ours, text in table_map.baseline.items()
    }
    first = _hits(raw, before, ignored, bare=True)
    for ours, text in table_map.baseline.items():
        if text in raw.names and text not in ignored:
            first[ours] = {(): raw.names.index(text)}
    for ours, found in first.items():
        hits.setdefault(ours, {}).update(
            {tuple(sorted((*combo, ("n", "0")))): at for combo, at in found.items()}
        )
    problems = tuple(
        problem(
            "columns.no-repeat",
            place=Place(raw.file, raw.sheet, key=f"repeat.{ours}"),
            table=table,
            column=ours,
            pattern=table_map.repeat[ours],
            names=raw.names,
        )
        for ours, found in hits.items()
        if not found and ours in table_map.repeat
    )
    return _Widening(raw, table_map, header, table, patterns, hits).run(problems)


def _hits(
    raw: Raw,
    patterns: Mapping[str, re.Pattern[str]],
    ignored: Collection[str],
    *,
    bare: bool = False,
) -> dict[str, dict[_Combo, int]]:
    """Our column = what varies in a name = its position among the chart's columns.

    Parameters
    ----------
    bare
        Names in which nothing varies count too.
    """
    out: dict[str, dict[_Combo, int]] = {}
    for ours, regex in patterns.items():
        out[ours] = {}
        # `CT 1` is meant before `CT 1 (cm)`, where both are there.
        order = sorted(enumerate(raw.names), key=lambda at: not regex.fullmatch(_whole(at[1])))
        for position, name in order:
            if name in ignored:
                continue
            found = _varying(regex, name)
            if found or (bare and regex.fullmatch(fold(name))):
                out[ours].setdefault(tuple(sorted(found.items())), position)
    return out


def _whole(name: str) -> str:
    """A name as patterns are, with what stands in brackets behind it."""
    return re.sub(r"[\s_\-./]+", " ", name.casefold()).strip()


def _varying(regex: re.Pattern[str], name: str) -> dict[str, str]:
    """What varies in a name that a pattern fits; the first of columns of one name is number 1."""
    if not regex.pattern.endswith(_TWICE):
        found = regex.fullmatch(fold(name)) or regex.fullmatch(_whole(name))
        return found.groupdict() if found else {}
    number = _NUMBERED.search(name)
    bare = name[: number.start()] if number else name
    found = regex.fullmatch(fold(bare) + (f"({number[1]})" if number else ""))
    return {"n": found["n"] or "1"} if found else {}


class _Widening:
    """One wide sheet on its way into rows."""

    def __init__(
        self,
        raw: Raw,
        table_map: TableMap,
        header: Mapping[str, str],
        table: str,
        patterns: Mapping[str, re.Pattern[str]],
        hits: _Hits,
    ) -> None:
        self.raw, self.map, self.header, self.hits = raw, table_map, header, hits
        repeat = table_map.repeat
        # The combinations of what varies come from the patterns that vary most.
        most = max((len(k) for found in hits.values() for k in found), default=0)
        self.combos = sorted(
            {k for found in hits.values() for k in found if len(k) == most},
            key=lambda k: tuple((name, _natural(text)) for name, text in k),
        )
        self.own = [o for o, found in hits.items() if any(len(k) == most for k in found)]
        self.spelled = spellings(raw, patterns)
        names = [*header, *repeat]
        varying = sorted({name for combo in self.combos for name, _ in combo})
        holes = ["visit" if v == "n" else v for v in varying]
        self.extra = [v for v in holes if v not in names]
        marked = bool(set(MARKS) & set(repeat))
        self.constants = dict(table_map.constants) if marked else {}
        more = [c for c in ("lesion", "role", "status") if c not in [*names, *self.extra]]
        self.more = more if marked else []
        self.marks = sorted(c for c in MARKS if c in repeat and "diameter_mm" in repeat)
        self.use_unit = "value" in repeat and "unit" not in names and "value" not in table_map.units
        # A column for each term holds its grade: 0 there says that nothing happened.
        self.graded = table == "adverse_events" and "term" in self.extra and "grade" in repeat
        made = [*names, *self.extra, *self.more, *(["unit"] if self.use_unit else [])]
        self.columns: dict[str, list[Cell]] = {c: [] for c in made}
        self.positions: dict[str, list[int]] = {c: [] for c in made}
        self.index: list[int] = []
        self.nothing = 0
        self.marked_scans: set[tuple[str, int, str | None]] = set()
        self.others = False
        """Non-target lesions are told of at a scan of the row, and not yet at one."""

    def run(self, problems: tuple[Problem, ...]) -> Wide:
        data = [as_list(c) for c in self.raw.columns]
        where = {name: i for i, name in enumerate(self.raw.names)}
        fixed = [(ours, where[theirs]) for ours, theirs in self.header.items()]
        combos = [
            (dict(c), {ours: _position(found, dict(c)) for ours, found in self.hits.items()})
            for c in self.combos
        ]
        for row in range(self.raw.height):
            self.others = any(_has_others(data, at, row) for _, at in combos)
            for given, at in combos:
                cells = {ours: data[p][row] if p >= 0 else None for ours, p in at.items()}
                if all(_blank(cells[ours]) for ours in self.own):
                    continue
                if self.graded:
                    if says_none(text_of(cells["grade"] or 0)):
                        self.nothing += 1
                        continue
                    cells["grade"] = _without_grade(cells["grade"])
                for ours, p in fixed:
                    self._put(ours, data[p][row], p)
                self._record(row, given, at, cells)
            for given, at in combos if self.marks else ():
                self._marks_alone(row, given, at, data, fixed)
        return Wide(
            [self.raw.rows[i] for i in self.index],
            self.index,
            self.columns,
            self.positions,
            problems,
            tuple(self._decisions()),
        )

    def _put(self, column: str, value: Cell, position: int) -> None:
        self.columns[column].append(value)
        self.positions[column].append(position)

    def _record(
        self, row: int, given: Mapping[str, str], at: Mapping[str, int], cells: Mapping[str, Cell]
    ) -> None:
        self.index.append(row)
        for ours in self.map.repeat:
            self._put(ours, cells[ours], at[ours])
        for name in self.more:
            self._put(name, self.constants.get(name), -1)
        for name in self.extra:
            hole = "n" if name == "visit" and "n" in given else name
            text = given.get(hole, "")
            self._put(name, self.spelled.get((hole, text), text), -1)
        for name in self.marks:
            if self._is_new_mark(name, given, row):
                value = self._state(name, cells.get(name))
                add_mark(name, value, self.columns, self.positions, self.index, at, row)
        if self.use_unit:
            p = at["value"]
            self._put("unit", header_unit(self.raw.names[p]) or None if p >= 0 else None, -1)

    def _marks_alone(
        self,
        row: int,
        given: Mapping[str, str],
        at: Mapping[str, int],
        data: Sequence[Sequence[Cell]],
        fixed: Sequence[tuple[str, int]],
    ) -> None:
        """What is said of a scan without any size: the scan itself makes no record."""
        cells = {ours: data[p][row] if p >= 0 else None for ours, p in at.items()}
        marked_scans = [m for m in self.marks if status_of(m, cells[m]) is not None]
        if all((m, row, given.get("n")) in self.marked_scans for m in marked_scans):
            return
        scan = len(self.index)
        for ours, p in fixed:
            self._put(ours, data[p][row], p)
        self._record(row, given, at, cells)
        del self.index[scan]
        for column in self.columns:
            del self.columns[column][scan], self.positions[column][scan]

    def _state(self, mark: str, value: Cell) -> Cell:
        """What a scan says: the first, that there are non-target lesions if a later one does."""
        if mark != "non_target":
            return value
        others, self.others = self.others, False
        return "present" if others and says_nothing(value) else value

    def _is_new_mark(self, name: str, given: Mapping[str, str], row: int) -> bool:
        """Whether a mark is not said yet: of several lesions of a scan the first says it."""
        scan = (name, row, given.get("n"))
        new = scan not in self.marked_scans
        self.marked_scans.add(scan)
        return new

    def _decisions(self) -> list[Decision]:
        here = Place(self.raw.file, self.raw.sheet)
        what = (
            f"{len(self.combos)} repeats in {self.raw.height} rows were read as "
            f"{len(self.index)} records."
        )
        out = [
            Decision("layout.wide", what, count=len(self.index), place=here, by="protocol"),
        ]
        if self.nothing:
            text = f"{self.nothing} cells say that an event did not happen (0, no): no records."
            out.append(Decision("layout.no-event", text, count=self.nothing, place=here))
        return out


def _has_others(data: Sequence[Sequence[Cell]], at: Mapping[str, int], row: int) -> bool:
    """Does a scan tell of non-target lesions?"""
    position = at.get("non_target", -1)
    return position >= 0 and status_of("non_target", data[position][row]) is not None


def _without_grade(value: Cell) -> Cell:
    """`yes` in a column of grades: the event happened, its grade is not charted."""
    word = plain(text_of(value))
    return None if word != "1" and level_words("flag").get(word) == "yes" else value


def _position(found: Mapping[tuple[tuple[str, str], ...], int], given: Mapping[str, str]) -> int:
    for key, position in found.items():
        if all(given.get(name) == text for name, text in key):
            return position
    return -1


def spellings(raw: Raw, patterns: Mapping[str, re.Pattern[str]]) -> dict[tuple[str, str], str]:
    """What varies, as the chart spells it: (`term`, `hand foot`) = `Hand-foot`."""
    out: dict[tuple[str, str], str] = {}
    for regex in patterns.values():
        for name in raw.names:
            for key, text in _varying(regex, name).items():
                loose = r"[\s_\-./]+".join(re.escape(w) for w in text.split(" "))
                exact = re.search(loose, name, re.IGNORECASE)
                out.setdefault((key, text), exact.group(0) if exact else text)
    return out


def _natural(text: str) -> tuple[int, str]:
    return (int(text), "") if text.isdigit() else (10**9, text)


def _blank(value: Cell) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())
