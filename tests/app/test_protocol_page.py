"""Protocol: cards of what the study does; each change is seen before it is kept."""

from __future__ import annotations

import re

import pytest
from served_site import Site, served  # noqa: F401

from oncohort.app import protocol_view as view
from oncohort.app.opened import Opened
from oncohort.protocol import parse_protocol
from oncohort.study.demo import write_demo


@pytest.fixture
def demo(served: Site) -> tuple[Opened, str]:
    """The built-in study, open, and its address."""
    write_demo(served.home / "study")
    opened = served.library.open(served.home / "study")
    return opened, f"/s/{opened.key}"


def text_of(page: str) -> str:
    """The protocol that the page would keep."""
    from html import unescape

    found = re.search(r'<textarea name="text" hidden>\n(.*?)</textarea>', page, re.DOTALL)
    assert found is not None, "nothing is offered to be kept"
    return unescape(found[1])


def test_the_flow_is_that_of_the_numbers(demo: tuple[Opened, str]) -> None:
    opened, _ = demo
    study = opened.study()
    flow = view.flow_of(study)
    numbers = study.analysed.numbers
    assert flow.looked_at == numbers["flow.source.count"].value
    assert flow.included == numbers["flow.included.count"].value
    for step in flow.steps:
        assert step.leave == numbers[f"flow.{step.key}.excluded"].value
        assert step.remain == numbers[f"flow.{step.key}.remaining"].value


def test_an_endpoint_says_what_methods_will_say(demo: tuple[Opened, str], served: Site) -> None:
    opened, base = demo
    cards = {c.key: c for c in view.endpoint_cards(opened.study())}
    numbers = opened.study().analysed.numbers
    survival = next(r for r in numbers.results if r.section == "survival")
    for key, card in cards.items():
        assert card.sentence in survival.methods
        assert card.events == numbers[f"survival.{key}.events"].value
    assert cards["pfs"].sentence in served.get(f"{base}/protocol").text


def test_the_meter_counts_events_for_each_coefficient(demo: tuple[Opened, str]) -> None:
    opened, _ = demo
    meters = view.meters(opened.study())
    assert [(m.events, m.coefficients) for m in meters] == [(37, 10), (29, 10)]
    assert not any(m.enough for m in meters)
    assert view.Meter("x", 100, 10).enough and view.Meter("x", 0, 0).ratio == 0


CHANGES = {
    "a criterion's limit": ({"card": "criterion", "key": "adult", "min": "62"}, "patients", True),
    "a criterion out": (
        {"card": "criterion", "key": "lung_only", "change": "out"}, "Included", True
    ),
    "the order": ({"card": "criterion", "key": "adult", "change": "down"}, "Remaining after", True),
    "a new criterion": (
        {"card": "new criterion", "label": "Men", "column": "sex", "condition": "is",
         "value": "female"}, "Men", True,
    ),
    "the clock": (
        {"card": "endpoint", "key": "os", "from": "diagnosis_date", "events": "death",
         "censoring": "last_contact", "landmarks": "12, 24, 36"}, "Overall survival", True,
    ),
    "times": (
        {"card": "endpoint", "key": "os", "from": "treatment_start", "events": "death",
         "censoring": "last_contact", "landmarks": "18"}, "18 months", True,
    ),
    "a cut": ({"card": "cut", "key": "crp", "cut": "1.5"}, "C-reactive protein", True),
    "the model": (
        {"card": "model", "candidates": "crp", "selection": "prespecified"}, "Histology", True
    ),
    "adverse events": (
        {"card": "safety", "criteria": "CTCAE 3.0", "count": "all", "threshold": "3",
         "window_days": "30", "every": "1"}, "Any adverse event", True,
    ),
    "the style": (
        {"card": "style", "journal": "default", "digits_hr": "3", "under": "at_risk"},
        "hazard ratio", True,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", list(CHANGES))
def test_each_card_says_what_moves_and_is_kept_only_then(
    demo: tuple[Opened, str], served: Site, name: str
) -> None:
    opened, base = demo
    before = opened.text
    fields, word, moves = CHANGES[name]
    seen = served.post(f"{base}/protocol", do="see", version=opened.version, **fields)
    assert seen.status == 200 and opened.text == before, "a look keeps nothing"
    number = re.search(r'id="moved">(\d+)', seen.text)
    assert number is not None and (int(number[1]) > 0) == moves
    assert word in seen.text and "becomes" in seen.text + "becomes" * (name == "a new criterion")
    new = text_of(seen.text)
    parse_protocol(new)
    kept = served.post(f"{base}/protocol", do="keep", version=opened.version, text=new)
    assert kept.status == 200 and opened.text == new
    assert "# The protocol of the built-in study." in opened.text


@pytest.mark.parametrize(
    "fields",
    [
        {"card": "endpoint", "key": "os", "from": "treatment_start", "landmarks": "soon"},
        {"card": "new criterion", "label": "", "column": "sex", "condition": "is", "value": "m"},
        {"card": "new criterion", "label": "x", "column": "no such column", "condition": "min",
         "value": "3"},
        {"card": "criterion", "key": "no such", "min": "3"},
        {"card": "cut", "key": "crp", "cut": ""},
        {"card": "cut", "key": "crp", "cut": "3, 1"},
        {"card": "style", "journal": "no such journal"},
        {"card": "what else"},
    ],
)  # fmt: skip
def test_a_form_that_makes_no_protocol_is_said_and_keeps_nothing(
    demo: tuple[Opened, str], served: Site, fields: dict[str, str]
) -> None:
    opened, base = demo
    before = opened.text
    answered = served.post(f"{base}/protocol", do="see", version=opened.version, **fields)
    assert 'role="alert"' in answered.text or "0 numbers would move" in answered.text
    assert opened.text == before


def test_a_card_of_an_old_page_is_refused(demo: tuple[Opened, str], served: Site) -> None:
    _, base = demo
    fields = {"card": "cut", "key": "crp", "cut": "1.5", "version": "0" * 16}
    assert served.post(f"{base}/protocol", do="see", **fields).status == 409


def test_the_flow_follows_what_is_typed(demo: tuple[Opened, str], served: Site) -> None:
    opened, base = demo
    before = opened.text
    fields = {"card": "criterion", "key": "adult", "min": "62", "version": opened.version}
    flow = served.post(f"{base}/flow", **fields)
    assert flow.status == 200 and '<ol class="flow">' in flow.text and "<html" not in flow.text
    assert "<s>" in flow.text, "what it was"
    assert served.post(f"{base}/flow", card="criterion", key="none").status == 422
    assert served.post(f"{base}/flow", form_token="wrong", **fields).status == 403
    assert opened.text == before


def test_a_study_without_most_sections_has_a_page_too(served: Site) -> None:
    folder = served.home / "bare"
    folder.mkdir()
    (folder / "chart.csv").write_text("patient,age\n1,60\n2,61\n")
    (folder / "study.toml").write_text(
        '[study]\nschema = 1\ntitle = "A study"\ndata = "chart.csv"\n'
    )
    base = f"/s/{served.library.open(folder).key}"
    page = served.get(f"{base}/protocol")
    assert page.status == 200 and "No endpoint is declared" in page.text
    (folder / "chart.csv").unlink()
    assert served.get(f"{base}/protocol").status == 200, "its text can be mended without the chart"
