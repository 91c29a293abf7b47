"""The loop of ``_search.c`` in Python: the same steps in the same order, far slower."""

from __future__ import annotations

import math
from collections.abc import Sequence

from oncohort.stats.inputs import Array

KMAX, TARGET, TABLE = 12, 12, 4
_MASK = (1 << 64) - 1


class _Random:
    """xoshiro256**, on the four words of an array that is written back."""

    def __init__(self, words: Array) -> None:
        self.words, self.s = words, [int(w) for w in words]

    def _next(self) -> int:
        s = self.s
        m = (s[1] * 5) & _MASK
        m = ((m << 7) | (m >> 57)) & _MASK
        result, t = (m * 9) & _MASK, (s[1] << 17) & _MASK
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= t
        s[3] = ((s[3] << 45) | (s[3] >> 19)) & _MASK
        return result

    def uniform(self) -> float:
        return float(self._next() >> 11) * (1.0 / 9007199254740992.0)

    def below(self, n: int) -> int:
        return int(self.uniform() * n)

    def save(self) -> None:
        for k in range(4):
            self.words[k] = self.s[k]


def _outside(v: float, low: float, high: float) -> float:
    return low - v if v < low else v - high if v > high else 0.0


def _judge(t: list[float], beta: float, se: float) -> tuple[float, float]:
    energy = missed = 0.0
    parts = (
        (_outside(beta, t[0], t[1]), t[9]),
        (_outside(beta - t[8] * se, t[2], t[3]), t[10]),
        (_outside(beta + t[8] * se, t[4], t[5]), t[10]),
        (0.4 * _outside(abs(beta) / se, t[6], t[7]), t[11]),
    )
    for d, weight in parts:
        if d > 0:
            energy += d
            missed += weight
    return energy, missed


def _start(t: list[float]) -> float:
    return 0.5 * (t[0] + t[1]) if t[0] > -1e9 and t[1] < 1e9 else 0.0


def _exp(v: float) -> float:
    return math.exp(v) if v < 700 else math.inf


def _binary(
    order: list[int], event: list[int], x: list[float], t: list[float]
) -> tuple[float, float]:
    ones = zeros = hit = 0
    at_risk: list[tuple[int, int]] = []
    for r in range(len(order) - 1, -1, -1):
        one = int(x[order[r]] > 0.5)
        ones += one
        zeros += 1 - one
        if event[r]:
            at_risk.append((ones, zeros))
            hit += one
    beta, info = _start(t), 0.0
    for _ in range(15):
        w, mean, info = _exp(beta), 0.0, 0.0
        for a, b in at_risk:
            p = w * a
            p = p / (p + b)
            mean += p
            info += p * (1.0 - p)
        if info < 1e-9:
            break
        step = max(-1.5, min(1.5, (hit - mean) / info))
        beta += step
        if abs(step) < 1e-5 or abs(beta) > 9.0:
            break
    if info < 1e-9 or abs(beta) > 9.0:
        return 5.0, t[9] + 2 * t[10] + t[11]
    return _judge(t, beta, 1.0 / math.sqrt(info))


def _cholesky(m: list[list[float]], k: int) -> bool:
    for i in range(k):
        for j in range(i + 1):
            v = m[i][j]
            for c in range(j):
                v -= m[i][c] * m[j][c]
            if i == j:
                if v <= 1e-10:
                    return False
                m[i][i] = math.sqrt(v)
            else:
                m[i][j] = v / m[j][j]
    return True


def _solve(m: list[list[float]], k: int, v: list[float]) -> None:
    for i in range(k):
        for c in range(i):
            v[i] -= m[i][c] * v[c]
        v[i] /= m[i][i]
    for i in range(k - 1, -1, -1):
        for c in range(i + 1, k):
            v[i] -= m[c][i] * v[c]
        v[i] /= m[i][i]


