"""Readers of papers: each turns one format into a :class:`~oncohort.audit.document.Paper`."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

from oncohort.audit.document import Paper
from oncohort.audit.readers.bounds import bounded
from oncohort.problems import ReadError
from oncohort.regular_files import regular

MAX_BYTES = 100 * 2**20
SUFFIXES = (".txt", ".text", ".xml", ".nxml", ".docx", ".pdf", ".toml")
"""Endings of files of a folder that are papers by their name."""
PAGES = (".md", ".markdown", ".html", ".htm")
"""Endings of files of a folder that are papers only if they have the headings of one."""
_PAGE_BYTES = 4 * 2**20
_NAMES = (
    rb"(abstract|summary|introduction|background|(?:patients and |materials and )?methods|results|"
    rb"discussion|conclusions?|references)"
)
_SECTIONS = re.compile(
    rb"(?:^(?:#{1,6}+[ \t]{1,4}+|\*\*)?(?:\d{1,2}\.?[ \t]{1,4}+)?"
    rb"|<h[1-6][^<>]{0,200}+>(?:\s{0,20}+<[a-z][^<>]{0,100}+>)?\s{0,20}+(?:\d{1,2}\.?\s{1,4}+)?)"
    + _NAMES
    + rb":?(?=[ \t]{0,4}+(?:#|\*\*|\r?$|</))",
    re.I | re.M,
)
_HEADINGS = 3


def is_paper(path: Path) -> bool:
    """Whether a file found in a folder is to be read as a paper.

    By its name; a page (Markdown or HTML) by three headings of a paper, one of them its results:
    folders hold notes and pages of other kinds.
    """
    suffix = path.suffix.lower()
    if suffix not in PAGES:
        return suffix in SUFFIXES
    try:
        with regular(path).open("rb") as file:
            start = file.read(_PAGE_BYTES)
    except OSError:
        return False
    found = {m[1].lower() for m in _SECTIONS.finditer(start)}
    return b"results" in found and len(found) >= _HEADINGS


def read_paper(path: Path) -> Paper:
    """Read a paper in any known format; the content decides, not the name.

    Raises
    ------
    oncohort.problems.ReadError
        If the file can't be opened, is too large, or is of no known format.
    """
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise ReadError(f"{path}: larger than {MAX_BYTES // 2**20} MB")
        content = regular(path).read_bytes()
    except FileNotFoundError as problem:
        raise ReadError(f"{path}: no such file; check its name and its folder") from problem
    except OSError as problem:
        raise ReadError(f"{path}: {problem.strerror or problem}") from problem
    if not content.strip():
        raise ReadError(f"{path}: the file is empty; download or export the paper again")
    return read_bytes(content, source=str(path))


def read_bytes(content: bytes, *, source: str = "") -> Paper:
    """Read a paper from its bytes.

    Raises
    ------
    oncohort.problems.ReadError
        If the bytes are of no known format, or are damaged beyond reading.
    """
    kind = kind_of(content)
    if kind == "text":
        from oncohort.audit.readers.text import read_text

        return bounded(read_text(decode(content), source=source))
    if kind == "binary":
        raise ReadError(f"{source or 'input'}: {_other_format(content)}")
    module = import_module(f"oncohort.audit.readers.{kind}")
    paper: Paper = getattr(module, f"read_{kind}")(content, source=source)
    return bounded(paper)


def kind_of(content: bytes) -> str:
    """``pdf``, ``word``, ``jats``, ``html``, ``text`` or ``binary``, by the first bytes."""
    head = content[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if content[:1024].find(b"%PDF-") >= 0:
        return "pdf"
    if head.startswith(b"PK\x03\x04"):
        return "word"
    if head.startswith(b"<"):
        return "html" if _HTML.match(head) else "jats"
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "text"
    if head.startswith(_RTF):
        return "binary"
    return "binary" if b"\x00" in content[:4096] else "text"


_RTF = b"{\\rtf"
_OLD_WORD = b"\xd0\xcf\x11\xe0"


def _other_format(content: bytes) -> str:
    """What a file is that no reader knows, and what to do about it."""
    if content.startswith(_OLD_WORD):
        return "an old Word document (.doc); open it and save it as .docx"
    if content.lstrip().startswith(_RTF):
        return "rich text (.rtf); open it and save it as .docx"
    return "not text, JATS XML, HTML, Word (.docx) or PDF; save the paper as one of these"


_HTML = re.compile(
    rb"(?:<\?xml[^>]{0,200}+>\s*+|(?><!--.{0,2000}?-->)\s*+){0,5}+<(?:!doctype\s+html|html)\b",
    re.I | re.S,
)


def decode(content: bytes) -> str:
    """Text of unknown encoding: UTF-8, UTF-16 with a mark, else Windows-1252."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")
