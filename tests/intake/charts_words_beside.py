"""Times with a word beside those of some patients, dates named as databases do (synthetic)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from charts_tongues import PFS
from cohort import CHARTS, PEOPLE, Chart, at, chart, save


def beside(form: str, *, dead: bool) -> Callable[[Path], Path]:
    """Days of survival; the word stands where the patient is dead, or where he is alive."""

    def write(path: Path) -> Path:
        rows = [
            [p.number, p.sex, p.age, form.format(p.days) if p.dead is dead else str(p.days)]
            for p in PEOPLE
        ]
        return save(path, ["ID", "Sex", "Age", "OS (days)"], *rows)

    return write


for _name, _form, _dead in (
    ("alive_before_the_days", "alive {}", False),
    ("censored_behind_the_days", "{} (censored)", False),
    ("dead_behind_the_days", "{} dead", True),
):
    _said, _blank = ("event", "censored") if _dead else ("censored", "event")
    _word = _form.replace("{}", "").strip(" ()")
    CHARTS.append(
        Chart(
            _name,
            beside(_form, dead=_dead),
            {"os": f"{_word} = {_said}, blank = {_blank}"},
            responders=None,
        )
    )


@chart(truths=PFS, responders=None)
def dates_of_a_database(path: Path) -> Path:
    head = ["SUBJID", "SEX", "AGE", "TRTSDT", "PDDT", "DTHDT", "LSTALVDT"]
    rows = [
        [
            p.number,
            p.sex,
            p.age,
            at(p.start),
            at(p.progressed),
            at(p.last) if p.dead else None,
            at(p.last),
        ]
        for p in PEOPLE
    ]
    return save(path, head, *rows)


@chart(truths=PFS, responders=None)
def a_row_per_event_alone(path: Path) -> Path:
    rows: list[list[object]] = []
    for p in PEOPLE:
        rows.append([p.number, at(p.start), "Therapiebeginn"])
        if p.progressed is not None:
            rows.append([p.number, at(p.progressed), "PD im CT"])
        rows.append([p.number, at(p.last), "verstorben" if p.dead else "letzte Vorstellung"])
    return save(path, ["Patient", "Datum", "Ereignis"], *rows)


@chart(responders=None, answers={"os": "yes"})
def weeks_since_the_start_and_a_status(path: Path) -> Path:
    rows = [[p.number, p.age, p.days / 7, "Yes" if p.dead else "No"] for p in PEOPLE]
    return save(path, ["Patient", "Age", "Weeks alive since start", "Deceased?"], *rows)


@chart(responders=None, answers={"endpoint": "Last date, 0 = alive, 1 = dead, 2 = dead"})
def three_states_and_a_last_date(path: Path) -> Path:
    head = ["No.", "Age", "1st TACE", "Status (0 alive, 1 HCC death, 2 other death)", "Last date"]
    rows = [
        [p.number, p.age, at(p.start), 1 + p.number % 2 if p.dead else 0, at(p.last)]
        for p in PEOPLE
    ]
    return save(path, head, *rows)


def excluded(yes: str, no: str, name: str) -> Callable[[Path], Path]:
    """Every fourth patient more is out by the chart."""

    def write(path: Path) -> Path:
        rows = []
        for p in PEOPLE:
            own = [p.age, at(p.start), at(p.last) if p.dead else None, at(p.last)]
            rows.append([p.number, *own, no])
            if p.number % 4 == 0:
                rows.append([100 + p.number, *own, yes])
        return save(path, ["ID", "Age", "Start", "Death", "Last FU", name], *rows)

    return write


for _words, _question in (
    (("y", "n", "Excluded (y/n)"), "in_study_excluded_y_n"),
    (("ja", "nein", "Ausgeschlossen"), "in_study_ausgeschlossen"),
    (("oui", "non", "Exclu"), "in_study_exclu"),
):
    CHARTS.append(
        Chart(
            f"left_out_by_{_words[0]}_and_{_words[1]}",
            excluded(*_words),
            {_question: _words[1]},
            responders=None,
        )
    )
