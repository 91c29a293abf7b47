"""An error keeps its number out of the paper: every error of the catalogue, one study each."""

from __future__ import annotations

import ast
import inspect
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

sys.path.insert(0, str(Path(__file__).parent))

from clean_study import PROTOCOL, clean_tables, write_study
from erring import STUDIES

import oncohort
from oncohort.cli.app import app
from oncohort.displays.sections import SECTIONS
from oncohort.problems import Severity, catalogue, errors, problem
from oncohort.study.running import analyses_of
from oncohort.study.study import read_study

BLOCKING = {Severity.ERROR, Severity.QUESTION}
ELSEWHERE = {
    "ctcae.action-not-understood": "only where a drug label is audited: a list, no number",
    "ctcae.specimen": "laboratory values of blood or urine",
    "ctcae.versions-mixed": "only through the criteria: the chart has no column for it",
    "dosing.open-end": "a chart whose patients have no end of treatment",
    "endpoints.immortal-time": "only through the rules: the protocol adds delayed entry itself",
    "files.no-sheet": "workbooks",
    "layout.empty": "workbooks",
    "layout.formulas": "workbooks",
    "layout.no-header": "workbooks",
    "layout.second-table": "workbooks",
    "performance.not-on-scale": "only through the criteria: values.kps and values.ecog come first",
    "recist.several-readers": "only through the criteria: response.several-readers comes first",
    "recist.unknown-status": "only through the criteria: values.unknown-level comes first",
    "response.unreadable": "only through the criteria: columns.missing comes first",
    "survival.brief": "a cohort of times and flags, see test_damages.py",
    "survival.flags-exchanged": "a cohort of times and flags, see test_damages.py",
    "survival.flags-contradict": "a cohort of times and flags, see test_damages.py",
    "survival.inverted-by-response": "a cohort of times and flags, see test_damages.py",
    "survival.pfs-beyond-os": "a cohort of times and flags, see test_damages.py",
    "survival.units-contradict": "a cohort of times and flags, see test_damages.py",
    "values.date-as-number": "workbooks",
    "values.percent-format": "workbooks",
}
"""Ids that no folder of CSV files shows, or that need another study; their calls name what is
wrong all the same (`test_every_call_names_what_is_wrong`)."""


def needed() -> list[str]:
    """Ids that are errors or questions and must leave something out."""
    return [
        id_ for id_, one in catalogue().items() if one.severities & BLOCKING and not one.leaves_out
    ]


def test_every_error_is_shown() -> None:
    assert sorted({*STUDIES, *ELSEWHERE}) == needed()
    assert not STUDIES.keys() & ELSEWHERE.keys()


def test_what_leaves_nothing_out_is_an_error_or_a_question() -> None:
    told = [one for one in catalogue().values() if one.leaves_out]
    assert [one.id for one in told if not one.severities & BLOCKING] == []
    assert all(one.leaves_out.endswith(".") for one in told)


