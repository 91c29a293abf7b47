"""Charts in Swedish, Czech, Turkish and Russian, in several layouts (synthetic)."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from charts_public import PFS_EVENTS
from cohort import PEOPLE, Person, at, chart, months, save

PFS = {"survival.pfs.events": PFS_EVENTS}


def dotted(day: date | None) -> str | None:
    return None if day is None else day.strftime("%d.%m.%Y")


def death(p: Person) -> date | None:
    return p.last if p.dead else None


@chart(truths=PFS)
def swedish(path: Path) -> Path:
    head = ["Löpnr", "Kön", "Ålder", "Behandlingsstart", "Bästa respons"]
    head += ["Progressionsdatum", "Dödsdatum", "Datum senaste kontakt", "Hb (g/L)"]
    words = {"male": "Man", "female": "Kvinna", "CR": "Komplett respons"}
    words |= {"PR": "Partiell respons", "SD": "Stabil sjukdom", "PD": "Progressiv sjukdom"}
    rows = [
        [
            *(p.number, words[p.sex], p.age, p.start.isoformat(), words[p.response]),
            p.progressed.isoformat() if p.progressed else "nej",
            p.last.isoformat() if p.dead else None,
            *(p.last.isoformat(), round(10 * p.hb)),
        ]
        for p in PEOPLE
    ]
    return save(path, head, *rows, title="Blad1")


@chart(truths=PFS)
def czech_with_one_column_for_the_last_day(path: Path) -> Path:
    head = ["Číslo pacienta", "Pohlaví", "Věk", "Datum zahájení léčby", "Nejlepší odpověď"]
    head += ["Progrese", "Stav", "Datum poslední kontroly / úmrtí", "Hemoglobin (g/l)"]
    words = {"male": "muž", "female": "žena", "CR": "kompletní remise"}
    words |= {"PR": "parciální remise", "SD": "stabilní onemocnění", "PD": "progrese"}
    rows = [
        [
            *(p.number, words[p.sex], p.age, at(p.start), words[p.response], at(p.progressed)),
            *("zemřel" if p.dead else "žije", at(p.last), round(10 * p.hb)),
        ]
        for p in PEOPLE
    ]
    return save(path, head, *rows, title="List1")


@chart(truths=PFS)
def turkish_in_capitals(path: Path) -> Path:
    """A capital I is an i with or without its point."""
    head = ["HASTA NO", "CİNSİYET", "YAŞ", "TEDAVİ BAŞLANGIÇ TARİHİ", "EN İYİ YANIT"]
    head += ["PROGRESYON TARİHİ", "ÖLÜM TARİHİ", "SON KONTROL TARİHİ", "HEMOGLOBİN"]
    words = {"male": "ERKEK", "female": "KADIN", "CR": "TAM YANIT"}
    words |= {"PR": "KISMİ YANIT", "SD": "STABİL HASTALIK", "PD": "PROGRESYON"}
    rows = [
        [
            *(p.number, words[p.sex], p.age, dotted(p.start), words[p.response]),
            *(dotted(p.progressed) or "yok", dotted(death(p)), dotted(p.last), p.hb),
        ]
        for p in PEOPLE
    ]
    return save(path, head, *rows, title="Sayfa1")


@chart(truths=PFS, absent=("Петрова",))
def russian_with_names_of_people(path: Path) -> Path:
    head = ["№ п/п", "ФИО", "Пол", "Возраст", "Дата начала лечения", "Лучший ответ"]
    head += ["Дата прогрессирования", "Статус", "Дата последнего контакта или смерти"]
    words = {"male": "муж", "female": "жен", "CR": "полный ответ"}
    words |= {"PR": "частичный ответ", "SD": "стабилизация", "PD": "прогрессирование"}
    rows = [
        [
            *(p.number, "Петрова А.С.", words[p.sex], p.age, dotted(p.start)),
            *(words[p.response], dotted(p.progressed) or "нет"),
            *("умер" if p.dead else "жив", dotted(p.last)),
        ]
        for p in PEOPLE
    ]
    return save(path, head, *rows, title="Лист1")


@chart(responders=None)
def russian_times(path: Path) -> Path:
    head = ["Пациент", "Пол", "Возраст", "Общая выживаемость (мес)", "Статус"]
    words = {"male": "м", "female": "ж"}
    rows = [[p.number, words[p.sex], p.age, months(p), "умер" if p.dead else "жив"] for p in PEOPLE]
    return save(path, head, *rows, title="Лист1")


@chart(answers={"rows_per_patient": "first"}, responders=None)
def samples_of_a_patient(path: Path) -> Path:
    """As a portal exports them: several samples of a patient are one patient."""
    lines = ["Study ID\tPatient ID\tSample ID\tSex\tDiagnosis Age\tOverall Survival Status"]
    lines[0] += "\tOverall Survival (Months)\tSample Type"
    for p in PEOPLE:
        for k, kind in enumerate(["Primary", "Metastasis"][: 1 + (p.number % 6 == 0)]):
            status = "1:DECEASED" if p.dead else "0:LIVING"
            cells = ["made", f"P-{p.number:03d}", f"P-{p.number:03d}-T{k + 1}", p.sex.title()]
            lines.append("\t".join([*cells, str(p.age), status, str(months(p)), kind]))
    file = path / "chart.tsv"
    file.write_text("\n".join(lines), "utf-8")
    return file


@chart()
def a_legend_of_one_code_behind_a_colon(path: Path) -> Path:
    head = ["ID", "Sex", "Age", "OS (months)", "status [0: alive]", "Best response"]
    rows = [[p.number, p.sex, p.age, months(p), int(p.dead), p.response] for p in PEOPLE]
    return save(path, head, *rows)
