"""Checks of long tables look at the few rows that can be wrong; what they find is the same."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from oncohort.checks import check
from oncohort.checks.measurements import visit_number
from oncohort.checks.rule import Data, numbered
from oncohort.checks.treatment import unlikely_dose
from oncohort.protocol import parse_protocol
from oncohort.records import Records
from oncohort.records.frames import empty_table
from oncohort.vocabulary.tables import TABLES

HEAD = '[study]\nschema = 1\ntitle = "A study"\ndata = "c.csv"\n'
DRUG = "[exposure.sorafenib]\namount = 400\ntimes_per_day = 2\n"


def _table(name: str, columns: dict[str, list[object]]) -> pl.DataFrame:
    rows = len(next(iter(columns.values())))
    empty = empty_table(TABLES[name])
    given_ = {k: pl.Series(v, dtype=empty.schema[k]) for k, v in columns.items()}
    return empty.clear(rows).with_columns(**given_)


def _records(name: str, columns: dict[str, list[object]]) -> Records:
    people = list(dict.fromkeys(columns["patient"]))
    return Records({"patients": _table("patients", {"patient": people}),
                    name: _table(name, columns)})  # fmt: skip


LABELS = ("baseline", "scan 1", "scan 2", "scan 3", "unscheduled")


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.tuples(
            st.sampled_from("ab"), st.sampled_from([None, "R1"]), st.sampled_from(LABELS),
            st.integers(0, 6),
        ),
        min_size=1, max_size=12,
    )
)  # fmt: skip
def test_a_visit_before_an_earlier_one_is_found_in_every_row(
    rows: list[tuple[str, str | None, str, int]],
) -> None:
    day = date(2014, 1, 1)
    records = _records(
        "lesions",
        {
            "patient": [r[0] for r in rows],
            "reader": [r[1] for r in rows],
            "visit": [r[2] for r in rows],
            "date": [day + timedelta(days=r[3]) for r in rows],
            "source_row": list(range(2, len(rows) + 2)),
        },
    )
    wrong = []
    for patient, reader, visit, at in rows:
        mine = visit_number(visit)
        others = [
            (number, day_)
            for p, r, v, day_ in rows
            if (p, r) == (patient, reader) and (number := visit_number(v)) is not None
        ]
        wrong.append(mine is not None and any(n < mine and d > at for n, d in others))
    found = [p for p in check(records, parse_protocol(HEAD)) if p.id == "lesions.visit-order"]
    said = sorted(str(p.what) for p in found)
    assert len(said) == sum(wrong)


def test_odd_doses_are_told_row_by_row() -> None:
    records = _records(
        "doses",
        {
            "patient": ["a", "a", "b", "c", "d"],
            "drug": ["Sorafenib", "sorafenib", "sorafenib", "sorafenib", None],
            "amount": [400.0, 800.0, 39.0, 400.0, 1.0],
            "times_per_day": [2.0, None, 2.0, 7.0, 8.0],
            "source_row": [2, 3, 4, 5, 6],
        },
    )
    data = Data(numbered(records), parse_protocol(HEAD + DRUG))
    assert [p.patient for p in unlikely_dose(data)] == ["a", "b", "c", "d"]
