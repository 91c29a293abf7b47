"""Workbooks of wards in several languages, as they are kept by hand (synthetic)."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

from charts_mixed import book_of
from charts_public import PFS, PFS_EVENTS, PFS_MEDIAN
from cohort import DEATHS, PEOPLE, RESPONDERS, Person, at, chart, dated, months, save
from openpyxl import Workbook
from openpyxl.styles import PatternFill

HEAD = ["Patient ID", "Sex", "Age", "Start", "BOR", "PD date", "Death", "Last contact"]
MALE = float(sum(p.sex == "male" for p in PEOPLE))
FRENCH = ("janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.",
          "nov.", "déc.")  # fmt: skip
SPANISH = ("ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic")


def french(day: date | None) -> str | None:
    return None if day is None else f"{day.day} {FRENCH[day.month - 1]} {day.year}"


def spanish(day: date | None) -> str | None:
    return None if day is None else f"{day.day:02d}-{SPANISH[day.month - 1]}-{day.year}"


def death(p: Person) -> date | None:
    return p.last if p.dead else None


@chart()
def french_hospital(path: Path) -> Path:
    head = ["N° dossier", "Sexe", "Âge", "Date J1C1", "Meilleure réponse", "Date progression",
            "Date décès", "Date dernières nouvelles"]  # fmt: skip
    words = {"CR": "RC", "PR": "RP", "SD": "Stable", "PD": "Progression"}
    rows = [
        [f"D{p.number:03d}", "H" if p.sex == "male" else "F", p.age, french(p.start),
         words[p.response], french(p.progressed), french(death(p)), french(p.last)]
        for p in PEOPLE
    ]  # fmt: skip
    return save(path, head, *rows)


@chart(responders=None, truths={"baseline.sex.count[level=male]": MALE})
def spanish_varon_mujer(path: Path) -> Path:
    """M is a woman here: the other letter is V."""
    head = ["NHC", "Sexo", "Edad", "Fecha inicio tto", "Fecha exitus", "Último control"]
    rows = [
        [7000 + p.number, "V" if p.sex == "male" else "M", p.age, spanish(p.start),
         spanish(death(p)), spanish(p.last)]
        for p in PEOPLE
    ]  # fmt: skip
    return save(path, head, *rows)


@chart(responders=None, truths={"baseline.sex.count[level=male]": MALE})
def spanish_hombre_mujer(path: Path) -> Path:
    head = ["NHC", "Sexo", "Edad", "SG (meses)", "Éxitus"]
    rows = [
        [7000 + p.number, "H" if p.sex == "male" else "M", p.age, str(months(p)).replace(".", ","),
         "sí" if p.dead else "no"]
        for p in PEOPLE
    ]  # fmt: skip
    return save(path, head, *rows)


@chart(
    responders=None,
    truths={
        "baseline.diabetes.count[level=yes]": 12.0,
        "baseline.nikotin.count[level=yes]": 8.0,
    },
)
def german_yes_and_no(path: Path) -> Path:
    """Levels are called in the language of the paper, by the vocabulary."""
    head = ["Pat.-Nr.", "Geschlecht", "Alter", "Therapiebeginn", "Diabetes", "Nikotin",
            "verstorben am", "letzter Kontakt"]  # fmt: skip
    rows = [
        [p.number, "männlich" if p.sex == "male" else "weiblich", p.age, at(p.start),
         ["ja", "nein"][p.number % 2], ["ja", "nein", "nein"][p.number % 3], at(death(p)),
         at(p.last)]
        for p in PEOPLE
    ]  # fmt: skip
    return save(path, head, *rows)


@chart(responders=None, truths={"baseline.tabac.count[level=yes]": 12.0})
def french_yes_and_no(path: Path) -> Path:
    head = ["N°", "Sexe", "Âge", "Début du traitement", "Tabac", "Date décès",
            "Date dernières nouvelles"]  # fmt: skip
    rows = [
        [p.number, "Masculin" if p.sex == "male" else "Féminin", p.age, at(p.start),
         ["Oui", "Non"][p.number % 2], at(death(p)), at(p.last)]
        for p in PEOPLE
    ]  # fmt: skip
    return save(path, head, *rows)


@chart(
    answers={"deaths": "yes"}, responders=None, truths={"baseline.column_1.count[level=yes]": 12.0}
)
def japanese_yes_and_no(path: Path) -> Path:
    head = ["症例番号", "性別", "年齢", "治療開始日", "喫煙歴", "転帰", "最終確認日"]
    rows = [
        [p.number, "男" if p.sex == "male" else "女", p.age, f"{p.start:%Y/%m/%d}",
         ["あり", "なし"][p.number % 2], "死亡" if p.dead else "生存", f"{p.last:%Y/%m/%d}"]
        for p in PEOPLE
    ]  # fmt: skip
    return save(path, head, *rows)


@chart(responders=None, truths={"baseline.age.median": 59.5})
def chinese_ages_with_a_word(path: Path) -> Path:
    head = ["住院号", "性别", "年龄", "吸烟史", "生存时间（月）", "生存状态"]
    rows = [
        [f"ZY{p.number:06d}", "男" if p.sex == "male" else "女", f"{p.age}岁",
         ["是", "否"][p.number % 2], months(p), "死亡" if p.dead else "存活"]
        for p in PEOPLE
    ]  # fmt: skip
    return save(path, head, *rows)


@chart()
def serial_numbers_of_days(path: Path) -> Path:
    """Dates of Excel in cells that are formatted as numbers."""
    zero = date(1899, 12, 30)
    rows = [[(v.date() - zero).days if hasattr(v, "date") else v for v in dated(p)] for p in PEOPLE]
    return save(path, HEAD, *rows)


@chart()
def days_as_eight_digits(path: Path) -> Path:
    rows = [
        [int(v.strftime("%Y%m%d")) if hasattr(v, "strftime") else v for v in dated(p)]
        for p in PEOPLE
    ]
    return save(path, HEAD, *rows)


@chart()
def german_months_in_words(path: Path) -> Path:
    names = ("Jan.", "Feb.", "März", "Apr.", "Mai", "Juni", "Juli", "Aug.", "Sep.", "Okt.", "Nov.",
             "Dez.")  # fmt: skip
    rows = [
        [f"{v.day}. {names[v.month - 1]} {v.year}" if hasattr(v, "month") else v for v in dated(p)]
        for p in PEOPLE
    ]
    return save(path, HEAD, *rows)


@chart(median=None)
def months_and_years_alone(path: Path) -> Path:
    rows = [[v.strftime("%b %Y") if hasattr(v, "month") else v for v in dated(p)] for p in PEOPLE]
    return save(path, HEAD, *rows)


@chart(median=None, deaths=None, responders=RESPONDERS)
def quarters(path: Path) -> Path:
    rows = [
        [f"{v.year}-Q{(v.month + 2) // 3}" if hasattr(v, "month") else v for v in dated(p)]
        for p in PEOPLE
    ]
    return save(path, HEAD, *rows)


@chart(answers={"os": "event, censored"}, responders=None)
def crosses_for_deaths(path: Path) -> Path:
    rows = [[p.number, p.age, months(p), "x" if p.dead else None] for p in PEOPLE]
    return save(path, ["Pat", "Age", "OS (months)", "Dead"], *rows)


@chart(
    answers={"sex": "male, female"},
    responders=None,
    truths={"baseline.sex.count[level=male]": MALE},
)
def crosses_for_sex(path: Path) -> Path:
    rows = [
        [p.number, "x" if p.sex == "male" else None, "x" if p.sex != "male" else None, p.age,
         months(p), "dead" if p.dead else "alive"]
        for p in PEOPLE
    ]  # fmt: skip
    return save(path, ["Pat", "Male", "Female", "Age", "OS (months)", "Status"], *rows)


@chart(responders=None, deaths=None, median=None)
def colours_for_deaths(path: Path) -> Path:
    """Nothing but a red row says who is dead."""
    book = Workbook()
    page = book.active
    page.append(["Pat", "Age", "Start", "Last contact"])
    for p in PEOPLE:
        page.append([p.number, p.age, at(p.start), at(p.last)])
        if p.dead:
            for cell in page[page.max_row]:
                cell.fill = PatternFill("solid", fgColor="FFFF0000")
    book.save(path / "chart.xlsx")
    return path / "chart.xlsx"


@chart()
def three_header_rows(path: Path) -> Path:
    book = Workbook()
    page = book.active
    page.append(["Patient", None, None, "Treatment", None, "Outcome", None, None])
    page.append(["ID", "Sex", "Age", "Start", "BOR", "Date of PD", "Date of death", "Last contact"])
    page.append([None, None, "years", "dd/mm/yyyy", "RECIST 1.1", "dd/mm/yyyy", "dd/mm/yyyy", None])
    page.merge_cells("A1:C1")
    page.merge_cells("D1:E1")
    page.merge_cells("F1:H1")
    for p in PEOPLE:
        page.append(dated(p))
    book.save(path / "chart.xlsx")
    return path / "chart.xlsx"


@chart(responders=None)
def dead_on_a_day_or_alive(path: Path) -> Path:
    """One column: the day of death, or the word alive."""
    rows = [
        [p.number, p.age, at(p.start), at(p.last) if p.dead else "alive", at(p.last)]
        for p in PEOPLE
    ]
    return save(path, ["Pat", "Age", "Start", "Death", "Last contact"], *rows)


@chart(responders=None)
def crosses_before_days(path: Path) -> Path:
    """One column for all: a cross and the day of death, or the day and that he lives."""
    rows = [
        [p.number, p.age, at(p.start),
         f"† {p.last:%d.%m.%Y}" if p.dead else f"lebt ({p.last:%d.%m.%Y})"]
        for p in PEOPLE
    ]  # fmt: skip
    return save(path, ["Pat.-Nr.", "Alter", "Therapiebeginn", "Verlauf"], *rows)


@chart(responders=None, median=None)
def lost_patients_in_words(path: Path) -> Path:
    rows = []
    for p in PEOPLE:
        last: Any = at(p.last)
        if p.number in (1, 4, 6):
            last = f"lost to follow-up {p.last.month}/{p.last.year}"
        rows.append([p.number, p.age, at(p.start), at(death(p)), last])
    return save(path, ["Pat", "Age", "Start", "Death", "Last contact"], *rows)


@chart(responders=None)
def a_status_with_a_legend_below(path: Path) -> Path:
    rows = [
        [p.number, p.age, months(p), (2 if p.number % 2 else 3) if p.dead else 1] for p in PEOPLE
    ]
    note = "Status: 1 = alive, 2 = dead of disease, 3 = dead of other cause"
    return save(path, ["Pat", "Age", "OS (months)", "Status"], *rows, [], [note])


@chart(responders=None)
def censored_the_other_way(path: Path) -> Path:
    rows = [[p.number, p.age, months(p), int(not p.dead)] for p in PEOPLE]
    return save(path, ["Pat", "Age", "OS (months)", "OS censor (1 = alive, 0 = dead)"], *rows)


@chart(answers={"os_time": '"135 days" = 4.44, "357 days" = 11.73'}, responders=None, median=None)
def months_with_days_between(path: Path) -> Path:
    rows = [
        [p.number, p.age, f"{p.days} days" if p.number in (3, 9) else months(p),
         "dead" if p.dead else "alive"]
        for p in PEOPLE
    ]  # fmt: skip
    return save(path, ["Pat", "Age", "OS (months)", "Status"], *rows)


@chart()
def patients_in_columns(path: Path) -> Path:
    rows = [list(r) for r in zip(HEAD, *map(dated, PEOPLE), strict=True)]
    return save(path, *rows)


@chart(responders=None)
def german_patients_in_columns(path: Path) -> Path:
    head = ["Parameter", "Geschlecht", "Alter", "Überleben (Monate)", "Status"]
    columns = [
        [f"Pat. {p.number}", "m" if p.sex == "male" else "w", p.age, months(p),
         "verstorben" if p.dead else "lebt"]
        for p in PEOPLE
    ]  # fmt: skip
    return save(path, *[list(r) for r in zip(head, *columns, strict=True)])


def sizes(p: Person) -> tuple[float, float, float]:
    """Sum of a lesion before treatment and at two scans."""
    return (50.0, 20.0, 20.0) if p.response in ("CR", "PR") else (50.0, 52.0, 49.0)


@chart(answers={"lesions_role": "target"}, responders=RESPONDERS)
def a_row_per_lesion(path: Path) -> Path:
    """A baseline column and a column per scan; the days of the scans stand with the patients."""
    head = ["Patient ID", "Age", "Start", "Baseline CT", "CT 1", "CT 2", "Death", "Last contact"]
    people = [
        [p.number, p.age, at(p.start), at(p.start - timedelta(days=7)),
         at(p.start + timedelta(days=30)), at(p.start + timedelta(days=58)), at(death(p)),
         at(p.last)]
        for p in PEOPLE
    ]  # fmt: skip
    rows: list[list[Any]] = [["Patient", "Lesion", "Site", "Baseline (mm)", "Scan 1 (mm)",
                              "Scan 2 (mm)"]]  # fmt: skip
    for p in PEOPLE:
        for lesion in (1, 2):
            rows.append([p.number, lesion, ["Lung", "Liver"][lesion - 1], *sizes(p)])
    return book_of(path, Patients=[head, *people], Lesions=rows)


@chart(responders=RESPONDERS)
def a_row_per_lesion_with_dates(path: Path) -> Path:
    """As above, the day of each scan beside its size."""
    head = ["Patient ID", "Age", "Start", "Death", "Last contact"]
    people = [[p.number, p.age, at(p.start), at(death(p)), at(p.last)] for p in PEOPLE]
    rows: list[list[Any]] = [["Patient", "Target lesion", "Baseline date", "Baseline mm",
                              "Scan 1 date", "Scan 1 mm", "Scan 2 date", "Scan 2 mm"]]  # fmt: skip
    for p in PEOPLE:
        for lesion in (1, 2):
            cells: list[Any] = [p.number, lesion]
            for day, size in zip((-7, 30, 58), sizes(p), strict=True):
                cells += [at(p.start + timedelta(days=day)), size]
            rows.append(cells)
    return book_of(path, Patients=[head, *people], Lesions=rows)


@chart(responders=RESPONDERS)
def sums_at_baseline_and_scans(path: Path) -> Path:
    """The sum before treatment has no number."""
    head = ["Patient ID", "Age", "Start", "Baseline date", "Baseline SLD (mm)",
            "Scan 1 date", "Scan 1 SLD (mm)", "Scan 2 date", "Scan 2 SLD (mm)", "Death",
            "Last contact"]  # fmt: skip
    rows = []
    for p in PEOPLE:
        cells: list[Any] = [p.number, p.age, at(p.start)]
        for day, size in zip((-7, 30, 58), sizes(p), strict=True):
            cells += [at(p.start + timedelta(days=day)), size]
        rows.append([*cells, at(death(p)), at(p.last)])
    return save(path, head, *rows)


@chart(
    answers={"pfs": "1"},
    responders=None,
    endpoint="pfs",
    deaths=PFS_EVENTS,
    median=PFS_MEDIAN,
)
def a_date_and_a_flag_of_progression(path: Path) -> Path:
    head = ["Patient ID", "Age", "Treatment start", "PFS date", "PFS event (0/1)"]
    rows = [
        [p.number, p.age, at(p.start), at(p.start + timedelta(days=t)), int(e)]
        for p, (t, e) in zip(PEOPLE, PFS, strict=True)
    ]
    return save(path, head, *rows)


@chart(answers={"lesions_role": "target"}, responders=RESPONDERS)
def lesions_in_both_units(path: Path) -> Path:
    """23 mm and 2.3 cm in one column, as texts."""
    people = [[p.number, p.age, at(p.start), at(death(p)), at(p.last)] for p in PEOPLE]
    rows: list[list[Any]] = [["Patient ID", "Lesion", "Date", "Size"]]
    for p in PEOPLE:
        for nth, (day, size) in enumerate(zip((-7, 30, 58), sizes(p), strict=True)):
            text = f"{size:g} mm" if nth % 2 else f"{size / 10:g} cm"
            rows.append([p.number, "L1", at(p.start + timedelta(days=day)), text])
    head = ["Patient ID", "Age", "Start", "Death", "Last contact"]
    return book_of(path, Patients=[head, *people], Lesions=rows)


@chart(answers={"patients_blocks": "yes"}, responders=RESPONDERS)
def ids_in_the_first_row_of_a_block(path: Path) -> Path:
    """One sheet, a row per scan; the patient stands in the first row of his, merged or not."""
    head = ["Patient ID", "Age", "Start", "Death", "Last contact", "Scan", "Scan date", "Response"]
    rows: list[list[Any]] = [head]
    for p in PEOPLE:
        who: list[Any] = [p.number, p.age, at(p.start), at(death(p)), at(p.last)]
        for nth, day in enumerate((30, 58)):
            first = who if nth == 0 else [None] * 5
            rows.append([*first, nth + 1, at(p.start + timedelta(days=day)), p.response])
    return book_of(path, Patients=rows)


@chart(answers={"patients_blocks": "yes"}, responders=None)
def two_rows_for_a_patient(path: Path) -> Path:
    """The second row goes on with the same patient: nothing in it but a remark."""
    rows: list[list[Any]] = []
    for p in PEOPLE:
        rows.append([p.number, p.age, at(p.start), at(death(p)), at(p.last), "first"])
        if p.number % 3 == 0:
            rows.append([None, None, None, None, None, "see letter"])
    return save(path, ["Pat", "Age", "Start", "Death", "Last contact", "Remark"], *rows)


@chart(answers={"rows_per_patient": "1"}, responders=None)
def a_row_per_line_of_therapy(path: Path) -> Path:
    head = ["Patient ID", "Line", "Drug", "Start of treatment", "Death", "Last contact"]
    rows: list[list[Any]] = []
    for p in PEOPLE:
        rows.append([p.number, 1, "A", at(p.start), at(death(p)), at(p.last)])
        if p.days > 200:
            rows.append([p.number, 2, "B", at(p.start + timedelta(days=150)), at(death(p)),
                         at(p.last)])  # fmt: skip
    return save(path, head, *rows)


@chart()
def german_staging_words(path: Path) -> Path:
    words = {"CR": "Vollremission", "PR": "Teilremission", "SD": "stabil", "PD": "progredient"}
    head = ["Pat.-ID", "Geschlecht", "Alter", "Erstgabe", "bestes Ansprechen", "Progress am",
            "Tod am", "letzte Vorstellung"]  # fmt: skip
    rows = [[words.get(v, v) if isinstance(v, str) else v for v in dated(p)] for p in PEOPLE]
    return save(path, head, *rows)


@chart(answers={"deaths": "yes"}, responders=None)
def italian_ward(path: Path) -> Path:
    head = ["Paziente", "Sesso", "Età", "Data inizio terapia", "Stato", "Data ultimo follow-up"]
    rows = [
        [p.number, p.sex[0].upper(), p.age, at(p.start), "deceduto" if p.dead else "vivo",
         at(p.last)]
        for p in PEOPLE
    ]  # fmt: skip
    return save(path, head, *rows)


@chart(answers={"best_response": "missing"}, responders=None)
def not_reached_and_not_evaluable(path: Path) -> Path:
    """NR may be no response or not recorded."""
    words = {"CR": "CR", "PR": "PR", "SD": "NR", "PD": "NE"}
    rows = [
        [p.number, p.age, words[p.response], months(p), "dead" if p.dead else "alive"]
        for p in PEOPLE
    ]
    return save(path, ["Pat", "Age", "Best response", "OS (months)", "Status"], *rows)


@chart(responders=None)
def a_status_at_two_years(path: Path) -> Path:
    rows = [
        [p.number, p.age, "yes" if p.days > 365 else "no", months(p), "dead" if p.dead else "alive"]
        for p in PEOPLE
    ]
    return save(path, ["Pat", "Age", "Alive at 1 year", "OS (months)", "Status"], *rows)


@chart(responders=None)
def stamps_with_hours(path: Path) -> Path:
    def text(day: date | None) -> str | None:
        return None if day is None else f"{day.month}/{day.day}/{day.year} 12:00:00 AM"

    rows = [[p.number, p.age, text(p.start), text(death(p)), text(p.last)] for p in PEOPLE]
    return save(path, ["MRN#", "Age", "C1D1", "DOD", "Last seen"], *rows)


@chart(responders=None)
def ages_with_months(path: Path) -> Path:
    rows = [
        [p.number, f"{p.age}y {p.number % 12}m", months(p), "dead" if p.dead else "alive"]
        for p in PEOPLE
    ]
    return save(path, ["Pat", "Age", "OS (months)", "Status"], *rows)


assert DEATHS and PFS_EVENTS


@chart(
    answers={"stacked": "yes", "ldh": "<150 = 75", "missing_words": ""},
    responders=None,
    truths={"baseline.sex.count[level=male]": MALE, "survival.pfs.events": float(PFS_EVENTS)},
    absent=("[variables.irae",),
)
def german_arms_in_sheets(path: Path) -> Path:
    """A sheet for each arm; weeks with decimal commas; three words of life in the header."""
    head = ["ID", "m/w", "LDH (U/l)", "BRAF", "Hirnmetastasen", "Datum 1. Gabe", "PFS (Wo)",
            "Progress/Tod", "OS (Wo)", "Status (0=lebt,1=tot Melanom,2=tot andere)",
            "irAE Grad"]  # fmt: skip

    def weeks(days: int) -> str:
        return f"{days / 7:.6f}".replace(".", ",")

    def row(p: Person) -> list[Any]:
        status = (1 + p.number % 2) if p.dead else 0
        return [
            f"M{p.number:02d}", "m" if p.sex == "male" else "w",
            200 + p.number if p.number % 6 else "<150",
            ("wt", "V600E", "V600K", "n.d.")[p.number % 4], "jn"[p.number % 2],
            p.start.strftime("%d.%m.%y"), weeks(p.progression or p.days),
            "ja" if p.progression or p.dead else "nein", weeks(p.days), status, p.number % 5,
        ]  # fmt: skip

    book = Workbook()
    for arm, half in (("Nivolumab", 0), ("Ipi+Nivo", 1)):
        page = book.create_sheet(arm)
        for cells in (head, *[row(p) for p in PEOPLE if p.number % 2 == half]):
            page.append(cells)
    del book["Sheet"]
    file = path / "chart.xlsx"
    book.save(file)
    return file
