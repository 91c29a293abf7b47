"""From printed ratios to the question of the search: covariates, models, windows, event counts."""

from __future__ import annotations

import math
import re
from dataclasses import field, replace
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from oncohort.dataclass import dataclass
from oncohort.published.figures import COHORT, ratio_key, slug
from oncohort.published.model import Categorical, Published, Ratio
from oncohort.published.rounding import HALF_EVEN, HALF_UP, Number, interval, number, probability
from oncohort.twin.search import INF, KMAX, Carrier, Mark, Space, Term, Window
from oncohort.vocabulary.words import is_missing

_MARGIN = 1e-6

FEW = 23.0
"""Ways to lie (log2) below which a variable is sought together with the events: a ratio with its
interval is met by about one way of 2^15 on each endpoint."""


@dataclass(frozen=True, slots=True)
class Contrast:
    """One printed contrast as a 0/1 column: who stands on the first side, who on the second.

    ``first``, ``second``: level keys; an empty ``second`` is "all others".
    """

    ratio: Ratio
    variable: str
    first: frozenset[str]
    second: frozenset[str]


@dataclass(slots=True)
class Covariate:
    """A variable as the search moves it: its levels over the patients, its columns.

    ``levels``: level key of each position; a cut variable has the levels ``below`` and ``above``.
    """

    key: str
    levels: tuple[str, ...]
    columns: list[frozenset[str]] = field(default_factory=list)
    """Level keys that are 1, per column."""
    cut: float | None = None
    free: tuple[int, int] | None = None
    """Least and greatest number of patients below the cut, where no count is printed."""


def of_another_test(r: Ratio) -> bool:
    """Whether the p of a ratio is said to be of another test than Wald's.

    Examples
    --------
    >>> of_another_test(Ratio("sex", p="0.03", test="log-rank")), of_another_test(Ratio("sex"))
    (True, False)
    """
    return bool(r.test) and slug(r.test) not in ("wald", "cox")


@dataclass(frozen=True, slots=True)
class Asked:
    """A model of the space with the ratios behind its windows."""

    endpoint: str
    ratios: tuple[tuple[str, int, Ratio | None, bool], ...]
    """(variable, column, ratio or None for a level that is not printed, whether the column is the
    inverse of the printed contrast)"""


@dataclass(slots=True)
class Cox:
    """All that the search needs, and what was left out with the reason."""

    covariates: list[Covariate] = field(default_factory=list)
    models: list[Asked] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)


_CUT = re.compile(r"^\s*(<=|>=|<|>|≤|≥)\s*([0-9.]+)")


def cut_of(labels: list[str]) -> float | None:
    """The threshold of a two-level variable whose labels are a cut; None if they are words.

    Examples
    --------
    >>> cut_of(["<0.8", ">=0.8"]), cut_of(["<=3", ">=4"]), cut_of(["Male", "Female"])
    (0.8, 4.0, None)
    """
    if len(labels) != 2:
        return None
    found = [_CUT.match(t) for t in labels]
    if found[0] is None or found[1] is None:
        return None
    signs, values = [m[1] for m in found if m], [float(m[2]) for m in found if m]
    if signs[0] not in ("<", "<=", "≤") or signs[1] not in (">", ">=", "≥"):
        return None
    if signs[0] == "<" and signs[1] in (">=", "≥") and values[0] == values[1]:
        return values[1]
    whole = all(v.is_integer() for v in values)
    if signs[0] in ("<=", "≤") and signs[1] in (">=", "≥") and whole and values[1] == values[0] + 1:
        return values[1]
    if signs[0] in ("<=", "≤") and signs[1] == ">" and whole and values[0] == values[1]:
        return values[1] + 1
    return None


def _levels_of(text: str, v: Categorical) -> frozenset[str]:
    """Levels that a side of a contrast names; empty if it names none."""
    want = slug(text)
    keys = [slug(level.label) for level in v.levels]
    if want in keys:
        return frozenset({want})
    parts = [slug(p) for p in re.split(r"(?<=\s)(?:or|and)(?=\s)|/|\+|,", text)]
    if len(parts) > 1 and all(p in keys for p in parts):
        return frozenset(parts)
    close = [k for k in keys if k.startswith(want) or want.startswith(k)]
    if len(close) == 1:
        return frozenset(close)
    initials = {"".join(w[0] for w in k.split("_")): k for k in keys}
    return frozenset({initials[want]}) if want in initials else frozenset()


_POSITIVE = {"yes", "positive", "present", "true"}
_NEGATIVE = {"no", "negative", "absent", "false"}


_OTHERS = {"others", "other", "rest", "all_others"}


