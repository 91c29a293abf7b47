"""The manuscript that the built-in study writes: the audit reads it and finds nothing to say."""

from __future__ import annotations

from pathlib import Path

import pytest

import oncohort as oc
from oncohort.audit import AuditReport, audit_report
from oncohort.study.demo import write_demo
from oncohort.vocabulary.journals import JOURNALS


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> AuditReport:
    folder = write_demo(tmp_path_factory.mktemp("own") / "study")
    out: Path = oc.read_study(folder).run().write()
    return audit_report(out / "manuscript.docx")


def test_nothing_is_found(report: AuditReport) -> None:
    assert not report.error
    assert [str(f) for f in report.shown()] == []
    assert report.exit_code == 0


def test_it_was_read_and_not_just_passed_over(report: AuditReport) -> None:
    assert report.read > 200
    assert report.checked > 150


@pytest.mark.verify
@pytest.mark.parametrize("journal", sorted(JOURNALS))
def test_nothing_is_found_in_any_style(journal: str, tmp_path: Path) -> None:
    folder = write_demo(tmp_path / "study")
    protocol = folder / "study.toml"
    written = protocol.read_text(encoding="utf-8")
    assert written.count('journal = "default"') == 1
    changed = written.replace('journal = "default"', f'journal = "{journal}"')
    protocol.write_text(changed, encoding="utf-8")
    out: Path = oc.read_study(folder).run().write()
    found = audit_report(out / "manuscript.docx")
    assert not found.error
    assert found.read > 200
    assert [str(f) for f in found.shown()] == []
