"""Columns of a chart matched to the record tables: by name, content and unit, with the evidence.

A match has a confidence between 0 and 1. It is a sum of evidence, not a probability: a known name
with fitting values is 0.95, a known name on an empty column 0.7, a name that is only alike 0.6,
fitting values under an unknown name 0.5; values that can't be what the name says end the match.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from oncohort.dataclass import dataclass
from oncohort.records.day_words import OF_ONE_EVENT, THAT_MAY_NOT_COME, not_happened
from oncohort.records.grid import Raw
from oncohort.records.legends import header_legend
from oncohort.records.name_likeness import age_at, by_parts, name_score, score_of, synonyms
from oncohort.records.name_parts import parts_in_name
from oncohort.records.names import fold, header_unit
from oncohort.records.personal import no_birth
from oncohort.records.profile import SAMPLED, Profile, profile
from oncohort.records.row_numbers import ROW_NUMBERS, SAMPLES
from oncohort.records.values import Reader, read_value
from oncohort.records.words_with_days import event_and_day, several_days
from oncohort.vocabulary.life import life_in_phrase, life_offered
from oncohort.vocabulary.mentions import mentions
from oncohort.vocabulary.quantities import COLUMNS
from oncohort.vocabulary.tables import PERCENTAGES, TABLES, RecordTable
from oncohort.vocabulary.words import level_words, may_be_missing, plain

SURE = 0.75
"""From here on a match is written plainly into the protocol; below, it is a question."""
MAYBE = 0.45
"""Below this there is no match."""


@dataclass(frozen=True, slots=True)
class Match:
    """A column of the chart and what it is taken for."""

    column: str
    """The chart's name."""
    ours: str
    confidence: float
    evidence: str


LOOKED = 300
"""Distinct values of a column that are looked at for a match."""


def _sampled(held: Profile) -> Profile:
    """The profile with its commonest values alone."""
    if held.distinct <= LOOKED:
        return held
    counts = Counter(dict(held.counts.most_common(LOOKED)))
    share = sum(counts.values()) / held.n
    return replace(
        held,
        n=sum(counts.values()),
        counts=counts,
        dates=round(held.dates * share),
        ambiguous_dates=round(held.ambiguous_dates * share),
        numbers=round(held.numbers * share),
        words=round(held.words * share),
    )


def _dates_score(ours: str, held: Profile) -> tuple[float, str]:
    """How well the values of a column are days, serial numbers among them."""
    serials = sum(c for v, c in held.counts.items() if re.fullmatch(r"[1-6]\d{4}", v))
    fit = (held.dates + held.ambiguous_dates + serials) / held.n
    if ours in OF_ONE_EVENT:
        told = (
            c for v, c in held.counts.items() if event_and_day(v, ours) or several_days(v, ours)
        )
        fit += sum(told) / held.n
    if ours in THAT_MAY_NOT_COME and fit >= 0.1:
        # "no" or "-" instead of a day: it has not happened.
        counts = held.counts.items()
        none = (c for v, c in counts if not_happened(ours, v) or may_be_missing(v))
        fit += sum(none) / held.n
    return fit, f"{fit:.0%} of its values are dates"


def _severities(held: Profile) -> float:
    """The share of the values that say in words how severe an event was: `mild`."""
    return sum(c for v, c in held.counts.items() if plain(v) in level_words("severity")) / held.n


_STAGE = re.compile(r"[cpyr]{0,2}[TNM](?:[0-4][a-d]?|X|is)", re.IGNORECASE)
"""A stage of the TNM classification: `pT` is no short name of patients."""


def _reads(value: str, reader: Reader) -> bool:
    """Is a value a known word of a column with levels; of life and death also a phrase?"""
    if read_value(value, reader).value is not None:
        return True
    return reader.column == "vital_status" and bool(life_in_phrase(value))


