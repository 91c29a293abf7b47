"""The report: one file, escaped, without network; and in a real browser."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from chromium import chromium, patient
from oncohort import documents
from oncohort.displays.figures import draw_all
from paper_fixture import LONG, SECRET, paper_of


@cache
def report(**options: Any) -> str:
    paper, numbers, protocol, context = paper_of(**options)
    images = draw_all(paper.figures.values(), ("svg",))
    return documents.write_report(paper, numbers, protocol, context, images)


class Page(HTMLParser):
    """What the page holds, by tag."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self._skip = 0
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._skip += tag in ("script", "style")

    def handle_endtag(self, tag: str) -> None:
        self._skip -= tag in ("script", "style")

    def handle_data(self, data: str) -> None:
        if not self._skip:
            self.words.append(data)


def test_same_report_again() -> None:
    paper, numbers, protocol, context = paper_of(left_out=True)
    images = draw_all(paper.figures.values(), ("svg",))
    one = documents.write_report(paper, numbers, protocol, context, images)
    assert one == report(left_out=True)


def test_nothing_is_loaded_from_anywhere() -> None:
    page = Page(report(left_out=True))
    for tag, attributes in page.tags:
        for name in ("src", "href", "xlink:href", "action", "data"):
            target = attributes.get(name)
            beside = tag == "a" and re.fullmatch(r"[\w./-]+\.(csv|svg|png|json|docx)", target or "")
            assert target is None or beside or target.startswith(("#", "data:,")), (tag, target)
    policy = next(a["content"] for t, a in page.tags if a.get("http-equiv"))
    assert policy is not None and policy.startswith("default-src 'none'")
    assert "@import" not in report(left_out=True) and "url(http" not in report(left_out=True)


def test_everything_is_escaped() -> None:
    text = report(left_out=True)
    page = Page(text)
    words = "".join(page.words)
    assert LONG in words
    assert "Death after the cutoff <script>alert(1)</script>." in words
    assert "<script>alert" not in text
    assert [t for t, _ in page.tags].count("script") == 2
    assert not any(name.startswith("on") for _, a in page.tags for name in a)


def test_ids_are_unique_and_links_lead_somewhere() -> None:
    page = Page(report(left_out=True))
    ids = [a["id"] for _, a in page.tags if a.get("id")]
    assert len(ids) == len(set(ids))
    for tag, attributes in page.tags:
        target = attributes.get("href") or ""
        if tag == "a" and target.startswith("#"):
            assert target[1:] in ids


def test_landmarks_headings_and_table_heads() -> None:
    page = Page(report(left_out=True))
    names = [t for t, _ in page.tags]
    assert [names.count(n) for n in ("header", "nav", "main", "footer", "h1")] == [1] * 5
    levels = [int(n[1]) for n in names if re.fullmatch("h[1-6]", n)]
    assert all(b - a <= 1 for a, b in pairwise(levels))
    for tag, attributes in page.tags:
        if tag == "th":
            assert attributes.get("scope") in ("row", "col", "colgroup", "rowgroup")
    assert names.count("caption") == names.count("table")
    pictures = [a for t, a in page.tags if t == "svg"]
    assert pictures and all(p.get("role") == "img" and p.get("aria-label") for p in pictures)


def page_data(text: str) -> Any:
    match = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.S)
    assert match
    return json.loads(match[1])


def test_every_number_shown_is_in_the_page() -> None:
    text = report(left_out=True)
    data = page_data(text)
    shown = set(re.findall(r'data-n="([^"]+)"', text))
    assert shown and shown <= set(data["estimates"])
    for estimate in data["estimates"].values():
        for name in (estimate.get("members"), estimate.get("population")):
            assert not name or name in data["populations"], name
    assert data["populations"]["cohort"]["patients"][0].startswith(SECRET)


def test_shared_report_names_no_patient() -> None:
    text = report(left_out=True, share=True)
    assert SECRET not in text
    assert page_data(text)["evidence"] == {}
    assert page_data(text)["populations"]["cohort"] == {"label": "All included patients", "n": 42}
    assert "endpoints.pfs-flags" in text


def test_left_out_and_problems_are_said() -> None:
    words = "".join(Page(report(left_out=True)).words)
    assert "1 part was left out:" in words
    assert "event_value = 0" in words
    assert "data.xlsx sheet 'patients' cell F2" in words


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as made:
        yield made


@pytest.fixture
def page(browser: Any, tmp_path: Path) -> Any:
    """The report opened from disk, with everything it asks for or complains about."""
    path = tmp_path / "report.html"
    path.write_text(report(left_out=True, n=42), encoding="utf-8")
    page = patient(browser.new_page(viewport={"width": 1280, "height": 900}))
    page.said = []
    page.on("console", lambda m: page.said.append(m.text))
    page.on("pageerror", lambda e: page.said.append(str(e)))
    page.on("request", lambda r: r.url.startswith("file:") or page.said.append(r.url))
    page.goto(path.as_uri())
    yield page
    assert page.said == []
    page.close()


