"""Charts of the kind that strangers keep, each written by a script, with its truth (synthetic)."""

from __future__ import annotations

from importlib import import_module

from cohort import CHARTS, Chart

for _room in (
    "languages",
    "statuses",
    "layouts",
    "events",
    "databases",
    "public",
    "clinics",
    "mixed",
):
    import_module(f"charts_{_room}")

__all__ = ["CHARTS", "Chart"]
