"""Lesion measurements of the built-in study: scans every 6 to 12 weeks that give a wanted course.

Trajectories are proposed at random and kept when RECIST 1.1, as written out here in a few lines
on whole millimetres, calls the wanted best response and progression at the wanted visit.
"""

from __future__ import annotations

from random import Random

from oncohort.criteria.recist.rules import RECIST_1_1
from oncohort.dataclass import dataclass

PROPOSALS = 100_000
"""Trajectories that are proposed for one patient at most."""

SMALLEST = 5
"""Millimetres below which a lesion is called too small to measure (RECIST 1.1, 4.3.2)."""

NEW_SITES = ("lung", "lung", "mediastinal lymph node", "bone", "liver", "brain", "pleura")


@dataclass(slots=True)
class Row:
    """One lesion on one scan; ``day`` counts from treatment start."""

    lesion: str
    day: int
    visit: str
    role: str
    site: str
    side: str | None
    diameter: int | None
    status: str


def scan_days(rng: Random, until: int, start: int = 0) -> list[int]:
    """Days of scans, 42 to 84 days apart, the last one on ``until``."""
    span = until - start
    least, most = -(-span // 84), span // 42
    wanted = round(span / (54 + 18 * rng.random()))
    n = max(least, min(most, wanted), 1)
    days = [round(start + span * k / n) for k in range(1, n + 1)]
    for k in range(n - 1):
        left = days[k - 1] if k else start
        shift = rng.randrange(-6, 7)
        moved = days[k] + shift
        if 42 <= moved - left <= 84 and 42 <= days[k + 1] - moved <= 84:
            days[k] = moved
    return days


def grows(now: int, nadir: int) -> bool:
    """Progression of the target sum by RECIST 1.1, in millimetres."""
    growth = now - nadir
    percent, mm = RECIST_1_1.progression_percent, RECIST_1_1.progression_mm
    return 100 * growth >= percent * nadir and growth >= mm


def _proposal(
    rng: Random, best: str, base: int, n: int, grow: bool, least: int
) -> list[int]:  # fmt: skip
    """A sum for each scan, the last one being progression where ``grow``.

    ``least``: what can be measured, if anything is left.
    """
    if best == "CR":
        at = rng.randrange(1, max(2, min(4, n - 1)))
        way = [max(least, round(base * (1 - (k + 1) / (at + 1)))) for k in range(at)]
        return way + [0] * (n - at)
    low = {"PR": 0.25 + 0.45 * rng.random(), "SD": 0.72 + 0.45 * rng.random()}.get(
        best, 0.9 + 0.5 * rng.random()
    )
    if best == "PD":
        return [round(base * (1.22 + 0.5 * rng.random() if grow else 0.85 + 0.3 * rng.random()))]
    bottom = rng.randrange(1, max(2, (2 * n) // 3 + 1))
    out: list[int] = []
    for k in range(1, n + 1):
        if k <= bottom:
            share = 1 + (low - 1) * (k / bottom) ** 0.7
        else:
            share = low * (1 + 0.19 * (k - bottom) / max(1, n - bottom) * rng.random())
        out.append(max(least, round(base * share * (1 + 0.03 * (2 * rng.random() - 1)))))
    if grow:
        nadir = min([base, *out[:-1]])
        out[-1] = nadir + max(5, -(-nadir // 5)) + rng.randrange(0, 9)
    return out


def fits(best: str, base: int, sums: list[int], grow: bool, progressed: bool) -> bool:
    """Do these sums give the best response, and target progression at the last visit only?"""
    nadir = base
    for k, now in enumerate(sums):
        last = k == len(sums) - 1
        pd = grows(now, nadir)
        if pd and not (last and grow and progressed):
            return False
        if last and grow and progressed and not pd:
            return False
        nadir = min(nadir, now)
    before = sums[:-1] if progressed else sums
    shrunk = any(10 * (base - s) >= 3 * base for s in before)
    if best == "PR":
        return shrunk and min(before) > 0
    if best == "SD":
        return bool(before) and not any(100 * (base - s) >= 28 * base for s in sums)
    return True


def _split(total: int, shares: list[float]) -> list[int]:
    """A sum over the targets, in whole millimetres, none of them too small to be measured."""
    if total == 0:
        return [0] * len(shares)
    out = [round(total * s) for s in shares[:-1]]
    out.append(total - sum(out))
    least = min(SMALLEST, total // len(shares))
    while min(out) < least:
        out[out.index(min(out))] += 1
        out[out.index(max(out))] -= 1
    return out


def lesion_rows(
    rng: Random,
    *,
    best: str,
    days: list[int],
    later: list[int],
    baseline_day: int,
    sides: list[str],
    mode: str,
    equivocal: bool = False,
) -> list[Row]:
    """All lesion rows of one patient.

    ``sides``: where the metastases are, one entry each; the first two are targets, up to three
    more are followed as non-targets. ``days``: scans up to progression (or the last scan).
    ``later``: scans beyond it. ``mode``: how progression shows: ``growth``, ``new``,
    ``non-target``, or ``none``. ``equivocal``: the new lesion is doubtful at first and certain at
    the next scan.
    """
    targets = min(2, len(sides))
    others = min(len(sides) - targets, 3)
    progressed = mode != "none"
    grow = mode == "growth"
    # A course that no scans have keeps the last proposal: the certificate then shows what it is.
    for _ in range(PROPOSALS):
        sizes = sorted((rng.randrange(11, 46) for _ in range(targets)), reverse=True)
        base = sum(sizes)
        sums = _proposal(rng, best, base, len(days), grow, SMALLEST * targets)
        if best == "CR" and grow:
            raise ValueError("a complete response ends with a new lesion here")
        if fits(best, base, sums, grow, progressed):
            break
    shares = [s / base for s in sizes]
    beyond: list[int] = []
    for _ in later:
        previous = beyond[-1] if beyond else sums[-1]
        floor = min([base, *sums])
        beyond.append(max(previous + rng.randrange(0, 7), floor) if previous else 0)
    rows: list[Row] = []
    visits = [(baseline_day, "baseline", base)]
    visits += [(d, f"scan {k}", s) for k, (d, s) in enumerate(zip(days, sums, strict=True), 1)]
    visits += [
        (d, f"scan {len(days) + k}", s)
        for k, (d, s) in enumerate(zip(later, beyond, strict=True), 1)
    ]
    end = len(days)
    new_site = rng.choice(NEW_SITES)
    for k, (day, visit, total) in enumerate(visits):
        parts = sizes if k == 0 else _split(total, shares)
        for j, size in enumerate(parts, 1):
            status = "absent" if size == 0 else "measured"
            rows.append(Row(f"T{j}", day, visit, "target", "lung", sides[j - 1], size, status))
        for j in range(1, others + 1):
            status = "present"
            if best == "CR" and k and total == 0:
                status = "absent"
            if mode == "non-target" and k >= end and j == 1:
                status = "unequivocal progression"
            side = sides[targets + j - 1]
            rows.append(Row(f"N{j}", day, visit, "non-target", "lung", side, None, status))
        if mode == "new" and k >= end:
            status = "equivocal" if equivocal and k == end else "present"
            seen = None if status == "equivocal" else 8 + 3 * (k - end) + rng.randrange(0, 5)
            where = sides[-1] if new_site in ("lung", "pleura") else None
            rows.append(Row("X1", day, visit, "new", new_site, where, seen, status))
    return rows
