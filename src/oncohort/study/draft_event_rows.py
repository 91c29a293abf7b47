"""Sheets with a row per event: patient, event, date. Their events become dates of the patients."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from oncohort.dataclass import dataclass
from oncohort.protocol.data import OneRow
from oncohort.records.columns import as_list
from oncohort.records.grid import Raw
from oncohort.records.matching import SURE, Match, match_table
from oncohort.records.name_likeness import synonyms
from oncohort.records.name_parts import told_by_parts
from oncohort.records.names import fold
from oncohort.records.one_row import of_row, side_by_side
from oncohort.records.values import Reader, read_value, text_of
from oncohort.study.drafting import Page
from oncohort.vocabulary.mentions import mentions
from oncohort.vocabulary.tables import TABLES
from oncohort.vocabulary.words import level_words, plain

KINDS = 40
"""A column with more kinds of rows holds something else."""
STATES = 8
"""States of the disease that visits have at most."""
_ROLES = ("death_date", "progression_date", "last_contact", "treatment_start", "diagnosis_date")
_LAST = ("last_contact",)


@dataclass(frozen=True, slots=True)
class EventRows:
    """What a sheet of events holds."""

    patient: str
    kind: str
    """The column with the words."""
    date: str
    roles: dict[str, str]
    """The chart's word = our column of the patients."""
    how: OneRow
    response: tuple[str, str] | None = None
    """The column with the best response, and the word of the rows in which it stands there."""

    @property
    def setting(self) -> dict[str, object]:
        """The setting `one_row` of the protocol."""
        return {k: v for k, v in self.how.model_dump().items() if v and k not in ("keep", "end")}

    @property
    def of_visits(self) -> bool:
        """Do visits with a state of the disease stand among the events?"""
        return bool(self.how.ends)

    def without(self, ours: str) -> EventRows:
        """The same but for the events of one of our columns."""
        return replace(self, roles={w: r for w, r in self.roles.items() if r != ours})

    def matches(self, kinds: tuple[str, ...]) -> list[Match]:
        """Our columns of the patients, by the names that the events get."""
        out: list[Match] = []
        for word, ours in self.roles.items():
            if self.how.ends and ours == "last_contact":
                continue  # any row shows that the patient was seen
            name = of_row(self.date, self.kind, self.how.names.get(word, word))
            if word in kinds and all(m.column != name for m in out):
                out.append(Match(name, ours, 0.95, f'"{word}" of "{self.kind}" says so'))
        out += [Match(d, "last_contact", 0.95, "the last row of each") for d in self.how.ends]
        if self.response is not None and self.response[1] in kinds:
            column, word = self.response
            name = of_row(column, self.kind, word)
            out.append(Match(name, "best_response", 0.95, f'"{word}" of "{self.kind}" says so'))
        return out


def role_of(word: str) -> str:
    """Which of our dates of the patients a word for an event is; empty where none.

    Examples
    --------
    >>> role_of("Tod"), role_of("Relapse"), role_of("letzter Kontakt"), role_of("Rash")
    ('death_date', 'progression_date', 'last_contact', '')
    """
    state = level_words("vital_status").get(plain(word))
    if state is not None:
        return "death_date" if state == "dead" else "last_contact"
    if len(word) > 40:
        return ""
    told = told_by_parts(f"date {fold(word)}")
    if told:
        only = next(iter(told)) if len(told) == 1 else ""
        only = "treatment_start" if only == "surgery_date" else only
        return only if only in _ROLES else ""
    about = {
        "death_date": mentions(word, "death"),
        "progression_date": mentions(word, "progression"),
        "last_contact": mentions(word, "last_contact"),
    }
    found = [ours for ours, yes in about.items() if yes]
    return found[0] if len(found) == 1 and not mentions(word, "free_of") else ""


def state_of(word: str) -> str:
    """The state of the disease at a visit that was no progression; empty for other words.

    Examples
    --------
    >>> [state_of(w) for w in ("Stable", "PR", "estable", "PD", "Rash")]
    ['SD', 'PR', 'SD', '', '']
    """
    reader = Reader("text", "best_response", TABLES["patients"].levels["best_response"])
    read = read_value(word, reader).value
    return "" if read in (None, "PD") else str(read)


