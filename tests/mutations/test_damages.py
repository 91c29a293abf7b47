"""Every planted damage is told with its place, or the answer does not move."""

from __future__ import annotations

import random
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from clean_study import PROTOCOL, clean_tables, write_study
from damages import DAMAGES, Where

from oncohort.displays.sections import SECTIONS
from oncohort.problems import OncohortError, Problem, Severity
from oncohort.study.running import analyses_of
from oncohort.study.study import read_study

Numbers = dict[str, Any]
UNNOTICED = {
    "crp_in_mg_dl": "a tenth of a C-reactive protein is an ordinary value of it",
}
"""Kinds that nobody could notice from the chart, and why."""
PER_KIND = 2
"""Places per kind in the ordinary run; `make verify` tries many more."""


def outcome(folder: Path) -> tuple[list[Problem], Numbers]:
    """All problems, and every number by id. A study that can't be read has only problems."""
    try:
        study = read_study(folder)
        numbers = analyses_of(study, SECTIONS).numbers
    except OncohortError as error:
        return list(error.problems), {}
    values = {i: (e.value, e.low, e.high, e.n) for i, e in numbers.items()}
    found = [p for result in numbers.results for p in result.problems]
    return [*study.problems, *found], values


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> tuple[set[str], Numbers]:
    folder = write_study(tmp_path_factory.mktemp("clean") / "study", clean_tables())
    problems, values = outcome(folder)
    return {str(p) for p in problems}, values


KEYS = {
    "rfs_months": "endpoints.rfs",
    "rfs_event": "endpoints.rfs",
    "arm": "variables.arm",
    "sex": "variables.sex",
    "kps": "variables.kps",
}
"""Column = the key of the protocol that uses it."""
MANY = 5
"""Where more patients than this are damaged, naming the column is enough."""


def names_the_place(problem: Problem, where: Where) -> bool:
    """Does the problem point at the damaged cells, at a patient, or at the key that uses them?"""
    if problem.severity is Severity.NOTE:
        return False
    place, said = problem.place, f"{problem} {problem.place}"
    keys = {*where.keys, *(KEYS[c] for c in where.columns if c in KEYS)}
    if place.key and any(place.key.startswith(k) for k in keys):
        return True
    if problem.patient in where.patients or any(p in said for p in where.patients):
        return True
    here = where.table in (place.file or "")
    few = 0 < len(where.patients) <= MANY
    return here and not few and any(c in said for c in where.columns)


def verdict(where: Where, folder: Path, clean: tuple[set[str], Numbers]) -> str:
    """``named``, ``unmoved`` or ``silent``."""
    problems, values = outcome(folder)
    new = [p for p in problems if str(p) not in clean[0]]
    if any(names_the_place(p, where) for p in new):
        return "named"
    return "unmoved" if values == clean[1] else "silent"


def planted(kind: str, seed: int, folder: Path) -> Where:
    tables = clean_tables()
    where = DAMAGES[kind](tables, random.Random(seed))
    old, new = where.protocol
    assert old in PROTOCOL
    write_study(folder, tables, PROTOCOL.replace(old, new, 1) if old else PROTOCOL)
    return where


def seeds(kind: str, n: int) -> Iterator[int]:
    return (zlib.crc32(f"{kind}:{k}".encode()) for k in range(n))


def test_the_clean_study_is_clean(clean: tuple[set[str], Numbers]) -> None:
    assert [
        p for p in clean[0] if not p.startswith(("note", "warning: study.toml prognosis"))
    ] == []
    assert len(clean[1]) > 200


@pytest.mark.parametrize("kind", sorted(DAMAGES.keys() - UNNOTICED.keys()))
def test_damage_is_named_or_harmless(
    kind: str, clean: tuple[set[str], Numbers], tmp_path: Path
) -> None:
    for k, seed in enumerate(seeds(kind, PER_KIND)):
        folder = tmp_path / str(k)
        where = planted(kind, seed, folder)
        assert verdict(where, folder, clean) != "silent", (where, seed)


MANY_PLACES = 90
TOLD = 0.9
"""Of so many places, at least this share is told: a few slips make ordinary values."""


@pytest.mark.verify
@pytest.mark.parametrize("kind", sorted(DAMAGES.keys() - UNNOTICED.keys()))
def test_damage_at_many_places(kind: str, clean: tuple[set[str], Numbers], tmp_path: Path) -> None:
    silent = []
    for k, seed in enumerate(seeds(kind, MANY_PLACES)):
        folder = tmp_path / str(k)
        where = planted(kind, seed, folder)
        if verdict(where, folder, clean) == "silent":
            silent.append((where, seed))
    assert len(silent) <= (1 - TOLD) * MANY_PLACES, silent
