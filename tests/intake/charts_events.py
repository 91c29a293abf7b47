"""Adverse events and doses as clinics write them beside the patients (synthetic)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from cohort import PEOPLE, N, Person, chart, dated, save
from openpyxl import load_workbook

HEAD = ["Patient ID", "Sex", "Age", "Start", "BOR", "PD date", "Death", "Last contact"]


def grades(p: Person) -> dict[str, int]:
    """Worst grade of three terms; 0 where it did not happen."""
    return {
        "Fatigue": p.number % 4,
        "Diarrhea": (p.number * 7) % 3,
        "Hand-foot syndrome": 3 if p.number % 6 == 0 else 0,
    }


def _with(term: str, least: int = 1) -> float:
    return float(sum(grades(p)[term] >= least for p in PEOPLE))


EVENTS: dict[str, float | None] = {
    "safety.fatigue.count[grade=any]": _with("Fatigue"),
    "safety.fatigue.count[grade=ge3]": _with("Fatigue", 3),
    "safety.diarrhea.count[grade=any]": _with("Diarrhea"),
}


@chart(answers={"ctcae": "CTCAE 5.0"}, truths=EVENTS)
def numbered_events_with_grades(path: Path) -> Path:
    head = [*HEAD, "AE1", "AE1_grade", "AE2", "AE2_grade", "AE3", "AE3_grade"]
    rows = []
    for p in PEOPLE:
        had = [x for term, grade in grades(p).items() if grade for x in (term, grade)]
        rows.append([*dated(p), *had, *[None] * (6 - len(had))])
    return save(path, head, *rows)


@chart(answers={"adverse_events": "CTCAE 5.0"}, truths=EVENTS)
def one_column_per_term_with_the_grade(path: Path) -> Path:
    head = [*HEAD, "Fatigue", "Diarrhea", "Hand-foot syndrome"]
    return save(path, head, *[[*dated(p), *grades(p).values()] for p in PEOPLE])


@chart(answers={"adverse_events": "CTCAE 5.0"}, truths=EVENTS)
def one_column_per_term_under_a_title(path: Path) -> Path:
    title: list[Any] = [None] * len(HEAD) + ["Toxicity (CTCAE grade)", None, None]
    head = [*HEAD, "Fatigue", "Diarrhea", "Hand-foot syndrome"]
    return save(path, title, head, *[[*dated(p), *grades(p).values()] for p in PEOPLE])


@chart(answers={"ctcae": "CTCAE 5.0"}, truths=EVENTS)
def one_column_per_term_under_a_merged_title(path: Path) -> Path:
    title: list[Any] = [None] * len(HEAD) + ["Toxicity", None, None]
    head = [*HEAD, "Fatigue", "Diarrhea", "Hand-foot syndrome"]
    file = save(path, title, head, *[[*dated(p), *grades(p).values()] for p in PEOPLE])
    book = load_workbook(file)
    book.active.merge_cells("I1:K1")
    book.save(file)
    return file


@chart(answers={"ctcae": "CTCAE 5.0"}, truths=EVENTS)
def columns_that_say_grade(path: Path) -> Path:
    head = [*HEAD, "Fatigue grade", "Diarrhea grade", "Hand-foot syndrome grade"]
    return save(path, head, *[[*dated(p), *grades(p).values()] for p in PEOPLE])


@chart(
    answers={"ctcae": "CTCAE 5.0"},
    truths={
        "safety.fatigue.count[grade=any]": _with("Fatigue"),
        "safety.fatigue.count[grade=ge3]": _with("Fatigue", 3),
        "safety.diarrhea.count[grade=any]": _with("Diarrhea"),
    },
)
def german_columns_per_term(path: Path) -> Path:
    head = [
        "Pat.-Nr.",
        "Geschlecht",
        "Alter",
        "Therapiebeginn",
        "Ansprechen",
        "Progress am",
        "verstorben am",
        "letzter Kontakt",
        "Fatigue (CTC-Grad)",
        "Diarrhoe (CTC-Grad)",
        "Hand-Fuß-Syndrom (CTC-Grad)",
    ]
    return save(path, head, *[[*dated(p), *grades(p).values()] for p in PEOPLE])


def in_words(p: Person, write: Callable[[str, int], str], comma: str = ", ") -> str | None:
    return comma.join(write(t, g) for t, g in grades(p).items() if g) or None


@chart(answers={"ctcae": "CTCAE 5.0"}, truths=EVENTS)
def events_in_words_in_one_cell(path: Path) -> Path:
    def write(term: str, grade: int) -> str:
        return f"{term} G{grade}"

    rows = [[*dated(p), in_words(p, write)] for p in PEOPLE]
    return save(path, [*HEAD, "Toxicity"], *rows)


@chart(answers={"ctcae": "CTCAE 5.0"}, truths=EVENTS)
def events_in_other_words(path: Path) -> Path:
    def write(term: str, grade: int) -> str:
        return f"Grade {grade} {term.lower()}" if grade % 2 else f"{term} (grade {grade})"

    rows = [[*dated(p), in_words(p, write, "; ") or "none"] for p in PEOPLE]
    return save(path, [*HEAD, "Adverse events"], *rows)


@chart(
    answers={"ctcae": "CTCAE 5.0"},
    truths={"safety.fatigue.count[grade=any]": _with("Fatigue")},
    said=("ctcae.no-grade",),
)
def events_of_which_some_have_no_grade(path: Path) -> Path:
    def write(term: str, grade: int) -> str:
        return term if term == "Hand-foot syndrome" else f"{term} °{grade}"

    rows = [[*dated(p), in_words(p, write)] for p in PEOPLE]
    return save(path, [*HEAD, "Nebenwirkungen"], *rows)


REDUCED = [p for p in PEOPLE if p.number % 3 == 0]


@chart(
    answers={"dose_sorafenib": "amount = 400, unit = mg, times_per_day = 2"},
    truths={"exposure.sorafenib.reduced.count": float(len(REDUCED))},
)
def doses_in_words(path: Path) -> Path:
    def dose(p: Person) -> str:
        if p not in REDUCED:
            return "400 mg BID"
        return f"400 mg BID -> 200 mg BID ({p.start + timedelta(days=40)})"

    rows = [[*dated(p), p.last, dose(p)] for p in PEOPLE]
    return save(path, [*HEAD, "End of treatment", "Sorafenib dose"], *rows)


@chart(answers={"ctcae": "CTCAE 5.0"}, truths={"safety.fatigue.count[grade=any]": _with("Fatigue")})
def japanese_events_per_term(path: Path) -> Path:
    head = [
        "症例番号",
        "性別",
        "年齢",
        "治療開始日",
        "最良効果",
        "増悪日",
        "死亡日",
        "最終生存確認日",
        "倦怠感(Grade)",
        "下痢(Grade)",
        "手足症候群(Grade)",
    ]
    return save(path, head, *[[*dated(p), *grades(p).values()] for p in PEOPLE])


assert N == 24
