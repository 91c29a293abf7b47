"""Built-in figures, with the best cohort that a long search found for them."""

from __future__ import annotations

from importlib.resources import files

NAMES = ("lung_metastases", "lung_metastases_pairs")
"""All hazard ratios of one paper; as many of them as were found together with their p."""

_FIGURES = dict.fromkeys(NAMES, ("oncohort.study", "demo_study/figures.toml"))
"""Where the figures of an example stand: the built-in study is its twin, and brings them."""


def figures_text(name: str) -> str:
    """The figures of an example as TOML text."""
    room, file = _FIGURES[name]
    return files(room).joinpath(file).read_text(encoding="utf-8")


def search_text(name: str) -> str:
    """The stored search of an example, as ``search.json`` holds it."""
    return (files(__name__) / f"{name}.json").read_text(encoding="utf-8")
