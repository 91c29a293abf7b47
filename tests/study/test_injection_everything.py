"""Payloads in every free text of a study that declares every analysis, in its cells and works.

Labels of each kind of section, levels, units, authors, conduct, declarations, references, names of
columns, sheets and files: what comes out is read by a parser of its own kind, and holds no markup.
"""

from __future__ import annotations

import csv
import io
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1]))

from generated_protocols import accepted, written
from test_injection import MARK, PAYLOADS, cell_is_clean, check_outputs, page_is_clean, said

from declared_at_once import write_declared

FREE = ("label", "title", "disease", "treatment", "institution", "country", "unit", "origin")
LEVELS = ("levels", "event_labels", "drug_label")
CLEAN = tuple(p.replace("\x00", "") for p in PAYLOADS)


def texts(start: int) -> Callable[[], str]:
    """One payload after another, from one of them on."""
    left = iter(CLEAN[start:] + CLEAN + CLEAN)
    return lambda: next(left)


def fill(value: Any, word: Callable[[], str], key: str = "") -> Any:
    """A part of a protocol whose free texts are payloads."""
    if isinstance(value, dict):
        free = key in LEVELS
        return {
            k: word() if free and isinstance(v, str) else fill(v, word, k) for k, v in value.items()
        }
    if isinstance(value, list):
        return [fill(v, word) for v in value]
    return word() if isinstance(value, str) and key in FREE else value


def added(word: Callable[[], str]) -> dict[str, Any]:
    """Sections that hold words alone."""
    author = {
        **{k: word() for k in ("name", "contribution")},
        "affiliations": [word(), word()],
        "corresponding": True,
        "email": "a@example.org",
        "address": word(),
    }
    return {
        "conduct": {
            k: word()
            for k in (
                *("institution", "country", "pathology", "imaging", "imaging_follow_up"),
                *("laboratory", "response_by", "adverse_events_by", "dose_modification"),
            )
        },
        "paper": {
            "authors": [author, {"name": word(), "affiliations": [word()]}],
            "declarations": {
                k: word()
                for k in (
                    *("ethics", "consent", "funding", "conflicts", "data", "acknowledgements"),
                    "registration",
                )
            },
            **{k: word() for k in ("aim", "conclusion", "running_title")},
            "keywords": [word() for _ in range(4)],
        },
    }


def works(word: Callable[[], str]) -> str:
    """BibTeX whose fields are payloads, as far as they close their braces."""

    def field() -> str:
        text = word().replace("@", " ").replace("\n", " ")
        return text if text.count("{") == text.count("}") and "\\" not in text else f"{MARK} <b>"

    names = ("title", "author", "journal", "volume", "pages", "publisher", "note", "url", "doi")
    entries = (
        f"@article{{w{k},\n  year = {{2009}},\n"
        + ",\n".join(f"  {name} = {{{field()}}}" for name in names)
        + "\n}\n"
        for k in range(8)
    )
    return "".join(entries)


def poisoned(folder: Path, start: int) -> Path:
    """The study, its tables as sheets of one workbook with payloads in names, levels and cells."""
    word = texts(start)
    write_declared(folder, n=40)
    file = folder / "study.toml"
    before = tomllib.loads(file.read_text(encoding="utf-8"))
    raw = fill(before, word) | {"propensity": before["propensity"]}
    raw |= added(word)
    raw["study"] |= {"text": "text", "setting": word(), "data": f"{MARK} <b>&'chart.xlsx"}
    raw["eligibility"]["source"] = word()
    raw["historical"]["first"]["reference"] = "@w0; @w1"
    raw["variables"]["free"] = {"column": "=free <b>", "label": word()}
    raw["variables"]["bmi"]["unit"] = "kg/m2"
    raw["baseline"]["variables"].append("free")
    sheets = {}
    book = openpyxl.Workbook()
    book.remove(book.active)
    for path in sorted((folder / "data").glob("*.csv")):
        frame = pl.read_csv(path, infer_schema_length=None)
        if path.stem == "patients":
            few = [word(), word(), word()]
            some = [few[k % 3] for k in range(frame.height)]
            frame = frame.with_columns(pl.Series("=free <b>", some))
            frame = frame.with_columns(pl.Series("_script", [word() for _ in some]))
        sheets[path.stem] = f"<b>{path.stem}&"
        page = book.create_sheet(sheets[path.stem])
        for row in (frame.columns, *frame.iter_rows()):
            page.append([_cell(v) for v in row])
        for row in page.iter_rows():
            for cell in row:
                cell.data_type = "s" if isinstance(cell.value, str) else cell.data_type
        path.unlink()
    book.save(folder / raw["study"]["data"])
    for name, sheet in sheets.items():
        raw.setdefault("tables", {}).setdefault(name, {})["sheet"] = sheet
    assert accepted(raw)
    file.write_text(written(raw), encoding="utf-8")
    (folder / "text").mkdir()
    for k, name in enumerate(("introduction", "methods", "discussion", "limitations", "ethics")):
        cited = f"[@w{k + 2}]" if k < 4 else "[@none]"
        (folder / "text" / f"{name}.md").write_text(f"{word()} {cited} {word()}", "utf-8")
    (folder / "references.bib").write_text(works(word), encoding="utf-8")
    return folder


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        return openpyxl.cell.cell.ILLEGAL_CHARACTERS_RE.sub("", value)
    return value


def everything_is_clean(folder: Path, start: int) -> None:
    study = poisoned(folder / "study", start)
    out = folder / "out"
    said("check", str(study))
    said("check", str(study), "--format", "json", "--out", str(folder / "check.json"))
    said("run", str(study), "--out", str(out), "--quiet")
    check_outputs(out)
    report = (out / "report.html").read_text(encoding="utf-8")
    assert report.count(MARK) > 100
    said("explain", str(study), "P0003", "--page", str(folder / "page.html"))
    page_is_clean((folder / "page.html").read_text(encoding="utf-8"))
    said("check", str(study), "--format", "xlsx", "--out", str(folder / "marked.xlsx"))
    for page in openpyxl.load_workbook(folder / "marked.xlsx"):
        for row in page.iter_rows():
            assert [cell.value for cell in row if cell.data_type == "f"] == []
    said("deidentify", str(study), "--out", str(folder / "copy"))
    for path in sorted((folder / "copy").rglob("*.csv")):
        for line in csv.reader(io.StringIO(path.read_text("utf-8"), newline="")):
            for value in line:
                cell_is_clean(value)


def test_payloads_in_every_free_text_stay_text(tmp_path: Path) -> None:
    everything_is_clean(tmp_path, 0)


@pytest.mark.verify
@pytest.mark.parametrize("start", range(7, 100, 7))
def test_payloads_in_every_free_text_in_other_places(tmp_path: Path, start: int) -> None:
    everything_is_clean(tmp_path, start)
