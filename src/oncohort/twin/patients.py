"""Everything of a patient but measurements: response, treatment, doses, adverse events, laid out so
that all counts hold at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field

import numpy as np

from oncohort.dataclass import dataclass


@dataclass(slots=True)
class Patient:
    """One synthetic patient; times in days from treatment start."""

    pfs: int
    progressed: bool
    os: int
    dead: bool
    without_progression: bool = False
    """The early event is the death itself."""
    response: str = ""
    treated: int = 0
    stop: str = "progression"
    reduced: bool = False
    interrupted: bool = False
    escalated: bool = False
    values: dict[str, str | float | None] = field(default_factory=dict)
    events: dict[str, int] = field(default_factory=dict)
    """Worst grade by term."""


def lay_responses(
    patients: Sequence[Patient], counts: Mapping[str, int], rng: np.random.Generator
) -> list[str]:
    """Give each patient a best response; what could not be placed comes back.

    Progressive disease goes to those who progressed first, responses to those who went on longest,
    with chance in between.
    """
    n = len(patients)
    order = sorted(range(n), key=lambda i: patients[i].pfs)
    open_ = [i for i in order if not patients[i].without_progression]
    for i in order:
        if patients[i].without_progression:
            patients[i].response = "NE"
    for i in [i for i in open_ if patients[i].progressed][: counts.get("pd", 0)]:
        patients[i].response = "PD"
    left = [i for i in open_ if not patients[i].response]
    for code in ("CR", "PR"):
        # A response needs a scan before the one that shows progression.
        able = [i for i in left if patients[i].pfs >= (98 if patients[i].progressed else 56)]
        rank = {i: k for k, i in enumerate(able)}
        power = 2.0 if code == "CR" else 1.0
        weight = np.array([(1 + rank[i]) ** power for i in able], dtype=float)
        k = min(counts.get(code.lower(), 0), len(able))
        if k:
            chosen = rng.choice(len(able), k, replace=False, p=weight / weight.sum())
            for c in chosen:
                patients[able[int(c)]].response = code
        left = [i for i in left if not patients[i].response]
    for i in left:
        patients[i].response = "SD"
    got = {
        c: sum(p.response == c.upper() for p in patients) for c in ("cr", "pr", "sd", "pd", "ne")
    }
    return [c for c, k in got.items() if c in counts and counts[c] != k]


def lay_treatment(
    patients: Sequence[Patient], days: Sequence[int], counts: Mapping[str, int],
    rng: np.random.Generator,
) -> None:  # fmt: skip
    """Time on treatment, reason to stop, dose changes.

    ``days``: times on treatment to share out (empty: until progression, or going on). ``counts``:
    unknowns of the counts' system whose names begin with ``treated.``.
    """
    from scipy.optimize import linear_sum_assignment

    n = len(patients)
    if days:
        pfs = np.array([p.pfs for p in patients], dtype=float)
        os_ = np.array([p.os for p in patients], dtype=float)
        d = np.array(days, dtype=float)
        # Who has no progression is not treated far beyond the last scan.
        weight = np.array([1.0 if p.progressed else 4.0 for p in patients])
        cost = weight[:, None] * np.abs(np.log(d[None, :] / np.maximum(pfs, 1)[:, None]))
        cost += 100.0 * (d[None, :] >= os_[:, None])
        rows, columns = linear_sum_assignment(cost)
        for i, k in zip(rows, columns, strict=True):
            patients[int(i)].treated = int(days[int(k)])
    else:
        for p in patients:
            p.treated = max(1, min(p.os - 1, p.pfs + int(rng.integers(0, 15))))
    reasons = {
        k.removeprefix("treated.stopped."): v
        for k, v in counts.items()
        if k.startswith("treated.stopped.")
    }
    order = sorted(range(n), key=lambda i: (patients[i].progressed, rng.random()))
    for reason, count in reasons.items():
        if reason == "progression":
            continue
        chosen = sorted(order, key=lambda i: not _suits(patients[i], reason))[:count]
        for i in chosen:
            patients[i].stop = reason if reason in _REASONS else "other"
        order = [i for i in order if i not in chosen]
    if not reasons and not days:  # nothing is printed of treatment: it goes on until progression
        for p in patients:
            if not p.progressed or p.without_progression:
                p.stop = "death" if p.dead and p.treated >= p.os - 1 else "ongoing"
    left = n - sum(reasons.values()) if reasons else 0
    for i in order[:left]:
        patients[i].stop = "other"
    for kind in ("reduced", "interrupted", "escalated"):
        wanted = counts.get(f"treated.{kind}", 0)
        able = [i for i in range(n) if patients[i].treated >= 28] or list(range(n))
        weight = np.array([1 + max([0, *patients[i].events.values()]) for i in able], dtype=float)
        k = min(wanted, len(able))
        for c in rng.choice(len(able), k, replace=False, p=weight / weight.sum()) if k else ():
            setattr(patients[able[int(c)]], kind, True)


def _suits(p: Patient, reason: str) -> bool:
    """Whether a patient can have stopped for this reason."""
    if reason == "toxicity":
        return bool(p.events)
    return p.dead if reason == "death" else True


_REASONS = ("progression", "toxicity", "death", "completed", "choice", "other")


OTHER = "other_events"
"""Term of events that the paper counts among "any" and lists nowhere."""


def lay_events(
    patients: Sequence[Patient], counts: Mapping[str, int], overall: str, rng: np.random.Generator
) -> bool:
    """Share out adverse events; ``counts`` by ``<term>.<worst grade>``; False if it can't be done.

    ``overall``: the row that counts patients with any event; its grades are the patients' worst.
    """
    terms: dict[str, dict[int, int]] = {}
    for name, count in counts.items():
        term, _, grade = name.rpartition(".")
        terms.setdefault(term, {})[int(grade)] = count
    worst = terms.pop(overall, None) if overall else None
    dead = [i for i, p in enumerate(patients) if p.dead]
    for _ in range(200):
        given = _share(len(patients), terms, worst, dead, rng)
        if given is not None:
            for p, own in zip(patients, given, strict=True):
                p.events = own
            return True
    return False


def _share(
    n: int, terms: Mapping[str, Mapping[int, int]], worst: Mapping[int, int] | None,
    dead: Sequence[int], rng: np.random.Generator,
) -> list[dict[str, int]] | None:  # fmt: skip
    given: list[dict[str, int]] = [{} for _ in range(n)]
    order = rng.permutation(n).tolist()
    if worst is not None and worst.get(5):  # only who died can have died of an event
        order.sort(key=lambda i: i not in dead)
    top = dict.fromkeys(range(n), 5)
    if worst is not None:
        at = 0
        top = dict.fromkeys(range(n), 0)
        for grade in range(5, 0, -1):
            for i in order[at : at + worst.get(grade, 0)]:
                top[int(i)] = grade
            at += worst.get(grade, 0)
    for grade in range(5, 0, -1):
        slots = [t for t, g in terms.items() for _ in range(g.get(grade, 0))]
        rng.shuffle(slots)
        bare = [i for i in range(n) if worst is not None and top[i] == grade]
        for i in bare:  # each of them needs this very grade once
            room = [t for t in slots if t not in given[i]]
            if not room:  # an event that the paper does not list
                given[i][OTHER] = grade
                continue
            most = max(set(room), key=lambda t: (room.count(t), t))
            pick = most if rng.random() < 0.5 else room[int(rng.integers(len(room)))]
            given[i][pick] = grade
            slots.remove(pick)
        for t in slots:
            able = [i for i in range(n) if top[i] >= grade and t not in given[i]]
            able = [i for i in able if i in dead] if grade == 5 else able
            if not able:
                return None
            given[able[int(rng.integers(len(able)))]][t] = grade
    return given


def durations(
    n: int, low: tuple[float, float], median: tuple[float, float], high: tuple[float, float],
    rng: np.random.Generator,
) -> list[int]:  # fmt: skip
    """``n`` different days with a printed range and median; each limit is an interval of days."""
    first, middle, last = sum(low) / 2, sum(median) / 2, sum(high) / 2
    q = (np.arange(n) + 0.5) / n
    shape = np.where(
        q <= 0.5,
        first + (middle - first) * (q / 0.5) ** 1.1,
        middle + (last - middle) * (np.maximum(q - 0.5, 0) / 0.5) ** 1.8,
    )
    days = np.round(shape + rng.normal(size=n) * 0.02 * middle).astype(int)
    days = np.sort(days)
    k = n // 2
    lower, upper = range(k if n % 2 else k - 1), range(k + 1, n)
    inside = int(np.ceil(median[0])), int(np.floor(median[1]))
    for i in lower:
        days[i] = min(days[i], inside[0] - (k - i))
    for i in upper:
        days[i] = max(days[i], inside[1] + (i - k))
    days[k] = inside[1]
    if n % 2 == 0:
        days[k - 1] = inside[0]
    days[0], days[-1] = (
        int(np.ceil(low[0] + (low[1] - low[0]) / 2)),
        int(high[1] - (high[1] - high[0]) / 2),
    )
    days[1:-1] = np.clip(days[1:-1], days[0] + 1, days[-1] - 1)
    return [max(1, int(d)) for d in days]
