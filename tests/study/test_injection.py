"""What a user, a chart or a paper writes is text everywhere, and never markup, code or a formula.

A study is made of payloads: title, authors, labels, levels, units, terms, ids, sheet and file
names, the author's own words. Every output is then read by a parser of its own kind.
"""

from __future__ import annotations

import csv
import io
import json
import os
import random
import re
import subprocess
import sys
import zipfile
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import openpyxl
import pytest
from typer.testing import CliRunner

sys.path.insert(0, str(Path(__file__).parents[1] / "mutations"))

from clean_study import PROTOCOL, clean_tables, write_study

from oncohort.cli.app import app
from oncohort.documents import to_json
from oncohort.problems import OncohortError
from oncohort.study.study import read_study

MARK = "zqx"
"""Stands in every payload, so that each can be found again."""
SCRIPTS = (
    "<script>@@()</script>",
    "<img src=x onerror=@@()>",
    "<svg onload=@@()>",
    "</title><script>@@()</script>",
    "</script><script>@@()</script>",
    "--><script>@@()</script><!--",
    "]]><script>@@()</script>",
    '"><script>@@()</script>',
    "'><script>@@()</script>",
    '" onmouseover="@@()" x="',
    "' onmouseover='@@()' x='",
    "<a href='javascript:@@()'>go</a>",
    "[go](javascript:@@())",
    "![x](http://@@.example/x.png)",
    "<iframe src='//@@.example'></iframe>",
    "<style>@import '//@@.example'</style>",
    "<link rel=stylesheet href=//@@.example>",
    "<meta http-equiv=refresh content='0;url=//@@.example'>",
    "<base href=//@@.example>",
    "<form action=//@@.example><input>",
    "<math><mtext></form><form><script>@@()</script>",
    "&lt;script&gt;@@()&lt;/script&gt;",
    "&#60;script&#62;@@()",
    "<scr\u0000ipt>@@()</scr\u0000ipt>",
    "<ScRiPt>@@()</sCrIpT>",
    "<!DOCTYPE x [<!ENTITY @@ SYSTEM 'file:///etc/passwd'>]>",
    "<?xml-stylesheet href='//@@.example'?>",
    "<w:p><w:r><w:t>@@</w:t></w:r></w:p>",
    "</w:t></w:r><w:r><w:fldSimple w:instr='DDEAUTO @@'/>",
    "{{ @@ }}",
    "{% import os %}@@",
    "${@@}",
    "{0.__class__}@@",
    "%(@@)s",
    "%s%n@@",
)
FORMULAS = (
    "=1+1@@",
    '=HYPERLINK("http://@@.example","x")',
    "+1+cmd|' /C calc'!@@",
    "-2+3+cmd|' /C calc'!@@",
    "@SUM(1,@@)",
    "\t=1+@@",
    "\r=1+@@",
    "\n=1+@@",
    " =1+@@",
    "x\r=1+@@",
    "x\n=1+@@",
    "\u00a0=1+@@",
    "\ufeff=1+@@",
    "x,=1+@@",
    '",=1+@@',
    ";=1+@@",
    'DDE("cmd",@@)',
    '=IMPORTXML("//@@")',
)
TERMINAL = (
    "\u001b[31m@@",
    "\u001b]0;@@\u0007",
    "\u001b]8;;http://@@.example\u0007x",
    "\u009b31m@@",
    "@@\b\b\b",
    "\u202e@@",
    "\u2028@@",
    "\u0085@@",
    "[bold red]@@[/]",
    "[link=http://@@.example]x[/link]",
    ":warning: @@",
    ":x: @@",
    "[/]@@",
    "\u0007@@",
)
MATHTEXT = (
    "$\\frac{1}{@@}$ @@",
    "$x_{@@}$",
    "$ @@",
    "$$ @@ $$",
    "\\$ @@",
    "$\\undefined{@@}$",
    "a_b^c @@",
    "$\\mathdefault{@@}$",
    "\\input{/etc/passwd} @@",
    "$\\text{@@$",
)
MARKDOWN = (
    "# @@",
    "> @@",
    "- @@\n- x",
    "| @@ | x |",
    "```\n@@\n```",
    "*@@*",
    "_@@_",
    "<@@@example.org>",
    "http://@@.example",
    "[@@]: javascript:x()",
    "---\n@@: x\n---",
    "![](@@)",
    "`@@`",
    "~~@@~~",
    "[^@@]: x",
    "\\[@@\\]",
    "<!-- @@ -->",
    "&nbsp;@@&copy;",
    "\\@@",
    "|@@",
    "***@@***",
    "[[@@]]",
    "@@\n===",
)
PAYLOADS = tuple(
    p.replace("@@", f"{MARK}{i}")
    for i, p in enumerate((*SCRIPTS, *FORMULAS, *TERMINAL, *MATHTEXT, *MARKDOWN))
)
"""One hundred texts that would be something else than text where they are not written as such."""


