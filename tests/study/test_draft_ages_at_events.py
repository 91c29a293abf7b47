"""Ages at diagnosis, relapse, death and last contact become times."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from openpyxl import Workbook

from oncohort.study.answering import answer
from oncohort.study.new import NewStudy, new_study
from oncohort.study.study import read_study

N = 15
AT = [1.5 + 0.6 * i for i in range(N)]
RELAPSE = [0.4 + 0.1 * i if i % 3 == 0 else None for i in range(N)]
LAST = [2.0 + 0.25 * i for i in range(N)]
DEAD = [i % 2 == 0 for i in range(N)]
EVENTS = sum(d or r is not None for d, r in zip(DEAD, RELAPSE, strict=True))


def chart(folder: Path, head: Sequence[str], *, status: bool, times: float = 1.0) -> NewStudy:
    """Patient, ages at the start, relapse, death (or a status) and last contact."""
    book = Workbook()
    page = book.active
    page.append(list(head))
    for i, (at, relapse, last, dead) in enumerate(zip(AT, RELAPSE, LAST, DEAD, strict=True)):
        ages = [at, None if relapse is None else at + relapse, at + last if dead else None]
        cells: list[object] = [None if a is None else round(a * times, 2) for a in ages]
        if status:
            cells[2] = "dead" if dead else "alive"
        page.append([i + 1, *cells, round((at + last) * times, 2)])
    book.save(folder / "c.xlsx")
    return new_study(folder / "study", folder / "c.xlsx")


def found(made: NewStudy) -> dict[str, float | None]:
    results = read_study(made.folder).run()
    return {e.id: e.value for r in results.numbers.results for e in r.estimates}


@pytest.mark.parametrize(
    ("times", "head"),
    [
        (1, "ID|Age at diagnosis (years)|Age at relapse|Age at death|Age at last follow-up"),
        (1, "ID|Alter bei Diagnose|Alter bei Rezidiv|Alter bei Tod|Alter bei letztem Kontakt"),
        (1, "ID|Âge au diagnostic|Âge à la rechute|Âge au décès|Âge aux dernières nouvelles"),
        (1, "ID|Age_start_chemo|Age_progression|Age_death|Age_last_contact"),
        (
            12,
            "ID|Age at surgery (mo)|Age at progression (mo)|Age at death (mo)|Age at last FU (mo)",
        ),
    ],
)
def test_ages_at_events_are_times_since_the_first(times: int, head: str, tmp_path: Path) -> None:
    made = chart(tmp_path, head.split("|"), status=False, times=times)
    assert not made.questions
    values = found(made)
    assert values["survival.os.events"] == sum(DEAD)
    assert values["survival.pfs.events"] == EVENTS
    # 14/15 12/13 10/11 8/9 6/7 is 0.60, and 4/5 of it 0.48: the eleventh, who died, is the median.
    assert values["survival.os.median"] == pytest.approx(12 * LAST[10], abs=0.2)


def test_a_status_beside_ages_is_asked_as_beside_dates(tmp_path: Path) -> None:
    head = ["ID", "Age at diagnosis", "Age at relapse", "Vital status", "Age at last contact"]
    made = chart(tmp_path, head, status=True)
    assert [q.name for q in made.questions] == ["deaths", "pfs"]
    for name in ("deaths", "pfs"):
        answer(made.folder, name, "yes")
    values = found(made)
    assert values["survival.os.events"] == sum(DEAD)
    assert values["survival.pfs.events"] == EVENTS


def test_whose_ages_go_back_has_no_times(tmp_path: Path) -> None:
    head = ["ID", "Age at last contact", "Age at relapse", "Age at death", "Age at diagnosis"]
    made = chart(tmp_path, head, status=False)
    assert "relative" not in (made.folder / "study.toml").read_text("utf-8")
