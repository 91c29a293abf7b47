"""A wrong day after the cutoff shows somebody alive on it: what rests on follow-up is left out."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "mutations"))

from clean_study import clean_tables, write_study

from oncohort.problems import errors
from oncohort.study.study import read_study


@pytest.mark.parametrize(
    ("column", "value", "follow_up"),
    [
        ("treatment_end", "2099-01-01", True),
        ("treatment_end", "5O", False),
    ],
)
def test_follow_up_that_ends_on_the_cutoff_because_of_a_wrong_day(
    tmp_path: Path, column: str, value: str, follow_up: bool
) -> None:
    tables = clean_tables()
    tables["patients"][12][column] = value
    study = read_study(write_study(tmp_path / "study", tables))
    found = [p for p in errors(study.problems) if any(column in w.columns for w in p.wrong)]
    assert found
    blocks = {b for p in found for b in p.blocks}
    assert ({"survival.os", "survival.follow_up"} <= blocks) is follow_up
