"""No text that somebody wrote into a chart or a paper runs in a spreadsheet."""

from __future__ import annotations

import csv
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from oncohort.twin.writing import write_study
from oncohort.vocabulary.spreadsheets import no_formula

STARTS = st.sampled_from(["=", "@", "+", "-", "\t", " =", "\ufeff@", "\r=", "\n+"])


@given(STARTS, st.text(alphabet="ABc(1)!'|", min_size=1, max_size=8))
def test_what_would_be_a_formula_is_text(start: str, rest: str) -> None:
    text = no_formula(f"{start}{rest}x")
    assert text.startswith("'")


@given(st.floats(-1e6, 1e6), st.text(alphabet="abc =+-@", max_size=8))
def test_numbers_and_plain_texts_stay(number: float, text: str) -> None:
    assert no_formula(number) == number
    assert no_formula(f"{number:.3f}") == f"{number:.3f}"
    assert no_formula(f"x{text}") == f"x{text}"


def test_a_twin_writes_no_formula(tmp_path: Path) -> None:
    write_study({"patients": [{"patient": "1", "note": "=cmd|'/C calc'!A0"}]}, "", tmp_path)
    with (tmp_path / "data" / "patients.csv").open(encoding="utf-8") as file:
        assert list(csv.reader(file))[1] == ["1", "'=cmd|'/C calc'!A0"]
