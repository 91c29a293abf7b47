"""The printed figures of a paper that the protocol names, read from the study folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oncohort.foreign_texts import json_of
from oncohort.problems import Place, Problem, ReadError, problem
from oncohort.study.own_files import own_text

if TYPE_CHECKING:
    from oncohort.analyses.published import Beside
    from oncohort.study.study import Study


def _impossible(text: str) -> dict[str, str]:
    """Key of each figure that a certificate proves to be impossible, with the proof."""
    lines = json_of(text)["figures"]
    return {x["key"]: str(x.get("why", "")) for x in lines if x["state"] == "impossible"}


def beside_of(study: Study) -> tuple[Beside | None, list[Problem]]:
    """The figures, or why they can't be used; neither where the protocol names none."""
    asked = study.protocol.published
    if asked is None:
        return None, []
    from oncohort.analyses.published import Beside
    from oncohort.published.toml import parse_published, unreadable

    found: list[Problem] = []
    impossible: dict[str, str] = {}
    if asked.certificate:
        try:
            impossible = _impossible(own_text(study.folder / asked.certificate) or "")
        except (ValueError, KeyError, TypeError, AttributeError):
            place = Place(file="study.toml", key="published.certificate")
            found.append(problem("published.certificate", place=place, name=asked.certificate))
    try:
        path = study.folder / asked.figures
        text = own_text(path)
        if text is None:
            raise unreadable(str(path), "there is no such file", "file")
        published = parse_published(text, source=str(path))
    except ReadError as error:
        return None, [*found, *error.problems]
    return Beside(published, impossible), found
