"""Answers put into the lines of their questions: by name, in order, or one of two."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from oncohort.study.questions import (
    CHOICES,
    FOR,
    NONE,
    NUMBER,
    SHARED,
    TEXT,
    YES,
    OpenQuestion,
    Slot,
    json_of,
    told_apart,
    unquoted,
)
from oncohort.vocabulary.unseen import coded


class WrongAnswer(Exception):
    """An answer that does not fit its question; says what would."""

    @property
    def what(self) -> str:
        """In words."""
        return str(self)


def filled(question: OpenQuestion, value: str) -> list[str]:
    """The question's lines with an answer put in.

    Raises
    ------
    WrongAnswer
        The answer fits none of the choices.
    """
    slots = question.slots
    given = _given(question, told_apart(slots), value)
    alike = {s.label: v for s, v in given.items() if s.label in SHARED}
    lines = list(question.lines)
    for slot in sorted(slots, key=lambda s: (s.line, -s.start)):
        line = lines[slot.line]
        put = given[slot] if slot in given else alike[slot.label]
        lines[slot.line] = line[: slot.start] + put + line[slot.end :]
    lines = [FOR.split(line)[0] if line.startswith("[") else line for line in lines]
    return _wanted([line.rpartition(CHOICES)[0] or line for line in lines])


def _wanted(lines: list[str]) -> list[str]:
    """The lines without sections that are named `none`."""
    out: list[str] = []
    keep = True
    for line in lines:
        if line.startswith("["):
            keep = not line.endswith(f".{NONE}]")
        if keep:
            out.append(line)
    return out


def _given(question: OpenQuestion, slots: tuple[Slot, ...], value: str) -> Mapping[Slot, str]:
    proposed = {s: s.proposed for s in slots if s.proposed is not None}
    plain_yes = value.strip().casefold() == YES and not _takes(slots, value)
    if plain_yes and len(proposed) == len(slots) and question.lines:
        return {s: p for s, p in proposed.items() if p is not None}
    if not slots:
        raise WrongAnswer(f"The answers are: {', '.join(question.answers()) or 'none'}.")
    value = _event_of_codes(slots, _without_settled(question, slots, value))
    answers = _missing_or_not(question.text, slots, value) or _labelled(slots, value)
    if not answers and len(slots) > 1 and value.strip().casefold() in ("", "missing", '""'):
        answers = dict.fromkeys(slots, "")
    answers = answers or _one_of_two(question.text, slots, value) or _named_true(slots, value)
    if not answers:
        parts = [value] if len(slots) == 1 else [p.strip() for p in re.split("[,;]", value)]
        if len(parts) != len(slots):
            wanted = ", ".join(f"{s.label} = ..." for s in slots)
            raise WrongAnswer(f"{len(slots)} values are wanted: {wanted}.")
        answers = dict(zip(slots, parts, strict=True))
    if "=" in value:
        answers = {**_others(question.text, slots, answers), **answers}
    out: dict[Slot, str] = {}
    for slot in slots:
        if slot in answers:
            out[slot] = _as_toml(slot, answers[slot])
        elif slot.proposed is not None:
            out[slot] = slot.proposed
        else:
            raise WrongAnswer(f"What about {slot.label}? One of: {' | '.join(slot.choices)}.")
    return out


_SETTLED = re.compile(r'(time|event|event_value|time_unit) = ("[^"]*"|[-\d.]+)(?: +# (.*))?$')
_UNITS = ("days", "weeks", "months", "years")


def _without_settled(question: OpenQuestion, slots: tuple[Slot, ...], value: str) -> str:
    """An answer without what its question has settled and it says again, `1, days`.

    Raises
    ------
    WrongAnswer
        It says something else of what is settled.
    """
    open_ = {s.line for s in slots}
    found = [_SETTLED.match(x) for i, x in enumerate(question.lines) if i not in open_]
    settled: dict[str, set[str]] = {}
    for line in found:
        if line is not None:
            settled.setdefault(line[1], set()).add(unquoted(line[2]))
    choices = {unquoted(c) for s in slots for c in s.choices} | {s.label for s in slots}
    parts = [p.strip() for p in re.split("[,;]", value)]
    rest = []
    for part in parts:
        key, _, said = (x.strip().strip('"') for x in part.rpartition("="))
        if not key and said in _UNITS and said not in choices:
            key = "time_unit"
        elif not key and said not in choices:
            key = next((k for k in ("time", "event") if said in settled.get(k, ())), "")
        own = settled.get(key)
        if own is None or key in choices:
            rest.append(part)
        elif said not in own:
            why = next((f" ({x[3]})" for x in found if x and x[1] == key and x[3]), "")
            raise WrongAnswer(
                f"{key} is not asked: it is {' or '.join(sorted(own))}{why}. If that is wrong, "
                "answer the rest, and change it in study.toml."
            )
    return ", ".join(rest) if rest and len(rest) < len(parts) else value


_EVENT_WORDS = {"event": "event", "dead": "event", "censored": "censored", "alive": "censored"}


def _event_of_codes(slots: tuple[Slot, ...], value: str) -> str:
    """`0 = event, 1 = censored` as the value that means the event, where that is asked."""
    asked = next((s for s in slots if s.label == "event_value"), None)
    codes: dict[str, str] = {}
    rest = []
    for part in re.split("[,;]", value):
        code, _, word = (p.strip().strip('"') for p in part.rpartition("="))
        known = asked is not None and any(_same(k, code) for k in asked.choices)
        meant = _EVENT_WORDS.get(word.casefold()) if known else None
        if meant is None:
            rest.append(part.strip())
        elif meant in codes:
            return value
        else:
            codes[meant] = code
    return ", ".join([f"event_value = {codes['event']}", *rest]) if "event" in codes else value


_MISSING = re.compile(r"do(?:es)? (?:they|it) mean missing\?$")
_NO = "no"


def _missing_or_not(text: str, slots: tuple[Slot, ...], value: str) -> dict[Slot, str]:
    """`yes` or `no` as the answer to "do they mean missing?": where not, a word means itself."""
    word = value.strip().strip('"').casefold()
    if not _MISSING.search(text) or word not in (YES, _NO):
        return {}
    if word == YES:
        return dict.fromkeys(slots, "")
    numbers = [s.label for s in slots if TEXT not in s.choices]
    if numbers:
        raise WrongAnswer(
            f"{', '.join(numbers)}: of a column of numbers or days. If it does not mean missing, "
            f"which value does it mean? For example: {numbers[0]} = 0."
        )
    return {s: s.label for s in slots}


def says_no(question: OpenQuestion, value: str) -> bool:
    """Is it `no` to what a question proposes, where no is none of the values that it asks for?"""
    word = value.strip().strip('"').casefold()
    asks_for_words = any(
        TEXT in s.choices or _same(c, word) for s in question.slots for c in s.choices
    )
    return word == _NO and not _MISSING.search(question.text) and not asks_for_words


_ONE_MEANS = re.compile(r"Which one means ([^\W\d_]+)\?")


def _one_of_two(text: str, slots: tuple[Slot, ...], value: str) -> dict[Slot, str]:
    """`1` as the answer to "Which one means male?": of two codes the other means the other."""
    asked = _ONE_MEANS.search(text)
    named = [s for s in slots if s.label.casefold() == value.strip().strip('"').casefold()]
    if asked is None or len(slots) != 2 or len(named) != 1:
        return {}
    levels = [unquoted(c) for c in named[0].choices if unquoted(c)]
    if len(levels) != 2 or asked[1] not in levels:
        return {}
    other = next(level for level in levels if level != asked[1])
    return {s: asked[1] if s is named[0] else other for s in slots}


def _named_true(slots: tuple[Slot, ...], value: str) -> dict[Slot, str]:
    """`Date LR, Date DM` where true or false is asked of each: true of these, no other."""
    if len(slots) < 2 or any(s.choices != ("true", "false") for s in slots):
        return {}
    if value.strip().casefold() == YES:
        return dict.fromkeys(slots, "true")
    known = {s.label.casefold(): s for s in slots}
    said = [known.get(p.strip().strip('"').casefold()) for p in re.split("[,;]", value)]
    if None in said:
        return {}
    return {s: "true" if s in said else "false" for s in slots}


def _others(text: str, slots: tuple[Slot, ...], answers: Mapping[Slot, str]) -> dict[Slot, str]:
    """What the other of two codes means, where the question says that it follows: `1 = male`."""
    if "The other one means" not in text:
        return {}
    out: dict[Slot, str] = {}
    for slot, value in answers.items():
        pair = [s for s in slots if s.line == slot.line and s.choices == slot.choices]
        levels = [unquoted(c) for c in slot.choices if unquoted(c)]
        other = [level for level in levels if not _same(level, value)]
        if len(pair) == len(levels) == 2 and len(other) == 1:
            out |= {s: other[0] for s in pair if s is not slot}
    return out


def _takes(slots: tuple[Slot, ...], value: str) -> bool:
    return len(slots) == 1 and any(_same(c, value) for c in slots[0].choices)


def _labelled(slots: tuple[Slot, ...], value: str) -> dict[Slot, str]:
    """`1 = dead, 2 = alive` as values by slot; `blank = ...` is that of blank cells."""
    by_label = {s.label.casefold(): s for s in slots}
    if "" in by_label:
        by_label.setdefault("blank", by_label[""])
    names = sorted((re.escape(n) for n in by_label), key=len, reverse=True)
    mark = re.compile(
        rf'(?:^|[,;])\s*(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<bare>{"|".join(names)}))\s*=\s*',
        re.IGNORECASE,
    )
    out: dict[Slot, str] = {}
    found = list(mark.finditer(value))
    before = value[: found[0].start()] if found else ""
    parts = [p.strip() for p in re.split("[,;]", before) if p.strip()]
    for i, hit in enumerate(found):
        end = found[i + 1].start() if i + 1 < len(found) else len(value)
        written = hit["bare"] if hit["quoted"] is None else json_of(f'"{hit["quoted"]}"')
        label = written if isinstance(written, str) else hit["quoted"]
        slot = by_label.get(label.casefold())
        if slot is None:
            raise WrongAnswer(f'"{label}" is none of {", ".join(s.label for s in slots)}.')
        stated, further = _parted(slot, value[hit.end() : end].strip())
        out[slot] = stated
        parts += further
    nameless = [s for s in slots if s not in out]
    if len(parts) > len(nameless):
        raise WrongAnswer(f"What is {parts[-1]!r}? Wanted: {', '.join(s.label for s in slots)}.")
    return out | dict(zip(nameless, parts, strict=False))


def _parted(slot: Slot, value: str) -> tuple[str, list[str]]:
    """A value and what stands behind it without a name: `2 = event, months`."""
    number = NUMBER in slot.choices and re.fullmatch(r"-?\d+([.,]\d+)?", value)
    if number or TEXT in slot.choices or any(_same(c, value) for c in slot.choices):
        return value, []
    first, *more = [p.strip() for p in re.split("[,;]", value)]
    return first, [p for p in more if p]


def _same(choice: str, value: str) -> bool:
    bare = unquoted(choice)
    text = value.strip()
    if len(text) > 1 and text.startswith('"') and text.endswith('"'):
        text = text[1:-1].replace('\\"', '"').replace("\\\\", "\\")
    if bare == "" and text.casefold() in ("", "missing", "blank"):
        return True
    return bare.casefold() == text.casefold()


def _as_toml(slot: Slot, value: str) -> str:
    for choice in slot.choices:
        if choice not in (NUMBER, TEXT) and _same(choice, value):
            return choice
    text = value.strip()
    if (meant := _ending_in(slot.choices, text)) is not None:
        return meant
    if NUMBER in slot.choices and re.fullmatch(r"-?\d+([.,]\d+)?", text):
        return text.replace(",", ".")
    if TEXT in slot.choices and text:
        bare = text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text
        return coded(json.dumps(bare, ensure_ascii=False))
    raise WrongAnswer(f"{slot.label}: {value!r} is none of {' | '.join(slot.choices)}.")


def _ending_in(choices: tuple[str, ...], value: str) -> str | None:
    """The one choice that ends with an answer: `day-first` where `mixed-day-first` is offered."""
    ends = [c for c in choices if value and unquoted(c).endswith(f"-{value.casefold()}")]
    return ends[0] if len(ends) == 1 and TEXT not in choices else None
