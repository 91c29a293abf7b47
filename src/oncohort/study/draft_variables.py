"""The sections `[variables.*]` of a drafted protocol: covariates, and what is open in them."""

from __future__ import annotations

import re
from dataclasses import replace

from oncohort.displays.words import up_first
from oncohort.problems import Wrong
from oncohort.protocol.toml_text import toml_header, toml_line, toml_value
from oncohort.records.columns import as_list
from oncohort.records.matching import SURE
from oncohort.records.name_likeness import synonyms
from oncohort.records.names import fold, header_unit
from oncohort.records.profile import Profile
from oncohort.records.units import analyte
from oncohort.study.draft_bounds import ask_overlap
from oncohort.study.draft_events import of_treatment
from oncohort.study.draft_recurrences import dated_in
from oncohort.study.draft_rows import excluded_columns
from oncohort.study.draft_same_patients import no_measure
from oncohort.study.draft_sizes import (
    are_percentages,
    percent_and_fractions,
    spread_too_wide,
    two_scales,
    unit_asked,
)
from oncohort.study.draft_units import unit_behind, units_behind, units_question
from oncohort.study.draft_values import (
    missing_words,
    number_questions_of,
)
from oncohort.study.drafting import Page, Question, Section
from oncohort.study.endpoint_columns import at_a_time, is_outcome_time
from oncohort.study.endpoint_names import has
from oncohort.study.endpoint_units import first_numbers
from oncohort.vocabulary.cohort_columns import cohort_columns
from oncohort.vocabulary.endpoints import ENDPOINTS
from oncohort.vocabulary.keys import level_key, new_key
from oncohort.vocabulary.mentions import mentions, without_words
from oncohort.vocabulary.tables import TABLES
from oncohort.vocabulary.words import (
    LANGUAGES,
    level_words,
    level_words_in,
    may_be_missing,
    outcome_words,
    plain,
)

CATEGORIES = 8
"""Up to so many distinct values a column is a category."""
_KEY = re.compile(r"[a-z0-9][a-z0-9_.+-]{0,59}")
_OUTCOMES = ("best_response", "vital_status", "progression_date", "death_date", "death_cause")


def _name_levels(page: Page) -> None:
    """Levels in another language get the words of the paper: `ja`, `nein` as yes and no.

    Only where all values of a column are known words of one language; the page's legends are
    changed in place.
    """
    known = set(level_words("level").values())
    matched = {m.column for m in page.matches if m.confidence >= SURE}
    matched |= set(excluded_columns(page))  # a criterion names their values as they stand
    for column in page.raw.names:
        held = page.held[column]
        if column in matched or column in page.legends or not 2 <= held.distinct <= CATEGORIES:
            continue
        if len(held.counts) == 2 and {plain(v) for v in held.counts} in _YES_OR_NO:
            labels = {v: "no" if plain(v) == "n" else "yes" for v in held.counts}
            page.legends[column] = labels, "the letters of the chart in the words of the paper"
            continue
        for language in LANGUAGES:
            words = level_words_in("level", language)
            labels = {v: words.get(plain(v), plain(v)) for v in held.counts}
            if set(labels.values()) <= known and any(plain(v) in words for v in held.counts):
                page.legends[column] = labels, "the words of the chart in those of the paper"
                break


_YES_OR_NO = ({"y", "n"}, {"j", "n"}, {"o", "n"}, {"s", "n"}, {"t", "n"})
"""Letters for yes and no: English, German and Dutch, French, Spanish and Italian, Polish."""
_SEXES = {"male": "Male", "female": "Female"}
_IMDC = {"favorable": "Favorable", "intermediate": "Intermediate", "poor": "Poor"}
_AGE = (toml_line("label", "Age"), toml_line("unit", "years"))
_KNOWN: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("age", (*_AGE, toml_line("kind", "continuous"))),
    ("sex", (toml_line("label", "Sex"), toml_line("levels", _SEXES, bare=True))),
    ("kps", (toml_line("label", "Karnofsky performance status"), toml_line("kind", "categorical"))),
    ("ecog", (toml_line("label", "ECOG performance status"), toml_line("kind", "categorical"))),
    ("imdc", (toml_line("label", "IMDC risk group"), toml_line("levels", _IMDC, bare=True))),
)


