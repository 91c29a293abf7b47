"""Five charts of strangers, from the drop to the Word file, by mouse and by keyboard alone."""

from __future__ import annotations

import csv
import json
import math
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from served_site import Site, served  # noqa: F401
from walking import by_keyboard, by_mouse, finished, numbers_by_commands, tab_to

from chromium import chromium, patient

sys.path.insert(0, str(Path(__file__).parents[1] / "intake"))

from charts import CHARTS, Chart
from cohort import PEOPLE

KNOWN = {c.name: c for c in CHARTS}


def redcap_pair(folder: Path) -> Path:
    """An export of REDCap with codes, and the dictionary that says what they mean."""
    both = folder / "export"
    both.mkdir()
    with (both / "data.csv").open("w", newline="", encoding="utf-8") as out:
        rows = csv.writer(out)
        rows.writerow(["record_id", "sex", "age", "treatment_start", "last_contact",
                       "vital_status", "death_date"])  # fmt: skip
        for p in PEOPLE:
            rows.writerow([p.number, 1 if p.sex == "male" else 2, p.age, p.start, p.last,
                           int(p.dead), p.last if p.dead else ""])  # fmt: skip
    with (both / "dictionary.csv").open("w", newline="", encoding="utf-8") as out:
        rows = csv.writer(out)
        rows.writerow(["Variable / Field Name", "Form Name", "Section Header", "Field Type",
                       "Field Label", "Choices, Calculations, OR Slider Labels"])  # fmt: skip
        for name, label, choices in (
            ("record_id", "Record", ""),
            ("sex", "Sex", "1, male | 2, female"),
            ("age", "Age", ""),
            ("treatment_start", "Start of treatment", ""),
            ("last_contact", "Last contact", ""),
            ("vital_status", "Vital status", "0, alive | 1, dead"),
            ("death_date", "Date of death", ""),
        ):
            kind = "radio" if choices else "text"
            rows.writerow([name, "baseline", "", kind, label, choices])
    return both


PAIR = Chart("redcap_pair", redcap_pair, responders=None)
OTHERS = [
    KNOWN["last_contact_or_death"],  # one row for each patient, codes that nobody explains
    KNOWN["german_lesions_in_centimetres"],  # several sheets, German headers
    KNOWN["japanese_events_per_term"],
    PAIR,
]
FIRST = KNOWN["one_column_per_term_with_the_grade"]


@pytest.fixture
def page(served: Site) -> Iterator[Any]:
    """The first page, opened through the door; what it complains of fails."""
    with chromium() as browser:
        page = patient(browser.new_page(viewport={"width": 1024, "height": 800}))
        wrong: list[str] = []
        page.on("pageerror", lambda e: wrong.append(str(e)))
        page.goto(f"{served.origin}/open?token={served.session.token}")
        yield page
        assert not wrong


def drop(page: Any, served: Site, dropped: Path) -> None:
    """Choose the file, or the files, and name a folder."""
    files = sorted(dropped.iterdir()) if dropped.is_dir() else [dropped]
    page.set_input_files("#chart", files)
    page.fill("#folder", str(served.home / "web"))


def from_the_drop_to_the_word_file(page: Any, served: Site, tmp_path: Path, chart: Chart) -> None:
    dropped = chart.write(tmp_path)
    drop(page, served, dropped)
    with page.expect_navigation():
        page.locator("main .primary").first.click()
    seen = by_mouse(page, chart.answers)
    assert seen[0] == "personal" and {"columns", "problems", "protocol"} <= set(seen)
    with page.expect_navigation():
        page.locator("main .primary").first.click()
    finished(page)
    with page.expect_download() as got:
        page.click('main p a:text-is("manuscript.docx")')
    got.value.save_as(tmp_path / "kept.docx")
    assert (tmp_path / "kept.docx").read_bytes()[:2] == b"PK"
    report = page.frame_locator("iframe.report")
    report.locator("html.scripted").wait_for()
    report.locator("main .n").first.click()
    report.locator("#why").wait_for(state="visible")
    page.locator("main p.next .primary").click()
    page.wait_for_url("**/write")
    assert page.locator("#picks li").count() > 5
    same(served, tmp_path, dropped, chart)


def same(served: Site, tmp_path: Path, dropped: Path, chart: Chart) -> None:
    """The numbers are those of the commands to the byte, and the truth."""
    ours = (served.home / "web" / "results" / "results.json").read_bytes()
    theirs = numbers_by_commands(dropped, tmp_path / "again" / "web", chart.answers)
    assert ours == theirs
    estimates = json.loads(ours)["estimates"]
    assert estimates["flow.included.count"]["value"] == chart.n
    if chart.median is not None:
        found = estimates[f"survival.{chart.endpoint}.median"]["value"]
        assert math.isclose(found, chart.median, abs_tol=0.006)
    for name, value in chart.truths.items():
        assert estimates[name]["value"] == value


@pytest.mark.browser
def test_by_mouse_the_first_button_of_each_page_leads_to_the_word_file(
    page: Any, served: Site, tmp_path: Path
) -> None:
    from_the_drop_to_the_word_file(page, served, tmp_path, FIRST)


@pytest.mark.verify
@pytest.mark.browser
@pytest.mark.parametrize("chart", OTHERS, ids=lambda c: c.name)
def test_by_mouse_for_other_charts_too(
    page: Any, served: Site, tmp_path: Path, chart: Chart
) -> None:
    from_the_drop_to_the_word_file(page, served, tmp_path, chart)


@pytest.mark.verify
@pytest.mark.browser
def test_by_keyboard_alone_from_the_drop_to_the_word_file(
    page: Any, served: Site, tmp_path: Path
) -> None:
    chart = KNOWN["last_contact_or_death"]
    dropped = chart.write(tmp_path)
    drop(page, served, dropped)  # the window that chooses files is not of the page
    page.focus("#folder")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    by_keyboard(page, chart.answers)
    tab_to(page, "e.classList.contains('primary') && e.closest('main')")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    finished(page)
    tab_to(page, "e.innerText === 'manuscript.docx'")
    with page.expect_download() as got:
        page.keyboard.press("Enter")
    assert got.value.suggested_filename == "manuscript.docx"
    tab_to(page, "e.tagName === 'IFRAME' || e.closest('p.next')")
    same(served, tmp_path, dropped, chart)
