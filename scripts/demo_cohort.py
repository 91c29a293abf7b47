"""How the patients of the built-in study fare: outcomes first, then covariates that go with them.

Nothing here is a patient. Times are drawn, then each covariate is laid over the patients by
swapping who has it until hazard ratios and p-values of both endpoints come near the printed ones.
Random numbers come from :class:`random.Random` alone, whose stream is the same everywhere.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from random import Random

import numpy as np

N = 42
MONTH = 30.4375
PFS_MEDIAN = 319
OS_MEDIAN = 919
PFS_CENSORED = (24, 28, 33, 38, 41)
"""Ranks (by PFS, from 1) of those without progression or death."""
OS_EVENTS = 30

# Covariate: level that the ratio is for, how many have it, (HR, p) for PFS and for OS.
TARGETS: dict[str, tuple[int, tuple[float, float], tuple[float, float]]] = {
    "imdc_poor": (9, (3.89, 0.012), (3.54, 0.018)),
    "crp_high": (15, (3.92, 0.0083), (4.07, 0.0073)),
    "sarcomatoid": (6, (1.80, 0.163), (2.92, 0.037)),
    "non_clear_cell": (4, (1 / 0.53, 0.35), (1 / 0.57, 0.29)),
    "no_nephrectomy": (5, (1 / 0.45, 0.1), (1 / 0.43, 0.089)),
    "bilateral": (18, (1 / 0.57, 0.1), (1 / 0.53, 0.18)),
    "four_or_more": (19, (1 / 0.68, 0.3), (1 / 0.61, 0.3)),
    "cytokine": (14, (1.13, 0.7), (1.17, 0.7)),
    "male": (30, (1.32, 0.42), (1.44, 0.42)),
    "under_60": (17, (0.78, 0.5), (0.56, 0.23)),
}


@dataclass(slots=True)
class Course:
    """One patient: times in days from treatment start, and the covariates laid over later."""

    pfs: int
    progressed: bool
    treated: int
    stop: str
    os: int
    dead: bool
    response: str
    has: dict[str, bool] = field(default_factory=dict)
    imdc: str = "intermediate"


def km_median(times: list[int], events: list[bool]) -> tuple[float, int]:
    """Kaplan-Meier median (midpoint where the curve is exactly 0.5), and whose it is."""
    order = sorted(range(len(times)), key=lambda i: (times[i], not events[i]))
    s = 1.0
    at_half: int | None = None
    for rank, i in enumerate(order):
        if not events[i]:
            continue
        if at_half is not None:
            return (times[at_half] + times[i]) / 2, at_half
        s *= 1 - 1 / (len(order) - rank)
        if abs(s - 0.5) < 1e-9:
            at_half = i
        elif s < 0.5:
            return float(times[i]), i
    return math.inf, -1


def _pfs_times(rng: Random) -> list[int]:
    """42 distinct times, shortest first; the 21st and 22nd on either side of the median."""
    times = [58, 64, 71, 79]
    for rank in range(5, N + 1):
        q = (rank - 0.5) / N
        day = PFS_MEDIAN * (-math.log(1 - q) / math.log(2)) ** (1 / 1.5)
        day *= 1 + 0.03 * (2 * rng.random() - 1)
        times.append(max(round(day), times[-1] + 2, 91))
    for rank in range(5, 21):
        times[rank - 1] = min(times[rank - 1], PFS_MEDIAN - 2 * (21 - rank))
    times[20], times[21] = PFS_MEDIAN, PFS_MEDIAN + 1
    for rank in range(23, N + 1):
        times[rank - 1] = max(times[rank - 1], times[rank - 2] + 2)
    return times


def _treatment(rng: Random, pfs: list[int]) -> list[int] | None:
    """Days on treatment: past progression for those who stopped for it; None if the draw misfits.

    The range (2 to 39 months) and the median (13.2) are set on the patients nearest to them.
    """
    days: list[int] = []
    for rank, t in enumerate(pfs, 1):
        if rank in PFS_CENSORED[1:]:  # stopped for toxicity, scans went on without the drug
            days.append(round(t * (0.35 + 0.5 * rng.random())))
        elif rank in PFS_CENSORED:  # stopped for symptoms without progression on the scan
            days.append(t + 12)
        else:
            beyond = -math.log(1 - rng.random()) * 75
            days.append(t + (3 if beyond < 15 else round(min(beyond, 300))))
    days[0] = 61
    days[N - 1] = 1187
    if max(days[:-1]) > 1150 or min(days[1:]) < 63:
        return None
    order = sorted(range(N), key=lambda i: days[i])
    low, high = order[20], order[21]
    if not (385 <= days[low] <= 401 and 402 <= days[high] <= 420):
        return None
    if any(r - 1 in (low, high) for r in PFS_CENSORED) or max(pfs[low], pfs[high]) > 400:
        return None
    days[low], days[high] = 401, 402
    return days


def _survival(rng: Random, pfs: list[int], treated: list[int]) -> list[tuple[int, bool]] | None:
    """OS: time after the end of treatment, scaled until the median stands at 30.2 months."""
    alive = {r - 1 for r in PFS_CENSORED}
    others = [i for i in range(N) if i not in alive]
    weight = {i: rng.random() * (0.4 + i / N) for i in others}
    alive |= set(sorted(others, key=lambda i: -weight[i])[: N - OS_EVENTS - len(alive)])
    after = [-math.log(1 - rng.random()) for _ in range(N)]
    scanned = {r - 1: 7 + rng.randrange(0, 60) for r in PFS_CENSORED[1:]}  # until last contact
    floor = [max(pfs[i], treated[i]) + 21 for i in range(N)]
    events = [i not in alive for i in range(N)]

    def times(scale: float) -> list[int]:
        out: list[int] = []
        for i in range(N):
            t = min(floor[i] + round(after[i] * scale), 2980 - 7 * i)
            if i in scanned:
                t = pfs[i] + scanned[i]
            while t in out:
                t += 1
            out.append(t)
        return out

    low, high = 50.0, 2500.0
    for _ in range(40):
        mid = (low + high) / 2
        low, high = (mid, high) if km_median(times(mid), events)[0] < OS_MEDIAN else (low, mid)
    found = times(high)
    median = km_median(found, events)[0]
    if abs(median - OS_MEDIAN) > 1.5 or max(found) < 1800:
        return None
    return list(zip(found, events, strict=True))


def _responses(rng: Random, pfs: list[int]) -> list[str]:
    """Best responses: progression at the first scan, complete responses late, partial between."""
    out = ["SD"] * N
    for i in range(4):
        out[i] = "PD"
    late = [i for i in range(27, N) if i + 1 not in PFS_CENSORED]
    out[late[-2]] = "CR"
    out[PFS_CENSORED[3] - 1] = "CR"
    rest = [i for i in range(7, N) if out[i] == "SD"]
    weight = {i: rng.random() * (0.3 + i / N) for i in rest}
    for i in sorted(rest, key=lambda i: -weight[i])[:14]:
        out[i] = "PR"
    return out


class Fits:
    """Univariate Cox fits of many 0/1 covariates at once (no tied times)."""

    def __init__(self, times: list[int], events: list[bool]) -> None:
        self.order = np.argsort(times, kind="stable")
        self.event = np.array(events)[self.order]

    def __call__(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Log hazard ratio and -log10 of the Wald p, for each row of ``x`` (fits, patients)."""
        z = x[:, self.order].astype(float)
        ones = np.cumsum(z[:, ::-1], axis=1)[:, ::-1][:, self.event]
        zeros = np.cumsum(1 - z[:, ::-1], axis=1)[:, ::-1][:, self.event]
        observed = z[:, self.event].sum(axis=1)
        beta = np.zeros(len(z))
        info = np.ones(len(z))
        for _ in range(12):
            w = np.exp(beta)[:, None] * ones
            p = w / (w + zeros)
            info = (p * (1 - p)).sum(axis=1)
            beta = np.clip(beta + np.clip((observed - p.sum(axis=1)) / info, -1, 1), -5, 5)
        z_wald = np.abs(beta) * np.sqrt(info)
        tail = np.array([math.erfc(v / math.sqrt(2)) for v in z_wald])
        return beta, -np.log10(np.maximum(tail, 1e-12))