def variable_sections(
    page: Page, taken: set[str], ignored: set[str]
) -> tuple[list[Section], list[str]]:
    """One section per usable covariate, and those of age, sex and performance.

    Returns
    -------
    tuple
        The sections, and a line for each column that is none, with the reason.
    """
    out: list[Section] = []
    left: list[str] = []
    keys: set[str] = set(cohort_columns(ENDPOINTS))
    ours = page.ours
    for known, lines in _KNOWN:
        if known in ours and page.held[ours[known]].n:
            out.append(Section(("variables", known), list(lines)))
            keys.add(known)
    if "age" not in keys and "birth_date" in ours and page.held[ours["birth_date"]].n:
        lines = (*_AGE, toml_line("derive", "age"))
        out.append(Section(("variables", "age"), list(lines)))
        keys.add("age")
    _name_levels(page)
    special = set(ours.values()) | {m.column for m in page.matches if m.confidence >= SURE}
    change = best_change(page)
    if change is not None:
        special.add(change)
    for column in page.raw.names:
        if column in special or column in taken or column in ignored:
            continue
        why = _no_variable(page, column)
        if why:
            left.append(f"Not used: {toml_value(column)} ({why})")
            continue
        section = _variable(page, column, keys)
        out.append(section)
    return out, left


_LATER = ("at_a_time", "later")


def _measured_again(page: Page, column: str) -> str:
    """The column of which this one has a later value: `CRP week 8` beside `CRP baseline`."""
    if not _is_later(column):
        return ""
    stem = _measured(without_words(column, *_LATER))
    others = (n for n in page.raw.names if n != column and not _is_later(n))
    return next((n for n in others if stem and _measured(without_words(n, *_LATER)) == stem), "")


def _is_later(name: str) -> bool:
    """Is a value of the time after the start? That of week 0, or of cycle 1, is not."""
    if not mentions(name, *_LATER) or mentions(name, "before"):
        return False
    numbers = {int(n) for n in re.findall(r"\d+", name)}
    return not numbers or not numbers <= ({0} if mentions(name, "at_a_time") else {0, 1})


def _measured(name: str) -> str:
    """What a name says beside the time: `Hb vor Therapie` and `Hb` say the same."""
    bare = re.sub(r"[()\[\]]", " ", name)
    return fold(" ".join(w for w in bare.split() if not mentions(w, "before", "treatment_start")))


