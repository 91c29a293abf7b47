"""Built-in figures, with the best cohort that a long search found for them."""

from __future__ import annotations

from importlib.resources import files

NAMES = ("lung_metastases",)


def figures_text(name: str) -> str:
    """The figures of an example as TOML text."""
    return (files(__name__) / f"{name}.toml").read_text(encoding="utf-8")


def search_text(name: str) -> str:
    """The stored search of an example, as ``search.json`` holds it."""
    return (files(__name__) / f"{name}.json").read_text(encoding="utf-8")
