"""What a workbook says without values: hidden rows, colours, formulas that were never calculated.

Read straight from the sheet's XML, in milliseconds, and only of sheets of moderate size.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import field
from pathlib import Path
from types import MappingProxyType
from xml.etree import ElementTree

from oncohort.dataclass import dataclass

MAX_XML = 40_000_000
"""Bytes of a sheet's XML up to which it is looked at."""
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_REL = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"


@dataclass(slots=True)
class Marks:
    """What stands in a sheet beside its values."""

    hidden_rows: list[int] = field(default_factory=list)
    """Counted from 1."""
    hidden_columns: list[int] = field(default_factory=list)
    """Counted from 0."""
    colours: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    """Fill colour = cells as (row from 1, column from 0)."""
    uncalculated: list[str] = field(default_factory=list)
    """Cells with a formula and no saved value."""
    percent: list[tuple[int, int]] = field(default_factory=list)
    """Numbers that Excel shows as percentages, as (row from 1, column from 0)."""
    errors: list[tuple[str, str]] = field(default_factory=list)
    """Cells whose formula gave an error, and the error."""
    struck: list[tuple[int, int]] = field(default_factory=list)
    """Cells with a value that is struck through, as (row from 1, column from 0)."""
    white: list[tuple[int, int]] = field(default_factory=list)
    """Cells with a value in white letters on no colour, which nobody sees."""
    comments: list[tuple[str, str]] = field(default_factory=list)
    """Cells with a comment, and its text without its author's name."""


@dataclass(frozen=True, slots=True)
class Letters:
    """Cells with a value whose letters are marked, as (row from 1, column from 0)."""

    bold: tuple[tuple[int, int], ...] = ()
    italic: tuple[tuple[int, int], ...] = ()
    colours: Mapping[str, tuple[tuple[int, int], ...]] = field(
        default_factory=lambda: MappingProxyType({})
    )
    """Colour of the letters = cells; black is none."""


def letters_of(path: Path, sheet: str) -> Letters:
    """How the letters of a sheet's cells are marked: looked at only where a legend speaks of it."""
    try:
        with zipfile.ZipFile(path) as archive:
            part = _sheet_part(archive, sheet)
            if part is None or archive.getinfo(part).file_size > MAX_XML:
                return Letters()
            root = ElementTree.fromstring(archive.read("xl/styles.xml"))
            text = archive.read(part)
    except (KeyError, ValueError, OSError, zipfile.BadZipFile, zlib.error, ElementTree.ParseError):
        return Letters()
    styles = [s.get("fontId") for s in root.iterfind(f"{_MAIN}cellXfs/{_MAIN}xf")]
    bold: set[str] = set()
    italic: set[str] = set()
    coloured: dict[str, set[str]] = {}
    for i, font in enumerate(root.iterfind(f"{_MAIN}fonts/{_MAIN}font")):
        own = {str(n) for n, s in enumerate(styles) if s == str(i)}
        bold |= own if _on(font.find(f"{_MAIN}b")) else set()
        italic |= own if _on(font.find(f"{_MAIN}i")) else set()
        colour = font.find(f"{_MAIN}color")
        name = (colour.get("rgb") or "").upper() if colour is not None else ""
        if name and name[2:] not in ("000000", "FFFFFF"):
            coloured.setdefault(name, set()).update(own)
    return Letters(
        tuple(_styled(text, sorted(bold))),
        tuple(_styled(text, sorted(italic))),
        MappingProxyType({c: tuple(_styled(text, sorted(own))) for c, own in coloured.items()}),
    )


def _on(mark: ElementTree.Element | None) -> bool:
    return mark is not None and mark.get("val", "1") not in ("0", "false")


def _position(address: str) -> tuple[int, int]:
    found = re.match(r"([A-Z]+)(\d+)", address)
    if found is None:
        return 0, 0
    column = 0
    for letter in found.group(1):
        column = column * 26 + ord(letter) - 64
    return int(found.group(2)), column - 1


def _sheet_part(archive: zipfile.ZipFile, sheet: str) -> str | None:
    book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
    rels = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    targets = {r.get("Id"): r.get("Target", "") for r in rels}
    for one in book.iter(f"{_MAIN}sheet"):
        if one.get("name") == sheet:
            target = targets.get(one.get(f"{_REL}id"), "") or ""
            return target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return None


