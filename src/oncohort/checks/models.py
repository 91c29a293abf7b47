"""What the protocol compares and models: groups of one patient, missing values, outcomes."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from oncohort.checks.rule import Data, rule
from oncohort.problems import Place, Problem, problem
from oncohort.protocol import Protocol
from oncohort.protocol.derived import made_from, read_by
from oncohort.protocol.uses import uses
from oncohort.vocabulary.mentions import mentions

SMALL = 2
"""Groups of so few patients give no estimate."""
LOST = 0.5
"""Share of the patients that a model may lose by missing values without a word."""
EMPTY = 0.8
"""Share of missing values from which a variable hardly describes the cohort."""


def is_later(column: str) -> bool:
    """Does the name of a column tell something that is known only after the start?

    Examples
    --------
    >>> is_later("Number of cycles"), is_later("prior cycles"), is_later("age")
    (True, False, False)
    >>> is_later("aGVHD grade"), is_later("GVHD prophylaxis")
    (True, False)
    """
    return mentions(column, "after_start", "gvhd") and not mentions(column, "before")


LATER = (
    "best_response",
    "progression_date",
    "death_date",
    "death_cause",
    "vital_status",
    "last_contact",
    "treatment_end",
    "treatment_end_reason",
)
"""Columns of `patients` that are known only after the start of treatment."""


def _used(protocol: Protocol, *how: str) -> dict[str, str]:
    """Variables that are used so, each with the first key that says it."""
    out: dict[str, str] = {}
    for use in uses(protocol):
        if use.how in how:
            out.setdefault(use.variable, use.key)
    return out


def base_columns(protocol: Protocol, name: str) -> frozenset[str]:
    """The columns of `patients` that a variable comes from: through `from`, and by its formulas.

    Examples
    --------
    >>> from oncohort.protocol import parse_protocol
    >>> p = parse_protocol('[study]\\nschema = 1\\ntitle = "A"\\ndata = "x.csv"\\n'
    ...     '[variables.crp]\\ncolumn = "CRP"\\n[variables.high]\\nfrom = "crp"\\ncut = [10]\\n'
    ...     '[variables.time]\\nderive = "duration"\\nsince = "first"\\nuntil = "last"')
    >>> sorted(base_columns(p, "high")), sorted(base_columns(p, "time"))
    (['CRP'], ['first', 'last'])
    """
    found: set[str] = set()
    seen: set[str] = set()
    waiting = [name]
    while waiting:
        at = waiting.pop()
        if at in seen or at not in protocol.variables:
            continue
        seen.add(at)
        variable = protocol.variables[at]
        if variable.derive is None and variable.source is None:
            found.add(variable.column or at)
        others = protocol.variables.keys() - {at}
        found |= {o.name for o in read_by(variable) if not o.lab and o.name not in others}
        if variable.at:
            found.add(variable.at)
        waiting += made_from(protocol.variables, at)
    return frozenset(found)


def _later(protocol: Protocol) -> dict[str, str]:
    """Columns that hold an outcome, and what of."""
    out = dict.fromkeys(LATER, "what happened after the start of treatment")
    if protocol.response and protocol.response.best_change:
        out[protocol.response.best_change] = "the response"
    for key, endpoint in protocol.endpoints.items():
        for column in (endpoint.time, endpoint.event):
            if column is not None:
                out[column] = f"the endpoint {endpoint.label or key.upper()}"
    return out


@rule("variables.outcome")
def outcome(data: Data) -> Iterator[Problem]:
    """An outcome used as if it had been known at the start."""
    later = _later(data.protocol)
    from_there = tuple(
        f"endpoints.{key}."
        for key, e in data.protocol.endpoints.items()
        if not e.reduced and e.origin in LATER
    )
    used = {
        use.variable: use.key
        for use in uses(data.protocol)
        if use.how != "row" and use.part != "baseline" and not use.key.startswith(from_there)
    }
    for name, key in used.items():
        read = sorted(base_columns(data.protocol, name) & later.keys())
        if read:
            yield problem(
                "variables.outcome",
                place=Place(file="study.toml", key=key),
                name=name,
                what_of=later[read[0]],
            )
            continue
        named = [c for c in sorted(base_columns(data.protocol, name)) if is_later(c)]
        if named:
            yield problem(
                "variables.outcome",
                "named",
                place=Place(file="study.toml", key=key),
                name=name,
                column=named[0],
            )


@rule("variables.small-group")
def small_group(data: Data) -> Iterator[Problem]:
    """A group of one or two patients that is compared with the others."""
    if data.cohort is None or data.cohort.n < 10 * SMALL:
        return
    frame = data.cohort.frame
    gone = {part for p in data.cohort.problems for part in p.blocks}
    for name in _used(data.protocol, "groups", "model"):
        if name not in frame.columns or frame.get_column(name).dtype != pl.String:
            continue
        if f"variables.{name}" in gone:
            continue  # it is in no table and no model
        counts = frame[name].drop_nulls().value_counts()
        if counts.height < 2:
            continue  # told by other rules
        for level, n in sorted(counts.iter_rows()):
            if n <= SMALL:
                held = frame.filter(pl.col(name) == level)["patient"].to_list()
                yield problem(
                    "variables.small-group",
                    place=Place(file="study.toml", key=f"variables.{name}"),
                    name=name,
                    level=level,
                    n=n,
                    patients=held,
                )


@rule("variables.reference-of-nobody")
def reference_of_nobody(data: Data) -> Iterator[Problem]:
    """The reference level of a model is a level that no patient has."""
    if data.cohort is None:
        return
    frame = data.cohort.frame
    models = [use for use in uses(data.protocol) if use.how == "model"]
    for name in _used(data.protocol, "model"):
        variable = data.protocol.variables.get(name)
        if (
            variable is None
            or name not in frame.columns
            or frame.get_column(name).dtype != pl.String
        ):
            continue
        levels = sorted({v for v in frame[name].to_list() if v is not None})
        wanted = variable.reference or next(iter(variable.levels), None)
        parts = sorted({u.part for u in models if u.variable == name and u.part})
        if wanted is not None and levels and wanted not in levels:
            yield problem(
                "variables.reference-of-nobody",
                "" if variable.reference else "first",
                place=Place(file="study.toml", key=f"variables.{name}.reference"),
                blocks=parts,
                name=name,
                reference=wanted,
                levels=levels,
            )


@rule("variables.mostly-missing")
def mostly_missing(data: Data) -> Iterator[Problem]:
    """A model that loses most patients, or a variable that is known of few."""
    if data.cohort is None or data.cohort.n < ENOUGH:
        return
    frame, n = data.cohort.frame, data.cohort.n
    models = _used(data.protocol, "model")
    for name in {**models, **_used(data.protocol, "row")}:
        held = frame.get_column(name, default=None)
        if held is None:
            continue
        known = n - held.null_count()
        limit = 1 - (LOST if name in models else EMPTY)
        if 0 < known < limit * n:
            yield problem(
                "variables.mostly-missing",
                "model" if name in models else "",
                place=Place(file="study.toml", key=f"variables.{name}"),
                name=name,
                known=known,
                n=n,
            )


ENOUGH = 10
"""Patients below which a share says little."""


_OF_FOLLOW_UP = ("last_contact", "vital_status")
"""Criteria that somebody was followed at all leave out nobody who died soon."""


@rule("eligibility.later")
def criterion_later(data: Data) -> Iterator[Problem]:
    """Only responders, only those with three cycles, only the dead: chosen by the outcome."""
    times = {c for e in data.protocol.endpoints.values() for c in (e.time, e.event) if c}
    for i, criterion in enumerate(data.protocol.eligibility.criteria):
        column = criterion.column
        followed = column in _OF_FOLLOW_UP and criterion.present is True
        later = column in LATER or column in times or is_later(column)
        if criterion.table == "patients" and later and not followed:
            yield problem(
                "eligibility.later",
                place=Place(file="study.toml", key=f"eligibility.criteria.{i}.column"),
                key=criterion.key,
                column=column,
            )