def toml(text: str) -> str:
    """A TOML string."""
    return json.dumps(text, ensure_ascii=True).replace("\\u0000", "")


def hostile(folder: Path, part: int) -> Path:
    """A study in whose every free text a payload stands; each part has other payloads."""
    texts = [PAYLOADS[(part * 25 + k) % len(PAYLOADS)] for k in range(25)]
    tables = clean_tables()
    for k, row in enumerate(tables["adverse_events"]):
        if row["term"] == "Fatigue":
            row["term"] = texts[0].replace("\x00", "").strip() or "x"
        row["outcome"] = texts[k % 25].replace("\x00", "")
    for row in tables["patients"]:
        row["death_cause"] = texts[1].replace("\x00", "")
    tables["patients"][3]["sex"] = texts[2].replace("\x00", "")
    text = (
        PROTOCOL.replace('"A synthetic study"', toml(texts[3]))
        .replace(
            "synthetic = true",
            f"synthetic = true\nauthors = [{toml(texts[4])}]\n"
            f"disease = {toml(texts[5])}\ntreatment = {toml(texts[6])}\n"
            f"setting = {toml(texts[7])}",
        )
        .replace('male = "Male"', f"male = {toml(texts[8])}")
        .replace('a = "A", b = "B"', f"a = {toml(texts[9])}, b = {toml(texts[10])}")
        .replace("[variables.age]\n", f"[variables.age]\nlabel = {toml(texts[11])}\n")
        .replace('unit = "years"', f"unit = {toml(texts[12])}")
        .replace("[endpoints.pfs]\n", f"[endpoints.pfs]\nlabel = {toml(texts[13])}\n")
        .replace("[exposure.sorafenib]\n", f"[exposure.sorafenib]\nlabel = {toml(texts[14])}\n")
        + f"\n[historical.before]\nlabel = {toml(texts[15])}\nreference = {toml(texts[16])}\n"
        "n = 30\norr = 20\npfs = 5\n"
        + f"\n[eligibility]\nsource = {toml(texts[17])}\n[[eligibility.criteria]]\n"
        f'key = "adult"\nlabel = {toml(texts[18])}\ncolumn = "age"\nmin = 50\n'
        + f'\n[[decisions]]\nrule = "values.unknown-level"\npatients = ["S04"]\ndo = "accept"\n'
        f"by = {toml(texts[23])}\nwhy = {toml(texts[24])}\n"
    )
    where = write_study(folder, tables, text)
    (where / "text").mkdir()
    for k, name in enumerate(("abstract", "introduction", "methods", "discussion")):
        (where / "text" / f"{name}.md").write_text(texts[19 + k], encoding="utf-8")
    return where


