"""Write: the author's own parts of the paper, with the study's numbers at hand."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from oncohort.app.asked import Site, go, words
from oncohort.app.opened import version_of
from oncohort.app.texts import HINTS, PARTS, earlier, read_text, undo_text, write_text
from oncohort.app.wording import say
from oncohort.dataclass import dataclass
from oncohort.vocabulary.boundaries import Option

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from oncohort.app.opened import Opened

LISTED = 3000
"""Numbers that the picker lists."""


@dataclass(frozen=True, slots=True)
class Pick:
    """A number that can be put into a text."""

    id: str
    label: str
    shown: str


def write(site: Site, request: Request, opened: Opened, given: Mapping[str, object]) -> Response:
    """One part of the paper to write, and the numbers to put into it."""
    part = _part(request.query_params.get("part", ""))
    text = read_text(opened, part)
    return _page(site, request, opened, part, text)


def _part(name: str) -> str:
    return name if name in PARTS else "introduction"


def _page(
    site: Site, request: Request, opened: Opened, part: str, text: str, **more: Option
) -> Response:
    kept = read_text(opened, part)
    values: dict[str, Option] = {
        "preview": None,
        "problems": (),
        "checklist": None,
        "spans": str,
        "asked": (),
    } | more
    return site.of_study(
        request, opened, "write",
        parts=PARTS, part=part, hint=part in HINTS, text=text, text_version=version_of(kept),
        earlier=len(earlier(opened, part)), picks=_picks(opened), works=_works(opened), **values,
    )  # fmt: skip


def keep(site: Site, request: Request, opened: Opened, given: Mapping[str, object]) -> Response:
    """Write the part, show how it will stand, or take the last change back."""
    part, do = _part(words(given, "part")), words(given, "do")
    version = words(given, "text_version")
    text = str(given.get("text", "")).replace("\r\n", "\n")[:2_000_000]
    if do == "undo":
        done = undo_text(opened, part, version)
        notice = say("notices.taken_back" if done else "notices.nothing_back")
        return go(f"/s/{opened.key}/write?part={part}&notice={quote(notice)}")
    if do == "see":
        return _page(site, request, opened, part, text, **_preview(opened, part, text))
    write_text(opened, part, version, text)
    notice = say("notices.text", part=say(f"parts.{part}"))
    return go(f"/s/{opened.key}/write?part={part}&notice={quote(notice)}")


def _picks(opened: Opened) -> list[Pick]:
    """Every number of the study with its name in a text, as the style shows it."""
    from oncohort.displays.styles import style_of

    study = opened.study()
    style = style_of(study.protocol.style)
    numbers = study.analysed.numbers
    found = ((key, numbers[key]) for key in list(numbers)[:LISTED])
    return [Pick(key, e.label, style.value_ci(e)) for key, e in found]


def _works(opened: Opened) -> tuple[str, ...]:
    """Keys of the study's references."""
    from oncohort.displays.citations import known_works
    from oncohort.study.running import read_sources

    return known_works(read_sources(opened.study()))


def _preview(opened: Opened, part: str, text: str) -> dict[str, object]:
    """The part as it will stand, what is wrong in it, and the checklist of the report."""
    from oncohort.displays.paper import Prompts
    from oncohort.displays.prose import author
    from oncohort.documents.templates import piece
    from oncohort.study.author_texts import author_texts
    from oncohort.study.running import results_of

    study = opened.study()
    texts = author_texts(study.folder / study.protocol.study.text) | {part: text}
    results = results_of(study, study.analysed, texts=texts)
    section = next((s for s in results.paper.sections if s.key == part), None)
    blocks = section.blocks if section is not None and author.words(text) else ()
    shown = [(type(b).__name__, b) for b in blocks if getattr(b, "author", False)]
    asked = [b for b in section.blocks if isinstance(b, Prompts)] if section and not shown else []
    here = f"{part}."
    wrong = [
        p
        for p in results.problems
        if p.id.startswith("text.") and Path(p.place.file or "").name.startswith(here)
    ]
    return {
        "preview": shown,
        "asked": [item for prompts in asked for item in prompts.items],
        "spans": partial(piece, "spans"),
        "problems": wrong,
        "checklist": piece("table", results.paper.tables["checklist"]),
    }
