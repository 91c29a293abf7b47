"""The pages in a real browser: by mouse, by keyboard alone, axe clean, with no request out."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from served_site import Site, served  # noqa: F401
from test_app_pages import chart
from test_columns_page import coloured

from chromium import PATIENCE, chromium, patient
from oncohort.app.runs import keep_run
from oncohort.protocol import parse_protocol
from oncohort.study.demo import write_demo
from oncohort.study.new import new_study

LABELS = {"vital_status": ("alive", "dead"), "sex": ("female", "male")}


@pytest.fixture
def page(served: Site) -> Iterator[Any]:
    """A page that came in through the door; what it asks of others, or complains of, fails."""
    with chromium() as browser:
        page = patient(browser.new_page(viewport={"width": 1024, "height": 800}))
        asked: list[str] = []
        wrong: list[str] = []
        page.on("request", lambda r: asked.append(r.url))
        page.on("pageerror", lambda e: wrong.append(str(e)))
        page.goto(f"{served.origin}/open?token={served.session.token}")
        yield page
        assert all(u.startswith((served.origin, "data:", "about:")) for u in asked), asked
        assert not wrong


def clean(page: Any) -> None:
    """No violation that axe can find, and nothing wider than the window."""
    from axe_playwright_python.sync_playwright import Axe

    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
    width = page.viewport_size["width"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def keys(page: Any, combination: str) -> None:
    """Keys that lead to another page, which is loaded, and its script run, when this returns."""
    with page.expect_navigation():
        page.keyboard.press(combination)


def press_until(page: Any, words: str, most: int = 80) -> None:
    """Tab to the control with these words, as somebody without a mouse does, and press Enter."""
    for _ in range(most):
        page.keyboard.press("Tab")
        now = page.evaluate("document.activeElement.innerText || ''")
        if words in now:
            keys(page, "Enter")
            return
    raise AssertionError(f"no way by keyboard to {words!r}")


def finished(page: Any) -> None:
    """Wait for the page that comes by itself when the run has ended, with its report in it."""
    page.locator('#job[data-running="0"]').wait_for()
    page.locator("iframe.report").wait_for()
    page.wait_for_load_state()


@pytest.mark.browser
def test_a_naive_user_gets_from_a_workbook_to_a_report(
    page: Any, served: Site, tmp_path: Path
) -> None:
    assert "token" not in page.url
    clean(page)
    page.set_input_files("#chart", chart(tmp_path / "chart.xlsx"))
    page.fill("#folder", str(served.home / "web"))
    with page.expect_navigation():
        page.click("button.primary >> nth=0")
    seen = []
    for _ in range(24):
        step = page.url.split("?")[0].rpartition("/")[2]
        if step not in seen:
            seen.append(step)
            clean(page)
        if step == "results":
            break
        question = page.locator("form.question").first
        if question.count():
            name = question.locator("input[name=question]").get_attribute("value")
            for i, label in enumerate(LABELS.get(name or "", ())):
                question.locator("select").nth(i).select_option(label=label)
        with page.expect_navigation():
            page.locator("main .primary").first.click()
    assert seen == ["personal", "columns", "questions", "problems", "protocol", "results"]
    with page.expect_navigation():
        page.locator("main .primary").first.click()
    finished(page)
    clean(page)
    assert (served.home / "web" / "results" / "manuscript.docx").is_file()
    with page.expect_download() as got:
        page.click('main p a:text-is("manuscript.docx")')
    assert got.value.suggested_filename == "manuscript.docx"
    frame = page.frame_locator("iframe.report")
    frame.locator("html.scripted").wait_for()
    frame.locator("main .n").first.click()
    frame.locator("#why").wait_for(state="visible")
    page.go_back()
    assert page.url.startswith(served.origin)


@pytest.mark.browser
def test_by_keyboard_alone(page: Any, served: Site) -> None:
    write_demo(served.home / "study")
    page.fill("#there", str(served.home / "study"))
    page.focus("#there")
    keys(page, "Enter")
    assert page.url.endswith("/problems")
    press_until(page, "Protocol")
    page.focus("#text-part summary")
    page.keyboard.press("Enter")
    page.focus("#text")
    opened = served.library.open(served.home / "study")
    before = opened.text
    page.keyboard.press("Control+End")
    page.keyboard.type("# seen by keyboard\n")
    keys(page, "Control+s")
    assert page.locator("[role=status]").is_visible()
    assert opened.text.endswith("# seen by keyboard\n")
    page.focus("h1 >> xpath=..")
    keys(page, "Control+z")
    assert page.get_by_text("taken back").is_visible()
    assert opened.text == before
    parse_protocol(opened.text)


@pytest.mark.browser
@pytest.mark.parametrize("scheme", [pytest.param("light", marks=pytest.mark.verify), "dark"])
def test_every_page_is_clean_when_small_and_in_the_dark(
    page: Any, served: Site, scheme: str
) -> None:
    write_demo(served.home / "study")
    base = f"{served.origin}/s/{served.library.open(served.home / 'study').key}"
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": 512, "height": 700})  # 1024 at 200 %
    study = served.home / "study"
    for title in ("first", "second"):
        text = (study / "study.toml").read_text().replace("[study]", f"# {title}\n[study]", 1)
        (study / "results").mkdir(exist_ok=True)
        (study / "results" / "results.json").write_text('{"estimates": {}}')
        keep_run(study, text, ["42 patients"], datetime(2026, 1, 1, 12))
    steps = ("personal", "columns", "questions", "problems", "protocol", "results", "patient")
    for step in (*steps, "write", "history?old=000001&new=000002"):
        page.goto(f"{base}/{step}")
        clean(page)
    page.goto(f"{base}/patient?id=S05")
    clean(page)
    for door in ("audit", "twin"):
        page.goto(f"{served.origin}/{door}")
        clean(page)
    new_study(served.home / "web", coloured(served.home / "chart.xlsx"))
    page.goto(f"{served.origin}/s/{served.library.open(served.home / 'web').key}/columns")
    clean(page)
    page.get_by_role("button", name="日本語").click()
    page.locator('html[lang="ja"]').wait_for()
    clean(page)


@pytest.mark.browser
def test_the_flow_follows_the_hand_and_a_change_is_seen_before_it_is_kept(
    page: Any, served: Site
) -> None:
    write_demo(served.home / "study")
    opened = served.library.open(served.home / "study")
    before = opened.text
    page.goto(f"{served.origin}/s/{opened.key}/protocol")
    least = page.locator('form.criterion:has(input[value="adult"]) input[name="min"]')
    least.fill("62")
    least.blur()
    page.locator("#flow s").first.wait_for()
    assert opened.text == before
    with page.expect_navigation():
        least.press("Enter")
    assert page.locator("ul.moves li").count() > 20
    clean(page)
    assert opened.text == before
    with page.expect_navigation():
        page.locator("main .primary").first.click()
    assert opened.text == before.replace("\nmin = 20\n", "\nmin = 62\n")


@pytest.mark.browser
def test_a_number_is_put_into_a_text_by_a_click_and_kept_by_keys(page: Any, served: Site) -> None:
    write_demo(served.home / "study")
    base = f"{served.origin}/s/{served.library.open(served.home / 'study').key}"
    page.goto(f"{base}/write?part=conclusion")
    page.fill("#text", "Response: .")
    page.evaluate("document.getElementById('text').setSelectionRange(10, 10)")
    page.fill("#filter", "response rate")
    shown = page.locator("#picks li:visible")
    assert 0 < shown.count() < page.locator("#picks li").count()
    page.fill("#filter", "response.orr.percent")
    page.locator("#picks li:visible button").first.click()
    assert page.input_value("#text") == "Response: {response.orr.percent}."
    with page.expect_navigation():
        page.get_by_role("button", name="See how it will stand").click()
    assert page.locator('[data-n="response.orr.percent"]').is_visible()
    clean(page)
    page.focus("#text")
    keys(page, "Control+s")
    assert page.locator("[role=status]").is_visible()
    written = (served.home / "study" / "text" / "conclusion.md").read_text(encoding="utf-8")
    assert written == "Response: {response.orr.percent}."


def start_app(home: Path, env: dict[str, str]) -> tuple[subprocess.Popen[str], int]:
    """The real command with a study, and its port."""
    process = subprocess.Popen(
        [sys.executable, "-m", "oncohort", "app", str(home / "study"), "--no-browser"],
        stdout=subprocess.PIPE, text=True, env=env,
    )  # fmt: skip
    assert process.stdout is not None
    found = re.search(r"127\.0\.0\.1:(\d+)", process.stdout.readline())
    assert found is not None
    return process, int(found[1])


@pytest.mark.skipif(os.name != "posix", reason="kill -9 is of POSIX")
def test_a_server_that_is_killed_leaves_the_study_whole(tmp_path: Path) -> None:
    """The real command: killed at any moment, the protocol can be read and the next start works."""
    write_demo(tmp_path / "study")
    text = (tmp_path / "study" / "study.toml").read_text()
    env = {**os.environ, "HOME": str(tmp_path)}
    for delay in (0.4, 1.2, 2.5):
        process, _ = start_app(tmp_path, env)
        time.sleep(delay)  # the moment of the kill, not a wait for something
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert (tmp_path / "study" / "study.toml").read_text() == text
    ended, port = start_app(tmp_path, env)
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as asked:
        asked.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert asked.recv(8) == b"HTTP/1.1", "it serves, so it hears Ctrl-C"
    ended.send_signal(signal.SIGINT)
    assert ended.wait(PATIENCE) == 0


def test_a_port_that_is_taken_is_said_in_words(served: Site) -> None:
    port = str(served.session.port)
    said = subprocess.run(
        [sys.executable, "-m", "oncohort", "app", "--no-browser", "--port", port],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert said.returncode == 2 and "is taken" in said.stderr