def names_side(text: str, v: Categorical) -> bool:
    """Whether a side of a contrast names levels of a variable, all others, or nothing.

    Examples
    --------
    >>> from oncohort.published.model import Level
    >>> sex = Categorical("Sex", (Level("Male"), Level("Female")))
    >>> names_side("male", sex), names_side("others", sex), names_side("nobody", sex)
    (True, True, False)
    """
    keys = {slug(level.label) for level in v.levels}
    if not text or _levels_of(text, v) or slug(text) in _OTHERS or len(keys) == 1:
        return True
    told = any(slug(text) in words and keys & words for words in (_POSITIVE, _NEGATIVE))
    two = len(keys) == 2 and sum(k.startswith("non") for k in keys) == 1
    return told or (two and slug(text).startswith(("non", "not")))


def _sides(r: Ratio, v: Categorical) -> tuple[frozenset[str], frozenset[str]] | None:
    """Level keys of both sides of a contrast; None if they can't be told."""
    keys = frozenset(slug(level.label) for level in v.levels)
    if len(keys) == 1:
        keys |= {"other"}
    first, second = _levels_of(r.level, v), _levels_of(r.reference, v)
    if not first and not second and len(keys) == 2:
        for words in (_POSITIVE, _NEGATIVE):
            if slug(r.level) in words and keys & words:
                first = keys & words
    if not first and not second and len(keys) == 2:
        negative = frozenset(k for k in keys if k.startswith("non"))
        stated = [slug(t).startswith("non") for t in (r.level, r.reference)]
        if len(negative) == 1 and sum(stated) == 1:
            first = negative if stated[0] else keys - negative
    if first and (slug(r.reference) in _OTHERS or not r.reference):
        second = keys - first
    if second and slug(r.level) in _OTHERS:
        first = keys - second
    if len(keys) == 2 and first and not second:
        second = keys - first
    if len(keys) == 2 and second and not first:
        first = keys - second
    return (first, second) if first and second and not first & second else None


def window_of(r: Ratio | None, inverse: bool = False) -> Window:
    """Where the coefficient of a column has to lie for the ratio to be printed so."""
    if r is None:
        return Window(weights=(0.0, 0.0, 0.0))
    ends = [logs(t) for t in (r.estimate, r.low, r.high)]
    if inverse:
        turned = [(-b, -a) if (a, b) != (-INF, INF) else (a, b) for a, b in ends]
        ends = [turned[0], turned[2], turned[1]]
    confidence = number(r.confidence) if r.confidence else None
    level = float(confidence.value) / 100 if confidence is not None else 0.95
    return Window(
        ends[0], ends[1], ends[2], z_window(r.p), NormalDist().inv_cdf(0.5 + level / 2),
        (100.0, 10.0, 10.0),
    )  # fmt: skip


def logs(text: str) -> tuple[float, float]:
    """Interval of the logarithm of a printed ratio; unbounded where it says nothing.

    Examples
    --------
    >>> [round(v, 4) for v in logs("1.5")]
    [0.3716, 0.4383]
    """
    allowed = interval(text, (HALF_UP, HALF_EVEN)) if text else None
    read = number(text) if text else None
    if allowed is None or read is None or allowed.high <= 0:
        return (-INF, INF)
    margin = float(read.unit) * _MARGIN
    low = float(allowed.low) + margin
    return (math.log(low) if low > 0 else -INF, math.log(float(allowed.high) - margin))


def z_window(text: str) -> tuple[float, float]:
    """Interval of |z| of a printed two-sided p.

    Examples
    --------
    >>> [round(v, 3) for v in z_window("0.05")]
    [1.919, 2.005]
    """
    allowed = probability(text) if text else None
    read: Number | None = number(text) if text else None
    if allowed is None or read is None:
        return (-INF, INF)
    if read.exact:
        narrow = interval(read, (HALF_UP, HALF_EVEN))
        low, high = (narrow.low, narrow.high) if narrow else (allowed.low, allowed.high)
    else:
        low, high = allowed.low, allowed.high
    margin = float(read.unit) * _MARGIN
    a, b = float(low) + margin if low > 0 else 0.0, min(float(high) - margin, 1.0)
    inverse = NormalDist().inv_cdf
    return (-inverse(b / 2) if b < 1 else 0.0, -inverse(a / 2) if a > 0 else INF)


def _median_range(published: Published, name: str, threshold: float, n: int) -> tuple[int, int]:
    """How many patients can lie below a cut, by the printed median."""
    for s in published.summaries:
        if slug(s.name) == name and s.median and s.population in COHORT:
            allowed = interval(s.median)
            if allowed is None:
                continue
            if threshold <= allowed.low:
                return 1, n // 2
            if threshold > allowed.high:
                return n - n // 2, n - 1
    return 1, n - 1


