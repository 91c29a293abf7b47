"""Evidence within bounds: what a page holds, and the files beside it that hold everything.

A page lists patients as long as all its lists together stay small, the shortest lists first; of
the others it says how many they are. Once a list is too long for the page, the whole evidence
goes to files: one table per group, one of who was counted for which number.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import polars as pl

from oncohort.dataclass import dataclass
from oncohort.displays.behind import PageEvidence, Seen
from oncohort.documents.results import POPULATIONS
from oncohort.study.evidence.cells import in_full, in_short, with_places
from oncohort.study.evidence.groups import title_of

if TYPE_CHECKING:
    from oncohort.analyses.result import Numbers
    from oncohort.study.evidence.groups import Behind

MOST = 15_000
"""Pairs of group and patient on one page."""
FOLDER = "evidence"
"""The folder of the files."""


@dataclass(frozen=True, slots=True)
class Listed:
    """The part of the evidence for the page, and the files of all of it."""

    page: PageEvidence
    files: Mapping[str, bytes]
    """Path to content; empty where the page holds everything."""


def listed(behind: Behind, numbers: Numbers, *, most: int = MOST) -> Listed:
    """The evidence of a study's numbers within bounds.

    Parameters
    ----------
    most
        Pairs of group and patient that a page may hold.
    """
    groups_of = {name: behind.names(e.key) for name, e in numbers.items()}
    asked: dict[str, set[str]] = {}
    for name, estimate in numbers.items():
        who = estimate.members or estimate.population
        if who in numbers.populations:
            asked.setdefault(who, set()).update(groups_of[name])
    wanted, shown = _fitting(numbers, asked, most)
    whole = len(shown) == len(asked)
    page: dict[str, Mapping[str, tuple[Seen, ...]]] = {}
    files: dict[str, bytes] = {}
    full: set[str] = set()
    for group in dict.fromkeys(g for found in groups_of.values() for g in found):
        rows = behind[group] if whole else behind.make(group)
        if rows.is_empty():
            continue
        full.add(group)
        page[group] = _of_page(behind, rows, wanted.get(group, set()))
        if not whole:
            placed = with_places(rows, behind.study.records, in_full)
            files[f"{FOLDER}/{_file(group)}.parquet"] = _parquet(placed.drop("table", "column"))
    if not whole:
        files |= _who(numbers, groups_of)
    of = {name: tuple(g for g in found if g in full) for name, found in groups_of.items()}
    titles = {g: t for g in full if (t := title_of(g, behind.cohort))}
    return Listed(PageEvidence(page, titles, of, frozenset(shown), "" if whole else FOLDER), files)


def _fitting(
    numbers: Numbers, asked: Mapping[str, Iterable[str]], most: int
) -> tuple[dict[str, set[str]], set[str]]:
    """Group to the patients whose evidence the page needs; the populations that fit."""
    wanted: dict[str, set[str]] = {}
    shown: set[str] = set()
    pairs = 0
    by_size = sorted(asked, key=lambda name: (len(numbers.populations[name].patients), name))
    for name in by_size:
        patients = numbers.populations[name].patients
        if len(patients) > most:
            break
        new = {g: set(patients) - wanted.get(g, set()) for g in asked[name]}
        pairs += sum(len(those) for those in new.values())
        if pairs > most:
            break
        for group, those in new.items():
            wanted.setdefault(group, set()).update(those)
        shown.add(name)
    return wanted, shown


def _of_page(
    behind: Behind, rows: pl.DataFrame, patients: set[str]
) -> Mapping[str, tuple[Seen, ...]]:
    """Patient to phrases with cells in a few characters."""
    own = rows.filter(pl.col("patient").is_in(sorted(patients)))
    return by_patient(with_places(own, behind.study.records, in_short))


def by_patient(placed: pl.DataFrame) -> dict[str, tuple[Seen, ...]]:
    """Patient to phrases with their cells, from rows that know their places."""
    out: dict[str, list[Seen]] = {}
    for patient, text, place in placed["patient", "text", "place"].iter_rows():
        out.setdefault(patient, []).append((text or "", place or ""))
    return {patient: tuple(seen) for patient, seen in out.items()}


def _file(group: str) -> str:
    """The name of a group's file.

    Examples
    --------
    >>> _file("sensitivity.pfs|last_contact")
    'sensitivity.pfs.last_contact'
    """
    return group.replace("|", ".").rstrip(".")


def _parquet(frame: pl.DataFrame) -> bytes:
    held = io.BytesIO()
    frame.write_parquet(held, compression="zstd")
    return held.getvalue()


def _who(numbers: Numbers, groups_of: Mapping[str, tuple[str, ...]]) -> dict[str, bytes]:
    """Who was counted in each population, and which files stand behind each number."""
    populations = [
        pl.DataFrame({"patient": list(p.patients)}, schema={"patient": pl.String}).select(
            pl.lit(name).alias("population"), "patient"
        )
        for name, p in numbers.populations.items()
    ]
    lines = [
        (name, e.members or e.population, group)
        for name, e in numbers.items()
        for group in (*(_file(g) for g in groups_of[name]),)
    ]
    index = pl.DataFrame(
        lines,
        schema={"number": pl.String, "population": pl.String, "file": pl.String},
        orient="row",
    )
    out = {f"{FOLDER}/numbers.csv": index.write_csv().encode("utf-8-sig")}
    if populations:
        out[POPULATIONS] = _parquet(pl.concat(populations))
    return out
