"""Plain text: a paragraph, or a whole paper, may stand on one line."""

from __future__ import annotations

from oncohort.audit.readers.text import MAX_LINE, read_text


def test_a_long_line_is_read_to_its_end() -> None:
    said = "Of 42 patients, 12 (28.6%) responded. " * 1_000
    paper = read_text("Results\n\n" + said + "\n\nThe last one (2.4%) died.", source="p.txt")
    text = " ".join(p.text for p in paper.paragraphs)
    assert len(said) > 8 * MAX_LINE
    assert text.count("responded.") == 1_000
    assert "died" in text and not paper.unread


def test_a_line_without_blanks_is_read_in_parts() -> None:
    paper = read_text("Results\n\n" + "1" * (3 * MAX_LINE), source="p.txt")
    assert sum(p.text.count("1") for p in paper.paragraphs) == 3 * MAX_LINE


def test_patients_below_the_results_are_results() -> None:
    text = "Methods\n\nWe studied them.\n\nResults\n\nPatients\n\nAll 40 patients were included.\n"
    paper = read_text(text)
    assert [p.section for p in paper.paragraphs] == ["methods"] * 2 + ["results"] * 3
