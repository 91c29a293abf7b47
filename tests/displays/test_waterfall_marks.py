"""Progressions that the bars of a waterfall do not show are marked and told."""

from __future__ import annotations

import pytest

import oncohort as oc
from oncohort.displays.figures import draw
from oncohort.displays.spans import text_of
from oncohort.study.demo import write_demo


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> oc.Results:
    return oc.read_study(write_demo(tmp_path_factory.mktemp("demo") / "study")).run(
        only=("response",)
    )


def test_progression_by_a_new_lesion_is_marked(results: oc.Results) -> None:
    curve = results.numbers.curves["response.waterfall"].columns
    marked = [
        (best, change)
        for best, change, where in zip(
            curve["best"], curve["change"], curve["elsewhere"], strict=True
        )
        if where
    ]
    assert marked and all(best == "pd" and change < 20 for best, change in marked)
    visits = results.study.cohort.evidence.assessments
    assert visits is not None
    new = {p for p, w in zip(curve["patient"], curve["elsewhere"], strict=True) if w == "new"}
    with_new = set(visits.filter(visits["new_lesion"] == "yes")["patient"].to_list())
    assert new and new <= with_new


def test_the_legend_says_what_triangles_mean(results: oc.Results) -> None:
    figure = results.figures["waterfall"]
    words = text_of(figure.caption)
    assert "Triangles: progression by a new lesion (filled)" in words
    assert figure.title.startswith("Best change")
    svg = draw(figure, ("svg",))["svg"].decode()
    assert "Progression by a new lesion" in svg
