"""Figures: what would be drawn, at the sizes a journal prints, and the same bytes again."""

from __future__ import annotations

import io
import pickle
import re
from dataclasses import replace
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncohort.displays.figures import Figure, draw
from oncohort.displays.figures.drawing import DRAWINGS
from oncohort.displays.figures.km import band_of
from oncohort.displays.figures.response import RESPONSES
from oncohort.displays.figures.sheet import RC, Sheet, width_mm, wrap
from oncohort.displays.figures.under import at_risk, spread, ticks
from paper_fixture import SECRET, paper_of

SMALL = paper_of()[0].figures
LARGE = paper_of(n=300, by=True)[0].figures
NOTHING = paper_of(events=False, responders=False, toxic=False)[0].figures
EVERY = [*SMALL.values(), *LARGE.values(), *NOTHING.values()]


def drawn(figure: Figure) -> Any:
    """The sheet as it would be written."""
    import matplotlib

    with matplotlib.rc_context(RC):
        sheet = Sheet(figure.width_mm, figure.height_mm, figure.points)
        DRAWINGS[figure.kind](sheet, figure.data)
        sheet.figure.draw_without_rendering()
    return sheet


def words(sheet: Any) -> list[tuple[str, Any]]:
    """Every visible text (labels of ticks too) with its box in pixels."""
    renderer = sheet.figure.canvas.get_renderer()
    found = []
    for axes in sheet.figure.axes:
        texts = list(axes.texts)
        if axes.axison:
            texts += [*axes.get_xticklabels(), *axes.get_yticklabels()]
        found += [t for t in texts if t.get_text().strip()]
    found += [t for t in sheet.page.texts if t.get_text().strip()]
    return [(t.get_text(), t.get_window_extent(renderer)) for t in found]


@pytest.mark.parametrize("figure", EVERY, ids=lambda f: f"{f.id}-{f.height_mm}")
def test_no_text_overlaps_or_leaves_the_page(figure: Figure) -> None:
    sheet = drawn(figure)
    found = words(sheet)
    assert len(found) >= 5
    width, height = sheet.figure.canvas.get_width_height()
    for text, box in found:
        assert box.x0 >= -2 and box.x1 <= width + 2, (text, box)
        assert box.y0 >= -2 and box.y1 <= height + 2, (text, box)
    for i, (a, one) in enumerate(found):
        for b, two in found[i + 1 :]:
            across = min(one.x1, two.x1) - max(one.x0, two.x0)
            down = min(one.y1, two.y1) - max(one.y0, two.y0)
            assert across <= 1.5 or down <= 4.5, (a, b, across, down)


@pytest.mark.parametrize("figure", SMALL.values(), ids=lambda f: f.id)
def test_bytes_are_the_same_again_and_have_the_printed_size(figure: Figure) -> None:
    from PIL import Image

    one = draw(figure, ("svg", "png"))
    assert one == draw(figure, ("svg", "png"))
    image = Image.open(io.BytesIO(one["png"]))
    assert image.size[0] == pytest.approx(figure.width_mm / 25.4 * 300, abs=1.5)
    assert image.info["dpi"][0] == pytest.approx(300, abs=0.1)
    assert figure.width_mm <= 174 and figure.height_mm <= 240
    assert figure.alt and figure.title


@pytest.mark.parametrize("figure", SMALL.values(), ids=lambda f: f.id)
def test_svg_can_stand_inside_a_page(figure: Figure) -> None:
    svg = draw(figure, ("svg",))["svg"].decode()
    root = ElementTree.fromstring(svg)
    assert root.tag.endswith("svg")
    ids = re.findall(r'\bid="([^"]+)"', svg)
    assert len(ids) == len(set(ids))
    assert all(i.startswith(f"{figure.id}-") for i in ids)
    used = set(re.findall(r'(?:href="#|url\(#)([^")]+)', svg))
    assert used <= set(ids)
    assert not re.search(r'(href|src)="(?!#)', svg)
    assert "<script" not in svg and "<style" not in svg and "<metadata" not in svg
    assert "<text" in svg and "Arial" in svg
    assert SECRET not in svg


def test_pdf_and_tiff_on_request() -> None:
    made = draw(SMALL["survival"], ("pdf", "tiff"))
    assert made["pdf"].startswith(b"%PDF")
    assert made["tiff"][:2] in (b"II", b"MM")
    assert made == draw(SMALL["survival"], ("pdf", "tiff"))
    with pytest.raises(ValueError, match="unknown figure format"):
        draw(SMALL["survival"], ("bmp",))


def test_figures_can_be_sent_to_another_process() -> None:
    for figure in EVERY:
        assert pickle.loads(pickle.dumps(figure)) == figure


def test_labels_with_markup_are_plain_words() -> None:
    svg = draw(SMALL["survival_by_risk"], ("svg",))["svg"].decode()
    assert "&lt;b&gt;HTML&lt;/b&gt;" in svg


