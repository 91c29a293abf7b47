"""Dates in parts, times in words, eras, thousands, sums amid the rows (synthetic)."""

from __future__ import annotations

import statistics
from datetime import date
from pathlib import Path

from charts_mixed import CORE, core
from charts_public import PFS_EVENTS, PFS_MEDIAN, table
from cohort import DEATHS, MONTH, PEOPLE, N, at, chart, km_median, months, save

WEEKS = [round(p.days / 7, 1) for p in PEOPLE]
WHOLE = [round(p.days / MONTH) for p in PEOPLE]
WHOLE_MEDIAN = km_median([float(m) for m in WHOLE], [p.dead for p in PEOPLE])
TENTHS = [round(p.days / MONTH, 1) for p in PEOPLE]
TENTHS_MEDIAN = km_median(TENTHS, [p.dead for p in PEOPLE])
RECURRED = sum(p.progression is not None for p in PEOPLE)
LDH = {p.number: 612 + 217 * p.number for p in PEOPLE}


def era(day: date | None) -> str | None:
    """As the forms of Japanese wards have it: H27.3.12."""
    return None if day is None else f"H{day.year - 1988}.{day.month}.{day.day}"


@chart(responders=None)
def day_month_and_year_apart(path: Path) -> Path:
    head = ["ID", "Age"]
    for what in ("Start", "Death", "Last contact"):
        head += [f"{what} day", f"{what} month", f"{what} year"]
    rows = []
    for p in PEOPLE:
        days = (p.start, p.last if p.dead else None, p.last)
        parts = [x for d in days for x in ((d.day, d.month, d.year) if d else (None,) * 3)]
        rows.append([p.number, p.age, *parts])
    return save(path, head, *rows)


@chart(responders=None, answers={"deaths": "yes"})
def german_parts_of_dates(path: Path) -> Path:
    head = ["Nr", "Therapiebeginn Tag", "Therapiebeginn Monat", "Therapiebeginn Jahr",
            "Letzter Kontakt Tag", "Letzter Kontakt Monat", "Letzter Kontakt Jahr",
            "Status"]  # fmt: skip
    rows = [
        [p.number, p.start.day, p.start.month, p.start.year, p.last.day, p.last.month,
         p.last.year, "verstorben" if p.dead else "lebt"]
        for p in PEOPLE
    ]  # fmt: skip
    return save(path, head, *rows)


@chart(responders=None, median=TENTHS_MEDIAN)
def an_outcome_in_one_cell(path: Path) -> Path:
    rows = [
        [p.number, p.age, f"dead at {t} mo" if p.dead else f"alive, {t} mo"]
        for p, t in zip(PEOPLE, TENTHS, strict=True)
    ]
    return save(path, ["ID", "Age", "Outcome"], *rows)


@chart(responders=None, median=WHOLE_MEDIAN)
def years_and_months_in_words(path: Path) -> Path:
    rows = [
        [p.number, f"{m // 12}y {m % 12}m" if m >= 12 else f"{m}m", "Dead" if p.dead else "Alive"]
        for p, m in zip(PEOPLE, WHOLE, strict=True)
    ]
    return save(path, ["ID", "Overall survival", "Dead/alive"], *rows)


@chart(responders=None)
def died_or_alive_on_a_day(path: Path) -> Path:
    rows = [
        [p.number, p.start.isoformat(), f"{'Died' if p.dead else 'Alive'} {p.last.isoformat()}"]
        for p in PEOPLE
    ]
    return table(path, "c.csv", ["ID", "Started", "Status"], rows)


@chart(responders=None)
def japanese_eras(path: Path) -> Path:
    rows = [
        [p.number, p.age, era(p.start), era(p.last) if p.dead else None, era(p.last)]
        for p in PEOPLE
    ]
    return save(path, ["患者番号", "年齢", "治療開始日", "死亡日", "最終確認日"], *rows)


@chart(responders=None)
def days_with_short_months_and_years(path: Path) -> Path:
    def short(day: date) -> str:
        return day.strftime("%d-%b-%y")

    rows = [
        [p.number, short(p.start), short(p.last) if p.dead else "", short(p.last)] for p in PEOPLE
    ]
    return table(path, "c.csv", ["ID", "Start Tx", "Death", "Last FU"], rows)


@chart(responders=None, median=None)
def years_and_months_in_six_figures(path: Path) -> Path:
    """Known to the month alone: the days are the middle of it."""
    rows = [
        [p.number, f"{p.start:%Y%m}", f"{p.last:%Y%m}" if p.dead else "", f"{p.last:%Y%m}"]
        for p in PEOPLE
    ]
    head = ["ID", "Start (yyyymm)", "Death (yyyymm)", "Last contact (yyyymm)"]
    return table(path, "c.csv", head, rows)