def _swaps(x: np.ndarray) -> np.ndarray:
    """All vectors that differ from ``x`` by one exchange between those with and without."""
    on, off = np.flatnonzero(x), np.flatnonzero(~x)
    a, b = (g.ravel() for g in np.meshgrid(on, off, indexing="ij"))
    out = np.repeat(x[None, :], len(a), axis=0)
    rows = np.arange(len(a))
    out[rows, a] = False
    out[rows, b] = True
    return out


def lay_over(rng: Random, name: str, pfs: Fits, os: Fits) -> tuple[np.ndarray, float]:
    """Who has a covariate: the best of several descents by exchanges."""
    count, *wanted = TARGETS[name]

    def loss(x: np.ndarray) -> np.ndarray:
        total = np.zeros(len(x))
        for fits, (hr, p) in zip((pfs, os), wanted, strict=True):
            beta, log_p = fits(x)
            total += ((beta - math.log(hr)) / 0.1) ** 2 + ((log_p + math.log10(p)) / 0.15) ** 2
        return total

    best: tuple[float, np.ndarray] | None = None
    for _ in range(4):
        order = list(range(N))
        rng.shuffle(order)
        x = np.zeros(N, dtype=bool)
        x[order[:count]] = True
        now = float(loss(x[None, :])[0])
        while True:
            near = _swaps(x)
            scores = np.round(loss(near), 6)  # equal on every machine
            k = int(np.argmin(scores))
            if scores[k] >= now - 1e-5:
                break
            x, now = near[k], float(scores[k])
        if best is None or now < best[0]:
            best = (now, x)
    assert best is not None
    return best[1], best[0]


