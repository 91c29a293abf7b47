"""Write synthetic papers, right ones and ones with a planted error, and measure the audit on them.

    python scripts/make_audit_corpus.py FOLDER [--papers 240] [--seed 1] [--measure]

Each paper reports a simulated cohort whose every figure was computed by ``oncohort.stats``. It is
printed in one of several layouts, as plain text, JATS XML, Word or PDF. Half of the papers have
one planted error each. ``manifest.json`` says which; ``--measure`` audits them all and prints the
table of ``docs/audit.md``.
"""

from __future__ import annotations

import argparse
import io
import json
import textwrap
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import numpy as np

FORMATS = ("txt", "xml", "docx", "pdf")
MONTH = 30.4375


# ---- a cohort and its figures -----------------------------------------------------------------


@dataclass(slots=True)
class Row:
    """One contrast of a prognostic table; the strings are what is printed."""

    variable: str
    first: str
    second: str
    values: dict[str, dict[str, str]] = field(default_factory=dict)


@dataclass(slots=True)
class Figures:
    """Everything that a paper prints, as strings; planting an error changes one of them."""

    n: int
    variables: dict[str, list[list[str]]]
    age: list[str]
    responses: list[list[str]]
    rates: dict[str, dict[str, str]]
    medians: dict[str, dict[str, str]]
    landmarks: list[list[str]]
    events: list[list[str]]
    rows: list[Row]
    cross: list[list[list[str]]]
    cross_p: list[str]
    cross_names: list[str]
    arms: tuple[int, int]
    t_test: dict[str, str]
    p_kind: str
    stated: dict[str, str] = field(default_factory=dict)


def percent(count: int, n: int, digits: int) -> str:
    return f"{100 * count / n:.{digits}f}"


def p_text(p: float, digits: int = 3) -> str:
    small = 10.0**-digits
    return f"<{small:.{digits}f}" if p < small else f"{p:.{digits}f}"


