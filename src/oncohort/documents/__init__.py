"""Documents only lay out what displays have decided: report, manuscript, JSON, CSV.

Names are loaded when first used, so that ``import oncohort.documents`` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from oncohort.documents.html import write_report
    from oncohort.documents.patient_html import write_patient
    from oncohort.documents.results import long_curves, to_json
    from oncohort.documents.tables import to_csv
    from oncohort.documents.word import write_manuscript, write_supplement

_WHERE = {
    "to_csv": "tables",
    "long_curves": "results",
    "to_json": "results",
    "write_manuscript": "word",
    "write_patient": "patient_html",
    "write_report": "html",
    "write_supplement": "word",
}

__all__ = [
    "to_csv",
    "long_curves",
    "to_json",
    "write_manuscript",
    "write_patient",
    "write_report",
    "write_supplement",
]


def __getattr__(name: str) -> object:
    if name not in _WHERE:
        raise AttributeError(f"module 'oncohort.documents' has no attribute {name!r}")
    return getattr(import_module(f"oncohort.documents.{_WHERE[name]}"), name)
