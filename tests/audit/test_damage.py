"""Damaged files of every format: read in part or refused, never an error of another kind."""

from __future__ import annotations

import io
import random
import zipfile

import pytest
from test_corpus import SCRIPT

from oncohort.audit import audit_report
from oncohort.audit.extract.paper import extract
from oncohort.audit.readers import read_bytes
from oncohort.audit.run import audit_published
from oncohort.problems import ReadError


@pytest.fixture(scope="module")
def whole() -> dict[str, bytes]:
    figures = SCRIPT.simulate(11, n=40)
    return {form: SCRIPT.write(SCRIPT.compose(figures, 1), form) for form in SCRIPT.FORMATS}


def damaged(content: bytes, seed: int) -> bytes:
    rng = random.Random(seed)
    out = bytearray(content)
    kind = seed % 4
    if kind == 0:
        return bytes(out[: rng.randrange(1, len(out))])
    if kind == 1:
        for _ in range(rng.randrange(1, 40)):
            out[rng.randrange(len(out))] = rng.randrange(256)
    elif kind == 2:
        start = rng.randrange(len(out))
        del out[start : start + rng.randrange(1, max(2, len(out) // 4))]
    else:
        start, size = rng.randrange(len(out)), rng.randrange(1, max(2, len(out) // 4))
        out[start:start] = out[start : start + size] * 3
    return bytes(out)


def survive(content: bytes, source: str) -> str:
    """``read`` or ``refused``; any other error fails the test."""
    try:
        published, _ = extract(read_bytes(content, source=source))
    except ReadError as problem:
        assert str(problem)
        return "refused"
    report = audit_published(published, source=source)
    assert report.checked <= report.read
    return "read"


@pytest.mark.parametrize("form", ["txt", "xml", "docx", "pdf"])
def test_damage_is_survived(whole: dict[str, bytes], form: str) -> None:
    outcomes = {survive(damaged(whole[form], seed), f"{form}-{seed}") for seed in range(12)}
    assert outcomes <= {"read", "refused"}


@pytest.mark.verify
@pytest.mark.parametrize("form", ["txt", "xml", "docx", "pdf"])
def test_much_damage_is_survived(whole: dict[str, bytes], form: str) -> None:
    for seed in range(12, 300):
        survive(damaged(whole[form], seed), f"{form}-{seed}")


def test_damage_inside_a_word_document(whole: dict[str, bytes]) -> None:
    with zipfile.ZipFile(io.BytesIO(whole["docx"])) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for seed in range(12):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            for name, content in parts.items():
                worse = damaged(content, seed) if name == "word/document.xml" else content
                archive.writestr(name, worse)
        survive(out.getvalue(), f"inside-{seed}")


def test_nested_and_endless_things_are_bounded() -> None:
    deep = "<article><body>" + "<sec>" * 3000 + "</sec>" * 3000 + "</body></article>"
    assert survive(deep.encode(), "deep") in {"read", "refused"}
    wide = "<article><body><table-wrap><table><tr>" + '<td colspan="99999999">1</td>' * 50
    wide += "</tr></table></table-wrap></body></article>"
    assert survive(wide.encode(), "wide") in {"read", "refused"}
    laughs = '<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;&b;&b;&b;">]><article>&c;</article>'
    assert survive(laughs.encode(), "entities") in {"read", "refused"}
    assert survive(("1 (2.0) " * 20_000).encode(), "one line") == "read"
    assert survive(("(" * 50_000).encode(), "brackets") == "read"


@pytest.mark.parametrize(
    "content", [b"", b"   \n", b"\x00\x01\x02", b"%PDF-1.4", b"PK\x03\x04", b"<", b"<article/>"]
)
def test_next_to_nothing(content: bytes, tmp_path: object) -> None:
    from pathlib import Path

    path = Path(str(tmp_path)) / "paper"
    path.write_bytes(content)
    report = audit_report(path)
    assert report.findings == ()
    assert report.exit_code in {0, 2}
