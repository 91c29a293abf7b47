"""Sheets of lesions: a row per lesion with a column per scan, and lesions without a role."""

from __future__ import annotations

import re
from dataclasses import replace

from oncohort.problems import Wrong
from oncohort.protocol.toml_text import toml_line, toml_value
from oncohort.records.columns import as_list
from oncohort.records.matching import SURE, Match, match_table
from oncohort.records.name_likeness import synonyms
from oncohort.records.names import fold, header_unit
from oncohort.records.repeats import Repeat, visit_dates
from oncohort.records.values import text_of
from oncohort.study.draft_asking_names import bare_name
from oncohort.study.draft_chart import Chart
from oncohort.study.draft_joining import entry
from oncohort.study.drafting import Page, Question, Section
from oncohort.study.questions import TEXT, open_line
from oncohort.vocabulary.mentions import mentions
from oncohort.vocabulary.plurals import counted
from oncohort.vocabulary.tables import TABLES
from oncohort.vocabulary.words import level_words, plain

LESIONS = Wrong("lesions")


def sizes_of(page: Page) -> Repeat | None:
    """The columns of sizes at the scans, where a sheet has a row per lesion."""
    found = next((r for r in page.repeats if r.table == "lesions"), None)
    if found is None or "diameter_mm" not in found.patterns or "diameter_mm" in page.ours:
        return None
    return found


def settle_lesion_rows(page: Page) -> None:
    """Take a sheet for lesions where rows have sizes at several scans, and patients several rows.

    The page is changed in place.
    """
    if page.table not in (None, "patients", "sites") or page.where or not page.raw.height:
        return
    matches = match_table(page.raw, TABLES["lesions"], page.held)
    ours = {m.ours: m.column for m in matches}
    found = sizes_of(page)
    if found is None or not {"patient", "lesion"} <= set(ours) or ours["lesion"] in found.columns:
        return
    who = [text_of(v) for v in as_list(page.raw.column(ours["patient"])) if v is not None]
    if len(set(who)) >= 0.9 * len(who):
        return
    page.table, page.matches = "lesions", matches
    page.why = "each row is a lesion with its sizes at the scans"


def settle_sums(page: Page) -> Page | None:
    """Take a sheet of visits with the sum of all targets for lesions: one that is the sum.

    The page is changed in place.

    Returns
    -------
    Page or None
        The sheet once more as one of lesions, where it has the charted responses too.
    """
    if page.table not in ("assessments", "lesions", None) or not page.raw.height:
        return None
    matches = match_table(page.raw, TABLES["lesions"], page.held)
    ours = {m.ours: m.column for m in matches if m.confidence >= SURE}
    charted = {m.ours for m in match_table(page.raw, TABLES["assessments"], page.held)}
    numbers = [
        c for c in page.raw.names if mentions(c, "sum_of_sizes") and page.held[c].mostly == "number"
    ]
    if not {"patient", "date"} <= set(ours) or len(numbers) != 1:
        return None
    if "lesion" in ours or page.repeats:
        return None
    kept = [m for m in matches if m.column != numbers[0] and m.ours not in ("diameter_mm", "role")]
    made = replace(
        page,
        matches=[*kept, Match(numbers[0], "diameter_mm", 0.9, "sums of the target lesions")],
        table="lesions",
        why="each row is a visit with the sum of the target lesions",
        read_elsewhere={m.column for m in page.matches},
    )
    if page.table == "assessments" and "overall" in charted:
        page.read_elsewhere = {m.column for m in made.matches}
        return made
    page.matches, page.table, page.why = made.matches, made.table, made.why
    return None


