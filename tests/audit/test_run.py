"""The whole audit: folders, formats of the report, exit codes, papers that can't be read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from oncohort.audit import (
    audit,
    audit_many,
    audit_report,
    exit_code,
    left_out,
    papers_in,
    to_html,
    to_json,
    to_text,
)
from oncohort.problems import ReadError

RIGHT = "Results\n\nIn these patients, a response was seen in 16/42 patients (38.1%).\n"
WRONG = "Results\n\nIn these patients, a response was seen in 16/42 patients (48.1%) & more.\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "deep").mkdir()
    (tmp_path / "right.txt").write_text(RIGHT)
    (tmp_path / "deep" / "wrong.txt").write_text(WRONG)
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.7\n" + b"\x00\x01garbage" * 100)
    (tmp_path / "notes.ini").write_text("[not a paper]")
    return tmp_path


def test_a_folder_is_audited_in_parallel_and_never_stops(folder: Path) -> None:
    seen = []
    reports = audit_many([folder], workers=2, progress=lambda r, done, n: seen.append((done, n)))
    assert [Path(r.source).name for r in reports] == ["broken.pdf", "wrong.txt", "right.txt"]
    assert [r.exit_code for r in reports] == [2, 1, 0]
    assert exit_code(reports) == 2
    assert sorted(seen) == [(1, 3), (2, 3), (3, 3)]


def test_files_of_a_folder_are_found_by_their_names(folder: Path) -> None:
    assert len(papers_in([folder])) == 3
    assert papers_in([folder / "notes.ini"]) == [folder / "notes.ini"]


def test_pages_of_a_folder_are_papers_by_their_headings(folder: Path) -> None:
    (folder / "paper.md").write_text("# Methods\n\n# 2. Results\n\nText.\n\n## Discussion\n")
    heads = (
        "<html><h2>Methods</h2><h2 class='x'><span>Results</span></h2><h2>References</h2></html>"
    )
    (folder / "paper.html").write_text(heads)
    (folder / "README.md").write_text("# Notes\n\nThe results are in paper.md.\n")
    (folder / "report.html").write_text("<html><h1>Audit</h1><p>Results</p></html>")
    found = [p.name for p in papers_in([folder])]
    assert found == ["broken.pdf", "wrong.txt", "paper.html", "paper.md", "right.txt"]
    said = left_out([folder])
    assert "README.md" in said and "report.html" in said and "paper" not in said.split(": ", 1)[1]
    assert left_out([folder / "README.md"]) == ""


def test_text_and_path_give_the_same(folder: Path) -> None:
    assert [str(f) for f in audit(WRONG)] == [str(f) for f in audit(folder / "deep" / "wrong.txt")]


def test_what_cannot_be_read_is_an_error_in_the_list_and_a_report_otherwise(folder: Path) -> None:
    with pytest.raises(ReadError):
        audit(folder / "broken.pdf")
    report = audit_report(folder / "broken.pdf")
    assert report.exit_code == 2 and "cannot read" in report.summary()


def test_reports_in_three_formats(folder: Path) -> None:
    reports = [audit_report(folder / "deep" / "wrong.txt"), audit_report(folder / "right.txt")]
    text = to_text(reports)
    assert "figures read" in text and "[inconsistent] 16 of 42 is 38.10%, not 48.1%" in text
    data = json.loads(to_json(reports))
    assert data[0]["findings"][0]["id"] == "counts.fraction"
    assert "48.1%" in data[0]["findings"][0]["quotes"][0]["quote"]
    assert data[1]["findings"] == []
    page = to_html(reports)
    assert "&amp; more" in page and "<script" not in page and page.startswith("<!DOCTYPE html>")
    assert to_json(reports) == to_json(reports)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"   \n",
        b"\x00\x01\x02\x03" * 50,
        b"\x89PNG\r\n\x1a\n" + b"\x00" * 100,
        b"PK\x03\x04abc",
    ],
)
def test_files_of_no_known_format(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "paper.txt"
    path.write_bytes(content)
    assert audit_report(path).exit_code == 2


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "paper.txt"
    path.write_bytes(WRONG.replace("these", "these na\u00efve").encode(encoding))
    assert [f.id for f in audit(path)] == ["counts.fraction"]


def test_endless_lines_and_odd_characters_are_survived() -> None:
    audit_report("Results\n\n" + "1 (2%) " * 20_000 + "\n")
    audit_report("Results\n\n" + "median " * 5_000 + "\n")
    audit_report("Table 1. " + "a  1  " * 3_000 + "\n" + "b  2\n" * 3_000)
    audit_report("\x0c\x0c\x0c\n\u202e\u0000x\n")


def test_a_reader_that_the_system_does_not_start_ends_no_audit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from oncohort.audit import batch

    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text("Of 40 patients, 20 (50%) were men.\n", encoding="utf-8")
    monkeypatch.setattr(batch, "child_command", lambda name: [str(tmp_path / "no-such-program")])
    reports = audit_many([tmp_path], workers=2)
    assert [Path(r.source).name for r in reports] == ["a.txt", "b.txt"]
    assert all("can't be started" in r.error for r in reports)
