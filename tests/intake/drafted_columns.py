"""Where a draft names the columns of its chart: used, asked about, or left out and why."""

from __future__ import annotations

import json
import re
from pathlib import Path

from oncohort.records.sources import ENDINGS
from oncohort.study.draft_columns import named_in
from oncohort.study.drafting import read_pages

LEFT = ("Not used", "Not read", "Personal data, not read")


def columns_of(source: Path) -> list[str]:
    """All names of columns of a chart."""
    files = [source] if source.is_file() else sorted(source.glob("data_*"))
    files = files or sorted(p for p in source.iterdir() if p.suffix in ENDINGS)
    return [n for f in files for page in read_pages(f, f.name) for n in page.raw.names]


def stands(text: str) -> dict[str, set[str]]:
    """Where a draft names columns: used in its lines, asked in questions, left out, or told."""
    out: dict[str, set[str]] = {"used": set(), "asked": set(), "left": set(), "told": set()}
    asked = False
    for line in text.split("\n"):
        asked = line.startswith("# QUESTION") or (asked and line.startswith("#"))
        if asked:
            kind = "asked"
        elif line.startswith("#"):
            kind = "left" if line[2:].startswith(LEFT) else "told"
        else:
            kind = "used"
        about = re.match(r'# Not used: ("(?:[^"\\]|\\.)*") \(', line)  # the reason names others
        out[kind] |= named_in(about[1] if about is not None else line)
    return out


def unnamed(source: Path, draft: str) -> list[str]:
    """Columns of a chart that its draft does not name anywhere."""
    names = columns_of(source)
    assert names
    everywhere = set().union(*stands(draft).values())
    return [n for n in names if n not in everywhere]


def contradicted(source: Path, draft: str) -> set[str]:
    """Columns that a draft leaves out in one place and uses, or asks about, in another."""
    where = stands(draft)
    ignored = {n for m in re.findall(r"^ignore = (.*)$", draft, re.M) for n in json.loads(m)}
    sheets = {n for line in draft.split("\n") if "columns of" in line for n in named_in(line)}
    both = where["left"] & (where["used"] | where["asked"]) & set(columns_of(source))
    return both - ignored - sheets
