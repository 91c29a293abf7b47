"""No patient in what is meant for others: manuscript, supplement, tables, figures; nothing at all
with `--share`. The ids are odd ones, and some of them have problems that name them; a part of the
numbers is left out, the others are there."""

from __future__ import annotations

import re
import sys
import zipfile
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "mutations"))

from clean_study import PROTOCOL, clean_tables, write_study

from oncohort.study.study import read_study

ODD = (
    "ZQ-0017/2",
    "Größe, Anna",
    "qz<&>\"1'",
    "Kowalski_J.*",
    "zq 12 zq",
    "123-45-6789",
    "a.b@example.org",
    "患者一",
    "qZ$x_1$",
    "=qz()",
    "1984-03-07",
    "%(qz)s",
)
"""Ids of the first patients; the others keep plain ones."""


def study(folder: Path) -> tuple[Path, list[str]]:
    tables = clean_tables()
    old = [row["patient"] for row in tables["patients"]]
    new = dict(zip(old, [*ODD, *(f"zqid{k:03d}" for k in range(len(old)))], strict=False))
    for rows in tables.values():
        for row in rows:
            row["patient"] = new[row["patient"]]
    # Problems whose texts name patients, cells and values, in the chart and in the protocol.
    tables["patients"][1]["last_contact"] = "2001-01-01"
    tables["patients"][2]["sex"] = "x" + new[old[2]]
    tables["labs"][3]["patient"] = "zqNobody"
    tables["adverse_events"][2]["grade"] = new[old[1]]
    tables["patients"][5]["arm"] = ""
    text = PROTOCOL + (
        '\n[eligibility]\n[[eligibility.criteria]]\nkey = "out"\nlabel = "Withdrew"\n'
        f'column = "patient"\nis_not = ["{new[old[7]]}"]\n'
        '\n[[decisions]]\nrule = "variables.no-group"\n'
        f'patients = ["{new[old[5]]}"]\ndo = "accept"\nby = "A. Author"\n'
        f'why = "Patient {new[old[5]]} was asked."\n'
    )
    return write_study(folder, tables, text), [new[o] for o in old]


def texts_of(path: Path) -> str:
    """Everything in a file that can be read as text, zipped parts included."""
    data = path.read_bytes()
    parts = [data.decode("utf-8", "ignore")]
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            parts += [archive.read(n).decode("utf-8", "ignore") for n in archive.namelist()]
    return "\n".join(parts)


def forms(one: str) -> set[str]:
    """An id as it may be written in XML, JSON and addresses."""
    from html import escape
    from json import dumps
    from urllib.parse import quote

    return {one, escape(one), escape(one, quote=False), dumps(one)[1:-1], quote(one)} - {""}


def found(folder: Path, names: list[str], only: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    out = []
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        name = str(path.relative_to(folder))
        if only and not re.fullmatch("|".join(only), name):
            continue
        text = texts_of(path)
        out += [(name, n) for n in names if any(f in text for f in forms(n))]
    return out


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, list[str]]:
    folder = tmp_path_factory.mktemp("ids")
    where, names = study(folder / "study")
    results = read_study(where).run()
    mine = results.write(folder / "mine")
    shared = results.write(folder / "shared", share=True)
    return mine, shared, [*names, "zqNobody"]


PUBLIC = (r".*\.docx", r"tables/.*", r"figures/.*")


def test_there_are_numbers_and_parts_that_were_left_out(ran: tuple[Path, Path, list[str]]) -> None:
    mine, shared, _ = ran
    for folder in (mine, shared):
        assert {"waterfall.svg", "survival.svg"} <= {p.name for p in folder.rglob("*.svg")}
        for name in ("manuscript.docx", "report.html"):
            assert "Left out:" in texts_of(folder / name)


def test_papers_tables_and_figures_name_nobody(ran: tuple[Path, Path, list[str]]) -> None:
    mine, _, names = ran
    assert found(mine, names, PUBLIC) == []


def test_the_search_finds_what_is_there(ran: tuple[Path, Path, list[str]]) -> None:
    mine, _, names = ran
    everywhere = {n for _, n in found(mine, names)}
    assert len(everywhere) > len(names) / 2


def test_nothing_that_is_shared_names_anybody(ran: tuple[Path, Path, list[str]]) -> None:
    _, shared, names = ran
    assert found(shared, names) == []
