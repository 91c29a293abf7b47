"""PDF: columns by geometry, fonts that one reader can't decode, pages that ask for endless work."""

from __future__ import annotations

import zlib
from pathlib import Path

import pytest
from test_reader_word_pdf import pdf

from oncohort.audit import audit_report
from oncohort.audit.document import Row, Table
from oncohort.audit.extract.cells import size_of
from oncohort.audit.readers import read_bytes
from oncohort.audit.readers.pdf import _best
from oncohort.audit.readers.pdf_columns import gutter_of
from oncohort.audit.readers.pdf_second import SecondReader
from oncohort.audit.readers.pdf_tables import Word, aligned
from oncohort.problems import ReadError


def raw(objects: dict[int, bytes]) -> bytes:
    """A PDF of these objects; 1 is the catalogue."""
    out = b"%PDF-1.4\n"
    places = {}
    for number, body in objects.items():
        places[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    size = max(objects) + 1
    out += b"xref\n0 %d\n0000000000 65535 f \n" % size
    for number in range(1, size):
        out += b"%010d 00000 n \n" % places.get(number, 0)
    return out + b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (size, start)


def stream(data: bytes, entries: bytes = b"") -> bytes:
    packed = zlib.compress(data)
    return b"<< /Filter /FlateDecode /Length %d %s >>\nstream\n%s\nendstream" % (
        len(packed), entries, packed,
    )  # fmt: skip


def one_page(content: bytes, forms: dict[int, bytes] | None = None) -> bytes:
    named = b" ".join(b"/F%d %d 0 R" % (k, k) for k in forms or {})
    return raw(
        {
            1: b"<< /Type /Catalog /Pages 2 0 R >>",
            2: b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            3: b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources "
            b"<< /Font << /T 5 0 R >> /XObject << %s >> >> >>" % named,
            4: stream(content),
            5: b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
            **(forms or {}),
        }
    )


def form(data: bytes, below: int | None) -> bytes:
    inner = b"" if below is None else b"/XObject << /F%d %d 0 R >>" % (below, below)
    return stream(
        data,
        b"/Type /XObject /Subtype /Form /BBox [0 0 595 842] /Resources << /Font << /T 5 0 R >> %s "
        b">>" % inner,
    )


SAID = b"BT /T 10 Tf 50 800 Td (Of the 42 patients, 30 (71.4%) were men.) Tj ET\n"


def test_forms_that_draw_forms_are_refused_before_they_are_drawn() -> None:
    forms = {k: form(b"/F%d Do " % (k + 1) * 10, k + 1) for k in range(10, 22)}
    forms[22] = form(SAID, None)
    with pytest.raises(ReadError, match="no text"):
        read_bytes(one_page(SAID + b"/F10 Do\n", forms), source="x")


def test_a_form_that_draws_itself_is_refused() -> None:
    with pytest.raises(ReadError, match="no text"):
        read_bytes(one_page(SAID + b"/F10 Do\n", {10: form(b"/F10 Do\n", 10)}), source="x")


def test_a_page_of_200_000_text_operators_is_refused() -> None:
    with pytest.raises(ReadError, match="no text"):
        read_bytes(one_page(b"BT /T 10 Tf (a) Tj ET\n" * 200_000), source="x")


@pytest.mark.parametrize(
    "content",
    [
        b"0 0 m 1 1 l S\n" * 150_000,
        b"1 1 9 9 re f\n" * 150_000,
        b"q " * 150_000,
        b"BT /T 10 Tf (" + b"a" * 500_000 + b") Tj ET\n",
        b" " * 30_000_000,
        b"[" * 2_000_000,
        b"(" * 500_000,
        b"<<" * 1_000_000,
        b"1 " * 5_000_000,
        b"1 0 0 1 0 0 cm " * 300_000,
    ],
    ids=[
        "lines",
        "areas",
        "states",
        "letters",
        "unpacked",
        "brackets",
        "texts",
        "maps",
        "numbers",
        "turns",
    ],
)
def test_a_page_of_endless_work_is_refused(content: bytes) -> None:
    with pytest.raises(ReadError, match="no text"):
        read_bytes(one_page(SAID + content), source="x")


def test_objects_that_are_only_references_to_one_another_are_refused() -> None:
    objects = {
        1: b"<< /Type /Catalog /Pages 2 0 R >>",
        2: b"<< /Type /Pages /Kids 6 0 R /Count 1 >>",
        6: b"7 0 R",
        7: b"6 0 R",
    }
    with pytest.raises(ReadError, match="circles"):
        read_bytes(raw(objects), source="x")


def test_a_form_that_is_drawn_now_and_then_is_read() -> None:
    paper = read_bytes(
        one_page(b"/F10 Do 1 0 0 1 0 -40 cm /F10 Do\n", {10: form(SAID, None)}), source="x"
    )
    assert "30 (71.4%)" in " ".join(p.text for p in paper.paragraphs)


def test_a_pdf_is_read_in_a_process_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "paper.pdf"
    path.write_bytes(one_page(SAID))
    assert audit_report(path).read == 3
    assert "not done after" in audit_report(path, timeout=0.0).error


def line(y: float, *cells: tuple[float, str]) -> list[Word]:
    """A line of words of five points a letter, blanks of two."""
    words = []
    for x, text in cells:
        for part in text.split():
            words.append(Word(part, x, x + 4 * len(part), y, y + 7, 7.0))
            x += 4 * len(part) + 2
    return words


def test_columns_closer_than_two_blanks_are_told_apart() -> None:
    rows = [
        line(0, (0, "Table 1. Patients by arm")),
        line(10, (64, "Arm A"), (102, "Arm B"), (140, "p")),
        line(20, (0, "Age"), (64, "61 (9)"), (102, "60 (8)"), (140, "0.4")),
        line(30, (0, "Male sex"), (64, "30 (50)"), (102, "28 (47)"), (140, "0.7")),
        line(40, (0, "Stage IV")),
        line(50, (0, "at start"), (64, "12 (20)"), (102, "15 (25)")),
        line(60, (0, "Prior therapy"), (64, "10 (17)"), (102, "9 (15)"), (140, "0.8")),
        line(80, (0, "Patients of both arms were treated alike and nobody was lost from sight.")),
    ]
    texts = aligned(rows).text
    assert sorted(texts) == [1, 2, 3, 4, 5, 6]
    assert texts[3].split("   ")[0] == "Male sex"
    assert [texts[3].index(x) for x in ("30 (50)", "28 (47)", "0.7")] == [
        texts[6].index(x) for x in ("10 (17)", "9 (15)", "0.8")
    ]
    assert texts[1].index("Arm B") == texts[3].index("28 (47)")


def test_text_below_a_mention_of_a_table_is_no_table() -> None:
    words = "Table 2 shows what was found in these patients of both arms and at which time"
    rows = [line(10 * k, (0, words)) for k in range(8)]
    assert aligned(rows).text == {}


def test_a_table_with_narrow_gaps_and_empty_cells_is_read_from_a_pdf() -> None:
    lines = [
        (0.08, 0.95, "Results"),
        (0.08, 0.93, "A total of 100 patients were treated."),
        (0.08, 0.90, "Table 1. Characteristics of the patients"),
        (0.235, 0.885, "Arm A"), (0.300, 0.885, "Arm B"), (0.365, 0.885, "p"),
        (0.235, 0.870, "(n = 50)"), (0.300, 0.870, "(n = 50)"),
        (0.08, 0.855, "Sex, n (%)"), (0.365, 0.855, "0.41"),
        (0.08, 0.840, "Male"), (0.235, 0.840, "30 (60)"), (0.300, 0.840, "34 (68)"),
        (0.08, 0.825, "Female"), (0.235, 0.825, "20 (40)"), (0.300, 0.825, "16 (32)"),
        (0.08, 0.810, "Stage, n (%)"), (0.365, 0.810, "0.83"),
        (0.08, 0.795, "III"), (0.235, 0.795, "21 (42)"), (0.300, 0.795, "22 (44)"),
        (0.08, 0.780, "IV"), (0.235, 0.780, "29 (58)"), (0.300, 0.780, "28 (56)"),
    ]  # fmt: skip
    paper = read_bytes(pdf(lines, size=7.0), source="x")
    (table,) = paper.tables
    assert table.width == 4
    assert ("Male", "30 (60)", "34 (68)", "") in {r.cells for r in table.rows}
    assert {r.cells[3] for r in table.rows} == {"0.41", "", "0.83"}


def test_fonts_that_the_first_reader_drops_are_read_by_the_second() -> None:
    content = pdf([(0.08, 0.9, "Of the 42 patients, 30 (71.4%) were men.")])
    second = SecondReader(content)
    letters, words = second.page(1)
    second.close()
    assert [w.text for w in words][:4] == ["Of", "the", "42", "patients,"] and letters > 30
    kept, note = _best([], letters, words)
    assert [w.text for w in kept] == [w.text for w in words] and "second reader" in note
    coded = [Word("(cid:12)(cid:13)", 0, 9, 0, 7, 7.0)]
    assert _best(coded, letters, words)[0] != coded
    assert _best(coded, 0, [])[1] == "2 letters are in fonts that can't be decoded"
    assert _best(list(words), letters, words) == (words, "")


def test_the_second_reader_gives_nothing_for_damage_and_for_pages_too_full(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert SecondReader(b"%PDF-1.4 nothing").page(1) == (0, [])
    reader = SecondReader(one_page(SAID))
    assert len(reader.page(1)[1]) == 8 and reader.page(2) == (0, [])
    monkeypatch.setattr("oncohort.audit.readers.pdf_second.MAX_CHARACTERS", 10)
    assert reader.page(1)[1] == []
    reader.close()


PAGED = """\
Results

Table 1. Characteristics of the participants

Characteristic     Drug (n = 46)   Control (n = 38)   P value
Age, years         46.4 (11.6)     49.0 (10.2)        0.287
Women, n (%)       43 (93.5)       38 (100.0)         0.248
White, n (%)       36 (78.3)       31 (81.6)
  Other, n (%)              10 (21.7)            7 (18.4)
  Marital status, n (%)                                                0.519
    Married                 24 (52.2)            24 (63.2)
    Single                  22 (47.8)            14 (36.8)
  Years since diagnosis     5.9 (5.1)            9.6 (6.8)             0.007
  Taking drugs, n (%)       31 (67.4)            36 (94.7)             0.498
"""


def test_a_table_that_goes_on_over_a_page_is_placed_by_the_columns_of_each_page() -> None:
    (table,) = read_bytes(PAGED.encode(), source="paper.txt").tables
    cells = {row.label: row.values for row in table.rows}
    assert cells["White, n (%)"] == ("36 (78.3)", "31 (81.6)", "")
    assert cells["Other, n (%)"] == ("10 (21.7)", "7 (18.4)", "")
    assert cells["Married"] == ("24 (52.2)", "24 (63.2)", "")
    assert cells["Marital status, n (%)"] == ("", "", "0.519")
    assert not audit_report(PAGED).shown()
    wrong = PAGED.replace("24 (63.2) ", "24 (60.2) ")
    assert wrong == PAGED or [f.id for f in audit_report(wrong).shown()] == ["counts.percentage"]


def test_cells_that_say_not_significant_part_no_page_in_two() -> None:
    rows = [
        [Word(text, x, x + 40, 100 + 12 * k, 110 + 12 * k, 10)
         for text, x in (("Factor", 60), ("202", 200), ("50.0", 260), ("n/s", 400), ("n/s", 470))]
        for k in range(30)
    ]  # fmt: skip
    assert gutter_of(rows, 595) is None


def test_a_size_whose_heading_was_wrapped_is_read() -> None:
    head = (("", "Drug group (n =", "Control (n ="), ("", "486)", "281)"))
    table = Table("", "", head, (Row(("a", "1", "2")),))
    assert [size_of(table, k) for k in (1, 2)] == ["486", "281"]
