"""Find the figures in a paper that cannot be true, with the arithmetic.

>>> from oncohort.audit import audit
>>> audit("Results\\n\\nOf the 42 patients, 30 (71.4%) were men.\\n")
[]
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from oncohort.audit.finding import Certainty, Finding
    from oncohort.audit.page import to_html
    from oncohort.audit.report import AuditReport, exit_code, to_csv, to_json, to_text
    from oncohort.audit.run import (
        audit,
        audit_many,
        audit_published,
        audit_report,
        papers_in,
        read_figures,
    )
    from oncohort.audit.writing import write_report

_HOMES = {
    "audit": "run",
    "audit_report": "run",
    "audit_many": "run",
    "audit_published": "run",
    "papers_in": "run",
    "read_figures": "run",
    "AuditReport": "report",
    "exit_code": "report",
    "to_csv": "report",
    "to_html": "page",
    "to_json": "report",
    "to_text": "report",
    "Certainty": "finding",
    "Finding": "finding",
    "write_report": "writing",
}

__all__ = [
    "AuditReport",
    "Certainty",
    "Finding",
    "audit",
    "audit_many",
    "audit_published",
    "audit_report",
    "exit_code",
    "papers_in",
    "read_figures",
    "to_csv",
    "to_html",
    "to_json",
    "to_text",
    "write_report",
]


def __getattr__(name: str) -> object:
    if name in _HOMES:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
