"""Workbooks of several kinds at once: scans, laboratory values, odd statuses (synthetic)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from cohort import DEATHS, PEOPLE, N, Person, at, chart, dated, months, save
from openpyxl import Workbook

HEAD = ["Patient ID", "Sex", "Age", "Start", "BOR", "PD date", "Death", "Last contact"]


def book_of(path: Path, **sheets: list[list[Any]]) -> Path:
    book = Workbook()
    for nth, (name, rows) in enumerate(sheets.items()):
        page = book.active if nth == 0 else book.create_sheet()
        page.title = name.replace("_", " ")
        for row in rows:
            page.append(row)
    book.save(path / "chart.xlsx")
    return path / "chart.xlsx"


def core(p: Person) -> list[Any]:
    return [p.number, p.age, at(p.start), at(p.last) if p.dead else None, at(p.last)]


CORE = ["Patient ID", "Age", "Start", "Death", "Last contact"]


@chart(answers={"lesions_unit": "cm"}, responders=12)
def german_lesions_in_centimetres(path: Path) -> Path:
    rows = [["Pat.-Nr.", "Läsion", "Datum", "Größe", "Zielläsion", "Lokalisation"]]
    for p in PEOPLE:
        sizes = (5.0, 2.5, 2.5) if p.number % 2 else (5.0, 5.5, 5.2)
        for nth, size in enumerate(sizes):
            day = p.start + timedelta(days=-7 + 34 * nth)
            rows.append([p.number, "L1", at(day), size, "Zielläsion", "Lunge"])
    head = ["Pat.-Nr.", "Alter", "Therapiebeginn", "verstorben am", "letzter Kontakt"]
    return book_of(path, Patienten=[head, *map(core, PEOPLE)], Läsionen=rows)


@chart(responders=sum(p.response in ("CR", "PR") for p in PEOPLE))
def german_stagings_beside(path: Path) -> Path:
    words = {"CR": "CR", "PR": "partielle Remission", "SD": "stabile Erkrankung", "PD": "Progress"}
    head = [*CORE, "Staging 1 Datum", "Staging 1 Ergebnis", "Staging 2 Datum", "Staging 2 Ergebnis"]
    rows = []
    for p in PEOPLE:
        first, second = (at(p.start + timedelta(days=d)) for d in (30, 58))
        word = words[p.response]
        rows.append([*core(p), first, word, second, word if p.response != "PD" else "Progress"])
    return save(path, head, *rows)


@chart(responders=None)
def survival_in_years(path: Path) -> Path:
    rows = [[p.number, p.age, p.days / 365.25, "dead" if p.dead else "alive"] for p in PEOPLE]
    return save(path, ["Pt", "Age", "Survival (years)", "Status"], *rows)


@chart(responders=None)
def survival_in_weeks(path: Path) -> Path:
    rows = [[p.number, p.age, p.days / 7, "yes" if p.dead else "no"] for p in PEOPLE]
    return save(path, ["Pt", "Age", "OS weeks", "Died"], *rows)


@chart(responders=None, deaths=DEATHS, answers={"os": "LTFU = censored"})
def a_status_with_lost_patients(path: Path) -> Path:
    def word(p: Person) -> str:
        return "DOD" if p.dead else ("LTFU" if p.number % 4 == 0 else "NED")

    rows = [[p.number, p.age, months(p), word(p)] for p in PEOPLE]
    return save(path, ["Pt", "Age", "OS (months)", "Status"], *rows)


@chart(answers={"best_response": "SD"})
def responses_with_remarks(path: Path) -> Path:
    words = {"CR": "CR (confirmed)", "PR": "cPR", "SD": "SD >6 mo", "PD": "PD"}
    return save(path, HEAD, *[[words.get(v, v) for v in dated(p)] for p in PEOPLE])


@chart(truths={"baseline.age.median": 59.5})
def names_with_line_breaks_and_units_below(path: Path) -> Path:
    head = [
        "Patient\nID",
        "Sex",
        "Age",
        "Start of\ntreatment",
        "Best\nresponse",
        "PD date",
        "Date of\ndeath",
        "Last\ncontact",
        "Hb",
    ]
    units = [None, None, "years", "dd.mm.yyyy", None, None, None, None, "g/dL"]
    return save(path, head, units, *[[*dated(p), p.hb] for p in PEOPLE])


@chart()
def blank_rows_between(path: Path) -> Path:
    rows: list[list[Any]] = []
    for p in PEOPLE:
        rows += [dated(p), []] if p.number % 4 == 0 else [dated(p)]
    return save(path, HEAD, *rows, ["Total", None, "n = 24"])


@chart(responders=None)
def japanese_dates(path: Path) -> Path:
    def text(p_day: Any) -> Any:
        return None if p_day is None else f"{p_day.year}年{p_day.month}月{p_day.day}日"

    rows = [
        [p.number, p.age, text(p.start), text(p.last) if p.dead else None, text(p.last)]
        for p in PEOPLE
    ]
    return save(path, ["症例番号", "年齢", "治療開始日", "死亡日", "最終確認日"], *rows)


@chart()
def era_dates_are_not_understood(path: Path) -> Path:
    rows = [[*dated(p), f"H{p.start.year - 1988}.{p.start.month}.{p.start.day}"] for p in PEOPLE]
    return save(path, [*HEAD, "診断日"], *rows)


@chart()
def events_as_words_and_as_dates(path: Path) -> Path:
    head = [
        "Patient ID",
        "Sex",
        "Age",
        "Start",
        "BOR",
        "PD",
        "PD date",
        "Death",
        "Death date",
        "Last contact",
    ]
    rows = []
    for p in PEOPLE:
        d = dated(p)
        rows.append(
            [*d[:5], "yes" if p.progression else "no", d[5], "yes" if p.dead else "no", d[6], d[7]]
        )
    return save(path, head, *rows)


@chart(truths={"baseline.sex.count[level=male]": 16.0})
def a_column_male(path: Path) -> Path:
    rows = [[p.number, "yes" if p.sex == "male" else "no", *dated(p)[2:]] for p in PEOPLE]
    return save(path, ["Patient ID", "Male", *HEAD[2:]], *rows)


@chart(answers={"dates": "day-first"}, truths={"baseline.age.minimum": 41.0})
def born_instead_of_aged(path: Path) -> Path:
    rows = []
    for p in PEOPLE:
        born = p.start.replace(year=p.start.year - p.age, day=1)
        rows.append([p.number, p.sex, born.strftime("%d.%m.%y"), *dated(p)[3:]])
    return save(path, ["Pat.-Nr.", "Geschlecht", "Geburtsdatum", *HEAD[3:]], *rows)


@chart(truths={"baseline.hb.median": None})
def laboratory_values_at_visits(path: Path) -> Path:
    head = [
        *HEAD,
        "Hb baseline (g/dL)",
        "Hb week 4 (g/dL)",
        "LDH baseline (U/L)",
        "LDH week 4 (U/L)",
    ]
    rows = [[*dated(p), p.hb, p.hb - 1, 200 + p.number, 300] for p in PEOPLE]
    return save(path, head, *rows)


@chart(answers={"missing_words": "missing"})
def lost_patients_in_a_column_of_dates(path: Path) -> Path:
    rows = [dated(p) for p in PEOPLE]
    rows[0][5] = "no PD"
    rows[3][5] = "-"
    return save(path, HEAD, *rows)


@chart(responders=None)
def one_sheet_per_topic(path: Path) -> Path:
    return book_of(
        path,
        Demographics=[
            ["Study No", "Sex", "Age"],
            *[[f"A{p.number:02d}", p.sex, p.age] for p in PEOPLE],
        ],
        Treatment=[
            ["study no", "Start of treatment", "Reason for stop"],
            *[[f"a{p.number}", at(p.start), "PD"] for p in PEOPLE],
        ],
        Follow_up=[
            ["Study No", "Date of death", "Last FU"],
            *[
                [f"A{p.number:02d}", at(p.last) if p.dead else None, at(p.last)]
                for p in reversed(PEOPLE)
            ],
        ],
    )


@chart()
def american_dates_as_text(path: Path) -> Path:
    rows = [
        [v.strftime("%m/%d/%Y") if hasattr(v, "strftime") else v for v in dated(p)] for p in PEOPLE
    ]
    return save(path, HEAD, *rows)


@chart(responders=None, answers={"os": "0"})
def a_flag_that_means_censored(path: Path) -> Path:
    rows = [[p.number, p.age, months(p), int(not p.dead)] for p in PEOPLE]
    return save(path, ["Pt", "Age", "OS (months)", "Censored"], *rows)


@chart()
def chinese_patients_with_lines(path: Path) -> Path:
    head = [
        "住院号",
        "性别",
        "年龄",
        "首次治疗日期",
        "最佳疗效",
        "疾病进展时间",
        "死亡时间",
        "末次随访时间",
        "ECOG评分",
    ]
    words = {"male": "男", "female": "女"}
    rows = [
        [*[words.get(v, v) if isinstance(v, str) else v for v in dated(p)], p.number % 3]
        for p in PEOPLE
    ]
    return save(path, head, *rows, title="患者")


assert N == 24