def _no_variable(page: Page, column: str) -> str:
    """Why a column is no variable of Table I; empty where it may be one."""
    held = page.held[column]
    # A second column of outcome (a response beside the best response) is no baseline variable.
    if any(fold(column) in synonyms()["patients"][o] for o in _OUTCOMES):
        return "an outcome, not a baseline variable; another column is read as that"
    if column in page.visits:
        return "the response at a visit, no baseline variable"
    if column in page.differences or column in (page.begins, page.ends):
        return "a time of observation, no baseline variable"
    if not mentions(column, "before") and _until_the_end(page, column):
        return "the time of an endpoint, not a baseline variable"
    if held.distinct <= 4 and at_a_time(column) and mentions(column, "survival_flag"):
        return "an outcome at a fixed time, not a baseline variable"
    told = mentions(column, "outcome") or re.fullmatch(r"pd( (event|status|flag))?", fold(column))
    if held.distinct <= 4 and told and not mentions(column, "before"):
        return "it looks like an outcome, which is no baseline variable; declare it to use it"
    if first := _measured_again(page, column):
        return f'a value of "{first}" at a later time, no baseline variable; declare it to use it'
    title = column.removesuffix(page.raw.column_label.get(column, "")).strip()
    if title not in ("", column) and mentions(title, "outcome_title"):
        return f'it stands under "{title}": an outcome, no baseline variable'
    if any(m.column == column and m.ours in _OUTCOMES for m in page.matches):
        return "it may be an outcome (see the questions), which is no baseline variable"
    if held.distinct == 2 and (day := dated_in(page, column)):
        return f'"{day}" holds its days, after the start: an outcome, no baseline variable'
    if not mentions(column, "before") and any(_of_life(v) for v in held.counts):
        return "it says who is alive or dead, which is no baseline variable"
    if harm := of_treatment(column, held):
        return harm
    if column.startswith("redcap_") or (page.raw.column_label and column.endswith("_complete")):
        return "of the database, not of the patient"
    if fold(column) in ("rownames", "row names", "unnamed: 0", "unnamed 0"):
        return "it numbers the rows"
    if other := no_measure(page, column):
        return other
    if held.n == 0:
        return "it is empty" if not held.absent else "no value is known"
    if held.mostly == "date":
        return "dates; name what it is with columns.NAME to use it"
    if held.distinct < 2:
        return f"the same everywhere: {next(iter(held.counts))[:40]}"
    if held.n < max(3, 0.05 * held.rows):
        return f"only {held.n} of {held.rows} rows have a value"
    if unit_behind(held) or units_behind(column, held):
        return ""
    texts = [t for t in held.counts if not re.fullmatch(r"-?\d+([.,]\d+)?", t)]
    if sum(_is_graded(t) for t in texts) >= 0.5 * max(len(texts), 1) and texts:
        return "adverse events in words: make a sheet with one row per event to use them"
    if sum(_is_dosed(t) for t in texts) >= 0.5 * max(len(texts), 1) and texts:
        return "doses in words: make a sheet with one row per period to use them"
    if _numeric(page, column):
        if held.distinct == held.n >= 10 and held.low is not None and _running(held):
            return "it numbers the rows"
        return ""
    if max(len(v) for v in held.counts) > 60:
        return "free text"
    if held.distinct > CATEGORIES or held.distinct >= 0.8 * held.n > 4:
        return f"{held.distinct} different texts in {held.n} rows: no category"
    return ""


def _until_the_end(page: Page, column: str) -> bool:
    """Is it the time of an endpoint, or one until death or of those who live: `Died after (mo)`?"""
    if is_outcome_time(page, column):
        return True
    unit = header_unit(column).casefold()
    times = any(unit in words for words in outcome_words("unit").values())
    return times and has(column, (*outcome_words("asks")["death"], *outcome_words("asks")["life"]))


def _of_life(value: str) -> bool:
    """Is it a word for alive or dead in any language? Single letters are no words."""
    word = plain(value)
    long = 3 if word.isascii() else 2
    return len(word) >= long and word in level_words("vital_status")


_GRADED = re.compile(r"\b(g|gr|grade|grad|ctc)\.? ?[1-5]\b|°", re.IGNORECASE)


def _is_graded(text: str) -> bool:
    """Is it a word with a grade: `diarrhea G2`? A grade alone, `g2`, is one of the tumour."""
    return bool(_GRADED.search(text)) and bool(re.search(r"[^\W\d_]", _GRADED.sub("", text)))


_AMOUNT = re.compile(r"\d ?(?:mg|µg|g)\b", re.IGNORECASE)
_DOSED = re.compile(r"->|→|bid|qd|tid|od\b|/d|daily|q\dw", re.IGNORECASE)


def _is_dosed(text: str) -> bool:
    """Is it a course of doses in words: an amount, and behind it how often or what then?"""
    amount = _AMOUNT.search(text)
    return amount is not None and _DOSED.search(text, amount.end()) is not None


def _numeric(page: Page, column: str) -> bool:
    """Is it a number, not a code: most values are figures, or bounds such as <1?"""
    if explained(page, column):
        return False
    held = page.held[column]
    bounds = sum(n for t, n in held.counts.items() if re.match(r"^\s*[<>≤≥]=?\s*[\d.,]+", t))
    if unit_behind(held) or units_behind(column, held):
        return True
    mostly = held.mostly == "number" or (
        bounds > 0 and held.numbers > bounds and held.numbers + bounds >= 0.9 * held.n
    )
    return mostly and (bool(header_unit(column)) or not _codes(held))


