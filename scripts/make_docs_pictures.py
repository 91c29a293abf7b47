"""The pictures of the docs and the gallery page, made from a run of the built-in study.

    python scripts/make_docs_pictures.py [--docs FOLDER]

Writes `docs/gallery.md` with every figure (`docs/images/gallery/*.svg`) and table of the run. Where
Chromium is there (development set-up), also the screenshots of the report that the tutorial shows.
"""

from __future__ import annotations

import argparse
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import oncohort as oc
from oncohort.displays.figures import draw_all
from oncohort.displays.spans import text_of
from oncohort.displays.tables.model import Table
from oncohort.study.demo import write_demo

if TYPE_CHECKING:
    from oncohort.study.results import Results

DOCS = Path(__file__).parents[1] / "docs"
HEAD = """# Gallery: what a run gives

Every figure and table of the built-in study, whose patients are synthetic: no number here is a
finding. The page is written by `scripts/make_docs_pictures.py` from a run of `oncohort demo`.
"""


def gallery(results: Results, docs: Path) -> None:
    """Write the page and its figures."""
    pictures = docs / "images" / "gallery"
    pictures.mkdir(parents=True, exist_ok=True)
    for old in pictures.glob("*.svg"):
        old.unlink()
    lines = [HEAD, "## Figures\n"]
    drawn = draw_all(results.figures.values(), ("svg",))
    for name, figure in results.figures.items():
        (pictures / f"{name}.svg").write_bytes(drawn[name]["svg"])
        alt = figure.alt.replace("[", "(").replace("]", ")")
        number = f"{figure.number}. " if figure.number else ""
        lines.append(f"### {figure.title}\n\n![{alt}](images/gallery/{name}.svg)\n")
        lines.append(f"{number}{_marked(text_of(figure.caption))}\n")
    lines.append("## Tables\n")
    for table in results.tables.values():
        lines.append(f"### {table.title}\n\n" + "\n".join(markdown(table)) + "\n")
        lines += [_marked(text_of(note)) + "  " for note in table.notes]
        lines.append("")
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).rstrip() + "\n"
    (docs / "gallery.md").write_text(text, encoding="utf-8")


def _marked(text: str) -> str:
    """Words that Markdown would take for marks."""
    return re.sub(r"([*_|<>])", r"\\\1", text)


def markdown(table: Table) -> Iterator[str]:
    """The lines of a table; the heads of a column are joined."""
    heads = [", ".join([*c.spanners, c.label]) for c in table.columns]
    yield "| " + " | ".join(_marked(h) for h in heads) + " |"
    yield "|" + "---|" * len(heads)
    for row in table.rows:
        cells = [_marked(text_of(cell.spans)) for cell in row.cells]
        cells[0] = "&emsp;" * row.indent + cells[0]
        cells += [""] * (len(heads) - len(cells))
        yield "| " + " | ".join(cells) + " |"


def screenshots(report: Path, docs: Path) -> None:
    """The report as a reader sees it: its head, the evidence of a number, a patient, a phone."""
    from playwright.sync_api import sync_playwright

    found = shutil.which("chromium") or shutil.which("chromium-browser")
    images = docs / "images"
    number = '#table-prognosis .n[data-n="prognosis.os.hr[model=multi,variable=crp]"]'
    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=found, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        )
        page = browser.new_page(viewport={"width": 1280, "height": 820})
        page.goto(report.as_uri())
        page.screenshot(path=images / "report.png")
        page.locator(number).first.click()
        page.locator("#why summary").click()
        page.wait_for_timeout(500)
        page.screenshot(path=images / "evidence.png")
        page.keyboard.press("Escape")
        page.goto(f"{report.as_uri()}#patient-4")
        page.wait_for_timeout(500)
        page.set_viewport_size({"width": 1280, "height": 1500})
        page.locator("#patient-4").screenshot(path=images / "patient.png")
        _cut(images / "patient.png", 1250)
        page.set_viewport_size({"width": 390, "height": 780})
        page.emulate_media(color_scheme="dark")
        page.goto(report.as_uri())
        page.locator("#table-safety").first.scroll_into_view_if_needed()
        page.wait_for_timeout(500)
        page.screenshot(path=images / "phone.png")
        browser.close()


def _cut(path: Path, height: int) -> None:
    """The upper part of a picture."""
    from PIL import Image

    with Image.open(path) as image:
        part = image.crop((0, 0, image.width, min(height, image.height)))
    part.save(path)


def main() -> None:
    """Run the built-in study, write page and pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--docs", type=Path, default=DOCS)
    docs = parser.parse_args().docs
    (docs / "images").mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as held:
        results = oc.read_study(write_demo(Path(held) / "study")).run()
        gallery(results, docs)
        if shutil.which("chromium") or shutil.which("chromium-browser"):
            screenshots(results.write() / "report.html", docs)
    print(docs / "gallery.md")


if __name__ == "__main__":
    main()
