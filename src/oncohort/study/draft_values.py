"""Questions about values: codes without a legend, words that may mean missing, dates, sentinels."""

from __future__ import annotations

import re
from collections import Counter

from oncohort.problems import Wrong
from oncohort.protocol.toml_text import HOLE, toml_line
from oncohort.records.columns import as_list, read_column
from oncohort.records.dates import read_date
from oncohort.records.day_words import THAT_MAY_NOT_COME, not_happened
from oncohort.records.grid import Cell
from oncohort.records.legends import header_legend, legend
from oncohort.records.matching import SURE, Match
from oncohort.records.names import header_unit
from oncohort.records.profile import Profile
from oncohort.records.repeats import baseline_name
from oncohort.records.values import Reader, grouped, known_words, read_value, text_of
from oncohort.study.draft_asking_names import asks_for_a_role, asks_for_a_sex, letters_of_sex
from oncohort.study.drafting import Page, Question
from oncohort.study.endpoint_names import has
from oncohort.study.questions import NUMBER, TEXT, open_line
from oncohort.vocabulary.life import life_in_phrase, life_offered
from oncohort.vocabulary.plurals import counted
from oncohort.vocabulary.tables import TABLES
from oncohort.vocabulary.words import (
    is_missing,
    level_words,
    may_be_missing,
    opposite_of_plus,
    outcome_words,
    plain,
)

SENTINELS = frozenset(
    ("-1", "-9", "-99", "-999", "88", "99", "888", "999", "9999", "99999", "777", "9998")
)
MOST_CODES = 40
"""Codes that are listed in one question."""


def _evidence(page: Page, ours: str, column: str, codes: list[str]) -> tuple[dict[str, str], str]:
    """What the codes mean and what says so: the header, a note on the sheet, another column."""
    levels = TABLES[page.table or "patients"].levels[ours]
    reader = Reader("text", ours, levels)
    labels, where = page.legends.get(column, ({}, ""))
    read = {c: _meant(labels[c], reader) for c in codes if c in labels}
    if len(read) == len(codes) and all(v is not None for v in read.values()):
        return {c: str(v) for c, v in read.items()}, where
    for text, where in (
        (column, "the header says so"),
        *((note, f"the sheet says {note!r}") for note in page.notes),
    ):
        labels = header_legend(text) if text == column else legend(text)
        read = {c: _meant(w, reader) for c, w in labels.items()}
        if labels and all(read.get(c) is not None for c in codes):
            return {c: str(read[c]) for c in codes}, where
    if ours == "vital_status":
        died = page.ours.get("death_date")
        if died is not None:
            dead = _split(page, column, died)
            for code in codes:
                others = [c for c in codes if c != code]
                if dead.get(code, (0, 0))[0] and all(dead.get(o, (0, 0))[0] == 0 for o in others):
                    with_date, rows = dead[code]
                    return {c: ("dead" if c == code else "alive") for c in codes}, (
                        f"{with_date} of the {rows} rows with {code} have a date of death, "
                        "none of the others."
                    )
    return {}, ""


def _meant(word: str, reader: Reader) -> str | None:
    """What a word of a legend means; of life and death also within a phrase."""
    read = read_value(word, reader).value
    if read is None and reader.column == "vital_status":
        return life_in_phrase(word) or None
    return None if read is None else str(read)


def _split(page: Page, column: str, other: str) -> dict[str, tuple[int, int]]:
    """Per code: rows with a value in the other column, and all rows."""
    out: dict[str, tuple[int, int]] = {}
    for code, value in zip(
        as_list(page.raw.column(column)), as_list(page.raw.column(other)), strict=True
    ):
        if code is None or text_of(code) == "":
            continue
        has = value is not None and bool(re.search(r"\d", text_of(value)))
        n, total = out.get(text_of(code), (0, 0))
        out[text_of(code)] = (n + has, total + 1)
    return out


_ONE = {"sex": ("male", "female"), "vital_status": ("dead", "alive")}
"""Of two codes one is asked: what the other means follows."""
_MEANS = {
    "best_response": "Which response does each mean?",
    "imdc": "Which risk group does each mean?",
    "treatment_end_reason": "Which reason does each mean?",
}