@chart(
    responders=None,
    median=TENTHS_MEDIAN,
    truths={"baseline.ldh.median": statistics.median(map(float, LDH.values()))},
)
def points_between_thousands(path: Path) -> Path:
    head = ["Pat.", "LDH (U/l)", "Gesamtüberleben (Monate)", "verstorben"]
    rows = [
        [p.number, f"{LDH[p.number]:,}".replace(",", "."), str(t).replace(".", ","),
         "ja" if p.dead else "nein"]
        for p, t in zip(PEOPLE, TENTHS, strict=True)
    ]  # fmt: skip
    return table(path, "c.csv", head, rows, ";")


@chart(
    responders=None,
    median=TENTHS_MEDIAN,
    truths={"baseline.ldh.median": statistics.median(map(float, LDH.values()))},
)
def commas_between_thousands(path: Path) -> Path:
    rows = [
        [p.number, f"{LDH[p.number]:,}", t, "dead" if p.dead else "censored"]
        for p, t in zip(PEOPLE, TENTHS, strict=True)
    ]
    return table(path, "c.csv", ["ID", "LDH", "OS (mo)", "Event"], rows)


@chart(responders=None)
def sums_of_each_site(path: Path) -> Path:
    rows: list[list[object]] = []
    for site in (0, 1, 2):
        mine = [p for p in PEOPLE if p.number % 3 == site]
        rows += [[f"Site {site}", *core(p)] for p in mine]
        rows.append(["Subtotal", len(mine), 60, None, None, None])
    rows.append(["Grand total", N, 61, None, None, None])
    return save(path, ["Site", *CORE], *rows)


@chart(
    responders=None,
    truths={"survival.pfs.events": float(PFS_EVENTS), "survival.pfs.median": PFS_MEDIAN},
)
def biotab_of_tcga(path: Path) -> Path:
    """Names twice, then the numbers of data elements."""
    head = ["bcr_patient_barcode", "vital_status", "days_to_death", "days_to_last_followup",
            "new_tumor_event_dx_indicator",
            "days_to_new_tumor_event_after_initial_treatment"]  # fmt: skip
    rows: list[list[object]] = [
        ["bcr_patient_barcode", "vital", "x", "y", "z", "w"],
        [f"CDE_ID:{n}" for n in range(3003301, 3003307)],
    ]
    for p in PEOPLE:
        rows.append(
            [f"TCGA-{p.number:04d}", "Dead" if p.dead else "Alive",
             p.days if p.dead else "[Not Applicable]",
             "[Not Available]" if p.dead else p.days,
             "NO" if p.progression is None else "YES",
             "[Not Applicable]" if p.progression is None else p.progression]
        )  # fmt: skip
    return table(path, "clinical.txt", head, rows, "\t")


@chart(
    responders=None,
    median=round(TENTHS_MEDIAN * MONTH) / MONTH,
    truths={"survival.pfs.n": float(N), "survival.pfs.events": float(PFS_EVENTS)},
)
def times_to_recurrence_of_those_who_recurred(path: Path) -> Path:
    head = ["ID", "Recurrence", "Time to recurrence (months)", "Follow-up (months)",
            "Status at last FU"]  # fmt: skip
    rows = [
        [p.number, "N" if p.progression is None else "Y",
         None if p.progression is None else round(p.progression / MONTH, 1), t,
         "Dead" if p.dead else "Alive"]
        for p, t in zip(PEOPLE, TENTHS, strict=True)
    ]  # fmt: skip
    return save(path, head, *rows)


@chart(
    responders=None,
    answers={"deaths": "yes"},
    truths={"survival.dfs.n": float(N), "survival.dfs.events": float(RECURRED)},
)
def days_of_events_of_those_who_had_one(path: Path) -> Path:
    head = ["Case", "Date of surgery", "DFS event", "Date of DFS event", "Last follow up",
            "Alive/Dead"]  # fmt: skip
    rows = [
        [p.number, at(p.start), "No" if p.progression is None else "Yes", at(p.progressed),
         at(p.last), "Dead" if p.dead else "Alive"]
        for p in PEOPLE
    ]  # fmt: skip
    return save(path, head, *rows)


@chart(responders=None, answers={"titles_arm": "yes"},
       truths={"baseline.arm.count[level=arm_a]": 12.0})  # fmt: skip
def an_arm_as_the_title_of_a_block(path: Path) -> Path:
    rows = []
    for arm in (0, 1):
        mine = [p for p in PEOPLE if p.number % 2 == arm]
        rows += [[f"Arm {'AB'[arm]}" if n == 0 else None, *core(p)] for n, p in enumerate(mine)]
    return save(path, ["Arm", *CORE], *rows)


@chart(
    responders=None,
    answers={"endpoint": "os, time, every patient, event, weeks"},
    deaths=N,
    median=km_median(WEEKS, [True] * N) * 7 / MONTH,
)
def everybody_had_the_event(path: Path) -> Path:
    rows = [
        [p.number, "present" if p.number % 3 else "absent", w]
        for p, w in zip(PEOPLE, WEEKS, strict=True)
    ]
    return table(path, "leuk.csv", ["", "ag", "time"], rows)


