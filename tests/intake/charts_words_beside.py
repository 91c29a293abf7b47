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
