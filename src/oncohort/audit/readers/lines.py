"""Lines of a text, and the paragraphs that they make."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from oncohort.audit.document import Paragraph
from oncohort.audit.extract import sections
from oncohort.dataclass import dataclass

GAP = re.compile(r"\s{2,}|\t+")


FINISHED = re.compile(r"[.!?:;][\"”’)\]]*$")


CAPTION = re.compile(
    r"^\s*(?P<label>(?:Supplementa(?:ry|l)\s+)?(?:(?:Table|TABLE|Tab\.)\s+"
    r"(?:[IVXL]+|S?\d+(?:[A-Za-z]|\([a-z]\))?)|(?:Table|TABLE)(?=[.:]\s+[A-Z(])))"
    r"(?:\s*[.:|–—-]\s*|\s+|$)(?P<rest>.*)$"
)
"""`Table 2. Sex`; also the only table of a paper, `Table. Sex`, and parts, `Table 1(a)`."""
LEGEND = re.compile(
    r"^\s*(?P<label>(?:Figure|FIGURE|Fig\.|FIG\.)\s*S?\d+[A-Za-z]?)\s*[.:|]\s+(?P<rest>.*)$"
)


@dataclass(frozen=True, slots=True)
class Line:
    text: str
    label: str = ""
    """The whole label, where it is wrapped over several lines."""
    parts: tuple[tuple[int, int, str], ...] = ()
    """Start, end and text of every cell, where cells are wrapped over several lines."""

    @property
    def stripped(self) -> str:
        return self.text.strip()

    @property
    def indent(self) -> int:
        return len(self.text) - len(self.text.lstrip())

    @property
    def cells(self) -> tuple[str, ...]:
        found = tuple(text for _, _, text in self.parts)
        found = found or tuple(c for c in GAP.split(self.stripped) if c)
        return (self.label, *found[1:]) if self.label else found

    @property
    def tabular(self) -> bool:
        return len(self.cells) >= 2

    def spans(self) -> list[tuple[int, int, str]]:
        """Start, end and text of every cell."""
        if self.parts:
            return list(self.parts)
        out = []
        position = 0
        for cell in (c for c in GAP.split(self.stripped) if c):
            start = self.text.index(cell, position)
            position = start + len(cell)
            out.append((start, position, cell))
        return out


def join(lines: Sequence[str], text: str) -> str:
    """Lines to running text; a hyphen at a line's end stays where the word is written with it."""
    out: list[str] = []
    for line in lines:
        before = re.search(r"(\w{1,60})-$", out[-1][-80:]) if out else None
        after = re.match(r"[a-zà-ÿ]\w*", line) if before else None
        if not out or not out[-1]:
            out[-1:] = [line]
        elif before and after:
            if (before[1] + after[0]).casefold() in _words(text):
                out[-1] = out[-1][:-1]
            out.append(line)
        else:
            out += [" ", line]
    return re.sub(r"\s+", " ", "".join(out)).strip()


@lru_cache(maxsize=1)
def _words(text: str) -> frozenset[str]:
    """Every word of a text, in one case."""
    return frozenset(w.casefold() for w in re.findall(r"\w+", text))


def paragraphs_of(lines: Sequence[Line], text: str) -> list[Paragraph]:
    groups: list[list[str]] = []
    current: list[str] = []
    for line in [*lines, Line("")]:
        if not line.stripped:
            if current:
                groups.append(current)
            current = []
        elif not current and len(line.stripped) < 60 and sections.canonical(line.stripped):
            groups.append([line.stripped])
        else:
            current.append(line.stripped)
    joined: list[tuple[str, bool]] = []
    for group in groups:
        words = join(group, text)
        known = len(group) == 1 and bool(sections.canonical(words))
        finished = not joined or joined[-1][1] or bool(FINISHED.search(joined[-1][0]))
        title = (
            len(group) == 1
            and len(words) < 70
            and finished
            and words[:1].isupper()
            and not FINISHED.search(words)
            and not re.search(r"\d{2,}|=", words)
        )
        if known or title:
            joined.append((words, True))
        elif not finished:
            joined[-1] = (joined[-1][0] + " " + words, False)
        else:
            joined.append((words, False))
    out: list[Paragraph] = []
    section = ""
    run_in_abstract = False
    for words, heading in joined:
        if heading:
            section = sections.following(section, words) or section
            run_in_abstract = False
            out.append(Paragraph(words, section, "heading"))
            continue
        if section == sections.ABSTRACT and sections.KEYWORDS.match(words):
            # Some journals put no heading over the introduction that follows.
            section = sections.INTRODUCTION
            run_in_abstract = False
            out.append(Paragraph(words, sections.OTHER))
            continue
        start = re.match(r"^(abstract|summary)\s*[.:—–-]\s*", words, re.I)
        if start and section in {"", sections.ABSTRACT}:
            section = sections.ABSTRACT
            run_in_abstract = True
        elif section == sections.ABSTRACT and run_in_abstract:
            section = sections.INTRODUCTION
            run_in_abstract = False
        out.append(Paragraph(words, section))
        if section == sections.ABSTRACT and re.search(r"\bConclusions?\s*[:.]\s", words):
            section = sections.INTRODUCTION
            run_in_abstract = False
    return out
