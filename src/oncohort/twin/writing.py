"""The files of a twin: a study folder with certificate and README, every row marked."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from oncohort.problems import OutputError, Place, problem
from oncohort.twin.chart import Rows
from oncohort.vocabulary.boundaries import Option
from oncohort.vocabulary.spreadsheets import no_formula
from oncohort.vocabulary.unseen import coded
from oncohort.whole_folders import renewed_folder

if TYPE_CHECKING:
    from oncohort.twin.certificate import Certificate
    from oncohort.twin.making import Twin

MARK = "certificate.json"

README = """# A synthetic twin

**These patients do not exist.** A program made them up so that their analysis gives back the
figures of a publication, as far as any patients can. Every row of every table says
`synthetic` = `yes`.

- `study.toml`, `data/`: a study; `oncohort run` does the whole job on it.
- `certificate.md` (and `.json`): per printed figure, whether it is met, missed and by how much,
  or impossible, with the smallest set of figures that no patients have together.
{figures}
{summary}

## What it is good for

Planning a study, teaching, testing software, and seeing whether printed figures can stand together.

## What must not be concluded

- Nothing about any drug, disease or patient: all that is not printed in the paper is invented.
- Nothing about associations that the paper does not print (responses by sex, doses by age).
- A twin that meets every figure does not show that the paper is right; figures that were not met
  are not thereby wrong. Only *impossible* is proven, under what its line says.
- Other cohorts give the same figures: with another seed you get one.
"""


def _refused(folder: Path, case: str, **holes: Option) -> OutputError:
    place = Place(file=str(folder))
    return OutputError("", [problem("twin.refused", case, place=place, folder=folder, **holes)])


def unwritable(folder: Path, error: OSError) -> OutputError:
    """The error of a folder that can't be written."""
    return _refused(folder, "unwritable", error=error)


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def write_study(tables: Rows, protocol: str, folder: Path) -> None:
    """Protocol and one CSV file per record table."""
    (folder / "study.toml").write_text(protocol, encoding="utf-8", newline="\n")
    data = folder / "data"
    data.mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        columns = list(dict.fromkeys(k for row in rows for k in row))
        with (data / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow([no_formula(c) for c in columns])
            writer.writerows([no_formula(_text(row.get(c))) for c in columns] for row in rows)


def check_target(folder: Path) -> None:
    """Refuse a folder that holds something else than a twin.

    Raises
    ------
    OutputError
    """
    if folder.exists() and not folder.is_dir():
        raise _refused(folder, "file")
    known = (MARK, "search.json")
    if folder.is_dir() and any(folder.iterdir()) and not any((folder / k).exists() for k in known):
        raise _refused(folder, "other-files")


FIGURES = "- `figures.toml`: the published figures that it was made from.\n"


def _files(tables: Rows, protocol: str, c: Certificate, folder: Path, figures: str | None) -> None:
    write_study(tables, protocol, folder)
    readme = README.format(summary=f"{c.summary()}.", figures=FIGURES if figures else "")
    texts = {MARK: c.to_json(), "certificate.md": c.to_markdown(), "README.md": readme}
    texts = {name: coded(text) for name, text in texts.items()}
    if figures:
        texts["figures.toml"] = figures
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")


def write_files(twin: Twin, folder: Path) -> None:
    """Everything that a twin's folder has."""
    from oncohort.published.toml import to_toml

    _files(twin.tables, twin.protocol, twin.certificate, folder, to_toml(twin.figures))


def write_folder(
    tables: Rows, protocol: str, certificate: Certificate, folder: Path,
    figures: str | None = None,
) -> Path:  # fmt: skip
    """Write a twin beside the target, then put it in its place; what else is there stays.

    ``figures``: the published figures as TOML, where they were given so.
    """
    check_target(folder)
    try:
        with renewed_folder(folder) as made:
            _files(tables, protocol, certificate, made, figures)
    except OSError as error:
        raise unwritable(folder, error) from error
    return folder


def write_twin(twin: Twin, folder: Path) -> Path:
    """Write a twin's folder."""
    from oncohort.published.toml import to_toml

    figures = to_toml(twin.figures)
    return write_folder(twin.tables, twin.protocol, twin.certificate, folder, figures)
