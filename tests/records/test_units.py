"""Units: spellings, exact factors, there and back, and what is refused."""

from __future__ import annotations

import math
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncohort.records import units


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("g/dl", "g/dL"),
        ("G/DL", "g/dL"),
        ("gm/dL", "g/dL"),
        ("x10^9/L", "10^9/L"),
        ("× 10⁹/L", "10^9/L"),
        ("10*9/L", "10^9/L"),
        ("10**9/L", "10^9/L"),
        ("10e9/L", "10^9/L"),
        ("10(9)/L", "10^9/L"),
        ("x 10^3/μL", "10^3/uL"),
        ("K/uL", "10^3/uL"),
        ("/mm3", "/uL"),
        ("/mm³", "/uL"),
        ("/µL", "/uL"),
        ("10^4/mm3", "10^4/uL"),
        ("万/μL", "10^4/uL"),
        ("IU/L", "U/L"),
        ("μmol/l", "umol/L"),
        ("mEq/L", "mEq/L"),
        ("mL/min/1.73 m2", "mL/min/1.73m2"),
        ("mL/min/1.73m²", "mL/min/1.73m2"),
        ("g/day", "g/24h"),
    ],
)
def test_spellings(text: str, name: str) -> None:
    assert units.unit(text).name == name


@pytest.mark.parametrize(
    ("value", "source", "target", "test", "expected"),
    [
        (0.8, "mg/dL", "mg/L", "CRP", 8.0),
        (65.0, "g/L", "g/dL", "Hb", 6.5),
        (75_000.0, "/mm3", "10^9/L", "platelets", 75.0),
        (9.0, "mg/dL", "mmol/L", "calcium", 9.0 * 0.2495),
        (12.0, "g/dL", "mmol/L", "hemoglobin", 12.0 * 0.6206),  # as Danish and Dutch charts have it
        (88.4, "umol/L", "mg/dL", "creatinine", 1.0),
        (17.1, "umol/L", "mg/dL", "bilirubin", 1.0),
        (5.0, "mEq/L", "mmol/L", "calcium", 2.5),
        (4.0, "mEq/L", "mmol/L", "potassium", 4.0),
        (25.0, "g/L", "g/dL", "albumin", 2.5),
        (1.0, "ukat/L", "U/L", "ALT", 60.0),
        (0.45, "s", "ms", "QTc", 450.0),
    ],
)
def test_values(value: float, source: str, target: str, test: str, expected: float) -> None:
    assert units.convert(value, source, target, test) == pytest.approx(expected, rel=1e-12)


def test_at_round_figures_the_conversion_is_exact() -> None:
    assert units.convert(65, "g/L", "g/dL", "Hb") == 6.5
    assert units.convert(1500, "/mm3", "10^9/L", "ANC") == 1.5
    assert units.convert(221.0, "umol/L", "mg/dL", "creatinine") == 2.5


def test_giga_per_litre_depends_on_the_test() -> None:
    assert units.unit("G/L", "PLT").name == "10^9/L"
    assert units.unit("G/L", "Hb").name == "g/L"


@pytest.mark.parametrize("missing", [None, "", "  "])
def test_no_unit_is_refused(missing: str | None) -> None:
    with pytest.raises(units.UnitError, match="no unit"):
        units.convert(8, missing, "mg/dL", "CRP")


@pytest.mark.parametrize(
    ("source", "target", "test"),
    [("%", "10^9/L", "neutrophils"), ("mmol/L", "g/dL", "albumin"), ("furlong", "cm", None)],
)
def test_other_dimensions_are_refused(source: str, target: str, test: str | None) -> None:
    with pytest.raises(units.UnitError):
        units.convert(1, source, target, test)


PAIRS = sorted(
    (name, other.name)
    for name, known in units.analytes().items()
    for other in units.UNITS.values()
    if other.kind == known.kind
    or (known.si is not None and {other.kind, known.kind} == {"mass", "amount"})
)


@settings(deadline=None, max_examples=200)
@given(pair=st.sampled_from(PAIRS), value=st.floats(1e-3, 1e6))
def test_there_and_back(pair: tuple[str, str], value: float) -> None:
    test, other = pair
    home = units.analytes()[test].unit
    back = units.convert(units.convert(value, home, other, test), other, home, test)
    assert math.isclose(back, value, rel_tol=1e-12)


def test_every_analyte_has_a_unit_of_its_kind_and_no_name_is_used_twice() -> None:
    for known in units.analytes().values():
        assert units.UNITS[known.unit].kind == known.kind
    assert units.analyte("Ca") == units.analytes()["calcium"]
    assert units.analyte("iCa") == units.analytes()["calcium_ionized"]
    assert units.analyte("Haemoglobin") == units.analytes()["hemoglobin"]
    assert units.analyte("γ-GTP") == units.analytes()["ggt"]


def test_table_says_how_many_rows_have_no_unit_and_where() -> None:
    labs = pl.DataFrame(
        {
            "patient": ["a", "b", "c", "d"],
            "test": ["CRP", "CRP", "crp", "foo"],
            "value": [0.8, 8.0, 1.0, 2.0],
            "unit": ["mg/dL", None, "cells/uL", None],
            "source_row": [2, 3, 4, 5],
        }
    )
    done = units.convert_labs(labs)
    assert done.table["standard_value"].to_list() == [0.8, None, None, None]
    assert [(p.id, p.severity.value, p.place.row) for p in done.problems] == [
        ("units.missing", "question", 3),
        ("units.unknown", "error", 4),
    ]


@pytest.mark.parametrize(
    ("test", "unit", "usual", "factor"),
    [
        ("PSA", "µg/L", "ng/mL", 1),
        ("CA 19-9", "kU/L", "U/mL", 1),
        ("CA-125", "IU/mL", "U/mL", 1),
        ("β-HCG", "mIU/mL", "U/L", 1),
        ("Thyroglobulin", "pg/mL", "ng/mL", Fraction(1, 1000)),
        ("AFP", "ng/dL", "ng/mL", Fraction(1, 100)),
        ("癌胚抗原", "ug/L", "ng/mL", 1),
    ],
)
def test_tumour_markers_have_units(test: str, unit: str, usual: str, factor: Fraction) -> None:
    known = units.analyte(test)
    assert known is not None and known.unit == usual
    assert units.ratio(test, unit, usual) == factor
