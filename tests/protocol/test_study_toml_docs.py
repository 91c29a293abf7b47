"""The page on study.toml says what the models say."""

from __future__ import annotations

from conftest import ROOT, program


def test_the_page_is_up_to_date() -> None:
    module = program("scripts/write_protocol_docs.py")
    written = (ROOT / "docs" / "study-toml.md").read_text(encoding="utf-8")
    assert written == module.page(), "run scripts/write_protocol_docs.py"


def test_sections_of_other_files_are_not_described() -> None:
    import oncohort.consortium.plan  # noqa: F401

    test_the_page_is_up_to_date()
