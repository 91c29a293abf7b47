"""Wide sheets with a column per lesion and scan: `Scan 1 L1`, `L1 CT2`, `Target 3 baseline`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from oncohort.dataclass import dataclass
from oncohort.records.names import fold
from oncohort.records.profile import Profile
from oncohort.vocabulary.phrases import one_of, phrases

_NUMBER = re.compile(r"\d+")
_UNIT = re.compile(r"(?<!\s)\s*+[\(\[][^()\[\]]*[\)\]]\s*$")
_BASELINE = re.compile(rf"\b(?:at )?(?:{one_of('baseline_first')}|{one_of('baseline_last')})\b")
_SIZE = re.compile(r"\b(?:size|mm|cm|diameter|ld|diam|durchmesser|diam[eè]tre|di[aá]metro)\b")


@dataclass(frozen=True, slots=True)
class LesionGrid:
    """Columns of the sizes of each lesion at each scan."""

    pattern: str
    """With ``{n}`` for the scan and ``{lesion:...}`` for the lesion."""
    baseline: str | None
    """The pattern of the sizes before treatment, where their names have no scan's number."""
    columns: tuple[str, ...]
    scans: int
    """Number of scans after the start."""


@dataclass(frozen=True, slots=True)
class _Cell:
    name: str
    lesion: str
    scan: str | None
    """None: before treatment."""
    pattern: tuple[str, str, str]
    """What stands before, between and behind the numbers (the lesion's alone where it is one)."""
    lesion_first: bool = True


def _stem(text: str, group: str) -> bool:
    words = fold(text).split()
    known = phrases(f"stem_{group}")
    return bool(words) and (words[-1] in known or " ".join(words[-2:]) in known)


def _cell(name: str) -> _Cell | None:
    """What a name says of a lesion and a scan; None where it does not say both."""
    bare = _UNIT.sub("", name)
    spans = [m.span() for m in _NUMBER.finditer(bare)]
    if len(spans) == 2:
        (a, b), (c, d) = spans
        first, second = bare[:a], bare[b:c]
        parts = (first, second, bare[d:])
        tail = _SIZE.sub("", fold(bare[d:])).strip()
        if tail:
            return None
        if _stem(first, "lesions") and _stem(second, "scans"):
            return _Cell(name, bare[a:b], bare[c:d], parts)
        if _stem(first, "scans") and _stem(second, "lesions"):
            return _Cell(name, bare[c:d], bare[a:b], parts, lesion_first=False)
        return None
    if len(spans) != 1 or not _BASELINE.search(fold(bare)):
        return None
    a, b = spans[0]
    before, behind = bare[:a], bare[b:]
    rest = _SIZE.sub("", _BASELINE.sub("", fold(before + " # " + behind)))
    stem = rest.replace("#", "").strip()
    if stem not in phrases("stem_lesions"):
        return None
    return _Cell(name, bare[a:b], None, (before, "", behind))


def lesion_grid(names: Sequence[str], held: Mapping[str, Profile]) -> LesionGrid | None:
    """The sizes of lesions at scans, of which each has a column of its own.

    Examples
    --------
    >>> from oncohort.records.profile import profile
    >>> names = ("Baseline L1", "Baseline L2", "Scan 1 L1", "Scan 1 L2", "Scan 2 L1", "Scan 2 L2")
    >>> found = lesion_grid(names, {n: profile([31, 28]) for n in names})
    >>> found.pattern, found.baseline
    ('Scan {n} L{lesion:1|2}', 'Baseline L{lesion:1|2}')
    """
    cells = [
        c for n in names if held[n].mostly in ("number", "empty") and (c := _cell(n)) is not None
    ]
    grids: dict[tuple[str, ...], list[_Cell]] = {}
    for cell in cells:
        shape = (*map(fold, cell.pattern), str(cell.lesion_first), str(cell.scan is None))
        grids.setdefault(shape, []).append(cell)
    later = [g for g in grids.values() if g[0].scan is not None]
    if not later:
        return None
    grid = max(later, key=len)
    lesions = sorted({c.lesion for c in grid}, key=int)
    if len(grid) < 2 or not any(held[c.name].mostly == "number" for c in grid):
        return None
    hole = f"{{lesion:{'|'.join(lesions)}}}"
    before, between, behind = grid[0].pattern
    first, second = (hole, "{n}") if grid[0].lesion_first else ("{n}", hole)
    early = [g for g in grids.values() if g[0].scan is None and {c.lesion for c in g} & {*lesions}]
    start = max(early, key=len) if early else []
    return LesionGrid(
        f"{before}{first}{between}{second}{behind}",
        f"{start[0].pattern[0]}{hole}{start[0].pattern[2]}" if start else None,
        tuple(c.name for c in (*grid, *start)),
        len({c.scan for c in grid}),
    )


__all__ = ["LesionGrid", "lesion_grid"]
