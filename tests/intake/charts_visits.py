"""Visits with who is alive in one column and what the disease does in another; an age and a sex in
one cell; units and formats below the names; legends of several columns in one line (synthetic)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

from charts_tongues import PFS
from cohort import CHARTS, PEOPLE, Chart, Person, at, chart, months, save
from on_sheets import MALE, book

Words = tuple[str, str, str, str]
"""Stable, progressed, alive, dead."""
Write = Callable[[Path], Path]
MEN: dict[str, float | None] = {
    "baseline.sex.count[level=male]": MALE,
    "baseline.age.minimum": float(min(p.age for p in PEOPLE)),
}
TRUE: dict[str, float | None] = {**PFS, **MEN}


def seen(p: Person, words: Words) -> Iterator[tuple[date, str, str]]:
    """(day, disease, life) of the visits of a patient; the last one is the last day."""
    stable, progressed, alive, dead = words
    days = {p.start + timedelta(days=30 + 63 * k) for k in range(p.days // 63 + 1)}
    days = {d for d in days if d < p.last} | {p.last}
    worse = p.progressed if p.progressed is not None and p.progressed < p.last else None
    days |= set() if worse is None else {worse}
    for day in sorted(days):
        life = dead if p.dead and day == p.last else alive
        yield day, progressed if worse is not None and worse <= day else stable, life


def _beside(heads: tuple[list[str], list[str]], words: Words, sexes: dict[str, str]) -> Write:
    """A sheet of the patients, and one of their visits."""

    def write(path: Path) -> Path:
        one = [heads[0], *[[p.number, sexes[p.sex], p.age, at(p.start)] for p in PEOPLE]]
        rows = [[p.number, at(d), what, life] for p in PEOPLE for d, what, life in seen(p, words)]
        return book(path, One=one, Two=[heads[1], *rows])

    return write


_BESIDE: dict[str, tuple[tuple[list[str], list[str]], Words, dict[str, str]]] = {
    "english": (
        (["Study No", "Sex", "Age", "Start of therapy"], ["study no", "Visit date", "Disease",
          "Status"]),
        ("stable", "progressed", "alive", "dead"),
        {"male": "M", "female": "F"},
    ),
    "german": (
        (["Pat-ID", "Geschlecht", "Alter", "Therapiebeginn"], ["Pat-ID", "Datum", "Befund",
          "Vitalstatus"]),
        ("stabil", "Progress", "lebt", "verstorben"),
        {"male": "m", "female": "w"},
    ),
    "french": (
        (["Patient", "Sexe", "Âge", "Début du traitement"], ["Patient", "Date de visite", "Maladie",
          "Statut vital"]),
        ("stable", "progression", "vivant", "décédé"),
        {"male": "H", "female": "F"},
    ),
}  # fmt: skip
CHARTS.extend(
    Chart(f"visits_with_disease_and_life_{name}", _beside(*how), responders=None, truths=TRUE)
    for name, how in _BESIDE.items()
)


@chart(responders=None, truths=TRUE)
def visits_that_repeat_who_the_patient_is(path: Path) -> Path:
    words = ("controlled", "progressive disease", "alive", "dead")
    rows = [
        [p.number, p.sex, p.age, at(p.start), at(day), what, life]
        for p in PEOPLE
        for day, what, life in seen(p, words)
    ]
    head = ["ID", "Sex", "Age", "Start of therapy", "Visit", "Disease", "Status"]
    return save(path, head, *rows)


@chart(responders=None, truths=TRUE)
def visits_with_recurrence_beside_charted_deaths(path: Path) -> Path:
    one = [
        ["ID", "Sex", "Age", "Start of therapy", "Date of death", "Last contact"],
        *[
            [p.number, p.sex, p.age, at(p.start), at(p.last) if p.dead else None, at(p.last)]
            for p in PEOPLE
        ],
    ]
    rows = [
        [p.number, at(day), what]
        for p in PEOPLE
        for day, what, _ in seen(p, ("NED", "recurrence", "", ""))
    ]
    return book(path, Patients=one, Visits=[["ID", "Date", "Disease status"], *rows])


def _both(form: Callable[[Person], str], head: str) -> Write:
    def write(path: Path) -> Path:
        names = ["Case", head, "OS (months)", "Dead"]
        rows = [[p.number, form(p), months(p), "yes" if p.dead else "no"] for p in PEOPLE]
        return save(path, names, *rows)

    return write


CHARTS.extend(
    Chart(f"age_and_sex_in_one_cell_{name}", _both(form, head), responders=None, truths=MEN)
    for name, head, form in (
        ("slash", "Age/Sex", lambda p: f"{p.age}/{p.sex[0].upper()}"),
        ("sex_first", "Sex, age", lambda p: f"{p.sex[0].upper()} {p.age}"),
        ("years", "Patient demographics", lambda p: f"{p.age} yo {p.sex}"),
        ("chinese", "性别/年龄", lambda p: f"{'男' if p.sex == 'male' else '女'}/{p.age}岁"),
    )
)


@chart(answers={"deaths": "yes"}, responders=None, truths=MEN)
def units_and_choices_below_italian_names(path: Path) -> Path:
    head = ["Paz", "Età", "Sesso", "PS", "Inizio terapia", "Ultimo FU", "Stato", "Hb"]
    units = ["n.", "anni", "M/F", "ECOG", "gg/mm/aaaa", "gg/mm/aaaa", "vivo/morto", "g/dL"]
    day = "%d/%m/%Y"
    rows = [
        [p.number, p.age, p.sex[0].upper(), p.number % 3, p.start.strftime(day),
         p.last.strftime(day), "morto" if p.dead else "vivo", p.hb]
        for p in PEOPLE
    ]  # fmt: skip
    return save(path, head, units, *rows)


def _explained(line: str, head: list[str], *, above: bool) -> Write:
    def write(path: Path) -> Path:
        rows = [
            [p.number, 1 if p.sex == "male" else 2, p.age, months(p), int(p.dead)] for p in PEOPLE
        ]
        return save(path, *([[line], head, *rows] if above else [head, *rows, [], [line]]))

    return write


_CHINESE = ["编号", "性别", "年龄", "OS(月)", "结局"]
CHARTS.extend(
    Chart(f"codes_of_two_columns_{name}", _explained(line, head, above=above), responders=None,
          truths=MEN)
    for name, line, head, above in (
        ("without_blanks", "Sex:1=male,2=female;Status:0=alive,1=dead",
         ["ID", "Sex", "Age", "OS (months)", "Status"], True),
        ("chinese_above", "性别:1=男,2=女;结局:0=存活,1=死亡", _CHINESE, True),
        ("chinese_below", "性别：1=男，2=女。结局：0=存活，1=死亡。", _CHINESE, False),
        ("chinese_brackets", "性别(1男2女) 结局(0存活1死亡)", _CHINESE, False),
    )
)  # fmt: skip


def _flagged(heads: tuple[list[str], list[str]], yes: str, no: str, sheet: str) -> Write:
    """A sheet of the patients, and one of scans that say whether there was a progression."""

    def write(path: Path) -> Path:
        one = [
            [p.number, p.sex, p.age, at(p.start), at(p.last) if p.dead else None, at(p.last)]
            for p in PEOPLE
        ]
        rows = [
            [p.number, at(day), what] for p in PEOPLE for day, what, _ in seen(p, (no, yes, "", ""))
        ]
        return book(path, **{"One": [heads[0], *one], sheet: [heads[1], *rows]})

    return write


CHARTS.extend(
    Chart(f"progression_said_at_each_scan_{name}", write, responders=None, truths=TRUE)
    for name, write in (
        ("english", _flagged((["ID", "Sex", "Age", "Start of therapy", "Date of death",
          "Last contact"], ["ID", "Scan date", "Progression (y/n)"]), "y", "n", "Imaging")),
        ("german", _flagged((["Pat-ID", "Geschlecht", "Alter", "Therapiebeginn", "Todesdatum",
          "Letzter Kontakt"], ["Pat-ID", "Datum CT", "Progress"]), "ja", "nein", "Bildgebung")),
    )
)  # fmt: skip


@chart(answers={"missing_words": "yes"}, responders=None, truths=TRUE)
def every_progression_in_one_cell(path: Path) -> Path:
    head = ["No", "Sex", "Age", "Start", "Progressions", "Died on", "Last contact"]
    rows = []
    for p in PEOPLE:
        first = p.progressed if p.progressed is not None and p.progressed < p.last else None
        again = None if first is None else first + timedelta(days=20)
        days = [d.isoformat() for d in (first, again) if d is not None and d < p.last]
        dead = at(p.last) if p.dead else None
        rows.append(
            [p.number, p.sex, p.age, at(p.start), "; ".join(days) or "none", dead, at(p.last)]
        )
    return save(path, head, *rows)