@chart(
    responders=None,
    answers={"start": "diag", "vital_status": "A = alive, D = dead", "day_zero": "1960-01-01"},
)
def numbers_of_days_for_all(path: Path) -> Path:
    zero = PEOPLE[0].start.replace(1960, 1, 1)
    rows = [
        [(p.start - zero).days, (p.last - zero).days, "D" if p.dead else "A", p.age] for p in PEOPLE
    ]
    return table(path, "aids.csv", ["diag", "death", "status", "age"], rows)


@chart(
    responders=None,
    truths={"survival.pfs2.events": float(DEATHS), "survival.pfs2.median": TENTHS_MEDIAN},
    deaths=None,
    median=None,
)
def first_and_second_progression(path: Path) -> Path:
    head = ["No.", "PFS1 (mo)", "PFS1 event", "PFS2 (mo)", "PFS2 event"]
    rows = [
        [p.number, months(p), "no" if p.number % 2 else "yes", t, "yes" if p.dead else "no"]
        for p, t in zip(PEOPLE, TENTHS, strict=True)
    ]
    return save(path, head, *rows)


@chart(
    responders=None,
    answers={"recurrences": "yes"},
    truths={"survival.rfs.events": float(PFS_EVENTS), "survival.rfs.median": PFS_MEDIAN},
)
def local_and_distant_recurrences(path: Path) -> Path:
    head = ["ID", "Date of surgery", "Date of local recurrence", "Date of distant metastasis",
            "Date of death", "Last follow-up"]  # fmt: skip
    rows = [
        [p.number, at(p.start), at(p.progressed) if p.number % 2 else None,
         None if p.number % 2 else at(p.progressed), at(p.last) if p.dead else None, at(p.last)]
        for p in PEOPLE
    ]  # fmt: skip
    return save(path, head, *rows)


@chart(
    responders=None,
    answers={"endpoint": "os, 1, days", "endpoint_2": "ttp, 1, days"},
    truths={"survival.ttp.events": float(RECURRED)},
)
def times_and_flags_of_one_stem(path: Path) -> Path:
    rows = [
        [p.number, p.days, int(p.dead), p.progression or p.days, int(p.progression is not None)]
        for p in PEOPLE
    ]
    return table(path, "ebmt.csv", ["patid", "srv", "srvstat", "rel", "relstat"], rows)


@chart(
    responders=None,
    deaths=N,
    median=km_median([p.days for p in PEOPLE], [True] * N) / MONTH,
    answers={"os": "1, days", "pfs": "status, 1, days"},
    truths={"survival.pfs.events": float(N)},
)
def two_times_and_one_status(path: Path) -> Path:
    rows = [[p.number, p.days // 2, p.days, 1] for p in PEOPLE]
    return table(path, "pancreas.csv", ["ID", "pfs", "os", "status"], rows)


@chart(
    responders=None,
    deaths=N,
    median=km_median([p.days for p in PEOPLE], [True] * N) / MONTH,
    answers={"is_death_date": "yes", "last_contact": "none"},
    truths={"survival.pfs.events": float(N)},
)
def everybody_has_a_day_of_death(path: Path) -> Path:
    def american(day: date | None) -> str:
        return "" if day is None else f"{day.month}/{day.day}/{day.year}"

    rows = [[p.number, american(p.start), american(p.progressed), american(p.last)] for p in PEOPLE]
    return table(path, "c.csv", ["ID", "onstudy", "progression", "death"], rows)


@chart(responders=None, answers={"deaths": "yes"})
def a_form_per_patient(path: Path) -> Path:
    """One below the other, with a blank row between."""
    lines: list[list[object]] = []
    for p in PEOPLE:
        lines += [["Patient:", p.number], ["Age", p.age], ["Sex", p.sex], ["Start", at(p.start)],
                  ["Last FU", at(p.last)], ["Status", "dead" if p.dead else "alive"],
                  [None, None]]  # fmt: skip
    return save(path, *lines)


@chart(responders=None, median=TENTHS_MEDIAN)
def a_word_and_a_number_in_the_unit_of_the_name(path: Path) -> Path:
    words = {p.number: ("DOD" if p.number % 3 else "DOC") if p.dead else "NED" for p in PEOPLE}
    rows = [[p.number, f"{words[p.number]}, {t}"] for p, t in zip(PEOPLE, TENTHS, strict=True)]
    return save(path, ["ID", "Outcome (months)"], *rows)


@chart(responders=None, median=TENTHS_MEDIAN, answers={"os": "D"})
def letters_behind_the_times(path: Path) -> Path:
    """D is no day here, and A no year."""
    rows = [
        [p.number, f"{t} {'D' if p.dead else 'A'}"] for p, t in zip(PEOPLE, TENTHS, strict=True)
    ]
    return save(path, ["ID", "Survival (months), status"], *rows)


@chart(
    responders=None,
    median=TENTHS_MEDIAN,
    truths={"baseline.hb.median": statistics.median(p.hb for p in PEOPLE)},
)
def units_behind_every_number(path: Path) -> Path:
    rows = [
        [p.number, f"{p.hb} g/dl", t, "y" if p.dead else "n"]
        for p, t in zip(PEOPLE, TENTHS, strict=True)
    ]
    return save(path, ["ID", "Hb", "OS (months)", "Dead"], *rows)
