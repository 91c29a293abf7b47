"""Damage in a clean study, judged: named, harmless or silent; many damages in one study at once.

Most damage stays with a few patients. Such damages, of different columns and different patients,
are planted together and the study is read once; what is not named there is planted again alone, so
that each verdict is one that the damage by itself would get or better founded.
"""

from __future__ import annotations

import random
import shutil
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from clean_study import Tables, write_study
from damages import Plant, Where

from oncohort.problems import OncohortError, Problem, Severity
from oncohort.study.study import Study, read_study

Numbers = dict[str, Any]


@dataclass(frozen=True)
class Ground:
    """A clean study and the damages that are planted in it."""

    tables: Callable[[], Tables]
    protocol: str
    kinds: dict[str, Plant]


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
    "hb": "variables.hb",
    "weight": "variables.weight",
    "best_change": "response.best_change",
}
"""Column = the key of the protocol that uses it."""
MANY = 5
"""Where more patients than this are damaged, naming the column is enough."""


def names_the_patient(problem: Problem, where: Where) -> bool:
    """Does the problem point at one of the damaged patients?"""
    if problem.severity is Severity.NOTE:
        return False
    said = f"{problem} {problem.place}"
    return problem.patient in where.patients or any(p in said for p in where.patients)


def names_the_place(problem: Problem, where: Where) -> bool:
    """Does the problem point at the damaged cells, at a patient, or at the key that uses them?"""
    if problem.severity is Severity.NOTE:
        return False
    place, said = problem.place, f"{problem} {problem.place}"
    keys = {*where.keys, *(KEYS[c] for c in where.columns if c in KEYS)}
    if place.key and any(place.key.startswith(k) for k in keys):
        return True
    if names_the_patient(problem, where):
        return True
    here = where.table in (place.file or "")
    few = 0 < len(where.patients) <= MANY
    here = here or place.file == "study.toml"
    return here and not few and any(c in said for c in where.columns)


def judged(where: Where, folder: Path, clean: tuple[set[str], Numbers]) -> tuple[str, set[str]]:
    """``named``, ``unmoved`` or ``silent``, and the ids of the problems that name the place."""

    def named(problems: Iterable[Problem]) -> set[str]:
        return {p.id for p in problems if str(p) not in clean[0] and names_the_place(p, where)}

    try:
        study = read_study(folder)
        # Most damage is told before anything is analysed, which takes most of the time.
        if told := named(study.data_problems) or named(all_problems(study)):
            return "named", told
    except OncohortError as error:
        told = named(error.problems)
        return "named" if told else "silent", told
    return "unmoved" if values_of(study) == clean[1] else "silent", set()


def verdict(where: Where, folder: Path, clean: tuple[set[str], Numbers]) -> str:
    """``named``, ``unmoved`` or ``silent``."""
    return judged(where, folder, clean)[0]


def plant(ground: Ground, kind: str, seed: int) -> tuple[Tables, Where, str]:
    """The tables with the damage, where it lies, and the protocol."""
    tables = ground.tables()
    where = ground.kinds[kind](tables, random.Random(seed))
    old, new = where.protocol
    assert old in ground.protocol
    return tables, where, ground.protocol.replace(old, new, 1) if old else ground.protocol


def planted(ground: Ground, kind: str, seed: int, folder: Path) -> Where:
    """A study with one damage, written."""
    tables, where, text = plant(ground, kind, seed)
    write_study(folder, tables, text)
    return where


