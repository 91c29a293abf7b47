"""Forms on sheets of their own, titles amid a table, names that run on, local failures, marks of
death beside a day, times with their unit in each cell (synthetic)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from charts_elsewhere import day, text
from charts_public import PFS_EVENTS, PFS_MEDIAN
from charts_tongues import death
from cohort import MONTH, PEOPLE, at, chart, months, save
from on_sheets import book
from openpyxl import Workbook

D = "%d.%m.%Y"
PFS = {"survival.pfs.events": float(PFS_EVENTS), "survival.pfs.median": PFS_MEDIAN}
FAILED = [p for p in PEOPLE if p.progression and p.number % 2 == 0]


@chart(responders=None, truths=PFS)
def a_form_on_a_sheet_for_each_patient(path: Path) -> Path:
    book = Workbook()
    book.remove(book.active)
    for p in PEOPLE:
        page = book.create_sheet(f"Pt {p.number}")
        for row in (
            ["Patient ID", p.number],
            ["Age", p.age],
            ["Sex", p.sex],
            ["Start of treatment", at(p.start)],
            ["Progression date", at(p.progressed)],
            ["Date of death", at(death(p))],
            ["Last follow-up", at(p.last)],
        ):
            page.append(row)
    book.save(path / "c.xlsx")
    return path / "c.xlsx"


@chart(responders=None)
def titles_of_arms_amid_the_rows(path: Path) -> Path:
    rows: list[list[object]] = [["ID", "Age", "Start", "Death", "Last FU"]]
    for arm in (0, 1):
        rows.append([f"Arm {'AB'[arm]} (n=12)"])
        rows += [
            [p.number, p.age, at(p.start), at(death(p)), at(p.last)]
            for p in PEOPLE
            if p.number % 2 == arm
        ]
        rows.append([])
    return save(path, *rows)


@chart(
    answers={"os": "1", "endpoint": "efs, 1"},
    responders=None,
    truths={"survival.efs.events": float(len(FAILED))},
)
def time_to_local_failure_or_the_last_look(path: Path) -> Path:
    head = ["ID", "Age", "Local failure (0/1)", "Time to local failure or last FU (mo)"]
    rows = [
        [
            *(p.number, p.age, int(p in FAILED)),
            (p.progression if p in FAILED and p.progression else p.days) / MONTH,
            *(int(p.dead), months(p)),
        ]
        for p in PEOPLE
    ]
    return save(path, [*head, "Death (0/1)", "OS (mo)"], *rows)


@chart(responders=None)
def names_that_run_on_with_capitals(path: Path) -> Path:
    head = ["StudySubjectID", "Age_E1_C1", "StartTrt_E2_C2", "VitalStat_E9_C9", "DeathDt_E9_C9"]
    rows = [
        [
            *(f"SS_{p.number:03d}", p.age, p.start, "dead" if p.dead else "alive"),
            *(death(p) if p.dead else "", p.last),
        ]
        for p in PEOPLE
    ]
    return text(path, "oc.tsv", "\t", [[*head, "LastContactDt_E9_C9"], *rows])


@chart(answers={"recurrences": "yes"}, deaths=None, responders=None)
def recurrences_whose_names_say_more(path: Path) -> Path:
    head = ["Pat.-ID", "Alter", "Operation", "Lokoregionäres Rezidiv (Datum)"]
    rows = [
        [
            *(p.number, p.age, at(p.start)),
            *(at(p.progressed) if p.progressed and p.number % 2 == k else None for k in (0, 1)),
            *(at(death(p)), at(p.last)),
        ]
        for p in PEOPLE
    ]
    more = ["Fernmetastase (Datum)", "Verstorben (Datum)", "Letzte Nachsorge (Datum)"]
    return save(path, [*head, *more], *rows)


@chart(responders=None, truths=PFS | {"baseline.sex.count[level=male]": 16})
def abbreviations_in_capitals_and_signs(path: Path) -> Path:
    head = ["PTNO", "AGE", "♂/♀", "DODX", "DOTX", "DOPD", "DOD", "DOLC"]
    rows = [
        [
            *(p.number, p.age, "♂" if p.sex == "male" else "♀"),
            *(at(p.start - timedelta(days=30)), at(p.start), at(p.progressed)),
            *(at(death(p)), at(p.last)),
        ]
        for p in PEOPLE
    ]
    return save(path, head, *rows)


@chart(responders=None)
def a_cross_beside_the_last_contact(path: Path) -> Path:
    rows = [
        [p.number, p.age, day(p.start, D), ("† " if p.dead else "") + str(day(p.last, D))]
        for p in PEOPLE
    ]
    head = ["Pat.", "Alter", "Beginn Chemo", "letzter Kontakt († = verstorben)"]
    return save(path, head, *rows)


@chart(responders=None)
def letters_in_footnotes(path: Path) -> Path:
    rows = [[p.number, p.age, months(p), "D" if p.dead else "A"] for p in PEOPLE]
    head = ["Patient", "Age", "Survival (mo)ᵃ", "Statusᵇ"]
    notes = [["a From start of treatment"], ["b A = alive, D = dead"]]
    return save(path, head, *rows, *notes)


@chart(responders=None, absent=("is_best_response",))
def a_case_series_with_units_in_each_cell(path: Path) -> Path:
    rows = [
        [
            *(p.number, f"{p.age}{p.sex[0].upper()}", ["PD", "DP"][p.number % 2]),
            *("DOD" if p.dead else "AWD", f"{months(p)} mo"),
        ]
        for p in PEOPLE
    ]
    return save(path, ["Case", "Age/Sex", "Procedure", "Outcome", "Follow-up"], *rows)


@chart(responders=None, truths=PFS)
def a_date_behind_each_yes_and_no(path: Path) -> Path:
    head = ["ID", "Age", "Treatment start", "Progression", "Date", "Death", "Date", "Last contact"]
    rows = [
        [
            *(p.number, p.age, at(p.start), "yes" if p.progression else "no", at(p.progressed)),
            *("yes" if p.dead else "no", at(death(p)), at(p.last)),
        ]
        for p in PEOPLE
    ]
    return save(path, head, *rows)


@chart(answers={"deaths": "yes"}, responders=None)
def a_cause_of_death_that_says_alive(path: Path) -> Path:
    head = ["No", "Age", "Date of surgery", "Cause of death", "Date of death/last FU"]
    rows = [
        [p.number, p.age, at(p.start), "cancer" if p.dead else "alive", at(p.last)] for p in PEOPLE
    ]
    return save(path, head, *rows)


@chart(responders=None)
def a_question_for_deaths_in_polish(path: Path) -> Path:
    head = ["Nr", "Wiek", "Data operacji", "Czy zmarł?", "Data zgonu/ostatniej obserwacji"]
    rows = [
        [p.number, p.age, day(p.start, D), "tak" if p.dead else "nie", day(p.last, D)]
        for p in PEOPLE
    ]
    return save(path, head, *rows)


@chart(responders=None, truths=PFS)
def a_word_with_the_ending_for_women(path: Path) -> Path:
    head = ["N° inclusion", "Âge au diagnostic", "Date C1J1", "Date progression"]
    rows = [
        [
            *(p.number, p.age, at(p.start), at(p.progressed)),
            *("O" if p.dead else "N", at(death(p)), at(p.last)),
        ]
        for p in PEOPLE
    ]
    more = ["Décédé(e) (O/N)", "Date décès", "DDN (dernières nouvelles)"]
    return save(path, [*head, *more], *rows)


@chart(answers={"deaths": "yes", "start": "RT end date"}, responders=None)
def boxes_that_are_ticked_and_the_end_as_start(path: Path) -> Path:
    head = ["ID", "Age", "RT end date", "Dead", "Last seen"]
    rows = [[p.number, p.age, at(p.start), "☒" if p.dead else "☐", at(p.last)] for p in PEOPLE]
    return save(path, head, *rows)


@chart(
    answers={"outcome": "Datum LV, Datum FM"},
    responders=None,
    truths=PFS,
)
def failures_of_two_sites_by_short_names(path: Path) -> Path:
    """A local failure in every other patient who progressed, a distant one in the others."""
    head = ["Nr.", "Alter", "Beginn SBRT", "LV", "Datum LV", "FM", "Datum FM", "Tod", "letzter FU"]
    rows = []
    for p in PEOPLE:
        local = p.progressed if p.number % 2 == 0 else None
        distant = p.progressed if p.number % 2 else None
        rows.append(
            [
                *(p.number, p.age, at(p.start), "j" if local else "n", at(local)),
                *("j" if distant else "n", at(distant), at(death(p)), at(p.last)),
            ]
        )
    return save(path, head, *rows)


@chart(responders=None, truths=PFS)
def patients_under_an_unknown_name_on_two_sheets(path: Path) -> Path:
    """Codes that say nothing, in another order on the second sheet; days in hospital beside."""
    first = [["Sigle", "Leeftijd", "m/v", "Start behandeling", "Opnameduur (dagen)"]]
    second = [["Sigle", "Datum progressie", "Overleden", "Datum overlijden", "Einde follow-up"]]
    for p in PEOPLE:
        sex = "m" if p.sex == "male" else "v"
        first.append([f"{p.number * 37 % 100}x", p.age, sex, at(p.start), 3 + p.number % 7])
    for p in reversed(PEOPLE):
        dead = "ja" if p.dead else "nee"
        second.append([f"{p.number * 37 % 100}x", at(p.progressed), dead, at(death(p)), at(p.last)])
    return book(path, Basis=first, Verloop=second)
