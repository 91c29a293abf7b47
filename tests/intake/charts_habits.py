"""Further habits of wards: days that stand for none, notes beside, units that go without saying."""

from __future__ import annotations

import statistics
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from charts_abroad import pfs
from charts_public import PFS_EVENTS, PFS_MEDIAN
from charts_told import TENTHS, TENTHS_MEDIAN, WHOLE, WHOLE_MEDIAN
from charts_tongues import PFS, death
from cohort import PEOPLE, at, chart, save
from openpyxl import Workbook

CORE = ["ID", "Age", "Start", "Death", "Last contact"]


def core(p: Any) -> list[Any]:
    return [p.number, p.age, at(p.start), at(death(p)), at(p.last)]


@chart(responders=None, median=WHOLE_MEDIAN)
def follow_up_in_words(path: Path) -> Path:
    words = {p.number: ["NED", "AWD", "DOC", "DOD"][p.number % 2 + 2 * p.dead] for p in PEOPLE}
    rows = [
        [p.number, f"{m} m" if m < 24 else f"{m // 12}y {m % 12}m", words[p.number]]
        for p, m in zip(PEOPLE, WHOLE, strict=True)
    ]
    return save(path, ["No", "F/U", "Status"], *rows)


@chart(responders=None, answers={"deaths": "yes"})
def an_export_of_a_pivot_table(path: Path) -> Path:
    head = ["Row Labels", "Average of Age", "Max of Last contact", "Min of Start", "Status"]
    rows: list[list[Any]] = [
        [f"P{p.number:02d}", p.age, at(p.last), at(p.start), "dead" if p.dead else "alive"]
        for p in PEOPLE
    ]
    rows.append(["Grand Total", 60.1, at(max(p.last for p in PEOPLE)), None, None])
    return save(path, [], [], head, *rows)


@chart(responders=None, answers={"rows_per_patient": "first"}, truths=PFS)
def several_tumours_with_a_day_of_ablation(path: Path) -> Path:
    head = ["Patient", "Lesion no", "Size (cm)", "Date RFA", "Date of local progression", "Death",
            "Last follow-up"]  # fmt: skip
    rows = [
        [p.number, k + 1, 2.1 + k, at(p.start), None if k else at(p.progressed), at(death(p)),
         at(p.last)]
        for p in PEOPLE
        for k in range(1 + p.number % 3)
    ]  # fmt: skip
    return save(path, head, *rows)


@chart(responders=None, answers={"deaths": "yes"})
def one_day_known_of_everybody(path: Path) -> Path:
    """There is one choice alone: yes takes it."""
    rows = [
        [p.number, p.start.year - p.age, f"{p.age // 10 * 10}-{p.age // 10 * 10 + 9}",
         at(p.start), at(p.last), "Deceased" if p.dead else "Living"]
        for p in PEOPLE
    ]  # fmt: skip
    head = ["ID", "YOB", "Age group", "Treatment start", "Last known date", "Status"]
    return save(path, head, *rows)


@chart(responders=None, answers={"start": "yes", "deaths": "yes"})
def nothing_but_a_day_of_diagnosis(path: Path) -> Path:
    rows = [[p.number, p.age, at(p.start), at(p.last), "yes" if p.dead else "no"] for p in PEOPLE]
    return save(path, ["ID", "Age", "Date of diagnosis", "Last follow-up", "Dead"], *rows)


@chart(responders=None, answers={"missing_words": "missing"})
def the_last_day_of_the_calendar_for_the_living(path: Path) -> Path:
    rows = [
        [p.number, p.age, p.start.isoformat(), (death(p) and p.last.isoformat()) or "9999-12-31",
         p.last.isoformat()]
        for p in PEOPLE
    ]  # fmt: skip
    return save(path, CORE, *rows)


@chart(responders=None, answers={"missing_words": "missing"})
def the_first_day_of_excel_for_the_living(path: Path) -> Path:
    rows = [[*core(p)[:3], at(death(p) or date(1900, 1, 1)), at(p.last)] for p in PEOPLE]
    return save(path, CORE, *rows)


