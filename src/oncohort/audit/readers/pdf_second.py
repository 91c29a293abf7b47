"""The words of a page by a second reader, for fonts that the first one can't decode."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from oncohort.audit.readers.pdf_tables import Word

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument, PdfTextPage

MAX_CHARACTERS = 60_000
"""Characters of one page."""


class SecondReader:
    """The pages of a PDF as pdfium reads them; without pages if it can't open the file."""

    def __init__(self, content: bytes) -> None:
        import pypdfium2

        try:
            self._document: PdfDocument | None = pypdfium2.PdfDocument(content)
        except pypdfium2.PdfiumError:
            self._document = None

    def close(self) -> None:
        """Free the file."""
        if self._document is not None:
            self._document.close()

    def page(self, number: int) -> tuple[int, list[Word]]:
        """Letters of a page (numbered from 1), and its words; no words if it has too many."""
        import pypdfium2

        if self._document is None or number > len(self._document):
            return 0, []
        try:
            page = self._document[number - 1]
            text = page.get_textpage()
            count = text.count_chars()
            if count > MAX_CHARACTERS:
                return count, []
            words = list(_words(_letters(text, count, page.get_height())))
            text.close()
            page.close()
        except pypdfium2.PdfiumError:
            return 0, []
        return sum(len(w.text) for w in words), words


def _letters(text: PdfTextPage, count: int, height: float) -> Iterator[Word | None]:
    """Each letter with its box, and None for a blank."""
    import pypdfium2.raw as raw

    for k in range(count):
        code = raw.FPDFText_GetUnicode(text, k)
        letter = chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else ""
        if not letter or letter.isspace() or not letter.isprintable():
            yield None
            continue
        left, bottom, right, top = text.get_charbox(k, loose=True)
        size = float(raw.FPDFText_GetFontSize(text, k)) or top - bottom
        if right <= left or raw.FPDFText_GetCharAngle(text, k) > 0.1:
            continue
        yield Word(letter, left, right, height - top, height - bottom, size)


def _words(letters: Iterator[Word | None]) -> Iterator[Word]:
    """Letters put together as long as they stand on one line without a gap."""
    word: Word | None = None
    for letter in letters:
        if letter is None:
            if word is not None:
                yield word
            word = None
            continue
        if word is not None and _follows(word, letter):
            word = Word(
                word.text + letter.text,
                word.x0,
                max(word.x1, letter.x1),
                min(word.top, letter.top),
                max(word.bottom, letter.bottom),
                word.size,
            )
            continue
        if word is not None:
            yield word
        word = letter
    if word is not None:
        yield word


def _follows(word: Word, letter: Word) -> bool:
    near = -0.5 * word.size <= letter.x0 - word.x1 <= 0.25 * word.size
    level = abs(letter.bottom - word.bottom) <= 0.15 * word.size
    return near and level and abs(letter.size - word.size) <= 0.1 * word.size
