"""The author's own words, as files beside the protocol."""

from __future__ import annotations

from pathlib import Path

from oncohort.study.own_files import own_text


def author_texts(folder: Path) -> dict[str, str]:
    """The author's own words: one file per part of the paper, read and never written."""
    out: dict[str, str] = {}
    try:
        paths = sorted(folder.iterdir())
    except (OSError, ValueError):
        return out
    for path in paths:
        text = own_text(path) if path.suffix in (".md", ".txt") else None
        if text is not None:
            out[path.stem] = text
    return out
