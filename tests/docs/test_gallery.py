"""The gallery is what a run of the built-in study gives, and its script still runs."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

import oncohort as oc
from oncohort.study.demo import write_demo
from oncohort.study.results import Results

ROOT = Path(__file__).parents[2]
SCRIPT = runpy.run_path(str(ROOT / "scripts" / "make_docs_pictures.py"))
AGAIN = "run: python scripts/make_docs_pictures.py"


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    return oc.read_study(write_demo(tmp_path_factory.mktemp("gallery") / "study")).run()


def test_every_figure_and_table_is_in_the_gallery(results: Results, tmp_path: Path) -> None:
    SCRIPT["gallery"](results, tmp_path)
    made = (tmp_path / "gallery.md").read_text("utf-8")
    kept = (ROOT / "docs" / "gallery.md").read_text("utf-8")
    for name, figure in results.figures.items():
        assert f"images/gallery/{name}.svg" in made
        assert f"images/gallery/{name}.svg" in kept, AGAIN
        assert (ROOT / "docs" / "images" / "gallery" / f"{name}.svg").is_file(), AGAIN
        assert (tmp_path / "images" / "gallery" / f"{name}.svg").is_file()
        assert f"### {figure.title}\n" in made
    for table in results.tables.values():
        lines = list(SCRIPT["markdown"](table))
        assert len(lines) == len(table.rows) + 2
        assert all(line.count(" | ") == len(table.columns) - 1 for line in (lines[0], lines[-1]))
        assert lines[0] in made


def test_the_tutorial_shows_pictures_that_the_script_makes() -> None:
    source = (ROOT / "scripts" / "make_docs_pictures.py").read_text("utf-8")
    text = (ROOT / "docs" / "first-study.md").read_text("utf-8")
    for name in ("report", "evidence", "patient", "phone"):
        assert f"(images/{name}.png)" in text and f'"{name}.png"' in source
        assert (ROOT / "docs" / "images" / f"{name}.png").is_file()
