"""Times since a day zero that stand instead of dates: `days_to_death`, `days_to_last_followup`."""

from __future__ import annotations

import re

from oncohort.records.columns import as_list
from oncohort.records.matching import Match
from oncohort.records.name_parts import told_by_parts
from oncohort.records.names import fold
from oncohort.records.values import text_of
from oncohort.study.drafting import Page
from oncohort.study.endpoint_names import called, endpoints_named
from oncohort.study.endpoint_units import numbers_of
from oncohort.vocabulary.mentions import mentions
from oncohort.vocabulary.times import DAYS_PER_UNIT
from oncohort.vocabulary.words import outcome_words

HALF_A_MONTH = 16.0
"""Days by which a time in months may be rounded."""
NEAR = 1.0
"""Days by which a death and the last contact of the same patient may differ by rounding."""


def settle_relative(page: Page) -> None:
    """Find times since a day zero that stand instead of dates.

    One column has times of those who died, another those of the last contact. The page's matches
    are changed in place.
    """
    found: dict[str, str] = {}
    units: dict[str, str] = {}
    for column in page.raw.names:
        held = page.held[column]
        name = column.replace("_", " ")
        stated = _unit_in(name)
        if held.mostly != "number" or not stated:
            continue
        ours = _time_of(name)
        if not mentions(name, "since_or_until") and not (ours and _is_day(page, column, stated)):
            continue
        if ours and ours not in found:
            found[ours], units[ours] = column, stated
    deaths = found.get("death_date")
    if deaths is None and (alone := _recurrences_alone(page)):
        _count_from_zero(page, alone, {o: stated_unit(c) for o, c in alone.items()})
        page.contact_is_death = True  # one time of everybody, until death or the last contact
        return
    if deaths is not None and "last_contact" not in found:
        last = _followed(page, deaths, units["death_date"])
        if last:
            found["last_contact"], units["last_contact"] = last, _unit_in(last.replace("_", " "))
    if deaths is None or "last_contact" not in found:
        return
    if page.held[deaths].n >= page.held[deaths].rows:
        return
    _count_from_zero(page, found, units)


def _recurrences_alone(page: Page) -> dict[str, str]:
    """The time to recurrence of those who had one, and that of the follow-up of all, beside who is
    dead: `Recurrence (mo)`, `Follow-up (mo)`, `NED / AWD / DOD`. Our date = its column.

    Days would say it otherwise, and a flag of the recurrence that another row has: then there is
    nothing.
    """
    dated = {page.ours.get(o) for o in ("death_date", "last_contact", "progression_date")} - {None}
    if "vital_status" not in page.ours or any(page.held[c or ""].mostly == "date" for c in dated):
        return {}
    found: dict[str, list[str]] = {}
    for column in page.raw.names:
        if page.held[column].mostly == "number" and stated_unit(column):
            ours = _time_of(column.replace("_", " "))
            ours = "last_contact" if endpoints_named(called(page, column)) == ["os"] else ours
            found.setdefault(ours, []).append(column)
    later, last = (found.get(o, []) for o in ("progression_date", "last_contact"))
    if len(later) != 1 or len(last) != 1 or "death_date" in found:
        return {}
    if _two_clocks(later[0], last[0]):
        return {}
    named = {e for c in (*later, *last) for e in endpoints_named(called(page, c))}
    if named - {"ttr", "ttp", "os"} or mentions(later[0], "another_time", "before"):
        return {}
    flags = (c for c in page.raw.names if page.held[c].distinct == 2 and mentions(c, "progression"))
    if not all(_says_the_same(page, c, later[0]) for c in flags):
        return {}
    times, ends = numbers_of(page, later[0]), numbers_of(page, last[0])
    of, until = DAYS_PER_UNIT[stated_unit(later[0])], DAYS_PER_UNIT[stated_unit(last[0])]
    both = [
        a * of <= b * until + HALF_A_MONTH
        for a, b in zip(times, ends, strict=True)
        if a is not None and b is not None
    ]
    complete = sum(b is not None for b in ends) >= 0.95 * len(ends)
    if not complete or not 3 <= len(both) < 0.95 * len(times) or sum(both) < 0.95 * len(both):
        return {}
    return {"progression_date": later[0], "last_contact": last[0]}


def _two_clocks(one: str, other: str) -> bool:
    """May two times count from different days: one from the diagnosis by its name and the other
    not, or one from a recurrence?"""
    since = {mentions(c, "diagnosis") for c in (one, other)}
    return len(since) > 1 or mentions(f"{one} {other}", "since_progression")


def since_zero(page: Page) -> set[str]:
    """The column of times to progression since day zero, which is that of no other endpoint."""
    return (
        {page.ours["progression_date"]}
        if page.relative and "progression_date" in page.ours
        else set()
    )


