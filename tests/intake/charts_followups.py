"""Visits of follow-up with a state at each, beside a sheet of the patients; and a first event that
no endpoint's name tells, beside overall survival (synthetic)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from charts_public import PFS as FIRST_EVENTS
from charts_tongues import PFS
from cohort import PEOPLE, Person, at, chart, save
from on_sheets import MALE, book


def visits(
    p: Person, words: tuple[str, str, str, str], *, again: bool = False
) -> Iterator[tuple[date, str]]:
    """(day, state) of a patient: stable, progression, dead, alive. The last one is the last day.

    Parameters
    ----------
    again
        The progression stands in every visit after it, and who lives has no row that says so.
    """
    stable, progression, dead, alive = words
    day = p.start + timedelta(days=30)
    while day < min(p.progressed or p.last, p.last):
        yield day, stable
        day += timedelta(days=63)
    if p.progressed is not None and p.progressed < p.last:
        day = p.progressed
        while day < p.last:
            yield day, progression
            day += timedelta(days=80 if again else 4000)
    if p.dead:
        yield p.last, dead
    elif again:
        yield p.last, stable if p.progressed is None else progression
    else:
        yield p.last, alive


def followed(
    path: Path,
    heads: tuple[list[str], list[str]],
    words: tuple[str, str, str, str],
    sexes: dict[str, str],
    *,
    again: bool = False,
) -> Path:
    people = [
        heads[0],
        *[[p.number, sexes[p.sex], p.age, at(p.start), p.response] for p in PEOPLE],
    ]
    rows = [
        [p.number, at(day), state] for p in PEOPLE for day, state in visits(p, words, again=again)
    ]
    return book(path, One=people, Two=[heads[1], *rows])


TRUE = PFS | {"baseline.sex.count[level=male]": MALE}


@chart(truths=TRUE)
def follow_up_states_spanish(path: Path) -> Path:
    return followed(
        path,
        (
            ["Código", "Sexo", "Edad", "Inicio de tratamiento", "Mejor respuesta"],
            ["Código", "Fecha de revisión", "Estado"],
        ),
        ("Estable", "Progresión", "Exitus", "Vivo"),
        {"male": "Hombre", "female": "Mujer"},
    )


@chart(truths=TRUE)
def follow_up_states_german(path: Path) -> Path:
    return followed(
        path,
        (
            ["Pat.-Nr.", "Geschlecht", "Alter", "Therapiebeginn", "Bestes Ansprechen"],
            ["Pat.-Nr.", "Datum", "Befund"],
        ),
        ("stabil", "Progress", "verstorben", "lebt"),
        {"male": "m", "female": "w"},
        again=True,
    )


@chart(truths=TRUE)
def follow_up_states_french(path: Path) -> Path:
    return followed(
        path,
        (
            ["N° patient", "Sexe", "Âge", "Début du traitement", "Meilleure réponse"],
            ["N° patient", "Date de consultation", "État"],
        ),
        ("Maladie stable", "Progression", "Décédé", "Vivant"),
        {"male": "H", "female": "F"},
    )


@chart(truths=TRUE)
def follow_up_states_english(path: Path) -> Path:
    return followed(
        path,
        (
            ["Pt", "Sex", "Age", "Treatment start", "Best response"],
            ["Pt", "Visit date", "Disease status"],
        ),
        ("Stable disease", "Progressive disease", "Dead", "Alive"),
        {"male": "M", "female": "F"},
        again=True,
    )


@chart(truths=TRUE)
def follow_up_states_chinese(path: Path) -> Path:
    return followed(
        path,
        (["编号", "性别", "年龄", "开始治疗日期", "最佳疗效"], ["编号", "随访日期", "状态"]),
        ("稳定", "进展", "死亡", "存活"),
        {"male": "男", "female": "女"},
    )


def _coded(head: list[str]) -> list[list[object]]:
    """Weeks to the first of progression (1) and death (2), and those of overall survival."""
    out: list[list[object]] = [list(head)]
    for p, (days, event) in zip(PEOPLE, FIRST_EVENTS, strict=True):
        code = 0 if not event else 1 if p.progressed is not None and p.progression == days else 2
        out.append([p.number, p.sex, p.age, days / 7, code, p.days / 7, "yes" if p.dead else "no"])
    return out


@chart(responders=None, truths=PFS, answers={"endpoint": "pfs, 0 = censored, 1 = event, 2 = event"})
def first_event_beside_survival(path: Path) -> Path:
    head = ["Patient", "Sex", "Age", "Time (weeks)", "Event", "OS (weeks)", "Died"]
    return save(path, *_coded(head))


@chart(responders=None, truths=PFS, answers={"endpoint": "pfs, 0 = censored, 1 = event, 2 = event"})
def first_event_beside_survival_german(path: Path) -> Path:
    head = ["Patient", "Geschlecht", "Alter", "Zeit (Wochen)", "Ereignis", "OS (Wochen)", "Tod"]
    return save(path, *_coded(head))


_SEEN = [p for p in PEOPLE if any(w == "visit" for _, w in visits(p, ("visit", "", "", "")))]


@chart(truths=PFS, responders=sum(p.response in ("CR", "PR") for p in _SEEN))
def responses_and_deaths_in_one_column(path: Path) -> Path:
    words = {"CR": "CR", "PR": "PR", "SD": "SD", "PD": "SD"}
    rows: list[list[object]] = []
    for p in PEOPLE:
        seen = list(visits(p, (words[p.response], "PD", "verstorben", "lebt")))
        rows += [[p.number, at(day), state] for day, state in seen]
    people = [[p.number, "m" if p.sex == "male" else "w", p.age, at(p.start)] for p in PEOPLE]
    return book(
        path,
        Patienten=[["Pat.-Nr.", "Geschlecht", "Alter", "Therapiebeginn"], *people],
        Verlauf=[["Pat.-Nr.", "Datum", "Befund"], *rows],
    )


@chart(truths=PFS, responders=sum(p.response in ("CR", "PR") for p in _SEEN))
def responses_on_a_sheet_that_is_called_imaging(path: Path) -> Path:
    words = {"CR": "CR", "PR": "PR", "SD": "SD", "PD": "SD"}
    scans: list[list[object]] = []
    for p in PEOPLE:
        end = "PD" if p.progressed is not None and p.progressed < p.last else "NE"
        scans += [
            [p.number, at(day), s] for day, s in visits(p, (words[p.response], "PD", end, end))
        ]
    people = [[p.number, p.age, at(p.start), at(p.last if p.dead else None), at(p.last)]
              for p in PEOPLE]  # fmt: skip
    head = ["Patient", "Age", "Date of first dose", "Date of death", "Date of last contact"]
    return book(
        path, Patients=[head, *people], Imaging=[["Patient", "Date of scan", "RECIST"], *scans]
    )
