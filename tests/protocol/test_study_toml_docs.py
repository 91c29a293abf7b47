"""The page on study.toml says what the models say."""

from __future__ import annotations

import importlib.util

from conftest import ROOT


def test_the_page_is_up_to_date() -> None:
    path = ROOT / "scripts" / "write_protocol_docs.py"
    spec = importlib.util.spec_from_file_location("write_protocol_docs", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    written = (ROOT / "docs" / "study-toml.md").read_text(encoding="utf-8")
    assert written == module.page(), "run scripts/write_protocol_docs.py"


def test_sections_of_other_files_are_not_described() -> None:
    import oncohort.consortium.plan  # noqa: F401

    test_the_page_is_up_to_date()
