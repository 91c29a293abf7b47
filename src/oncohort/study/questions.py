"""An open question of a drafted protocol: its text, the lines that answer it, what may stand there.

A question stands in `study.toml` as a block of comments below the section that it belongs to::

    # QUESTION 1 vital_status:
    #   "Status" holds 2 (4 rows) and 1 (2 rows). Which one means dead?
    #   Answer: oncohort answer STUDY vital_status "1 = ..., 2 = ...", or take the # away below.
    # codes.vital_status = { "1" = ???, "2" = ??? }   # one of: "dead" | "alive" | ""
    #   About: patients ["vital_status"]
    #   Or leave it out: patients "Status"

What rests on the values that it is about waits for the answer, and the results that it names
itself (`# QUESTION 2 start (waiting for it: survival.os):`). ``???`` is what is not known; a value
in its place is proposed with its evidence. The file is the only place where a question is kept:
without its block it is closed.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Sequence

from oncohort.dataclass import dataclass
from oncohort.problems import Place, Problem, Wrong, problem
from oncohort.protocol import Protocol
from oncohort.protocol.toml_text import HOLE, toml_line

NUMBER = "a number"
TEXT = "a text"
"""Choices that are not words themselves."""
LEAVE_OUT, NONE, YES = "leave out", "none", "yes"
"""Answers beside the choices: the column is not used; nothing is written; what is proposed."""
CHOICES = "   # one of: "
FOR = re.compile(r'   # for ("(?:[^"\\]|\\.)*"), one of: ')
"""Of a section: what it is for, and the names that it may have."""
SHARED = ("event_value", "time_unit")
"""Settings that have one answer in all sections of a question."""
_VALUE = re.compile(
    r'(?P<label>(?<![A-Za-z0-9_-])[A-Za-z0-9_-]++|(?<!\\)"(?:[^"\\]|\\.)*+")\s*=\s*'
    r'(?P<value>\?\?\?|"(?:[^"\\]|\\.)*"|true|false|-?\d[\d.]*)'
)
_HEAD = re.compile(r"^# QUESTION (\d+) (\S+?)(?: \(waiting for it: (.*)\))?:$")
_ABOUT = re.compile(r"^#   About: (\w+)(?: (\[.*\]))?$")
_OUT = re.compile(r'^#   Or leave it out: (\w+) ("(?:[^"\\]|\\.)*")$')
_NONE = "#   Or nothing of the kind: none"


def choices(*values: object) -> str:
    """The comment that says what may stand for a hole.

    Examples
    --------
    >>> choices("dead", "alive", "")
    '   # one of: "dead" | "alive" | ""'
    >>> choices(NUMBER, "")
    '   # one of: a number | ""'
    """
    shown = (v if v in (NUMBER, TEXT) else json.dumps(v, ensure_ascii=False) for v in values)
    return CHOICES + " | ".join(str(v) for v in shown)


def open_line(path: str | Sequence[str], *allowed: object, put: object = HOLE) -> str:
    """A setting that waits for an answer, with what may stand there.

    Parameters
    ----------
    path
        Its keys, see :func:`~oncohort.protocol.toml_text.toml_line`.
    put
        What is proposed; by default nothing is.

    Examples
    --------
    >>> open_line("units.diameter_mm", "mm", "cm")
    'units.diameter_mm = ???   # one of: "mm" | "cm"'
    """
    return toml_line(path, put) + choices(*allowed)


@dataclass(frozen=True, slots=True)
class Slot:
    """A place in the lines of a question where a value is wanted."""

    line: int
    """Which of the question's lines, from 0."""
    label: str
    choices: tuple[str, ...]
    """As TOML writes them; ``a number`` and ``a text`` stand for any."""
    proposed: str | None
    """What the draft proposes, as TOML writes it; the only choice where there is one."""
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """A question as it stands in a protocol."""

    number: int
    name: str
    text: str
    section: str
    """Header of the section in which it stands, without brackets."""
    lines: tuple[str, ...]
    blocks: tuple[str, ...] = ()
    """Results that wait for it, where it makes a section of the protocol."""
    about: Wrong | None = None
    """Values that are open until it is answered: what rests on them waits too."""
    leave_out: tuple[str, str] | None = None
    """(record table, column of the chart) that may be left out."""
    optional: bool = False
    """``none`` is an answer."""
    first_line: int = 0
    last_line: int = 0
    """Where the block stands in the file, from 0; the last line is the first after it."""

    @property
    def slots(self) -> tuple[Slot, ...]:
        """The places to fill, in order."""
        return tuple(s for i, line in enumerate(self.lines) for s in _slots(i, line))

    def answers(self, most: int = 24) -> tuple[str, ...]:
        """Answers that are offered: all where there are few, else each choice once for all slots.

        Free numbers and texts are shown by an example.
        """
        out: list[str] = []
        slots = self.slots
        if self.lines and all(s.proposed is not None for s in slots):
            out.append(YES)
        if slots:
            slots = told_apart(slots)
            ways = [[_example(c) for c in s.choices] for s in slots]
            size = 1
            for way in ways:
                size *= len(way)
            if size <= most:
                combined = list(itertools.product(*ways))
            else:
                combined = [
                    tuple(w[min(i, len(w) - 1)] for w in ways) for i in range(max(map(len, ways)))
                ]
            combined = [c for c in map(tuple, combined) if _names_differ(slots, c)]
            out += [
                ", ".join(
                    f"{json.dumps(s.label, ensure_ascii=False)} = {v}"
                    for s, v in zip(slots, values, strict=True)
                )
                for values in combined
            ]
        if self.leave_out is not None:
            out.append(LEAVE_OUT)
        if self.optional:
            out.append(NONE)
        return tuple(out)


