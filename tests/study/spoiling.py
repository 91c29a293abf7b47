"""A study with one spoilt cell, against the study without it."""

from __future__ import annotations

from typing import Any

from oncohort.problems import errors
from oncohort.study.results import Results
from oncohort.study.study import Study


def numbers(results: Results) -> dict[str, Any]:
    return {i: (e.value, e.low, e.high, e.state, e.n) for i, e in results.numbers.items()}


def under(id_: str, prefixes: tuple[str, ...]) -> bool:
    return any(p == "" or id_ == p or id_.startswith((f"{p}.", f"{p}[")) for p in prefixes)


def variables_of(id_: str, prefixes: tuple[str, ...]) -> bool:
    """Is the number one of a variable that is left out?"""
    gone = [p.removeprefix("variables.") for p in prefixes if p.startswith("variables.")]
    return any(id_.startswith(f"baseline.{v}.") or f"variable={v}" in id_ for v in gone)


def check(study: Study, before: dict[str, Any], expected: tuple[str, ...]) -> None:
    """Exactly what rests on the spoilt cell is gone; the rest is the same."""
    results = study.run()
    after = numbers(results)
    found = errors(study.problems)
    assert found, "nothing was said"
    blocked = tuple(sorted({b for p in found for b in p.blocks}))
    assert blocked == expected
    gone = {i for i in before if under(i, blocked) or variables_of(i, blocked)}
    assert not {i for i in after if under(i, blocked) or variables_of(i, blocked)}
    same = {i: v for i, v in before.items() if i not in gone}
    assert {i: after.get(i) for i in same} == same
    if gone:
        assert results.left_out