def event_rows(page: Page, beside: EventRows | None = None) -> EventRows | None:
    """What a sheet with a row per event holds; None where it is no such sheet.

    It has a column of the patient, one of dates, and one whose words are mostly death,
    progression, last contact and the like. Visits at which the disease was stable may stand
    between them: then the last row of each patient is the last contact.

    Parameters
    ----------
    beside
        What one column of the sheet told, mostly who was alive at each visit: then the words of
        another one are looked for, which say at which visit the disease had progressed.
    """
    raw = page.raw
    if page.where or page.by_row or raw.height < 3:
        return None
    named = [m for m in match_table(raw, TABLES["patients"], page.held) if m.ours == "patient"]
    if not named:
        return None
    patient = named[0].column
    dated = [c for c in raw.names if page.held[c].mostly == "date"]
    if len(dated) > 1:
        same = of_the_patient(raw, patient)
        dated = [c for c in dated if c not in same]
    if len(dated) != 1:
        return None
    date = dated[0]
    best: tuple[int, str, dict[str, str]] | None = None
    for column in raw.names:
        held = page.held[column]
        codes, _ = page.legends.get(column, ({}, ""))
        taken = beside is not None and column in (beside.kind, *beside.how.columns)
        if column in (patient, date) or taken or not 1 <= held.distinct <= KINDS:
            continue
        if held.mostly != "text" and not codes:
            continue
        roles = {w: r for w in held.counts if (r := role_of(codes.get(w, w)))}
        flags = _flag(column, [codes.get(w, w) for w in held.counts])
        if flags:  # `Progression (y/n)` at each scan
            roles = {w: flags[codes.get(w, w)] for w in held.counts if codes.get(w, w) in flags}
        if beside is not None:
            roles = {w: r for w, r in roles.items() if r == "progression_date"}
        at_visits = beside is not None or "death_date" in roles.values()
        known = [*roles, *(_states(held.counts) if at_visits else ())]
        rows = sum(held.counts[w] for w in dict.fromkeys(known))
        told = rows >= 0.6 * held.rows or bool(flags)
        if beside is not None:  # what a visit without progression is called tells nothing
            told |= held.distinct <= STATES and held.n >= 0.8 * held.rows
        if told and len(roles) >= 1:
            best = max(best, (rows, column, roles)) if best else (rows, column, roles)
    if best is None or _alone(raw, patient, best[1], list(page.held[best[1]].counts)):
        return None
    kind, roles = best[1], _settled(best[2])
    how = _how(raw, patient, kind, date, roles)
    if set(_states(page.held[kind].counts)) - set(roles) and "death_date" in roles.values():
        how = how.model_copy(update={"order": date, "ends": [date]})
    response = _response(page, patient, kind, {patient, kind, date})
    if response is not None:
        how = how.model_copy(update={"columns": [date, response[0]]})
    return EventRows(patient, kind, date, roles, how, response)


def _flag(column: str, words: list[str]) -> dict[str, str]:
    """The word that says yes in a column that is called after an event, and our date of it.

    Examples
    --------
    >>> _flag("Progression (y/n)", ["y", "n"]), _flag("Smoker", ["yes", "no"])
    ({'y': 'progression_date'}, {})
    """
    said = {w: level_words("flag").get(plain(w)) for w in words}
    about = [e for e in ("progression", "death") if mentions(column, e)]
    if set(said.values()) != {"yes", "no"} or len(about) != 1 or mentions(column, "free_of"):
        return {}
    ours = {"progression": "progression_date", "death": "death_date"}[about[0]]
    return {w: ours for w, level in said.items() if level == "yes"}


def _states(words: Iterable[str]) -> list[str]:
    return [w for w in words if state_of(w)]


def _response(page: Page, patient: str, kind: str, used: set[str]) -> tuple[str, str] | None:
    """The column in which the best response stands in the rows of one kind, and their word."""
    words = [
        w for w in page.held[kind].counts if fold(w) in synonyms()["patients"]["best_response"]
    ]
    if len(words) != 1:
        return None
    rows = [i for i, v in enumerate(as_list(page.raw.column(kind))) if v and text_of(v) == words[0]]
    who = as_list(page.raw.column(patient))
    if len({who[i] for i in rows}) < len(rows):
        return None
    reader = Reader("text", "best_response", TABLES["patients"].levels["best_response"])
    for column in page.raw.names:
        values = as_list(page.raw.column(column))
        told = [values[i] for i in rows if values[i] is not None]
        if column in used or not told:
            continue
        if all(read_value(v, reader).value is not None for v in told):
            return column, words[0]
    return None


