"""Drafts of charts with several rows of a patient: kinds of events, intervals, blocks, lesions."""

from __future__ import annotations

from pathlib import Path

import pytest

from oncohort.protocol import parse_protocol
from oncohort.study.draft_blocks import block_question, filled_down, records_beside
from oncohort.study.draft_lesions import (
    lesion_matches,
    role_question,
    settle_lesion_rows,
    settle_sums,
    sizes_of,
)
from oncohort.study.draft_several import rows_of, settle_several
from oncohort.study.drafting import Page, read_pages


def page_of(text: str, folder: Path, name: str = "chart.csv") -> Page:
    (folder / name).write_text(text)
    (page,) = read_pages(folder / name, name)
    return page


def rows(head: str, *lines: str) -> str:
    return "\n".join([head, *lines]) + "\n"


# -- draft_several ---------------------------------------------------------------------------------


def kinds(values: tuple[str, str], folder: Path) -> Page:
    lines = []
    for i in range(1, 13):
        lines.append(f"{i},6{i % 10},{values[0]},{10 + i},{i % 2}")
        lines.append(f"{i},6{i % 10},{values[1]},{30 + 2 * i},{i % 3 % 2}")
    page = page_of(rows("id,age,etype,time,status", *lines), folder)
    page.table = "patients"
    return page


def test_kinds_of_rows_are_endpoints_asked_together(tmp_path: Path) -> None:
    found = settle_several(kinds(("1", "2"), tmp_path))
    assert found is not None
    assert found.lines == ['one_row.by = "etype"', 'one_row.columns = ["time", "status"]']
    (question,) = found.questions
    assert question.name == "endpoints_of_rows"
    assert sum(line.startswith("[endpoints.???]") for line in question.lines) == 2
    assert found.taken == {"etype", "time", "status"}


def test_kinds_that_are_named_are_written(tmp_path: Path) -> None:
    found = settle_several(kinds(("OS", "PFS"), tmp_path))
    assert found is not None
    headers = [line for line in found.questions[0].lines if line.startswith("[endpoints")]
    assert headers == ["[endpoints.os]", "[endpoints.pfs]"]


def test_intervals_ask_whose_end_is_meant(tmp_path: Path) -> None:
    lines = [
        f"{i},{(5 + i) * k},{(5 + i) * (k + 1)},{int(k == 2)}"
        for i in range(1, 8)
        for k in range(3)
    ]
    found = settle_several(page_of(rows("id,start,stop,event", *lines), tmp_path))
    assert found is not None
    assert found.lines == ['one_row.order = "start"', 'one_row.ends = ["stop", "event"]']
    assert [q.name for q in found.questions] == ["rows_per_patient"]
    assert [(p.time, p.event) for p in found.pairs] == [("stop", "event")]
    assert found.joins_pairs


def test_rows_that_nothing_tells_apart_ask_for_the_first_or_last(tmp_path: Path) -> None:
    lines = [f"{i},6{i % 10},{k}" for i in range(1, 9) for k in (4, 5)]
    page = page_of(rows("patient,age,hb", *lines), tmp_path)
    found = settle_several(page)
    assert found is not None
    assert found.questions[0].lines[0].startswith("one_row.keep = ???")


@pytest.mark.parametrize("twice", [0, 1, 2])
def test_a_few_rows_too_many_are_slips_and_no_layout(twice: int, tmp_path: Path) -> None:
    lines = [f"{i},6{i % 10}" for i in range(1, 31)] + [f"{i + 1},40" for i in range(twice)]
    page = page_of(rows("patient,age", *lines), tmp_path)
    assert settle_several(page) is None
    assert sum(len(r) > 1 for r in rows_of(page).values()) == twice


def test_rows_that_are_the_same_in_every_cell_are_asked_about(tmp_path: Path) -> None:
    lines = [f"{i},6{i % 10}" for i in [*range(1, 31), 4, 7]]
    found = settle_several(page_of(rows("patient,age", *lines), tmp_path))
    assert found is not None
    assert [q.name for q in found.questions] == ["rows_twice"]
    assert "4: rows 5, 32; 7: rows 8, 33" in found.questions[0].text


# -- draft_blocks ----------------------------------------------------------------------------------

BLOCKS = rows(
    "patient,age,date,response",
    *(
        line
        for i in range(1, 7)
        for line in (
            f"{i},6{i},2015-0{i}-01,SD",
            f",,2015-0{i}-20,PR",
            f",,2015-0{i}-27,PD",
        )
    ),
)


