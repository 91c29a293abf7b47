"""The page of one patient as a file of its own, which loads nothing."""

from __future__ import annotations

from oncohort.displays.patient import PatientPage
from oncohort.documents.style import page_css
from oncohort.documents.templates import render


def write_patient(page: PatientPage) -> str:
    """The page of one patient, with its style in it."""
    return render("patient.html.j2", page=page, css=page_css()) + "\n"
