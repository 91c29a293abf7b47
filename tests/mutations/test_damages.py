"""Every planted damage is told with its place, or the answer does not move."""

from __future__ import annotations

import random
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import clean_study
import reduced_study
from clean_study import Tables, write_study
from damages import DAMAGES, Plant, Where
from damages_reduced import REDUCED

from oncohort.problems import OncohortError, Problem, Severity
from oncohort.study.study import Study, read_study

Numbers = dict[str, Any]


@dataclass(frozen=True)
class Ground:
    """A clean study and the damages that are planted in it."""

    tables: Callable[[], Tables]
    protocol: str
    kinds: dict[str, Plant]


GROUNDS = {
    "nine sheets": Ground(clean_study.clean_tables, clean_study.PROTOCOL, DAMAGES),
    "reduced": Ground(reduced_study.clean_tables, reduced_study.PROTOCOL, REDUCED),
}
UNNOTICED = {
    "crp_in_mg_dl": "a tenth of a C-reactive protein is an ordinary value of it",
    "crp_one_in_mg_dl": "a hundredth of a C-reactive protein is an ordinary value of it",
    "crp_half_in_mg_dl": "the tenths overlap with the others",
    "crp_zero_three_times": "a C-reactive protein below the limit is often written 0",
    "os_flag_beyond_pfs": "progression-free survival may be censored long before death",
    "stable_with_minus_60": "a response that was not confirmed is stable disease",
    "sex_blank_for_three": "a blank is a missing value, and is counted under the table",
    "site_unknown_word": "a word for missing is a missing value, and is counted under the table",
    "reference_of_nobody": "a table without a model has no reference; the level is printed with 0",
}
"""Kinds that nobody could notice from the chart, and why."""
PER_KIND = 2
"""Places per kind in the ordinary run; `make verify` tries many more."""


def outcome(folder: Path) -> tuple[list[Problem], Numbers]:
    """All problems, and every number by id. A study that can't be read has only problems."""
    try:
        study = read_study(folder)
        return all_problems(study), values_of(study)
    except OncohortError as error:
        return list(error.problems), {}


def all_problems(study: Study) -> list[Problem]:
    """What `check` and the fits say of a study."""
    found = [p for result in study.analysed.numbers.results for p in result.problems]
    return [*study.problems, *found]


def values_of(study: Study) -> Numbers:
    """Every number of a study by id."""
    return {i: (e.value, e.low, e.high, e.n) for i, e in study.analysed.numbers.items()}


Clean = dict[str, tuple[set[str], Numbers]]


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Clean:
    out: Clean = {}
    for name, ground in GROUNDS.items():
        folder = tmp_path_factory.mktemp("clean") / "study"
        problems, values = outcome(write_study(folder, ground.tables(), ground.protocol))
        out[name] = {str(p) for p in problems}, values
    return out


KEYS = {
    "rfs_months": "endpoints.rfs",
    "rfs_event": "endpoints.rfs",
    "os_months": "endpoints.os",
    "os_event": "endpoints.os",
    "pfs_months": "endpoints.pfs",
    "pfs_event": "endpoints.pfs",
    "arm": "variables.arm",
    "sex": "variables.sex",
    "kps": "variables.kps",
    "site": "variables.site",
    "crp": "variables.crp",
    "ldh": "variables.ldh",
    "nlr": "variables.nlr",
    "best_change": "response.best_change",
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
    here = here or place.file == "study.toml"
    return here and not few and any(c in said for c in where.columns)


def verdict(where: Where, folder: Path, clean: tuple[set[str], Numbers]) -> str:
    """``named``, ``unmoved`` or ``silent``."""

    def named(problems: Iterable[Problem]) -> bool:
        return any(names_the_place(p, where) for p in problems if str(p) not in clean[0])

    try:
        study = read_study(folder)
        # Most damage is told before anything is analysed, which takes most of the time.
        if named(study.data_problems) or named(all_problems(study)):
            return "named"
    except OncohortError as error:
        return "named" if named(error.problems) else "silent"
    return "unmoved" if values_of(study) == clean[1] else "silent"


def planted(ground: Ground, kind: str, seed: int, folder: Path) -> Where:
    tables = ground.tables()
    where = ground.kinds[kind](tables, random.Random(seed))
    old, new = where.protocol
    assert old in ground.protocol
    text = ground.protocol.replace(old, new, 1) if old else ground.protocol
    write_study(folder, tables, text)
    return where


def seeds(kind: str, n: int) -> Iterator[int]:
    return (zlib.crc32(f"{kind}:{k}".encode()) for k in range(n))


ALL = [(g, k) for g, ground in GROUNDS.items() for k in sorted(ground.kinds)]
NOTICEABLE = [(g, k) for g, k in ALL if k not in UNNOTICED]


@pytest.mark.parametrize("ground", GROUNDS)
def test_the_clean_study_is_clean(ground: str, clean: Clean) -> None:
    assert [
        p for p in clean[ground][0] if not p.startswith(("note", "warning: study.toml prognosis"))
    ] == []
    assert len(clean[ground][1]) > 150


@pytest.mark.parametrize(("ground", "kind"), NOTICEABLE)
def test_damage_is_named_or_harmless(ground: str, kind: str, clean: Clean, tmp_path: Path) -> None:
    for k, seed in enumerate(seeds(kind, PER_KIND)):
        folder = tmp_path / str(k)
        where = planted(GROUNDS[ground], kind, seed, folder)
        assert verdict(where, folder, clean[ground]) != "silent", (where, seed)


MANY_PLACES = 45
TOLD = 0.9
"""Of so many places, at least this share is told: a few slips make ordinary values."""


@pytest.mark.verify
@pytest.mark.parametrize(("ground", "kind"), NOTICEABLE)
def test_damage_at_many_places(ground: str, kind: str, clean: Clean, tmp_path: Path) -> None:
    silent = []
    for k, seed in enumerate(seeds(kind, MANY_PLACES)):
        folder = tmp_path / str(k)
        where = planted(GROUNDS[ground], kind, seed, folder)
        if verdict(where, folder, clean[ground]) == "silent":
            silent.append((where, seed))
    assert len(silent) <= (1 - TOLD) * MANY_PLACES, silent


def test_the_page_has_every_kind() -> None:
    """`scripts/measure_damage.py` writes the page; a kind that was added since must be measured."""
    page = (Path(__file__).parents[2] / "docs" / "robustness.md").read_text("utf-8")
    table = page[page.index("## Every kind of damage") :]
    rows = [line.split(" | ")[0].removeprefix("| ") for line in table.split("\n")]
    kinds = [k.replace("_", " ") for ground in GROUNDS.values() for k in ground.kinds]
    assert sorted(r for r in rows if r in set(kinds)) == sorted(kinds)
    for kind, why in UNNOTICED.items():
        assert f"| {kind.replace('_', ' ')} | not noticed: {why} |" in table
