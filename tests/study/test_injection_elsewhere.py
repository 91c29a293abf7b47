"""A hundred payloads where a user writes outside of a study's texts: they stay text there too.

Values of answers, who decides and why on the command line, names of styles, rules and hospitals,
names of papers in a folder, results of all of them in the terminal, as pages and as tables.
"""

from __future__ import annotations

import csv
import io
import sys
import tomllib
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from test_injection import MARK, PAYLOADS, cell_is_clean, page_is_clean, terminal_is_clean, toml

from oncohort.cli.app import app
from oncohort.cli.failing import run_guarded


def said(*arguments: str) -> str:
    """What the program says, as it is typed: it is clean, and no error that nobody foresaw."""
    out = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(out):
        patch.setattr(sys, "argv", ["oncohort", *arguments])
        code = run_guarded(app)
    assert code in (0, 1, 2) and "Traceback" not in out.getvalue(), (arguments, out.getvalue())
    terminal_is_clean(out.getvalue())
    return out.getvalue()


CHART = "id,Geschl,Status,zeit,Alter\n" + "".join(
    f"{k},{1 + k % 2},{k % 3},{3 + k},{40 + k}\n" for k in range(6)
)


@pytest.fixture(scope="module")
def draft(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study with open questions."""
    folder = tmp_path_factory.mktemp("draft")
    (folder / "chart.csv").write_text(CHART, encoding="utf-8")
    said("new", str(folder / "n"), "--from", str(folder / "chart.csv"))
    assert "QUESTION" in (folder / "n" / "study.toml").read_text("utf-8")
    return folder / "n"


def test_answers_stay_values(draft: Path) -> None:
    file = draft / "study.toml"
    before = file.read_text("utf-8")
    sections = set(tomllib.loads(before))
    texts = [p.replace("\x00", "").lstrip("-") for p in PAYLOADS]
    for k, (one, other) in enumerate(zip(texts[:50], texts[50:], strict=True)):
        ways = (f"1 = {one}, 2 = {other}", f'1 = "{one}", 2 = "{other}"', f"{one} = {other}", one)
        said("answer", str(draft), str(1 + k % 3), ways[k % 4])
        data = tomllib.loads(file.read_text("utf-8"))
        assert set(data) <= sections | {"variables", "endpoints", "tables", "decisions"}
        assert MARK not in "".join(data) and data["study"]["data"] == "chart.csv"
        file.write_text(before, encoding="utf-8")


def test_who_decides_and_why_stay_words(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text("id,age\n1,540\n2,60\n3,61\n", encoding="utf-8")
    file = tmp_path / "study.toml"
    before = (
        '[study]\nschema = 1\ntitle = "A"\ndata = "c.csv"\n[tables.patients]\n'
        'columns.patient = "id"\n[variables.age]\n'
    )
    texts = [p.replace("\x00", "").lstrip("-") for p in PAYLOADS]
    decided = 0
    for who, why in zip(texts[:50], texts[50:], strict=True):
        file.write_text(before, encoding="utf-8")
        said("answer", str(tmp_path), "values.age", "missing", "--by", who, "--why", why)
        data = tomllib.loads(file.read_text("utf-8"))
        for decision in data.get("decisions", ()):
            decided += 1
            assert set(decision) <= {"rule", "patients", "do", "by", "why", "column"}
            assert decision["rule"] == "values.age" and MARK in decision["why"]
            said("check", str(tmp_path))
        assert len(data.get("decisions", ())) <= 1
    assert decided >= 45


def test_names_that_are_none_are_told_as_text(tmp_path: Path) -> None:
    """Of a journal, a rule, a variable, a level, a unit: refused, whatever they hold."""
    (tmp_path / "c.csv").write_text(CHART, encoding="utf-8")
    head = '[study]\nschema = 1\ntitle = "A"\ndata = "c.csv"\n'
    lines = (
        "[style]\njournal = {0}\n",
        '[[decisions]]\nrule = {0}\ndo = "accept"\nby = "A"\nwhy = "B"\n',
        "[variables.a]\nreference = {0}\n",
        "[tables.patients.units]\n{0} = {0}\n",
        "[baseline]\nvariables = [{0}]\n",
        "[tables.patients.columns]\npatient = {0}\n",
        "[endpoints.os]\nevents = [{0}]\n",
        "[{0}]\n",
    )
    for k, payload in enumerate(PAYLOADS):
        (tmp_path / "study.toml").write_text(
            head + lines[k % len(lines)].format(toml(payload)), encoding="utf-8"
        )
        for form in ("text", "json"):
            words = said("check", str(tmp_path), "--format", form)
            assert "Traceback" not in words


def test_names_of_hospitals_and_their_plans_stay_text(tmp_path: Path) -> None:
    plan = tmp_path / "plan.toml"
    for k, payload in enumerate(PAYLOADS):
        text = toml(payload)
        names = (f"[{text}, {text}]", '["north", "south"]')
        plan.write_text(
            f"[consortium]\nschema = 1\nname = {text if k % 2 else toml('trial')}\n"
            f"title = {text}\nsites = {names[k % 2]}\n"
            f'[times]\nunit = "months"\ngrid = 1\n[variables.age]\nkind = "number"\nunit = {text}\n'
            f'[endpoints.os]\n[analyses.os]\nkind = "survival"\nendpoint = "os"\ntitle = {text}\n',
            encoding="utf-8",
        )
        said("consortium", "plan", str(plan))


def test_names_of_papers_stay_names(tmp_path: Path) -> None:
    papers = tmp_path / "papers"
    papers.mkdir()
    wrong = "Of 40 patients, 20 (55%) responded."
    written = 0
    for k, payload in enumerate(PAYLOADS):
        name = payload.replace("/", "\u2215").replace("\x00", "")[:100] + f"{k}.txt"
        try:
            (papers / name).write_text(wrong, encoding="utf-8")
        except OSError:
            continue  # the file system has no such names
        written += 1
    for form in ("html", "csv", "text"):
        out = tmp_path / f"out.{form}"
        said("audit", str(papers), "--format", form, "--out", str(out), "-q")
        text = out.read_text("utf-8")
        assert text.count(MARK) >= written
        if form == "html":
            page_is_clean(text)
        elif form == "text":
            terminal_is_clean(text)
        else:
            for row in csv.reader(io.StringIO(text, newline="")):
                for value in row:
                    cell_is_clean(value)
