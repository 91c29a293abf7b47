"""A hundred payloads through the forms: the pages that come, and those after, hold them as text."""

from __future__ import annotations

import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote

import pytest
from hostile_forms import CARDS, FORMS, Hostile
from served_site import Site, served  # noqa: F401

sys.path.insert(0, str(Path(__file__).parents[1] / "study"))

from test_injection import MARK, PAYLOADS

PLACES = ("href", "src", "action", "formaction", "srcset", "style", "content", "xlink:href")
FOREIGN = ("iframe", "object", "embed", "base", "applet", "math", "foreignobject")
SHOWN_ON = ("protocol", "problems", "write", "flow", "columns", "questions", "history")
CHOSEN = {
    "problems": [("rule", "values.age"), ("do", "accept"), ("patients", "R01")],
    "write": [("part", "introduction"), ("do", "keep")],
    "protocol": [("do", "take")],
    "flow": [("card", "new-criterion")],
}
"""Fields that a form needs so that the others are written."""


class Ours(HTMLParser):
    """What a page of ours makes of a payload."""

    def __init__(self) -> None:
        super().__init__()
        self.wrong: list[str] = []
        self.shown = 0
        self._within = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._within = tag
        if MARK in tag or tag in FOREIGN:
            self.wrong.append(f"<{tag}>")
        for name, value in attrs:
            text = (value or "").strip().lower()
            far = text.startswith(("javascript:", "http", "//", "data:text"))
            if name.startswith("on") or MARK in name or (name in PLACES and far and MARK in text):
                self.wrong.append(f"<{tag} {name}={value}>")
            self.shown += MARK in text

    def handle_endtag(self, tag: str) -> None:
        self._within = ""

    def handle_data(self, data: str) -> None:
        self.shown += MARK in data
        if self._within in ("script", "style") and MARK in data:
            self.wrong.append(f"in <{self._within}>: {data[:80]}")

    def _markup(self, data: str) -> None:
        if MARK in data:
            self.wrong.append(f"markup: {data[:80]}")

    handle_comment = handle_decl = handle_pi = unknown_decl = _markup


def read(page: str) -> Ours:
    ours = Ours()
    ours.feed(page)
    ours.close()
    return ours


def sent(hostile: Hostile, page: str, payload: str, chosen: list[tuple[str, str]]) -> str:
    """Send a form whose free fields are the payload; what comes, redirects followed."""
    site = hostile.served
    fixed = dict(chosen)
    fields = [(n, fixed.get(n, payload)) for n in FORMS[page]]
    fields += [("version", hostile.opened.version), ("form_token", site.session.form_token)]
    body = "&".join(f"{quote(k)}={quote(v)}" for k, v in fields)
    kind = {"content-type": "application/x-www-form-urlencoded", "origin": site.origin}
    path = f"{hostile.base}/{page}"
    answer = site.raw("POST", path, body.encode(), site.cookie | kind)
    assert answer.status < 500, (page, payload)
    if answer.status == 303:
        return site.raw("GET", answer.headers["location"], b"", site.cookie).text
    return answer.text


def through(hostile: Hostile, payloads: tuple[str, ...], every: int) -> int:
    """Send each payload by one form, or by all; look at each page. How often it was seen."""
    seen = 0
    for k, payload in enumerate(payloads):
        pages = list(FORMS)[k % len(FORMS) :: every] if every > 1 else list(FORMS)
        for page in pages[: 1 if every > 1 else None]:
            (hostile.folder / "study.toml").write_text(hostile.text, encoding="utf-8")
            chosen = [("card", CARDS[k % len(CARDS)]), *CHOSEN.get(page, [])]
            after = [sent(hostile, page, payload, chosen)]
            shown = SHOWN_ON if every == 1 else (page, SHOWN_ON[k % len(SHOWN_ON)])
            for other in shown:
                query = f"?said={quote(payload)}" if k % 3 == 0 else ""
                path = f"{hostile.base}/{other}{query}"
                after.append(hostile.served.raw("GET", path, b"", hostile.served.cookie).text)
            for text in after:
                ours = read(text)
                assert ours.wrong == [], (page, payload)
                seen += ours.shown
    return seen


def test_payloads_of_forms_stay_text(served: Site) -> None:
    """Each by one form."""
    payloads = tuple(p.replace("\x00", "") for p in PAYLOADS)
    assert through(Hostile(served), payloads, every=2) > 20


@pytest.mark.verify
def test_payloads_of_all_forms_stay_text(served: Site) -> None:
    payloads = tuple(p.replace("\x00", "") for p in PAYLOADS)
    assert through(Hostile(served), payloads, every=1) > 400


@pytest.mark.parametrize(
    "page",
    [
        f"<p><script>{MARK}1()</script></p>",
        f"<img src=x onerror={MARK}1()>",
        f"<a href='javascript:{MARK}1()'>x</a>",
        f"<!-- {MARK}1 -->",
        f"<iframe src='//{MARK}1.example'></iframe>",
    ],
)
def test_what_came_through_would_be_seen(page: str) -> None:
    assert read(page).wrong
