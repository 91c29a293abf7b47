"""Who died, who is alive, and since when: as charts say it (synthetic)."""

from __future__ import annotations

import statistics
from pathlib import Path
from typing import Any

from cohort import MONTH, PEOPLE, Person, at, chart, months, save


@chart(answers={"vital_status": "1 = alive, 2 = dead"}, responders=None)
def last_contact_or_death(path: Path) -> Path:
    rows = [[p.number, p.age, at(p.start), at(p.last), 2 if p.dead else 1] for p in PEOPLE]
    head = ["Patient ID", "Age", "First dose", "Date of last contact or death", "Status"]
    return save(path, head, *rows)


@chart(answers={"vital_status": "1 = dead, 0 = alive"}, responders=None)
def a_date_of_death_for_everybody(path: Path) -> Path:
    rows = [[p.number, p.age, at(p.start), at(p.last), int(p.dead)] for p in PEOPLE]
    return save(path, ["Patient ID", "Age", "Start", "Death date", "CENSDEAD"], *rows)


@chart(answers={"deaths": "yes"}, responders=None)
def last_seen_and_a_status(path: Path) -> Path:
    rows = [
        [p.number, p.age, at(p.start), at(p.last), "verstorben" if p.dead else "lebt"]
        for p in PEOPLE
    ]
    return save(path, ["Pat", "Alter", "Beginn", "letzter Kontakt", "Status"], *rows)


@chart(responders=None)
def legend_in_the_header(path: Path) -> Path:
    rows = [[p.number, p.age, at(p.start), at(p.last), 2 if p.dead else 1] for p in PEOPLE]
    head = ["ID", "Age", "C1D1", "Last FU / death", "Status (1 = alive, 2 = dead)"]
    return save(path, head, *rows)


@chart(responders=None)
def legend_below_the_table(path: Path) -> Path:
    rows: list[list[Any]] = [
        [p.number, p.age, at(p.start), at(p.last), 0 if p.dead else 1] for p in PEOPLE
    ]
    head = ["ID", "Age", "Start", "Last FU / death", "Status"]
    return save(path, head, *rows, ["Status: 1 = alive, 0 = dead"])


@chart(responders=None)
def months_and_dead_in_words(path: Path) -> Path:
    rows = [[p.number, p.age, months(p), "yes" if p.dead else "no"] for p in PEOPLE]
    return save(path, ["UPN", "Age", "OS (months)", "Dead"], *rows)


@chart(responders=None)
def months_and_alive_in_words(path: Path) -> Path:
    rows = [[p.number, p.age, months(p), "no" if p.dead else "yes"] for p in PEOPLE]
    return save(path, ["Hosp ID", "Age", "OS (months)", "Alive"], *rows)


@chart(
    answers={"os": "1, months", "rfs": "months"},
    responders=None,
    truths={"survival.rfs.events": float(sum(p.progression is not None for p in PEOPLE))},
)
def os_death_rfs_recurrence(path: Path) -> Path:
    rows = [
        [
            p.number,
            p.age,
            months(p),
            int(p.dead),
            round((p.progression or p.days) / MONTH, 2),
            "yes" if p.progression else "no",
        ]
        for p in PEOPLE
    ]
    return save(path, ["S.No", "Age", "OS", "Death", "RFS", "Recurrence"], *rows)


@chart(answers={"os": "event_value = 1, time_unit = days"}, responders=None)
def futime_and_fustat(path: Path) -> Path:
    text = ['"rownames","futime","fustat","age","rx"']
    text += [f'"{p.number}",{p.days},{int(p.dead)},{p.age}.5,{1 + p.number % 2}' for p in PEOPLE]
    file = path / "ovarian.csv"
    file.write_text("\n".join(text) + "\n")
    return file


@chart(answers={"endpoint": "name = os, event_value = 2, time_unit = days"}, responders=None)
def time_and_status(path: Path) -> Path:
    text = ["inst,time,status,age,sex"]
    text += [f"3,{p.days},{2 if p.dead else 1},{p.age},{p.sex}" for p in PEOPLE]
    file = path / "lung.csv"
    file.write_text("\n".join(text) + "\n")
    return file


@chart(responders=None)
def status_of_four_words(path: Path) -> Path:
    def word(p: Person) -> str:
        return ("DOD" if p.number % 2 else "DOC") if p.dead else ("NED" if p.number % 2 else "AWD")

    rows = [[p.number, p.age, months(p), word(p)] for p in PEOPLE]
    return save(path, ["Case", "Age", "Survival (months)", "Status"], *rows)


@chart(answers={"os": "0 = censored, 1 = event, 2 = event"}, responders=None)
def status_of_three_figures(path: Path) -> Path:
    def code(p: Person) -> int:
        return 0 if not p.dead else 1 + p.number % 2

    rows = [[p.number, p.age, months(p), code(p)] for p in PEOPLE]
    return save(path, ["pid", "Age", "OS months", "OS event"], *rows)


def _causes(path: Path) -> Path:
    def code(p: Person) -> int:
        return 0 if not p.dead else 1 + p.number % 2

    rows = [[p.number, p.age, months(p), code(p)] for p in PEOPLE]
    return save(path, ["pid", "Age", "OS months", "OS event"], *rows)


@chart(
    answers={"os": "0 = censored, 1 = event, 2 = competing"},
    responders=None,
    deaths=None,
    median=None,
    truths={
        "incidence.os.events[cause=event]": float(
            sum(p.dead and p.number % 2 == 0 for p in PEOPLE)
        ),
        "incidence.os.events[cause=competing]": float(
            sum(p.dead and p.number % 2 == 1 for p in PEOPLE)
        ),
    },
)
def deaths_of_another_cause_compete(path: Path) -> Path:
    return _causes(path)


@chart(
    answers={"is_death_date": "yes"},
    responders=None,
    deaths=len(PEOPLE),
    median=statistics.median(p.days for p in PEOPLE) / MONTH,
)
def everybody_is_dead(path: Path) -> Path:
    rows = [[p.number, p.age, at(p.start), at(p.last)] for p in PEOPLE]
    return save(path, ["Pat.-Nr.", "Alter", "Therapiebeginn", "verstorben am"], *rows)
