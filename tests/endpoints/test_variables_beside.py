"""Values of variables stand beside their patients, whatever order they were made in."""

from __future__ import annotations

import polars as pl

from oncohort.endpoints.declared_variables import _beside


def values(*rows: tuple[str, float | None]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema={"patient": pl.String, "value": pl.Float64}, orient="row")


def test_values_go_to_their_patients_in_the_order_of_the_variables() -> None:
    patients = pl.Series("patient", ["a", "b", "c"])
    held = {
        "turned": values(("c", 3.0), ("a", 1.0)),
        "same": values(("a", 4.0), ("b", None), ("c", 6.0)),
        "one": values(("b", 2.0)),
    }
    assert _beside(patients, held).to_dict(as_series=False) == {
        "patient": ["a", "b", "c"],
        "turned": [1.0, None, 3.0],
        "same": [4.0, None, 6.0],
        "one": [None, 2.0, None],
    }


def test_a_row_without_a_patient_has_no_value() -> None:
    patients = pl.Series("patient", ["a", None])
    frame = _beside(patients, {"x": pl.DataFrame({"patient": patients, "value": [1.0, 2.0]})})
    assert frame["x"].to_list() == [1.0, None]


def test_without_variables_there_are_the_patients() -> None:
    assert _beside(pl.Series("patient", ["a"]), {}).columns == ["patient"]
