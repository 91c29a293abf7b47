"""The author's own words, as files beside the protocol."""

from __future__ import annotations

from pathlib import Path


def author_texts(folder: Path) -> dict[str, str]:
    """The author's own words: one file per part of the paper, read and never written."""
    out: dict[str, str] = {}
    if not folder.is_dir():
        return out
    for path in sorted(folder.iterdir()):
        if path.suffix in (".md", ".txt") and path.is_file():
            out[path.stem] = path.read_text(encoding="utf-8-sig", errors="replace")
    return out