def _newton(
    order: list[int], event: list[int], columns: list[list[float]], beta: list[float]
) -> tuple[list[float], list[list[float]]]:
    """One step and the information at ``beta``."""
    k = len(columns)
    s0, s1 = 0.0, [0.0] * k
    s2 = [[0.0] * k for _ in range(k)]
    info = [[0.0] * k for _ in range(k)]
    step = [0.0] * k
    for r in range(len(order) - 1, -1, -1):
        z = [x[order[r]] for x in columns]
        eta = 0.0
        for c in range(k):
            eta += beta[c] * z[c]
        w = _exp(eta)
        s0 += w
        for c in range(k):
            v = w * z[c]
            if v == 0.0:
                continue
            s1[c] += v
            for d in range(c + 1):
                s2[c][d] += v * z[d]
        if not event[r]:
            continue
        for c in range(k):
            mean = s1[c] / s0
            step[c] += z[c] - mean
            for d in range(c + 1):
                info[c][d] += s2[c][d] / s0 - mean * (s1[d] / s0)
    return step, info


def _counted(
    order: list[int], event: list[int], columns: list[list[float]]
) -> tuple[list[int], list[list[int]]]:
    """Ones among the events of each column, and patients of each code at risk at each event."""
    k = len(columns)
    now, hit = [0] * (1 << k), [0] * k
    at_risk = []
    for r in range(len(order) - 1, -1, -1):
        ones = [int(x[order[r]] > 0.5) for x in columns]
        now[sum(z << c for c, z in enumerate(ones))] += 1
        if event[r]:
            hit = [h + z for h, z in zip(hit, ones, strict=True)]
            at_risk.append(now[:])
    return hit, at_risk


def _counted_newton(
    hit: list[int], at_risk: list[list[int]], beta: list[float]
) -> tuple[list[float], list[list[float]]]:
    """As :func:`_newton`, from the numbers at risk of each code."""
    k = len(hit)
    weight = []
    for code in range(1 << k):
        eta = 0.0
        for c in range(k):
            eta += beta[c] * ((code >> c) & 1)
        weight.append(_exp(eta))
    step = [float(h) for h in hit]
    info = [[0.0] * k for _ in range(k)]
    for at in at_risk:
        v = [w * a for w, a in zip(weight, at, strict=True)]
        share = 1.0 / _sum(v)
        mean: list[float] = []
        for c in range(k):
            mean.append(_sum([a for m, a in enumerate(v) if (m >> c) & 1]) * share)
            step[c] -= mean[c]
            for d in range(c):
                both = 1 << c | 1 << d
                pair = _sum([a for m, a in enumerate(v) if m & both == both])
                info[c][d] += pair * share - mean[c] * mean[d]
            info[c][c] += mean[c] * (1.0 - mean[c])
    return step, info


def _sum(values: list[float]) -> float:
    """Added up one by one, as the compiled loop does."""
    total = 0.0
    for v in values:
        total += v
    return total


def _joint(
    order: list[int], event: list[int], columns: list[list[float]], targets: list[list[float]]
) -> tuple[float, float]:
    k, fine = len(columns), False
    beta = [_start(t) for t in targets]
    info: list[list[float]] = []
    few = k <= TABLE and all(v in (0.0, 1.0) for x in columns for v in x)
    counted = _counted(order, event, columns) if few else None
    for _ in range(15):
        step, info = (
            _counted_newton(*counted, beta)
            if counted is not None
            else _newton(order, event, columns, beta)
        )
        if not _cholesky(info, k):
            break
        _solve(info, k, step)
        largest = far = 0.0
        for c in range(k):
            step[c] = max(-1.5, min(1.5, step[c]))
            beta[c] += step[c]
            largest, far = max(largest, abs(step[c])), max(far, abs(beta[c]))
        if far > 9.0:
            break
        if largest < 1e-5:
            fine = True
            break
    energy = missed = 0.0
    for c, t in enumerate(targets[:k]):
        if not fine:
            missed += t[9] + 2 * t[10] + t[11]
            continue
        unit = [0.0] * k
        unit[c] = 1.0
        _solve(info, k, unit)
        e, m = _judge(t, beta[c], math.sqrt(unit[c]))
        energy += e
        missed += m
    return (energy if fine else 5.0 * k), missed


