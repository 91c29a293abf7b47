"""The manuscript that the built-in study writes: the audit reads it and finds nothing to say."""

from __future__ import annotations

from pathlib import Path

import pytest

import oncohort as oc
from oncohort.audit import AuditReport, audit_report
from oncohort.study.demo import write_demo


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