def test_numbers_at_risk_stand_below_their_ticks() -> None:
    figure = SMALL["survival"]
    sheet = drawn(figure)
    renderer = sheet.figure.canvas.get_renderer()
    axes = [a for a in sheet.figure.axes if a.axison]
    numbers = [t for t in sheet.page.texts if t.get_text().isdigit()]
    marks = [a.transData.transform((x, 0))[0] for a in axes for x in a.get_xticks()]
    assert len(numbers) == len(marks)
    for number, x in zip(numbers, marks, strict=True):
        box = number.get_window_extent(renderer)
        assert (box.x0 + box.x1) / 2 == pytest.approx(x, abs=3)


def test_numbers_at_risk_are_those_just_before_the_time() -> None:
    times, risk = (0.0, 2.0, 5.0, 7.0), (10, 10, 6, 2)
    assert [at_risk(times, risk, t) for t in (0, 1, 2, 2.5, 5, 6, 7, 8)] == [
        10,
        10,
        10,
        6,
        6,
        2,
        2,
        0,
    ]


def test_ticks_are_round_and_few() -> None:
    assert ticks(39, "months", 60) == [0, 6, 12, 18, 24, 30, 36, 42]
    assert len(ticks(4000, "days", 60)) <= 8
    assert ticks(0.5, "years", 60) == [0, 0.25, 0.5]


def test_waterfall_caption_says_who_is_not_drawn() -> None:
    paper, numbers, _, _ = paper_of()
    caption = "".join(s.text for s in paper.figures["waterfall"].caption)
    hidden = sum(e.value for e in numbers.of("response", "waterfall", "not_drawn"))
    assert hidden > 0
    assert f"{42 - hidden} of 42 included patients are drawn" in caption
    assert f"Not drawn: {hidden}, no scan after baseline." in caption


def test_waterfall_data_are_the_curve() -> None:
    paper, numbers, _, _ = paper_of()
    curve = numbers.curves["response.waterfall"]
    assert paper.figures["waterfall"].data["change"] == tuple(curve.columns["change"])
    assert set(paper.figures["waterfall"].data["best"]) <= set(RESPONSES)


def pixels(figure: Figure) -> Any:
    """What one sees, as grey values at 150 dots per inch."""
    import numpy as np

    sheet = drawn(figure)
    sheet.figure.set_dpi(150)
    sheet.figure.canvas.draw()
    return np.asarray(sheet.figure.canvas.buffer_rgba())[..., :3].mean(axis=2)


def large(kind: str, n: int = 6000) -> Figure:
    """A figure of a small study with the data of a large one."""
    import numpy as np

    rng = np.random.default_rng(5)
    if kind == "waterfall":
        changes = np.sort(rng.normal(-10, 40, n).clip(-100))[::-1]
        best = np.where(changes > 20, "pd", np.where(changes < -30, "pr", "sd"))
        data = {**SMALL["waterfall"].data, "change": tuple(changes.tolist()),
                "best": tuple(best.tolist())}  # fmt: skip
        return replace(SMALL["waterfall"], data=data)
    panel = SMALL["survival"].data["panels"][0]
    time = np.sort(rng.exponential(12, n)).clip(max=60)
    survival = 1 - np.arange(n) / n
    group = {**panel["groups"][0], "time": tuple(time.tolist()),
             "survival": tuple(survival.tolist()), "low": tuple((survival * 0.9).tolist()),
             "high": tuple(np.minimum(1, survival * 1.1).tolist()),
             "at_risk": tuple(range(n, 0, -1)),
             "censored": tuple(int(c) for c in rng.random(n) < 0.02)}  # fmt: skip
    return replace(SMALL["survival"], data={"panels": [{**panel, "groups": [group]}]})


