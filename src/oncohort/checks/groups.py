"""Variables and their groups: patients in no group, baseline values, empty sides of a cut."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import polars as pl

from oncohort.checks.rule import MANY, Data, rule
from oncohort.problems import Place, Problem, problem
from oncohort.protocol import Protocol
from oncohort.protocol.references import nearest
from oncohort.protocol.uses import uses

ADULT = 15
"""An age below it, among adults, is a slip."""


@rule("values.age-of-child")
def age_of_child(data: Data) -> Iterator[Problem]:
    if not data.has("patients", "age"):
        return
    ages = data.patients["age"].drop_nulls()
    median = ages.median()
    if not isinstance(median, float) or median < 2 * ADULT:
        yield from _adult_among_children(data)
        return
    bad = data.patients.filter((pl.col("age") >= 0) & (pl.col("age") < ADULT))
    for row in bad.iter_rows(named=True):
        yield data.problem(
            "values.age-of-child",
            row=row,
            table="patients",
            column="age",
            age=row["age"],
            median=median,
        )


YOUNG = 18
CHILDREN = 12
"""Patients of whom all others being children is no chance."""


def _adult_among_children(data: Data) -> Iterator[Problem]:
    """An age far beyond those of all the others, who are children: months for years."""
    rows = data.included(data.patients).filter(pl.col("age") >= 0)
    adults = rows.filter(pl.col("age") > YOUNG)
    oldest = rows.filter(pl.col("age") <= YOUNG)["age"].max()
    if not 0 < adults.height <= 2 or rows.height < CHILDREN or not isinstance(oldest, float):
        return
    for row in adults.filter(pl.col("age") > 2 * oldest).iter_rows(named=True):
        yield data.problem(
            "values.age-of-child",
            "adult",
            row=row,
            table="patients",
            column="age",
            age=row["age"],
            oldest=oldest,
        )


def compared(protocol: Protocol) -> dict[str, str]:
    """Variables whose groups are compared, each with the key that says so.

    Examples
    --------
    >>> from oncohort.protocol import parse_protocol
    >>> p = parse_protocol('[study]\\nschema = 1\\ntitle = "A"\\ndata = "x.csv"\\n'
    ...                    '[variables.arm]\\n[endpoints.os]\\nby = ["arm"]')
    >>> compared(p)
    {'arm': 'endpoints.os.by'}
    """
    found = [use for use in uses(protocol) if use.how == "groups"]
    first = sorted(found, key=lambda use: use.key != "baseline.by")
    return {use.variable: use.key for use in reversed(first)}


@rule("outcomes.unknown")
def unknown_outcome(data: Data) -> Iterator[Problem]:
    """Levels, and terms, of binary outcomes that nobody can have: their rate would be 0 %."""
    cohort = data.cohort
    if cohort is None:
        return
    for key, outcome in data.protocol.outcomes.items():
        info = cohort.meaning.variables.get(outcome.variable or "")
        named = [(name, "level", "levels") for name in outcome.levels if info is not None]
        known = list(info.levels) if info is not None else []
        events = cohort.evidence.adverse_events
        if outcome.term is not None and events is not None and not events.is_empty():
            named = [(outcome.term, "term", "term")]
            known = events["term"].unique().sort().to_list()
        for name, what, setting in named:
            if name in known or (what == "term" and _is_term(data.protocol, name)):
                continue
            yield problem(
                "outcomes.unknown",
                place=Place(file="study.toml", key=f"outcomes.{key}.{setting}"),
                blocks=(f"outcomes.{key}",),
                what=what,
                name=name,
                nearest=nearest(name, known),
            )


def _is_term(protocol: Protocol, key: str) -> bool:
    """Is it a term that [safety] lists, or one of the criteria?"""
    from oncohort.criteria.ctcae.terms import match

    rule = protocol.safety
    if rule is None or key in rule.terms:
        return True
    version = rule.criteria.removeprefix("CTCAE ")
    return match(key.replace("_", " "), version).term is not None


def _blank(data: Data, name: str) -> set[str]:
    """Patients whose cell of a variable is blank; the others hold a level that is told."""
    variable = data.protocol.variables[name]
    column = variable.column or name
    if variable.derive or variable.source or column not in data.patients.columns:
        return set(data.patients["patient"].drop_nulls().to_list())
    return set(data.patients.filter(pl.col(column).is_null())["patient"].drop_nulls().to_list())


@rule("variables.no-group")
def no_group(data: Data) -> Iterator[Problem]:
    """Patients of the study who are in none of the groups that are compared."""
    if data.cohort is None:
        return
    frame = data.cohort.frame
    told = {p.place.key for p in data.cohort.problems if p.id == "variables.unknown-level"}
    for name, key in compared(data.protocol).items():
        if name not in frame.columns:
            continue
        without = frame.filter(pl.col(name).is_null())["patient"].to_list()
        if told & {f"variables.{name}"}:
            without = [p for p in without if p in _blank(data, name)]
        if without and len(without) < frame.height:
            yield problem(
                "variables.no-group",
                place=Place(file="study.toml", key=key),
                name=name,
                n=len(without),
                patients=without,
            )


_NUMBER = r"^[+-]?\d+([.,]\d+)?$"
_DATE = r"^\d{4}-\d{2}-\d{2}|^\d{1,2}[./-]\d{1,2}[./-]\d{2,4}$|^\d{1,2}-[A-Za-z]{3}(-\d{2,4})?$"
ODD_SHARE = 0.2
"""Levels of so few patients are exceptions among the others."""


@rule("values.odd-level")
def odd_level(data: Data) -> Iterator[Problem]:
    """Dates or numbers among the words of a column: 2-Mar for II-III, 3 for III."""
    for name, variable in data.protocol.variables.items():
        column = variable.column or name
        if variable.derive or variable.source or variable.levels or variable.group:
            continue
        if not data.has("patients", column) or data.patients.get_column(column).dtype != pl.String:
            continue
        rows = data.included(data.patients).filter(pl.col(column).is_not_null())
        text = pl.col(column).str.strip_chars()
        for case, pattern in (("", _DATE), ("number", _NUMBER)):
            odd = rows.filter(text.str.contains(pattern))
            if case == "number":
                words = rows.filter(~text.str.contains(pattern))[column].unique(maintain_order=True)
                numbers = odd[column].unique(maintain_order=True)
                graded = [v for v in numbers if _is_of_a_scale(v, words.to_list())]
                odd = odd.filter(~pl.col(column).is_in(graded))
            if not 0 < odd.height <= ODD_SHARE * rows.height:
                continue
            yield problem(
                "values.odd-level",
                case,
                place=data.at("patients", column, odd["source_record"][0]),
                patient=odd["patient"][0] if odd.height == 1 else None,
                column=column,
                first=odd[column][0],
                values=odd[column].unique(maintain_order=True).to_list(),
                patients=odd["patient"].to_list(),
            )


_GRADED = re.compile(r"^[<>≤≥=~]*\s*(\d+)|^[IVX]+")


def _is_of_a_scale(number: str, words: Iterable[str]) -> bool:
    """Is a number the level of a scale whose other levels begin with other numbers?

    Examples
    --------
    >>> _is_of_a_scale("0", ["1+", "2+", "3+"]), _is_of_a_scale("3", ["1+", "2+", "3+"])
    (True, False)
    >>> _is_of_a_scale("0", ["I", "II"]), _is_of_a_scale("3", ["II", "III"])
    (True, False)
    """
    begins = [_GRADED.match(w.strip()) for w in words]
    figures = [m[1] for m in begins if m is not None and m[1]]
    if len(figures) == len(begins):
        return number.strip() not in figures
    return all(begins) and number.strip() == "0"


SOON_DAYS = 31
"""A value so soon after the start of treatment was probably meant as the baseline."""
OLD_DAYS = 92
"""A value so many days before the window is old, and yet the nearest one to the start."""


@rule("variables.value-after-start")
def value_after_start(data: Data) -> Iterator[Problem]:
    """No value in the window, but one soon after it or before: a slip, or too narrow a window."""
    yield from _performance_of_another_time(data)
    if data.cohort is None or not data.has("labs", "test", "date", "value"):
        return
    from oncohort.records.units import analyte

    after = data.protocol.schedule.baseline_days_after
    labs = data.included(data.records.tables["labs"]).join(
        data.patients.select("patient", _start="treatment_start").unique(
            "patient", keep="first", maintain_order=True
        ),
        on="patient",
    )
    days, before = pl.col("_days"), data.protocol.schedule.baseline_days_before
    soon = days.is_between(after + 1, SOON_DAYS)
    old = days.is_between(-before - OLD_DAYS, -before - 1)
    of_another_year = [(days + shift).is_between(-before, after) for shift in (-365, 365)]
    late = labs.with_columns(_days=(pl.col("date") - pl.col("_start")).dt.total_days()).filter(
        (soon | old | pl.any_horizontal(of_another_year)) & pl.col("value").is_not_null()
    )
    for name, variable in data.protocol.variables.items():
        if variable.derive != "lab" or name not in data.cohort.frame.columns:
            continue
        known = analyte(variable.test)
        same = [
            t
            for t in late["test"].drop_nulls().unique(maintain_order=True).to_list()
            if t == variable.test or (known is not None and analyte(t) == known)
        ]
        without = data.cohort.frame.filter(pl.col(name).is_null())["patient"]
        rows = late.filter(pl.col("patient").is_in(without.implode()) & pl.col("test").is_in(same))
        for row in rows.unique("patient", keep="first", maintain_order=True).iter_rows(named=True):
            yield problem(
                "variables.value-after-start",
                _case_of_days(row["_days"], before),
                place=data.at("labs", "date", row["source_record"]),
                patient=row["patient"],
                name=name,
                date=row["date"],
                days=abs(row["_days"]),
                start=row["_start"],
                window=before,
            )


LONG_DAYS = 183
"""A performance status so long before treatment is of another time, or of another year."""
FEW_OLD = 0.1
"""Share of the patients up to which such days are exceptions."""


def _performance_of_another_time(data: Data) -> Iterator[Problem]:
    """The only performance status of a patient is of a day long before treatment."""
    if data.cohort is None or not data.has("performance", "scale", "date", "value"):
        return
    names = [k for k, v in data.protocol.variables.items() if v.derive == "performance"]
    start = data.patients.select("patient", _start="treatment_start").unique(
        "patient", keep="first", maintain_order=True
    )
    rows = data.records.tables["performance"].join(start, on="patient", maintain_order="left")
    rows = rows.with_columns(_days=(pl.col("_start") - pl.col("date")).dt.total_days())
    for name in names:
        if name not in data.cohort.frame.columns:
            continue
        without = data.cohort.frame.filter(pl.col(name).is_null())["patient"]
        own = rows.filter(pl.col("patient").is_in(without.implode()))
        old = own.filter((pl.col("_days") > LONG_DAYS).all().over("patient")).sort("date")
        old = old.unique("patient", keep="last", maintain_order=True)
        if old.height > max(2, FEW_OLD * data.cohort.n):
            continue
        yield from data.notices(
            "variables.value-after-start",
            old.sort("source_record"),
            "performance",
            "date",
            "before",
            name=name,
            date=pl.col("date"),
            days=pl.col("_days"),
            start=pl.col("_start"),
            window=data.protocol.schedule.baseline_days_before,
        )


def _case_of_days(days: int, before: int) -> str:
    if days > SOON_DAYS or days < -before - OLD_DAYS:
        return "year"
    return "" if days > 0 else "before"


@rule("labs.two-values")
def two_values(data: Data) -> Iterator[Problem]:
    """Two different values of one test on one day, where a baseline value is taken from."""
    if not data.has("labs", "test", "date", "value") or not data.protocol.variables:
        return
    schedule = data.protocol.schedule
    keys = ["patient", "test", "unit", "date"]
    start = data.patients.select("patient", _start="treatment_start").unique(
        "patient", keep="first", maintain_order=True
    )
    days = (pl.col("date") - pl.col("_start")).dt.total_days()
    several = (
        data.included(data.records.tables["labs"])
        .join(start, on="patient", maintain_order="left")
        .filter(days.is_between(-schedule.baseline_days_before, schedule.baseline_days_after))
        .filter(pl.col("value").is_not_null() & pl.col("test").is_not_null())
        .group_by(keys, maintain_order=True)
        .agg("value", "source_row", "source_record")
        .filter(pl.col("value").list.n_unique() > 1)
    )
    for row in several.head(MANY).iter_rows(named=True):
        yield problem(
            "labs.two-values",
            place=data.at("labs", "value", row["source_record"][-1]),
            patient=row["patient"],
            test=row["test"],
            date=row["date"],
            values=[f"{v:g}" for v in dict.fromkeys(row["value"])],
            rows=data.records.cells.rows("labs", row["source_row"]),
        )


@rule("variables.one-group")
def one_group(data: Data) -> Iterator[Problem]:
    """A cut-point with every patient on one side, or groups that are compared and are one."""
    if data.cohort is None:
        return
    frame = data.cohort.frame
    compared = {u.variable: u.key for u in reversed(uses(data.protocol)) if u.how == "groups"}
    for name, key in compared.items():
        info = data.cohort.meaning.variables.get(name)
        if info is None or info.kind != "categorical" or data.protocol.variables[name].cut:
            continue
        values = frame[name].drop_nulls()
        if values.len() and values.n_unique() == 1:
            yield problem(
                "variables.one-group",
                "all",
                place=Place(file="study.toml", key=key),
                name=name,
                n=values.len(),
                level=info.levels.get(values[0], values[0]),
            )
    for name, variable in data.protocol.variables.items():
        if not variable.cut or name not in frame.columns:
            continue
        values = frame[name].drop_nulls()
        if values.len() and values.n_unique() == 1:
            yield problem(
                "variables.one-group",
                place=Place(file="study.toml", key=f"variables.{name}.cut"),
                name=name,
                cuts=[f"{c:g}" for c in variable.cut],
                n=values.len(),
                level=values[0],
            )
