"""The catalogue of problems: what is raised is in it, what is in it is raised."""

from __future__ import annotations

import ast
import inspect
import re
from functools import cache
from pathlib import Path
from string import Formatter

import pytest

import oncohort
from oncohort.checks.report import rules_text
from oncohort.problems import Severity, catalogue, problem
from oncohort.problems.entries import Case

SOURCE = Path(oncohort.__file__).parent
PARAMETERS = {
    name
    for name, p in inspect.signature(problem).parameters.items()
    if p.kind is not inspect.Parameter.VAR_KEYWORD
}
FILLED = {"table", "column", "row", "patient"}


@cache
def trees() -> dict[str, ast.Module]:
    """Every module of the package, read once."""
    return {
        str(path.relative_to(SOURCE)): ast.parse(path.read_text(encoding="utf-8"))
        for path in sorted(SOURCE.rglob("*.py"))
    }


@cache
def calls() -> list[tuple[str, ast.Call]]:
    return [
        (f"{name}:{node.lineno}", node)
        for name, tree in trees().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("problem", "_problem")
    ]


def constants(node: ast.expr) -> list[str]:
    """Texts that an expression can be: a text, or a choice between texts."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.IfExp):
        return constants(node.body) + constants(node.orelse)
    return []


def holes(case: Case) -> set[str]:
    return {
        name
        for text in (case.what, case.why, case.todo)
        for _, name, _, _ in Formatter().parse(text)
        if name is not None
    }


def test_each_call_fills_the_holes_of_its_texts() -> None:
    known = catalogue()
    wrong = []
    checked = 0
    for where, call in calls():
        if not isinstance(call.func, ast.Name) or call.func.id != "problem":
            continue
        given = {k.arg for k in call.keywords}
        cases = constants(call.args[1]) if len(call.args) > 1 else [""]
        for id_ in constants(call.args[0]):
            if id_ not in known:
                wrong.append(f"{where}: {id_} is not in the catalogue")
                continue
            for case in cases:
                if case and case not in known[id_].cases:
                    wrong.append(f"{where}: {id_} has no case {case!r}")
                    continue
                said = known[id_].cases[case] if case else known[id_].case
                checked += 1
                missing = holes(said) - {str(g) for g in given}
                if None not in given and missing:
                    wrong.append(f"{where}: {id_} {case} lacks {sorted(missing)}")
    assert wrong == []
    assert checked > 80


def test_no_call_gives_a_hole_that_no_text_has() -> None:
    known = catalogue()
    wrong = []
    for where, call in calls():
        if not isinstance(call.func, ast.Name) or call.func.id != "problem":
            continue
        ids = [i for i in constants(call.args[0]) if i in known]
        if not ids:
            continue
        every = {
            h for i in ids for c in (known[i].case, *known[i].cases.values()) for h in holes(c)
        }
        extra = {k.arg for k in call.keywords if k.arg} - PARAMETERS - every
        if extra:
            wrong.append(f"{where}: {sorted(extra)}")
    assert wrong == []


@pytest.mark.parametrize("id_", catalogue())
def test_every_entry_can_be_explained(id_: str) -> None:
    one = catalogue()[id_]
    assert re.fullmatch(r"[a-z-]+\.[a-z-]+", id_)
    assert one.finds.endswith(".") and "{" not in one.finds
    for case in (one.case, *one.cases.values()):
        assert case.what, id_
        assert case.why.endswith("."), id_
    assert rules_text(id_).startswith(f"{id_} (")


def _written() -> str:
    return "\n".join(p.read_text(encoding="utf-8") for p in sorted(SOURCE.rglob("*.py")))


def test_every_entry_is_raised_somewhere() -> None:
    text = _written()
    # Ids that are put together from a known first part.
    parts = {
        "endpoints": r'f"endpoints\.\{',
        "personal": r'f"personal\.\{',
        "dosing": r'f"dosing\.\{',
        "imdc": r'f"\{_score\(prefix\)\}\.',
        "mskcc": r'f"\{_score\(prefix\)\}\.',
    }
    dead = []
    for id_ in catalogue():
        group, _, rest = id_.partition(".")
        if f'"{id_}"' in text:
            continue
        made = (
            group in parts
            and re.search(parts[group], text)
            and re.search(rf'"{rest}"|\.{rest}"', text)
        )
        if not made:
            dead.append(id_)
    assert dead == []


def test_every_id_of_the_source_is_in_the_catalogue() -> None:
    groups = {i.partition(".")[0] for i in catalogue()}
    known = catalogue()
    missing = []
    for where, call in calls():
        for id_ in constants(call.args[0]) if call.args else []:
            if id_.partition(".")[0] in groups and id_ not in known:
                missing.append(f"{where}: {id_}")
    assert missing == []


def makes_a_problem(tree: ast.AST) -> list[int]:
    """Lines that call the class `Problem` itself."""
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", getattr(node.func, "attr", "")) == "Problem"
    ]


def test_only_the_constructor_makes_problems() -> None:
    made = [f"{name}:{line}" for name, tree in trees().items() for line in makes_a_problem(tree)]
    assert [m.partition(":")[0] for m in made] == ["problems/making.py"]


def test_a_plural_and_a_list_are_made_in_the_text() -> None:
    one = problem("patients.orphan", table="labs", patient="7", count=1, nearest="")
    two = problem("patients.orphan", table="labs", patient="7", count=2, nearest="")
    assert one.what == "1 row of labs belongs to patient 7, who is not in patients."
    assert two.what == "2 rows of labs belong to patient 7, who is not in patients."
    twice = problem(
        "lesions.twice", table="lesions", lesion="T1", n=2, date="2014-01-01", rows=list(range(20))
    )
    assert twice.what.endswith("(rows 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, ...).")


def test_an_unknown_id_and_an_empty_hole_are_faults_of_the_program() -> None:
    with pytest.raises(KeyError):
        problem("patients.nonsense")
    with pytest.raises(KeyError):
        problem("doses.negative")
    with pytest.raises(KeyError):
        problem("patients.duplicate", "nonsense")


def test_a_case_may_have_its_own_severity() -> None:
    one = problem("columns.unused", table="labs", names=["x"])
    near = problem("columns.unused", "similar", name="x", ours="unit")
    assert (one.severity, near.severity) == (Severity.NOTE, Severity.WARNING)
    assert catalogue()["columns.unused"].severities == {Severity.NOTE, Severity.WARNING}