def _fills(archive: zipfile.ZipFile) -> dict[str, str]:
    """Style index = fill colour, for styles with a solid fill that is not white."""
    try:
        root = ElementTree.fromstring(archive.read("xl/styles.xml"))
    except KeyError:
        return {}
    colours: list[str | None] = []
    for fill in root.iterfind(f"{_MAIN}fills/{_MAIN}fill"):
        pattern = fill.find(f"{_MAIN}patternFill")
        front = pattern.find(f"{_MAIN}fgColor") if pattern is not None else None
        if pattern is None or front is None or pattern.get("patternType") != "solid":
            colours.append(None)
            continue
        name = front.get("rgb") or _indexed(front.get("indexed"))
        name = name or f"theme {front.get('theme')} {front.get('tint') or ''}".strip()
        white = name.upper() in ("FFFFFFFF", "00FFFFFF", "THEME 0", "THEME NONE")
        colours.append(None if white else name)
    out: dict[str, str] = {}
    for i, style in enumerate(root.iterfind(f"{_MAIN}cellXfs/{_MAIN}xf")):
        at = int(style.get("fillId", "0"))
        colour = colours[at] if at < len(colours) else None
        if colour is not None:
            out[str(i)] = colour
    return out


def _indexed(number: str | None) -> str:
    """A colour of the old palette, in which workbooks turned from `.xls` have theirs."""
    if number is None or not number.isdecimal():
        return ""
    from openpyxl.styles.colors import COLOR_INDEX

    return COLOR_INDEX[int(number)] if int(number) < len(COLOR_INDEX) else ""


def look_at(path: Path, sheet: str) -> Marks:
    """The marks of one sheet of an `.xlsx` workbook; none where it can't be looked at.

    Parameters
    ----------
    path
        A workbook that was opened before (and so is no zip bomb).
    """
    marks = Marks()
    try:
        with zipfile.ZipFile(path) as archive:
            part = _sheet_part(archive, sheet)
            if part is None or archive.getinfo(part).file_size > MAX_XML:
                return marks
            fills = _fills(archive)
            text = archive.read(part)
            marks.percent = _styled(text, _percent_styles(archive), number=True)
            marks.struck = _styled(text, _struck_styles(archive))
            marks.white = _styled(text, _white_styles(archive, fills))
            marks.comments = _comments(archive, part)
            if not _DEEP.search(text):
                _colours(text, fills, marks)
                return marks
            _scan(io.BytesIO(text), fills, marks)
    except (
        KeyError,
        ValueError,
        OSError,
        EOFError,
        NotImplementedError,
        zipfile.BadZipFile,
        zlib.error,
        ElementTree.ParseError,
    ):
        # Marks are a courtesy: the values were read by another parser.
        return Marks()
    return marks


def _percent_styles(archive: zipfile.ZipFile) -> list[str]:
    """Style indices whose number format shows a percentage."""
    try:
        root = ElementTree.fromstring(archive.read("xl/styles.xml"))
    except KeyError:
        return []
    formats = {"9", "10"}
    for one in root.iterfind(f"{_MAIN}numFmts/{_MAIN}numFmt"):
        if "%" in (one.get("formatCode") or ""):
            formats.add(one.get("numFmtId") or "")
    styles = root.iterfind(f"{_MAIN}cellXfs/{_MAIN}xf")
    return [str(i) for i, style in enumerate(styles) if style.get("numFmtId") in formats]


def _struck_styles(archive: zipfile.ZipFile) -> list[str]:
    """Style indices whose font is struck through."""
    try:
        text = archive.read("xl/styles.xml")
    except KeyError:
        return []
    if b"strike" not in text:
        return []
    root = ElementTree.fromstring(text)
    struck = set()
    for i, font in enumerate(root.iterfind(f"{_MAIN}fonts/{_MAIN}font")):
        if _on(font.find(f"{_MAIN}strike")):
            struck.add(str(i))
    styles = root.iterfind(f"{_MAIN}cellXfs/{_MAIN}xf")
    return [str(i) for i, style in enumerate(styles) if style.get("fontId") in struck]


_WHITE = ("FFFFFFFF", "00FFFFFF")


