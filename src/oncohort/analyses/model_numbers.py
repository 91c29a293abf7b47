"""What the regressions of several sections share: labels, counts per level."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import polars as pl

from oncohort.analyses.counting import COHORT, Path
from oncohort.analyses.cox_models import Contrast
from oncohort.analyses.result import Curve, Estimate, Fields, Population, key_of
from oncohort.endpoints.cohort import VariableInfo


def compared(contrast: Contrast) -> str:
    """What a ratio compares: "CRP, high against low", "Age, per 1 year"."""
    info = contrast.term.info
    if contrast.level is not None:
        reference = info.levels.get(info.reference or "", "")
        return f"{info.label}, {info.levels[contrast.level]} against {reference}"
    if info.kind == "continuous":
        return f"{info.label}, {info.effect.step(info.unit) or f'per 1 {info.unit}'}".rstrip()
    return info.label


def levels_of(contrast: Contrast, **levels: str) -> dict[str, str]:
    """The levels by which a ratio is known: its variable, and of a factor with several its own."""
    info = contrast.term.info
    own = {"level": contrast.level} if contrast.level and len(info.levels) > 2 else {}
    return {**levels, "variable": info.key, **own}


def forest(
    path: Path, label: str, ratio: tuple[str, str], model: str, rows: Sequence[Fields]
) -> Curve:
    """Rows of a forest plot; ``ratio`` is the key and the name of what is drawn."""
    names = ("variable", "level", "reference", ratio[0], "low", "high", "p")
    return Curve(
        key_of(*path, "forest", model=model),
        f"{label}: {ratio[1]}",
        {name: tuple(row[name] for row in rows) for name in names},
        population=COHORT,
    )


def forest_row(contrast: Contrast, name: str, ratio: Estimate, p: float | None) -> Fields:
    """One row of :func:`forest`."""
    return {
        "variable": contrast.term.info.key,
        "level": contrast.level,
        "reference": contrast.term.info.reference,
        name: ratio.value,
        "low": ratio.low,
        "high": ratio.high,
        "p": p,
    }


def per_level(
    path: Path, label: str, variable: VariableInfo, frame: pl.DataFrame, event: tuple[str, str]
) -> tuple[list[Estimate], list[Population]]:
    """Patients and events of each level; ``event`` is the column, and its name in words."""
    out: list[Estimate] = []
    populations: list[Population] = []
    rows = list(frame["patient", variable.key, event[0]].iter_rows())
    for level, name in variable.levels.items():
        part = tuple(patient for patient, own, _ in rows if own == level)
        happened = tuple(patient for patient, own, dead in rows if own == level and dead)
        for what, words, those in (("n", "patients", part), ("events", event[1], happened)):
            key = key_of(*path, what, level=level, variable=variable.key)
            who = Population(key.id, f"{variable.label}: {name}", those)
            populations.append(who)
            out.append(
                Estimate(
                    key,
                    f"{label}, {variable.label}: {name}, {words}",
                    len(those),
                    kind="count",
                    n=frame.height,
                    unit="patients",
                    population=COHORT,
                    members=who.id,
                    method="count",
                )
            )
    return out, populations


def screened(
    path: Path, names: Iterable[str], p_enter: float, estimates: Iterable[Estimate]
) -> list[str]:
    """Candidates whose univariate p lies below ``p_enter``: of a factor the joint one."""
    ps = {e.key: e.value for e in estimates}
    chosen = []
    for name in names:
        keys = (key_of(*path, what, model="uni", variable=name) for what in ("p_overall", "p"))
        p = next((ps[key] for key in keys if ps.get(key) is not None), None)
        if p is not None and p < p_enter:
            chosen.append(name)
    return chosen