@pytest.mark.parametrize("kind", ["waterfall", "survival"])
def test_thinning_is_not_seen(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The drawing of 6,000 patients is the same to the eye with every point and with few."""
    figure = large(kind)
    few, small = pixels(figure), len(draw(figure, ("svg",))["svg"])
    for module in ("response", "thinning"):
        monkeypatch.setattr(f"oncohort.displays.figures.{module}.FINE", 10**9)
    every, big = pixels(figure), len(draw(figure, ("svg",))["svg"])
    assert small < 0.7 * big
    assert few.shape == every.shape
    assert (abs(few - every) > 48).mean() < 0.01
    assert abs(few - every).mean() < 0.6


def test_a_spider_of_many_says_how_many_are_drawn() -> None:
    from oncohort.analyses.result import Curve, Numbers, Result, key_of
    from oncohort.displays.lookup import Lookup
    from oncohort.displays.sections.response import spider
    from oncohort.protocol.number_style import style_of

    _, numbers, protocol, context = paper_of()
    many = range(401)
    nowhere = (None, *[2.0] * 400)  # the first is placed at its second scan alone
    curve = Curve(
        key_of("response", "spider"), "x",
        {"patient": tuple(map(str, many)) * 2, "time": nowhere + nowhere[::-1],
         "change": tuple(map(float, many)) * 2, "best": ("sd",) * 401 + ("pd",) * 401},
    )  # fmt: skip
    more = Numbers([*numbers.results, Result("spider", (), (curve,))])
    [figure] = spider(Lookup(more, protocol, context, style_of(protocol.style)))
    lines = figure.data["lines"]
    assert len(lines) == 300
    assert lines[0] == {"time": [0.0, 2.0, 2.0], "change": [0.0, 1.0, 1.0], "best": "sd"}
    assert lines[-2] == {"time": [0.0, 2.0], "change": [0.0, 400.0], "best": "sd"}
    assert lines[-1] == {"time": [0.0, 2.0], "change": [0.0, 0.0], "best": "pd"}
    assert "Of 401 patients, 300 are drawn" in "".join(s.text for s in figure.caption)


def test_points_of_paths_have_two_decimals() -> None:
    svg = draw(SMALL["survival"], ("svg",))["svg"].decode()
    assert not re.search(r' d="[^"]*\d\.\d{3}', svg)


def test_wrap_keeps_within_the_width_and_loses_nothing() -> None:
    text = "Supercalifragilisticexpialidocious words \u2265 2 and n\u00a0=\u00a042 more"
    lines = wrap(text, 7.5, 20)
    assert all(width_mm(line, 7.5) <= 20.01 for line in lines)
    assert "".join(lines).replace("-", "").replace(" ", "") == text.replace(" ", "")
    assert wrap("", 7.5, 20) == [""]


@pytest.mark.parametrize("limit", [0.1, 3.0, 40.0])
def test_a_word_of_many_letters_is_broken_into_lines(limit: float) -> None:
    word = "Wifl" * 8_000
    lines = wrap(word, 7.5, limit)
    assert "".join(line.removesuffix("-") for line in lines) == word
    assert all(width_mm(line, 7.5) <= limit or len(line) <= 2 for line in lines)


def test_no_global_figure_state() -> None:
    import sys

    draw(SMALL["flow"], ("svg",))
    assert "matplotlib.pyplot" not in sys.modules


def test_a_third_endpoint_gets_its_own_figures() -> None:
    from dataclasses import replace

    from oncohort.analyses.result import Key, Numbers, Result
    from oncohort.displays import build

    _, numbers, protocol, context = paper_of()

    def third(key: Key) -> Key:
        return replace(key, path=tuple("ttp" if part == "pfs" else part for part in key.path))

    of_pfs = [e for e in numbers.values() if "pfs" in e.key.path]
    curves = [c for c in numbers.curves.values() if "pfs" in c.key.path]
    more = Result(
        "more",
        tuple(replace(e, key=third(e.key)) for e in of_pfs),
        tuple(replace(c, key=third(c.key)) for c in curves),
    )
    wider = protocol.model_copy(
        update={"endpoints": {**protocol.endpoints, "ttp": protocol.endpoints["pfs"]}}
    )
    paper = build(Numbers([*numbers.results, more]), wider, context)
    assert {"survival", "survival_ttp", "survival_by_risk_2", "forest", "forest_2"} <= set(
        paper.figures
    )
    titles = [paper.figures[f].data["title"] for f in ("forest", "forest_2", "forest_3")]
    assert titles[-1] == "Time to progression"
    assert paper.tables["prognosis"].columns[-1].spanners[0] == "Time to progression"
    assert draw(paper.figures["forest_2"], ("svg",))["svg"]


@pytest.mark.parametrize("unit", ["months", "years", "weeks", "days", "cycles"])
@pytest.mark.parametrize("last", [0.4, 1.0, 11.9, 24.0, 75.7, 401.0])
def test_the_axis_ends_at_a_tick_at_or_after_the_last_time(unit: str, last: float) -> None:
    marks = ticks(last, unit, 60)
    assert marks[-1] >= last - 1e-9
    assert marks[-2] < last


def test_the_band_runs_through_the_last_plateau() -> None:
    """A curve that falls to 0 has no interval there: the band before it reaches that time."""
    band = band_of((0, 5, 21, 26, 30), (1, 0.5, 0.03, None, None), (1, 0.9, 0.5, None, None))
    assert band[-1] == (26, 0.03, 0.5)
    assert band_of((0, 5), (1, 0.5), (1, 0.9)) == [(0, 1, 1), (5, 0.5, 0.9)]
    assert band_of((0,), (None,), (None,)) == []


@settings(deadline=None)
@given(st.lists(st.floats(0, 50), min_size=1, max_size=12))
def test_labels_are_spread_apart_in_their_order(heights: list[float]) -> None:
    placed = spread(heights, 2.9, 0.0, 50.0)
    order = sorted(range(len(heights)), key=lambda i: (heights[i], placed[i]))
    gaps = [placed[b] - placed[a] for a, b in pairwise(order)]
    assert all(gap >= 2.9 - 1e-6 for gap in gaps)
    assert min(placed) >= -1e-6 and max(placed) <= 50 + 1e-6