def _asked_meaning(ours: str, allowed: tuple[object, ...], *, one: bool) -> str:
    """The question what codes mean; of two codes of sex or life one is asked."""
    if one and ours in _ONE:
        first, other = _ONE[ours]
        return f"Which one means {first}? (The other one means {other}.)"
    return _MEANS.get(ours, f"Which of {', '.join(str(a) for a in allowed)} does each mean?")


def level_reading(page: Page, m: Match) -> tuple[list[str], Question | None]:
    """Lines and a question for a column of known levels that holds codes.

    Returns
    -------
    tuple
        Lines where the chart's own legend says what the codes mean; else a question.
    """
    table = page.table or "patients"
    levels = TABLES[table].levels.get(m.ours, ())
    kind = "text" if m.ours == "patient" else TABLES[table].kinds.get(m.ours)
    allowed: tuple[object, ...] = levels
    if kind == "flag":
        allowed = (True, False)
    if not allowed:
        return [], None
    held = page.held[m.column]
    labels = page.raw.label_of.get(m.column, {})
    reader = Reader("flag", m.ours) if kind == "flag" else Reader("text", m.ours, levels)
    unknown = _unread(held, labels, reader)
    if told := _told(page, m, reader, unknown):
        return [told], None
    if not unknown:
        return [], None
    if len(unknown) < held.distinct and (why := _no_response(page, unknown)):
        return [toml_line(("missing_in", m.ours), unknown, why)], None
    where = ("codes", m.ours)
    called = page.raw.column_label.get(m.column) or m.column
    if m.ours == "sex" and (asked := asks_for_a_sex(called, list(held.counts))):
        return [toml_line(where, asked, "the name asks for it")], None
    if m.ours == "sex" and (letters := letters_of_sex(called, list(held.counts))):
        return [toml_line(where, letters, "hombre or varón, mujer")], None
    if m.ours == "role" and (asked := asks_for_a_role(m.column, list(held.counts))):
        return [toml_line(where, asked, "the name asks for it")], None
    if m.ours == "vital_status" and (asked := _asks_for_death(page, m.column, labels)):
        return [toml_line(where, asked, "the name asks for it")], None
    phrases = {v: life_in_phrase(v) for v in unknown} if m.ours == "vital_status" else {}
    if phrases and all(phrases.values()):
        return [toml_line(where, phrases, "one of their words says it")], None
    out = None if table != "patients" and m.ours in TABLES[table].required else (table, m.column)
    if len(unknown) == held.distinct or m.ours == "sex":
        ordered = sorted(unknown)[:MOST_CODES]
        proposed, evidence = (
            ({}, "") if kind == "flag" else _evidence(page, m.ours, m.column, ordered)
        )
        legends = ("the header says so", page.legends.get(m.column, ({}, ""))[1])
        if proposed and evidence in legends:
            return [toml_line(where, proposed, evidence)], None
        ask = _asked_meaning(m.ours, allowed, one=len(ordered) == held.distinct == 2)
        text = f'"{m.column}" holds {held.top()}. {ask}'
        if evidence:
            text += f"\n{evidence}"
        values: dict[str, object] = {c: proposed.get(c, HOLE) for c in ordered}
        if held.distinct == 1 and held.n < held.rows:
            values[""] = HOLE
            text += f" And what does a blank mean ({held.rows - held.n} rows)?"
    else:
        shown = " and ".join(f'"{v}" ({counted(held.counts[v], "row")})' for v in unknown[:6])
        more = f" and {len(unknown) - 6} others" if len(unknown) > 6 else ""
        text = f'"{m.column}" also holds {shown}{more}. What does it mean? ("" for missing.)'
        near = {v: _nearest(v, levels) for v in unknown[:MOST_CODES]}
        alike = ", ".join(f'"{v}" is like "{n}"' for v, n in near.items() if n)
        if alike:
            text += f"\n{alike}."
        values = dict.fromkeys(near, HOLE)
    line = open_line(where, *allowed, "", put=values)
    return [], Question(m.ours, text, [line], about=Wrong(table, (m.ours,)), leave_out=out)


