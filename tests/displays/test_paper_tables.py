"""Tables: what stands in which cell."""

from __future__ import annotations

import pytest

from oncohort.displays.spans import text_of
from oncohort.displays.tables import Column, Table, cell, header_lines, row
from paper_fixture import paper_of


def texts(table: Table) -> dict[str, list[str]]:
    return {r.cells[0].text: [c.text for c in r.cells[1:]] for r in table.rows}


def test_rows_must_fit_the_columns() -> None:
    with pytest.raises(ValueError, match="2 cells"):
        Table("x", "", "", (Column("a"),), (row("1", "2"),))


def test_header_lines_cover_every_column_once() -> None:
    columns = (
        Column("Variable"),
        Column("N", ("PFS",)),
        Column("HR", ("PFS", "Univariable")),
        Column("p", ("PFS", "Univariable")),
        Column("N", ("OS",)),
        Column("HR", ("OS", "Univariable")),
        Column("p", ("OS", "Univariable")),
    )
    lines = header_lines(columns)
    assert lines[0] == [("Variable", 1, 3), ("PFS", 3, 1), ("OS", 3, 1)]
    assert sum(across * down for line in lines for _, across, down in line) == 7 * 3


def test_flow_keeps_a_criterion_that_excludes_nobody() -> None:
    rows = texts(paper_of()[0].tables["flow"])
    assert rows["Younger than 18 years"] == ["0", "44"]
    assert rows["Second course"] == ["2", "42"]
    assert rows["Included in the analysis"] == ["", "42"]


def test_baseline_counts_missing_values_and_says_the_denominator() -> None:
    paper, numbers, _, _ = paper_of()
    table = paper.tables["baseline"]
    rows = texts(table)
    assert rows["Missing"] == [str(numbers["baseline.crp.missing"].value)]
    assert any("missing values are counted" in text_of(n) for n in table.notes)
    assert "Sex, n (%)" in rows and "Age, years, median (range)" in rows


def test_baseline_by_group_has_spanner_and_test() -> None:
    table = paper_of(by=True)[0].tables["baseline"]
    assert [c.spanners for c in table.columns] == [(), (), ("Sex",), ("Sex",), ()]
    ages = texts(table)["Age, years, median (range)"]
    assert len(ages) == 4 and ages[3]
    assert any("Fisher" in text_of(n) for n in table.notes)


def test_best_responses_sum_to_n() -> None:
    paper, numbers, _, _ = paper_of()
    names = ("Complete response", "Partial response", "Stable disease", "Progressive disease")
    rows = texts(paper.tables["response"])
    assert sum(int(rows[n][0]) for n in (*names, "Not evaluable")) == 42
    estimate = numbers["response.orr.percent"]
    assert rows["Objective response (CR + PR)"][2] == paper.style.ci(estimate)


def test_prognosis_shows_reference_and_both_models() -> None:
    table = paper_of()[0].tables["prognosis"]
    rows = texts(table)
    assert rows["Male"][2] == "1 (ref.)" and rows["Male"][4] == "1 (ref.)"
    labels = [c.label for c in table.columns]
    assert labels.count("N") == 1 and labels.count("Events") == 2  # the same patients, told once
    assert "Age, per year" in rows
    assert any("complete cases" in text_of(n) for n in table.notes)
    assert any("left out for missing values" in text_of(n) for n in table.notes)


def test_prognosis_without_a_multivariable_model_says_why() -> None:
    paper = paper_of(left_out=True, selection="screening", journal="jco")[0]
    notes = " ".join(text_of(n) for n in paper.tables["prognosis"].notes)
    assert "no multivariable model" in notes and "below 0.05" in notes
    assert "Multivariable" not in str(paper.tables["prognosis"].columns)


def test_safety_keeps_zero_rows_and_names_the_version() -> None:
    table = paper_of()[0].tables["safety"]
    assert texts(table)["Alopecia"] == ["0 (0)", "0 (0)"]
    assert "CTCAE 5.0" in text_of(table.notes[0])


def test_survival_by_group_and_not_reached() -> None:
    table = paper_of(events=False)[0].tables["survival"]
    rows = texts(table)
    assert rows["Overall survival"][2] == "NR"
    assert rows["Risk group"][-1] == "NE"


def test_historical_has_caveat_and_only_the_tests_asked_for() -> None:
    paper, numbers, _, _ = paper_of()
    table = paper.tables["historical"]
    rows = texts(table)
    assert rows["First study, phase III"][-1] == ""
    assert rows["Second study"][-1].startswith("ORR ")
    assert "not a comparison of treatments" in text_of(table.notes[0])
    assert numbers["historical.orr.value[study=first]"].low is not None


def test_cells_know_their_ids() -> None:
    made = cell("a ", ())
    assert made.text == "a " and made.ids == ()
