"""References: what the text cites, numbered in order, set by a citation processor.

The study's BibTeX or CSL JSON is read by citeproc-py; how references look is a style in the
Citation Style Language: one of ours (`styles/csl/`) or the author's own file.
"""

from __future__ import annotations

import io
import json
import re
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from importlib.resources import files
from typing import Any

from oncohort.dataclass import dataclass
from oncohort.displays.reference_files import with_asserts
from oncohort.displays.spans import Span, Spans, merged

CITED = re.compile(r"\[(@[\w:.+-]+(?:\s*[;,]\s*@[\w:.+-]+)*)\]")
"""``[@escudier2007]``, ``[@escudier2007; @heng2009]`` in the author's text."""
OURS = ("vancouver", "ama", "author-date")
MARKS = {"i": "italic", "b": "bold", "sup": "super"}


@dataclass(frozen=True, slots=True)
class Sources:
    """The files of references as read.

    Attributes
    ----------
    text, name
        BibTeX, or CSL JSON where the name ends in ``.json``.
    style
        Name of one of our styles, or the text of a style.
    """

    text: str = ""
    name: str = ""
    style: str = "vancouver"


def keys_in(text: str) -> list[tuple[str, ...]]:
    """The citations of a text, each with its keys.

    Examples
    --------
    >>> keys_in("As shown [@a2007; @b2009] and again [@a2007].")
    [('a2007', 'b2009'), ('a2007',)]
    """
    return [keys_of(m[1]) for m in CITED.finditer(text)]


def reference_keys(reference: str) -> tuple[str, ...]:
    """Keys that a reference of the protocol names; none where it is in words.

    Examples
    --------
    >>> reference_keys("@a2007; @b2009"), reference_keys("a2007"), reference_keys("Escudier 2007")
    (('a2007', 'b2009'), ('a2007',), ())
    """
    if "@" in reference:
        return keys_of(reference)
    return (reference,) if re.fullmatch(r"[\w:.+-]+", reference) else ()


def keys_of(inside: str) -> tuple[str, ...]:
    """Keys of one citation: ``@a; @b``."""
    return tuple(re.findall(r"@([\w:.+-]+)", inside))


@dataclass(frozen=True)
class Citations:
    """How each citation reads, and the list of references.

    Attributes
    ----------
    cited
        Keys of a citation to its words: ``(1, 2)``.
    works
        (key, words) of the list of references, in its order.
    unknown
        Keys that the file of references does not have.
    failed
        Why nothing could be set; empty otherwise.
    """

    cited: Mapping[tuple[str, ...], Spans] = field(default_factory=dict)
    works: tuple[tuple[str, Spans], ...] = ()
    unknown: tuple[str, ...] = ()
    failed: str = ""

    def words(self, keys: tuple[str, ...]) -> Spans:
        """A citation as it stands in the text; one that is unknown is marked."""
        found = self.cited.get(keys)
        if found:
            return found
        names = "; ".join(f"@{k}" for k in keys)
        return (Span(f"[{names}: not in the references]", "", "missing"),)


def _spans(html: str) -> Spans:
    """What the processor gives: text with ``<i>``, ``<b>``, ``<sup>``."""
    from html import unescape

    out: list[Span] = []
    mark = ""
    for part in re.split(r"(</?\w++[^<>]*>)", html):
        tag = re.fullmatch(r"<(/?)(\w++)[^<>]*>", part)
        if tag is None:
            text = unescape(part)
            known: Any = mark
            out += [Span(text, "", known)] if text else []
        elif tag[2] in MARKS:
            mark = "" if tag[1] else MARKS[tag[2]]
    return merged(out)


def _tidy(words: Spans) -> Spans:
    """No two full stops after each other, as where a title ends with one."""
    out = [Span(re.sub(r"\.\.+", ".", s.text), s.id, s.mark, s.to) for s in words]
    end = "" if out and out[-1].text.endswith(".") else "."
    return merged((*out, Span(end)))


def _style(name: str) -> io.BytesIO:
    if name in OURS:
        place = files("oncohort.displays.styles").joinpath("csl", f"{name}.csl")
        return io.BytesIO(place.read_bytes())
    return io.BytesIO(name.encode())


