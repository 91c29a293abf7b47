"""The personal-data alarm: what names people is found by name and by look, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from oncohort.records.personal import find_personal

NAMES = ["Smith, Ann", "Jones, Bob", "Meyer, Eva", "Sato, Ken", "Rossi, Ugo", "Dubois, Luc"]


@pytest.mark.parametrize(
    ("header", "values", "kind"),
    [
        ("Surname", ["x"], "name"),
        ("患者氏名", ["山田"], "name"),
        ("Who", NAMES, "name"),
        ("Who", ["Ann Smith", "Bob Jones", "Eva Meyer", "Ken Sato", "Ugo Rossi"], "name"),
        ("Who", ["A.S.", "B.J.", "E.M.", "K.S.", "U.R."], "initials"),
        ("DOB", ["1950-01-01"], "birth"),
        ("MRN", [123], "number"),
        ("x", ["943 476 5919", "943 476 5870", "943 476 5889"], "number"),
        ("x", ["030 1234567", "+49 30 765432", "(415) 555-1212"], "phone"),
        ("x", ["a@b.org", "c@d.org"], "email"),
        ("x", ["12 High Street", "3 Station Road", "Hauptstr. 5"], "address"),
        ("Remarks", [None, "well", "seen by Dr. Miller", None], "text"),
        ("備考", ["山田さんは元気", "なし"], "text"),
    ],
)
def test_what_names_people_is_found(header: str, values: list[Any], kind: str) -> None:
    (found,) = find_personal((header,), (values,))
    assert found.kind == kind


@pytest.mark.parametrize(
    ("header", "values"),
    [
        ("Age", [60, 61, 62]),
        ("Sex", ["male", "female", "male"]),
        ("Response", ["PR", "SD", "PD", "CR", "NE"]),
        ("Start", ["2015-01-01", "2015-02-03", "31/12/2019"]),
        ("Histology", ["Clear cell", "Papillary", "Clear cell", "Chromophobe", "Clear cell"]),
        ("Drug", ["Sorafenib", "Sunitinib", "Axitinib", "Pazopanib", "Everolimus"]),
        ("Stage", ["T1a N0", "T2 N1", "T3b N0"]),
        ("Term", ["Hand-foot syndrome", "Hypertension", "Diarrhea"]),
        ("Risk", ["A.", "B.", "A."]),
        ("Dose", ["400 mg", "800 mg", "200 mg"]),
    ],
)
def test_what_names_nobody_raises_no_alarm(header: str, values: list[Any]) -> None:
    assert find_personal((header,), (values,)) == []
