"""The author's own words: a little Markdown, with numbers of the study bound by id.

A file of the text folder holds paragraphs, ``#`` headings and ``-`` lists; ``**bold**`` and
``*italic*``. ``[@escudier2007]`` cites a work of the study's references.
``{survival.pfs.median}`` shows that number as the style formats it, ``{survival.pfs.median:ci}``
its interval, ``{...:n}`` its n; ``{table.baseline}`` names that table. HTML comments are notes to
oneself.
"""

from __future__ import annotations

import re

from oncohort.displays.citations import keys_of
from oncohort.displays.lookup import Lookup
from oncohort.displays.paper import Block, Bullets, Heading, Notice, Paragraph
from oncohort.displays.spans import Span, Spans, merged, say
from oncohort.protocol.references import nearest
from oncohort.vocabulary.stretches import without_stretches

TOKEN = re.compile(
    r"\[(?P<cite>@[\w:.+-]+(?:\s*[;,]\s*@[\w:.+-]+)*)\]|"
    r"\{(?P<id>[a-z][\w+-]*+\.[\w.+-]++(?:\[[^\]{}]*\])?)(?::(?P<part>ci|n))?\}"
    r"|\*\*(?P<bold>[^*]+)\*\*|(?<![\w*])\*(?P<italic>[^*\s][^*]*)\*(?![\w*])"
)


def inline(lookup: Lookup, text: str, unknown: list[str]) -> Spans:
    """Words with their marks and bound numbers; ids that are unknown are collected."""
    out: list[Span] = []
    end = 0
    for match in TOKEN.finditer(text):
        out.append(Span(text[end : match.start()]))
        end = match.end()
        if match["cite"]:
            out.extend(lookup.citations.words(keys_of(match["cite"])))
        elif match["bold"]:
            out.append(Span(match["bold"], "", "bold"))
        elif match["italic"]:
            out.append(Span(match["italic"], "", "italic"))
        else:
            out.append(_bound(lookup, match["id"], match["part"] or "", unknown))
    out.append(Span(text[end:]))
    return merged(out)


def _bound(lookup: Lookup, name: str, part: str, unknown: list[str]) -> Span:
    if name in lookup.displays:
        return lookup.displays[name]
    estimate = lookup.numbers.get(name)
    if estimate is None:
        unknown.append(name)
        return Span(f"[no result {name}]", "", "missing")
    if part == "ci":
        return Span(lookup.style.ci(estimate) or "\u2013", name)
    if part == "n":
        return Span(str(estimate.n if estimate.n is not None else "\u2013"), name)
    return Span(
        lookup.style.with_unit(estimate) if estimate.unit == "%" else lookup.style.value(estimate),
        name,
    )


def unknown_ids(lookup: Lookup) -> dict[str, tuple[str, ...]]:
    """Text to the ids in it that the study does not have."""
    out: dict[str, tuple[str, ...]] = {}
    for name, text in lookup.context.texts.items():
        unknown: list[str] = []
        inline(lookup, words(text), unknown)
        if unknown:
            out[name] = tuple(dict.fromkeys(unknown))
    return out


def ids_in(text: str) -> list[str]:
    """The ids of results and names of displays that a text of the author binds.

    Examples
    --------
    >>> ids_in("Of {flow.included.count} ({survival.os.median:ci}) <!-- {safety.deaths.count} -->")
    ['flow.included.count', 'survival.os.median']
    """
    return [m["id"] for m in TOKEN.finditer(words(text)) if m["id"]]


def words(text: str) -> str:
    """The text without comments and "[Write here: ...]"; empty where nothing is written yet."""
    text = without_stretches(text, "<!--", "-->")
    return without_stretches(text, "[Write here", "]").strip()


def blocks(lookup: Lookup, name: str) -> list[Block]:
    """Blocks of one of the author's texts; empty where it is not there or not yet written."""
    text = words(lookup.context.texts.get(name, ""))
    if not text:
        return []
    out: list[Block] = []
    unknown: list[str] = []
    bullets: list[Spans] = []

    def close() -> None:
        if bullets:
            out.append(Bullets(tuple(bullets), author=True))
            bullets.clear()

    for part in re.split(r"\n\s*\n", text):
        lines = [line.strip() for line in part.strip().splitlines()]
        paragraph: list[str] = []
        for line in [*lines, ""]:
            head = re.match(r"(#{1,4})\s+(.*)", line)
            item = re.match(r"[-*]\s+(.*)", line)
            if (head or item or not line) and paragraph:
                close()
                out.append(Paragraph(inline(lookup, " ".join(paragraph), unknown), author=True))
                paragraph = []
            if head:
                close()
                out.append(Heading(head[2], 3 if len(head[1]) < 3 else 4))
            elif item:
                bullets.append(inline(lookup, item[1], unknown))
            elif line:
                paragraph.append(line)
        close()
    for missing in dict.fromkeys(unknown):
        out.append(
            Notice(
                say(
                    "The text {f} names the result {i}, which this study does not have. {h}",
                    f=f"{name}.md",
                    i=missing,
                    h=nearest(missing, list(lookup.numbers)) if len(lookup.numbers) else "",
                ),
                "caution",
            )
        )
    return out
