"""Adverse events and doses beside the patients: a column for each term, or words in a cell."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import field

from oncohort.dataclass import dataclass
from oncohort.problems import Wrong
from oncohort.protocol.toml_text import toml_header, toml_line, toml_value
from oncohort.records.columns import as_list
from oncohort.records.in_words import doses_of, events_of, grade_of, says_none
from oncohort.records.name_likeness import synonyms
from oncohort.records.names import fold
from oncohort.records.profile import Profile
from oncohort.records.values import text_of
from oncohort.records.wide import pattern, spellings
from oncohort.study.draft_severity import severities, severity_question
from oncohort.study.drafting import Page, Question, Section
from oncohort.study.questions import TEXT, open_line
from oncohort.vocabulary.mentions import mentions, without_words
from oncohort.vocabulary.versions import CTCAE_VERSIONS
from oncohort.vocabulary.words import level_words, plain

VERSIONS = tuple(f"CTCAE {v}" for v in reversed(CTCAE_VERSIONS))


@dataclass(slots=True)
class Events:
    """Columns of one page that hold the events or doses of its patients."""

    page: Page
    table: str
    columns: list[str]
    lines: list[str]
    """What `[tables.*]` says beside where the sheet is."""
    sure: bool
    comments: list[str] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    drug: str = ""
    """Of which drug the doses are, where it is known."""


def find_events(page: Page, taken: set[str]) -> list[Events]:
    """Adverse events and doses beside the patients of a page, each table at most once."""
    free = [c for c in page.raw.names if c not in taken and page.held[c].n]
    out: list[Events] = []
    for found in (
        _pair(page, free),
        _terms(page, free, of_toxicity=True),
        _words(page, free),
        _terms(page, free, of_toxicity=False),
    ):
        if found is not None and not any(o.table == found.table for o in out):
            out.append(found)
    doses = _doses(page, free)
    return [*out, doses] if doses is not None else out


def known_event(text: str) -> bool:
    """Is a text the name of an adverse event, in the criteria or in another language?

    Examples
    --------
    >>> known_event("HFS"), known_event("Durchfall"), known_event("Age")
    (True, True, False)
    """
    from oncohort.criteria.ctcae import match

    if not text or any(c.isdigit() for c in text):
        return False  # no term has a figure, and columns with numbers may be thousands
    return plain(text) in level_words("adverse_event") or any(
        match(text, v).term is not None for v in CTCAE_VERSIONS[:0:-1]
    )


def _term_of(column: str) -> str:
    """The term in a column's name: without what says that it is a grade."""
    bare = re.sub(r"[()\[\]（）_:]", " ", column)
    return without_words(bare, "grade", "toxicity").strip(" .-–°")


def _are_grades(page: Page, column: str) -> bool:
    """Are all values of a column grades 0 to 5, or words for none?"""
    held = page.held[column]
    graded = 0
    for value in held.counts:
        if (
            re.fullmatch(r"[0-5](\.0)?", value)
            or grade_of(value) is not None
            or severities({value: 1})
        ):
            graded += value not in ("0", "0.0")
        elif not says_none(value) and level_words("flag").get(plain(value)) is None:
            return False
    return graded > 0


def _terms(page: Page, free: list[str], *, of_toxicity: bool) -> Events | None:
    """Columns named by a term that hold its grade.

    Parameters
    ----------
    said
        The names (or the title above them) say that they are grades of toxicity; else terms of the
        criteria alone speak for it, and it is asked.
    """
    found: dict[str, str] = {}
    for column in free:
        term = _term_of(column)
        if (
            not re.search(r"[^\W\d_]", term)
            or mentions(column, "other_grade")
            or re.search(r"[|{}]", column)
        ):
            continue
        names_toxicity = mentions(column, "toxicity") or (
            mentions(column, "grade", "toxicity") and known_event(term)
        )
        if names_toxicity is not of_toxicity or (not of_toxicity and not known_event(term)):
            continue
        if _are_grades(page, column):
            found[column] = term
    if not of_toxicity:
        graded = {c for c in found if _graded_as_events(page, c)}
        found = {c: t for c, t in found.items() if c in graded or (graded and _one_grade(page, c))}
    if not found or (
        of_toxicity and not any(known_event(t) for t in found.values()) and len(found) < 2
    ):
        return None
    text = "{term:" + "|".join(found) + "}"
    spelt = spellings(page.raw, {"grade": pattern(text)})
    codes = {}
    for column, term in found.items():
        written = spelt.get(("term", fold(column)), fold(column))
        name = level_words("adverse_event").get(plain(term), term)
        if name != written:
            codes[written] = name
    lines = [toml_line("shape", "wide"), toml_line("repeat.grade", text)]
    if codes:
        lines.append(toml_line("codes.term", codes, "the names without what they say of grades"))
    why = "Columns that hold the grade of an adverse event each; 0 makes no record."
    asked = _in_words(page, list(found))
    sure = of_toxicity or bool(asked)
    return Events(page, "adverse_events", list(found), lines, sure, [why], asked)