@chart(responders=None, median=TENTHS_MEDIAN, answers={"os": "3 = censored"})
def lost_patients_in_a_legend(path: Path) -> Path:
    rows = [
        [p.number, p.age, t, 2 if p.dead else (3 if p.number % 2 else 1)]
        for p, t in zip(PEOPLE, TENTHS, strict=True)
    ]
    head = ["ID", "Age", "OS_months", "Status (1=alive, 2=dead, 3=lost to follow-up)"]
    return save(path, head, *rows)


@chart(responders=None)
def a_summary_beside_the_patients(path: Path) -> Path:
    book = Workbook()
    page = book.active
    page.append([*CORE, None, None, "Summary", None])
    notes = [["N", 24], ["Dead", 14], ["Median age", 60]]
    for i, p in enumerate(PEOPLE):
        page.append([*core(p), None, None, *(notes[i] if i < 3 else [])])
    book.save(path / "c.xlsx")
    return path / "c.xlsx"


@chart(
    responders=None,
    answers={"deaths": "yes", "rfs": "yes"},
    truths={"survival.rfs.events": float(PFS_EVENTS), "survival.rfs.median": PFS_MEDIAN},
)
def phrases_in_a_german_legend(path: Path) -> Path:
    status = "Status (1=lebt, 2=verstorben tumorbedingt, 3=verstorben andere Ursache)"
    head = ["Pat-ID", "ED", "OP-Datum", "Rezidiv", "Rezidiv am", "letzter Kontakt", status]
    rows = [
        [p.number, at(p.start - timedelta(days=20)), at(p.start), "j" if p.progression else "n",
         at(p.progressed), at(p.last), (2 + p.number % 2) if p.dead else 1]
        for p in PEOPLE
    ]  # fmt: skip
    return save(path, head, *rows)


@chart(responders=None)
def alive_at_the_last_contact(path: Path) -> Path:
    rows = [[p.number, at(p.start), at(p.last), "no" if p.dead else "yes"] for p in PEOPLE]
    return save(path, ["ID", "Start", "Last contact / death", "Alive at last contact"], *rows)


@chart(
    responders=None,
    median=TENTHS_MEDIAN,
    answers={"weight": "lb", "height": "in"},
    truths={"baseline.weight.median": statistics.median(150.0 + 2 * p.number for p in PEOPLE)},
)
def pounds_and_inches(path: Path) -> Path:
    rows = [
        [p.number, 150 + 2 * p.number, 60 + p.number % 12, t, "yes" if p.dead else "no"]
        for p, t in zip(PEOPLE, TENTHS, strict=True)
    ]
    return save(path, ["ID", "Weight", "Height", "OS (months)", "Died"], *rows)


@chart(responders=None, median=TENTHS_MEDIAN, answers={"weight": "leave out", "hb": "leave out"})
def kilograms_beside_pounds(path: Path) -> Path:
    """And haemoglobin in g/dl beside mmol/l."""
    rows = [
        [p.number, 60 + p.number if p.number % 3 else 150 + p.number,
         p.hb if p.number % 2 else round(p.hb * 0.6206, 1), t, "yes" if p.dead else "no"]
        for p, t in zip(PEOPLE, TENTHS, strict=True)
    ]  # fmt: skip
    return save(path, ["ID", "Weight", "Hb", "OS (months)", "Died"], *rows)


@chart(responders=None, answers={"recurrences": "yes"}, truths=PFS)
def dates_of_failures(path: Path) -> Path:
    """DF is a distant failure, and no diagnosis."""
    head = ["ID", "Start RT", "Date LRF", "Date DF", "Date death", "Date last FU"]
    rows = [
        [p.number, at(p.start), at(p.progressed) if p.number % 2 else None,
         None if p.number % 2 else at(p.progressed), at(death(p)), at(p.last)]
        for p in PEOPLE
    ]  # fmt: skip
    return save(path, head, *rows)


FLAGGED = ["ID", "Start", "Progression (Y/N)", "Date of progression or last FU", "Death date",
           "Last FU"]  # fmt: skip


@chart(responders=None, answers={"progressed": "yes"}, truths=PFS)
def a_flag_beside_a_day_of_progression_for_all(path: Path) -> Path:
    """Those without the event have the day of the last look there."""
    rows = [
        [p.number, at(p.start), "Y" if p.progression else "N", at(p.progressed or p.last),
         at(death(p)), at(p.last)]
        for p in PEOPLE
    ]  # fmt: skip
    return save(path, FLAGGED, *rows)