def test_rows_without_a_patient_below_one_are_asked_about(tmp_path: Path) -> None:
    page = page_of(BLOCKS, tmp_path)
    question = block_question(page)
    assert question is not None
    assert question.lines == ["fill_down = true", 'one_row.keep = "first"']
    assert "12 of 18 rows" in question.text


def test_no_block_where_each_row_has_a_patient_or_few_have_none(tmp_path: Path) -> None:
    whole = rows("patient,age", *(f"{i},6{i % 10}" for i in range(1, 30)))
    assert block_question(page_of(whole, tmp_path)) is None
    assert block_question(page_of(whole + ",61\n", tmp_path, "b.csv")) is None


def test_a_patient_is_filled_down_and_nothing_above_the_first(tmp_path: Path) -> None:
    raw = filled_down(page_of(BLOCKS, tmp_path).raw, "patient")
    assert [str(v) for v in raw.columns[0]] == [str(i) for i in range(1, 7) for _ in range(3)]


def test_what_differs_within_blocks_is_a_table_of_records(tmp_path: Path) -> None:
    page = page_of(BLOCKS, tmp_path)
    beside = records_beside(page, set())
    assert beside is not None
    assert (beside.table, beside.fill_down) == ("assessments", True)
    assert set(beside.ours) == {"patient", "date", "overall"}
    assert "response" not in {m.column for m in page.matches}
    assert records_beside(page_of(BLOCKS, tmp_path), {"assessments"}) is None


# -- draft_lesions ---------------------------------------------------------------------------------


def lesions(
    folder: Path, head: str = "patient,lesion,site,Baseline (mm),Scan 1 (mm),Scan 2 (mm)"
) -> Page:
    lines = [f"{i},T{k},lung,{20 + k},{18 - k},{15 + k}" for i in range(1, 7) for k in (1, 2)]
    return page_of(rows(head, *lines), folder)


def test_a_row_per_lesion_with_sizes_at_scans_is_the_table_of_lesions(tmp_path: Path) -> None:
    page = lesions(tmp_path)
    assert page.table == "sites"  # by its organs alone
    settle_lesion_rows(page)
    assert page.table == "lesions"
    repeat = sizes_of(page)
    assert repeat is not None
    assert repeat.patterns["diameter_mm"].startswith("Scan {n}")
    assert repeat.baseline["diameter_mm"].startswith("Baseline")
    assert {m.ours for m in lesion_matches(page, repeat)} >= {"patient", "lesion", "site"}


def test_a_row_per_patient_with_sizes_is_no_table_of_lesions(tmp_path: Path) -> None:
    lines = [f"{i},T1,lung,{20 + i},{18 - i},15" for i in range(1, 9)]
    head = "patient,lesion,site,Baseline (mm),Scan 1 (mm),Scan 2 (mm)"
    page = page_of(rows(head, *lines), tmp_path)
    page.table = None
    settle_lesion_rows(page)
    assert page.table is None


def test_sums_at_visits_are_one_lesion(tmp_path: Path) -> None:
    lines = [f"{i},2015-0{k}-0{i},{60 - 5 * k}" for i in range(1, 7) for k in (1, 3, 5)]
    page = page_of(rows("patient,date,sum of diameters (mm)", *lines), tmp_path)
    page.table = None
    settle_sums(page)
    assert page.table == "lesions"
    assert page.ours["diameter_mm"] == "sum of diameters (mm)"
    assert role_question(page, page.ours)[0] == [
        'constants.role = "target"',
        'constants.lesion = "sum"',
    ]


@pytest.mark.parametrize(
    ("ours", "lines", "asks"),
    [
        ({"role": "role", "lesion": "lesion"}, [], False),
        ({"lesion": "target lesion"}, ['constants.role = "target"   # the name says so'], False),
        ({"lesion": "lesion"}, [], True),
        ({"lesion": "non-target lesion"}, [], True),
    ],
)
def test_which_lesions_are_targets_is_read_or_asked(
    ours: dict[str, str], lines: list[str], asks: bool, tmp_path: Path
) -> None:
    said, question = role_question(lesions(tmp_path), ours)
    assert (said, question is not None) == (lines, asks)


def test_the_lines_of_a_draft_make_a_protocol() -> None:
    text = (
        '[study]\nschema = 1\ntitle = "T"\ndata = "c.csv"\n[tables.patients]\nfill_down = true\n'
        'one_row.keep = "first"\n[tables.lesions]\nshape = "wide"\n'
        'repeat.diameter_mm = "Scan {n} (mm)"\nconstants.role = "target"\n'
    )
    assert parse_protocol(text).tables["lesions"].shape == "wide"
