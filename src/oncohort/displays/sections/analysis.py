"""What a section says of each of its analyses: one row of the matrix in the docs."""

from __future__ import annotations

from collections.abc import Callable

from oncohort.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Analysis:
    """One analysis that a study can ask for, and everything that belongs to it.

    `docs/analyses/matrix.md` is written from these rows (`scripts/write_matrix.py`); a test holds
    that every section has at least one, and that what a row names is there.

    Parameters
    ----------
    name
        What a paper calls it.
    key
        Key of `study.toml` that asks for it, with `*` for a key that the study chooses:
        ``endpoints.*.by``.
    ids
        Paths of its numbers, with `*` for a key of the study: ``survival.*.logrank``.
    guard
        Ids of the problems that keep it from misleading.
    r
        What does the same in R; "none" with a reason where nothing does.
    page
        Its page below `docs/`.
    table, figure
        The functions of the section that show it; None where it has no table, or no figure.
    sentence
        The function whose sentences say its results, where it is not the `sentences` of the
        section; Methods come from the analysis itself.
    stats
        Names in `oncohort.stats` that it reaches.
    """

    name: str
    key: str
    ids: tuple[str, ...]
    guard: tuple[str, ...]
    r: str
    page: str
    table: Callable[..., object] | None = None
    figure: Callable[..., object] | None = None
    sentence: Callable[..., object] | None = None
    stats: tuple[str, ...] = ()
