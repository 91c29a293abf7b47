"""Strangers' charts from the raw file to the figures: right, or asked."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from charts import CHARTS, Chart

from oncohort.study.answering import answer
from oncohort.study.new import new_study
from oncohort.study.questions import open_questions
from oncohort.study.study import read_study


def worked(chart: Chart, folder: Path) -> tuple[dict[str, float | None], str, set[str], int]:
    """A chart through all steps: values by result id, all texts, ids of problems, questions."""
    made = new_study(folder / "study", chart.write(folder))
    asked = [q.name for q in made.questions]
    assert set(chart.answers) == set(asked), made.lines()
    for name, value in chart.answers.items():
        answer(made.folder, name, value)
    text = (made.folder / "study.toml").read_text("utf-8")
    assert not open_questions(text)
    study = read_study(made.folder)
    results = study.run()
    values = {e.id: e.value for r in results.numbers.results for e in r.estimates}
    texts = text + json.dumps([str(p) for p in study.problems]) + repr(values)
    return values, texts, {p.id for p in study.problems}, len(asked)


@pytest.mark.parametrize("chart", CHARTS, ids=lambda c: c.name)
def test_what_comes_out_is_the_truth(chart: Chart, tmp_path: Path) -> None:
    values, texts, problems, _ = worked(chart, tmp_path)
    assert values["flow.included.count"] == chart.n
    if chart.median is not None:
        found = values[f"survival.{chart.endpoint}.median"]
        assert found is not None
        assert math.isclose(found, chart.median, abs_tol=0.006)
    if chart.deaths is not None:
        assert values[f"survival.{chart.endpoint}.events"] == chart.deaths
    if chart.responders is not None:
        assert values["response.orr.count"] == chart.responders
    for id_, value in chart.truths.items():
        assert values.get(id_) == value, id_
    for word in chart.absent:
        assert word not in texts
    assert set(chart.said) <= problems


def test_the_usual_chart_needs_few_answers() -> None:
    counts = sorted(len(c.answers) for c in CHARTS)
    assert counts[len(counts) // 2] <= 8
