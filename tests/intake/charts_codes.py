"""Charts that explain their codes beside the table, in the name, or in a note on a mark; and times
to recurrence beside a flag (synthetic)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from charts_series import came
from charts_tongues import PFS
from cohort import CHARTS, DEATHS, PEOPLE, Chart, Person, at, chart, months, save
from openpyxl import Workbook

WORDS = ("alive, no disease", "alive with disease", "dead of disease", "dead, other cause")
GERMAN = ("lebt, tumorfrei", "lebt mit Tumor", "Tumortod", "anderer Tod")
RFS = {k.replace("pfs", "rfs"): v for k, v in PFS.items()}
_ASKED = {"deaths": "yes", "rfs": "yes"}
Side = Sequence[Sequence[object]]


def state(p: Person) -> int:
    """The place of a patient's outcome among the words."""
    return 2 * p.dead + (p.dead == (p.progression is None))


def beside(side: Side, gap: int = 1) -> Callable[[Path], Path]:
    """The chart with further cells on the right of its first rows."""

    def write(path: Path) -> Path:
        rows: list[list[object]] = [
            ["ID", "Sex", "Age", "Surgery date", "Outcome", "Date relapse", "Last contact"]
        ]
        rows += [
            [p.number, p.sex, p.age, at(p.start), state(p), at(p.progressed), at(p.last)]
            for p in PEOPLE
        ]
        for row, cells in zip(rows, side, strict=False):
            row += [*([None] * gap), *cells]
        return save(path, *rows)

    return write


CHARTS.extend(
    Chart(f"codes_beside_{name}", write, _ASKED, responders=None, truths=RFS)
    for name, write in (
        ("named_code", beside([["Code", "Meaning"], *enumerate(WORDS)])),
        ("named_as_the_column", beside([["Outcome", "Meaning"], *enumerate(WORDS)])),
        ("under_a_title", beside([["Legend for outcome"], *enumerate(WORDS)])),
        ("in_one_column", beside([["Outcome:"], *([f"{i} = {w}"] for i, w in enumerate(WORDS))])),
        ("further_down", beside([[], ["Codes"], *([f"{i}: {w}"] for i, w in enumerate(WORDS))], 2)),
        ("german", beside([["Kode", "Bedeutung"], *enumerate(GERMAN)])),
        ("of_two_columns", beside([["Outcome", "Meaning", None, "Sex", "Meaning"],
                                   [0, WORDS[0], None, "male", "man"],
                                   [1, WORDS[1], None, "female", "woman"],
                                   *enumerate(WORDS[2:], 2)])),
    )
)  # fmt: skip


@chart(answers={"deaths": "yes"}, responders=None)
def letters_that_mean_something_else_elsewhere(path: Path) -> Path:
    head = ["Nr.", "Alter", "OP-Datum", "Status (V=verstorben, L=lebt)", "Letzter Kontakt"]
    rows = [[p.number, p.age, at(p.start), "V" if p.dead else "L", at(p.last)] for p in PEOPLE]
    return save(path, head, *rows)


@chart(responders=None)
def a_star_that_a_note_explains(path: Path) -> Path:
    rows = [[p.number, p.age, f"{months(p)}" + ("" if p.dead else "*")] for p in PEOPLE]
    return save(path, ["Patient No.", "Age", "OS, months"], *rows, ["* censored"])


@chart(responders=None, answers={"os": "yes"})
def a_word_behind_the_times_that_go_on(path: Path) -> Path:
    rows = [[p.number, p.age, months(p) if p.dead else f"{months(p)} (alive)"] for p in PEOPLE]
    return save(path, ["Case", "Age", "OS (months)"], *rows)


@chart(responders=None)
def codes_below_the_name_on_a_sheet(path: Path) -> Path:
    book = [["status"], ["0 - alive"], ["1 - died of cancer"], ["2 - died of other causes"]]
    rows = [[p.number, p.age, months(p), 2 * p.dead - (p.dead and p.number % 2)] for p in PEOPLE]
    return with_sheet(path, [["patient", "age", "fu_months", "status"], *rows], "legend", book)


def with_sheet(path: Path, rows: Side, title: str, more: Side) -> Path:
    """A workbook with the data and a further sheet."""
    book = Workbook()
    for name, cells in (("Data", rows), (title, more)):
        page = book.create_sheet(name)
        for row in cells:
            page.append(list(row))
    del book["Sheet"]
    book.save(path / "chart.xlsx")
    return path / "chart.xlsx"


def flagged(head: list[str], yes: object, no: object, dead: tuple[object, object],
            start: bool = False) -> Callable[[Path], Path]:  # fmt: skip
    """Recurrence yes or no, the time to it of those who had one, and that of the follow-up."""

    def write(path: Path) -> Path:
        rows = []
        for p in PEOPLE:
            time = came(p)
            operated = [at(p.start)] if start else []
            flag = no if time is None else yes
            rows.append([p.number, p.age, *operated, flag, time, months(p), dead[not p.dead]])
        return save(path, head, *rows)

    return write


