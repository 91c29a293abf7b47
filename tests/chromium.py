"""The browser of the page tests: where it is, how it is started, how patient it is."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

PATIENCE = 300.0
"""Seconds that a test waits for what has to come, however busy the machine; never a judgement."""
FOUND = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)


@contextmanager
def chromium() -> Iterator[Any]:
    """A headless Chromium; skipped by name where there is none, but on the CI machine."""
    if FOUND is None:
        if os.environ.get("CI"):
            pytest.fail("CI must have a Chromium: these tests may not be skipped there")
        pytest.skip("needs a Chromium, which is not here")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=FOUND,
            args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
            timeout=PATIENCE * 1000,
        )
        yield browser
        browser.close()


def patient(page: Any) -> Any:
    """The page with limits that only what never comes can reach."""
    page.set_default_timeout(PATIENCE * 1000)
    page.set_default_navigation_timeout(PATIENCE * 1000)
    return page
