"""Marked secrets in every place that an input can hold: none comes out where others may see it."""

from __future__ import annotations

import re
import stat
import sys
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.workbook.defined_name import DefinedName

sys.path.insert(0, str(Path(__file__).parents[1] / "mutations"))

from clean_study import PROTOCOL, clean_tables

from oncohort.study.deidentify import KEY_FILE, deidentify
from oncohort.study.study import read_study

NUMBER = re.compile(r"-?\d+(\.\d+)?")
DAY = re.compile(r"\d{4}-\d\d-\d\d")
PLACES = (
    *("surname", "remark", "comment", "hidden-sheet", "hidden-column", "property", "keyword"),
    *("sheet-header", "defined-name", "lesion", "action", "reason", "protocol-comment"),
    *("decision-why", "term-note", "below-table", "hidden-row", "site", "file-name", "sheet-name"),
)
"""Places of an input; the secret of each is ``qz`` + its number + ``zq``."""


def secret(place: str) -> str:
    return f"qz{PLACES.index(place):02d}zq"


def ids(n: int = 24) -> list[str]:
    return [f"HK{k:02d}-73{k % 10}" for k in range(n)]


def typed(text: str) -> object:
    """A cell as a workbook holds it."""
    if DAY.fullmatch(text):
        return date.fromisoformat(text)
    return float(text) if NUMBER.fullmatch(text) else text or None


def workbook(path: Path, tables: dict[str, list[dict[str, str]]]) -> None:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in tables.items():
        sheet = book.create_sheet(name)
        names = list(dict.fromkeys(c for row in rows for c in row))
        sheet.append(names)
        for row in rows:
            sheet.append([typed(row.get(c, "")) for c in names])
    first = book["patients"]
    first["B4"].comment = Comment(f"ask {secret('comment')}", secret("comment"))
    last = first.max_column + 1
    first.cell(1, last, "internal")
    for row in range(2, first.max_row + 1):
        first.cell(row, last, f"{secret('hidden-column')} {row}")
    first.column_dimensions[openpyxl.utils.get_column_letter(last)].hidden = True
    sheet = book.create_sheet("archive")
    sheet.append(["name", secret("hidden-sheet")])
    sheet.sheet_state = "hidden"
    for one in (book["lesions"],):
        one.oddHeader.center.text = secret("sheet-header")
    book.defined_names["n"] = DefinedName("n", attr_text=f'"{secret("defined-name")}"')
    book.properties.creator = secret("property")
    book.properties.keywords = secret("keyword")
    first.title = f"{secret('sheet-name')}son"
    book.save(path)


def study(folder: Path) -> Path:
    """The clean study as a workbook, with a secret wherever one can stand."""
    tables = clean_tables()
    new = dict(zip([row["patient"] for row in tables["patients"]], ids(), strict=True))
    for rows in tables.values():
        for row in rows:
            row["patient"] = new[row["patient"]]
    for k, row in enumerate(tables["patients"]):
        row["birth_date"] = date(1940 + k, 1 + k % 12, 3 + k).isoformat()
        row["surname"] = f"{secret('surname')}son{k}"
        row["remark"] = f"{secret('remark')} seen by Dr. Miller on 4.5.2016" if k % 7 == 0 else ""
        row["treatment_end_reason"] = "toxicity" if k == 5 else row["treatment_end_reason"]
    for row in tables["lesions"]:
        row["lesion"] = f"{row['patient']}-{row['lesion']}"
    tables["lesions"][7]["site"] = f"lung, see {secret('site')}"
    tables["adverse_events"][3]["action"] = f"stopped, {secret('action')}"
    tables["adverse_events"][5]["note"] = secret("term-note")
    tables["doses"][2]["reason"] = f"rash ({secret('reason')})"
    folder.mkdir(parents=True)
    chart = f"{secret('file-name')}son's chart.xlsx"
    workbook(folder / chart, tables)
    text = (
        f"# {ids()[3]}, born 1943-04-06, {secret('protocol-comment')}\n"
        + PROTOCOL.replace('data = "data"', f'data = "{chart}"')
        + f'\n[tables.patients]\nsheet = "{secret("sheet-name")}son"\n'
        + '\n[eligibility]\n[[eligibility.criteria]]\nkey = "out"\nlabel = "Withdrew"\n'
        f'column = "patient"\nis_not = ["{ids()[9]}"]\n'
        '\n[[decisions]]\nrule = "dates.after-death"\n'
        f'patients = ["{ids()[4]}"]\ndo = "accept"\nby = "A. Author"\n'
        f'why = "{ids()[4]} was asked, {secret("decision-why")}."\n'
    )
    (folder / "study.toml").write_text(text, encoding="utf-8")
    return folder


PACKED = re.compile(rb"(?:zTXt|iTXt|stream).{0,90}?(\x78[\x01\x5e\x9c\xda])", re.DOTALL)


def inside(data: bytes) -> Iterator[bytes]:
    """The bytes, and whatever they hold: zipped parts, packed texts of PNG and PDF."""
    yield data
    if zipfile.is_zipfile(BytesIO(data)):
        with zipfile.ZipFile(BytesIO(data)) as archive:
            yield " ".join(archive.namelist()).encode()
            for name in archive.namelist():
                yield from inside(archive.read(name))
    elif data.startswith((b"\x89PNG", b"%PDF")):
        for found in re.finditer(
            rb"(?:zTXt|iTXt|stream).{0,90}?(\x78[\x01\x5e\x9c\xda])", data, re.S
        ):
            try:
                yield zlib.decompressobj().decompress(data[found.start(1) :], 5_000_000)
            except zlib.error:
                continue


