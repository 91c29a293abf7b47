"""Twins into folders: one or several, stopped and gone on with."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from time import monotonic

import numpy as np

from oncohort.foreign_texts import json_of
from oncohort.problems import OutputError
from oncohort.published.model import Published
from oncohort.published.toml import to_toml
from oncohort.twin.building import build
from oncohort.twin.clashes import Clash, explained
from oncohort.twin.making import Progress, Twin, assemble, reconstruct, with_conflicts
from oncohort.twin.ordering import Found
from oncohort.twin.patients import Patient
from oncohort.twin.plan import Plan, make_plan
from oncohort.twin.search import Cohort
from oncohort.twin.typed import read_typed
from oncohort.twin.writing import check_target, unwritable
from oncohort.vocabulary.boundaries import Parsed
from oncohort.vocabulary.plurals import counted
from oncohort.whole_files import write_whole

SEARCH = "search.json"


def save_search(folder: Path, key: str, seed: int, found: Found) -> None:
    """Store the best cohort of a search."""
    c = found.cohort
    data = {
        "figures": key,
        "seed": seed,
        "tries": found.tries,
        "sweeps": found.sweeps,
        "missed": found.missed,
        "energy": found.energy,
        "x": c.x.astype(float).tolist(),
        "event": c.event.tolist(),
        "order": c.order.tolist(),
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(folder / SEARCH, f"{json.dumps(data)}\n".encode(), mode=0o644)
    except OSError as error:
        raise unwritable(folder, error) from error


def load_search(folder: Path, key: str, seed: int) -> Found | None:
    """The stored cohort, if it is of the same figures and seed."""
    try:
        data = json_of((folder / SEARCH).read_text(encoding="utf-8"))
        if data["figures"] != key or data["seed"] != seed:
            return None
        return _found(data)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def stored(name: str) -> tuple[Plan, Found, int]:
    """Plan, cohort and seed of an example."""
    from oncohort.published.toml import parse_published
    from oncohort.twin.examples import figures_text, search_text

    stored = json.loads(search_text(name))
    published = parse_published(figures_text(name), source=f"{name}.toml")
    plan = make_plan(published, stored["searched_with"]["events"])
    plan.notes.insert(0, f"{stored['about']} Its command: `{stored['searched_with']['command']}`")
    return plan, _found(stored), stored["seed"]


def example(name: str, conflicts: int = 0, progress: Progress | None = None) -> Twin:
    """The built-in twin of an example's figures: no search, the cohort is stored.

    ``conflicts``: trials of each set of figures, to find them anew; 0: those that are stored.

    Examples
    --------
    >>> twin = example("lung_metastases")
    >>> twin.certificate.n, twin.certificate.count("met", "ratio")
    (42, 25)
    """
    from oncohort.twin.examples import search_text

    plan, found, seed = stored(name)
    twin = assemble(plan, found, seed)
    if conflicts:
        return with_conflicts(twin, plan, found, conflicts, progress)
    kept = json.loads(search_text(name)).get("conflicts")
    if kept is None:
        return twin
    told = {k: Clash(tuple(c["keys"]), *c["size"]) for k, c in kept["found"].items()}
    return replace(twin, certificate=explained(twin.certificate, told, kept["trials"]))


def example_patients(name: str) -> list[Patient]:
    """The patients of a built-in twin, before they are charted."""
    plan, found, seed = stored(name)
    return build(plan, found.cohort, seed).patients


def _found(data: Mapping[str, Parsed]) -> Found:
    order = np.array(data["order"], dtype=np.int32)
    columns = len(data["x"])  # none where the paper has no ratio
    cohort = Cohort(
        np.array(data["x"], dtype=np.float64).reshape(columns, order.shape[1]),
        np.array(data["event"], dtype=np.int32),
        order,
    )
    return Found(cohort, data["missed"], data["energy"], data["tries"], data["sweeps"])


def run_twins(
    figures: Path | Published, out: Path, *, seed: int, count: int, time_budget: float | None,
    tries: int,
    progress: Progress, events: Mapping[str, int] | None = None, ratios_first: bool = False,
    pairs_first: int | None = None, left_out: tuple[str, ...] = (), workers: int = 1,
    conflicts: int = 0,
) -> Iterator[tuple[Twin, Path]]:  # fmt: skip
    """Make, write and give each twin; several go to ``twin-1``, ``twin-2``, ... below the folder.

    ``left_out``: what of a paper was not asked for, to be said in the certificate;
    ``time_budget``: None for no limit, so that the number of tries alone ends the search.

    Raises
    ------
    ReadError
        The figures can't be read.
    OutputError
        The folder holds something else, or can't be written.
    """
    published = figures if isinstance(figures, Published) else read_typed(figures)
    make_plan(published, events)  # complains before anything is written
    asked = to_toml(published) + repr(sorted((events or {}).items())) * bool(events)
    key = hashlib.sha256(asked.encode()).hexdigest()
    end = None if time_budget is None else monotonic() + time_budget
    for k in range(count):
        share = None if end is None else max(1.0, end - monotonic()) / (count - k)
        folder = out if count == 1 else out / f"twin-{k + 1}"
        check_target(folder)
        own = seed + k
        begun = load_search(folder, key, own)
        if begun is not None and begun.tries:
            progress(f"{folder}: going on after {counted(begun.tries, 'try', 'tries')}")
        last: list[Found] = [begun] if begun is not None else []

        def keep(
            found: Found, folder: Path = folder, own: int = own, last: list[Found] = last
        ) -> None:
            last[:] = [found]
            save_search(folder, key, own, found)

        try:
            twin = reconstruct(
                published, seed=own, time_budget=share, tries=tries, progress=progress,
                start=begun, keep=keep, events=events, ratios_first=ratios_first,
                pairs_first=pairs_first, left_out=left_out, workers=workers, conflicts=conflicts,
            )  # fmt: skip
        except KeyboardInterrupt:
            if not last:
                raise
            after = f"after {counted(last[0].tries, 'try', 'tries')}"
            best = f"the best cohort {after}" if last[0].tries else "a cohort before any search"
            progress(f"{folder}: stopped; {best} is written; the same command goes on from there")
            twin = assemble(make_plan(published, events, left_out), last[0], own)
            yield twin, twin.write(folder)
            return
        yield twin, twin.write(folder)


__all__ = ["OutputError", "load_search", "run_twins", "save_search"]