def _running(held: Profile) -> bool:
    """Whole numbers without gaps, each once."""
    assert held.low is not None and held.high is not None
    return held.high - held.low + 1 == held.n


def _is_ours(page: Page, column: str) -> bool:
    """Has a covariate the name of a column of ours, and other values: ages as bands?"""
    kind = TABLES["patients"].kinds.get(fold(column).replace(" ", "_"))
    return kind in ("number", "integer", "date") and not _numeric(page, column)


def _variable(page: Page, column: str, keys: set[str]) -> Section:
    held = page.held[column]
    unit = header_unit(column) or unit_behind(held)
    label = re.sub(r"(?<!\s)\s*+[\(\[][^()\[\]]*[\)\]]\s*$", "", column).replace("_", " ").strip()
    label = page.raw.column_label.get(column) or label or column
    name = new_key(fold(column), keys, "column")
    keys.add(name)
    if _is_ours(page, column):
        page.renamed[column] = f"{name}_group"
    called = page.renamed.get(column, column)
    head = [toml_line("column", called), toml_line("label", up_first(label))]
    if _numeric(page, column):
        lines = [*head, toml_line("kind", "continuous")]
        section = Section(("variables", name), lines, column=called, number=True)
        if unit:
            section.lines.append(toml_line("unit", unit))
        table_one = [toml_header("baseline"), toml_line("variables", [name])]
        values = as_list(page.raw.column(column))
        scales = None if are_percentages(values, unit) else two_scales(values)
        scales = scales or percent_and_fractions(values)
        if scales is None and not unit and analyte(column) is not None:
            numbers = first_numbers(page, column)
            scales = None if _grows(page, column) else spread_too_wide(column, numbers) or None
            asked = None if scales else unit_asked(column, numbers)
            if asked is not None:
                section.off = True
                lines = [section.header, *section.lines, asked[1], *table_one]
                question = Question(name, asked[0], lines, leave_out=("patients", column))
                question.about = Wrong("patients", (column,))
                section.questions.append(question)
        if scales is not None:
            section.off = True
            section.questions.append(
                Question(
                    name,
                    f'"{column}" looks like two units in one column: {scales} Are all values in '
                    "one unit? (yes, or leave it out; where they are not, correct the cells.)",
                    [section.header, *section.lines, *table_one],
                    about=Wrong("patients", (column,)),
                    leave_out=("patients", column),
                )
            )
        return section
    section = _categories(page, column, Section(("variables", name), head, column=called))
    return ask_overlap(section, column, page.held[column])


_ADULT = 18


def _grows(page: Page, column: str) -> bool:
    """Is it a height or a weight, and are many of the patients children?"""
    known = analyte(column)
    age = page.ours.get("age")
    if known is None or known.name not in ("height", "weight") or age is None:
        return False
    ages = [a for a in first_numbers(page, age) if a is not None]
    return sum(a < _ADULT for a in ages) >= 0.1 * len(ages) > 0


def _categories(page: Page, column: str, section: Section) -> Section:
    """The section of a covariate with its levels."""
    held = page.held[column]
    labels = explained(page, column) or page.raw.label_of.get(column, {})
    levels: dict[str, str] = {}
    for value in sorted(held.counts, key=_natural):
        shown = labels.get(value, value)
        if re.fullmatch(r"-?\d+\.0+", shown):
            shown = shown.split(".")[0]
        if shown != value and shown in level_words("level").values():
            shown = shown[:1].upper() + shown[1:]
        levels.setdefault(level_key(shown), shown)
    if any(may_be_missing(v) for v in held.counts) or not all(_KEY.fullmatch(k) for k in levels):
        section.lines.append(toml_line("kind", "categorical"))
        return section
    section.lines.append(toml_line("levels", levels, bare=True))
    if all(re.fullmatch(r"-?\d+(\.\d+)?", v) for v in levels.values()):
        section.comments.append(
            f'"{column}" is taken as categories: it holds {held.top()}. Put words into levels; for '
            'a number write kind = "continuous" instead of levels.'
        )
    return section