TRIO = ("imdc_poor", "crp_high", "sarcomatoid")
JOINT = {
    "pfs": (("imdc_poor", 1.72, 0.147), ("crp_high", 3.19, 0.024)),
    "os": (("imdc_poor", 2.78, 0.042), ("crp_high", 3.38, 0.022), ("sarcomatoid", 1.77, 0.193)),
}
"""The multivariable models: (HR, p) of each covariate, p of the least possible where impossible."""


def joint_fits(fits: Fits, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Log hazard ratios and -log10 of the Wald p of many models; ``x`` is (models, patients, k)."""
    z = x[:, fits.order].astype(float)
    beta = np.zeros((z.shape[0], z.shape[2]))
    info = np.zeros((z.shape[0], z.shape[2], z.shape[2]))
    products = z[:, :, :, None] * z[:, :, None, :]
    for _ in range(9):
        w = np.exp(np.einsum("bnk,bk->bn", z, beta))
        s0 = np.cumsum(w[:, ::-1], axis=1)[:, ::-1][:, fits.event]
        s1 = np.cumsum((w[..., None] * z)[:, ::-1], axis=1)[:, ::-1][:, fits.event]
        s2 = np.cumsum((w[..., None, None] * products)[:, ::-1], axis=1)[:, ::-1][:, fits.event]
        mean = s1 / s0[..., None]
        info = (s2 / s0[..., None, None] - mean[..., None] * mean[:, :, None, :]).sum(axis=1)
        score = (z[:, fits.event] - mean).sum(axis=1)
        step = np.linalg.solve(info, score[..., None])[..., 0]
        beta = np.clip(beta + np.clip(step, -1, 1), -5, 5)
    variance = np.diagonal(np.linalg.inv(info), axis1=1, axis2=2)
    z_wald = np.abs(beta) / np.sqrt(variance)
    tail = np.vectorize(lambda v: math.erfc(v / math.sqrt(2)))(z_wald)
    return beta, -np.log10(np.maximum(tail, 1e-12))


def polish(has: dict[str, np.ndarray], pfs: Fits, os: Fits) -> float:
    """Exchange patients within the three covariates that share models; changes ``has``."""
    ends = {"pfs": pfs, "os": os}

    def alone(name: str, x: np.ndarray) -> np.ndarray:
        total = np.zeros(len(x))
        for fits, (hr, p) in zip((pfs, os), TARGETS[name][1:], strict=True):
            beta, log_p = fits(x)
            total += ((beta - math.log(hr)) / 0.1) ** 2 + ((log_p + math.log10(p)) / 0.15) ** 2
            if p < 0.05:  # what is printed as significant stays so
                total += 1e3 * np.maximum(0, -math.log10(0.048) - log_p)
        return total

    def together(name: str | None, x: np.ndarray) -> np.ndarray:
        total = np.zeros(len(x))
        for end, model in JOINT.items():
            columns = [
                x if n == name else np.repeat(has[n][None, :], len(x), axis=0) for n, _, _ in model
            ]
            beta, log_p = joint_fits(ends[end], np.stack(columns, axis=2))
            for k, (_, hr, p) in enumerate(model):
                total += ((beta[:, k] - math.log(hr)) / 0.1) ** 2
                total += ((log_p[:, k] + math.log10(p)) / 0.15) ** 2
                if p < 0.05:
                    total += 1e3 * np.maximum(0, -math.log10(0.048) - log_p[:, k])
        return total

    own = {n: float(alone(n, has[n][None, :])[0]) for n in TRIO}
    now = sum(own.values()) + float(together(None, has["crp_high"][None, :])[0])
    stuck = 0
    while stuck < len(TRIO):
        for name in TRIO:
            near = _swaps(has[name])
            single = alone(name, near)
            keep = np.argsort(np.round(single, 6), kind="stable")[:120]
            rest = sum(v for n, v in own.items() if n != name)
            scores = np.round(single[keep] + rest + together(name, near[keep]), 6)
            k = int(np.argmin(scores))
            if scores[k] < now - 1e-5:
                has[name], now, stuck = near[keep[k]], float(scores[k]), 0
                own[name] = float(single[keep[k]])
            else:
                stuck += 1
    return now


def outcomes(rng: Random) -> list[Course]:
    """Times of all patients; draws are repeated until the medians can be met."""
    pfs = _pfs_times(rng)
    while True:
        treated = _treatment(rng, pfs)
        if treated is None:
            continue
        survival = _survival(rng, pfs, treated)
        if survival is not None:
            break
    responses = _responses(rng, pfs)
    return [
        Course(
            pfs=pfs[i],
            progressed=i + 1 not in PFS_CENSORED,
            treated=treated[i],
            stop="toxicity" if i + 1 in PFS_CENSORED[1:] else "progression",
            os=survival[i][0],
            dead=survival[i][1],
            response=responses[i],
        )
        for i in range(N)
    ]


def cohort(seed: int, draws: int = 40, polished: int = 16) -> list[Course]:
    """The patients, in no meaningful order: the best of several draws of outcomes."""
    tries: list[tuple[float, list[Course], dict[str, np.ndarray], Fits, Fits]] = []
    for draw in range(draws):
        rng = Random(seed * 1000 + draw)
        courses = outcomes(rng)
        pfs = Fits([c.pfs for c in courses], [c.progressed for c in courses])
        os = Fits([c.os for c in courses], [c.dead for c in courses])
        laid = {name: lay_over(rng, name, pfs, os) for name in TARGETS}
        has = {name: x for name, (x, _) in laid.items()}
        tries.append((sum(score for _, score in laid.values()), courses, has, pfs, os))
    tries.sort(key=lambda t: t[0])
    best: tuple[float, list[Course]] | None = None
    for _, courses, has, pfs, os in tries[:polished]:
        score = polish(has, pfs, os)
        if best is None or score < best[0]:
            best = (score, courses)
            for name, x in has.items():
                for c, flag in zip(courses, x.tolist(), strict=True):
                    c.has[name] = flag
    assert best is not None
    courses = best[1]
    rng = Random(seed)
    others = [c for c in courses if not c.has["imdc_poor"]]
    weight = [(rng.random() + (0.5 if c.response in ("CR", "PR") else 0), c) for c in others]
    weight.sort(key=lambda pair: -pair[0])
    for rank, (_, c) in enumerate(weight):
        c.imdc = "favorable" if rank < 10 else "intermediate"
    for c in courses:
        if c.has["imdc_poor"]:
            c.imdc = "poor"
    return courses
