"""An event that nothing in the data records makes an error, not a longer time."""

from datetime import date

import polars as pl
import pytest

from oncohort.endpoints.building import build_cohort
from oncohort.protocol import parse_protocol

START = date(2015, 1, 5)
HEAD = '[study]\nschema = 1\ntitle = "A"\ndata = "x.csv"\n'
WHO = {
    "patient": ["1", "2"],
    "treatment_start": [START, START],
    "treatment_end": [date(2015, 3, 5), date(2015, 4, 5)],
    "treatment_end_reason": ["toxicity", "progression"],
    "progression_date": [date(2015, 3, 1), None],
    "vital_status": ["dead", "alive"],
    "death_date": [date(2015, 9, 5), None],
    "last_contact": [date(2015, 9, 5), date(2016, 1, 5)],
    "source_row": [2, 3],
}
LINES = pl.DataFrame(
    {"patient": ["1"], "line": [2], "start": [date(2015, 4, 1)], "source_row": [2]}
)


def blocked(text: str, *absent: str, therapies: bool = True) -> bool:
    patients = pl.DataFrame({k: v for k, v in WHO.items() if k not in absent})
    tables = {"patients": patients} | ({"therapies": LINES} if therapies else {})
    cohort = build_cohort(tables, parse_protocol(HEAD + text))
    key = text.removeprefix("[endpoints.").partition("]")[0]
    said = [p for p in cohort.problems if p.id == "endpoints.not-recorded"]
    assert (f"{key}_time" in cohort.frame.columns) != bool(said)
    return bool(said)


@pytest.mark.parametrize(
    ("text", "absent", "therapies"),
    [
        ("[endpoints.tot]\n", ("treatment_end",), True),
        ("[endpoints.ttf]\n", ("treatment_end",), True),
        ('[endpoints.stop]\nevents = ["treatment_end"]\n', ("treatment_end",), True),
        ('[endpoints.x]\nevents = ["toxicity"]\n', ("treatment_end_reason",), True),
        ("[endpoints.ttnt]\n", (), False),
        ('[endpoints.pfs]\ncensoring = "new_therapy"\n', (), False),
        ("[endpoints.os]\n", ("death_date", "vital_status"), True),
    ],
)
def test_what_nobody_has_is_not_counted_as_never(
    text: str, absent: tuple[str, ...], therapies: bool
) -> None:
    assert blocked(text, *absent, therapies=therapies)
    assert not blocked(text)


@pytest.mark.parametrize(
    ("text", "absent"), [("[endpoints.ttf]\n", ()), ("[endpoints.os]\n", ("vital_status",))]
)
def test_what_another_column_tells_need_not_be_there(text: str, absent: tuple[str, ...]) -> None:
    assert not blocked(text, *absent, therapies=False)