@dataclass
class Batch:
    """Damages of different patients and columns in one study."""

    tables: Tables
    members: list[tuple[str, int, Where]] = field(default_factory=list)
    patients: set[str] = field(default_factory=set)
    columns: set[tuple[str, str]] = field(default_factory=set)

    def takes(self, where: Where, most: int) -> bool:
        """Is there room for a damage?"""
        own = {(where.table, c) for c in where.columns}
        if len(self.patients) + len(where.patients) > most or self.columns & own:
            return False
        return not self.patients & set(where.patients)

    def add(self, kind: str, seed: int, where: Where, damaged: Tables) -> None:
        """Put the damaged patients in the place of the whole ones."""
        self.members.append((kind, seed, where))
        self.patients |= set(where.patients)
        self.columns |= {(where.table, c) for c in where.columns}
        for name, rows in self.tables.items():
            at = next((i for i, r in enumerate(rows) if r["patient"] in where.patients), len(rows))
            rest = [r for r in rows if r["patient"] not in where.patients]
            own = [r for r in damaged[name] if r["patient"] in where.patients]
            self.tables[name] = [*rest[:at], *own, *rest[at:]]


def stays(where: Where, clean: Tables, damaged: Tables) -> bool:
    """Does the damage stay with few patients, and in rows of theirs?"""
    if where.protocol[0] or not 0 < len(where.patients) <= MANY:
        return False

    def others(tables: Tables) -> dict[str, list[dict[str, str]]]:
        return {
            n: [r for r in rows if r["patient"] not in where.patients] for n, rows in tables.items()
        }

    return others(clean) == others(damaged)


@dataclass
class Many:
    """Verdicts of many damages in one clean study."""

    ground: Ground
    clean: tuple[set[str], Numbers]
    folder: Path
    verdicts: dict[str, Counter[str]] = field(default_factory=dict)
    silent: list[tuple[str, int, Where]] = field(default_factory=list)
    ids: dict[str, Counter[str]] = field(default_factory=dict)
    """How often each problem told of each kind."""
    read: int = 0
    """Studies that were read."""
    _known: dict[str, tuple[str, set[str]]] = field(default_factory=dict)

    def of(self, kinds: Iterable[tuple[str, int]]) -> None:
        """Plant kinds at their seeds: together where they stay apart, else alone."""
        batches: list[Batch] = []
        clean = self.ground.tables()
        most = len(clean["patients"]) // 3
        for kind, seed in kinds:
            tables, where, text = plant(self.ground, kind, seed)
            if not stays(where, clean, tables):
                self._alone(kind, seed, tables, where, text)
                continue
            room = next((b for b in batches if b.takes(where, most)), None)
            if room is None:
                room = Batch(self.ground.tables())
                batches.append(room)
            room.add(kind, seed, where, tables)
        for batch in batches:
            self._together(batch)

    def _together(self, batch: Batch) -> None:
        try:
            study = read_study(self._write(batch.tables, self.ground.protocol))
            found = [p for p in study.data_problems if str(p) not in self.clean[0]]
        except OncohortError:
            found = []  # one of them ends the command: each is tried alone
        for kind, seed, where in batch.members:
            told = {p.id for p in found if names_the_patient(p, where)}
            if told:
                self._note(kind, seed, where, "named", told)
            else:
                self._alone(kind, seed, *plant(self.ground, kind, seed))

    def _alone(self, kind: str, seed: int, tables: Tables, where: Where, text: str) -> None:
        same = repr((kind, tables, text))
        if same not in self._known:
            self._known[same] = judged(where, self._write(tables, text), self.clean)
        self._note(kind, seed, where, *self._known[same])

    def _write(self, tables: Tables, text: str) -> Path:
        shutil.rmtree(self.folder / str(self.read), ignore_errors=True)
        self.read += 1
        return write_study(self.folder / str(self.read), tables, text)

    def _note(self, kind: str, seed: int, where: Where, said: str, told: set[str]) -> None:
        self.verdicts.setdefault(kind, Counter())[said] += 1
        self.ids.setdefault(kind, Counter()).update(told)
        if said == "silent":
            self.silent.append((kind, seed, where))


def seeds(kind: str, n: int) -> Iterator[int]:
    """Seeds of a kind, the same in each run."""
    from zlib import crc32

    return (crc32(f"{kind}:{k}".encode()) for k in range(n))