class _State:
    """One chain."""

    def __init__(self, p: _Problem, x: Array, event: Array, order: Array) -> None:
        self.x = [[float(v) for v in row] for row in x]
        self.event = [[int(v) for v in row] for row in event]
        self.order = [[int(v) for v in row] for row in order]
        self.rank = [[row.index(i) for i in range(p.n)] for row in self.order]
        done = [p.part(self, k) for k in range(p.parts)]
        self.energy = [e for e, _ in done]
        self.missed = [m for _, m in done]
        self.add()

    def add(self) -> None:
        self.total = self.miss = 0.0
        for e, m in zip(self.energy, self.missed, strict=True):
            self.total += e
            self.miss += m

    def copy(self) -> _State:
        new = object.__new__(_State)
        for name in ("x", "event", "order", "rank"):
            setattr(new, name, [row[:] for row in getattr(self, name)])
        new.energy, new.missed = self.energy[:], self.missed[:]
        new.total, new.miss = self.total, self.miss
        return new


class _Problem:
    """The constant arrays of the loop."""

    def __init__(self, call: Sequence[Array]) -> None:
        d = [int(v) for v in call[0]]
        self.n, self.endpoints, self.terms, self.pairs, self.marks = d[0], d[3], d[4], d[5], d[6]
        self.replicas, self.sweeps, self.per, self.moves = d[7:11]
        self.parts = self.terms + self.pairs + self.marks
        self.carrier, self.term, self.target = call[4].tolist(), call[5].tolist(), call[6].tolist()
        self.pair, self.template, self.move = call[7].tolist(), call[8].tolist(), call[10].tolist()
        self.mark = call[9].reshape(-1, 5).tolist()
        self.cumulative, self.temperature = call[11].tolist(), call[12].tolist()
        self.binary, self.limit = call[14].tolist(), call[15].tolist()
        self.pair_weight = float(call[16])

    def part(self, s: _State, k: int) -> tuple[float, float]:
        if k < self.terms:
            e, count, *columns = self.term[k]
            columns = columns[:count]
            if count == 1 and self.binary[columns[0]]:
                return _binary(s.order[e], s.event[e], s.x[columns[0]], self.target[k][0])
            return _joint(s.order[e], s.event[e], [s.x[c] for c in columns], self.target[k][:count])
        k -= self.terms
        if k < self.pairs:
            early, late = self.pair[k]
            bad = 0
            for p in range(self.n):
                a, b = s.rank[early][p], s.rank[late][p]
                bad += self.template[early][a] > self.template[late][b]
                bad += bool(not s.event[early][a] and s.event[late][b])
            return self.pair_weight * bad, 1e4 * bad
        return self._mark(s, self.mark[k - self.pairs])

    def _mark(self, s: _State, m: list[float]) -> tuple[float, float]:
        e, survival, best = int(m[0]), 1.0, 1e9
        for r in range(self.n + 1):
            if m[1] <= r <= m[2]:
                best = min(best, _outside(survival, m[3], m[4]))
            if r < self.n and s.event[e][r]:
                survival *= 1.0 - 1.0 / (self.n - r)
        return (best if best > 1e-12 else 0.0), (1e3 if best > 0 else 0.0)

    def touched(self, s: _State, move: tuple[int, int, int, int], k: int) -> bool:
        """Whether a move changes a part: patients with equal covariates change places unseen."""
        kind, index, i, j = move
        if k >= self.terms + self.pairs:
            return kind in (1, 4) and int(self.mark[k - self.terms - self.pairs][0]) == index
        if k >= self.terms:
            return kind in (1, 2, 4) and index in self.pair[k - self.terms]
        e, count, *columns = self.term[k]
        if kind == 2 and e == index:
            a, b = s.order[e][i], s.order[e][j]
            return any(s.x[c][a] != s.x[c][b] for c in columns[:count])
        if kind in (1, 2, 4):
            return bool(e == index)
        first, width = self.carrier[index][:2]
        return any(first <= c < first + width for c in columns[:count])


def _exchange(p: _Problem, s: _State, kind: int, index: int, i: int, j: int) -> None:
    if kind == 0:
        first, width = p.carrier[index][:2]
        for row in s.x[first : first + width]:
            row[i], row[j] = row[j], row[i]
    elif kind == 1:
        row_ = s.event[index]
        row_[i], row_[j] = row_[j], row_[i]
    elif kind == 2:
        o, rank = s.order[index], s.rank[index]
        o[i], o[j] = o[j], o[i]
        rank[o[i]], rank[o[j]] = i, j
    elif kind == 4:
        s.event[index][i] = 1 - s.event[index][i]
    else:
        x = s.x[p.carrier[index][0]]
        x[i] = 1.0 - x[i]