def _unread(held: Profile, labels: dict[str, str], reader: Reader) -> list[str]:
    """The values of a column that are none of the known words."""
    read = read_column([labels.get(v, v) for v in held.counts], reader)
    at = {u.index for u in read.unread}
    return [v for i, v in enumerate(held.counts) if i in at]


def _told(page: Page, m: Match, reader: Reader, unknown: list[str]) -> str:
    """The line for the letters of a column of known levels that the chart's own legend explains:
    `Status (V=verstorben, L=lebt)` counts before what V says elsewhere. Empty where the legend
    leaves some open, or says no more than the values."""
    stated = (
        page.legends.get(m.column, ({}, "")),
        (header_legend(m.column), "the header says so"),
    )
    counts = sorted(page.held[m.column].counts)
    for labels, why in stated:
        letters = {plain(code): word for code, word in labels.items()}
        meant = {v: _meant(letters[plain(v)], reader) for v in counts if plain(v) in letters}
        if not meant or None in meant.values() or set(unknown) - set(meant):
            continue
        own = read_column(list(meant), reader).values.to_list()
        if any(code != read for code, read in zip(meant.values(), own, strict=True)):
            return toml_line(("codes", m.ours), meant, why)
    return ""


def _no_response(page: Page, words: list[str]) -> str:
    """Why words among the responses of visits are none; empty where they may be some."""
    if page.table == "assessments" and _all_before(words):
        return "the visit before treatment"
    if page.life_read and all(plain(w) in level_words("vital_status") for w in words):
        return "who is dead or alive: read with the patients"
    return ""


def _all_before(words: list[str]) -> bool:
    """Do words that are no response say that a visit was before treatment: `Baseline`?"""
    return all(baseline_name(word) == "" for word in words)


def _offered(page: Page, column: str) -> dict[str, str]:
    """What the values of a column mean whose name offers them: `D` and `A` under `Status (D/A)`."""
    offered = life_offered(f"{column} {page.raw.column_label.get(column, '')}")
    read = {v: offered.get(plain(v), "") for v in page.held[column].counts}
    return read if set(read.values()) == {"alive", "dead"} else {}


def _asks_for_death(page: Page, column: str, labels: dict[str, str]) -> dict[str, str]:
    """What yes and no mean in a column that is named `Died` or `verstorben`; else nothing."""
    if offered := _offered(page, column):
        return offered
    asks = outcome_words("asks")
    name = f"{column} {page.raw.column_label.get(column, '')}"
    dead, alive = has(name, asks["death"]), has(name, asks["life"])
    if dead == alive:
        return {}
    labels = labels or page.legends.get(column, ({}, ""))[0] or header_legend(column, fewest=1)
    counts = page.held[column].counts
    labels = _other_flag(list(counts), labels)
    flags = {v: level_words("flag").get(plain(labels.get(v, v))) for v in counts}
    figures = any(re.fullmatch(r"-?\d+(\.\d+)?", plain(labels.get(v, v))) for v in counts)
    if figures or not set(flags.values()) <= {"yes", "no"}:
        return {}
    return {v: "dead" if (f == "yes") == dead else "alive" for v, f in flags.items()}


def _other_flag(values: list[str], labels: dict[str, str]) -> dict[str, str]:
    """Labels of both values where a legend names one: `Dead (1=yes)` leaves no for 0."""
    rest = [v for v in values if v not in labels]
    named = [level_words("flag").get(plain(labels[v])) for v in values if v in labels]
    if len(values) != 2 or len(rest) != 1 or named[0] not in ("yes", "no") or rest[0] != "0":
        return labels
    return {**labels, rest[0]: "no" if named[0] == "yes" else "yes"}


def _nearest(value: str, levels: tuple[str, ...]) -> str:
    from difflib import get_close_matches

    words = known_words(levels)
    near = get_close_matches(value.lower(), list(words), n=1, cutoff=0.6)
    return words[near[0]] if near else ""


