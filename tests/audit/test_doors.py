"""What the audit is let near, and what it writes: foreign modules, foreign files, odd digits."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from test_reader_word_pdf import word
from typer.testing import CliRunner

from oncohort.audit import (
    audit,
    audit_many,
    audit_report,
    exit_code,
    to_html,
    to_json,
    to_text,
    write_report,
)
from oncohort.audit.batch import audit_limited
from oncohort.audit.readers import read_bytes
from oncohort.cli.app import app
from oncohort.problems import OutputError, ReadError

PAPER = "Results\n\nOf the 42 patients, 30 (71.4%) were men.\n"
SPY = "from pathlib import Path\nPath({mark!r}).write_text('executed')\nraise SystemExit(3)\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "paper.txt").write_text(PAPER)
    return tmp_path


@pytest.mark.parametrize("module", ["oncohort", "pickle", "lxml", "re"])
@pytest.mark.parametrize("places", ["", ".", ":", "sub/.."])
def test_nothing_in_the_current_folder_is_executed(
    folder: Path, monkeypatch: pytest.MonkeyPatch, module: str, places: str
) -> None:
    mark = folder / "mark"
    (folder / "sub").mkdir()
    (folder / f"{module}.py").write_text(SPY.format(mark=str(mark)))
    monkeypatch.setenv("PYTHONPATH", places)
    report = audit_limited("paper.txt", unusual=False)
    assert not report.error and report.read == 3
    assert not mark.exists()


def test_one_file_has_a_limit_of_time_as_many_have(folder: Path) -> None:
    (report,) = audit_many(["paper.txt"], timeout=0.0)
    assert "not done after 0 s" in report.error and exit_code([report]) == 2
    with pytest.raises(ReadError, match="not done after"):
        audit(folder / "paper.txt", timeout=0.0)
    assert audit(folder / "paper.txt", timeout=60.0) == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Results\n\nNo figure stands here.\n", "none of a known kind"),
        ("<article><body><sec><title>Results</title></sec></body></article>\n", "no running text"),
    ],
)
def test_a_paper_without_one_figure_read_is_no_clean_bill(text: str, reason: str) -> None:
    report = audit_report(text)
    assert report.exit_code == 2 and reason in report.error
    with pytest.raises(ReadError, match="not one figure"):
        audit(text)


LOCKED = (
    b"%%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]>>endobj\n"
    b"4 0 obj<</Filter/Standard/V 1/R 2/P -4/O<%s>/U<%s>>>endobj\n"
    b"trailer<</Root 1 0 R/Encrypt 4 0 R/ID[<00><00>]>>\n%%%%EOF" % (b"0f" * 32, b"f0" * 32)
)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b" ", "the file is empty; download or export"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(9),
            "an old Word document (.doc); open it and",
        ),
        (b"{\\rtf1 Of 42 patients, 30 (71.4%) were men.}", "rich text (.rtf); open it and save it"),
        (b"\x00\x01\x02", "save the paper as one of these"),
        (LOCKED, "the PDF is locked by a password; save a copy without it"),
        (LOCKED.replace(b"/Encrypt 4 0 R", b""), "it may be a scan: run text recognition"),
        (b"Results. Nothing is counted here.", "give the whole paper with its results"),
    ],
    ids=["empty", "doc", "rtf", "bytes", "locked", "scan", "no figures"],
)
def test_what_cannot_be_read_says_why_and_what_to_do(
    folder: Path, content: bytes, reason: str
) -> None:
    (folder / "other").write_bytes(content)
    (report,) = audit_many([folder / "other"], workers=0)
    assert report.exit_code == 2 and reason in report.error
    assert report.summary().count(str(folder)) == 0


def test_a_missing_file_and_a_folder_without_papers_are_told(folder: Path) -> None:
    runner = CliRunner()
    missing = runner.invoke(app, ["audit", "absent.txt"])
    assert missing.exit_code == 2 and "no such file; check its name" in missing.output
    (folder / "sub").mkdir()
    (folder / "sub" / "paper.tex").write_text("x")
    empty = runner.invoke(app, ["audit", "sub"])
    assert empty.exit_code == 2 and "no paper in sub; looked for: .txt" in empty.output
    assert "Found: 1 .tex; name a file" in empty.output


def test_the_paper_is_never_overwritten(folder: Path) -> None:
    runner = CliRunner()
    for target in ("paper.txt", "notes.md", "folder"):
        (folder / "folder").mkdir(exist_ok=True)
        (folder / "notes.md").write_text("mine")
        result = runner.invoke(app, ["audit", "paper.txt", "--out", target])
        assert isinstance(result.exception, OutputError)
    assert (folder / "paper.txt").read_text() == PAPER
    assert (folder / "notes.md").read_text() == "mine"
    assert {p.name for p in folder.iterdir()} == {"paper.txt", "notes.md", "folder"}


@pytest.mark.parametrize("writer", [to_text, to_json, to_html])
def test_a_report_takes_the_place_of_a_report(folder: Path, writer: object) -> None:
    report = audit_report(folder / "paper.txt")
    for form in (to_text, to_json, to_html):
        write_report(folder / "report", form([report]))
        write_report(folder / "report", writer([report]))  # type: ignore[operator]
    assert (folder / "report").read_text() == writer([report])  # type: ignore[operator]


def test_a_report_goes_nowhere_without_its_folder(folder: Path) -> None:
    with pytest.raises(OutputError, match="nothing was written"):
        write_report(folder / "absent" / "report.html", "text")


@pytest.mark.parametrize("digits", ["²", "٢", "２", "९", "9" * 5_000, "-1", "1e3", ""])
def test_odd_digits_in_spans_and_cells_are_no_errors(digits: str) -> None:
    source = (
        "<article><body><sec><title>Results</title><table-wrap><label>Table 1</label><table><thead>"
        f'<tr><th>Sex</th><th colspan="{digits}">n (%)</th></tr></thead><tbody>'
        f'<tr><td rowspan="{digits}" style="padding-left:{digits}px" '
        f'content-type="indent-{digits}">Male</td><td>{digits} (71.4)</td></tr>'
        "<tr><td>Female</td><td>12 (28.6)</td></tr><tr><td>Men</td><td>30 (71.4)</td></tr></tbody>"
        f"</table></table-wrap><p>Of the {digits} patients, {digits} (10%) were men (n={digits}; "
        f"HR {digits}.5, 95% CI {digits}.1-{digits}.9). Of 42 patients 30 (71.4%) died.</p></sec>"
        "</body></article>\n"
    )
    assert audit_report(source).read > 0


def test_digits_of_other_scripts_are_digits() -> None:
    plain = audit_report("Results\n\nOf the 42 patients, 30 (71.9%) were men.\n")
    other = audit_report("Results\n\nOf the ٤٢ patients, ٣٠ (٧١.٩%) were men.\n")
    assert [f.headline for f in plain.findings] == [f.headline for f in other.findings] != []


def rebuilt(change: dict[str, tuple[bytes, bytes]], *, version: int | None = None) -> bytes:
    """The small Word document with bytes of its parts replaced."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(word())) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name in change:
                content = content.replace(*change[name])
            new.writestr(name, content)
    data = out.getvalue()
    if version is not None:
        # The version needed to extract, in the central directory.
        data = data.replace(b"PK\x01\x02\x14\x03\x14", b"PK\x01\x02\x14\x03" + bytes([version]))
    return data


@pytest.mark.parametrize(
    "content",
    [
        rebuilt({"[Content_Types].xml": (b"PartName=", b"Part=")}),
        rebuilt({"word/_rels/document.xml.rels": (b"Target=", b"Goal=")}),
        rebuilt({"_rels/.rels": (b"Type=", b"Kind=")}),
        rebuilt({"word/document.xml": (b"<w:body>", b"<w:nobody>")}),
        rebuilt({}, version=99),
    ],
)
def test_damaged_word_parts_are_refused_in_words(content: bytes) -> None:
    try:
        read_bytes(content, source="paper.docx")
    except ReadError as problem:
        assert "damaged" in str(problem)
