"""Numbers of events that each hazard ratio needs, and whether one number serves them all.

Everything here is *unusual*: it rests on :mod:`oncohort.published.exact`, which assumes that no
times are tied.
"""

from __future__ import annotations

from dataclasses import replace

from oncohort.audit.checks import binding
from oncohort.audit.checks.cox import judge
from oncohort.audit.finding import Certainty, Finding, Log
from oncohort.dataclass import dataclass
from oncohort.published import exact
from oncohort.published.model import Published, Ratio, Where
from oncohort.vocabulary.plurals import counted

RULE = (
    "For given group sizes and a given number of events, an unadjusted Cox model without tied "
    "times can print only a certain range of Wald p beside a hazard ratio; all unadjusted rows of "
    "one endpoint share one number of events."
)
_OUTSIDE = frozenset(
    {"weights", "robust", "penalised", "time-varying", "interaction", "imputation", "frailty",
     "competing", "bootstrap", "one-sided"}
)  # fmt: skip
_READINGS = (
    "tied times were not allowed for, so this is no proof",
    "likelihood-ratio, score and log-rank p-values have other ranges",
    "the figures were taken as rounded, not as cut off",
)
MOST_CELLS = 40_000_000
"""Cells of the programme for one paper: about a second."""


@dataclass(frozen=True, slots=True)
class _Row:
    ratio: Ratio
    bound: binding.Bound
    events: frozenset[int]
    """Numbers of events that fit, by any reading of the group sizes."""

    def finer(self) -> _Row:
        if _effort(self.ratio, self.bound, exact.BIN) > 4 * MOST_CELLS:
            return self
        return _Row(self.ratio, self.bound, _fitting(self.ratio, self.bound, exact.BIN))

    @property
    def name(self) -> str:
        return self.ratio.variable

    def __str__(self) -> str:
        sizes = " or ".join(dict.fromkeys(f"{g.first} and {g.second}" for g in self.bound.readings))
        return (
            f"{self.name} (HR {self.ratio.estimate}, p {_p(self.ratio.p)}, groups of {sizes}): "
            f"{_span(self.events)}"
        )


def check(published: Published, log: Log) -> None:
    """Compare the numbers of events that the unadjusted rows of each endpoint allow."""
    if binding.methods(published) & _OUTSIDE:
        return
    paper = binding.groupings(published)
    endpoints: dict[tuple[str, str], list[_Row]] = {}
    spent = 0
    left_out = 0
    for ratio in published.ratios:
        if ratio.kind != "HR" or not ratio.p or not ratio.binary or not ratio.endpoint:
            continue
        if ratio.model != "univariable" or ratio.test in {"log-rank", "likelihood-ratio"}:
            continue
        bound = binding.bind(ratio, published, paper)
        if bound is None or not bound.complete or not all(g.everybody for g in bound.readings):
            continue
        if any(g.best_split for g in bound.readings):
            continue
        bound = _of_everybody(bound, published.n)
        if bound is None or max(g.n for g in bound.readings) > exact.LARGEST:
            continue
        verdicts = [judge(ratio, g) for g in bound.readings]
        if all(v is not None and v.wald_impossible for v in verdicts):
            continue
        spent += sum(
            exact.effort(ratio.estimate, ratio.p, g.first, g.second) for g in bound.readings
        )
        if spent > MOST_CELLS:
            left_out += 1
            continue
        events = _fitting(ratio, bound, exact.ROUGH)
        log.checked(ratio)
        endpoints.setdefault((ratio.endpoint, ratio.where.table), []).append(
            _Row(ratio, bound, events)
        )
    if left_out:
        log.not_checked.append(
            f"{counted(left_out, 'hazard ratio')}: the range of their events would take too long"
        )
    for (endpoint, _), rows in endpoints.items():
        alone = [r for r in rows if not r.events]
        for row in alone:
            _none(row, endpoint, log)
        rest = [r for r in rows if r.events]
        _stated(rest, endpoint, published, log)
        _together(rest, endpoint, log)


def _of_everybody(bound: binding.Bound, n: int | None) -> binding.Bound | None:
    """The readings in which the two groups are the whole cohort: only those share their events."""
    readings = tuple(g for g in bound.readings if n is None or g.n == n)
    return replace(bound, readings=readings) if readings else None