def _example(choice: str) -> str:
    return {NUMBER: "1.5", TEXT: '"a text"'}.get(choice, choice)


def _slots(at: int, line: str) -> list[Slot]:
    named = FOR.search(line) if line.startswith("[") else None
    if named is not None:
        names = tuple(c.strip() for c in line[named.end() :].split(" | "))
        start = line.find(HOLE)
        label = unquoted(named[1])
        return [Slot(at, label, names, None, start, start + len(HOLE))] if start >= 0 else []
    code, mark, listed = line.rpartition(CHOICES)
    if not mark:
        return []
    allowed = tuple(c.strip() for c in listed.split(" | "))
    if code.startswith("["):
        start = code.find(HOLE)
        return [Slot(at, "name", allowed, None, start, start + len(HOLE))] if start >= 0 else []
    only = allowed[0] if len(allowed) == 1 and allowed[0] not in (NUMBER, TEXT) else None
    out = []
    for found in _VALUE.finditer(code):
        label = found["label"]
        out.append(
            Slot(
                at,
                unquoted(label),
                allowed,
                only if found["value"] == HOLE else found["value"],
                found.start("value"),
                found.end("value"),
            )
        )
    return out


def open_questions(text: str) -> list[OpenQuestion]:
    """The open questions of a protocol, in the order of their numbers.

    Examples
    --------
    >>> text = '''[tables.patients]
    ... # QUESTION 1 dates (waiting for it: survival):
    ... #   "Start": is the day or the month written first?
    ... # dates = ???   # one of: "day-first" | "month-first"
    ... '''
    >>> one, = open_questions(text)
    >>> one.name, one.section, one.answers()
    ('dates', 'tables.patients', ('"dates" = "day-first"', '"dates" = "month-first"'))
    """
    lines = text.split("\n")
    out: list[OpenQuestion] = []
    section, at = "", 0
    while at < len(lines):
        head = _HEAD.match(lines[at])
        if head is None:
            if re.match(r"^\[[^\[]", lines[at]):
                section = lines[at].split("#")[0].strip().strip("[]")
            at += 1
            continue
        end = at + 1
        while end < len(lines) and lines[end].startswith("#") and not _HEAD.match(lines[end]):
            end += 1
        out.append(_block(lines, at, end, head, section))
        at = end
    return sorted(out, key=lambda q: q.number)


def open_problems(text: str) -> list[Problem]:
    """The open questions of a protocol as problems: what waits for them is left out."""
    return [
        problem(
            "protocol.open-question",
            place=Place(file=Protocol.FILE, line=q.first_line + 1),
            blocks=q.blocks,
            also=[q.about] if q.about is not None else [],
            text=" ".join(q.text.split("\n")),
            name=q.name,
        )
        for q in open_questions(text)
    ]


_OF_ROWS = frozenset({"rows_per_patient", "rows_twice", "patients_blocks"})
"""Questions about patients who stand in several rows."""


def told_by_questions(found: Sequence[Problem], text: str) -> list[Problem]:
    """The problems without cells whose word an open question asks about: it says them once.

    What rests on the column waits for the answer either way.

    Parameters
    ----------
    text
        The protocol.
    """
    asked = [
        (
            q.about,
            {"" if s.label in q.about.columns else repr(s.label) for s in q.slots}
            | {f"number {s.label} " for s in q.slots}
            | {" could be day-first or month-first" for s in q.slots if _of_dates(q, s)},
        )
        for q in open_questions(text)
        if q.about is not None and q.about.columns
    ]

    def is_asked(one: Problem) -> bool:
        return one.id in ("values.unreadable", "values.may-be-missing") and any(
            w.table == about.table
            and w.columns
            and set(w.columns) <= set(about.columns)
            and any(form in one.what for form in forms)
            for w in one.wrong
            for about, forms in asked
        )

    rows = any(q.name in _OF_ROWS for q in open_questions(text))
    return [p for p in found if not is_asked(p) and not (rows and p.id == "patients.duplicate")]


