"""Evidence of variables: the value of each patient, and the cells that it was made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import polars as pl

from oncohort.study.evidence.rows import (
    SEEN,
    headed,
    nothing,
    number,
    plain,
    seen,
    together,
    words,
)

if TYPE_CHECKING:
    from oncohort.endpoints.cohort import Cohort
    from oncohort.endpoints.formulas import Held
    from oncohort.protocol import Protocol
    from oncohort.protocol.data import Variable

FACTORS: Mapping[str, str] = {
    "kps": "Performance status",
    "hemoglobin": "Hemoglobin",
    "calcium": "Corrected calcium",
    "neutrophils": "Neutrophils",
    "platelets": "Platelets",
    "ldh": "Lactate dehydrogenase",
    "time": "Time from diagnosis to systemic therapy",
    "nephrectomy": "Nephrectomy",
}
"""Factors of the risk scores in words."""
_DATES = {
    "diagnosis_date": "diagnosis",
    "first_systemic_date": "first systemic therapy",
    "treatment_start": "start of treatment",
    "metastasis_date": "first metastasis",
}
_STATES = {True: "present", False: "absent"}


def evidence_of_variable(protocol: Protocol, cohort: Cohort, key: str) -> pl.DataFrame:
    """Each patient's value of a variable, with the cells behind it."""
    info, values = cohort.meaning.variables[key], cohort.frame.select("patient", pl.col(key))
    declared = protocol.variables[key]
    shown = pl.col(key)
    if info.levels:
        shown = shown.replace(dict(info.levels))
    elif values.schema[key].is_numeric():
        shown = words(number(key), f" {info.unit}") if info.unit else number(key)
    text = shown.cast(pl.String).fill_null("missing")
    heads = values.select("patient", text.alias("head"))
    return headed(_behind(protocol, cohort, key, declared), heads)


def _behind(protocol: Protocol, cohort: Cohort, key: str, declared: Variable) -> pl.DataFrame:
    """What the value was made of."""
    if declared.source:
        if declared.source in cohort.meaning.variables:
            return evidence_of_variable(protocol, cohort, declared.source)
        return nothing()
    held = cohort.evidence.made_of.get(key)
    if held is not None:
        return together(*(_held(patient, parts) for patient, parts in held.items()))
    if declared.derive:
        return _derived(protocol, cohort, declared)
    patients, column = cohort.evidence.tables["patients"], declared.column or key
    if column not in patients.columns:
        return nothing()
    text = plain(patients, column)
    if declared.unit and patients.get_column(column).dtype.is_numeric():
        text = words(text, f" {declared.unit}")
    return seen(patients, text.fill_null("no value in the cell"), "patients", column)


def _held(patient: str, parts: Mapping[str, Held]) -> pl.DataFrame:
    """The values that a formula took for one patient."""
    from oncohort.study.derivations import value_words

    lines = [(patient, value_words(n, h), h.table, h.column, h.row) for n, h in parts.items()]
    return pl.DataFrame(lines, schema=SEEN, orient="row")


def _derived(protocol: Protocol, cohort: Cohort, declared: Variable) -> pl.DataFrame:
    """The rows of the record tables that a derivation took."""
    if declared.derive in ("imdc", "mskcc", "mskcc_second_line"):
        return risk_factors(protocol, cohort, declared.derive)
    if declared.derive == "lab":
        return _lab(protocol, cohort, declared)
    if declared.derive == "performance":
        return _performance(protocol, cohort, declared)
    if declared.derive == "sites":
        return _sites(cohort, declared)
    if declared.derive == "age":
        return _age(cohort, declared)
    if declared.derive == "egfr":
        creatinine = declared.model_copy(
            update={"derive": "lab", "test": "creatinine", "unit": "mg/dL"}
        )
        patients = cohort.evidence.tables["patients"]
        sex = seen(patients, "sex", "patients", "sex") if "sex" in patients.columns else nothing()
        return together(_lab(protocol, cohort, creatinine), _age(cohort, declared), sex)
    return nothing()


def _lab(protocol: Protocol, cohort: Cohort, declared: Variable) -> pl.DataFrame:
    from oncohort.endpoints.baseline_labs import baseline_rows_of

    tables = cohort.evidence.tables
    labs = tables.get("labs")
    if labs is None or labs.is_empty():
        return nothing()
    rows = baseline_rows_of(str(declared.test), labs, tables["patients"], protocol)
    if rows is None:
        return nothing()
    text = words(
        pl.col("test"), pl.lit(" ") + number("value"), pl.lit(" ") + pl.col("unit"), _on("date")
    )
    return seen(rows, text, "labs", "value")