def _content_score(table: RecordTable | None, ours: str, held: Profile) -> tuple[float, str]:
    """How well the values fit (1 all, 0 not at all; 0.5 where there are none)."""
    if held.n == 0:
        return 0.5, "the column is empty"
    held = _sampled(held)
    kind = "text" if ours == "patient" or table is None else table.kinds[ours]
    levels = () if table is None else table.levels.get(ours, ())
    if kind == "date":
        return _dates_score(ours, held)
    if ours == "grade" and (graded := _severities(held)) > 0.5:
        return graded, f"{graded:.0%} of its values are words of severity"
    if kind in ("number", "integer"):
        fit = held.numbers / held.n
        if ours in COLUMNS and (held.numbers or ours in ("age", "diameter_mm", "grade")):
            low, high = COLUMNS[ours]
            reader = Reader("number", ours, percent=ours in PERCENTAGES)
            inside = 0
            for text, count in held.counts.items():
                value = read_value(text.replace(",", "."), reader).value
                inside += count if value is not None and low <= value <= high else 0
            fit = inside / held.n
            if ours == "age" and fit < 0.5 and held.numbers >= 0.9 * held.n:
                # Months or days, which are asked about; the name has to be a known one for it.
                return 0.5, f"{held.numbers / held.n:.0%} of its values are numbers"
            return fit, f"{fit:.0%} of its values are numbers from {low:g} to {high:g}"
        return fit, f"{fit:.0%} of its values are numbers"
    if kind == "flag":
        reader = Reader("flag", ours)
        good = sum(c for v, c in held.counts.items() if read_value(v, reader).value is not None)
        if held.distinct <= 3:
            return max(good / held.n, 0.5), f"{good / held.n:.0%} of its values are yes or no"
        return good / held.n, f"{good / held.n:.0%} of its values are yes or no"
    if levels:
        reader = Reader("text", ours, levels, hints=False)
        known = [v for v in held.counts if _reads(v, reader)]
        fit = sum(held.counts[v] for v in known) / held.n
        own = all(
            re.fullmatch(r"[^\W\d]{2,}", v) and plain(v) not in level_words("flag")
            for v in held.counts
        )
        if fit == 0 and held.distinct > 1 and own:
            # Words of its own, of which none is known: it may be something else.
            return 0.45, f"it holds words such as {next(iter(held.counts))!r}"
        if fit < 0.5 and held.distinct <= len(levels) + 2:
            # Codes: what they mean is a question of its own.
            return 0.8, f"it holds {held.distinct} codes"
        if fit < 0.3 and held.distinct > 2 * len(levels):
            return fit, f"only {fit:.0%} of its values are {', '.join(levels[:3])}, ..."
        return max(fit, 0.6), f"{fit:.0%} of its values are {_shown(levels)}"
    if ours == "patient":
        if all(_STAGE.fullmatch(v) for v in held.counts):
            return 0.0, "it holds stages"
        if held.distinct == 1 and held.n > 2:
            return 0.0, "it is the same in all rows"
        if held.n > 100 and held.distinct < 0.03 * held.n:
            return 0.0, f"it has {held.distinct} values in {held.n} rows"
        return 1.0, "it names patients"
    # Free text: dates are none.
    if held.mostly == "date":
        return 0.1, "its values are dates"
    return 0.9, "its values are texts"


def _shown(levels: Sequence[str]) -> str:
    return ", ".join(levels[:4]) + (", ..." if len(levels) > 4 else "")


_BY_PARTS = 0.96
"""How well a name fits of which every part is known."""


def of_two_events(name: str) -> bool:
    """Whether a name is of a first event of two kinds: "date of progression or death".

    Examples
    --------
    >>> of_two_events("Date of progression or death"), of_two_events("Date of death")
    (True, False)
    """
    return mentions(name, "progression", "free_survival") and mentions(name, "death")


def _one_code(table: RecordTable, ours: str, held: Profile) -> bool:
    """Does a column of known levels hold one value alone, which is none of them: `R0`?"""
    levels = table.levels.get(ours, ()) if ours != "patient" else ()
    if not levels or held.distinct != 1 or held.n < held.rows:
        return False
    reader = Reader("text", ours, levels, hints=False)
    return read_value(next(iter(held.counts)), reader).value is None