def covariates_of(published: Published, counts: dict[str, int], n: int) -> list[Covariate]:
    """Every categorical variable with its counts, then variables that only a contrast cuts."""
    out = []
    for v in published.variables:
        if v.population not in COHORT or not v.exclusive:
            continue
        levels: list[str] = []
        for level in v.levels:
            key = slug(level.label)
            levels += [key] * counts.get(f"variables.{slug(v.name)}.{key}", 0)
        # A lone level has the others beside it; else patients in no level are not known.
        lost = int(v.missing) if v.missing.isdigit() else 0
        if len(v.levels) == 1:
            levels += ["other"] * (n - lost - len(levels))
        levels += ["missing"] * (n - len(levels))
        unknown = {slug(x.label) for x in v.levels if is_missing(x.label)}
        levels = ["missing" if level in unknown else level for level in levels]
        out.append(Covariate(slug(v.name), tuple(levels)))
    known = {c.key for c in out}
    for r in published.ratios:
        key, cut = slug(r.variable), _CUT.match(r.level)
        if key in known or cut is None or r.population not in COHORT:
            continue
        threshold = float(cut[2])
        least, most = _median_range(published, key, threshold, n)
        start = max(least, min(most, round(n * 0.45)))
        levels = ["below"] * start + ["above"] * (n - start)
        out.append(Covariate(key, tuple(levels), cut=threshold, free=(least, most)))
        known.add(key)
    return out


def _contrast(r: Ratio, covariate: Covariate, published: Published) -> Contrast | None:
    if covariate.cut is not None:
        match = _CUT.match(r.level)
        if match is None or float(match[2]) != covariate.cut or match[1] in ("<=", ">", "≤"):
            return None
        first = "below" if match[1] == "<" else "above"
        second = "above" if first == "below" else "below"
        return Contrast(r, covariate.key, frozenset({first}), frozenset({second}))
    v = next(v for v in published.variables if slug(v.name) == covariate.key)
    sides = _sides(r, v)
    return Contrast(r, covariate.key, *sides) if sides is not None else None


def cox_of(published: Published, counts: dict[str, int], n: int, endpoints: list[str]) -> Cox:
    """Covariates, models and columns of all printed hazard ratios of the cohort."""
    cox = Cox(covariates_of(published, counts, n))
    by_key = {c.key: c for c in cox.covariates}
    groups: dict[tuple[str, str, str], list[Contrast]] = {}
    for r in published.ratios:
        key = ratio_key(r)
        reason = ""
        if r.population not in COHORT:
            reason = "of another group of patients"
        elif r.kind != "HR" or slug(r.endpoint) not in endpoints:
            reason = "not a hazard ratio of an endpoint that is built"
        elif slug(r.variable) not in by_key:
            reason = "no counts are printed for this variable"
        elif "missing" in by_key[slug(r.variable)].levels:
            reason = "the variable has missing values"
        contrast = None if reason else _contrast(r, by_key[slug(r.variable)], published)
        if contrast is None:
            cox.left_out[key] = reason or "the two sides of the contrast could not be told"
            continue
        if of_another_test(r):  # compared where it can be, not looked for
            contrast = replace(contrast, ratio=replace(r, p=""))
        model = "" if r.model == "multivariable" else slug(r.variable)
        groups.setdefault((slug(r.endpoint), r.model or "univariable", model), []).append(contrast)
    for (endpoint, _, _), contrasts in groups.items():
        _add_model(cox, by_key, endpoint, contrasts)
    return cox