def settle_new_lesions(chart: Chart) -> None:
    """Sheets with a row for each new lesion go below the sizes, where they are clear: one column
    of days, none that says yes or no. The others, and those beside no sizes, are asked about.

    The chart's tables, unused sheets and questions are changed in place.
    """
    named = _marks_named()["new_lesion"]
    measured = {*chart.tables, *(r.table for r in chart.patients.repeats)}
    for page in chart.pages:
        if page.sheet is None or fold(page.sheet) not in named or not page.raw.height:
            continue
        if page is chart.patients or ("diameter_mm" in page.ours and page.table == "lesions"):
            continue
        entry = _new_lesions_entry(chart, page)
        if page in chart.unused:
            chart.unused.remove(page)
        chart.tables = {t: p for t, p in chart.tables.items() if p is not page}
        if "lesions" in measured and entry is not None:
            chart.new_lesions.append(entry)
            rest = [c for c in page.raw.names if c not in entry.values()]
            if rest:
                shown = ", ".join(map(toml_value, rest))
                told = f"Not read, columns of sheet {toml_value(page.sheet)}: {shown}"
                chart.new_lesions_unread.append(told)
        else:
            chart.rows.append(_new_lesions_question(page, "lesions" in measured))


def _new_lesions_entry(chart: Chart, page: Page) -> dict[str, object] | None:
    """The setting for a sheet of new lesions; None where it is not clear."""
    names, held = page.raw.names, page.held
    who = [m for m in match_table(page.raw, TABLES["lesions"], held) if m.ours == "patient"]
    days = [c for c in names if held[c].mostly == "date"]
    if not who or who[0].confidence < SURE or len(days) != 1:
        return None
    rest = [c for c in names if c not in (who[0].column, days[0]) and held[c].n]
    if page.where or any(_flags(page, c) for c in rest):
        return None
    sites = [c for c in rest if held[c].mostly == "text"]
    main = chart.tables.get("lesions") or chart.patients
    out = entry(page, main, patient=who[0].column, date=days[0])
    return out | ({"lesion": sites[0]} if sites else {})


def _new_lesions_question(page: Page, measured: bool) -> Question:
    """What is asked about a sheet of new lesions that is not read."""
    rows = counted(page.raw.height, "row")
    beside = (
        "it is not read beside the sizes. Does what is read show all of them too? (none: yes, "
        "nothing is lost. Else name its columns: [[tables.lesions.new_lesions]] sheet, patient, "
        "date, lesion; its rows are all taken for new lesions.)"
        if measured
        else "the chart has no sizes beside which they could be read. Is each of them in a date of "
        "progression too? (none: yes, nothing is lost. Else give the patients a column with the "
        "day of progression, and draft the study anew.)"
    )
    text = f'Sheet "{page.sheet}" holds new lesions ({rows}), which are progression; {beside}'
    return Question("new_lesions", text, [], about=LESIONS, optional=True)


def settle_marks(page: Page) -> None:
    """Find what stands beside the sizes of a long sheet: target or not, a new lesion, the others.

    The page's matches are changed in place.
    """
    if page.table != "lesions" or page.repeats:
        return
    sums = not any(m.ours == "lesion" for m in page.matches)
    for ours, known in _marks_named().items():
        column = next((c for c in page.raw.names if bare_name(c) in known), None)
        if column is None or not page.held[column].n or (ours == "role" and sums):
            continue
        there = next((m for m in page.matches if m.ours == ours), None)
        other = any(m.column == column and m.confidence >= SURE for m in page.matches)
        if there is not None or (other and ours == "role"):
            continue
        if ours == "non_target" and not sums and _flags(page, column):
            continue  # whether the lesion of the row is one: its role
        if ours == "role" and not _flags(page, column):
            continue
        page.matches = [m for m in page.matches if m.column != column]
        page.matches.append(Match(column, ours, 0.9, "the name is known"))


def _marks_named() -> dict[str, frozenset[str]]:
    """What stands beside sizes = the names that it has."""
    words = level_words("role")
    of = {r: {w for w, role in words.items() if role == r} for r in set(words.values())}
    charted = synonyms()["assessments"]
    return {
        "new_lesion": frozenset({*charted["new_lesion"], *of["new"]}),
        "role": frozenset({*of["target"], *of["non-target"]}),
        "non_target": frozenset({*charted["non_target"], *of["non-target"]}),
    }


def _flags(page: Page, column: str) -> bool:
    flags = level_words("flag")
    return all(flags.get(plain(v)) in ("yes", "no") for v in page.held[column].counts)