def score(table: RecordTable, ours: str, name: str, held: Profile) -> Match | None:
    """What speaks for a column of the chart being one of ours."""
    rows = ours == "patient" and (fold(name) in ROW_NUMBERS or name == "pT")
    if rows and held.distinct < 0.5 * held.n:
        return None  # what so many rows share numbers something else, or is a stage
    named, why = score_of(fold(name), "any" if ours == "patient" else table.name, ours)
    told = table.name == "patients" or ours == "patient"
    if named < _BY_PARTS and told and by_parts(fold(name), ours):
        named, why = _BY_PARTS, "every word of the name is known"
    if named < SURE and (apart := _apart(name)) != fold(name):
        table_name = "any" if ours == "patient" else table.name
        named, why = max((named, why), score_of(apart, table_name, ours), key=lambda n: n[0])
        if named < _BY_PARTS and told and by_parts(apart, ours):
            named, why = _BY_PARTS, "every word of the name is known"
    if ours == "treatment_end" and mentions(name, "death"):
        return None  # `Off study / death date`
    if ours == "age" and named < SURE and age_at(name):
        named, why = 0.95, "it is the age at something"
    if ours in OF_ONE_EVENT and of_two_events(name):
        return None
    if ours == "treatment_start" and mentions(name, "progression", "spread"):
        return None  # `Date of treatment failure`
    if ours == "sex" and _is_flag(name, held):
        return None
    if ours == "treatment_start" and held.n < 0.9 * held.rows and mentions(name, "next_line"):
        return None  # the second line of those who had one, beside the first of all
    births = fold(name) == "ddn" and not no_birth(name, held.counts)
    if (ours == "last_contact" and births) or (
        ours == "birth_date" and no_birth(name, held.counts)
    ):
        return None
    if named < 1 and _legend_says(table, ours, name, held):
        return Match(name, ours, 0.9, "the legend in its name says so")
    if named == 0:
        alone = _by_content_alone(table, ours, name, held)
        return Match(name, ours, 0.5, f"{alone}, though the name is unknown") if alone else None
    fit, content = _content_score(None if ours == "patient" else table, ours, held)
    if fit < 0.3 or (named < 0.95 and _one_code(table, ours, held)):
        return None
    # An empty column of a known name does no harm, and fills later.
    confidence = named * (0.2 + 0.75 * fit) if held.n else named * (0.8 if named == 1.0 else 0.6)
    if named == 1.0 and held.n and fit >= 0.5:
        # A known name over mostly fitting values: the others are problems with a cell each.
        confidence = max(confidence, SURE + 0.01)
    if named >= 0.7 and fit == 1.0 and held.distinct > 1 and table.levels.get(ours):
        # A name that is only alike, over values that can be nothing else.
        confidence = max(confidence, 0.9)
    if ours == "vital_status" and of_some_deaths(name, held):
        confidence = min(confidence, SURE - 0.15)
        why = "it may be of some deaths alone"
    unit = header_unit(name)
    if unit and ours == "diameter_mm" and unit.lower() in ("mm", "cm"):
        confidence = min(0.98, confidence + 0.05)
        content += f", in {unit}"
    return Match(name, ours, round(confidence, 2), f"{why}, and {content}")


def of_some_deaths(name: str, held: Profile) -> bool:
    """Is a flag one of deaths of the disease, of the treatment or within a time, `DOD (0/1)`: does
    it leave open who is alive?"""
    some = held.distinct <= 2 and mentions(name, "some_deaths")
    if not some or header_legend(name) or life_offered(name):
        return False
    return not any(level_words("vital_status").get(plain(v)) for v in held.counts)


def _is_flag(name: str, held: Profile) -> bool:
    """Does a column say yes and no, and its name no sex that it could ask for: `FM`?"""
    values = [plain(v) for v in held.counts if not may_be_missing(v)]
    meant = {level_words("flag").get(v) if v.isalpha() else None for v in values}
    if meant != {"yes", "no"}:
        return False
    asked = (w for w in fold(name).split() if len(w) > 2)
    return not any(w in level_words("sex") for w in asked)


def _apart(name: str) -> str:
    """A name whose words run on with capitals, `LastContactDt`, as it is compared by words."""
    return fold(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name))


def _legend_says(table: RecordTable, ours: str, name: str, held: Profile) -> bool:
    """Are all values codes of a legend in the name, with words of ours: `Dead (1) / Alive (0)`?"""
    if table.name != "patients" or ours not in ("sex", "vital_status") or held.distinct < 2:
        return False
    codes = header_legend(name)
    words = level_words(ours)
    if not codes and ours == "vital_status":
        offered = life_offered(name)
        return bool(offered) and {offered.get(plain(v)) for v in held.counts} == {"alive", "dead"}
    if not codes:
        return False
    bare = {re.sub(r"(?<=\d)\.0+$", "", v) for v in held.counts}
    return bare <= set(codes) and all(plain(w) in words for w in codes.values())