class _Ending(io.StringIO):
    """A text that says where it ends: the processor would wait for the rest of an entry."""

    _past = 0

    def read(self, size: int | None = -1, /) -> str:
        """As of any text; an error where it was at its end twice before."""
        found = super().read(size)
        self._past = 0 if found else self._past + 1
        if self._past > 2:
            raise ValueError("it ends within an entry")
        return found


def _source(sources: Sources) -> Any:
    if sources.name.lower().endswith(".json"):
        with with_asserts():
            from citeproc.source.json import CiteProcJSON

        return CiteProcJSON(json.loads(sources.text))
    with with_asserts():
        from citeproc.source.bibtex import BibTeX

    return BibTeX(_Ending(sources.text + "\n"))


def known_works(sources: Sources) -> tuple[str, ...]:
    """Keys of the works that can be cited, in order; none where the file can't be read."""
    if not sources.text:
        return ()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return tuple(sorted(str(key) for key in _source(sources)))
    except Exception:  # noqa: BLE001 - `cite` says what is wrong with the file
        return ()


def all_known(sources: Sources, groups: Iterable[tuple[str, ...]]) -> bool:
    """Whether the references have every work of these citations, as far as they can be read."""
    keys = {key.lower() for group in groups for key in group}
    if not keys:
        return True
    if not sources.text:
        return False
    if keys <= _plain_keys(sources):
        return True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            source = _source(sources)
    except Exception:  # noqa: BLE001 - `cite` says what is wrong with the file
        return False
    return all(key in source for key in keys)


_ENTRY = re.compile(r"^[ \t]*@(\w+)\s*\{\s*([^\s,{}@]+)\s*,", re.MULTILINE)


def _plain_keys(sources: Sources) -> set[str]:
    """Keys of BibTeX in which only entries have at signs, and each entry closes its braces.

    Whatever else the file holds, its keys are left to the processor, which takes longer to load.
    """
    begun = list(_ENTRY.finditer(sources.text))
    plain = begun and len(begun) == sources.text.count("@")
    if sources.name.lower().endswith(".json") or not plain:
        return set()
    ends = [m.start() for m in begun[1:]] + [len(sources.text)]
    parts = [sources.text[m.start() : end] for m, end in zip(begun, ends, strict=True)]
    special = {"comment", "preamble", "string"} & {m[1].lower() for m in begun}
    if special or any(part.count("{") != part.count("}") for part in parts):
        return set()
    return {m[2].lower() for m in begun}


def cite(sources: Sources, groups: Sequence[tuple[str, ...]]) -> Citations:
    """Set citations in the order of the text.

    Parameters
    ----------
    groups
        Citations in that order, each a tuple of keys.
    """
    if not groups:
        return Citations()
    every = list(dict.fromkeys(k for g in groups for k in g))
    if not sources.text:
        return Citations(unknown=tuple(every))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # fields that a style does not use
            return _set(sources, groups, every)
    except ImportError:
        return Citations(failed="citeproc-py is not installed; install it and run again")
    except Exception as error:  # noqa: BLE001 - whatever is wrong with the files of the user
        return Citations(failed=f"{sources.name or 'the references'} can't be read ({error})")


def _set(sources: Sources, groups: Sequence[tuple[str, ...]], every: Iterable[str]) -> Citations:
    with with_asserts():
        from citeproc import (
            Citation,
            CitationItem,
            CitationStylesBibliography,
            CitationStylesStyle,
            formatter,
        )

    source = _source(sources)
    unknown = tuple(k for k in every if k.lower() not in source)
    style = CitationStylesStyle(_style(sources.style), validate=False)
    made = CitationStylesBibliography(style, source, formatter.html)
    asked: dict[tuple[str, ...], object] = {}
    for group in dict.fromkeys(groups):
        known = [k for k in group if k not in unknown]
        if known:
            asked[group] = Citation([CitationItem(k) for k in known])
            made.register(asked[group])
    made.sort()
    cited = {g: _spans(str(made.cite(c, lambda item: None))) for g, c in asked.items()}
    words = [_tidy(_spans(str(item))) for item in made.bibliography()]
    keys = [str(k) for k in made.keys]
    return Citations(cited, tuple(zip(keys, words, strict=True)), unknown)