def explained(page: Page, column: str) -> dict[str, str]:
    """What the chart's own legend says of all codes of a column; else nothing."""
    codes, _ = page.legends.get(column, ({}, ""))
    held = page.held[column]
    return dict(codes) if held.counts and set(held.counts) <= set(codes) else {}


def coded(page: Page, column: str) -> dict[str, str]:
    """What the codes of a column are read as, where it is a variable and a legend explains them."""
    return {} if _no_variable(page, column) else explained(page, column)


def legend_lines(page: Page, sections: list[Section]) -> list[str]:
    """Lines for `[tables.patients]`: the codes of variables that the chart's legend explains, and
    other names for those that are called as columns of ours."""
    used = {s.column for s in sections if s.column}
    named = {c: page.renamed.get(c, c) for c in page.raw.names}
    named = {c: name for c, name in named.items() if name in used}
    behind = {c: _unit_in_cells(page, c) for c in named if not header_unit(c)}
    lines = [
        toml_line(("columns", name), c, f"its values are no {fold(c)}")
        for c, name in named.items()
        if c != name
    ]
    lines += [
        toml_line(("units", named[c]), u, "it stands behind the numbers")
        for c, u in behind.items()
        if u
    ]
    return lines + [
        toml_line(("codes", named[c]), {v: codes[v] for v in page.held[c].counts}, where)
        for c, (codes, where) in page.legends.items()
        if c in named and explained(page, c)
    ]


def _unit_in_cells(page: Page, column: str) -> str:
    """The unit that stands behind the numbers of a column, a percent sign among them."""
    held = page.held[column]
    if unit := unit_behind(held):
        return unit
    signed = [v for v in held.counts if re.fullmatch(r"\d+([.,]\d+)?\s?%", v)]
    if not signed or not _numeric(page, column):
        return ""
    return "%" if percent_and_fractions(as_list(page.raw.column(column))) is None else ""


def _codes(held: Profile) -> bool:
    """Are these few whole numbers, as codes and scores are?"""
    numbers = [float(v) for v in held.counts if re.fullmatch(r"-?\d+(\.\d+)?", v)]
    return (
        held.distinct <= CATEGORIES
        and len(numbers) == held.distinct
        and all(n.is_integer() for n in numbers)
        and max(numbers) - min(numbers) < 10
    )


def _natural(text: str) -> tuple[float, str]:
    return (float(text), "") if re.fullmatch(r"-?\d+(\.\d+)?", text) else (1e12, text.lower())


def covariate_questions(page: Page, sections: list[Section]) -> list[Question]:
    """Questions about the values of covariates: words among numbers, words for missing."""
    out: list[Question] = []
    words: list[tuple[str, str, bool]] = []
    name_of = {page.renamed.get(n, n): n for n in reversed(page.raw.names)}
    for section in sections:
        if not section.column:
            continue
        name = name_of[section.column]
        words.append((name, name, section.number))
        if not section.number:
            continue
        if (ask_unit := units_question(name, page.held[name])) is not None:
            out.append(ask_unit)
            continue
        out += [
            replace(q, name=section.path[1])
            for q in number_questions_of(
                "patients",
                name,
                name,
                page.held[name],
                as_list(page.raw.column(name)),
                header_unit(name) or unit_behind(page.held[name]),
                page.decimal_mark,
            )
        ]
    for m in page.matches:
        if m.confidence >= SURE and TABLES["patients"].kinds.get(m.ours) in ("number", "date"):
            words.append((m.ours, m.column, TABLES["patients"].kinds[m.ours] == "number"))
    ask = missing_words(page, words)
    return [*out, ask] if ask is not None else out


def best_change(page: Page) -> str | None:
    """The column with the best change of the target sum, if there is one."""
    for column in page.raw.names:
        named = mentions(column, "best_change")
        named = named or mentions(without_words(column, "of_tumours"), "best_change")
        if named and page.held[column].mostly == "number":
            return column
    return None
