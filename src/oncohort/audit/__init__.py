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
    from oncohort.audit.run import left_out as left_out
    from oncohort.audit.run import no_papers as no_papers
    from oncohort.audit.run import papers_in as papers_in
    from oncohort.audit.run import read_figures as read_figures
    from oncohort.audit.writing import write_report as write_report

__all__, __getattr__, __dir__ = lazy_names(
    __name__,
    {
        "finding": ["Certainty", "Finding"],
        "page": ["to_html"],
        "report": ["AuditReport", "exit_code", "to_csv", "to_json", "to_text"],
        "run": [
            "audit",
            "audit_many",
            "audit_published",
            "audit_report",
            "left_out",
            "no_papers",
            "papers_in",
            "read_figures",
        ],
        "writing": ["write_report"],
    },
)