def number_questions_of(
    table: str,
    ours: str,
    column: str,
    held: Profile,
    values: list[Cell],
    unit: str = "",
    mark: str = "",
) -> list[Question]:
    """One question about a column of numbers that also holds words, bounds or sentinels.

    Parameters
    ----------
    mark
        The decimal mark that the columns of the sheet show.
    """
    done = read_column(values, Reader("number", ours, unit=unit, percent=True, mark=mark))
    bad: Counter[str] = Counter()
    for unread in done.unread:
        bad[text_of(values[unread.index])] += 1
    bad = Counter({t: n for t, n in bad.items() if not may_be_missing(t)})
    odd = _sentinels(held)
    if not bad and not odd:
        return []
    if len(bad) > 2 and all(grouped(t, ",") for t in bad):
        few = ", ".join(f'"{t}"' for t in list(bad)[:4])
        text = f'"{column}" holds {few}. Is the decimal mark of this table the comma or the point?'
        line = open_line("decimal", ",", ".")
        return [Question("decimal", text, [line], about=Wrong(table, (ours,)))]
    parts = [f'"{t}" ({counted(n, "row")})' for t, n in list(bad.items())[:8]]
    if len(bad) > 8:
        parts.append(f"{len(bad) - 8} others")
    parts += [f"{t} ({counted(held.counts[t], 'row')}), far from its other values" for t in odd]
    text = (
        f'"{column}" holds numbers and also {", ".join(parts)}. Which number does each mean '
        "(missing where none)?"
    )
    if any(re.match(r"^[<>≤≥]", t) for t in bad):
        text += "\nA bound counts as the number that you say; half the limit is usual for <."
    asked = [*bad, *odd][:MOST_CODES]
    lines = [open_line(("codes", ours, t), NUMBER, "") for t in asked]
    about = Wrong(table, (ours,))
    return [Question(ours, text, lines, about=about, leave_out=(table, column))]


def missing_words(page: Page, columns: list[tuple[str, str, bool]]) -> Question | None:
    """One question about all words of a table that may mean missing.

    Parameters
    ----------
    columns
        (our name, the chart's name, is it a column of numbers or dates?)
    """
    lines, shown, about = [], [], []
    for ours, column, typed in columns:
        held = page.held[column]
        meant = opposite_of_plus(held.counts)
        words = [v for v in held.counts if may_be_missing(v) and v not in meant]
        if TABLES[page.table or "patients"].kinds.get(ours) == "date":
            words += [v for v in (*_no_dates(held), *sentinel_days(held)) if v not in words]
            words = [v for v in words if v not in words_for_no(ours, held)]
            if ours == "death_date":
                words = [v for v in words if level_words("vital_status").get(plain(v)) != "alive"]
        about += [ours] if words else []
        for word in words:
            other = NUMBER if typed else TEXT
            lines.append(open_line(("codes", ours, word), "", other))
            n = held.counts[word]
            shown.append(f'"{word}" in {column} ({counted(n, "row")})')
    if not lines:
        return None
    text = f"{', '.join(shown[:10])}{', ...' if len(shown) > 10 else ''}: do they mean missing?"
    wrong = Wrong(page.table or "patients", tuple(about))
    return Question("missing_words", text, lines[:MOST_CODES], about=wrong)


def words_for_no(ours: str, held: Profile) -> list[str]:
    """Words in a column of days that say that it has not happened: `no`, `ongoing`."""
    return [v for v in held.counts if not_happened(ours, v)]


_SENTINEL_DAY = re.compile(
    r"(?<!\d)(?:9999|8888|7777|2999|2222|1111|1800|1600)(?!\d)|^(?:1900-01-0[01]|1899-12-3[01])"
    r"|^0?1[./-]0?1[./-]19[07]0|^1970-01-01|^2099-12-31|^31[./-]12[./-]2099|^12/31/2099"
)


def sentinel_days(held: Profile) -> list[str]:
    """Days that stand for none, as 31.12.9999: all other dates of the column are of usual years.

    Examples
    --------
    >>> from oncohort.records.profile import profile
    >>> sentinel_days(profile(["2015-03-01", "2015-06-02", "9999-12-31", "9999-12-31"]))
    ['9999-12-31']
    """
    odd = [v for v in held.counts if _SENTINEL_DAY.search(v)]
    return odd if len(odd) < held.distinct and sum(held.counts[v] for v in odd) > 1 else []


