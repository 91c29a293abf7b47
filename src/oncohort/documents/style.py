"""The files that pages are made with, as text."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def asset(name: str) -> str:
    """A file of `documents/assets`."""
    return files("oncohort.documents").joinpath("assets", name).read_text("utf-8")


def page_css() -> str:
    """The style of the report and of the pages of patients."""
    return asset("report.css") + asset("patient.css")