def _alone(raw: Raw, patient: str, kind: str, words: list[str]) -> bool:
    """Has each patient one row, with a column that is not called event, or a status: it is a sheet
    of patients."""
    who = [text_of(v) for v in as_list(raw.column(patient)) if v is not None]
    status = {level_words("vital_status").get(plain(w)) for w in words}
    of_events = mentions(kind, "event") and len(raw.names) <= 4
    return len(set(who)) == len(who) and (not of_events or {"dead", "alive"} <= status)


def _settled(roles: dict[str, str]) -> dict[str, str]:
    """A start beside an operation is the start; else the operation starts the clock."""
    if sum(r == "treatment_start" for r in roles.values()) < 2:
        return roles
    operations = [w for w in roles if told_by_parts(f"date {fold(w)}") == {"surgery_date"}]
    return {w: r for w, r in roles.items() if w not in operations}


def _how(raw: Raw, patient: str, kind: str, date: str, roles: dict[str, str]) -> OneRow:
    """How the rows become one: words of one meaning are one kind."""
    first: dict[str, str] = {}
    names = {}
    for word, ours in roles.items():
        if first.setdefault(ours, word) != word:
            names[word] = first[ours]
    pairs = [
        (text_of(p), names.get(text_of(k), text_of(k)))
        for p, k in zip(as_list(raw.column(patient)), as_list(raw.column(kind)), strict=True)
        if p is not None and k is not None
    ]
    several = dict.fromkeys(k for (_, k), n in Counter(pairs).items() if n > 1)
    last = [w for w in several if roles.get(w) in _LAST]
    once = {"death_date", "treatment_start", "diagnosis_date"}
    again = [w for w in several if w in roles and w not in last and roles[w] not in once]
    again += [w for w in several if w not in roles]
    return OneRow(
        by=kind,
        columns=[date],
        order=date if several else None,
        first=again,
        last=last,
        names=names,
    )


def of_the_patient(raw: Raw, patient: str) -> list[str]:
    """The columns that say the same in every row of a patient, where patients have several rows:
    sex, the start of treatment.

    Examples
    --------
    >>> columns = ([1, 1, 2], ["m", "m", "f"], ["ill", "dead", "dead"])
    >>> of_the_patient(Raw("c.csv", None, ("id", "sex", "state"), columns, [2, 3, 4]), "id")
    ['sex']
    """
    who = [None if v is None else text_of(v) for v in as_list(raw.column(patient))]
    if len(set(who)) == len(who):
        return []
    out = []
    for column in raw.names:
        values = zip(who, as_list(raw.column(column)), strict=True)
        pairs = {(p, None if v is None else text_of(v)) for p, v in values if p is not None}
        if column != patient and len(pairs) == len({p for p, _ in pairs}):
            out.append(column)
    return out


def beside(page: Page, found: EventRows, kept: Sequence[str] = ()) -> Raw:
    """The sheet with one row for each patient, and a date for each kind of event."""
    return side_by_side(page.raw, found.how, found.patient, kept).raw


def with_matches(page: Page, found: EventRows) -> None:
    """Let the events be the dates of the patients. The page's matches are changed in place.

    A date that the patients' sheet has already stays; the event of the same kind is not used.
    """
    more = () if found.response is None else (found.response[1],)
    new = [m for m in found.matches((*found.roles, *more)) if m.column in page.raw.names]
    starts = tuple(f"{c} {found.kind}=" for c in found.how.columns)
    columns = {c for c in page.raw.names if c.startswith(starts)}
    kept = [m for m in page.matches if m.column not in columns]
    sure = {m.ours for m in kept if m.confidence >= SURE}
    new = [m for m in new if m.ours not in sure]
    added = {m.ours for m in new}
    page.matches = [m for m in kept if m.ours not in added] + new


__all__ = ["EventRows", "beside", "event_rows", "of_the_patient", "role_of", "with_matches"]