def _no_dates(held: Profile) -> list[str]:
    """Texts of a column of dates that are none: `no PD`, `0`, `00.00.0000`."""
    return [
        v
        for v in held.counts
        if (not re.search(r"[1-9]", v) and read_date(v).value is None and not may_be_missing(v))
    ]


def _sentinels(held: Profile) -> list[str]:
    """Values such as 999 that stand apart from all others."""
    numbers = {v: float(v) for v in held.counts if re.fullmatch(r"-?\d+(\.\d+)?", v)}
    usual = [n for v, n in numbers.items() if v not in SENTINELS]
    if len(usual) < 3:
        return []
    low, high = min(usual), max(usual)
    reach = max(high - low, 1.0)
    return [
        v
        for v, n in numbers.items()
        if v in SENTINELS and (n > high + 0.5 * reach or (n < 0 <= low))
    ]


def unit_question(page: Page, ours: str, column: str, table: str) -> Question | None:
    """A question where lengths have no unit."""
    if ours != "diameter_mm" or header_unit(column) or "mm" in column.lower():
        return None
    held = page.held[column]
    if held.counts and all(re.search(r"\d ?[cm]m$", v.lower()) for v in held.counts):
        return None  # each cell has its own
    span = f"its values go from {held.low:g} to {held.high:g}" if held.low is not None else "empty"
    seems = ' The name says "cm".' if re.search(r"\bcm\b", column.lower().replace("_", " ")) else ""
    return Question(
        f"{table}_unit",
        f'"{column}" has no unit ({span}).{seems} Millimetres or centimetres?',
        [open_line("units.diameter_mm", "mm", "cm")],
        about=Wrong(table, (ours,)),
    )


def age_unit_question(page: Page, column: str) -> Question | None:
    """A question where ages can't be years: those of children in months, of registries in days."""
    held = page.held[column]
    numbers = [(float(v), n) for v, n in held.counts.items() if re.fullmatch(r"\d+(\.\d+)?", v)]
    beyond = sum(n for v, n in numbers if v > 120)
    codes = all(
        v in SENTINELS for v in held.counts if re.fullmatch(r"\d{3,}", v) and float(v) > 120
    )
    if not numbers or beyond < max(2, 0.001 * held.n) or codes or header_unit(column):
        return None
    return Question(
        "age_unit",
        f'"{column}" goes from {held.low:g} to {held.high:g}: {beyond} values can be no years. In '
        "which unit is the age?",
        [open_line("units.age", "years", "months", "days")],
        about=Wrong("patients", ("age",)),
    )


MOST_OF_NONE = 3
"""Words instead of a day that may all say that it has not happened."""


def unsure(page: Page, m: Match) -> Question:
    """A question for a match that is not sure enough."""
    table = page.table or "patients"
    held = page.held[m.column]
    text = f'Is "{m.column}" {m.ours.replace("_", " ")} ({m.evidence})? It holds {held.top(4)}.'
    lines = [toml_line(("columns", m.ours), m.column)]
    if m.ours != "patient" and TABLES[table].kinds[m.ours] not in ("number", "integer", "date"):
        known, codes = level_reading(page, m)
        lines += known
        if codes is not None:
            text += f" If it is: {codes.text.splitlines()[0]}"
            lines += codes.lines
    elif TABLES[table].kinds.get(m.ours) == "date" and m.ours in THAT_MAY_NOT_COME:
        none = [v for v in held.counts if not any(c.isdigit() for c in v) and not is_missing(v)]
        if 0 < len(none) <= MOST_OF_NONE:
            text += f" If it is: {', '.join(map(repr, none))} is then no day, but that it has not "
            text += "happened."
            lines.append(toml_line(("missing_in", m.ours), none))
    return Question(f"is_{m.ours}", text, lines, about=Wrong(table, (m.ours,)), optional=True)


__all__ = [
    "SURE",
    "level_reading",
    "missing_words",
    "number_questions_of",
    "unit_question",
    "unsure",
]