def _add_model(
    cox: Cox, by_key: dict[str, Covariate], endpoint: str, contrasts: list[Contrast]
) -> None:
    """A model per group of contrasts; contrasts of one variable that split it differently apart."""
    models: list[list[Contrast]] = [[]]
    for c in contrasts:
        same = [o for o in models[0] if o.variable == c.variable]
        whole = c.first | c.second == frozenset(by_key[c.variable].levels)
        if same and (whole or any(o.second != c.second for o in same)):
            models.append([c])
        else:
            models[0].append(c)
    for group in models:
        ratios: list[tuple[str, int, Ratio | None, bool]] = []
        for variable in dict.fromkeys(c.variable for c in group):
            own = [c for c in group if c.variable == variable]
            named = frozenset().union(*(c.first | c.second for c in own))
            for level in dict.fromkeys(by_key[variable].levels):
                if level not in named:
                    ones = frozenset({level})
                    if ones not in by_key[variable].columns:
                        by_key[variable].columns.append(ones)
                    ratios.append((variable, by_key[variable].columns.index(ones), None, False))
        for c in group:
            covariate = by_key[c.variable]
            # A column is 1 on the smaller side, so that few patients carry it.
            size = {s: sum(k in s for k in covariate.levels) for s in (c.first, c.second)}
            whole = c.first | c.second == frozenset(covariate.levels)
            inverse = whole and size[c.first] > size[c.second]
            ones = c.second if inverse else c.first
            if covariate.free is not None:
                ones, inverse = frozenset({"below"}), "below" not in c.first
            if ones not in covariate.columns:
                covariate.columns.append(ones)
            ratios.append((c.variable, covariate.columns.index(ones), c.ratio, inverse))
        if len(ratios) > KMAX:
            for _, _, ratio, _ in ratios:
                if ratio is not None:
                    cox.left_out[ratio_key(ratio)] = f"a model of more than {KMAX} columns"
            continue
        cox.models.append(Asked(endpoint, tuple(ratios)))


@dataclass(frozen=True, slots=True)
class Layout:
    """Columns in the search: which rows belong to which covariate."""

    space: Space
    values: tuple[npt.NDArray[np.float64], ...]
    used: tuple[int, ...]
    """Index of the covariate behind each carrier."""
    ratios: tuple[tuple[tuple[Ratio | None, bool], ...], ...]
    """(ratio, inverse) per term and column."""


def layout(
    cox: Cox, endpoints: list[str], template: npt.NDArray[np.float64],
    marks: tuple[Mark, ...], pairs: tuple[tuple[int, int], ...],
    impossible: frozenset[str], sides: dict[str, bool],
) -> Layout:  # fmt: skip
    """The space of the search.

    ``impossible``: keys of figures that are proven impossible: their windows are left open.
    ``sides``: by ``endpoint.variable``, whether p has to lie below 0.05 (true) or not (false).
    """
    carriers, values, used, first = [], [], [], 0
    at: dict[str, int] = {}
    for g, c in enumerate(cox.covariates):
        if not c.columns:
            continue
        rows = np.array([[float(level in ones) for level in c.levels] for ones in c.columns])
        free = c.free if c.free is not None else (0, 0)
        few = c.free is None and ways_to_lie(rows) < FEW
        carriers.append(Carrier(first, len(rows), free, few))
        values.append(rows)
        used.append(g)
        at[c.key] = first
        first += len(rows)
    terms, ratios = [], []
    # The loop tries the last ones first: models of one variable are cheap.
    for model in sorted(cox.models, key=lambda m: -len(m.ratios)):
        windows, columns, kept = [], [], []
        for variable, column, ratio, inverse in model.ratios:
            window = window_of(_possible(ratio, impossible), inverse)
            side = (
                sides.get(f"{model.endpoint}.{variable}")
                if len({v for v, *_ in model.ratios}) == 1
                else None
            )
            if side is not None:
                low, high = (1.96, INF) if side else (-INF, 1.95995)
                z = (max(window.z[0], low), min(window.z[1], high))
                if z[0] < z[1]:
                    weights = (100.0, 10.0, 10.0 if window.z != (-INF, INF) else 2000.0)
                    window = replace(window, z=z, weights=weights, side=(low, high))
            windows.append(window)
            columns.append(at[variable] + column)
            kept.append((ratio, inverse))
        terms.append(Term(endpoints.index(model.endpoint), tuple(columns), tuple(windows)))
        ratios.append(tuple(kept))
    space = Space(tuple(carriers), tuple(terms), marks, pairs, template)
    return Layout(space, tuple(values), tuple(used), tuple(ratios))


def ways_to_lie(rows: npt.NDArray[np.float64]) -> float:
    """In how many ways patients can have the values of these columns (columns, patients), as log2.

    Examples
    --------
    >>> round(ways_to_lie(np.array([[1.0] * 5 + [0.0] * 37])), 1)
    19.7
    """
    groups = np.unique(rows, axis=1, return_counts=True)[1]
    ways = math.lgamma(rows.shape[1] + 1) - sum(math.lgamma(k + 1) for k in groups)
    return ways / math.log(2)


def _possible(r: Ratio | None, impossible: frozenset[str]) -> Ratio | None:
    """The ratio without figures that no cohort can have."""
    if r is None:
        return None
    key = ratio_key(r)
    gone = {name: "" for name in ("estimate", "low", "high", "p") if f"{key}.{name}" in impossible}
    return replace(r, **gone)  # type: ignore[arg-type]
