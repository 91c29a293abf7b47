"""Columns that are made of the chart's, rows amid a table, and sheets of events."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncohort.problems import OncohortError
from oncohort.protocol import parse_protocol
from oncohort.protocol.data import OneRow, TableMap
from oncohort.records.columns import decimal_mark, read_column
from oncohort.records.date_parts import find_date_parts, with_date_parts, with_earliest
from oncohort.records.forms import is_forms, unfolded
from oncohort.records.grid import Raw, Sheet
from oncohort.records.layout import lay_out
from oncohort.records.made_columns import with_made
from oncohort.records.narrowing import FIRST, LAST, narrowed
from oncohort.records.one_row import side_by_side
from oncohort.records.profile import profile
from oncohort.records.stacking import stack, with_sheet
from oncohort.records.values import Reader, read_value


def raw_of(**columns: list[object]) -> Raw:
    height = len(next(iter(columns.values())))
    return Raw("c.csv", None, tuple(columns), tuple(columns.values()), list(range(2, 2 + height)))


@given(st.lists(st.dates(date(1950, 1, 1), date(2050, 1, 1)), min_size=1, max_size=8))
def test_parts_of_dates_are_put_together_again(days: list[date]) -> None:
    raw = raw_of(d=[d.day for d in days], m=[d.month for d in days], y=[d.year for d in days])
    made, absent = with_date_parts(raw, {"x": ["d", "m", "y"]})
    assert not absent
    assert read_column(made.columns[-1], Reader("date")).values.to_list() == days


@pytest.mark.parametrize(
    "names",
    [
        ("Death day", "Death month", "Death year"),
        ("Tag des Todes", "Monat des Todes", "Jahr des Todes"),
        ("jour décès", "mois décès", "année décès"),
        ("death_d", "death_m", "death_y"),
        ("DeathDay", "DeathMonth", "DeathYear"),
    ],
)
def test_parts_are_known_by_their_names_and_values(names: tuple[str, ...]) -> None:
    values = ([3, 31, None], [1, 12, None], [2015, 2016, None])
    held = {n: profile(list(v)) for n, v in zip(names, values, strict=True)}
    (found,) = find_date_parts(names, held).values()
    assert found == list(names)


def test_what_is_no_calendar_is_no_part() -> None:
    held = {"OS month": profile([3, 48]), "OS year": profile([1, 4])}
    assert find_date_parts(list(held), held) == {}
    held = {"dx month": profile([3, 13]), "dx year": profile([2015, 2016])}
    assert find_date_parts(list(held), held) == {}


@pytest.mark.parametrize(
    "setting",
    ['date_parts = { a = ["x"] }', 'date_parts = { a = [] }', "earliest = { a = [] }",
     'date_parts = { a = ["d", "m", "y", "h"] }'],
)  # fmt: skip
def test_a_date_has_two_or_three_parts(setting: str) -> None:
    head = '[study]\nschema = 1\ntitle = "A"\ndata = "c.csv"\n[tables.patients]\n'
    with pytest.raises(OncohortError, match=r"at (least|most)"):
        parse_protocol(head + setting)


def test_parts_that_lack_are_partial_or_named() -> None:
    raw = raw_of(d=[99, None, 4, None], m=["March", None, 5, None], y=[2015, 2016, None, None])
    made, _ = with_date_parts(raw, {"x": ["d", "m", "y"]})
    assert made.columns[-1] == ["2015-03", "2016", "?-05-04", None]
    assert with_date_parts(raw, {"x": ["d", "mm", "y"]})[1] == ["mm"]


@given(
    st.lists(
        st.lists(st.none() | st.dates(date(2000, 1, 1), date(2020, 1, 1)), min_size=3, max_size=3),
        min_size=1,
        max_size=6,
    )
)
def test_the_earliest_of_dates(rows: list[list[date | None]]) -> None:
    a, b, c = ([row[i] for row in rows] for i in range(3))
    raw = raw_of(a=list(a), b=[d and f"{d:%d.%m.%Y}" for d in b], c=list(c))
    made, _ = with_earliest(raw, {"first": ["a", "b", "c"]}, "day-first")
    found = read_column(made.columns[-1], Reader("date")).values.to_list()
    assert found == [min((d for d in row if d), default=None) for row in rows]
    made, _ = with_earliest(raw, {"last": ["a", "b", "c"]}, "day-first", latest=True)
    found = read_column(made.columns[-1], Reader("date")).values.to_list()
    assert found == [max((d for d in row if d), default=None) for row in rows]


def test_settings_name_what_is_not_there() -> None:
    how = TableMap(
        date_parts={"x": ["d", "y"]},
        earliest={"f": ["a", "b"]},
        latest={"l": ["a", "b"]},
        times_in_words={"End": "months"},
        fill_from={"t": "u"},
        fill_down_columns=["Arm"],
        constants={"all": "event", "sex": "male"},
    )
    made, absent = with_made(raw_of(id=[1, 2]), how, ("sex",))
    assert {k for k, _ in absent} == {
        "date_parts", "earliest", "latest", "times_in_words", "fill_from", "fill_down_columns"
    }  # fmt: skip
    assert made.names == ("id", "all")
    assert made.columns[-1] == ["event", "event"]


def sheet_of(*rows: list[object]) -> Sheet:
    return Sheet("c.xlsx", "S", [list(r) for r in rows])


def test_sums_and_means_amid_the_rows_are_left_out_and_said() -> None:
    rows = [["ID", "Age", "OS", "Status"], *([i, 50 + i, 9.5, "dead"] for i in range(1, 8))]
    rows.insert(4, ["Mean", 52, None, None])
    rows.append(["Grand total", 7, 66.5, None])
    laid = lay_out(sheet_of(*rows))
    assert laid.raw.columns[0] == [1, 2, 3, 4, 5, 6, 7]
    assert any(d.rule == "layout.subtotals" and "(5, 10)" in d.what for d in laid.decisions)


def test_a_level_that_is_called_like_a_sum_stays() -> None:
    rows = [["Resection", "ID", "Age"], *(["Total" if i % 2 else "Partial", i, 50 + i]
            for i in range(1, 20))]  # fmt: skip
    assert lay_out(sheet_of(*rows)).raw.height == 19
    named = [["Name", "Age", "OS"], *([n, 61, 8] for n in ("Summer", "Totalski", "Medianis"))]
    assert lay_out(sheet_of(*named)).raw.height == 3


def test_names_again_down_to_the_numbers_of_data_elements() -> None:
    rows = [["barcode", "status", "days"], ["barcode", "vital", "x"],
            ["CDE_ID:", "CDE_ID:5", "CDE_ID:3003301"], ["A1", "Dead", 40],
            ["A2", "Alive", 9]]  # fmt: skip
    laid = lay_out(sheet_of(*rows))
    assert laid.raw.columns[0] == ["A1", "A2"]
    assert any(d.rule == "layout.more-names" for d in laid.decisions)


@given(st.lists(st.integers(1000, 9_999_999), min_size=1, max_size=9), st.booleans())
def test_thousands_are_read_where_the_other_mark_is_the_decimal_one(
    numbers: list[int], comma: bool
) -> None:
    texts: list[object] = [f"{n:,}" if comma else f"{n:,}".replace(",", ".") for n in numbers]
    done = read_column(texts, Reader("number", "ldh", mark="." if comma else ","))
    assert done.values.to_list() == numbers
    assert {u.rule for u in done.used} == {"numbers.thousands"}


def test_marks_that_may_be_either_are_not_read() -> None:
    assert read_column(["6,221", "5,318"], Reader("number", "ldh")).values.null_count() == 2
    mixed = read_column(["1.234", "12.5"], Reader("number", "ldh", mark=","))
    assert mixed.values.to_list() == [1.234, 12.5]
    assert read_column(["0.234", "1.234"], Reader("number", "ki67", mark=",")).values[0] == 0.234
    assert read_value("1,234.5", Reader("number")).value is None
    both = read_column(["1,234.5", "2,000"], Reader("number", "x"))
    assert both.values.to_list() == [1234.5, 2000.0]


def test_the_mark_of_a_table_is_what_all_its_texts_show() -> None:
    assert decimal_mark([["12,5"], ["1.234"]]) == ","
    assert decimal_mark([["12.55"], ["1,234"]]) == "."
    assert decimal_mark([["12.5"], ["13,25"]]) == ""
    assert decimal_mark([[12.5], ["12.03.2015"], ["1.234"]]) == ""


def test_wide_sheets_keep_what_charts_have_and_what_is_asked_for() -> None:
    names = ["id", *(f"gene{i}" for i in range(900)), "Vital status", "os_months"]
    names += [f"x{i}" for i in range(400)]
    raw = Raw("c.csv", None, tuple(names), [[1]] * len(names), [2], tuple(range(len(names))))
    kept, rest = narrowed(raw, ["gene500"])
    assert {"id", "Vital status", "os_months", "gene500"} <= set(kept.names)
    assert len(kept.names) == FIRST + LAST + 3
    assert set(kept.names) | set(rest) == set(names)
    assert kept.letters[kept.names.index("gene500")] == 501
    assert narrowed(raw_of(a=[1], b=[2])) == (raw_of(a=[1], b=[2]), ())


def test_events_become_dates_of_the_patient_the_first_or_the_last_of_them() -> None:
    raw = raw_of(
        id=[1, 1, 1, 1, 2],
        what=["local", "distant", "seen", "seen", "local"],
        day=["05.06.2015", "01.02.2015", "01.03.2016", "01.01.2016", "x"],
    )
    how = OneRow(
        by="what", columns=["day"], order="day", names={"distant": "local"},
        first=["local"], last=["seen"],
    )  # fmt: skip
    made = side_by_side(raw, how, "id")
    assert made.raw.names == ("id", "day what=local", "day what=seen")
    assert not made.problems
    dated = raw_of(**{n: list(c)[:4] for n, c in zip(raw.names, raw.columns, strict=True)})
    made = side_by_side(dated, how, "id")
    assert made.raw.columns[1:] == [["01.02.2015"], ["01.03.2016"]]
    cells = made.raw.joined["day what=local"].rows
    assert cells == {made.raw.rows[0]: 3}  # the value knows its own row


def test_events_that_come_twice_are_told_where_nothing_settles_them() -> None:
    raw = raw_of(id=[1, 1], what=["death", "death"], day=["2015-01-01", "2016-01-01"])
    made = side_by_side(raw, OneRow(by="what", columns=["day"]), "id")
    assert [p.id for p in made.problems] == ["patients.duplicate"]


def test_forms_below_each_other_are_a_row_each() -> None:
    rows: list[list[object]] = []
    for i in range(1, 5):
        rows += [["Patient no.", i], ["Age", 50 + i], ["Note", None], [], ["Hb", 9 + i]]
    sheet = sheet_of(*rows)
    assert is_forms(sheet)
    raw = unfolded(sheet)
    assert raw.names == ("Patient no.", "Age", "Note", "Hb")
    assert raw.columns[3] == [10, 11, 12, 13]
    assert raw.joined["Hb"].rows[raw.rows[1]] == 10
    assert not is_forms(sheet_of(["ID", "Age"], *([i, 60] for i in range(9))))
    assert not is_forms(sheet_of(["Patient", 1], ["Age", 5], ["Patient", 2], ["Age", 6]))


def test_rows_of_stacked_sheets_say_where_they_stood() -> None:
    one = Raw("c.xlsx", "Arm A", ("id", "Age"), ([1, 2], [61, 58]), [2, 3], (0, 1))
    two = Raw("c.xlsx", "Arm B", ("id", "Age"), ([3], [70]), [2], (0, 1))
    both = stack(with_sheet(one, "Sheet"), with_sheet(two, "Sheet"), patient="id")
    assert both.columns[-1] == ["Arm A", "Arm A", "Arm B"]
    assert with_sheet(Raw("d/b.csv", None, ("id",), ([1],), [2]), "File").columns[-1] == ["b"]