def _in_words(page: Page, columns: list[str]) -> list[Question]:
    """What words of severity mean that stand for grades."""
    worded = [c for c in columns if severities(page.held[c].counts)]
    counts = sum((Counter(page.held[c].counts) for c in worded), Counter())
    ask = severity_question(worded[0], counts) if worded else None
    return [ask] if ask is not None else []


def _graded_as_events(page: Page, column: str) -> bool:
    """Whole numbers of which one is 2 or more: yes and no are no grades."""
    numbers = [
        float(v)
        if re.fullmatch(r"\d(\.0)?", v)
        else grade_of(v) or max(severities({v: 1}).values(), default=0)
        for v in page.held[column].counts
    ]
    return max(numbers, default=0) >= 2 and len(numbers) > 1


def _pair(page: Page, free: list[str]) -> Events | None:
    """A column with the name of an event and one with its grade: the worst, or the only one."""
    for column in free:
        held = page.held[column]
        named = fold(column) in synonyms()["adverse_events"]["term"]
        if held.mostly != "text" or not (named or mentions(column, "toxicity")):
            continue
        known = sum(n for v, n in held.counts.items() if known_event(v))
        beside = page.raw.names.index(column) + 1
        grade = next(iter(page.raw.names[beside : beside + 1]), "")
        if known < 0.6 * held.n or grade not in free or not mentions(grade, "grade", "toxicity"):
            continue
        if mentions(grade, "other_grade") or not _are_grades(page, grade):
            continue
        lines = [toml_line("columns.term", column), toml_line("columns.grade", grade)]
        why = f'"{column}" holds one event of each patient, "{grade}" its grade.'
        asked = _in_words(page, [grade])
        return Events(page, "adverse_events", [column, grade], lines, True, [why], asked)
    return None


def _one_grade(page: Page, column: str) -> bool:
    """One grade and blanks, no word for none: beside columns with several it is one of them."""
    return page.held[column].distinct == 1


def _words(page: Page, free: list[str]) -> Events | None:
    """A column whose cells hold events with grades in words."""
    for column in free:
        held = page.held[column]
        if held.mostly != "text":
            continue
        parts = [e for v in list(held.counts)[:300] for e in events_of(v)]
        graded = [e for e in parts if e.grade is not None and e.term and not e.why]
        known = [e for e in graded if known_event(e.term)]
        named = _is_named_events(column)
        if len(graded) < max(2, 0.3 * len(parts)) or len(known) < (0 if named else 0.4) * len(
            parts
        ):
            continue
        lines = [toml_line("shape", "words"), toml_line("columns.term", column)]
        names = {
            e.term: level_words("adverse_event")[plain(e.term)]
            for e in parts
            if plain(e.term) in level_words("adverse_event")
        }
        names = {k: v for k, v in names.items() if k != v}
        if names:
            lines.append(toml_line("codes.term", names, "other names of the same terms"))
        open_ = sum(held.counts[v] for v in held.counts if any(e.why for e in events_of(v)))
        without = sum(e.grade is None for e in parts)
        comments = [f'"{column}" holds events in words; each becomes a record with this cell.']
        if open_ or without:
            comments.append(
                f"{open_} cells hold parts that can't be read; {without} events have no grade. "
                "check names them."
            )
        return Events(page, "adverse_events", [column], lines, True, comments)
    return None


def _is_named_events(column: str) -> bool:
    """Does a column's name say adverse events?"""
    named = fold(column) in synonyms()["sheets"]["adverse_events"]
    return named or mentions(column, "toxicity")


