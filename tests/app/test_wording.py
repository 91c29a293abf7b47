"""The texts of the pages: every key in every language, none that nobody says, no bare text."""

from __future__ import annotations

import re
import string
from html.parser import HTMLParser
from pathlib import Path

import pytest
from served_site import Site, served  # noqa: F401

from oncohort.app import wording
from oncohort.app.wording import language, languages, say, texts
from oncohort.study.demo import write_demo

APP = Path(wording.__file__).parent
TEMPLATES = sorted((APP / "templates").glob("*.html"))
DRAWN = ("language.name",)
"""Said by no template: the switch reads it from its catalogue."""


def holes(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("code", list(languages()))
def test_every_language_has_every_text_with_its_holes(code: str) -> None:
    ours, english = texts(code), texts("en")
    assert ours.keys() == english.keys()
    for key, text in ours.items():
        assert text.strip(), key
        assert holes(text) <= holes(english[key]), key


def used_keys() -> set[str]:
    """Keys and beginnings of keys that templates and modules name."""
    sources = [*TEMPLATES, *APP.rglob("*.py")]
    found: set[str] = set()
    for path in sources:
        found |= set(re.findall(r"""["']([a-z_]+(?:\.[a-z_]*)+)["']""", path.read_text("utf-8")))
        found |= set(re.findall(r"""f["']([a-z_]+\.)\{""", path.read_text("utf-8")))
    return found


def test_no_text_is_left_that_nobody_says() -> None:
    named = used_keys() | {f"notices.{k}" for k in ("column_out", "column_hashed", "column_read")}
    lists = {f"{s}.lead" for s in ("personal", "columns", "questions", "problems", "protocol")}
    lists |= {f"{s}.lead" for s in ("results", "write", "history", "patient")}
    unsaid = [
        key
        for key in texts("en")
        if key not in named | lists | set(DRAWN)
        and not any(key.startswith(n) for n in named if n.endswith((".", "_")))
    ]
    assert not unsaid


class Bare(HTMLParser):
    """Words of a template that stand in it as they are, and attributes that are read out."""

    READ = ("title", "alt", "aria-label", "placeholder")

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.within: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.within.append(tag)
        self.found += [v for k, v in attrs if k in self.READ and v and re.search(r"\w", v)]

    def handle_endtag(self, tag: str) -> None:
        while self.within and self.within.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if "code" not in self.within and re.search(r"[A-Za-z]{2}", data):
            self.found.append(data.strip())


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: p.name)
def test_no_template_has_words_of_its_own(path: Path) -> None:
    text = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", "", path.read_text("utf-8"), flags=re.DOTALL)
    page = Bare()
    page.feed(text)
    assert set(page.found) <= {"oncohort", "· oncohort", "Ctrl-Z", "Ctrl-S"}


def test_the_browser_says_the_language_and_the_switch_overrules_it(served: Site) -> None:
    write_demo(served.home / "study")
    base = f"/s/{served.library.open(served.home / 'study').key}"
    asked = served.cookie | {"accept-language": "ja-JP,ja;q=0.9,en;q=0.5"}
    page = served.raw("GET", f"{base}/columns?from=5", headers=asked)
    assert '<html lang="ja">' in page.text and "次へ:質問" in page.text
    assert "English" in page.text, "the switch"
    back = re.search(r'name="back" value="([^"]+)"', page.text)
    assert back is not None and back[1] == f"{base}/columns?from=5"
    kind = {"content-type": "application/x-www-form-urlencoded", "origin": served.origin}
    body = f"form_token={served.session.form_token}&language=en&back={back[1]}".encode()
    answer = served.raw("POST", "/language", body, asked | kind)
    assert (answer.status, answer.headers["location"]) == (303, back[1])
    chosen = answer.headers["set-cookie"].partition(";")[0]
    page = served.raw(
        "GET", f"{base}/columns", headers=asked | {"cookie": f"{served.cookie['cookie']}; {chosen}"}
    )
    assert '<html lang="en">' in page.text


@pytest.mark.parametrize("back", ["//evil.example", "https://evil.example", "/\\evil.example", ""])
def test_the_switch_leads_to_no_other_site(served: Site, back: str) -> None:
    kind = {"content-type": "application/x-www-form-urlencoded", "origin": served.origin}
    body = f"form_token={served.session.form_token}&language=ja&back={back}".encode()
    answer = served.raw("POST", "/language", body, served.cookie | kind)
    assert (answer.status, answer.headers["location"]) == (303, "/")
    kind = kind | {"origin": "http://evil.example"}
    assert served.raw("POST", "/language", body, served.cookie | kind).status == 403


def test_every_text_of_the_pages_can_be_filled() -> None:
    """Whatever a hole is called: the names of parameters, too."""
    for code in languages():
        token = language.set(code)
        for key, text in texts(code).items():
            assert "{" not in say(key, **dict.fromkeys(re.findall(r"\{(\w+)", text), 1)), key
        language.reset(token)
