"""Charts of the kind that strangers keep, each written by a script, with its truth (synthetic)."""

from __future__ import annotations

from importlib import import_module

from cohort import CHARTS, Chart

ROOMS = (
    "languages",
    "statuses",
    "layouts",
    "events",
    "clinics",
    "mixed",
    "databases",
    "public",
    "registries",
    "wards",
    "flags",
    "more",
    "foreign",
    "abroad",
    "portals",
    "titles",
    "told",
    "beside",
    "north_and_east",
    "tongues",
    "downloads",
    "habits",
    "open",
    "elsewhere",
    "scans",
    "boards",
    "centres",
    "kept",
    "scanned",
    "languages_wide",
    "phrases",
    "workbooks",
    "followups",
    "until",
    "again",
    "words_beside",
    "firsts",
    "strange",
    "visits",
    "series",
    "codes",
)
"""Modules `charts_*` with the charts of one kind each."""
BY_ROOM: dict[str, list[Chart]] = {}
for _room in ROOMS:
    _before = len(CHARTS)
    import_module(f"charts_{_room}")
    BY_ROOM[_room] = CHARTS[_before:]

__all__ = ["BY_ROOM", "CHARTS", "ROOMS", "Chart"]