def _on(column: str) -> pl.Expr:
    return pl.lit(" on ") + pl.col(column).cast(pl.String)


def _performance(protocol: Protocol, cohort: Cohort, declared: Variable) -> pl.DataFrame:
    from oncohort.criteria.window import last_in_window

    table, scale = cohort.evidence.tables.get("performance"), declared.scale or "Karnofsky"
    if table is None or table.is_empty():
        return nothing()
    rows = last_in_window(
        table.filter(pl.col("scale") == scale),
        cohort.evidence.tables["patients"],
        by=[],
        before=protocol.schedule.baseline_days_before,
        after=protocol.schedule.baseline_days_after,
    )
    text = words(pl.col("scale"), pl.lit(" ") + number("value"), _on("date"))
    return seen(rows, text, "performance", "value")


def _sites(cohort: Cohort, declared: Variable) -> pl.DataFrame:
    table = cohort.evidence.tables.get("sites")
    if table is None or table.is_empty():
        return nothing()
    if declared.organ:
        table = table.filter(pl.col("organ").str.to_lowercase() == declared.organ.lower())
    count = number("count") if "count" in table.columns else pl.lit(None, dtype=pl.String)
    side = pl.col("side") if "side" in table.columns else pl.lit(None, dtype=pl.String)
    parts = (pl.col("organ"), pl.lit(", ") + side, pl.lit(", ") + count + pl.lit(" metastases"))
    return seen(table, words(*parts), "sites", "side" if declared.what == "side" else "count")


def _age(cohort: Cohort, declared: Variable) -> pl.DataFrame:
    """The dates that an age is counted between, or the charted age where they lack."""
    patients, at = cohort.evidence.tables["patients"], declared.at or "treatment_start"
    if {"birth_date", at} <= set(patients.columns):
        dated = patients.filter(pl.all_horizontal(pl.col("birth_date", at).is_not_null()))
        charted = patients.join(dated, on="patient", how="anti", maintain_order="left")
        where = _DATES.get(at, at.replace("_", " "))
        born = seen(dated, pl.format("born {}", pl.col("birth_date")), "patients", "birth_date")
        then = seen(dated, pl.format("{} {}", pl.lit(where), pl.col(at)), "patients", at)
    else:
        charted, born, then = patients, nothing(), nothing()
    own = nothing()
    if "age" in patients.columns and not declared.at:
        known = charted.filter(pl.col("age").is_not_null())
        own = seen(known, words(number("age"), " years"), "patients", "age")
    return together(born, then, own)


def risk_factors(protocol: Protocol, cohort: Cohort, model: str) -> pl.DataFrame:
    """Each factor of a risk score: present or absent, why, and the cell that decides it."""
    from oncohort.endpoints.derived_values import risk_assessed

    found = risk_assessed(model, cohort.evidence.tables, protocol).evidence
    performed, timed = pl.col("factor") == "kps", pl.col("factor") == "time"
    dated = pl.col("date").is_not_null()
    table = (
        pl.when(timed | (performed & ~dated)).then(pl.lit("patients"))
        .when(performed).then(pl.lit("performance"))
        .otherwise(pl.lit("labs"))
    )  # fmt: skip
    end = "treatment_start" if model == "mskcc" else "first_systemic_date"
    column = (
        pl.when(timed).then(pl.lit(end))
        .when(performed & ~dated)
        .then(pl.when(pl.col("unit") == "ECOG").then(pl.lit("ecog")).otherwise(pl.lit("kps")))
        .otherwise(pl.lit("value"))
    )  # fmt: skip
    state = pl.col("present").replace_strict(_STATES, default="not known", return_dtype=pl.String)
    why = pl.col("reason").str.replace_many(_DATES).str.replace_all(r"(\d)\.0\b", "$1")
    name = pl.col("factor").replace(FACTORS)
    rows = found.with_columns(text=pl.format("{}: {} ({})", name, state, why))
    first = seen(rows, "text", table, column)
    patients = cohort.evidence.tables["patients"]
    if "diagnosis_date" not in patients.columns or not found.filter(timed).height:
        return first
    diagnosed = patients.filter(pl.col("diagnosis_date").is_not_null())
    start = pl.format("Diagnosis {}", pl.col("diagnosis_date"))
    return together(first, seen(diagnosed, start, "patients", "diagnosis_date"))
