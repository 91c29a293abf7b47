"""The pages' templates: what they lay out is escaped, and a name that is missing is an error."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from oncohort.displays.tables.model import header_lines
from oncohort.documents.patient_timeline import timeline_svg
from oncohort.documents.style import asset

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

    from oncohort.displays.patient import PatientPage


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FunctionLoader, StrictUndefined
    from markupsafe import Markup

    def timeline(page: PatientPage) -> Markup:
        return Markup(timeline_svg(page))

    made = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        loader=FunctionLoader(asset),
    )
    made.globals.update(header_lines=header_lines, timeline=timeline)
    return made


def render(name: str, **values: object) -> str:
    """A template of `documents/assets`, filled."""
    return _environment().get_template(name).render(**values)


def piece(macro: str, *values: object) -> Markup:
    """A piece of a page by one macro of `macros.html.j2`: words, a table, all of a patient.

    Examples
    --------
    >>> from oncohort.displays.spans import Span
    >>> print(piece("spans", (Span("p < "), Span("0.01", "survival.os.p"))))
    p &lt; <span class="n" data-n="survival.os.p">0.01</span>
    """
    made: Markup = getattr(_environment().get_template("macros.html.j2").module, macro)(*values)
    return made