def _proposal(p: _Problem, s: _State, rng: _Random) -> tuple[int, int, int, int] | None:
    n, m, u = p.n, 0, rng.uniform()
    while m < p.moves - 1 and u >= p.cumulative[m]:
        m += 1
    kind, index = p.move[m]
    e = index if kind in (1, 2, 4) else rng.below(p.endpoints)
    a = rng.below(n)
    if kind == 4:
        events = sum(s.event[e]) + (-1 if s.event[e][a] else 1)
        fine = p.limit[e][0] <= events <= p.limit[e][1]
        return (kind, index, a, a) if fine else None
    if kind == 3:
        first, _, least, most = p.carrier[index]
        ones = sum(v > 0.5 for v in s.x[first]) + (-1 if s.x[first][a] > 0.5 else 1)
        return (kind, index, a, a) if least <= ones <= most else None
    if rng.uniform() < 0.4:
        b = rng.below(n)
    else:
        b = min(n - 1, max(0, a + rng.below(9) - 4))
    if a == b:
        return None
    if kind == 1:
        return (kind, index, a, b) if s.event[e][a] != s.event[e][b] else None
    if kind == 2:
        return kind, index, a, b
    i, j = s.order[e][a], s.order[e][b]
    first, width = p.carrier[index][:2]
    differ = any(row[i] != row[j] for row in s.x[first : first + width])
    return (kind, index, i, j) if differ else None


def _one_move(p: _Problem, s: _State, temperature: float, rng: _Random) -> None:
    moves: list[tuple[int, int, int, int]] = []
    touched: set[int] = set()
    for _ in range(1 if rng.uniform() < 0.5 else 2):
        move = _proposal(p, s, rng)
        if move is None:
            break
        moves.append(move)
        _exchange(p, s, *move)
        touched |= {k for k in range(p.parts) if p.touched(s, move, k)}
    if not moves:
        return
    limit = s.total - temperature * math.log(rng.uniform() + 1e-300)
    total = s.total
    for k in sorted(touched):
        total -= s.energy[k]
    kept, fresh = total <= limit, {}
    for k in sorted(touched, reverse=True):
        if not kept:
            break
        fresh[k] = p.part(s, k)
        total += fresh[k][0]
        kept = total <= limit
    if not kept:
        for move in reversed(moves):
            _exchange(p, s, *move)
        return
    for k, (e, m) in fresh.items():
        s.energy[k], s.missed[k] = e, m
    s.add()


def _better(a: _State, b: _State) -> bool:
    return a.miss < b.miss - 1e-9 or (a.miss < b.miss + 1e-9 and a.total < b.total - 1e-12)


def temper(*call: Array) -> tuple[float, float, int]:
    """The arguments of ``_search.temper``: arrays are changed in place."""
    p = _Problem(call)
    x, event, order = call[1:4]
    rng = _Random(call[13])
    chains = [_State(p, x, event, order) for _ in range(p.replicas)]
    best = chains[0].copy()
    sweeps = 0
    while sweeps < p.sweeps and best.miss > 0:
        sweeps += 1
        best = _sweep(p, chains, best, rng)
    for target, rows in ((x, best.x), (event, best.event), (order, best.order)):
        for k, row in enumerate(rows):
            target[k] = row
    rng.save()
    return best.total, best.miss, sweeps


def _sweep(p: _Problem, chains: list[_State], best: _State, rng: _Random) -> _State:
    for r in range(p.replicas):
        for _ in range(p.per):
            before = chains[r].total
            _one_move(p, chains[r], p.temperature[r], rng)
            if chains[r].total != before and _better(chains[r], best):
                best = chains[r].copy()
                if best.miss <= 0:
                    return best
    for r in range(p.replicas - 1):
        gap = (1.0 / p.temperature[r] - 1.0 / p.temperature[r + 1]) * (
            chains[r].total - chains[r + 1].total
        )
        if rng.uniform() < math.exp(min(gap, 0.0)):
            chains[r], chains[r + 1] = chains[r + 1], chains[r]
    return best