def _effort(ratio: Ratio, bound: binding.Bound, width: float) -> int:
    return sum(
        exact.effort(ratio.estimate, ratio.p, g.first, g.second, width) for g in bound.readings
    )


def _fitting(ratio: Ratio, bound: binding.Bound, width: float) -> frozenset[int]:
    found: set[int] = set()
    for groups in bound.readings:
        events = exact.admissible_events(
            ratio.estimate, ratio.p, groups.first, groups.second, width=width
        )
        if events is None:
            return frozenset(range(groups.n + 1))
        found.update(events)
    return frozenset(found)


def _span(events: frozenset[int]) -> str:
    if not events:
        return "no number of events"
    low, high = min(events), max(events)
    return f"{low} events" if low == high else f"{low} to {high} events"


def _none(row: _Row, endpoint: str, log: Log) -> None:
    log.add(
        Finding(
            "event_range.none",
            Certainty.UNUSUAL,
            f"{row.name}, {endpoint}: HR {row.ratio.estimate} with p {_p(row.ratio.p)} fits no "
            f"number of events with untied times",
            (row.ratio.where, *(x.where for x in row.bound.variable.levels)),
            RULE,
            (str(row),),
            readings=_READINGS,
            figures=(row.ratio.estimate, row.ratio.p),
        )
    )


def _stated(rows: list[_Row], endpoint: str, published: Published, log: Log) -> None:
    """Against the number of events that the text gives."""
    stated: list[tuple[int, bool, str, Where]] = [
        (int(e.count), True, f"{e.count} events are stated", e.where)
        for e in published.events
        if e.endpoint == endpoint and e.population == "cohort" and e.count.isdigit()
    ]
    if endpoint == "PFS":
        stated += [
            (int(f.value), False, f"{f.value} patients stopped for progression", f.where)
            for f in published.facts
            if f.kind == "stopped-for-progression" and f.value.isdigit()
        ]
    if endpoint in {"PFS", "OS"} and len({n for n, exactly, _, _ in stated if exactly}) > 1:
        # Counts of events that differ belong to different populations or dates.
        stated = [s for s in stated if not s[1]]
    for count, exactly, text, where in stated:
        for row in rows:
            if _fits(row.events, count, exactly):
                continue
            fine = row.finer()
            log.add(
                Finding(
                    "event_range.stated",
                    Certainty.UNUSUAL,
                    f"{row.name}, {endpoint}: HR {row.ratio.estimate} with p {_p(row.ratio.p)} "
                    f"needs {_span(fine.events)} if times are untied and p is Wald's, but {text}",
                    (row.ratio.where, where),
                    RULE,
                    (str(fine),),
                    readings=(
                        *_READINGS,
                        *(
                            ()
                            if exactly
                            else ("stopping for progression need not be an event of PFS",)
                        ),
                    ),
                    figures=(row.ratio.estimate, row.ratio.p, str(count)),
                )
            )


def _fits(events: frozenset[int], count: int, exactly: bool) -> bool:
    return min(events) <= count <= max(events) if exactly else max(events) >= count


def _together(rows: list[_Row], endpoint: str, log: Log) -> None:
    """Is there one number of events that serves every row?"""
    if len(rows) < 2:
        return
    highest = max(rows, key=lambda r: min(r.events))
    lowest = min(rows, key=lambda r: max(r.events))
    if min(highest.events) <= max(lowest.events):
        return
    # Only the two rows that decide are worth the finer bins.
    few, many = lowest.finer(), highest.finer()
    fine = {id(lowest): few, id(highest): many}
    listed = [fine.get(id(r), r) for r in sorted(rows, key=lambda r: max(r.events))]
    log.add(
        Finding(
            "event_range.together",
            Certainty.UNUSUAL,
            f"{endpoint}: no number of events serves every unadjusted row if times are untied and "
            f"p is Wald's: {many.name} needs {_span(many.events)}, {few.name} {_span(few.events)}",
            tuple(dict.fromkeys((highest.ratio.where, lowest.ratio.where))),
            RULE,
            tuple(map(str, listed)),
            readings=_READINGS,
            figures=tuple(t for r in (highest, lowest) for t in (r.ratio.estimate, r.ratio.p)),
        )
    )


def _p(text: str) -> str:
    return text if text[:1] in "<>≤≥" else f"= {text}"
