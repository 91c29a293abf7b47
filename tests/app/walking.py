"""People at the pages: one with a mouse who takes the first button, one with a keyboard alone."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from oncohort.study.answering import answer
from oncohort.study.new import new_study
from oncohort.study.questions import open_questions
from oncohort.study.study import read_study

MOST_STEPS = 40
MOST_TABS = 400


def parts_of(value: str) -> dict[str, str]:
    """Label = value of each part of an answer, as `oncohort answer` takes it.

    >>> parts_of('1 = dead, "a, b" = alive')
    {'1': 'dead', 'a, b': 'alive'}
    """
    found = re.findall(r'("(?:[^"\\]|\\.)*"|[^,="]+?)\s*=\s*("[^"]*"|[^,]+)(?:,\s*|$)', value)
    return {json.loads(k) if k[0] == '"' else k.strip(): v.strip().strip('"') for k, v in found}


def step_of(page: Any) -> str:
    """The page's name: `columns`."""
    return str(page.url.split("?")[0].rpartition("/")[2])


def finished(page: Any) -> None:
    """Wait for the page that comes by itself when the run has ended, with its report in it."""
    page.locator('#job[data-running="0"]').wait_for()
    page.locator("iframe.report").wait_for()
    page.wait_for_load_state()


def by_mouse(page: Any, answers: Mapping[str, str], look: Any = lambda page: None) -> list[str]:
    """From the page after the drop to the results: the first primary button, and the truths."""
    seen: list[str] = []
    for _ in range(MOST_STEPS):
        step = step_of(page)
        if step not in seen:
            seen.append(step)
            look(page)
        if step == "results":
            return seen
        form = page.locator("form.question").first
        if form.count():
            button = _answered(form, answers)
        else:
            button = page.locator("main .primary").first
        with page.expect_navigation():
            button.click()
    raise AssertionError(f"no way to the results: {seen}")


def _answered(form: Any, answers: Mapping[str, str]) -> Any:
    """Fill a card with the truth; the button to be clicked."""
    name = str(form.locator("input[name=question]").get_attribute("value"))
    value = answers.get(name, "yes")
    if value == "none":
        return form.locator('button[value="none"]')
    if value == "leave out":
        return form.locator('button[value="leave out"]')
    given = parts_of(value)
    named = form.locator("button[name=slot0]")
    if named.count():  # one button for each answer
        return named.filter(has_text=re.compile(f"^{re.escape(value)}$"))
    slots = form.locator(".slot")
    for nth in range(slots.count()):
        slot = slots.nth(nth)
        label = slot.locator("label").inner_text()
        wanted = given.get(label, value)
        if slot.locator("select").count():
            slot.locator("select").select_option(label=wanted)
        else:
            slot.locator("input").fill(wanted)
    return form.locator("button.primary").first


def tab_to(page: Any, wanted: str) -> None:
    """Tab until the focused element fulfils an expression of `e`."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if page.evaluate(f"(e => Boolean({wanted}))(document.activeElement)"):
            return
    raise AssertionError(f"no way by keyboard to {wanted}")


def by_keyboard(page: Any, answers: Mapping[str, str]) -> list[str]:
    """The same way with Tab, letters and Enter."""
    seen: list[str] = []
    for _ in range(MOST_STEPS):
        step = step_of(page)
        if step not in seen:
            seen.append(step)
        if step == "results":
            return seen
        form = page.locator("form.question").first
        if form.count():
            name = str(form.locator("input[name=question]").get_attribute("value"))
            given = parts_of(answers.get(name, "yes"))
            for label, value in given.items():
                tab_to(page, f"e.tagName === 'SELECT' && e.labels[0].innerText === '{label}'")
                page.keyboard.type(value)
        tab_to(page, "e.classList.contains('primary') && e.closest('main')")
        with page.expect_navigation():
            page.keyboard.press("Enter")
    raise AssertionError(f"no way to the results: {seen}")


def numbers_by_commands(chart: Path, folder: Path, answers: Mapping[str, str]) -> bytes:
    """`results.json` of the same chart with the same answers, by the functions of the commands."""
    new_study(folder, chart)
    while left := open_questions((folder / "study.toml").read_text("utf-8")):
        first = min(left, key=lambda q: q.number)
        answer(folder, first.name, answers.get(first.name, "yes"))
    read_study(folder).run().write()
    return (folder / "results" / "results.json").read_bytes()
