"""A time of an endpoint without a column that says who had the event."""

from __future__ import annotations

from pathlib import Path

import pytest

from oncohort.study.answering import answer
from oncohort.study.new import new_study
from oncohort.study.study import read_study


def _chart(folder: Path, head: str = "id,age,OS (months),PFS (months)") -> Path:
    rows = [f"{i},5{i % 10},{2 + i}{'' if i % 3 else '+'},{1 + i}" for i in range(1, 13)]
    (folder / "c.csv").write_text("\n".join([head, *rows]), "utf-8")
    return folder / "c.csv"


@pytest.mark.parametrize(("said", "events"), [("yes", 12.0), ("none", None)])
def test_it_is_asked_and_nothing_is_counted_before(
    said: str, events: float | None, tmp_path: Path
) -> None:
    made = new_study(tmp_path / "study", _chart(tmp_path))
    assert [q.name for q in made.questions] == ["pfs"]

    def found() -> dict[str, float | None]:
        results = read_study(made.folder).run().numbers.results
        return {e.id: e.value for r in results for e in r.estimates}

    assert "survival.pfs.events" not in found()
    answer(made.folder, "pfs", said)
    values = found()
    assert values.get("survival.pfs.events") == events
    assert values["survival.os.events"] == 8.0


def test_a_time_before_the_treatment_is_none_of_it(tmp_path: Path) -> None:
    head = "id,age,OS (months),PFS on prior therapy (months)"
    made = new_study(tmp_path / "study", _chart(tmp_path, head))
    assert not made.questions
