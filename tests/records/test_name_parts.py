"""Names of columns told by their parts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncohort.records.name_parts import parts_in_name, told_by_parts
from oncohort.records.names import fold
from oncohort.vocabulary.tables import TABLES
from oncohort.vocabulary.words import name_parts


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        ("Startdatum behandeling", "treatment_start"),
        ("F. inicio tto", "treatment_start"),
        ("Date de début de ttt", "treatment_start"),
        ("Data rozpoczęcia leczenia", "treatment_start"),
        ("치료시작일", "treatment_start"),
        ("首次治疗时间", "treatment_start"),
        ("Datum der letzten Vorstellung", "last_contact"),
        ("Ostatnia wizyta", "last_contact"),
        ("최종추적일", "last_contact"),
        ("Sterbedatum", "death_date"),
        ("F. éxitus", "death_date"),
        ("Datum overlijden", "death_date"),
        ("Fecha de la recidiva", "progression_date"),
        ("Datum der Operation", "surgery_date"),
        ("Date of nephrectomy", "surgery_date"),
        ("Przyczyna zgonu", "death_cause"),
        ("Mejor respuesta global", "best_response"),
        ("Etat vital aux DN", "vital_status"),
        ("Płeć", "sex"),
        ("만나이", "age"),
        ("Geboortedatum", "birth_date"),
    ],
)
def test_every_word_of_the_name_is_known(name: str, ours: str) -> None:
    assert ours in told_by_parts(fold(name))


@pytest.mark.parametrize(
    "name",
    [
        *(
            "Start",
            "Date",
            "No",
            "Status",
            "R-Status",
            "Response date",
            "Age at death",
            "ER status",
        ),
        *(
            "Date of birth of child",
            "Date of last mammography",
            "Datum Mammographie",
            "Number of mets",
        ),
        *("Prior chemotherapy", "End", "Stage", "Death in family", "Time to progression"),
    ],
)
def test_a_name_with_an_unknown_word_or_with_too_little_is_not_told(name: str) -> None:
    assert not told_by_parts(fold(name))


@given(st.text(max_size=80))
def test_any_text_is_told_or_not_without_an_error(text: str) -> None:
    told = told_by_parts(fold(text))
    assert told <= {*TABLES["patients"].kinds, "patient", "surgery_date"}
    assert told == frozenset() or parts_in_name(fold(text))


def test_meanings_name_known_parts_and_columns() -> None:
    parts = set(name_parts("part"))
    for ours, ways in name_parts("means").items():
        assert ours in {*TABLES["patients"].kinds, "patient", "surgery_date"}
        for way in ways:
            assert {p for text in way for p in text.split()} <= parts


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        *(("start of sunitinib", "treatment_start"), ("beginn temozolomid", "treatment_start")),
        *(("début du cisplatine", "treatment_start"), ("inicio carboplatino", "treatment_start")),
        *(("1st nivolumab", "treatment_start"), ("axitinib stop date", "treatment_end")),
        *(("date 1ère cure", "treatment_start"), ("1er cycle", "treatment_start")),
        *(("r-chop start", "treatment_start"), ("sunitinib", ""), ("sunitinib cycles", "")),
    ],
)
def test_generic_names_of_drugs_and_regimens_are_treatment(name: str, ours: str) -> None:
    assert told_by_parts(name) == ({ours} if ours else set())


@pytest.mark.parametrize(
    ("ours", "names"),
    [
        (
            "progression_date",
            ("Rückfall", "Ricaduta", "Recorrência", "Uusiutuma", "Récidive", "PDDT"),
        ),
        ("death_date", ("Mort", "Meghalt", "Zgon", "Ölüm", "DTHDT", "사망")),
        ("last_contact", ("Laatst gezien", "Senast sedd", "末次就诊", "최종확인일")),
    ],
)
def test_names_of_one_word_in_many_languages(ours: str, names: tuple[str, ...]) -> None:
    for name in names:
        assert ours in told_by_parts(fold(name)), name
