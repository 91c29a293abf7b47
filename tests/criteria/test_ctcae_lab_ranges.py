"""Every numeric laboratory rule of CTCAE 3.0, 4.03 and 5.0 at, below and above each printed bound.

`fixtures/ctcae_lab_ranges.tsv` holds the ranges as the criteria print them (`<LLN - 10` is below
the lower limit down to 10); this test reads them by itself and asks both ways of grading. Rules
that hang on baseline, symptoms, fasting or anticoagulation have cases of their own below.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from oncohort.criteria import ctcae
from oncohort.records.units import analytes

FIXTURE = Path(__file__).parent / "fixtures" / "ctcae_lab_ranges.tsv"
_PART = re.compile(r"(>=|<=|>|<)?(.+)")


@dataclass(frozen=True)
class Row:
    version: str
    test: str
    direction: str
    unit: str
    ranges: tuple[str, ...]

    @property
    def shown(self) -> str:
        return analytes()[self.test].unit if self.unit == "any" else self.unit

    def numbers(self) -> list[Fraction]:
        found = [m for r in self.ranges for m in re.findall(r"[<>]=?\s*([\d.]+)$|- ([\d.]+)$", r)]
        plain = [Fraction(a or b) for a, b in found]
        return [*plain, *(Fraction(p[1]) for r in self.ranges for p in _bounds(r) if _plain(p[1]))]

    def limits(self) -> dict[str, Fraction]:
        """Limits of normal, and a baseline, on the sound side of every printed figure."""
        if self.test == "ph":
            return {"LLN": Fraction("7.35"), "ULN": Fraction("7.45"), "baseline": Fraction("7.4")}
        fixed = self.numbers()
        low = max(fixed, default=Fraction(80)) * Fraction(3, 2)
        usual = Fraction(1) if self.test == "creatinine" else Fraction(40)
        high = min(fixed, default=usual) * Fraction(4, 5)
        return {"LLN": low, "ULN": high, "baseline": Fraction(100)}


def _plain(text: str) -> bool:
    return re.fullmatch(r"[\d.]+", text) is not None


def _bounds(printed: str) -> list[tuple[str, str]]:
    """`<LLN - 10` as [("<", "LLN"), ("", "10")]."""
    out = []
    for part in printed.split(" - "):
        found = _PART.fullmatch(part)
        assert found, printed
        out.append((found[1] or "", found[2]))
    return out


def _figure(text: str, limits: dict[str, Fraction]) -> Fraction:
    factor, times, name = text.partition("x")
    if times:
        return Fraction(factor) * limits[name]
    return limits[text] if text in limits else Fraction(text)


def _within(value: Fraction, printed: str, low: bool, limits: dict[str, Fraction]) -> bool:
    bounds = [(op, _figure(text, limits)) for op, text in _bounds(printed)]
    op, first = bounds[0]
    inside = {
        ">": value > first, ">=": value >= first, "<": value < first, "<=": value <= first
    }[op]  # fmt: skip
    if len(bounds) == 1:
        return inside
    op, last = bounds[1]
    if low:
        return inside and (value > last if op == ">" else value >= last)
    return inside and (value < last if op == "<" else value <= last)


@cache
def rows() -> list[Row]:
    with FIXTURE.open(encoding="utf-8") as lines:
        return [
            Row(r["version"], r["test"], r["direction"], r["unit"],
                tuple(r[f"grade{g}"] for g in range(1, 5)))
            for r in csv.DictReader(lines, delimiter="\t")
        ]  # fmt: skip


@cache
def cases() -> list[tuple[Row, Fraction, int]]:
    """Each row with each value to try and the grade that the printed ranges give."""
    out = []
    for row in rows():
        limits = row.limits()
        printed = [(g, r) for g, r in enumerate(row.ranges, 1) if r != "-"]
        at = {_figure(text, limits) for _, r in printed for _, text in _bounds(r)}
        step = Fraction(1, 10_000)
        for bound in sorted(at):
            for value in (bound * (1 - step), bound, bound * (1 + step)):
                low = row.direction == "low"
                grade = max((g for g, r in printed if _within(value, r, low, limits)), default=0)
                out.append((row, value, grade))
    return out


def _name(row: Row) -> str:
    return f"{row.version} {row.test} {row.direction} {row.unit}"


def test_every_rule_is_in_the_table_or_among_the_cases() -> None:
    known = {(r.version, r.test, r.direction, r.unit) for r in rows()}
    known |= {(c[0], c[1], c[2], c[3]) for c in SPECIAL}
    rules = {
        (version, rule.test, rule.direction, unit)
        for version in ctcae.VERSIONS
        for rule in ctcae.rules(version)
        for unit in rule.grades
    }
    assert rules == known
    assert len(cases()) > 1500


@pytest.mark.parametrize("version", ctcae.VERSIONS)
def test_a_whole_table_is_graded_as_printed(version: str) -> None:
    mine = [(row, value, grade) for row, value, grade in cases() if row.version == version]
    labs = pl.DataFrame(
        [
            {
                "patient": str(i),
                "test": row.test,
                "value": float(value),
                "unit": row.shown,
                "lower_limit": float(row.limits()["LLN"]),
                "upper_limit": float(row.limits()["ULN"]),
                "specimen": "urine" if row.test.startswith("protein") else "blood",
                "source_row": i,
            }
            for i, (row, value, _) in enumerate(mine)
        ]
    )
    baseline = labs.with_columns(
        value=pl.lit(100.0), date=pl.date(2014, 1, 1), source_row=pl.lit(-1, pl.Int64)
    ).filter(pl.col("test") == "weight")
    labs = pl.concat([labs.with_columns(date=pl.date(2014, 3, 1)), baseline], how="diagonal")
    who = labs.select("patient").unique().with_columns(treatment_start=pl.date(2014, 1, 2))
    table = ctcae.grade_labs(labs, who, version=version, calcium_formula="none").table
    found = {
        (row, direction): (grade, missing)
        for row, direction, grade, missing in table.filter(pl.col("source_row") >= 0)
        .select("source_row", "direction", "grade", "missing")
        .iter_rows()
    }
    wrong = []
    for i, (row, value, grade) in enumerate(mine):
        got = found.get((i, row.direction))
        if got is None or got[0] != grade:
            wrong.append((_name(row), float(value), grade, got))
    assert wrong == []


def test_one_value_at_a_time_agrees() -> None:
    wrong = []
    for row, value, grade in cases():
        limits = row.limits()
        got = ctcae.grade(
            row.test,
            float(value),
            row.shown,
            version=row.version,
            lower=float(limits["LLN"]),
            upper=float(limits["ULN"]),
            baseline=float(limits["baseline"]),
            direction=row.direction,  # type: ignore[arg-type]
            specimen="urine" if row.test.startswith("protein") else "blood",
        )
        if got.grade != grade:
            wrong.append((_name(row), float(value), grade, got.reason))
    assert wrong == []


# version, test, direction, unit of the rule; value, what is known, grade, highest possible
Special = tuple[str, str, str, str, float, dict[str, Any], int | None, int]
SPECIAL: list[Special] = [
    ("3.0", "urate", "high", "mg/dL", 8.0, {"upper": 7.0, "symptoms": False}, 1, 1),
    ("3.0", "urate", "high", "mg/dL", 8.0, {"upper": 7.0, "symptoms": True}, 3, 3),
    ("3.0", "urate", "high", "mg/dL", 10.1, {"upper": 7.0}, 4, 4),
    ("3.0", "urate", "high", "mmol/L", 0.5, {"upper": 0.42}, 1, 3),
    ("3.0", "fibrinogen", "low", "mg/dL", 160, {"lower": 200, "baseline": 300}, 2, 2),
    ("3.0", "fibrinogen", "low", "mg/dL", 49, {"lower": 200, "baseline": 300}, 4, 4),
    ("3.0", "qtc", "high", "ms", 460, {"baseline": 400}, 2, 2),
    ("3.0", "qtc", "high", "ms", 460, {"baseline": 410}, 1, 1),
    ("3.0", "qtc", "high", "ms", 471, {}, 2, 2),
    ("3.0", "qtc", "high", "ms", 501, {}, 3, 3),
    ("4.03", "hemoglobin", "high", "g/dL", 18.0, {"upper": 17.0, "baseline": 15.0}, 1, 1),
    ("4.03", "hemoglobin", "high", "g/dL", 21.5, {"upper": 17.0, "baseline": 15.0}, 3, 3),
    ("4.03", "hemoglobin", "high", "g/dL", 19.5, {"upper": 17.0, "baseline": 18.0}, 1, 1),
    ("4.03", "creatinine", "high", "any", 1.0, {"upper": 1.2, "baseline": 0.8}, 1, 1),
    ("4.03", "creatinine", "high", "any", 1.3, {"upper": 1.2, "baseline": 0.8}, 2, 2),
    ("4.03", "creatinine", "high", "any", 2.5, {"upper": 1.2, "baseline": 0.8}, 3, 3),
    ("4.03", "creatinine", "high", "any", 7.3, {"upper": 1.2, "baseline": 0.8}, 4, 4),
    ("4.03", "potassium", "low", "mmol/L", 3.2, {"lower": 3.5}, 1, 2),
    ("4.03", "potassium", "low", "mmol/L", 3.2, {"lower": 3.5, "symptoms": True}, 2, 2),
    ("4.03", "potassium", "low", "mmol/L", 2.9, {"lower": 3.5}, 3, 3),
    ("4.03", "glucose", "high", "mg/dL", 200, {"upper": 110, "fasting": True}, 2, 2),
    ("4.03", "glucose", "high", "mg/dL", 200, {"upper": 110, "fasting": False}, 0, 0),
    ("4.03", "glucose", "high", "mg/dL", 200, {"upper": 110}, None, 2),
    ("4.03", "glucose", "high", "mg/dL", 251, {"upper": 110}, 3, 3),
    ("4.03", "glucose", "high", "mmol/L", 27.9, {"upper": 6.1}, 4, 4),
    ("4.03", "urate", "high", "mg/dL", 8.0, {"upper": 7.0, "symptoms": False}, 1, 1),
    ("4.03", "urate", "high", "mmol/L", 0.6, {"upper": 0.42}, 4, 4),
    ("4.03", "inr", "high", "any", 1.7, {"upper": 1.1}, 2, 2),
    ("4.03", "inr", "high", "any", 1.0, {"upper": 1.1, "anticoagulated": True, "baseline": 0.9},
     1, 1),
    ("4.03", "fibrinogen", "low", "mg/dL", 90, {"lower": 200, "baseline": 300}, 3, 3),
    ("4.03", "ejection_fraction", "low", "%", 50, {"baseline": 55}, 2, 2),
    ("4.03", "ejection_fraction", "low", "%", 55, {"baseline": 65}, 2, 2),
    ("4.03", "ejection_fraction", "low", "%", 44, {"baseline": 65}, 3, 3),
    ("4.03", "ejection_fraction", "low", "%", 19, {}, 4, 4),
    ("5.0", "hemoglobin", "high", "g/dL", 19.5, {"upper": 17.0, "baseline": 16.0}, 2, 2),
    ("5.0", "eosinophils", "high", "any", 0.9, {"upper": 0.5, "baseline": 0.4}, 1, 1),
    ("5.0", "eosinophils", "high", "any", 0.9, {"upper": 0.5, "baseline": 1.0}, 0, 0),
    ("5.0", "alt", "high", "any", 121, {"upper": 40, "baseline": 30}, 2, 2),
    ("5.0", "alt", "high", "any", 120, {"upper": 40, "baseline": 30}, 1, 1),
    ("5.0", "alt", "high", "any", 90, {"upper": 40, "baseline": 60}, 1, 1),
    ("5.0", "alt", "high", "any", 80, {"upper": 40, "baseline": 60}, 0, 0),
    ("5.0", "ast", "high", "any", 1201, {"upper": 40, "baseline": 60}, 4, 4),
    ("5.0", "alp", "high", "any", 300, {"upper": 100, "baseline": 150}, 1, 1),
    ("5.0", "alp", "high", "any", 299, {"upper": 100, "baseline": 150}, 0, 0),
    ("5.0", "ggt", "high", "any", 251, {"upper": 100, "baseline": 90}, 2, 2),
    ("5.0", "bilirubin", "high", "any", 1.9, {"upper": 1.2, "baseline": 1.0}, 2, 2),
    ("5.0", "bilirubin", "high", "any", 2.1, {"upper": 1.2, "baseline": 2.0}, 1, 1),
    ("5.0", "amylase", "high", "any", 250, {"upper": 100, "symptoms": False}, 2, 2),
    ("5.0", "amylase", "high", "any", 250, {"upper": 100, "symptoms": True}, 3, 3),
    ("5.0", "lipase", "high", "any", 510, {"upper": 100, "symptoms": True}, 4, 4),
    ("5.0", "lipase", "high", "any", 510, {"upper": 100, "symptoms": False}, 3, 3),
    ("5.0", "creatinine", "high", "any", 1.0, {"upper": 1.2, "baseline": 0.8}, 0, 0),
    ("5.0", "creatinine", "high", "any", 1.3, {"upper": 1.2, "baseline": 1.2}, 1, 1),
    ("5.0", "sodium", "low", "mmol/L", 127, {"lower": 135, "symptoms": False}, 2, 2),
    ("5.0", "sodium", "low", "mmol/L", 127, {"lower": 135, "symptoms": True}, 3, 3),
    ("5.0", "sodium", "low", "mmol/L", 124, {"lower": 135}, 3, 3),
    ("5.0", "sodium", "low", "mmol/L", 119, {"lower": 135}, 4, 4),
    ("5.0", "potassium", "low", "mmol/L", 3.2, {"lower": 3.5, "symptoms": False}, 1, 1),
    ("5.0", "urate", "high", "any", 8.0, {"upper": 7.0, "symptoms": True}, 3, 3),
    ("5.0", "inr", "high", "ratio", 1.2, {}, 0, 0),
    ("5.0", "inr", "high", "ratio", 1.21, {}, 1, 1),
    ("5.0", "inr", "high", "ratio", 2.6, {}, 3, 3),
    ("5.0", "fibrinogen", "low", "mg/dL", 49, {"lower": 200, "baseline": 300}, 4, 4),
    ("5.0", "fibrinogen", "low", "mg/dL", 149, {"lower": 200, "baseline": 300}, 2, 2),
    ("5.0", "qtc", "high", "ms", 465, {"baseline": 400}, 3, 3),
    ("5.0", "qtc", "high", "ms", 465, {"baseline": 410}, 1, 1),
    ("5.0", "qtc", "high", "ms", 465, {}, 1, 3),
    ("5.0", "ejection_fraction", "low", "%", 45, {"baseline": 65}, 3, 3),
]  # fmt: skip


@pytest.mark.parametrize("case", SPECIAL, ids=lambda c: f"{c[0]} {c[1]} {c[4]} {c[5]}")
def test_rules_that_hang_on_more_than_the_value(case: Special) -> None:
    version, test, direction, unit, value, known, grade, highest = case
    shown = analytes()[test].unit if unit == "any" else unit
    one = ctcae.grade(
        test,
        value,
        shown,
        version=version,
        direction=direction,
        specimen="blood",
        **known,  # type: ignore[arg-type]
    )
    assert (one.grade, one.highest) == (grade, highest), one.reason
    rest = {"lower": "lower_limit", "upper": "upper_limit"}
    row = {"patient": "1", "test": test, "value": float(value), "unit": shown, "specimen": "blood"}
    row |= {rest[k]: float(v) for k, v in known.items() if k in rest}
    row |= {k: known[k] for k in ("symptoms", "fasting") if k in known}
    frame = pl.DataFrame([row]).with_columns(date=pl.date(2014, 3, 1))
    if "baseline" in known:
        before = frame.with_columns(
            date=pl.date(2014, 1, 1), value=pl.lit(float(known["baseline"]))
        )
        frame = pl.concat([before, frame])
    who = pl.DataFrame({"patient": ["1"]}).with_columns(treatment_start=pl.date(2014, 1, 2))
    table = ctcae.grade_labs(
        frame, who, version=version, anticoagulated=known.get("anticoagulated", False)
    ).table
    last = table.filter(pl.col("direction") == direction).tail(1)
    assert last.select("grade", "highest").row(0) == (grade, highest)
