"""Values of the variables that are derived from record tables: one per patient, or missing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import polars as pl

from oncohort.endpoints.baseline_labs import baseline_rows_of
from oncohort.endpoints.variables import SIDES, side_of
from oncohort.problems import Place, Problem, errors, problem
from oncohort.protocol.references import nearest

if TYPE_CHECKING:
    from oncohort.criteria.assessed import Assessed
    from oncohort.protocol import Protocol
    from oncohort.protocol.data import Variable

Values = tuple[pl.DataFrame, tuple[Problem, ...]]
Tables = Mapping[str, pl.DataFrame]


def _nothing(
    name: str, variable: Variable, what: str, patients: pl.DataFrame, near: str = ""
) -> Values:
    wrong = problem(
        "variables.no-records",
        place=Place(file="study.toml", key=f"variables.{name}"),
        blocks=(f"variables.{name}",),
        name=name,
        derive=variable.derive,
        reason=what,
        nearest=near,
    )
    empty = patients.select("patient", pl.lit(None, dtype=pl.Float64).alias("value"))
    return empty, (wrong,)


def _with_all(patients: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    return patients.select("patient").join(found, on="patient", how="left", maintain_order="left")


def risk_assessed(model: str, tables: Tables, protocol: Protocol) -> Assessed:
    """The factors of a risk score for every patient, and the groups they make.

    Parameters
    ----------
    model
        ``imdc``, ``mskcc`` or ``mskcc_second_line``.
    """
    from oncohort.criteria import imdc, mskcc

    rule = protocol.schedule
    window = (rule.baseline_days_before, rule.baseline_days_after)
    given = (
        tables["patients"],
        tables.get("labs"),
        tables.get("performance"),
        tables.get("therapies"),
    )
    if model == "imdc":
        return imdc.assess(
            *given, window=window, ecog_map=rule.ecog_map, formula=rule.calcium_formula
        )
    line: Literal["first", "second"] = "second" if model == "mskcc_second_line" else "first"
    return mskcc.assess(*given, line=line, window=window, ecog_map=rule.ecog_map)


def _risk(name: str, variable: Variable, tables: Tables, protocol: Protocol) -> Values:
    """IMDC or MSKCC groups, from laboratory values, performance status and dates."""
    done = risk_assessed(str(variable.derive), tables, protocol)
    column = "imdc_group"
    if variable.derive != "imdc":
        column = next(c for c in done.table.columns if c.endswith("_group"))
    values = done.table.select("patient", pl.col(column).alias("value"))
    problems = tuple(
        replace(p, blocks=(f"variables.{name}",)) if errors([p]) and not p.wrong else p
        for p in done.problems
    )
    return _with_all(tables["patients"], values), problems


def _lab(name: str, variable: Variable, tables: Tables, protocol: Protocol) -> Values:
    """The baseline value of one test, in the variable's unit or the test's usual one."""
    from oncohort.records.units import UnitError, analyte, convert

    patients = tables["patients"]
    labs = tables.get("labs")
    if labs is None or labs.is_empty():
        return _nothing(name, variable, "there are no labs", patients)
    rows = baseline_rows_of(str(variable.test), labs, patients, protocol)
    if rows is None:
        near = nearest(str(variable.test), labs["test"].drop_nulls().unique().sort())
        return _nothing(name, variable, f'no lab is called "{variable.test}"', patients, near)
    wanted = analyte(variable.test)
    target = variable.unit or (wanted.unit if wanted is not None else "")
    values: list[float | None] = []
    problems: list[Problem] = []
    for row in rows.iter_rows(named=True):
        value = row["value"]
        if value is not None and target and row["unit"] != target:
            try:
                value = convert(value, row["unit"], target, test=row["test"])
            except UnitError as error:
                value = None
                problems.append(
                    problem(
                        "labs.unit",
                        place=Place(column="unit", row=row["source_row"]),
                        patient=row["patient"],
                        table="labs",
                        column="unit",
                        row=row["source_row"],
                        test=row["test"],
                        value=row["value"],
                        unit=row["unit"] or "(no unit)",
                        reason=error,
                    )
                )
        values.append(value)
    found = rows.select("patient").with_columns(pl.Series("value", values, dtype=pl.Float64))
    return _with_all(patients, found), tuple(problems)


def _performance(name: str, variable: Variable, tables: Tables, protocol: Protocol) -> Values:
    """Baseline performance status on one scale; the scales are never mixed."""
    from oncohort.criteria.window import last_in_window

    patients = tables["patients"]
    table = tables.get("performance")
    scale = variable.scale or "Karnofsky"
    if table is None or table.is_empty():
        return _nothing(name, variable, "there is no table performance", patients)
    rule = protocol.schedule
    rows = last_in_window(
        table.filter(pl.col("scale") == scale),
        patients,
        by=[],
        before=rule.baseline_days_before,
        after=rule.baseline_days_after,
    )
    return _with_all(patients, rows.select("patient", "value")), ()


def _sites(name: str, variable: Variable, tables: Tables, protocol: Protocol) -> Values:
    """Number of metastases, or whether they are on one side or both, in one organ or in all."""
    patients = tables["patients"]
    table = tables.get("sites")
    if table is None or table.is_empty():
        return _nothing(name, variable, "there is no table sites", patients)
    if variable.organ:
        organs = table["organ"].drop_nulls().unique().sort()
        table = table.filter(pl.col("organ").str.to_lowercase() == variable.organ.lower())
        if table.is_empty():
            near, why = nearest(variable.organ, organs), f'no site is called "{variable.organ}"'
            return _nothing(name, variable, why, patients, near)
    strange = _strange_sides(table) if variable.what == "side" else ()
    if variable.what == "side":
        sides = table.group_by("patient", maintain_order=True).agg(pl.col("side"))
        found = pl.DataFrame(
            {
                "patient": sides["patient"],
                "value": [side_of(list(s)) for s in sides["side"].to_list()],
            },
            schema={"patient": pl.String, "value": pl.String},
        )
    else:
        whole = pl.when(pl.col("count").null_count() == 0).then(pl.col("count").sum())
        found = table.group_by("patient", maintain_order=True).agg(
            whole.cast(pl.Float64).alias("value")
        )
    return _with_all(patients, found), strange


def _strange_sides(sites: pl.DataFrame) -> tuple[Problem, ...]:
    """Sides that are none of the known words: left, right, bilateral, unilateral."""
    written = pl.col("side").str.strip_chars().str.to_lowercase()
    strange = sites.filter(pl.col("side").is_not_null() & ~written.is_in(SIDES) & (written != ""))
    return tuple(
        problem(
            "values.unknown-level",
            place=Place(row=row["source_row"], column="side", key="tables.sites"),
            patient=row["patient"],
            table="sites",
            column="side",
            row=row["source_row"],
            name="side",
            reason=f"{row['side']!r} is none of {', '.join(SIDES)}",
            todo=f'Say what it means: codes = {{ side = {{ "{row["side"]}" = "left" }} }}.',
        )
        for row in strange.iter_rows(named=True)
    )


def _age(name: str, variable: Variable, tables: Tables, protocol: Protocol) -> Values:
    """Completed years at a date, from the birth date; the charted age where that lacks.

    The charted age is that at the start of treatment: it stands for no other date.
    """
    patients = tables["patients"]
    at = variable.at or "treatment_start"
    charted = patients["age"] if "age" in patients.columns and not variable.at else None
    if not {"birth_date", at} <= set(patients.columns):
        if charted is None:
            what = "age and no birth_date" if not variable.at else f"birth_date with {at}"
            return _nothing(name, variable, f"there is no {what}", patients)
        return patients.select("patient", pl.col("age").alias("value")), ()
    if patients.schema[at] != pl.Date:
        return _nothing(name, variable, f'"{at}" holds no dates', patients)
    birth, start = pl.col("birth_date"), pl.col(at)
    before = (start.dt.month() < birth.dt.month()) | (
        (start.dt.month() == birth.dt.month()) & (start.dt.day() < birth.dt.day())
    )
    years = (start.dt.year() - birth.dt.year() - before.cast(pl.Int32)).cast(pl.Float64)
    value = pl.coalesce(years, pl.col("age")) if charted is not None else years
    return patients.select("patient", value.alias("value")), ()


def _egfr(name: str, variable: Variable, tables: Tables, protocol: Protocol) -> Values:
    """Estimated glomerular filtration rate from baseline creatinine, age and sex."""
    from oncohort.criteria import renal

    patients = tables["patients"]
    if "sex" not in patients.columns:
        return _nothing(name, variable, "sex is not recorded", patients)
    lab = variable.model_copy(update={"derive": "lab", "test": "creatinine", "unit": "mg/dL"})
    creatinine, problems = _lab(name, lab, tables, protocol)
    age, more = _age(name, variable, tables, protocol)
    rows = (
        patients.select("patient", "sex")
        .join(creatinine.rename({"value": "creatinine"}), on="patient", how="left")
        .join(age.rename({"value": "age"}), on="patient", how="left")
    )
    values = [
        None
        if None in (row["sex"], row["creatinine"], row["age"])
        else renal.egfr(row["creatinine"], row["age"], row["sex"])
        for row in rows.iter_rows(named=True)
    ]
    found = rows.select("patient").with_columns(pl.Series("value", values, dtype=pl.Float64))
    return found, (*problems, *more)


_HOW: Mapping[str, Callable[[str, Variable, Tables, Protocol], Values]] = {
    "imdc": _risk,
    "mskcc": _risk,
    "mskcc_second_line": _risk,
    "lab": _lab,
    "performance": _performance,
    "sites": _sites,
    "age": _age,
    "egfr": _egfr,
}


def derived_values(name: str, variable: Variable, tables: Tables, protocol: Protocol) -> Values:
    """One value per patient for a variable with `derive`; (`patient`, `value`) and problems."""
    needs_start = variable.derive in ("imdc", "mskcc", "mskcc_second_line", "lab", "performance")
    if needs_start and "treatment_start" not in tables["patients"].columns:
        return _nothing(name, variable, "there is no treatment_start", tables["patients"])
    return _HOW[str(variable.derive)](name, variable, tables, protocol)
