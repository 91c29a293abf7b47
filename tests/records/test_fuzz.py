"""Fuzzing the readers: whatever the bytes, a reading or a refusal, never a crash.

Two parts: hypothesis makes sheets of awkward values; a mutating fuzzer keeps inputs that reach new
lines of the readers and mutates them further. Run by `make verify`; ONCOHORT_FUZZ_SECONDS sets
the time of the second part.
"""

from __future__ import annotations

import os
import random
import sys
import time
from pathlib import Path
from types import FrameType
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oncohort.problems import OncohortError, Place
from oncohort.protocol import parse_protocol
from oncohort.records import read_records
from oncohort.study.new import new_study

HEADERS = st.one_of(
    st.text(max_size=15),
    st.sampled_from(
        [
            "patient",
            "ID",
            "Age (y)",
            "sex",
            "Status",
            "scan1_date",
            "scan2_date",
            "scan1_sum",
            "AE1",
            "AE1_grade",
            "AE2",
            "OS_months",
            "OS_event",
            "PFS",
            "PFS.time",
            "CRP (mg/dL)",
            "最良効果",
            "Name",
            "dob",
            "",
            "Total",
            "Start",
            "redcap_event_name",
            "redcap_repeat_instrument",
        ]
    ),
)
CELLS = st.one_of(
    st.text(max_size=12),
    st.integers(-(10**12), 10**12).map(str),
    st.floats(allow_nan=True).map(str),
    st.sampled_from(
        [
            "1",
            "2",
            "0",
            "PD",
            "SD",
            "M",
            "female",
            "2015-01-01",
            "31/12/2019",
            "04/03/2019",
            "<5",
            "ND",
            "12,5",
            "999",
            "=1+1",
            '"',
            "'",
            "\\",
            "]",
            "#",
            "\x0b",
            "\x85",
            "\u2028",
            "²",
        ]
    ),
)


@pytest.mark.verify
@settings(
    deadline=None,
    max_examples=1500,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    header=st.lists(HEADERS, min_size=1, max_size=8),
    rows=st.lists(st.lists(CELLS, min_size=1, max_size=8), max_size=8),
)
def test_any_sheet_is_drafted_and_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, header: list[str], rows: list[list[str]]
) -> None:
    import csv

    folder = tmp_path_factory.mktemp("fuzz")
    with (folder / "c.csv").open("w", newline="", encoding="utf-8", errors="replace") as handle:
        csv.writer(handle).writerows([header, *rows])
    try:
        made = new_study(folder / "study", folder / "c.csv")
        read_records(made.protocol, made.folder)
    except OncohortError as error:
        assert error.problems
        assert all(p.id and p.what and p.place != Place() for p in error.problems)


def _seeds(folder: Path) -> list[bytes]:
    book = openpyxl.Workbook()
    book.active.title = "patients"
    book.active.append(["patient", "age", "treatment_start"])
    book.active.append(["1", 60, "2015-01-01"])
    book.save(folder / "seed.xlsx")
    import polars as pl

    pl.DataFrame({"patient": ["1"], "age": [60.0]}).write_parquet(folder / "seed.parquet")
    return [
        (folder / "seed.xlsx").read_bytes(),
        (folder / "seed.parquet").read_bytes(),
        b"patient;age\n1;60\n2;58,5\n",
        b"$FL2@(#) SPSS DATA FILE" + bytes(200),
        b"<stata_dta><header><release>118</release>" + bytes(100),
        "患者番号,年齢\n1,60\n".encode("cp932"),
    ]


def _mutated(data: bytes, chance: random.Random) -> bytes:
    out = bytearray(data)
    for _ in range(chance.randint(1, 8)):
        kind = chance.randrange(5)
        at = chance.randrange(len(out) + 1) if out else 0
        if kind == 0 and out:
            out[at % len(out)] ^= 1 << chance.randrange(8)
        elif kind == 1:
            out[at:at] = bytes(chance.randrange(256) for _ in range(chance.randint(1, 8)))
        elif kind == 2:
            del out[at : at + chance.randint(1, 40)]
        elif kind == 3 and out:
            end = at + chance.randint(1, 60)
            out[at:at] = out[at:end]
        else:
            out = out[: max(1, at)]
    return bytes(out)


@pytest.mark.verify
def test_mutated_files_are_read_or_refused(tmp_path: Path) -> None:
    """Coverage-guided: an input that reaches a new line of the readers is kept and mutated."""
    chance = random.Random(5)
    corpus = _seeds(tmp_path)
    reached: set[tuple[str, int]] = set()
    protocol = parse_protocol('[study]\nschema = 1\ntitle = "A study"\ndata = "c.bin"\n')
    fresh = False

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal fresh
        if "/oncohort/records/" not in frame.f_code.co_filename:
            return None
        if event == "line":
            line = (frame.f_code.co_filename, frame.f_lineno)
            if line not in reached:
                reached.add(line)
                fresh = True
        return trace

    tried = refused = 0
    until = time.monotonic() + float(os.environ.get("ONCOHORT_FUZZ_SECONDS", "60"))
    while time.monotonic() < until:
        data = _mutated(chance.choice(corpus), chance)
        (tmp_path / "c.bin").write_bytes(data)
        fresh = False
        sys.settrace(trace)
        try:
            read_records(protocol, tmp_path)
        except OncohortError:
            refused += 1
        finally:
            sys.settrace(None)
        tried += 1
        if fresh:
            corpus.append(data)
    print(f"{tried} inputs, {refused} refused, {len(corpus)} kept, {len(reached)} lines reached")
    assert tried > 100
