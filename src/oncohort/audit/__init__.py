"""Find the figures in a paper that cannot be true, with the arithmetic.

>>> from oncohort.audit import audit
>>> audit("Results\\n\\nOf the 42 patients, 30 (71.4%) were men.\\n")
[]
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from oncohort.lazy_names import lazy_names

if TYPE_CHECKING:
    from oncohort.audit.finding import Certainty as Certainty
    from oncohort.audit.finding import Finding as Finding
    from oncohort.audit.page import to_html as to_html
    from oncohort.audit.report import AuditReport as AuditReport
    from oncohort.audit.report import exit_code as exit_code
    from oncohort.audit.report import to_csv as to_csv
    from oncohort.audit.report import to_json as to_json
    from oncohort.audit.report import to_text as to_text
    from oncohort.audit.run import audit as audit
    from oncohort.audit.run import audit_many as audit_many
    from oncohort.audit.run import audit_published as audit_published
    from oncohort.audit.run import audit_report as audit_report
    from oncohort.audit.run import papers_in as papers_in
    from oncohort.audit.run import read_figures as read_figures
    from oncohort.audit.writing import write_report as write_report

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

__all__ = sorted(_HOMES)

__getattr__, __dir__ = lazy_names(__name__, _HOMES)