def lesion_matches(page: Page, repeat: Repeat) -> list[Match]:
    """The columns that are not repeated; the number of a target lesion is its name."""
    out = [m for m in page.matches if m.column not in repeat.columns and m.ours != "visit"]
    if not any(m.ours == "lesion" and m.confidence >= SURE for m in out):
        out = [m for m in out if m.ours != "lesion"]
        named = [n for n in page.raw.names if n not in repeat.columns and mentions(n, "lesion")]
        if named and all(named[0] != m.column for m in out):
            out.append(Match(named[0], "lesion", 0.9, "it numbers the lesions"))
    return out


def add_sizes(section: Section, page: Page, repeat: Repeat, patients: Page) -> None:
    """The lines and questions of the columns of sizes, and of the days of the scans."""
    section.lines.append(toml_line("shape", "wide"))
    section.comments.append(f"The sizes: {', '.join(map(toml_value, repeat.columns))}")
    patterns, before = dict(repeat.patterns), dict(repeat.baseline)
    borrowed: list[str] = []
    asked: list[Question] = []
    if "date" not in patterns:
        found = visit_dates(patients.raw.names, patients.held)
        if found is not None:
            patterns["date"] = found.patterns["date"]
            borrowed += found.columns
            before |= {"date": found.baseline["date"]} if "date" in found.baseline else {}
    if patterns.get("date") == patterns["diameter_mm"]:  # the sizes have a unit behind their name
        patterns["diameter_mm"] += _behind(repeat.columns[0])
    dates = [c for c in patients.raw.names if patients.held[c].mostly == "date"]
    if "diameter_mm" in before and "date" not in before and "date" in patterns and dates:
        borrowed = list(dict.fromkeys([*borrowed, *dates]))
        asked.append(
            Question(
                "baseline_date",
                f'"{before["diameter_mm"]}" is the size before treatment. Which column of the '
                "patients has the day of that scan?",
                [open_line("baseline.date", *dates)],
                about=LESIONS,
            )
        )
    if "date" not in patterns:
        asked.append(
            Question(
                "scan_dates",
                "The scans of the lesions have numbers and no dates. Which columns have their "
                "days? (A pattern of names with {n}, on this sheet; none: the lesions are not "
                "used.)",
                [open_line("repeat.date", TEXT)],
                about=LESIONS,
                optional=True,
            )
        )
    if borrowed:
        section.lines.append(toml_line("from_patients", borrowed, "the days of the scans"))
    section.lines += [toml_line(("repeat", ours), p) for ours, p in patterns.items()]
    section.lines += [toml_line(("baseline", ours), c) for ours, c in before.items()]
    section.questions += asked
    first = next(c for c in repeat.columns if page.held[c].mostly == "number")
    if not header_unit(first) and not re.search(r"\bmm\b", fold(first)):
        held = page.held[first]
        section.questions.append(
            Question(
                "lesions_unit",
                f'"{patterns["diameter_mm"]}" has no unit (the first goes from {held.low:g} to '
                f"{held.high:g}). Millimetres or centimetres?",
                [open_line("units.diameter_mm", "mm", "cm")],
                about=LESIONS,
            )
        )


def _behind(name: str) -> str:
    """What stands in brackets behind a name, with its blank."""
    found = re.search(r"(?<!\s)\s*+[\(\[][^()\[\]]*[\)\]]\s*$", name)
    return found[0] if found is not None else ""


def role_question(page: Page, ours: dict[str, str]) -> tuple[list[str], Question | None]:
    """A line or a question where no column says which lesions are targets."""
    if "role" in ours:
        return [], None
    if "lesion" not in ours and mentions(ours.get("diameter_mm", ""), "sum_of_sizes"):
        return [toml_line("constants.role", "target"), toml_line("constants.lesion", "sum")], None
    name = f"{page.sheet or ''} {ours.get('lesion', '')}".lower()
    if mentions(name, "target") and not mentions(name, "non_target"):
        return [toml_line("constants.role", "target", "the name says so")], None
    question = Question(
        "lesions_role",
        "No column says which lesions are targets. Are all lesions of this sheet target lesions?",
        [open_line("constants.role", "target", "non-target")],
        about=LESIONS,
    )
    return [], question


__all__ = [
    "add_sizes",
    "lesion_matches",
    "role_question",
    "settle_lesion_rows",
    "settle_marks",
    "settle_new_lesions",
    "settle_sums",
    "sizes_of",
]