def json_of(text: str) -> object:
    """A value as it was written; none where somebody has changed it beyond reading."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def unquoted(text: str) -> str:
    """A name without its quotation marks; as it stands where they don't end it."""
    read = json_of(text) if text.startswith('"') else text
    return read if isinstance(read, str) else text


def _block(lines: list[str], at: int, end: int, head: re.Match[str], section: str) -> OpenQuestion:
    words, code = [], []
    leave_out: tuple[str, str] | None = None
    about: Wrong | None = None
    optional = False
    for line in lines[at + 1 : end]:
        found = _OUT.match(line)
        open_values = _ABOUT.match(line)
        if found is not None:
            name = json_of(found[2])
            leave_out = (found[1], name) if isinstance(name, str) else None
        elif open_values is not None:
            names = json_of(open_values[2] or "[]")
            # Of a list that can't be read any more, every column is open.
            columns = names if isinstance(names, list) else []
            about = Wrong(open_values[1], tuple(str(name) for name in columns))
        elif line == _NONE:
            optional = True
        elif line.startswith("#   "):
            words.append(line[4:])
        elif line.startswith("# "):
            code.append(line[2:])
    text = "\n".join(s for s in words if not s.startswith("Answer: "))
    blocks = tuple(b for b in (head[3] or "").split(", ") if b)
    return OpenQuestion(
        int(head[1]),
        head[2],
        text,
        section,
        tuple(code),
        blocks,
        about,
        leave_out,
        optional,
        at,
        end,
    )


def block_lines(
    number: int,
    name: str,
    text: str,
    lines: list[str],
    blocks: tuple[str, ...] = (),
    leave_out: tuple[str, str] | None = None,
    *,
    about: Wrong | None = None,
    optional: bool = False,
) -> list[str]:
    """The block of a question; :func:`open_questions` reads it back.

    Examples
    --------
    >>> block = block_lines(1, "sex", "Which?", ['codes.sex = { "1" = ??? }'])
    >>> print("\\n".join(block))
    # QUESTION 1 sex:
    #   Which?
    #   Answer: oncohort answer STUDY sex "..." (or take the # away and put it for ???)
    # codes.sex = { "1" = ??? }
    """
    waits = f" (waiting for it: {', '.join(blocks)})" if blocks else ""
    out = [f"# QUESTION {number} {name}{waits}:"]
    out += [f"#   {_plain(line)}".rstrip() for line in text.split("\n")]
    if lines:
        hole = any(HOLE in line for line in lines)
        how = "put it for ???" if hole else "correct what is wrong"
        words = '"..."' if hole else "yes"
        out.append(
            f"#   Answer: oncohort answer STUDY {name} {words} (or take the # away and {how})"
        )
        out += [f"# {_plain(line)}" for line in lines]
    if about is not None:
        columns = [_plain(c) for c in about.columns]
        named = f" {json.dumps(columns, ensure_ascii=False)}" if columns else ""
        out.append(f"#   About: {about.table}{named}")
    if leave_out is not None:
        table, column = leave_out
        out.append(f"#   Or leave it out: {table} {json.dumps(_plain(column), ensure_ascii=False)}")
    if optional:
        out.append(_NONE)
    return out


_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


def _plain(text: str) -> str:
    """TOML allows no control characters in comments."""
    return _CONTROL.sub(" ", text)


def _of_dates(question: OpenQuestion, slot: Slot) -> bool:
    """Does a slot want the order of day and month: of all dates, or of those with one mark?"""
    return slot.label == "dates" or "dates_with" in question.lines[slot.line]


def told_apart(slots: tuple[Slot, ...]) -> tuple[Slot, ...]:
    """The slots without those that have the same answer as one before."""
    out: dict[object, Slot] = {}
    for nth, slot in enumerate(slots):
        out.setdefault(slot.label if slot.label in SHARED else nth, slot)
    return tuple(out.values())


def _names_differ(slots: tuple[Slot, ...], values: tuple[str, ...]) -> bool:
    """Do all sections get names of their own, and does one of them get any?"""
    named = [v for s, v in zip(slots, values, strict=True) if s.choices[-1:] == (NONE,)]
    names = [v for v in named if v != NONE]
    return len(set(names)) == len(names) and (bool(names) or not named)
