"""Charts of other diseases, clinics and systems: breast, colon, lymphoma, glioma, transplants."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from charts_public import PFS_EVENTS, PFS_MEDIAN
from charts_tongues import PFS, death
from cohort import PEOPLE, at, chart, km_median, months, save
from openpyxl import Workbook
from openpyxl.styles import PatternFill

RFS = {"survival.rfs.events": float(PFS_EVENTS), "survival.rfs.median": PFS_MEDIAN}
THIRTIES = [p.days // 30 for p in PEOPLE]
THIRTIES_MEDIAN = km_median([float(t) for t in THIRTIES], [p.dead for p in PEOPLE])


def day(value: date | None, form: str) -> str:
    return value.strftime(form) if value else ""


def text(path: Path, name: str, mark: str, rows: list[list[Any]], encoding: str = "utf-8") -> Path:
    lines = [mark.join("" if v is None else str(v) for v in row) for row in rows]
    (path / name).write_bytes("\r\n".join(lines).encode(encoding))
    return path / name


@chart(responders=None, answers={"deaths": "yes", "pfs": "yes"}, truths=PFS)
def breast_in_spanish(path: Path) -> Path:
    head = ["Nº Historia", "Edad", "Sexo", "Fecha inicio tto", "Subtipo", "Fecha recaída",
            "Fecha último control", "Estado vital"]  # fmt: skip
    rows = [
        [f"HC{p.number:05d}", f"{p.age} años", "Mujer", day(p.start, "%d/%m/%Y"),
         ["RH+", "Her2+", "TN"][p.number % 3], day(p.progressed, "%d/%m/%Y") or "No",
         day(p.last, "%d/%m/%Y"), "Fallecida" if p.dead else "Viva"]
        for p in PEOPLE
    ]  # fmt: skip
    return save(path, head, *rows)


@chart(responders=None)
def colon_in_portuguese(path: Path) -> Path:
    head = ["Prontuário", "Idade (anos)", "Data da cirurgia", "Margem", "pT", "Hb (g/dL)",
            "Data do óbito", "Última consulta"]  # fmt: skip
    rows = [
        [p.number, p.age, day(p.start, "%d.%m.%y"), ["R0", "R1"][p.number % 2],
         ["T3", "T4", "T2"][p.number % 3], str(p.hb).replace(".", ","),
         day(death(p), "%d.%m.%y"), day(p.last, "%d.%m.%y")]
        for p in PEOPLE
    ]  # fmt: skip
    return save(path, head, *rows)


@chart()
def lymphoma_in_italian(path: Path) -> Path:
    words = {"CR": "RC", "PR": "RP", "SD": "MS", "PD": "PD"}
    head = ["Codice paz.", "Età", "Sesso", "Inizio R-CHOP", "Risposta migliore", "Data decesso",
            "Ultimo FU", "IPI"]  # fmt: skip
    rows = [
        [f"LNH{p.number}", p.age, "M" if p.sex == "male" else "F", at(p.start), words[p.response],
         at(death(p)), at(p.last), f"IPI {p.number % 5}"]
        for p in PEOPLE
    ]  # fmt: skip
    return save(path, head, *rows)


@chart(responders=None)
def glioma_in_dutch(path: Path) -> Path:
    head = ["Patiëntnr", "Leeftijd", "Geslacht", "Startdatum RT", "MGMT gemethyleerd",
            "Overleving (maanden)", "Status"]  # fmt: skip
    rows = [
        [p.number, p.age, "man" if p.sex == "male" else "vrouw", at(p.start),
         ["ja", "nee"][p.number % 2], months(p), "overleden" if p.dead else "levend"]
        for p in PEOPLE
    ]  # fmt: skip
    return save(path, head, *rows)


@chart(responders=None, truths=PFS)
def radiotherapy_with_fractions(path: Path) -> Path:
    head = ["Study no.", "Age", "RT start", "Dose/fx", "Dose per fraction", "Date of death",
            "Date last alive", "Date of local failure"]  # fmt: skip
    rows = [
        [p.number, p.age, at(p.start), f"{60 + p.number % 3 * 3}/30",
         f"{2 + p.number % 3 * 0.1:.1f} Gy", at(death(p)), at(p.last), at(p.progressed)]
        for p in PEOPLE
    ]  # fmt: skip
    return save(path, head, *rows)


@chart(
    responders=None,
    answers={"deaths": "yes", "vital_status": "CCR = alive", "start": "yes"},
)
def children_in_months(path: Path) -> Path:
    head = ["Pt", "Age (mo)", "Sex", "Dx date", "Risk", "Status", "Date of last FU"]
    rows = [
        [f"NB-{p.number:02d}", p.age * 3, "M" if p.sex == "male" else "F", at(p.start),
         ["INRG HR", "INRG IR"][p.number % 2], "DOD" if p.dead else "CCR", at(p.last)]
        for p in PEOPLE
    ]  # fmt: skip
    return save(path, head, *rows)


@chart(responders=None)
def transplants(path: Path) -> Path:
    head = ["UPN", "Recipient age", "Date of HSCT", "Donor", "OS days",
            "OS status (0=alive, 1=dead)", "aGVHD grade"]  # fmt: skip
    rows = [
        [f"UPN {1000 + p.number}", p.age, at(p.start), ["MRD", "MUD"][p.number % 2], p.days,
         int(p.dead), str(p.number % 4)]
        for p in PEOPLE
    ]  # fmt: skip
    return save(path, head, *rows)


@chart(responders=None)
def days_in_polish(path: Path) -> Path:
    head = ["Lp.", "Wiek", "Płeć", "Data rozpoczęcia leczenia", "Data zgonu",
            "Data ostatniej kontroli"]  # fmt: skip
    rows = [
        [p.number, p.age, "K" if p.sex == "female" else "M", p.start.isoformat(),
         day(death(p), "%Y-%m-%d"), p.last.isoformat()]
        for p in PEOPLE
    ]  # fmt: skip
    return save(path, head, *rows)


@chart(responders=None, answers={"deaths": "yes"})
def points_in_korean(path: Path) -> Path:
    head = ["연번", "나이", "성별", "치료시작일", "최종추적일", "생존여부"]
    rows = [
        [f"A{p.number:03}", p.age, "남" if p.sex == "male" else "여", day(p.start, "%Y.%m.%d"),
         day(p.last, "%Y.%m.%d"), "사망" if p.dead else "생존"]
        for p in PEOPLE
    ]  # fmt: skip
    return save(path, head, *rows)


@chart(responders=None, answers={"deaths": "yes", "vital_status": "Eks = dead"})
def turkish_with_eks(path: Path) -> Path:
    head = ["Sıra no", "Yaş", "Cinsiyet", "Tedavi başlangıç tarihi", "Son kontrol tarihi",
            "Son durum"]  # fmt: skip
    rows = [
        [p.number, p.age, "E" if p.sex == "male" else "K", day(p.start, "%d.%m.%Y"),
         day(p.last, "%d.%m.%Y"), "Eks" if p.dead else "Sağ"]
        for p in PEOPLE
    ]  # fmt: skip
    return save(path, head, *rows)


@chart(responders=None, truths=PFS)
def chinese_words_instead_of_days(path: Path) -> Path:
    head = ["编号", "年龄", "性别", "首次用药日期", "进展日期", "死亡日期", "末次随访日期"]
    rows = [
        [p.number, p.age, "男" if p.sex == "male" else "女", day(p.start, "%Y/%m/%d"),
         day(p.progressed, "%Y/%m/%d") or "未进展", day(death(p), "%Y/%m/%d") or "存活",
         day(p.last, "%Y/%m/%d")]
        for p in PEOPLE
    ]  # fmt: skip
    return save(path, head, *rows)


@chart(answers={"deaths": "yes"}, responders=None)
def red_is_dead_by_a_legend(path: Path) -> Path:
    book = Workbook()
    page = book.active
    page.append(["ID", "Age", "Start", "Last seen"])
    for p in PEOPLE:
        page.append([p.number, p.age, at(p.start), at(p.last)])
        for cell in page[page.max_row] if p.dead else ():
            cell.fill = PatternFill("solid", fgColor="FFFF0000")
    page.append([])
    page.append(["red = dead"])
    book.save(path / "c.xlsx")
    return path / "c.xlsx"


@chart(responders=None, answers={"age": "90"}, truths={"baseline.age.maximum": 90.0})
def ages_with_a_letter_and_above_ninety(path: Path) -> Path:
    rows = [
        [p.number, ">90" if p.number == 5 else f"{p.age}y", at(p.start), at(death(p)), at(p.last)]
        for p in PEOPLE
    ]
    return save(path, ["Case", "Age", "Start date", "DOD", "LFU"], *rows)


@chart(responders=None, answers={"deaths": "yes", "vital_status": "D = dead"})
def days_over_three_columns_and_letters(path: Path) -> Path:
    head = ["ID", "Age", "Start day", "Start month", "Start year", "FU day", "FU month", "FU year",
            "Status"]  # fmt: skip
    rows = [
        [p.number, p.age, p.start.day, p.start.month, p.start.year, p.last.day, p.last.month,
         p.last.year, "D" if p.dead else "A"]
        for p in PEOPLE
    ]  # fmt: skip
    return save(path, head, *rows)


@chart(
    responders=None,
    answers={"deaths": "yes", "sex": "1 = male", "vital_status": "1 = dead"},
    truths={"baseline.sex.count[level=male]": float(sum(p.sex == "male" for p in PEOPLE))},
)
def redcap_with_boxes(path: Path) -> Path:
    head = ["record_id", "age", "sex", "race___1", "race___2", "race___99", "tx_start", "last_fu",
            "vital_status", "demographics_complete"]  # fmt: skip
    rows = [
        [p.number, p.age, 1 if p.sex == "male" else 2, *(int(p.number % 3 == i) for i in range(3)),
         p.start.isoformat(), p.last.isoformat(), int(p.dead), 2]
        for p in PEOPLE
    ]  # fmt: skip
    return text(path, "export.csv", ",", [head, *rows])


@chart(responders=None, answers={"deaths": "LASTDT_E3_C2"})
def openclinica_in_utf16(path: Path) -> Path:
    head = ["Study Subject ID", "Protocol ID", "Subject Status", "Sex", "AGE_E1_C1", "TRTDT_E1_C1",
            "LASTDT_E3_C2", "DEATH_E3_C2"]  # fmt: skip
    rows = [
        [f"S{p.number:03}", "STUDY1", "available", "m" if p.sex == "male" else "f", p.age,
         day(p.start, "%d-%b-%Y"), day(p.last, "%d-%b-%Y"), "Yes" if p.dead else "No"]
        for p in PEOPLE
    ]  # fmt: skip
    return text(path, "oc.tsv", "\t", [head, *rows], "utf-16")


@chart(responders=None)
def subject_level_with_days_of_sas(path: Path) -> Path:
    head = ["STUDYID", "USUBJID", "AGE", "AGEU", "SEX", "TRT01P", "TRTSDT", "DTHDT", "LSTALVDT",
            "DTHFL"]  # fmt: skip
    rows = [
        ["X1", f"X1-{p.number:03}", p.age, "YEARS", "M" if p.sex == "male" else "F",
         ["A", "B"][p.number % 2], day(p.start, "%d%b%Y").upper(), day(death(p), "%d%b%Y").upper(),
         day(p.last, "%d%b%Y").upper(), "Y" if p.dead else ""]
        for p in PEOPLE
    ]  # fmt: skip
    return text(path, "adsl.csv", ",", [head, *rows])


@chart(responders=None, median=THIRTIES_MEDIAN)
def seer_in_four_figures(path: Path) -> Path:
    head = ["Patient ID", "Age recode with single ages and 90+", "Sex", "Survival months",
            "Vital status recode (study cutoff used)", "SEER cause-specific death classification",
            "Year of diagnosis"]  # fmt: skip
    cause = "Dead (attributable to this cancer dx)"
    rows = [
        [p.number, f"{p.age} years", p.sex.capitalize(), f"{t:04d}", "Dead" if p.dead else "Alive",
         cause if p.dead and p.number % 2 else "Alive or dead of other cause", p.start.year]
        for p, t in zip(PEOPLE, THIRTIES, strict=True)
    ]  # fmt: skip
    return text(path, "seer.csv", ",", [[f'"{v}"' for v in row] for row in [head, *rows]])


@chart(
    responders=None,
    answers={"os": "time = DX_LASTCONTACT_DEATH_MONTHS, 0, months", "sex": "1 = male"},
)
def ncdb_with_days_to_surgery(path: Path) -> Path:
    head = ["PUF_CASE_ID", "AGE", "SEX", "DX_LASTCONTACT_DEATH_MONTHS", "PUF_VITAL_STATUS",
            "DX_SURG_STARTED_DAYS", "RX_SUMM_SURG_PRIM_SITE"]  # fmt: skip
    rows = [
        [f"c{p.number:08}", p.age, 1 if p.sex == "male" else 2, months(p), int(not p.dead),
         p.number * 2, 30]
        for p in PEOPLE
    ]  # fmt: skip
    return text(path, "ncdb.csv", ",", [head, *rows])


@chart(responders=None, answers={"deaths": "yes"})
def german_exitus_in_latin_letters(path: Path) -> Path:
    head = ["Fallnr", "Alter", "Geschlecht", "Beginn", "Exitus", "LetzterKontakt", "CRP (mg/l)"]
    rows = [
        [p.number, p.age, "m" if p.sex == "male" else "w", day(p.start, "%d.%m.%Y"),
         "ja" if p.dead else "nein", day(p.last, "%d.%m.%Y"), f"{p.hb * 1.5:.1f}".replace(".", ",")]
        for p in PEOPLE
    ]  # fmt: skip
    return text(path, "export.csv", ";", [head, *rows], "cp1252")


@chart(responders=None, truths=RFS, said=("personal.number",))
def surgery_with_margins(path: Path) -> Path:
    head = ["MRN", "Age at surgery", "Date of resection", "Margin", "LN ratio", "Date recurrence",
            "Date death", "Date last follow up"]  # fmt: skip
    rows = [
        [p.number, p.age, at(p.start), ["R0", "R1", "R0 (1 mm)"][p.number % 3],
         f"{p.number % 12}/{12 + p.number % 5}", at(p.progressed), at(death(p)), at(p.last)]
        for p in PEOPLE
    ]  # fmt: skip
    return save(path, head, *rows)


@chart(responders=None, answers={"death_date": "yes"})
def expired_below_a_title(path: Path) -> Path:
    book = Workbook()
    page = book.active
    page.append(["Demographics", None, None, "Treatment", None, "Outcome", None])
    page.append(["Pt #", "Age", "Sex", "Regimen", "C1D1", "Expired", "Last FU"])
    for cells in ("A1:C1", "D1:E1", "F1:G1"):
        page.merge_cells(cells)
    for p in PEOPLE:
        regimen = ["FOLFOX", "FOLFIRI"][p.number % 2]
        page.append([p.number, p.age, p.sex[0].upper(), regimen, at(p.start), at(death(p)),
                     at(p.last)])  # fmt: skip
    book.save(path / "c.xlsx")
    return path / "c.xlsx"


@chart(responders=None, said=("layout.hidden-rows",))
def a_hidden_column_of_old_days(path: Path) -> Path:
    book = Workbook()
    page = book.active
    page.append(["ID", "Age", "Start", "old death date", "Death", "Last contact"])
    for p in PEOPLE:
        page.append([p.number, p.age, at(p.start), at(p.start), at(death(p)), at(p.last)])
    page.column_dimensions["D"].hidden = True
    book.save(path / "c.xlsx")
    return path / "c.xlsx"


@chart(responders=None, answers={"age": "55"})
def marks_of_footnotes(path: Path) -> Path:
    rows = [
        [p.number, f"{p.age}*" if p.number == 3 else p.age, at(p.start), at(death(p)), at(p.last)]
        for p in PEOPLE
    ]
    notes = [["* estimated"], ["† at start"], ["‡ first dose"]]
    return save(path, ["No.", "Age†", "Start‡", "Death", "Last contact"], *rows, [], *notes)


@chart(responders=None, truths={"baseline.ki_67.median": 37.5})
def percent_behind_every_number(path: Path) -> Path:
    rows = [
        [p.number, p.age, f"{p.number * 3}%", at(p.start), at(death(p)), at(p.last)] for p in PEOPLE
    ]
    return save(path, ["ID", "Age", "Ki-67", "Start", "Death", "Last contact"], *rows)


@chart(responders=None, answers={"deaths": "yes"})
def four_french_states(path: Path) -> Path:
    words = [("Vivant en RC", "Décédé du cancer"), ("Vivant avec maladie", "Décédé autre cause")]
    rows = [
        [p.number, p.age, day(p.start, "%d/%m/%Y"), day(p.last, "%d/%m/%Y"),
         words[p.number % 4 == 0][p.dead]]
        for p in PEOPLE
    ]  # fmt: skip
    return save(path, ["N° dossier", "Âge", "Date C1J1", "Date DN", "État aux DN"], *rows)


@chart(responders=None, truths=PFS)
def prostate_with_psa(path: Path) -> Path:
    head = ["ID", "Age", "ADT start", "PSA 0", "PSA 3m", "PSA 6m", "PSA progression date", "Death",
            "Last contact"]  # fmt: skip
    rows = [
        [p.number, p.age, at(p.start), 20 + p.number, 15 + p.number, 10 + p.number,
         at(p.progressed), at(death(p)), at(p.last)]
        for p in PEOPLE
    ]  # fmt: skip
    return save(path, head, *rows)


@chart(responders=None, median=None, answers={"deaths": "yes"})
def months_of_the_calendar_alone(path: Path) -> Path:
    rows = [
        [p.number, p.age, f"{p.start:%m/%Y}", f"{p.last:%m/%Y}", "dead" if p.dead else "alive"]
        for p in PEOPLE
    ]
    return save(path, ["ID", "Age", "Start (mm/yyyy)", "Last FU (mm/yyyy)", "Status"], *rows)


@chart(responders=None)
def died_of_it_or_of_other_causes(path: Path) -> Path:
    status = "Status 1=died of melanoma 2=alive 3=died other causes"
    rows = [[p.number, p.age, p.days, (1 if p.number % 2 else 3) if p.dead else 2] for p in PEOPLE]
    return save(path, ["Case", "Age", "Survival time (days)", status], *rows)
