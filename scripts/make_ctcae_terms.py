"""Build the CTCAE term lists of the package from the published tables.

Takes names of categories and terms, and which grades exist; leaves the criteria's sentences,
definitions and MedDRA codes out. Run it again when a source is corrected:

    python scripts/make_ctcae_terms.py SOURCE_FOLDER src/oncohort/criteria/ctcae/data

SOURCE_FOLDER holds `ctcae_v3_grades.csv` (category, term, site, grade, text),
`CTCAE_4.03.csv` and `CTCAE_v5.0_2017-11-27.csv` (code, category, term, grade 1 to 5, ...).
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable
from pathlib import Path

Row = tuple[str, str, str, str]


def _read(path: Path) -> list[list[str]]:
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp1252")
    return list(csv.reader(text.splitlines(keepends=True)))[1:]


def _clean(text: str) -> str:
    return " ".join(text.split())


def long_form(path: Path) -> list[Row]:
    """v3.0: one row per term and grade that exists."""
    found: dict[tuple[str, str, str], set[str]] = {}
    for category, term, site, grade, _text in _read(path):
        key = (_clean(category).title(), _clean(term), _clean(site))
        found.setdefault(key, set()).add(grade.strip())
    return [(*key, "".join(sorted(grades))) for key, grades in found.items()]


def wide_form(path: Path) -> list[Row]:
    """v4.03 and v5.0: one row per term; a dash or a blank means that the grade does not exist."""
    rows = []
    for line in _read(path):
        grades = "".join(str(k) for k in range(1, 6) if line[2 + k].strip() not in ("", "-"))
        rows.append((_clean(line[1]), _clean(line[2]), "", grades))
    return rows


def write(rows: Iterable[Row], path: Path) -> None:
    """Write one list, sorted, with Unix line ends."""
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(("category", "term", "site", "grades"))
        writer.writerows(sorted(rows))


def main(source: Path, target: Path) -> None:
    """Build all three lists."""
    write(long_form(source / "ctcae_v3_grades.csv"), target / "terms_3.0.csv")
    write(wide_form(source / "CTCAE_4.03.csv"), target / "terms_4.03.csv")
    write(wide_form(source / "CTCAE_v5.0_2017-11-27.csv"), target / "terms_5.0.csv")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
