"""What came first and when, statuses by letters, severity in words, marks that the chart explains,
and days since a day zero (synthetic)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from charts_abroad import pfs
from charts_elsewhere import day
from charts_public import PFS_EVENTS, PFS_MEDIAN
from charts_tongues import death
from cohort import CHARTS, MONTH, PEOPLE, Chart, Person, at, chart, months, save
from on_sheets import book
from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill

YES = {"deaths": "yes"}
D = "%d.%m.%Y"


def truths(key: str) -> dict[str, float | None]:
    return {f"survival.{key}.events": float(PFS_EVENTS), f"survival.{key}.median": PFS_MEDIAN}


def first(p: Person) -> str:
    """What came first: progression, death, nothing."""
    if p.progression is not None and p.progression <= p.days:
        return "progression"
    return "death" if p.dead else "none"


def dated(
    head: list[str], words: Mapping[str, str | None], states: tuple[str, str], form: str = ""
) -> Callable[[Path], Path]:
    """Patient, age, start, what came first, its day, dead or alive, last contact."""

    def write(path: Path) -> Path:
        def shown(d: Any) -> Any:
            return at(d) if not form or d is None else day(d, form)

        rows = []
        for p in PEOPLE:
            came = None if first(p) == "none" else p.start + timedelta(days=pfs(p)[0])
            alive, dead = states
            rows.append(
                [
                    *(p.number, p.age, shown(p.start), words[first(p)], shown(came)),
                    *(dead if p.dead else alive, shown(p.last)),
                ]
            )
        return save(path, head, *rows)

    return write


_IN: dict[str, tuple[str, list[str], tuple[str | None, ...], tuple[str, str]]] = {
    "english": (
        "pfs",
        ["ID", "Age", "Start of treatment", "Event type", "Event date", "Status", "Last follow-up"],
        ("Progression", "Death", None),
        ("alive", "dead"),
    ),
    "german": (
        "pfs",
        ["Pat.", "Alter", "Therapiebeginn", "Ereignis", "Datum Ereignis", "Status",
         "Letzter Kontakt"],
        ("Progress", "Tod", "kein"),
        ("lebt", "tot"),
    ),
    "french": (
        "pfs",
        ["Patient", "Âge", "Début du traitement", "Type d'événement", "Date de l'événement",
         "Statut vital", "Dernières nouvelles"],
        ("progression", "décès", "aucun"),
        ("vivant", "décédé"),
    ),
    "italian": (
        "rfs",
        ["Paziente", "Età", "Data intervento", "Primo evento", "Data primo evento", "Stato",
         "Ultimo follow-up"],
        ("recidiva", "decesso", "nessuno"),
        ("vivo", "deceduto"),
    ),
    "japanese": (
        "pfs",
        ["症例番号", "年齢", "治療開始日", "イベント", "イベント発生日", "転帰", "最終確認日"],
        ("増悪", "死亡", "なし"),
        ("生存", "死亡"),
    ),
    "chinese": (
        "rfs",
        ["编号", "年龄", "手术日期", "事件类型", "事件日期", "生存状态", "末次随访日期"],
        ("复发", "死亡", "无"),
        ("存活", "死亡"),
    ),
}  # fmt: skip
for _language, (_key, _head, _words, _states) in _IN.items():
    _said = dict(zip(("progression", "death", "none"), _words, strict=True))
    CHARTS.append(
        Chart(
            f"what_came_first_{_language}",
            dated(_head, _said, _states, D if _language == "german" else ""),
            YES,
            responders=None,
            truths=truths(_key),
        )
    )


def coded(where: str) -> Callable[[Path], Path]:
    """The time until the first event, and codes that are explained in a place."""

    def write(path: Path) -> Path:
        legend = "0 = censored, 1 = relapse, 2 = death"
        made = Workbook()
        page = made.active
        name = f"Status ({legend})" if where == "header" else "Status"
        page.append(["ID", "Age", "Time to event (months)", name])
        for p in PEOPLE:
            code = {"progression": 1, "death": 2, "none": 0}[first(p)]
            page.append([p.number, p.age, round(pfs(p)[0] / MONTH, 4), code])
        if where == "comment":
            page["D1"].comment = Comment(legend, "x")
        if where == "note":
            page.append([])
            page.append([f"Status: {legend}"])
        made.save(path / "c.xlsx")
        return path / "c.xlsx"

    return write


for _where in ("header", "comment", "note"):
    CHARTS.append(
        Chart(
            f"first_event_by_code_in_{_where}",
            coded(_where),
            deaths=PFS_EVENTS,
            endpoint="rfs",
            median=PFS_MEDIAN,
            responders=None,
        )
    )


def status(head: str, dead: str, alive: str) -> Callable[[Path], Path]:
    def write(path: Path) -> Path:
        rows = [
            [p.number, p.age, at(p.start), dead if p.dead else alive, at(p.last)] for p in PEOPLE
        ]
        return save(path, ["ID", "Age", "Start of treatment", head, "Last follow-up"], *rows)

    return write


for _name, _asked in {
    "d_a": ("D/A", "D", "A"),
    "status_d_a": ("Status (D/A)", "D", "A"),
    "lebend_verstorben": ("Lebend/Verstorben", "V", "L"),
    "vivant_decede": ("Vivant / décédé", "D", "V"),
    "vivo_muerto": ("Vivo/Muerto", "M", "V"),
    "dead_one_is_yes": ("Dead (1=yes)", "1", "0"),
}.items():
    CHARTS.append(Chart(f"status_named_{_name}", status(*_asked), YES, responders=None))


def severe(head: list[str], words: tuple[str, ...], *, first_row: bool) -> Callable[[Path], Path]:
    """Adverse events on a sheet of their own, or beside the patients."""

    def write(path: Path) -> Path:
        people: list[list[Any]] = [
            ["Patient", "Age", "Start of treatment", "Date of death", "Last contact"]
        ]
        people += [[p.number, p.age, at(p.start), at(death(p)), at(p.last)] for p in PEOPLE]
        if first_row:
            for row, p in zip(people, [None, *PEOPLE], strict=True):
                row += head if p is None else [words[p.number % 4], words[p.number % 2]]
            return save(path, *people)
        rows = [
            [p.number, "Rash", words[p.number // 3 % 3], at(p.start)]
            for p in PEOPLE
            if p.number % 3 == 0
        ]
        return book(path, Patients=people, AE=[head, *rows])

    return write


_GRADED = {"grades": "yes", "ctcae": "CTCAE 5.0"}
for _name, _head, _words in (
    ("english", ["Patient", "AE", "Severity", "Onset"], ("mild", "moderate", "severe")),
    (
        "german",
        ["Patient", "Nebenwirkung", "Schweregrad", "Beginn"],
        ("leicht", "mittel", "schwer"),
    ),
):
    CHARTS.append(
        Chart(
            f"severity_in_words_{_name}",
            severe(_head, _words, first_row=False),
            _GRADED,
            responders=None,
            truths={"safety.rash.count[grade=any]": 8, "safety.rash.count[grade=ge3]": 3},
        )
    )
CHARTS.append(
    Chart(
        "severity_in_words_beside_the_patients",
        severe(["Rash", "Diarrhea"], ("none", "mild", "moderate", "severe"), first_row=True),
        _GRADED,
        responders=None,
        truths={"safety.rash.count[grade=any]": 18, "safety.rash.count[grade=ge3]": 6},
    )
)


def marked(how: str, legend: str) -> Callable[[Path], Path]:
    """Who is dead stands in no column: the rows are marked, and the sheet says how."""

    def write(path: Path) -> Path:
        made = Workbook()
        page = made.active
        page.append(["ID", "Age", "Sex", "Start of therapy", "Last seen"])
        for p in PEOPLE:
            page.append([p.number, p.age, p.sex, at(p.start), at(p.last)])
            for cell in page[page.max_row] if p.dead else ():
                if how == "fill":
                    cell.fill = PatternFill("solid", fgColor="FFFF0000")
                elif how == "letters":
                    cell.font = Font(color="FFFF0000")
                else:
                    cell.font = Font(bold=how == "bold", strike=how == "struck")
        page.append([])
        page.append([legend])
        made.save(path / "c.xlsx")
        return path / "c.xlsx"

    return write


for _how, _legend in {
    "fill": "rot = verstorben",
    "letters": "Red: patient has died",
    "bold": "bold = died",
    "struck": "strikethrough = dead",
}.items():
    CHARTS.append(Chart(f"marked_dead_by_{_how}", marked(_how, _legend), YES, responders=None))


@chart(answers={"yellow_rows": "yes", "struck_rows": "yes"}, n=22, deaths=None, median=None,
       responders=None,
       truths={"baseline.brain_metastases.count[level=yes]": 6})  # fmt: skip
def marks_of_two_kinds_are_asked_in_the_legends_words(path: Path) -> Path:
    made = Workbook()
    page = made.active
    page.append(["ID", "Age", "Start of therapy", "Date of death", "Last seen"])
    for p in PEOPLE:
        page.append([p.number, p.age, at(p.start), at(death(p)), at(p.last)])
        for cell in page[page.max_row]:
            if p.number % 4 == 0:
                cell.fill = PatternFill("solid", fgColor="FFFFFF00")
            if p.number in (3, 9):
                cell.font = Font(strike=True)
    page.append([])
    page.append(["yellow = brain metastases"])
    page.append(["crossed out = withdrew consent"])
    made.save(path / "c.xlsx")
    return path / "c.xlsx"


def since(start: int) -> Callable[[Path], Path]:
    def write(path: Path) -> Path:
        head = ["ID", "Age", "Treatment start (day)", "Progression (day)", "Death (day)"]
        rows = [
            [
                *(p.number, p.age, start),
                None if p.progression is None else start + p.progression,
                start + p.days if p.dead else None,
                start + p.days,
                at(p.start - timedelta(days=30)),
            ]
            for p in PEOPLE
        ]
        return save(path, [*head, "Last contact (day)", "Date of diagnosis"], *rows)

    return write


for _day in (0, 20):
    CHARTS.append(
        Chart(
            f"days_since_day_zero_beside_a_real_date_{_day}",
            since(_day),
            responders=None,
            truths=truths("pfs"),
        )
    )


@chart(responders=None, truths=truths("pfs"))
def ukrainian(path: Path) -> Path:
    head = ["№", "Вік", "Стать", "Початок лікування", "Дата прогресування", "Дата смерті"]
    rows = [
        [
            *(p.number, p.age, "ч" if p.sex == "male" else "ж", day(p.start, D)),
            *(day(p.progressed, D) if p.progressed else None, day(death(p), D) if p.dead else None),
            day(p.last, D),
        ]
        for p in PEOPLE
    ]
    return save(path, [*head, "Останній контакт"], *rows)


@chart(answers={"treatment_end_reason": "none"}, responders=None)
def reasons_of_the_end_that_nobody_explains(path: Path) -> Path:
    head = ["ID", "Age", "Start of treatment", "End of treatment", "Reason for discontinuation"]
    rows = [
        [
            *(p.number, p.age, at(p.start), at(p.start + timedelta(days=40))),
            *("ABCE"[p.number % 4], at(death(p)), at(p.last)),
        ]
        for p in PEOPLE
    ]
    return save(path, [*head, "Date of death", "Last contact"], *rows)


@chart(responders=None)
def pasted_from_a_word_processor(path: Path) -> Path:
    rows = [
        [
            f"{p.number}.",
            f"{p.age}/{p.sex[0].upper()}",
            p.start.strftime("%b %d,\xa0%Y"),
            f"{'Died' if p.dead else 'Alive'} ({months(p)})",
        ]
        for p in PEOPLE
    ]
    head = ["Patient\nNo.\xa0", "Age/\nsex", "Start of\ntherapy", "Outcome\n(months)"]
    return save(path, head, *rows)
