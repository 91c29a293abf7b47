"""Parts of a question, that can be met one by one."""

from __future__ import annotations

from dataclasses import replace

from oncohort.twin.search import (
    INF,
    Chains,
    Cohort,
    Outcome,
    Space,
    Window,
    seed_state,
    temper,
)
from oncohort.vocabulary.boundaries import Option

PARTS = ("ratio", "low", "high", "z")


def lenient(window: Window) -> Window:
    """The window without p and interval; a p that has to lie on one side of 0.05 still does."""
    return opened(window, frozenset({"ratio"}))


def opened(window: Window, keep: frozenset[str]) -> Window:
    """The window with just some of its parts."""
    out = window
    for part in PARTS:
        if part in keep:
            continue
        if part == "z" and window.side != (-INF, INF):
            ratio, interval, _ = out.weights
            out = replace(out, z=window.side, weights=(ratio, interval, 2000.0))
        else:
            gone: dict[str, Option] = {part: (-INF, INF)}
            out = replace(out, **gone)
    return out


Part = tuple[int, int, str]
"""(term, column, part of its window)"""


def parts_of(space: Space) -> list[Part]:
    """Every bounded part of every window, ratios first."""
    out = [
        (t, c, part)
        for part in PARTS
        for t, term in enumerate(space.terms)
        for c, window in enumerate(term.windows)
        if getattr(window, part) != (-INF, INF)
    ]
    return [p for p in out if not _side_only(space, p)]


def _side_only(space: Space, part: Part) -> bool:
    window = space.terms[part[0]].windows[part[1]]
    return part[2] == "z" and window.z == window.side


def with_parts(space: Space, keep: set[Part]) -> Space:
    """The space that asks for just these parts."""
    terms = tuple(
        replace(
            term,
            windows=tuple(
                opened(w, frozenset(p for p in PARTS if (t, c, p) in keep))
                for c, w in enumerate(term.windows)
            ),
        )
        for t, term in enumerate(space.terms)
    )
    return replace(space, terms=terms)


def look(space: Space, cohort: Cohort) -> Outcome:
    none = Chains((("event", 0, 1.0),), sweeps=0, replicas=1)
    return temper(space, cohort, none, seed_state(0))


def met_parts(space: Space, cohort: Cohort) -> set[Part]:
    """Which parts a cohort meets."""
    bare = replace(space, pairs=(), marks=())
    out = set()
    for part in parts_of(space):
        t, c, _ = part
        term = space.terms[t]
        windows = tuple(
            opened(w, frozenset({part[2]})) if k == c else Window()
            for k, w in enumerate(term.windows)
        )
        windows = tuple(replace(w, side=(-INF, INF)) for w in windows)
        if part[2] != "z":
            windows = tuple(replace(w, z=(-INF, INF)) for w in windows)
        alone = replace(bare, terms=(replace(term, windows=windows),))
        if look(alone, cohort).missed <= 0:
            out.add(part)
    return out
