"""Laid-out tables whose headings, cells and rows go on in the next line, or over a page."""

from __future__ import annotations

from oncohort.audit.document import Table
from oncohort.audit.readers.pdf_tables import Word, aligned
from oncohort.audit.readers.text import read_text


def only(text: str) -> Table:
    (found,) = read_text(text).tables
    return found


def test_headings_whose_brackets_close_in_the_next_line() -> None:
    text = """Table 1. Adverse events

                          Drug A group (n =     Drug B group (n =     Total (N =
                          486)                  281)                  767)
All events                206 (42.4)            141 (50.2)            347 (45.2)
Serious events            24 (4.9)              11 (3.9)              35 (4.6)
Deaths                    1 (0.2)               0 (0.0)               1 (0.1)
"""
    table = only(text)
    assert table.header == (
        ("", "Drug A group (n = 486)", "Drug B group (n = 281)", "Total (N = 767)"),
    )
    assert [r.cells[0] for r in table.rows] == ["All events", "Serious events", "Deaths"]


def test_a_row_goes_on_with_its_label_and_the_p_of_its_ratios() -> None:
    text = """Table 2. Complications

Category       2012        2013        OR, 95%             Control     OR, 95% CI
               (n = 54)    (n = 54)    CI and p value      (n = 54)    and p value
Gestational    1 (1.9)     19 (35.2)   28.8 (3.7-224) p    3 (5.6)     9.2 (2.5-33.6) p =
hypertension                           = 0.001                         0.001
Postpartum     16 (29.6)   29 (53.7)   2.8 (1.2-6.1)       13 (24.1)   1.0 (0.4-2.4)
haemorrhage                            p = 0.012                       p = 0.999
Sepsis         23 (42.6)   29 (53.7)   1.6 (0.7-3.3)       21 (38.9)   0.5 (0.2-1.1)
"""
    table = only(text)
    assert [r.cells[0] for r in table.rows] == [
        "Gestational hypertension", "Postpartum haemorrhage", "Sepsis",
    ]  # fmt: skip
    assert [r.cells[3] for r in table.rows] == [
        "28.8 (3.7-224) p = 0.001", "2.8 (1.2-6.1) p = 0.012", "1.6 (0.7-3.3)",
    ]  # fmt: skip
    assert table.rows[1].cells[5] == "1.0 (0.4-2.4) p = 0.999"
    assert table.heading(5) == "OR, 95% CI and p value"


def test_two_rows_of_figures_stay_two() -> None:
    text = """Table 3. Patients

                  Drug (n = 40)     Placebo (n = 50)
Male              20 (50.0)         25 (50.0)
of them married   12 (30.0)         14 (28.0)
Female            20 (50.0)         25 (50.0)
"""
    assert [r.cells[1] for r in only(text).rows] == ["20 (50.0)", "12 (30.0)", "20 (50.0)"]


def test_a_heading_as_wide_as_the_table_does_not_end_it() -> None:
    wide = "Events in at least 2 % of the patients of any group, by how often they came with drug A"
    text = f"""Table 4. Events

                  Drug (n = 40)     Placebo (n = 50)
Any               20 (50.0)         25 (50.0)
Serious           12 (30.0)         14 (28.0)
{wide}
Headache          8 (20.0)          9 (18.0)
Nausea            4 (10.0)          5 (10.0)

{wide} there were none, and this is the sentence of a paragraph that follows the table.
"""
    table = only(text)
    assert [r.cells[0] for r in table.rows] == ["Any", "Serious", wide, "Headache", "Nausea"]


def words(*cells: tuple[float, str], y: float) -> list[Word]:
    return [Word(text, x, x + 5.0 * len(text), y - 8, y, 9.0) for x, text in cells]


ROWS = [
    words((50, "Male"), (120, "149"), (140, "52.0"), (200, "1.43"), y=40),
    words((50, "Female"), (120, "206"), (140, "62.2"), (200, "2.06"), y=52),
    words((50, "Missing"), (120, "20"), (140, "45.5"), (200, "1.09"), y=64),
]
PROSE = words((50, "Of the patients who were seen at the clinics none had a second visit."), y=90)


def test_a_table_goes_on_over_a_page() -> None:
    caption = words((50, "Table"), (80, "4."), (95, "Income"), y=20)
    before = aligned([PROSE, caption, *ROWS])
    assert before.open and aligned([caption, *ROWS, *([PROSE] * 5)]).open is None
    assert aligned(ROWS).open is None and aligned([]).open is None
    assert aligned([*ROWS, PROSE]).text == {}
    later = [words(*((w.x0 + 20, w.text) for w in row), y=row[0].bottom) for row in ROWS]
    after = aligned([*later, PROSE], before.open)
    assert sorted(after.text) == [0, 1, 2]
    # The columns begin where those of the page before do.
    assert [after.text[k].lstrip() for k in (0, 1, 2)] == [
        before.text[k].lstrip() for k in (2, 3, 4)
    ]
    assert "149   52.0" in after.text[0] and after.open == before.open
