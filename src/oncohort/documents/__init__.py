"""Documents only lay out what displays have decided: report, manuscript, JSON, CSV.

Names are loaded when first used, so that ``import oncohort.documents`` costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from oncohort.lazy_names import lazy_names

if TYPE_CHECKING:
    from oncohort.documents.html import write_report as write_report
    from oncohort.documents.patient_html import write_patient as write_patient
    from oncohort.documents.results import long_curves as long_curves
    from oncohort.documents.results import to_json as to_json
    from oncohort.documents.tables import to_csv as to_csv
    from oncohort.documents.word import write_manuscript as write_manuscript
    from oncohort.documents.word import write_supplement as write_supplement

__all__, __getattr__, __dir__ = lazy_names(
    __name__,
    {
        "html": ["write_report"],
        "patient_html": ["write_patient"],
        "results": ["long_curves", "to_json"],
        "tables": ["to_csv"],
        "word": ["write_manuscript", "write_supplement"],
    },
)