@pytest.mark.browser
@pytest.mark.parametrize(
    ("width", "scheme"),
    [
        (1280, "light"),
        (390, "dark"),
        pytest.param(1280, "dark", marks=pytest.mark.verify),
        pytest.param(390, "light", marks=pytest.mark.verify),
    ],
)
def test_axe_finds_nothing(page: Any, width: int, scheme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 850})
    assert Axe().run(page).violations_count == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.locator("main .n").first.click()
    results = Axe().run(page, context="#why")
    assert results.violations_count == 0, results.generate_report()


@pytest.mark.browser
def test_numbers_open_by_keyboard_and_give_focus_back(page: Any) -> None:
    number = page.locator('[data-n="survival.os.median"]').first
    number.focus()
    page.keyboard.press("Enter")
    panel = page.locator("#why")
    assert panel.is_visible()
    assert "Kaplan-Meier" in panel.inner_text()
    assert page.evaluate("document.activeElement.id") == "why-close"
    page.locator("#why summary").click()
    line = panel.locator(".who > li").first.inner_text()
    assert line.split() == f"{SECRET}001 died after 400 days patients!K2".split()
    page.keyboard.press("Escape")
    assert not panel.is_visible()
    assert page.evaluate("document.activeElement.dataset.n") == "survival.os.median"


@pytest.mark.browser
def test_arrows_move_among_the_numbers_of_a_table(page: Any) -> None:
    numbers = page.locator("#table-baseline .n")
    assert numbers.evaluate_all("all => all.filter(e => e.tabIndex === 0).length") == 1
    numbers.first.focus()
    page.keyboard.press("ArrowDown")
    second = numbers.nth(1).get_attribute("data-n")
    assert page.evaluate("document.activeElement.dataset.n") == second


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of the built-in study, with a page for every patient."""
    import oncohort as oc
    from oncohort.study.demo import write_demo

    folder = write_demo(tmp_path_factory.mktemp("written") / "study")
    return oc.read_study(folder).run().write() / "report.html"


@pytest.mark.browser
@pytest.mark.parametrize(
    ("width", "scheme"),
    [(390, "dark"), pytest.param(1280, "light", marks=pytest.mark.verify)],
)
def test_from_a_number_to_the_page_of_a_patient(
    browser: Any, written: Path, width: int, scheme: str
) -> None:
    """By keyboard alone, without a request, and clean to axe on the way."""
    from axe_playwright_python.sync_playwright import Axe

    page = patient(browser.new_page(viewport={"width": width, "height": 850}))
    page.emulate_media(color_scheme=scheme)
    asked: list[str] = []
    page.on("request", lambda r: asked.append(r.url))
    page.goto(written.as_uri())
    number = page.locator('[data-n="response.best.count[level=cr]"]').first
    number.focus()
    page.keyboard.press("Enter")
    assert page.locator("#why .who > li").count() == 2
    assert "lesions!" in page.locator("#why .cell").first.inner_text()
    found = Axe().run(page, context="#why")
    assert found.violations_count == 0, found.generate_report()
    page.locator("#why .who a").first.focus()
    page.keyboard.press("Enter")
    shown = page.locator("article.patient:target")
    shown.wait_for(state="visible")
    assert not page.locator("#why").is_visible()
    assert page.locator("article.patient:visible").count() == 1
    assert "Best response" in shown.inner_text() and shown.locator("svg.timeline").is_visible()
    found = Axe().run(page, context="article.patient:target")
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert set(asked) <= {written.as_uri()} | {u for u in asked if u.startswith("data:")}
    page.close()


def test_files_that_the_report_links_are_there(written: Path) -> None:
    page = Page(written.read_text("utf-8"))
    links = [a["href"] or "" for t, a in page.tags if t == "a" and a.get("href")]
    files = {link for link in links if not link.startswith("#")}
    assert {"manuscript.docx", "supplement.docx", "tables/baseline.csv"} <= files
    assert all((written.parent / name).is_file() for name in files)


@pytest.mark.browser
def test_prints_without_the_furniture(page: Any) -> None:
    page.emulate_media(media="print")
    assert not page.locator("nav.contents").is_visible()
    assert page.locator("#table-baseline").is_visible()
    assert len(page.pdf(prefer_css_page_size=True)) > 10_000


@pytest.mark.browser
def test_the_list_of_numbers_can_be_filtered(page: Any) -> None:
    rows = page.locator("table.all tbody tr")
    page.locator("#filter").fill("overall median")
    assert page.locator("#allnumbers").evaluate("d => d.open")
    shown = [r for r in rows.all() if r.is_visible()]
    assert 0 < len(shown) < rows.count()
    assert all("median" in (r.text_content() or "").lower() for r in shown)
    assert page.locator("#found").text_content() == f"{len(shown)} of {rows.count()}"
    page.locator("#filter").fill("")
    assert len([r for r in rows.all() if r.is_visible()]) == rows.count()


@pytest.mark.browser
def test_dark_where_the_reader_wants_it(page: Any) -> None:
    def ground() -> str:
        return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))

    page.emulate_media(color_scheme="light")
    light = ground()
    page.emulate_media(color_scheme="dark")
    assert ground() != light
    page.emulate_media(color_scheme="dark", media="print")
    assert ground() == light