def calls() -> Iterator[tuple[str, ast.Call]]:
    source = Path(oncohort.__file__).parent
    for path in sorted(source.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            told = getattr(node.func, "attr", "") in TELLING and node.args
            if told or getattr(node.func, "id", "") == "problem":
                yield f"{path.relative_to(source)}:{node.lineno}", node


def words(node: ast.expr) -> list[str]:
    if isinstance(node, ast.IfExp):
        return words(node.body) + words(node.orelse)
    return [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []


NAMING = {"table", "also", "blocks"}
TELLING = {"problem": 1, "problems": 4, "notices": 4}
"""Ways of a check to tell of a record's cell: where the case stands among the arguments."""
FROM_SCORES = {"labs.without-date", "performance.ecog-without-map"}
"""Scores know no variable: who derives one of them names it."""


def test_every_call_names_what_is_wrong() -> None:
    assert set(inspect.signature(problem).parameters) > NAMING
    known, nameless, seen = catalogue(), [], 0
    for where, call in calls():
        named = {k.arg for k in call.keywords} & {*NAMING, None}
        way = getattr(call.func, "attr", "")
        if way in ("problem", "problems"):
            named.add("table")
        at = TELLING.get(way, 1)
        cases = words(call.args[at]) if len(call.args) > at else [""]
        for id_ in words(call.args[0]):
            said = [known[id_].cases[c] if c else known[id_].case for c in cases]
            if not {s.severity for s in said} & BLOCKING or known[id_].leaves_out:
                continue
            seen += 1
            if not named and id_ not in FROM_SCORES:
                nameless.append(f"{where}: {id_}")
    assert nameless == []
    assert seen > 100


SOME = [
    pytest.param(id_, marks=() if place % 3 == 0 else pytest.mark.verify)
    for place, id_ in enumerate(STUDIES)
]
"""A third of them each time; all of them in the long checks."""


@pytest.mark.parametrize("id_", SOME)
def test_what_rests_on_an_error_is_left_out_by_name(id_: str, tmp_path: Path) -> None:
    tables = clean_tables()
    protocol = STUDIES[id_](tables, PROTOCOL)
    study = read_study(write_study(tmp_path / "study", tables, protocol))
    done = analyses_of(study, SECTIONS)
    every = errors([*study.problems, *done.problems])
    mine = [p for p in every if p.id == id_]
    assert mine, sorted({p.id for p in every})
    assert all(p.blocks or p.wrong for p in every), [p.id for p in every if not p.blocks]
    assert any(p.blocks for p in mine)
    named = {q for left in done.left_out for q in left.problems}
    assert named & set(mine), (mine[0].blocks, [left.path for left in done.left_out])
    for one in every:
        for block in one.blocks:
            below = [i for i in done.numbers if not block or f"{i}.".startswith(f"{block}.")]
            below += [
                i for i in done.numbers if block and i.partition("[")[0].startswith(f"{block}.")
            ]
            assert [i for i in below if not i.startswith("flow.")] == [], (one.id, block)


@pytest.mark.parametrize("id_", ["values.age", "rows.no-patient", "propensity.no-score"])
def test_the_command_says_so_and_ends_with_1(id_: str, tmp_path: Path) -> None:
    tables = clean_tables()
    protocol = STUDIES[id_](tables, PROTOCOL)
    folder = write_study(tmp_path / "study", tables, protocol)
    done = CliRunner().invoke(app, ["run", str(folder)])
    assert done.exit_code == 1, done.output
    assert "left out" in done.output.lower()


def test_a_spoilt_endpoint_is_left_out_of_every_section(tmp_path: Path) -> None:
    more = """
[arms]
variable = "arm"
endpoints = ["rfs"]
[propensity]
treatment = "arm"
variables = ["age", "sex"]
endpoints = ["rfs"]
[variables.old]
from = "age"
cut_by = "max_logrank"
endpoint = "rfs"
"""
    tables = clean_tables()
    tables["patients"][3]["rfs_event"] = "2"
    text = PROTOCOL.replace("[endpoints.rfs]", "[endpoints.rfs]\nrestricted_mean = [12]")
    study = read_study(write_study(tmp_path / "study", tables, text + more))
    (one,) = [p for p in study.problems if p.id == "endpoints.event-values"]
    rests = ("arms.rfs", "contrasts.rfs", "propensity.rfs", "survival.rfs", "variables.old")
    assert set(rests) <= set(one.blocks)
    numbers = analyses_of(study, SECTIONS).numbers
    assert [i for i in numbers if i.startswith(rests)] == []


COUNTED = [
    pytest.param(id_, marks=() if place % 40 == 0 else pytest.mark.verify)
    for place, id_ in enumerate(STUDIES)
    if place % 4 == 0
]
"""A quarter of the studies in the long checks, a few of them each time."""


@pytest.mark.parametrize("id_", COUNTED)
def test_check_and_run_list_the_same_problems(id_: str, tmp_path: Path) -> None:
    tables = clean_tables()
    folder = write_study(tmp_path / "study", tables, STUDIES[id_](tables, PROTOCOL))
    checked = CliRunner().invoke(app, ["check", str(folder), "--format", "json"])
    ran = CliRunner().invoke(app, ["run", str(folder)])
    assert (checked.exit_code, ran.exit_code) == (1, 1)
    written = json.loads((folder / "results" / "problems.json").read_text("utf-8"))["problems"]
    assert json.loads(checked.stdout)["problems"] == written