def _doses(page: Page, free: list[str]) -> Events | None:
    """A column whose cells hold doses in words."""
    start = page.ours.get("treatment_start")
    for column in free:
        held = page.held[column]
        if held.mostly != "text":
            continue
        read = {v: doses_of(v) for v in list(held.counts)[:300]}
        parts = [d for many in read.values() for d in many]
        good = [d for d in parts if not d.why]
        if len(good) < max(2, 0.5 * len(parts)) or not any(d.times_per_day for d in good):
            continue
        if start is None and not all(many and many[0].start for many in read.values()):
            continue
        drug = without_words(re.sub(r"[()\[\]_:]", " ", column), "dose")
        lines = [toml_line("shape", "words"), toml_line("columns.amount", column)]
        if start is not None:
            lines.append(toml_line("columns.start", start, "of the first dose of each cell"))
        questions = []
        if drug:
            lines.append(toml_line("constants.drug", drug))
        else:
            questions.append(
                Question(
                    "drug",
                    f'"{column}" holds doses. Of which drug?',
                    [open_line("constants.drug", TEXT)],
                    about=Wrong("doses", ("drug",)),
                )
            )
        comments = [f'"{column}" holds doses in words; each becomes a record with this cell.']
        bad = sum(any(d.why for d in many) for many in read.values())
        if bad:
            comments.append(f"{bad} of them can't be read as they stand; check names them.")
        return Events(page, "doses", [column], lines, True, comments, questions, drug or "")
    return None


def ctcae_section() -> Section:
    """The question for the version of the criteria, where events are read."""
    section = Section(("safety",), off=True)
    section.questions.append(
        Question(
            "ctcae",
            "Which version of CTCAE do the grades follow?",
            [toml_header("safety"), open_line("criteria", *VERSIONS)],
            ("safety",),
            optional=True,
        )
    )
    return section


def events_sections(found: Iterable[tuple[Events, list[str]]]) -> list[Section]:
    """Sections for events and doses; a question where it is not sure that they are some.

    Parameters
    ----------
    found
        Each with the lines that say where its sheet is.
    """
    out: list[Section] = []
    for one, where in found:
        path = ("tables", one.table)
        lines = [*where, *one.lines]
        named = f"Their columns: {', '.join(map(toml_value, one.columns))}"
        if one.sure:
            out.append(Section(path, lines, list(one.questions), [*one.comments, named]))
            continue
        shown = ", ".join(f'"{c}"' for c in one.columns[:12])
        more = f" and {len(one.columns) - 12} others" if len(one.columns) > 12 else ""
        section = Section(path, off=True, comments=[named] if len(one.columns) > 12 else [])
        section.questions.append(
            Question(
                "adverse_events",
                f"{shown}{more} have names of adverse events and hold 0 to 5. If these are their "
                "worst grades: of which version of CTCAE? (none: they are something else. They are "
                "declared as variables and stand in no table.)",
                [section.header, *lines, toml_header("safety"), open_line("criteria", *VERSIONS)],
                ("safety",),
                optional=True,
            )
        )
        out.append(section)
    return out


def first_doses(one: Events) -> dict[str, Counter[str]]:
    """Drug = the first doses of its cells, counted."""
    out: Counter[str] = Counter()
    for value in as_list(one.page.raw.column(one.columns[0])):
        many = [] if value is None else doses_of(text_of(value))
        if many and many[0].amount:
            out[f"{many[0].amount:g}"] += 1
    return {one.drug: out} if one.drug and out else {}


def of_treatment(column: str, held: Profile) -> str:
    """Why a column of what the treatment did is no variable of Table I; empty where it may be."""
    graded = held.distinct <= 6 and all(re.fullmatch(r"[0-5](\.0)?", v) for v in held.counts)
    rest = without_words(column, "toxicity")  # "adverse" is a word of both
    asked = all(plain(v) in level_words("flag") for v in held.counts)
    if (graded or asked) and rest != column and not mentions(rest, "before", "other_grade"):
        return "adverse events, no baseline variable; a row per event can be read"
    if mentions(column, "gvhd") and not mentions(column, "before"):
        return "it happens after the transplant, no baseline variable; declare it to use it"
    return ""