_WORDS = {
    "sex": "all its values are male or female",
    "vital_status": "all its values are alive or dead",
    "best_response": "all its values are CR, PR, SD, PD or NE",
    "imdc": "all its values are favorable, intermediate or poor",
}


def _of_several_levels(values: Iterable[str], level: Callable[[str], object]) -> bool:
    """Is each value a level, and not all the same one? The first that is none ends the search."""
    found = set()
    for value in values:
        one = level(value)
        if not one:
            return False
        found.add(one)
    return len(found) > 1


def _by_content_alone(table: RecordTable, ours: str, name: str, held: Profile) -> str | None:
    if table.name != "patients" or held.n < 3 or held.distinct < 2:
        return None
    if ours not in _WORDS and ours not in ("imdc", "best_response", "kps"):
        return None
    if ours == "imdc" and (mentions(name, "other_risk") or not mentions(name, "risk_group")):
        return None
    if ours == "best_response" and re.search(r"\d", name) and "best" not in fold(name):
        return None  # the response at one visit
    if ours in _WORDS:
        reader = Reader("text", ours, table.levels[ours], hints=False)
        if _of_several_levels(held.counts, lambda v: read_value(v, reader).value):
            return _WORDS[ours]
        if ours == "vital_status" and _of_several_levels(held.counts, life_in_phrase):
            return _WORDS[ours]
    if ours == "kps" and held.numbers == held.n and held.n >= 5:
        numbers = {float(v) for v in held.counts if re.fullmatch(r"\d+(\.0)?", v)}
        if len(numbers) == held.distinct and numbers <= set(range(30, 110, 10)) and 100 in numbers:
            return "all its values are tens from 30 to 100"
    return None


def profiles(raw: Raw) -> dict[str, Profile]:
    """The profile of each column."""
    return {name: profile(v) for name, v in zip(raw.names, raw.top(SAMPLED), strict=True)}


def match_table(raw: Raw, table: RecordTable, held: Mapping[str, Profile]) -> list[Match]:
    """Match a sheet's columns to one record table, each at most once, best first.

    Returns
    -------
    list of Match
        Those with a confidence of at least ``MAYBE``.
    """
    found: list[Match] = []
    if raw.patient in raw.names:
        why = "the same values stand under this name on another sheet, each once"
        found.append(Match(raw.patient, "patient", 0.9, why))
    for name in raw.names:
        for ours in ("patient", *table.kinds):
            one = score(table, ours, name, held[name])
            label = raw.column_label.get(name, "")
            if one is not None and _of_title(table, name, label, one, held[name]):
                one = None  # a title of columns stands before the name: it names none of them
            if label and (one is None or one.confidence < SURE):
                scored = score(table, ours, label, held[name])
                if scored is not None and (one is None or scored.confidence > one.confidence):
                    one = replace(
                        scored, column=name, evidence=f'its label is "{label}": {scored.evidence}'
                    )
            if one is not None and one.confidence >= MAYBE:
                found.append(one)
    order = {name: i for i, name in enumerate(raw.names)}
    found.sort(key=lambda m: (-m.confidence, *_tie_order(m, held), order[m.column]))
    taken: set[str] = set()
    used: set[str] = set()
    out: list[Match] = []
    for m in found:
        if m.ours in taken or m.column in used:
            continue
        taken.add(m.ours)
        used.add(m.column)
        out.append(m)
    return out


def _of_title(table: RecordTable, name: str, label: str, found: Match, held: Profile) -> bool:
    """Is a match that of the title above several columns, `Follow-up`, and none of the name below
    it, which says a thing of its own?"""
    if not label or not name.endswith(f" {label}"):
        return False
    if found.confidence < SURE:
        return True
    if parts_in_name(fold(label)) == {"date"}:
        return False  # `Date` below `Last follow-up`
    title = name.removesuffix(label).strip()
    of_title = score(table, found.ours, title, held)
    own = score(table, found.ours, label, held)
    return of_title is not None and of_title.confidence >= SURE and own is None