CHARTS.extend(
    Chart(f"recurrence_flag_and_months_{name}", write, answers, responders=None, truths=truths,
          deaths=DEATHS)
    for name, write, answers, truths in (
        ("liver_transplant",
         flagged(["Pt", "Age", "HCC recurrence", "Mths OLT-recurrence", "Mths OLT-last FU/death",
                  "Death"], 1, 0, (1, 0)),
         {"vital_status": "1 = dead, 0 = alive"}, PFS),
        ("portuguese",
         flagged(["Reg.", "Idade", "Data da cirurgia", "Recidiva (S/N)",
                  "Tempo até recidiva (meses)", "Seguimento (meses)", "Óbito (S/N)"],
                 "S", "N", ("S", "N"), start=True), {}, RFS),
        ("beside_survival",
         flagged(["ID", "Age", "Progressed", "Months to progression", "OS (months)", "Dead"],
                 "yes", "no", ("yes", "no")), {}, PFS),
    )
)  # fmt: skip


def deaths_of_two_kinds(
    head: list[str], words: tuple[str, str], *, dated: bool = False
) -> Callable[[Path], Path]:
    """Flags of the deaths of one kind, and of all, beside a time or days."""

    def write(path: Path) -> Path:
        rows = []
        for p in PEOPLE:
            some = words[not (p.dead and p.number % 3)]
            time = [at(p.start), at(p.last)] if dated else [months(p)]
            rows.append([p.number, p.age, *time, some, words[not p.dead]])
        return save(path, head, *rows)

    return write


CHARTS.extend(
    Chart(f"some_deaths_and_all_{name}", deaths_of_two_kinds(head, words, dated=dated),
          responders=None)
    for name, head, words, dated in (
        ("hospital", ["ID", "Age", "OS (months)", "In-hospital death", "Death"],
         ("yes", "no"), False),
        ("german", ["Pat-Nr", "Alter", "Überleben (Monate)", "Tumorbedingter Tod", "Verstorben"],
         ("ja", "nein"), False),
        ("chinese", ["编号", "年龄", "生存时间(月)", "是否肿瘤死亡", "是否死亡"],
         ("是", "否"), False),
        ("dates", ["Pt ID", "Age", "Surgery date", "Last FU / death date", "Cancer death (0/1)",
                   "Any death (0/1)"], ("yes", "no"), True),
    )
)  # fmt: skip


@chart(
    responders=None,
    endpoint="dss",
    median=None,
    deaths=sum(p.dead and p.number % 3 > 0 for p in PEOPLE),
    answers={"endpoint": "dss"},
)
def deaths_of_the_disease_alone(path: Path) -> Path:
    """Whether they are those of overall survival is asked."""
    rows = [
        [p.number, p.age, months(p), "yes" if p.dead and p.number % 3 else "no"] for p in PEOPLE
    ]
    return save(path, ["ID", "Age", "Survival (months)", "Cancer death"], *rows)


@chart(responders=None)
def the_end_in_a_phrase(path: Path) -> Path:
    head = ["Case", "Age/Sex", "Treatment started", "Outcome"]
    rows = [
        [p.number, f"{p.age}/{p.sex[0]}", at(p.start),
         f"Died {p.last:%d %b %Y} of progressive disease" if p.dead
         else f"Alive, last seen {p.last:%d %b %Y}"]
        for p in PEOPLE
    ]  # fmt: skip
    return save(path, head, *rows)


def survival_in_months(head: list[str], words: tuple[object, object]) -> Callable[[Path], Path]:
    """Days of start, recurrence and last contact, beside survival in months and its event."""

    def write(path: Path) -> Path:
        rows = [
            [p.number, p.age, at(p.start), at(p.progressed), at(p.last), months(p),
             words[not p.dead]]
            for p in PEOPLE
        ]  # fmt: skip
        return save(path, head, *rows)

    return write


CHARTS.extend(
    Chart(f"survival_in_months_beside_days_{name}", survival_in_months(head, words), answers,
          responders=None, truths=truths)
    for name, head, words, answers, truths in (
        ("surgery", ["ID", "Age", "Surgery date", "Recurrence date", "Last follow-up",
                     "OS (months)", "Death (yes/no)"], ("yes", "no"), {}, RFS),
        ("codes", ["ID", "Age", "Start date", "PD date", "Date last contact", "OS_months",
                   "OS_status"], (1, 0), {"vital_status": "1 = dead, 0 = alive"}, PFS),
        ("chinese", ["编号", "年龄", "治疗开始日期", "进展日期", "末次随访日期", "OS(月)",
                     "死亡(0否1是)"], (1, 0), {}, PFS),
    )
)  # fmt: skip
