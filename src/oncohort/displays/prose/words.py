"""Small words that depend on a number."""

from __future__ import annotations

from oncohort.displays.spans import count_noun


def were(n: float | None) -> str:
    """ "was" for one, else "were"."""
    return "was" if n == 1 else "were"


def patients(n: float | None) -> str:
    """ "patient" for one, else "patients"."""
    return count_noun(int(n or 0), "patient")