def _dates_on(page: Page) -> list[str]:
    """The columns of dates of a page."""
    return [c for c in page.raw.names if page.held[c].mostly == "date"]


def _says_the_same(page: Page, flag: str, times: str) -> bool:
    """Has a flag one of its values where a time stands, and in no other row?"""
    rows = {i for i, v in enumerate(numbers_of(page, times)) if v is not None}
    values = [None if v is None else text_of(v) for v in as_list(page.raw.column(flag))]
    return any(rows == {i for i, v in enumerate(values) if v == one} for one in {*values} - {None})


def stated_unit(column: str) -> str:
    """The unit of time that the name of a column states; empty where it states none."""
    return _unit_in(column.replace("_", " "))


def _count_from_zero(page: Page, found: dict[str, str], units: dict[str, str]) -> None:
    """Take times since day zero for our dates. The page's matches are changed in place."""
    known = set(found.values())
    clocks = [*page.ours, *(o for c in _dates_on(page) for o in told_by_parts(fold(c)))]
    treated = {"treatment_start", "surgery_date"} & set(clocks) and "diagnosis_date" not in clocks
    at_zero = {
        c
        for c in page.raw.names
        if set(page.held[c].counts) in ({"0"}, {"0.0"}) and mentions(c, "treatment_start")
    }
    # Real dates among times since day zero: nothing is counted from them.
    dated = {m.column for m in page.matches if page.held[m.column].mostly == "date"}
    gone = known | at_zero | dated
    page.matches = [m for m in page.matches if m.column not in gone and m.ours not in found]
    page.matches += [
        Match(column, ours, 0.95, f"{units[ours]} since day zero") for ours, column in found.items()
    ]
    page.relative = units.get("death_date") or units["last_contact"]
    page.other_units = {o: units[o] for o in found if units[o] != page.relative}
    started = [] if at_zero else [c for c in page.raw.names if _begins(page, c)]
    if len(started) == 1:
        page.matches = [m for m in page.matches if m.ours != "treatment_start"]
        why = f"{page.relative} since day zero"
        page.matches.append(Match(started[0], "treatment_start", 0.95, why))
        return
    starts = bool(at_zero or treated) or any(mentions(c, "treatment_start") for c in known)
    page.zero = "treatment_start" if starts else "diagnosis_date"


def _is_day(page: Page, column: str, unit: str) -> bool:
    """Is a number the day of something since day zero, `Death (day)`: no time of an endpoint, and
    no day of a month?"""
    if endpoints_named(called(page, column)) or mentions(column, "another_time", "before"):
        return False
    return unit != "days" or (page.held[column].high or 0) > 31


def _begins(page: Page, column: str) -> bool:
    """Is a number the day on which treatment began, some time after day zero?"""
    name = column.replace("_", " ")
    if page.held[column].mostly != "number" or not _unit_in(name) or _time_of(name):
        return False
    named = mentions(name, "treatment_start") and not mentions(name, "since_or_until")
    zero = set(page.held[column].counts) <= {"0", "0.0"}
    return named and not zero and _unit_in(name) == page.relative


def _followed(page: Page, deaths: str, unit: str) -> str:
    """The time of follow-up of everybody, which for the dead is that to their death."""
    died = numbers_of(page, deaths)
    for column in page.raw.names:
        stated = _unit_in(column.replace("_", " "))
        held = page.held[column]
        if column == deaths or not stated or held.mostly != "number" or held.n < held.rows:
            continue
        if not mentions(column, "last_contact"):
            continue
        pairs = [
            (a * DAYS_PER_UNIT[unit], b * DAYS_PER_UNIT[stated])
            for a, b in zip(died, numbers_of(page, column), strict=True)
            if a is not None and b is not None
        ]
        near = sum(abs(a - b) <= NEAR for a, b in pairs)
        if len(pairs) >= 3 and near >= 0.95 * len(pairs):
            return column
    return ""


def _unit_in(name: str) -> str:
    low = name.lower()
    for unit, known in outcome_words("unit").items():
        if any(re.search(rf"\b{re.escape(w)}\b", low) for w in known if len(w) > 2):
            return unit
        short = [w for w in known if len(w) == 2 or not w.isascii()]
        if any(re.search(rf"[(（\[,]\s*{re.escape(w)}\.?\s*[)）\]]?$", low) for w in short):
            return unit  # `Follow-up (mo)`
    return ""


def _time_of(name: str) -> str:
    """Our date column of a time: the death, the last contact, the progression."""
    if mentions(name, "death") and not mentions(name, "last_contact"):
        return "death_date"
    if mentions(name, "progression"):
        return "progression_date"
    return "last_contact" if mentions(name, "last_contact") else ""
