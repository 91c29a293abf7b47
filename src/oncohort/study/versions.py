"""The software that made the numbers."""

from __future__ import annotations


def versions() -> dict[str, str]:
    """The software that made the numbers, for the methods section and provenance."""
    import platform
    from importlib.metadata import version

    from oncohort import __version__

    out = {"oncohort": __version__, "python": platform.python_version()}
    for name in ("numpy", "scipy", "polars", "matplotlib", "python-docx"):
        out[name] = version(name)
    return out
