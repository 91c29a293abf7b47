"""Files of figures: any script, vector formats, line art; curves of many steps; long lists."""

from __future__ import annotations

import io
import itertools
import logging
import warnings

import pytest

from oncohort.displays.figures import draw
from oncohort.displays.figures.fonts import FONT, families, family_of, missing
from oncohort.displays.figures.forest import MARKS, log_limits
from oncohort.displays.figures.sheet import LINE_ART, width_mm
from oncohort.displays.figures.thinning import FINE, thin_group
from oncohort.displays.sections.response import LANES, sampled
from paper_fixture import paper_of

JAPANESE = "術後補助療法"


def test_latin_and_greek_need_no_other_font() -> None:
    assert families("β ≥ 0.8 naïve") == (FONT,)


@pytest.mark.skipif(family_of("術") is None, reason="needs a font with Japanese letters")
def test_japanese_is_drawn_with_a_font_of_the_machine() -> None:
    assert len(families(JAPANESE)) > 1
    assert missing([JAPANESE, "plain"]) == ""
    assert width_mm(JAPANESE, 8) > width_mm("aaaaaa", 8)


def test_letters_that_no_font_has_are_named_once() -> None:
    assert missing(["\U0010fffd\U0010fffd a", "\U0010fffd"]) == "\U0010fffd"


def test_no_warning_of_a_library(caplog: pytest.LogCaptureFixture) -> None:
    with warnings.catch_warnings(), caplog.at_level(logging.WARNING):
        warnings.simplefilter("error")
        width_mm("\U0010fffd bold", 8, True)
        draw(paper_of()[0].figures["forest"], ("png", "svg"))
    assert not [r for r in caplog.records if r.name.startswith("matplotlib")]


@pytest.mark.parametrize("name", ["survival", "waterfall"])
def test_eps_is_vector_and_the_same_again(name: str) -> None:
    figure = paper_of()[0].figures[name]
    one, two = draw(figure, ("eps",))["eps"], draw(figure, ("eps",))["eps"]
    assert one == two and one.startswith(b"%!PS-Adobe")
    assert b"CreationDate" not in one


def test_tiff_has_the_resolution_of_line_art() -> None:
    from PIL import Image

    figure = paper_of()[0].figures["flow"]
    image = Image.open(io.BytesIO(draw(figure, ("tiff",))["tiff"]))
    assert LINE_ART >= 1000
    assert image.size[0] == pytest.approx(figure.width_mm / 25.4 * LINE_ART, abs=2)


def test_ends_of_the_axis_of_ratios_are_marks() -> None:
    rows = [{"ratios": [{"hr": 1.4, "low": 0.3, "high": 7.0}]}]
    assert log_limits(rows) == (0.2, 10.0)
    assert set(log_limits([{"ratios": [{"hr": 1.0, "low": 0.001, "high": 900.0}]}])) <= set(MARKS)


def test_a_curve_of_many_steps_is_thinned_and_keeps_its_ends() -> None:
    n = 60_000
    group = {
        "time": tuple(i / n for i in range(n)),
        "survival": tuple(1 - i / n for i in range(n)),
        "low": (0.5,) * n,
        "high": (1.0,) * n,
        "at_risk": tuple(range(n, 0, -1)),
        "censored": (1,) * n,
    }
    thin = thin_group(group)
    assert len(thin["time"]) <= 2 * FINE + 2
    assert thin["time"][0] == group["time"][0] and thin["time"][-1] == group["time"][-1]
    assert sum(thin["censored"]) == n
    assert thin["at_risk"] == group["at_risk"]  # the numbers at risk are those of all steps


def test_a_short_curve_stays_as_it_is() -> None:
    group = {"time": (0.0, 1.0), "survival": (1.0, 0.5), "censored": (0, 1)}
    assert thin_group(group) is group


@pytest.mark.parametrize("n", [1, LANES, LANES + 1, 300, 50_000])
def test_lanes_of_a_swimmer_are_taken_evenly(n: int) -> None:
    places = sampled(n)
    assert len(places) == min(n, LANES) == len(set(places))
    assert places[0] == 0 and max(places) < n
    steps = {b - a for a, b in itertools.pairwise(places)}
    assert not steps or max(steps) - min(steps) <= 1