@chart(responders=None, answers={"progressed": "1"}, truths=PFS)
def codes_beside_a_day_of_progression_for_all(path: Path) -> Path:
    rows = [
        [p.number, at(p.start), int(p.progression is not None), at(p.progressed or p.last),
         at(death(p)), at(p.last)]
        for p in PEOPLE
    ]  # fmt: skip
    return save(path, ["ID", "Start", "PD", "PD date", "Death date", "Last FU"], *rows)


@chart(responders=None)
def first_and_second_line(path: Path) -> Path:
    head = ["ID", "Date of diagnosis", "Start 1st line", "Start 2nd line", "Death", "Last FU"]
    rows = [
        [p.number, at(p.start - timedelta(days=30)), at(p.start),
         at(p.start + timedelta(days=50)) if p.number % 2 else None, at(death(p)), at(p.last)]
        for p in PEOPLE
    ]  # fmt: skip
    return save(path, head, *rows)


@chart(
    responders=None,
    answers={"start": "Surgery date"},
    truths={"survival.rfs.events": float(PFS_EVENTS), "survival.rfs.median": PFS_MEDIAN},
)
def adjuvant_treatment_of_some(path: Path) -> Path:
    head = ["ID", "Surgery date", "Adjuvant chemo start", "Recurrence date", "Death date",
            "Last FU date"]  # fmt: skip
    rows = [
        [p.number, at(p.start), at(p.start + timedelta(days=40)) if p.number % 2 else None,
         at(p.progressed), at(death(p)), at(p.last)]
        for p in PEOPLE
    ]  # fmt: skip
    return save(path, head, *rows)


@chart(responders=None)
def weekdays_and_days_that_are_not_exact(path: Path) -> Path:
    def said(day: date | None, number: int) -> str:
        if day is None:
            return ""
        return f"~{day:%d/%m/%Y}" if number % 6 == 0 else f"{day:%A, %d %B %Y}"

    rows = [
        [p.number, said(p.start, p.number), said(death(p), p.number), said(p.last, p.number)]
        for p in PEOPLE
    ]
    return save(path, ["ID", "Start", "Death", "Last contact"], *rows)


@chart(responders=None, answers={"remarks_out": "yes"})
def failures_of_screening_below(path: Path) -> Path:
    rows: list[list[Any]] = [[*core(p), None] for p in PEOPLE]
    rows += [[100 + i, 55, None, None, None, "screen failure"] for i in range(3)]
    return save(path, [*CORE, "Comment"], *rows)


@chart(responders=None)
def how_it_ended_with_a_day_in_words(path: Path) -> Path:
    rows = [
        [p.number, at(p.start), f"{'Died' if p.dead else 'Alive'} ({p.last:%d %b %Y})"]
        for p in PEOPLE
    ]
    return save(path, ["ID", "Start of therapy", "Outcome"], *rows)


@chart(responders=None)
def yes_with_a_day(path: Path) -> Path:
    rows = [
        [p.number, at(p.start), f"yes ({p.last:%Y-%m-%d})" if p.dead else "no", at(p.last)]
        for p in PEOPLE
    ]
    return save(path, ["ID", "Start", "Death", "Last FU"], *rows)


@chart(responders=None, answers={"last_contact": "Off-study date"}, truths=PFS)
def randomised_and_off_study(path: Path) -> Path:
    head = ["Subject ID", "Arm", "Rand. date", "Progression date", "Died", "Date of death",
            "Off-study date"]  # fmt: skip
    rows = [
        [p.number, "AB"[p.number % 2], at(p.start), at(p.progressed), "Yes" if p.dead else "No",
         at(death(p)), at(p.last)]
        for p in PEOPLE
    ]  # fmt: skip
    return save(path, head, *rows)


@chart(responders=None, truths=PFS)
def a_time_to_the_first_of_two_events(path: Path) -> Path:
    """Deaths count: it is progression-free survival, whatever it is called."""

    def kind(p: Any) -> str:
        time, event = pfs(p)
        return "censored" if not event else "progression" if p.progression == time else "death"

    rows = [[p.number, pfs(p)[0], kind(p), at(p.start), at(death(p)), at(p.last)] for p in PEOPLE]
    head = ["ID", "Time to progression or death (days)", "Event type", "Start", "Death", "Last FU"]
    return save(path, head, *rows)