def _tie_order(m: Match, held: Mapping[str, Profile]) -> tuple[int, int]:
    """Of two columns that may name the patient: the one that says so, then that of samples, then
    row numbers; of two such the one that differs in more rows."""
    if m.ours != "patient":
        return 0, 0
    folded = fold(m.column)
    rank = 2 if folded in ROW_NUMBERS else int(folded in SAMPLES)
    return rank, -held[m.column].distinct


def match_sheet_name(name: str | None) -> str | None:
    """The record table that a sheet's (or file's) name means, where it is known.

    Examples
    --------
    >>> match_sheet_name("Adverse Events"), match_sheet_name("有害事象"), match_sheet_name("x")
    ('adverse_events', 'adverse_events', None)
    """
    if name is None:
        return None
    folded = fold(name)
    for table, known in synonyms()["sheets"].items():
        if folded in known or folded.replace(" ", "") in {n.replace(" ", "") for n in known}:
            return table
    return None


def guess_table(raw: Raw, name: str | None, held: Mapping[str, Profile]) -> tuple[str | None, str]:
    """Which record table a sheet holds, and the evidence."""
    named = match_sheet_name(name)
    scores: dict[str, float] = {}
    for table in TABLES.values():
        matches = {m.ours: m.confidence for m in match_table(raw, table, held)}
        if "patient" not in matches:
            continue
        strong = sum(c for o, c in matches.items() if o != "patient" and c >= SURE)
        complete = all(matches.get(o, 0) >= SURE for o in table.required)
        if table.name != "patients" and not complete:
            continue
        scores[table.name] = strong + (1.5 if table.required and complete else 0.0)
    if named is not None:
        if named in scores or named == "patients":
            return named, f'the sheet is named "{name}"'
        needed = TABLES[named].required
        known = {m.ours for m in match_table(raw, TABLES[named], held)}
        told = "assessments" in scores or any(mentions(c, "progression") for c in raw.names)
        of_scans = named == "lesions" and told and _without_sizes(raw, held)
        if not of_scans and (not needed or known & set(needed) or named == "adverse_events"):
            return named, (
                f'the sheet is named "{name}", though not all its columns were recognised'
            )
    lacks = f'it is named "{name}", but its columns are not those of {named}' if named else ""
    if not scores:
        return None, lacks or "no column names a patient"
    once = one_row_each(raw, held)
    if once and "adverse_events" in scores and _all_of_events(raw, held):
        return "adverse_events", "its columns are those of the table"
    if once and "patients" in scores:
        return "patients", "each patient has one row"
    best = max(scores, key=lambda t: scores[t])
    if best == "patients" and not once:
        return None, lacks or "patients stand in several rows, and no table fits its columns"
    return best, "its columns are those of the table"


def _without_sizes(raw: Raw, held: Mapping[str, Profile]) -> bool:
    """Has a sheet no numbers but those of its patients? `Imaging` may hold responses alone."""
    known = {m.column for m in match_table(raw, TABLES["assessments"], held)}
    return not any(held[c].mostly == "number" for c in raw.names if c not in known)


def _all_of_events(raw: Raw, held: Mapping[str, Profile]) -> bool:
    """Are the columns of a sheet those of adverse events, none of patients: term, grade, onset?

    No patient may have had two.
    """
    sure = {
        table: {
            m.column: m.ours for m in match_table(raw, TABLES[table], held) if m.confidence >= SURE
        }
        for table in ("adverse_events", "patients")
    }
    events = sure["adverse_events"]
    if not {"patient", "term", "grade"} <= set(events.values()):
        return False
    return set(sure["patients"]) <= set(events) and 2 * len(events) >= len(raw.names)


def one_row_each(raw: Raw, held: Mapping[str, Profile]) -> bool:
    """Does the column that names the patient (the one whose name says it best) name each once?"""
    if raw.patient in raw.names:
        return held[raw.patient].distinct > 0.9 * held[raw.patient].n
    known = synonyms()["any"]["patient"]
    named = [
        (name_score(fold(n), known)[0], fold(n) not in ROW_NUMBERS, n)
        for n in raw.names
        if held[n].n
    ]
    best = max((one[:2] for one in named), default=(0.0, False))
    column = next((n for *one, n in named if tuple(one) == best and best[0] > 0), None)
    return column is not None and held[column].distinct / held[column].n > 0.9