def written(day: date) -> set[str]:
    """A day as papers and charts write it."""
    months = "January February March April May June July August September October November December"
    name = months.split()[day.month - 1]
    return {
        day.isoformat(), day.strftime("%d.%m.%Y"), day.strftime("%d/%m/%Y"),
        f"{day.day}.{day.month}.{day.year}", f"{day.day} {name} {day.year}",
        f"{name} {day.day}, {day.year}", f"{day.day} {name[:3]} {day.year}",
    }  # fmt: skip


def days() -> list[date]:
    """Every day of a patient, birth dates too."""
    tables = clean_tables()
    found = {v for rows in tables.values() for row in rows for v in row.values()}
    births = {date(1940 + k, 1 + k % 12, 3 + k) for k in range(24)}
    return sorted(births | {date.fromisoformat(v) for v in found if DAY.fullmatch(v)})


def secrets() -> list[str]:
    return [*map(secret, PLACES), *ids(), "Miller"]


DATES = re.compile(
    r"\d{4}-\d\d-\d\d|\d{1,2}[./]\d{1,2}[./]\d{4}|\d{1,2} [A-Z][a-z]{2,8} \d{4}|"
    r"[A-Z][a-z]{2,8} \d{1,2}, \d{4}"
)


def leaks(
    folder: Path, words: list[str], only: str = ".*", *, known: frozenset[str] = frozenset()
) -> set[tuple[str, str]]:
    """File and secret: words of a list, and dates that are known."""
    out: set[tuple[str, str]] = set()
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        name = path.relative_to(folder).as_posix()
        if not re.fullmatch(only, name):
            continue
        for part in (name.encode(), *inside(path.read_bytes())):
            text = part.decode("utf-8", "ignore")
            out |= {(name, w) for w in words if w in text}
            out |= {(name, w) for w in DATES.findall(text) if w in known}
    return out


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("secrets")
    where = study(folder / "study")
    (where / KEY_FILE).write_text("5a" * 32 + "\n", encoding="ascii")
    results = read_study(where).run()
    mine = results.write(folder / "mine")
    shared = results.write(folder / "shared", share=True)
    deidentify(where, folder / "copy")
    again = read_study(folder / "copy").run().write(folder / "of-the-copy")
    return {"mine": mine, "shared": shared, "copy": folder / "copy", "again": again}


PUBLIC = r".*\.docx|tables/.*|figures/.*"


def dates() -> frozenset[str]:
    return frozenset(form for day in days() for form in written(day))


def test_the_search_finds_what_is_there(ran: dict[str, Path]) -> None:
    found = {w for _, w in leaks(ran["mine"], secrets(), known=dates())}
    assert set(ids()) <= found
    assert len(found & dates()) > 50


def test_papers_tables_and_figures_hold_no_secret(ran: dict[str, Path]) -> None:
    assert leaks(ran["mine"], secrets(), PUBLIC, known=dates()) == set()


def test_what_is_shared_holds_no_secret(ran: dict[str, Path]) -> None:
    assert leaks(ran["shared"], secrets(), known=dates()) == set()


def test_the_copy_holds_no_secret(ran: dict[str, Path]) -> None:
    birth = [form for k in range(24) for form in written(date(1940 + k, 1 + k % 12, 3 + k))]
    # Words that stand in columns of levels, and those of decisions, are the user's to read: said.
    words = [w for w in secrets() if w not in map(secret, ("action", "reason", "site"))]
    words.remove(secret("decision-why"))
    assert leaks(ran["copy"], words, known=frozenset(birth)) == set()
    assert leaks(ran["again"], words, PUBLIC) == set()


def test_what_stays_in_the_copy_is_said(tmp_path: Path) -> None:
    said = "\n".join(deidentify(study(tmp_path / "study"), tmp_path / "copy").lines())
    for column in ("adverse_events.action", "doses.reason", "lesions.site"):
        assert f'"{column}" has 1 value that fewer than 3 patients share.' in said
    assert "The words of decisions are yours" in said
    assert "together" in said


def test_a_decided_date_moves_with_its_patient_or_goes(tmp_path: Path) -> None:
    where = study(tmp_path / "study")
    last = clean_tables()["patients"][4]["last_contact"]
    with (where / "study.toml").open("a", encoding="utf-8") as handle:
        for whose, value in ((ids()[4:5], last), (ids()[5:7], "2017-03-05")):
            handle.write(
                f'\n[[decisions]]\nrule = "follow-up.gap"\npatients = {whose}\ndo = "value"\n'
                f'column = "last_contact"\nvalue = {value}\nby = "A"\nwhy = "Looked up."\n'
            )
    deidentify(where, tmp_path / "copy", exact_follow_up=True)
    text = (tmp_path / "copy" / "study.toml").read_text(encoding="utf-8")
    assert last not in text
    assert "2017-03-05" not in text
    assert text.count('do = "value"') == 1


@pytest.mark.skipif(sys.platform == "win32", reason="modes of POSIX")
def test_only_the_user_reads_what_was_written(ran: dict[str, Path]) -> None:
    for name in ("mine", "copy", "again"):
        folder = ran[name]
        for path in (folder, *folder.rglob("*")):
            mode = stat.S_IMODE(path.stat().st_mode)
            assert mode & 0o077 == 0, (name, path.relative_to(folder), oct(mode))
