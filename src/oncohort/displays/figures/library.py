"""The drawing library, loaded without the settings of the user and of the current folder."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


def load() -> None:
    """Import matplotlib as it comes; what was imported before stays.

    Its settings are read at import, from `matplotlibrc` of the current folder first: one that is
    damaged would end the import, one with unknown words would be talked about. So would be a home
    folder that is none or can't be written.
    """
    if "matplotlib" in sys.modules:
        return
    log = logging.getLogger("matplotlib")
    before, level = os.environ.get("MATPLOTLIBRC"), log.level
    log.setLevel(logging.ERROR)
    os.environ["MATPLOTLIBRC"] = os.devnull
    try:
        with _elsewhere():
            import matplotlib.font_manager  # noqa: F401 - it looks for a folder to keep fonts in
    finally:
        log.setLevel(level)
        if before is None:
            del os.environ["MATPLOTLIBRC"]
        else:
            os.environ["MATPLOTLIBRC"] = before


@contextmanager
def _elsewhere() -> Iterator[None]:
    """Out of a folder that has settings in it, for the moment of the import."""
    here = None
    with suppress(OSError):
        here = Path.cwd() if os.path.lexists("matplotlibrc") else None
    if here is None:
        yield
        return
    os.chdir(Path(__file__).parent)
    try:
        yield
    finally:
        os.chdir(here)