def _white_styles(archive: zipfile.ZipFile, fills: dict[str, str]) -> list[str]:
    """Style indices whose letters are white, on no colour."""
    try:
        root = ElementTree.fromstring(archive.read("xl/styles.xml"))
    except KeyError:
        return []
    white = set()
    for i, font in enumerate(root.iterfind(f"{_MAIN}fonts/{_MAIN}font")):
        colour = font.find(f"{_MAIN}color")
        if colour is None:
            continue
        # The theme's first colour is that of the sheet itself; a tint makes it grey.
        of_theme = colour.get("theme") == "0" and not colour.get("tint")
        if of_theme or (colour.get("rgb") or "").upper() in _WHITE:
            white.add(str(i))
    styles = enumerate(root.iterfind(f"{_MAIN}cellXfs/{_MAIN}xf"))
    return [str(i) for i, s in styles if s.get("fontId") in white and str(i) not in fills]


def _styled(text: bytes, styles: list[str], *, number: bool = False) -> list[tuple[int, int]]:
    """Cells with a value and one of the styles; only numbers where asked."""
    if not styles:
        return []
    kind = '(?: t="n")?' if number else '(?: t="[a-zA-Z]+")?'
    pattern = rf'<c r="([A-Z]+\d+)" s="(?:{"|".join(styles)})"{kind}>\s*<(?:v|is|f)\b'
    return [_position(a.decode()) for a in re.findall(pattern.encode(), text)]


def _comments(archive: zipfile.ZipFile, part: str) -> list[tuple[str, str]]:
    """Comments of a sheet; a name with a colon at the beginning is its author's."""
    folder, _, name = part.rpartition("/")
    rels = f"{folder}/_rels/{name}.rels"
    if rels not in archive.namelist():
        return []
    out = []
    for one in ElementTree.fromstring(archive.read(rels)):
        if not (one.get("Type") or "").endswith("/comments"):
            continue
        target = one.get("Target") or ""
        where = target.lstrip("/") if target.startswith("/") else _resolved(folder, target)
        for comment in ElementTree.fromstring(archive.read(where)).iter(f"{_MAIN}comment"):
            text = "".join(t.text or "" for t in comment.iter(f"{_MAIN}t")).strip()
            out.append((comment.get("ref") or "", re.sub(r"^[^:\n]{2,40}:\s*\n", "", text)))
    return out


def _resolved(folder: str, target: str) -> str:
    parts = folder.split("/")
    for step in target.split("/"):
        if step == "..":
            parts.pop()
        elif step != ".":
            parts.append(step)
    return "/".join(parts)


_DEEP = re.compile(rb'<f[ >]|hidden="|t="e"')
"""What only a parser can tell: formulas, hidden rows, errors."""


def _colours(text: bytes, fills: dict[str, str], marks: Marks) -> None:
    """Coloured cells of a sheet that holds nothing else worth noticing."""
    if not fills:
        return
    styles = "|".join(fills)
    for address, style in re.findall(rf'<c r="([A-Z]+\d+)" s="({styles})"'.encode(), text):
        colour = fills[style.decode()]
        marks.colours.setdefault(colour, []).append(_position(address.decode()))


def _scan(stream: object, fills: dict[str, str], marks: Marks) -> None:
    for _, element in ElementTree.iterparse(stream):  # type: ignore[call-overload]
        tag = element.tag.removeprefix(_MAIN)
        if tag == "c":
            address = element.get("r") or ""
            colour = fills.get(element.get("s") or "")
            formula = element.find(f"{_MAIN}f")
            value = element.find(f"{_MAIN}v")
            empty = value is None or not value.text
            if formula is not None and empty and element.get("t") != "inlineStr":
                marks.uncalculated.append(address)
            if element.get("t") == "e" and value is not None:
                marks.errors.append((address, value.text or ""))
            if colour is not None:
                marks.colours.setdefault(colour, []).append(_position(address))
        elif tag == "row":
            if element.get("hidden") in ("1", "true"):
                marks.hidden_rows.append(int(element.get("r") or 0))
            element.clear()
        elif tag == "col" and element.get("hidden") in ("1", "true"):
            first, last = int(element.get("min") or 1), int(element.get("max") or 1)
            marks.hidden_columns += list(range(first - 1, min(last, first + 200)))