class Markup(HTMLParser):
    """Tags and attributes that a page has."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self._in = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._in = tag

    def handle_endtag(self, tag: str) -> None:
        self._in = ""

    def handle_data(self, data: str) -> None:
        if self._in in ("script", "style"):
            self.scripts.append(data)


FOREIGN = {"iframe", "object", "embed", "form", "base", "link", "applet"}


def page_is_clean(text: str) -> None:
    page = Markup()
    page.feed(text)
    for tag, attributes in page.tags:
        assert tag not in FOREIGN or attributes == {"rel": "icon", "href": "data:,"}, tag
        for name, value in attributes.items():
            assert not name.startswith("on"), (tag, name)
            assert MARK not in name, (tag, name)
            if name in ("href", "src", "xlink:href", "action", "style"):
                assert MARK not in (value or ""), (tag, name, value)
                assert not (value or "").strip().lower().startswith(("javascript:", "http"))
    for script in page.scripts:
        # Data for scripts may hold texts, as JSON without the end of a script in it.
        assert "<script" not in script.lower()


def xml_is_clean(data: bytes, name: str) -> None:
    tree = ElementTree.fromstring(data)  # what breaks out would not be well-formed any more
    for element in tree.iter():
        tag = str(element.tag).rpartition("}")[2].lower()
        assert tag not in ("script", "foreignobject", "iframe"), (name, tag)
        for key, value in element.attrib.items():
            short = key.rpartition("}")[2].lower()
            assert not short.startswith("on") or short in ("on",), (name, key)
            if short == "href":
                assert MARK not in value, (name, value)
            if short == "instr":
                assert MARK not in value, (name, value)


def cell_is_clean(value: object) -> None:
    if isinstance(value, str) and MARK in value:
        assert "\r" not in value, repr(value)
        head = value.lstrip(" \u00a0\ufeff\n\t")
        assert not head.startswith(("=", "+", "-", "@")), repr(value)


def run(*arguments: str) -> str:
    """What the program says; it never fails by itself."""
    done = subprocess.run(
        [sys.executable, "-m", "oncohort", *arguments],
        capture_output=True,
        env=os.environ | {"FORCE_COLOR": "", "NO_COLOR": "1", "ONCOHORT_DEBUG": "1"},
    )
    said = (done.stdout + done.stderr).decode("utf-8")
    assert done.returncode in (0, 1), said
    assert "Traceback" not in said, said
    return said


CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def terminal_is_clean(said: str) -> None:
    assert not CONTROL.search(said), repr(CONTROL.search(said))
    assert "❌" not in said
    assert "⚠" not in said


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals")
def test_a_terminal_gets_no_escapes(tmp_path: Path) -> None:
    """On a real terminal nothing is stripped on the way."""
    import pty

    study = hostile(tmp_path / "study", 2)
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "oncohort", "explain", str(study), "S05"],
        stdout=theirs,
        stderr=theirs,
        env=os.environ | {"NO_COLOR": "1", "TERM": "dumb"},
    ):
        os.close(theirs)
        said = b""
        while True:
            try:
                block = os.read(ours, 65536)
            except OSError:  # the other end is closed
                break
            if not block:
                break
            said += block
    os.close(ours)
    text = said.decode("utf-8").replace("\r\n", "\n")
    assert MARK in text
    terminal_is_clean(text)


def check_outputs(results: Path) -> None:
    for path in sorted(results.rglob("*")):
        data = path.read_bytes() if path.is_file() else b""
        if path.suffix == ".html":
            page_is_clean(data.decode("utf-8"))
        elif path.suffix == ".svg":
            xml_is_clean(data, path.name)
        elif path.suffix == ".csv":
            for row in csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")):
                for value in row:
                    cell_is_clean(value)
        elif path.suffix == ".json":
            json.loads(data)
        elif path.suffix == ".docx":
            with zipfile.ZipFile(path) as archive:
                for name in archive.namelist():
                    if name.endswith((".xml", ".rels")):
                        xml_is_clean(archive.read(name), f"{path.name}:{name}")


def test_there_are_a_hundred_payloads() -> None:
    assert len(set(PAYLOADS)) >= 100


@pytest.mark.parametrize("part", range(4))
def test_payloads_stay_text_in_every_output(tmp_path: Path, part: int) -> None:
    study = hostile(tmp_path / "study", part)
    terminal_is_clean(run("check", str(study)))
    terminal_is_clean(run("run", str(study)))
    check_outputs(study / "results")
    terminal_is_clean(run("explain", str(study), "S05"))
    run("check", str(study), "--format", "xlsx", "--out", str(tmp_path / "marked.xlsx"))
    book = openpyxl.load_workbook(tmp_path / "marked.xlsx")
    for page in book:
        for row in page.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    raise AssertionError(f"a formula: {cell.value!r}")
    terminal_is_clean(run("deidentify", str(study), "--out", str(tmp_path / "copy")))
    for path in (tmp_path / "copy" / "data").glob("*.csv"):
        for row in csv.reader(io.StringIO(path.read_text("utf-8"), newline="")):
            for value in row:
                cell_is_clean(value)


def poisoned(value: object, dice: random.Random) -> object:
    """The same data with a payload in place of every fifth text."""
    if isinstance(value, dict):
        return {k: poisoned(v, dice) for k, v in value.items()}
    if isinstance(value, list):
        return [poisoned(v, dice) for v in value]
    if isinstance(value, str) and dice.random() < 0.2:
        return dice.choice(PAYLOADS).replace("\x00", "")
    return value * 1.5 if isinstance(value, float) else value


def said(*arguments: str) -> None:
    """What the program says within this process is clean, and no error that nobody foresaw."""
    done = CliRunner().invoke(app, list(arguments))
    assert done.exception is None or isinstance(done.exception, (OncohortError, SystemExit)), (
        done.exc_info
    )
    terminal_is_clean(done.output + str(done.exception or ""))


def test_payloads_of_results_and_of_hospitals_stay_text(tmp_path: Path) -> None:
    """What others send: results to compare, a plan, requests and answers."""
    study = write_study(tmp_path / "study", clean_tables())
    text = to_json(read_study(study).run(only=["baseline"]).numbers, False)
    for k in range(5):
        (tmp_path / f"r{k}").mkdir()
        (tmp_path / f"r{k}" / "results.json").write_text(text, encoding="utf-8")
        text = json.dumps(poisoned(json.loads(text), random.Random(k)))
        said("diff", str(tmp_path / "r0"), str(tmp_path / f"r{k}"))
    said("consortium", "demo", str(tmp_path / "h"))
    plan = tmp_path / "h" / "consortium.toml"
    titles = iter(PAYLOADS[60:])
    text = re.sub(
        r'title = "[^"]*"', lambda _: f"title = {toml(next(titles))}", plan.read_text("utf-8")
    )
    plan.write_text(text, encoding="utf-8")
    said("consortium", "plan", str(plan), "--out", str(tmp_path / "job"))
    key = tmp_path / "job" / "keys" / "north.key"
    site = ("--name", "north", "--key", str(key), "--data", str(tmp_path / "h" / "north.csv"))
    more = ("--time-unit", "months", "--patient", "id", "--unit", "age=years")
    said("consortium", "join", str(tmp_path / "north"), "--plan", str(plan), *site, *more)
    request = tmp_path / "job" / "round-1" / "north.request.json"
    asked = json.loads(request.read_text("utf-8"))
    for k in range(5):
        poison = tmp_path / f"m{k}.json"
        poison.write_text(json.dumps(poisoned(asked, random.Random(k))), encoding="utf-8")
        for command in (["answer", str(tmp_path / "north")], ["combine", str(tmp_path / "job")]):
            said("consortium", *command, str(poison))


@pytest.mark.parametrize("part", range(4))
def test_payloads_of_a_paper_stay_text(tmp_path: Path, part: int) -> None:
    lines = [p.replace("\x00", "") for p in PAYLOADS[part * 25 : part * 25 + 25]]
    paper = "\n\n".join(f"{t} Of 40 patients, 20 (55%) responded; {t}." for t in lines)
    (tmp_path / "paper.txt").write_text(f"A cohort of patients.\n\n{paper}", encoding="utf-8")
    page = tmp_path / "page.html"
    said = run("audit", str(tmp_path / "paper.txt"))
    terminal_is_clean(said)
    run("audit", str(tmp_path / "paper.txt"), "--format", "html", "--out", str(page))
    page_is_clean(page.read_text("utf-8"))