def _split(rng: np.random.Generator, n: int, levels: int) -> np.ndarray:
    """Levels of a variable, none of them nearly empty."""
    while True:
        x = rng.choice(levels, n, p=rng.dirichlet(np.full(levels, 4.0)))
        if np.bincount(x, minlength=levels).min() >= max(3, n // 20):
            return x


VARIABLES: tuple[tuple[str, tuple[str, ...], tuple[str, str]], ...] = (
    ("Sex", ("Male", "Female"), ("male", "female")),
    ("Prior surgery", ("Yes", "No"), ("yes", "no")),
    ("Histology", ("Clear cell", "Non-clear cell"), ("clear cell", "non-clear cell")),
    ("Risk group", ("Favorable", "Intermediate", "Poor"), ("poor", "others")),
    ("C-reactive protein", ("<0.8 mg/dL", "≥0.8 mg/dL"), ("≥0.8", "<0.8")),
    ("Tumor stage", ("I", "II", "III"), ("", "")),
)
EVENTS = ("Fatigue", "Hypertension", "Diarrhea", "Skin rash", "Nausea", "Mucositis", "Anorexia")


def simulate(seed: int, *, p_kind: str = "", n: int = 0) -> Figures:
    """A cohort with tied or untied times, and all its figures."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _simulate(np.random.default_rng(seed), p_kind, n)


def _simulate(rng: np.random.Generator, p_kind: str, n: int) -> Figures:
    n = n or int(rng.integers(26, 130))
    digits = int(rng.choice([0, 1, 1, 1, 2]))
    columns = {name: _split(rng, n, len(levels)) for name, levels, _ in VARIABLES}
    variables = {
        name: [
            [label, str(count), percent(count, n, digits)]
            for label, count in zip(levels, np.bincount(columns[name]).tolist(), strict=True)
        ]
        for name, levels, _ in VARIABLES
    }
    ages = np.clip(rng.normal(63, 10, n).round(), 25, 92).astype(int)
    high = columns["C-reactive protein"] == 1
    poor = columns["Risk group"] == 2
    risk = np.exp(rng.normal(0.5, 0.5) * high + rng.normal(0.5, 0.5) * poor)
    os_time = rng.exponential(26.0 / risk)
    pfs_time = np.minimum(rng.exponential(11.0 / risk), os_time)
    censor = rng.uniform(6, 60, n)
    os_event, pfs_event = os_time <= censor, pfs_time <= censor
    os_time, pfs_time = np.minimum(os_time, censor), np.minimum(pfs_time, censor)
    grid = rng.choice(["days", "months", "visits"])
    if grid == "months":
        os_time, pfs_time = np.ceil(os_time), np.ceil(pfs_time)
    elif grid == "visits":
        visit = 42 / MONTH
        seen = np.ceil(pfs_time / visit) * visit
        pfs_time = np.where(pfs_event & ~(pfs_time == os_time), np.minimum(seen, os_time), pfs_time)
    times = {"PFS": (pfs_time, pfs_event), "OS": (os_time, os_event)}
    kind = p_kind or str(rng.choice(["wald", "wald", "lr", "log-rank"]))
    counts = rng.multinomial(n, rng.dirichlet([1, 4, 5, 3]))
    responses = [
        [name, str(int(c)), percent(int(c), n, digits)]
        for name, c in zip(("CR", "PR", "SD", "PD"), counts, strict=True)
    ]
    rates = {
        "ORR": _rate(int(counts[:2].sum()), n, rng),
        "DCR": _rate(int(counts[:3].sum()), n, rng),
    }
    arm = rng.random(n) < 0.5
    if not 5 <= arm.sum() <= n - 5:
        arm = np.arange(n) < n // 2
    cross, cross_p, cross_names = _cross(rng, columns, arm)
    figures = Figures(
        n=n,
        variables=variables,
        age=[f"{np.median(ages):.0f}", str(ages.min()), str(ages.max())],
        responses=responses,
        rates=rates,
        medians=_medians(times, rng),
        landmarks=_landmarks(*times["OS"]),
        events=_events(rng, n, digits),
        rows=_rows(columns, times, kind, rng),
        cross=cross,
        cross_p=cross_p,
        cross_names=cross_names,
        arms=(int(arm.sum()), int(n - arm.sum())),
        t_test=_t_test(ages, arm),
        p_kind=kind,
    )
    figures.stated = {
        "orr": figures.rates["ORR"]["percent"],
        "PFS": figures.medians["PFS"]["median"],
        "OS": figures.medians["OS"]["median"],
        "men": variables["Sex"][0][1],
        "men_percent": variables["Sex"][0][2],
        "event": figures.events[1][1],
        "event_percent": figures.events[1][2],
    }
    for row in figures.rows:
        for model in ("univariable", "multivariable"):
            value = row.values.get(f"OS {model}")
            if value:
                figures.stated[f"{row.variable} {model}"] = value["p"]
    return figures


def _rate(x: int, n: int, rng: np.random.Generator) -> dict[str, str]:
    from oncohort.stats.proportions import METHODS, proportion

    found = proportion(x, n, str(rng.choice(list(METHODS))))
    low, high = max(found.low, 0.0), min(found.high, 1.0)
    return {
        "count": str(x),
        "percent": f"{100 * found.value:.1f}",
        "low": f"{100 * low:.1f}",
        "high": f"{100 * high:.1f}",
    }


def _medians(times: dict[str, Any], rng: np.random.Generator) -> dict[str, dict[str, str]]:
    from oncohort.stats import kaplan_meier

    out = {}
    interval = str(rng.choice(["log-log", "log", "plain"]))
    for name, (time, event) in times.items():
        found = kaplan_meier(time, event, interval=interval).median
        out[name] = {
            key: "" if value is None or not np.isfinite(value) else f"{value:.1f}"
            for key, value in (("median", found.value), ("low", found.low), ("high", found.high))
        }
    return out


def _landmarks(time: Any, event: Any) -> list[list[str]]:
    from oncohort.stats import kaplan_meier

    curve = kaplan_meier(time, event).curve
    out = []
    for year in (1, 2):
        before = curve.time <= 12 * year
        value = curve.survival[before][-1] if before.any() else 1.0
        out.append([str(year), f"{100 * float(value):.1f}"])
    return out


def _events(rng: np.random.Generator, n: int, digits: int) -> list[list[str]]:
    seen = rng.random((n, len(EVENTS))) < rng.uniform(0.1, 0.5, len(EVENTS))
    severe = seen & (rng.random(seen.shape) < 0.2)
    out = []
    for name, a, b in (
        ("Any adverse event", seen.any(axis=1), severe.any(axis=1)),
        *((EVENTS[k], seen[:, k], severe[:, k]) for k in range(len(EVENTS))),
    ):
        x, y = int(a.sum()), int(b.sum())
        out.append([name, str(x), percent(x, n, digits), str(y), percent(y, n, digits)])
    return out


def _rows(
    columns: dict[str, Any], times: dict[str, Any], kind: str, rng: np.random.Generator
) -> list[Row]:
    ties = str(rng.choice(["efron", "breslow"]))
    binary = {
        "Sex": columns["Sex"] == 0,
        "Prior surgery": columns["Prior surgery"] == 0,
        "Histology": columns["Histology"] == 0,
        "Risk group": columns["Risk group"] == 2,
        "C-reactive protein": columns["C-reactive protein"] == 1,
    }
    sides = {name: both for name, _, both in VARIABLES}
    rows = [Row(name, *sides[name]) for name in binary]
    for endpoint, (time, event) in times.items():
        for row in rows:
            value = fit(time, event, binary[row.variable], kind, ties)
            if value:
                row.values[f"{endpoint} univariable"] = value
        joint = ["Risk group", "C-reactive protein"]
        matrix = np.column_stack([binary[v] for v in joint]).astype(float)
        for k, name in enumerate(joint):
            value = fit(time, event, matrix, "wald", ties, k)
            if value:
                next(r for r in rows if r.variable == name).values[f"{endpoint} multivariable"] = (
                    value
                )
    return rows


def fit(
    time: Any, event: Any, x: Any, kind: str = "wald", ties: str = "efron", column: int = 0
) -> dict[str, str]:
    """Hazard ratio, interval and p of a Cox model as printed; empty where it has no estimate."""
    from scipy.special import chdtrc

    from oncohort.stats import cox, logrank
    from oncohort.stats.errors import TooFewGroupsError

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = cox(time, event, np.asarray(x, float), ties=ties)
        hr, low, high = (float(v[column]) for v in (found.hr, found.low, found.high))
        if not (np.isfinite([hr, low, high]).all() and low > 0.01 and high < 99):
            return {}
        p = float(found.p[column])
        if kind == "lr":
            p = float(chdtrc(1, max(2 * (found.loglik - found.loglik_null), 0.0)))
        elif kind == "log-rank":
            try:
                p = float(logrank(time, event, np.asarray(x).astype(int)).p)
            except TooFewGroupsError:
                return {}
    return {"hr": f"{hr:.2f}", "low": f"{low:.2f}", "high": f"{high:.2f}", "p": p_text(p)}


def _cross(
    rng: np.random.Generator, columns: dict[str, Any], arm: Any
) -> tuple[list[list[list[str]]], list[str], list[str]]:
    from oncohort.audit.checks.cross_tables import cross_p

    test = str(rng.choice(["chi-squared", "chi-squared with Yates's correction", "Fisher"]))
    tables, ps, names = [], [], []
    for name in ("Sex", "Prior surgery", "Histology"):
        counts = [
            [int(((columns[name] == k) & side).sum()) for side in (arm, ~arm)] for k in (0, 1)
        ]
        found = cross_p(*counts[0], *counts[1])
        if found:
            sizes = (int(arm.sum()), int((~arm).sum()))
            tables.append(
                [[f"{c} ({percent(c, sizes[k], 1)})" for k, c in enumerate(r)] for r in counts]
            )
            ps.append(p_text(found[test]))
            names.append(name)
    return tables, ps, names


def _t_test(ages: Any, arm: Any) -> dict[str, str]:
    from scipy.special import stdtr

    a, b = ages[arm], ages[~arm]
    df = len(a) + len(b) - 2
    pooled = (a.var(ddof=1) * (len(a) - 1) + b.var(ddof=1) * (len(b) - 1)) / df
    t = float((a.mean() - b.mean()) / np.sqrt(pooled * (1 / len(a) + 1 / len(b))))
    p = float(2 * stdtr(df, -abs(t)))
    return {"t": f"{t:.2f}", "df": str(df), "p": p_text(p)}


# ---- planted errors ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Planted:
    """An error: what was printed instead of what, and the rules that should speak of it."""

    kind: str
    figures: tuple[str, ...]
    rules: tuple[str, ...]


Plant = Callable[[Figures, np.random.Generator], "Planted | None"]
PLANTS: dict[str, Plant] = {}


def _plant(function: Plant) -> Plant:
    PLANTS[function.__name__.removeprefix("_").replace("_", "-")] = function
    return function


@_plant
def _count(f: Figures, rng: np.random.Generator) -> Planted | None:
    """A count that its percentage denies."""
    levels = f.variables[str(rng.choice(["Sex", "Prior surgery", "Tumor stage"]))]
    level = levels[int(rng.integers(len(levels)))]
    step = max(2, f.n // 20)
    level[1] = str(int(level[1]) + int(rng.choice([-step, step])))
    if not 1 <= int(level[1]) <= f.n:
        return None
    return Planted("count", (level[1],), ("counts.percentage", "counts.sum"))


@_plant
def _levels(f: Figures, rng: np.random.Generator) -> Planted | None:
    """Levels that add up to too many patients, with the right percentages."""
    levels = f.variables["Tumor stage"]
    digits = len(levels[0][2].partition(".")[2])
    level = levels[int(rng.integers(len(levels)))]
    count = int(level[1]) + max(3, f.n // 12)
    if count > f.n:
        return None
    level[1], level[2] = str(count), percent(count, f.n, digits)
    return Planted("levels", (level[1],), ("counts.sum",))


@_plant
def _median_twice(f: Figures, rng: np.random.Generator) -> Planted | None:
    """A median that the abstract prints differently."""
    if not f.stated["OS"]:
        return None
    value = f"{float(f.stated['OS']) + float(rng.choice([0.4, 1.1, 2.7])):.1f}"
    f.stated["OS"] = value
    return Planted("median-twice", (value,), ("twice.median",))


@_plant
def _rate_twice(f: Figures, rng: np.random.Generator) -> Planted | None:
    """A response rate that the abstract prints differently."""
    value = float(f.stated["orr"]) + float(rng.choice([6.0, 9.5]))
    if value > 100:
        return None
    f.stated["orr"] = f"{value:.1f}"
    return Planted("rate-twice", (f.stated["orr"],), ("twice.rate", "responses.rate"))


@_plant
def _p_twice(f: Figures, rng: np.random.Generator) -> Planted | None:
    """A p-value that lost a zero between table and text."""
    for key in ("C-reactive protein univariable", "Risk group univariable"):
        p = f.stated.get(key, "")
        if p.startswith("0.0") and 0 < float(p) < 0.05:
            f.stated[key] = "0." + p[3:] + "0"
            return Planted("p-twice", (f.stated[key],), ("twice.p",))
    return None


@_plant
def _responses_sum(f: Figures, rng: np.random.Generator) -> Planted | None:
    """Best responses of too many patients."""
    level = f.responses[2]
    digits = len(level[2].partition(".")[2])
    count = int(level[1]) + max(3, f.n // 10)
    if count > f.n:
        return None
    level[1], level[2] = str(count), percent(count, f.n, digits)
    return Planted("responses-sum", (level[1],), ("responses.sum", "responses.rate", "counts.sum"))


@_plant
def _responses_rate(f: Figures, rng: np.random.Generator) -> Planted | None:
    """A response rate that the best responses don't give."""
    count = int(f.rates["ORR"]["count"]) + max(4, f.n // 8)
    if count > f.n:
        return None
    f.rates["ORR"] = _rate(count, f.n, rng)
    f.stated["orr"] = f.rates["ORR"]["percent"]
    return Planted("responses-rate", (f.stated["orr"],), ("responses.rate",))


@_plant
def _rate_interval(f: Figures, rng: np.random.Generator) -> Planted | None:
    """An interval of a proportion with far too many patients behind it."""
    rate = f.rates["ORR"]
    value, low, high = (float(rate[k]) for k in ("percent", "low", "high"))
    if high - low < 12 or not 15 < value < 85:
        return None
    rate["low"], rate["high"] = f"{value - 2.1:.1f}", f"{value + 2.3:.1f}"
    return Planted("rate-interval", (rate["low"],), ("proportions.interval",))


@_plant
def _age_range(f: Figures, rng: np.random.Generator) -> Planted | None:
    """A median outside its range."""
    f.age[0] = str(int(f.age[2]) + 6)
    return Planted("age-range", (f.age[0],), ("summaries.order",))


@_plant
def _median_interval(f: Figures, rng: np.random.Generator) -> Planted | None:
    """A median outside its confidence interval."""
    one = f.medians["OS"]
    if not all(one.values()):
        return None
    one["low"], one["high"] = f"{float(one['median']) + 1.3:.1f}", f"{float(one['high']) + 4:.1f}"
    return Planted("median-interval", (one["low"],), ("times.inside",))


@_plant
def _median_order(f: Figures, rng: np.random.Generator) -> Planted | None:
    """Median PFS above median OS."""
    pfs, death = f.medians["PFS"], f.medians["OS"]
    if not (pfs["median"] and death["median"]) or float(pfs["median"]) + 1 > float(death["median"]):
        return None
    f.medians = {"PFS": death, "OS": pfs}
    f.stated["PFS"], f.stated["OS"] = f.stated["OS"], f.stated["PFS"]
    return Planted("median-order", (death["median"],), ("times.order", "times.landmark-median"))


@_plant
def _landmark(f: Figures, rng: np.random.Generator) -> Planted | None:
    """Survival that rises with time."""
    one, two = f.landmarks
    if float(one[1]) - float(two[1]) < 3:
        return None
    one[1], two[1] = two[1], one[1]
    return Planted("landmark", (one[1],), ("times.landmark", "times.landmark-median"))


@_plant
def _event_grades(f: Figures, rng: np.random.Generator) -> Planted | None:
    """More severe events than events."""
    row = f.events[int(rng.integers(1, len(f.events)))]
    digits = len(row[2].partition(".")[2])
    count = int(row[1]) + 3
    if count > f.n:
        return None
    row[3], row[4] = str(count), percent(count, f.n, digits)
    return Planted("event-grades", (row[3],), ("adverse.grades", "adverse.any"))


@_plant
def _event_twice(f: Figures, rng: np.random.Generator) -> Planted | None:
    """An adverse event counted differently in text and table."""
    digits = len(f.events[1][2].partition(".")[2])
    count = int(f.stated["event"]) + max(3, f.n // 12)
    if count > f.n:
        return None
    f.stated["event"], f.stated["event_percent"] = str(count), percent(count, f.n, digits)
    return Planted("event-twice", (f.stated["event"],), ("twice.count",))


def _usable(f: Figures, endpoint: str = "OS univariable") -> list[dict[str, str]]:
    return [r.values[endpoint] for r in f.rows if endpoint in r.values]


@_plant
def _ratio_inside(f: Figures, rng: np.random.Generator) -> Planted | None:
    """An estimate outside its interval."""
    for value in _usable(f):
        value["hr"] = f"{float(value['high']) * 1.4:.2f}"
        return Planted("ratio-inside", (value["hr"],), ("ratios.inside",))
    return None


@_plant
def _ratio_p(f: Figures, rng: np.random.Generator) -> Planted | None:
    """A tiny p beside an interval that includes 1."""
    for value in _usable(f):
        if float(value["low"]) < 0.8 and float(value["high"]) > 1.25:
            value["p"] = "<0.001"
            return Planted("ratio-p", ("<0.001",), ("ratios.p", "cox.bound"))
    return None


@_plant
def _ratio_bound(f: Figures, rng: np.random.Generator) -> Planted | None:
    """A p that no Cox model of groups of these sizes can print."""
    from oncohort.audit.checks.cox import smallest_wald_p

    for row in f.rows[:3]:
        value = row.values.get("OS univariable")
        sizes = [int(x[1]) for x in f.variables[row.variable]]
        least = smallest_wald_p(value["hr"], *sizes) if value else None
        if value and least is not None and least > 0.05 and f.p_kind != "log-rank":
            value["p"] = f"{least / 4:.3f}"
            return Planted("ratio-bound", (value["p"],), ("cox.bound", "ratios.p"))
    return None


@_plant
def _statistic(f: Figures, rng: np.random.Generator) -> Planted | None:
    """A p that its statistic doesn't have."""
    p = 0.0 if f.t_test["p"].startswith("<") else float(f.t_test["p"])
    f.t_test["p"] = "0.012" if p > 0.1 else "0.418"
    return Planted("statistic", (f.t_test["p"],), ("tests.statistic",))


@_plant
def _cross_table(f: Figures, rng: np.random.Generator) -> Planted | None:
    """A p that its 2 x 2 table doesn't have."""
    if not f.cross_p:
        return None
    p = 0.0 if f.cross_p[0].startswith("<") else float(f.cross_p[0])
    f.cross_p[0] = "0.002" if p > 0.1 else "0.731"
    return Planted("cross-table", (f.cross_p[0],), ("tests.cross",))


@_plant
def _prose_percentage(f: Figures, rng: np.random.Generator) -> Planted | None:
    """A percentage in a sentence that its count denies."""
    value = float(f.stated["men_percent"]) + 7
    if value > 100:
        return None
    digits = len(f.stated["men_percent"].partition(".")[2])
    f.stated["men_percent"] = f"{value:.{digits}f}"
    return Planted(
        "prose-percentage", (f.stated["men_percent"],), ("counts.percentage", "counts.fraction")
    )


# ---- the paper --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: cells of every row, and how far its label is indented."""

    label: str
    caption: str
    header: tuple[tuple[str, ...], ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Document:
    """Headings with paragraphs, then tables."""

    parts: tuple[tuple[str, tuple[str, ...]], ...]
    grids: tuple[Grid, ...]


def compose(f: Figures, layout: int) -> Document:
    """The paper in one of four layouts."""
    s = f.stated
    n = f.n
    medians = f.medians
    abstract = [
        f"Methods: We studied {n} consecutive patients with advanced cancer.",
        f"Results: The ORR was {s['orr']}%.",
    ]
    for key, name in (("PFS", "progression-free survival"), ("OS", "overall survival")):
        if s[key]:
            abstract.append(f"The median {name} ({key}) was {s[key]} months.")
    abstract.append("Conclusion: The treatment was active.")
    results = [
        f"A total of {n} consecutive patients were included. "
        f"Of the {n} patients, {s['men']} ({s['men_percent']}%) were men."
    ]
    cr, pr, sd, pd = f.responses
    outcome = (
        f"As the best response in the {n} patients, {cr[1]} ({cr[2]}%), {pr[1]} ({pr[2]}%), "
        f"{sd[1]} ({sd[2]}%) and {pd[1]} ({pd[2]}%) had a complete response, partial response, "
        f"stable disease and progressive disease, respectively. "
    )
    for kind in ("ORR", "DCR"):
        r = f.rates[kind]
        outcome += f"The {kind} was {r['percent']}% (95% CI {r['low']}-{r['high']}). "
    results.append(outcome.strip())
    survival = ""
    for key in ("PFS", "OS"):
        m = medians[key]
        if m["median"] and m["low"] and m["high"]:
            survival += (
                f"The median {key} was {m['median']} months (95% CI {m['low']}-{m['high']}). "
            )
        elif m["median"]:
            survival += f"The median {key} was {m['median']} months. "
    one, two = f.landmarks
    survival += f"The 1- and 2-year OS rates were {one[1]}% and {two[1]}%, respectively."
    results.append(survival)
    told = []
    for row in f.rows:
        p = s.get(f"{row.variable} univariable", "")
        table_p = row.values.get("OS univariable", {}).get("p", "1")
        if p and not p.startswith("<") and not table_p.startswith("<") and float(table_p) < 0.05:
            told.append(f"{row.variable} (p={p})")
    if told:
        results.append(
            "Univariable analysis identified the following significant predictors of OS: "
            + " and ".join(told) + "."
        )  # fmt: skip
    t = f.t_test
    results.append(
        f"Age did not depend on the arm (t({t['df']}) = {t['t']}, p {_relation(t['p'])})."
    )
    results.append(
        f"{f.events[1][0]} occurred in {s['event']} ({s['event_percent']}%) of the {n} patients."
    )
    test = {"wald": "", "lr": " with likelihood-ratio tests", "log-rank": ""}[f.p_kind]
    methods = [
        "The probabilities of survival were estimated by the Kaplan-Meier method. Prognostic "
        f"factors were studied with Cox proportional hazards models{test}."
    ]
    if f.p_kind == "log-rank":
        methods.append("Groups were compared with the log-rank test.")
    parts = (
        ("Abstract", (" ".join(abstract),)),
        ("Introduction", ("Little is known of these patients.",)),
        ("Patients and Methods", tuple(methods)),
        ("Results", tuple(results)),
        ("Discussion", ("These results may help to choose a treatment.",)),
    )
    return Document(parts, tuple(_grids(f, layout)))


def _relation(p: str) -> str:
    return f"< {p[1:]}" if p.startswith("<") else f"= {p}"


def _grids(f: Figures, layout: int) -> Iterator[Grid]:
    n = f.n
    two_columns = layout == 1
    sign = "%" if layout == 2 else ""
    rows: list[tuple[int, tuple[str, ...]]] = []

    def cells(count: str, share: str) -> tuple[str, ...]:
        return (count, share) if two_columns else (f"{count} ({share}{sign})",)

    blank = ("", "") if two_columns else ("",)
    median = f"{f.age[0]} ({f.age[1]}-{f.age[2]})"
    rows.append((0, ("Median age, years (range)", median, *blank[1:])))
    for name, levels in f.variables.items():
        rows.append((0, (f"{name}, n (%)" if layout != 1 else name, *blank)))
        rows += [(1, (label, *cells(count, share))) for label, count, share in levels]
    header = (
        ("Characteristic", "No.", "%")
        if two_columns
        else ("Characteristic", f"All patients (n = {n})")
    )
    yield Grid("Table 1", f"Characteristics of the {n} patients", (header,), tuple(rows))
    yield _prognosis(f, layout)
    mark = "" if two_columns else sign
    events = [(0, (name, f"{a} ({b}{mark})", f"{c} ({d}{mark})")) for name, a, b, c, d in f.events]
    header = ("Adverse event, n (%)", "All grades", "Grade ≥3")
    yield Grid("Table 3", f"Adverse events in the {n} patients", (header,), tuple(events))
    if f.cross and layout != 3:
        rows = []
        for name, p, counts in zip(f.cross_names, f.cross_p, f.cross, strict=True):
            labels = [x[0] for x in f.variables[name]]
            rows.append((0, (name, "", "", p)))
            rows += [(1, (label, *c, "")) for label, c in zip(labels, counts, strict=True)]
        sizes = [f"Arm {name} (n = {k}), n (%)" for name, k in zip("AB", f.arms, strict=True)]
        arms = ("Characteristic", *sizes, "P value")
        yield Grid("Table 4", "Characteristics by arm", (arms,), tuple(rows))


LEAVES = (
    ["HR", "p"],
    ["HR (95% CI)", "P value"],
    ["HR", "95% CI", "p"],
    ["Hazard ratio (95% CI)", "p-value"],
)


def _prognosis(f: Figures, layout: int) -> Grid:
    """Hazard ratios: bare, with intervals in the same cell, or in a column of their own."""
    groups = ["OS univariable", "OS multivariable"]
    if layout in {0, 2}:
        groups = ["PFS univariable", "OS univariable"]
    names = {"PFS": "Progression-free survival", "OS": "Overall survival"}
    kinds = {"univariable": "Univariate analysis", "multivariable": "Multivariate analysis"}
    header: list[list[str]] = [["Variable"], [""], [""]]
    for group in groups:
        endpoint, _, model = group.partition(" ")
        leaves = LEAVES[layout]
        header[0] += [names[endpoint]] * len(leaves)
        header[1] += [kinds[model]] * len(leaves)
        header[2] += leaves
    rows = []
    for row in f.rows:
        cells = [f"{row.variable} ({row.first} versus {row.second})"]
        for group in groups:
            v = row.values.get(group)
            if layout == 0:
                cells += [v["hr"], v["p"]] if v else ["–", "–"]
            elif layout == 2:
                cells += [v["hr"], f"{v['low']}-{v['high']}", v["p"]] if v else ["–"] * 3
            else:
                cells += (
                    [f"{v['hr']} ({v['low']}-{v['high']})", v["p"]] if v else ["–", "–"]
                )  # fmt: skip
        rows.append((0, tuple(cells)))
    return Grid(
        "Table 2",
        "Prognostic factors" if layout != 3 else "Univariate and multivariate Cox models",
        tuple(map(tuple, header)),
        tuple(rows),
    )


# ---- formats ----------------------------------------------------------------------------------


def write(document: Document, form: str) -> bytes:
    """The paper as bytes in one of :data:`FORMATS`."""
    return {"txt": as_text, "xml": as_jats, "docx": as_word, "pdf": as_pdf}[form](document)


def as_text(document: Document) -> bytes:
    out = []
    for heading, paragraphs in document.parts:
        out += [heading, ""]
        for paragraph in paragraphs:
            out += [*textwrap.wrap(paragraph, 84), ""]
    for grid in document.grids:
        width = len(grid.rows[0][1])
        every = [*((0, h) for h in grid.header), *grid.rows]
        sizes = [
            max(len(cells[c]) + (2 * indent if c == 0 else 0) for indent, cells in every)
            for c in range(width)
        ]
        out += ["", f"{grid.label}. {grid.caption}", ""]
        for k, (indent, cells) in enumerate(every):
            text = [("  " * indent + cells[0]).ljust(sizes[0])]
            if k < len(grid.header) - 1:
                # A spanning heading is printed once, over its columns.
                seen = ""
                for c in range(1, width):
                    text.append(("" if cells[c] == seen else cells[c]).ljust(sizes[c]))
                    seen = cells[c]
            else:
                text += [cells[c].ljust(sizes[c]) for c in range(1, width)]
            out.append("   ".join(text).rstrip())
            if k == len(grid.header) - 1:
                out.append("")
        out.append("")
    return "\n".join(out).encode()


def as_jats(document: Document) -> bytes:
    def section(heading: str, paragraphs: tuple[str, ...]) -> str:
        body = "".join(f"<p>{escape(p)}</p>" for p in paragraphs)
        return f"<sec><title>{escape(heading)}</title>{body}</sec>"

    def row(indent: int, cells: tuple[str, ...], tag: str) -> str:
        out = ""
        k = 0
        while k < len(cells):
            span = 1
            while tag == "th" and k and k + span < len(cells) and cells[k + span] == cells[k]:
                span += 1
            lead = "\u2003" * indent if k == 0 else ""
            wide = f' colspan="{span}"' if span > 1 else ""
            out += f"<{tag}{wide}>{lead}{escape(cells[k])}</{tag}>"
            k += span
        return f"<tr>{out}</tr>"

    abstract = "".join(f"<p>{escape(p)}</p>" for p in document.parts[0][1])
    sections = "".join(section(h, p) for h, p in document.parts[1:])
    tables = "".join(
        f"<table-wrap><label>{g.label}</label><caption><p>{escape(g.caption)}</p></caption>"
        f"<table><thead>{''.join(row(0, h, 'th') for h in g.header)}</thead>"
        f"<tbody>{''.join(row(i, c, 'td') for i, c in g.rows)}</tbody></table></table-wrap>"
        for g in document.grids
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><article><front><article-meta><title-group>'
        "<article-title>A cohort</article-title></title-group>"
        f"<abstract>{abstract}</abstract></article-meta></front>"
        f"<body>{sections}</body><floats-group>{tables}</floats-group></article>"
    ).encode()


def as_word(document: Document) -> bytes:
    import docx

    out = docx.Document()
    for heading, paragraphs in document.parts:
        out.add_heading(heading, 1)
        for paragraph in paragraphs:
            out.add_paragraph(paragraph)
    for grid in document.grids:
        out.add_paragraph(f"{grid.label}. {grid.caption}")
        table = out.add_table(rows=0, cols=len(grid.rows[0][1]))
        for indent, cells in [*((0, h) for h in grid.header), *grid.rows]:
            row = table.add_row().cells
            for cell, text in zip(row, cells, strict=True):
                cell.text = text
            if indent:
                row[0].paragraphs[0].paragraph_format.left_indent = docx.shared.Pt(12 * indent)
        out.add_paragraph("")
    buffer = io.BytesIO()
    out.save(buffer)
    return buffer.getvalue()


def as_pdf(document: Document) -> bytes:
    """A plain PDF with a text layer in Helvetica, tables without lines."""
    pages: list[list[tuple[float, float, str]]] = [[]]
    y = 790.0

    def put(x: float, text: str) -> None:
        pages[-1].append((x, y, text))

    def down(step: float) -> None:
        nonlocal y
        y -= step
        if y < 50:
            pages.append([])
            y = 790.0

    for heading, paragraphs in document.parts:
        put(50, heading)
        down(20)
        for paragraph in paragraphs:
            for line in textwrap.wrap(paragraph, 100):
                put(50, line)
                down(12)
            down(10)
    for grid in document.grids:
        if y - 14 * (len(grid.rows) + len(grid.header) + 3) < 50:
            pages.append([])
            y = 790.0
        put(50, f"{grid.label}. {grid.caption}")
        down(20)
        width = len(grid.rows[0][1])
        every = [*((0, h) for h in grid.header), *grid.rows]
        sizes = [max(len(cells[c]) for _, cells in every) * 4.6 + 14 for c in range(width)]
        starts = [50 + sum(sizes[:c]) for c in range(width)]
        for k, (indent, cells) in enumerate(every):
            seen = ""
            for c in range(width):
                if cells[c] and not (k < len(grid.header) - 1 and c > 1 and cells[c] == seen):
                    put(starts[c] + 9 * (indent if c == 0 else 0), cells[c])
                seen = cells[c]
            down(14)
        down(24)
    return _pdf_bytes(pages)


def _pdf_bytes(pages: list[list[tuple[float, float, str]]]) -> bytes:
    objects: list[bytes] = []
    kids = " ".join(f"{4 + 2 * k} 0 R" for k in range(len(pages)))
    objects.append(b"<< /Type /Catalog /Pages 2 0 R >>")
    objects.append(f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode())
    objects.append(
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
    )
    for k, page in enumerate(pages):
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {5 + 2 * k} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>".encode()
        )
        lines = []
        for x, y, text in page:
            plain = text.replace("≥", ">=").replace("≤", "<=").replace("–", "-")
            safe = plain.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
            lines.append(f"BT /F1 9 Tf {x:.1f} {y:.1f} Td ({safe}) Tj ET")
        stream = "\n".join(lines).encode("cp1252", "replace")
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream))
    out = bytearray(b"%PDF-1.4\n")
    offsets = []
    for k, body in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (k, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    for offset in offsets:
        out += b"%010d 00000 n \n" % offset
    out += b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, start)
    return bytes(out)


# ---- the corpus and its measure -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Item:
    """One paper of the corpus."""

    name: str
    form: str
    layout: int
    seed: int
    p_kind: str
    planted: Planted | None
    content: bytes


def corpus(papers: int = 240, seed: int = 1, start: int = 0) -> Iterator[Item]:
    """Papers ``start`` to ``papers``: right and wrong ones in turn, formats and layouts mixed."""
    kinds = list(PLANTS)
    for k in range(start, papers):
        form = FORMATS[(k + k // 40) % 4]
        layout = (k // 4 + k // 16) % 4
        rng = np.random.default_rng([seed, k])
        figures, planted = None, None
        if k % 2 != (k // 8) % 2:
            # The next kind of error in turn; another cohort where it doesn't lend itself to it.
            kind = kinds[(k // 2) % len(kinds)]
            if kind == "cross-table" and (layout == 3 or form in {"txt", "pdf"}):
                form, layout = "xml", 1
            if kind == "ratio-inside" and layout == 0:
                layout = 2
            if kind == "ratio-p" and layout == 0:
                layout = 1
            for attempt in range(60):
                cohort = seed * 100_000 + k * 100 + attempt
                figures = simulate(cohort)
                planted = PLANTS[kind](figures, rng)
                if planted:
                    break
        else:
            cohort = seed * 100_000 + k * 100
            figures = simulate(cohort)
        if figures is None:
            continue
        yield Item(
            f"paper-{k:03d}.{form}",
            form,
            layout,
            cohort,
            figures.p_kind,
            planted,
            write(compose(figures, layout), form),
        )


@dataclass(slots=True)
class Score:
    """What the audit made of one kind of error."""

    papers: int = 0
    found: int = 0
    hinted: int = 0
    """Spoken of only as *unusual*, which is not shown by default."""
    missed: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Measure:
    """Recall per kind of error, and every finding that speaks of no planted figure."""

    kinds: dict[str, Score] = field(default_factory=dict)
    rules: dict[str, list[int]] = field(default_factory=dict)
    """By rule: findings that are right, and findings that are not."""
    false: list[str] = field(default_factory=list)
    read: int = 0
    checked: int = 0
    papers: int = 0


def measure(items: Iterator[Item]) -> Measure:
    """Audit every paper of a corpus."""
    from oncohort.audit.extract.paper import extract
    from oncohort.audit.readers import read_bytes
    from oncohort.audit.run import audit_published

    out = Measure()
    for item in items:
        published, _ = extract(read_bytes(item.content, source=item.name))
        report = audit_published(published, source=item.name)
        out.papers += 1
        out.read += report.read
        out.checked += report.checked
        # What the rules tell, whatever readers found of them on real papers.
        shown = [f for f in report.findings if (f.proof or f.certainty).value != "unusual"]
        right = []
        for finding in shown:
            planted = item.planted
            about = planted is not None and finding.id in planted.rules
            # A planted figure may contradict others, too.
            about = about or (
                planted is not None
                and any(x in finding.figures or x in finding.headline for x in planted.figures)
            )
            tally = out.rules.setdefault(finding.id, [0, 0])
            tally[0 if about else 1] += 1
            if about:
                right.append(finding)
            else:
                assumed = " ".join(finding.assumptions)
                wald = "Wald" in assumed and item.p_kind != "wald" and "likelihood" not in assumed
                if finding.certainty.value == "impossible if" and wald:
                    # Its headline says that it holds for Wald p only, and these are not.
                    tally[1] -= 1
                    continue
                out.false.append(f"{item.name} [{item.layout}] {finding.id}: {finding}")
        if item.planted is not None:
            score = out.kinds.setdefault(item.planted.kind, Score())
            score.papers += 1
            if any(f.id in item.planted.rules for f in right):
                score.found += 1
            elif any(f.id in item.planted.rules for f in report.findings):
                score.hinted += 1
            else:
                score.missed.append(f"{item.name} [{item.layout}]")
    return out


def table(found: Measure) -> str:
    """The measure as the table of the docs."""
    lines = ["| planted error | papers | found | only as *unusual* |", "|---|---|---|---|"]
    for kind in sorted(found.kinds):
        score = found.kinds[kind]
        text = (PLANTS[kind].__doc__ or kind).rstrip(".").strip()
        lines.append(
            f"| {text[0].lower() + text[1:]} | {score.papers} | {score.found} | {score.hinted} |"
        )
    planted = sum(s.papers for s in found.kinds.values())
    hits = sum(s.found for s in found.kinds.values())
    hints = sum(s.hinted for s in found.kinds.values())
    lines.append(f"| all | {planted} | {hits} | {hints} |")
    lines += ["", "| rule | findings | of them wrong |", "|---|---|---|"]
    for rule in sorted(found.rules):
        right, wrong = found.rules[rule]
        lines.append(f"| `{rule}` | {right + wrong} | {wrong} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--papers", type=int, default=240)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--measure", action="store_true")
    parser.add_argument("--counts", type=Path, help="where to write right and wrong ones by rule")
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    items = list(corpus(chosen.papers, chosen.seed))
    manifest = []
    for item in items:
        (chosen.folder / item.name).write_bytes(item.content)
        manifest.append(
            {
                "file": item.name,
                "layout": item.layout,
                "cohort": item.seed,
                "p": item.p_kind,
                "planted": item.planted.kind if item.planted else None,
                "figures": list(item.planted.figures) if item.planted else [],
                "rules": list(item.planted.rules) if item.planted else [],
            }
        )
    (chosen.folder / "manifest.json").write_text(json.dumps(manifest, indent=1), encoding="utf-8")
    print(f"{len(items)} papers in {chosen.folder}")
    if chosen.measure:
        found = measure(iter(items))
        print(f"{found.read} figures read, {found.checked} checked")
        print(table(found))
        for kind, score in found.kinds.items():
            for name in score.missed:
                print("missed:", kind, name)
        for text in found.false:
            print("false:", text)
        if chosen.counts:
            told = {rule: found.rules[rule] for rule in sorted(found.rules)}
            chosen.counts.write_text(json.dumps(told) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
