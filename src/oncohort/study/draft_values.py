"""Questions about values: codes without a legend, words that may mean missing, dates, sentinels."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from oncohort.records.columns import as_list, read_column
from oncohort.records.dates import written_order
from oncohort.records.matching import SURE, Match
from oncohort.records.names import header_unit
from oncohort.records.profile import Profile
from oncohort.records.tables import TABLES
from oncohort.records.values import Reader, read_value, text_of
from oncohort.study.drafting import Page, Question, key, toml

_BLOCKS: dict[tuple[str, str], tuple[str, ...]] = {
    ("patients", "patient"): ("flow",),
    ("patients", "treatment_start"): ("survival",),
    ("patients", "vital_status"): ("survival.os",),
    ("patients", "death_date"): ("survival.os",),
    ("patients", "last_contact"): ("survival",),
    ("patients", "progression_date"): ("survival.pfs",),
    ("patients", "best_response"): ("response",),
    ("patients", "sex"): ("baseline",),
    ("patients", "age"): ("baseline",),
    ("patients", "kps"): ("baseline",),
}
_BY_TABLE = {
    "patients": ("baseline",),
    "lesions": ("response", "survival.pfs"),
    "assessments": ("response", "survival.pfs"),
    "labs": ("baseline",),
    "adverse_events": ("safety",),
    "doses": ("exposure",),
}
SENTINELS = frozenset(
    ("-1", "-9", "-99", "-999", "88", "99", "888", "999", "9999", "99999", "777", "9998")
)


def blocks_of(table: str, ours: str) -> tuple[str, ...]:
    """What waits for an answer about a column."""
    return _BLOCKS.get((table, ours), _BY_TABLE.get(table, ()))


def _either(page: Page, ours: str, column: str, codes: list[str]) -> tuple[dict[str, str], str]:
    """A proposed reading of codes and the evidence for it, from other columns; may be empty."""
    levels = TABLES[page.table or "patients"].levels[ours]
    if ours == "vital_status":
        died = page.ours.get("death_date")
        if died is not None:
            dead = _split(page, column, died)
            for code in codes:
                others = [c for c in codes if c != code]
                if dead.get(code, (0, 0))[0] and all(dead.get(o, (0, 0))[0] == 0 for o in others):
                    with_date, rows = dead[code]
                    proposed = {c: ("dead" if c == code else "alive") for c in codes}
                    return proposed, (
                        f"{with_date} of the {rows} rows with {code} have a date of death, "
                        "none of the others."
                    )
    return dict(zip(codes, levels, strict=False)), ""


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


_MEANS = {
    "sex": "Which one means male?",
    "vital_status": "Which one means dead?",
    "best_response": "Which response does each mean?",
    "imdc": "Which risk group does each mean?",
    "treatment_end_reason": "Which reason does each mean?",
}


def level_question(page: Page, m: Match) -> Question | None:
    """A question where a column of known levels holds codes that nobody explained."""
    table = page.table or "patients"
    levels = TABLES[table].levels.get(m.ours, ())
    if not levels:
        return None
    held = page.held[m.column]
    labels = page.raw.label_of.get(m.column, {})
    reader = Reader("text", m.ours, levels)
    unknown = [
        v
        for v, _ in held.counts.most_common()
        if read_value(labels.get(v, v), reader).value is None
        and not read_value(labels.get(v, v), reader).rule
    ]
    if not unknown:
        return None
    blocks = blocks_of(table, m.ours)
    if len(unknown) == held.distinct:
        ordered = sorted(unknown)
        proposed, evidence = _either(page, m.ours, m.column, ordered)
        ask = _MEANS.get(m.ours, f"Which of {', '.join(levels)} does each mean?")
        text = f'"{m.column}" holds {held.top()}. {ask}'
        if evidence:
            text += f"\n{evidence}"
        codes = {c: proposed.get(c, levels[-1]) for c in ordered}
    else:
        shown = " and ".join(f'"{v}" ({held.counts[v]} rows)' for v in unknown[:6])
        text = f'"{m.column}" also holds {shown}. What does it mean? ("" for missing.)'
        codes = {v: _nearest(v, levels) for v in unknown[:30]}
    return Question(text, [f"codes.{m.ours} = {toml(codes)}"], blocks)


def _nearest(value: str, levels: tuple[str, ...]) -> str:
    from difflib import get_close_matches

    from oncohort.records.values import known_words

    words = known_words(levels)
    near = get_close_matches(value.lower(), list(words), n=1, cutoff=0.6)
    return words[near[0]] if near else ""


def number_questions_of(
    table: str, ours: str, column: str, held: Profile, values: list[Any], unit: str = ""
) -> list[Question]:
    """Questions about a column of numbers: words among them, bounds, sentinels."""
    out: list[Question] = []
    blocks = blocks_of(table, ours)
    done = read_column(values, Reader("number", ours, unit=unit, percent=True))
    bad: Counter[str] = Counter()
    for unread in done.unread:
        bad[text_of(values[unread.index])] += 1
    bounds = {t: n for t, n in bad.items() if re.match(r"^[<>≤≥]", t)}
    words = {t: n for t, n in bad.items() if t not in bounds and not re.search(r"\d", t)}
    others = {t: n for t, n in bad.items() if t not in bounds and t not in words}
    odd = _sentinels(held)
    if words or odd:
        parts = [f'"{t}" ({n} row{"" if n == 1 else "s"})' for t, n in words.items()]
        parts += [f"{t} ({held.counts[t]} rows), far from its other values" for t in odd]
        out.append(
            Question(
                f'"{column}" holds numbers and also {", ".join(parts)}. Does that mean missing?',
                [f"missing_in.{key(ours)} = {toml([*words, *odd])}"],
                blocks,
            )
        )
    if bounds:
        shown = ", ".join(f'"{t}" ({n})' for t, n in bounds.items())
        halves = {
            t: float(re.sub(r"[^\d.]", "", t.replace(",", ".")).strip(".") or 0) / 2 for t in bounds
        }
        out.append(
            Question(
                f'"{column}" holds bounds: {shown}. As which number do they count '
                "(often half the limit)?",
                [f"codes.{key(ours)}.{toml(t)} = {toml(half)}" for t, half in halves.items()],
                blocks,
            )
        )
    if others:
        shown = ", ".join(f'"{t}"' for t in list(others)[:8])
        out.append(
            Question(
                f'"{column}" holds {shown} where numbers are expected. Correct the cells, or say '
                'here which number each means ("" for missing).',
                [f'codes.{key(ours)}.{toml(t)} = ""' for t in list(others)[:20]],
                blocks,
            )
        )
    return out


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


def date_question(pages: list[tuple[Page, Match]], table: str) -> Question | None:
    """A question where the order of day and month is open in a table's date columns."""
    open_columns: list[tuple[str, int, str]] = []
    for page, m in pages:
        values = as_list(page.raw.column(m.column))
        days, months, either, _, _ = written_order(values)
        if either and not days and not months:
            example = next(
                text_of(v) for v in values if isinstance(v, str) and written_order([v])[2]
            )
            open_columns.append((m.column, either, example))
        if days and months:
            open_columns.append((m.column, days + months + either, "day-first and month-first"))
    if not open_columns:
        return None
    shown = ", ".join(f'"{c}" ({n} dates such as {e})' for c, n, e in open_columns)
    blocks: set[str] = set()
    for _, m in pages:
        blocks |= set(blocks_of(table, m.ours))
    return Question(
        f"{shown}: is the day or the month written first?",
        ['dates = "day-first"   # or "month-first"'],
        tuple(sorted(blocks)),
    )


def unit_question(page: Page, ours: str, column: str, table: str) -> Question | None:
    """A question where lengths have no unit."""
    if ours != "diameter_mm" or header_unit(column) or "mm" in column.lower():
        return None
    if re.search(r"\bcm\b", column.lower().replace("_", " ")):
        return Question(
            f'"{column}" looks like centimetres. Is it?',
            ['units.diameter_mm = "cm"'],
            blocks_of(table, ours),
        )
    held = page.held[column]
    span = f"its values go from {held.low:g} to {held.high:g}" if held.low is not None else ""
    return Question(
        f'"{column}" has no unit ({span}). Millimetres or centimetres?',
        ['units.diameter_mm = "mm"   # or "cm"'],
        blocks_of(table, ours),
    )


def unsure(page: Page, m: Match) -> Question:
    """A question for a match that is not sure enough."""
    return Question(
        f'Is "{m.column}" {m.ours} ({m.evidence}; confidence {m.confidence:.2f})?',
        [f"columns.{m.ours} = {toml(m.column)}"],
        blocks_of(page.table or "patients", m.ours),
    )


__all__ = [
    "SURE",
    "blocks_of",
    "date_question",
    "level_question",
    "number_questions_of",
    "unit_question",
    "unsure",
]
