"""Adverse events: terms, impossible grades, versions, treatment-emergent, worst grades."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncohort.criteria import ctcae


@pytest.mark.parametrize("version", ctcae.VERSIONS)
@pytest.mark.parametrize(
    ("text", "highest"),
    [("alopecia", 2), ("hand-foot syndrome", 3), ("HFSR", 3), ("dysgeusia", 2)],
)
def test_highest_grades_that_exist(version: str, text: str, highest: int) -> None:
    term = ctcae.match(text, version).term
    assert term is not None and term.highest == highest


@pytest.mark.parametrize("version", ctcae.VERSIONS)
def test_febrile_neutropenia_starts_at_3(version: str) -> None:
    term = ctcae.match("febrile neutropenia", version).term
    assert term is not None and sorted(term.grades) == [3, 4, 5]


def test_the_same_grade_exists_in_one_version_and_not_in_another() -> None:
    rash = {v: ctcae.match("rash", v).term for v in ctcae.VERSIONS}
    assert [t.highest for t in rash.values() if t] == [5, 3, 3]
    voice = {v: ctcae.match("hoarseness", v).term for v in ctcae.VERSIONS}
    assert [t.highest for t in voice.values() if t] == [5, 3, 3]


@pytest.mark.parametrize(
    ("text", "version", "name", "how"),
    [
        ("diarrhoea", "3.0", "Diarrhea", "exact"),
        ("DIARRHEA", "5.0", "Diarrhea", "exact"),
        ("appetite loss", "3.0", "Anorexia", "synonym"),
        ("anaemia", "3.0", "Hemoglobin", "synonym"),
        (
            "Palmar-plantar erythrodysesthesia syndrome",
            "3.0",
            "Rash: hand-foot skin reaction",
            "other version",
        ),
        (
            "Rash: hand-foot skin reaction",
            "4.03",
            "Palmar-plantar erythrodysesthesia syndrome",
            "other version",
        ),
        (
            "Neutrophil count decreased",
            "3.0",
            "Neutrophils/granulocytes (ANC/AGC)",
            "other version",
        ),
        ("fatigue", "3.0", "Fatigue (asthenia, lethargy, malaise)", "exact"),
    ],
)
def test_names(text: str, version: str, name: str, how: str) -> None:
    found = ctcae.match(text, version)
    assert found.term is not None
    assert (found.term.name, found.how) == (name, how)


def test_a_misspelling_is_suggested_and_never_changed() -> None:
    found = ctcae.match("Hypertention", "4.03")
    assert found.term is None and found.suggestions[0] == "Hypertension"


def test_every_concept_is_a_term_of_every_version() -> None:
    import tomllib
    from importlib.resources import files

    raw = files("oncohort.criteria.ctcae").joinpath("data", "concepts.toml").read_text("utf-8")
    for entry in tomllib.loads(raw).values():
        for version in ctcae.VERSIONS:
            assert entry[version] in ctcae.terms(version)
            for name in entry["names"]:
                found = ctcae.match(name, version)
                assert found.term is not None and found.term.name == entry[version], name


def test_no_sentences_and_no_codes_in_the_lists() -> None:
    for version in ctcae.VERSIONS:
        for term in ctcae.terms(version).values():
            assert term.grades <= {1, 2, 3, 4, 5} and term.grades
            assert not any(char.isdigit() for char in term.category)


PATIENTS = pl.DataFrame(
    {
        "patient": ["a", "b", "c"],
        "treatment_start": [date(2014, 1, 10)] * 3,
        "treatment_end": [date(2014, 6, 10), date(2014, 6, 10), None],
    }
)


def _event(
    patient: str, term: str, grade: int | None, start: date | None, **more: Any
) -> dict[str, Any]:
    return {"patient": patient, "term": term, "grade": grade, "start": start} | more


def _events(*rows: dict[str, Any]) -> pl.DataFrame:
    schema = {
        "patient": pl.String,
        "term": pl.String,
        "grade": pl.Int64,
        "start": pl.Date,
        "start_precision": pl.String,
        "end": pl.Date,
        "baseline_grade": pl.Int64,
        "related": pl.Boolean,
        "drug": pl.String,
        "version": pl.String,
    }
    return pl.DataFrame(list(rows), schema=schema).with_row_index("source_row", 2)


@pytest.mark.parametrize(
    ("start", "emergent"),
    [
        (date(2014, 1, 9), False),
        (date(2014, 1, 10), True),
        (date(2014, 7, 10), True),  # 30 days after the last dose
        (date(2014, 7, 11), False),
        (None, True),
    ],
)
def test_treatment_emergent_window(start: date | None, emergent: bool) -> None:
    events = ctcae.prepare(_events(_event("a", "rash", 1, start)), PATIENTS, version="3.0")
    assert events["emergent"].to_list() == [emergent]


def test_worsened_from_before_counts_and_unchanged_does_not() -> None:
    events = _events(
        _event("a", "hypertension", 3, date(2013, 1, 1), baseline_grade=1),
        _event("b", "hypertension", 1, date(2014, 2, 1), baseline_grade=1),
    )
    found = ctcae.prepare(events, PATIENTS, version="3.0")
    assert found["emergent"].to_list() == [True, False]
    assert found["emergent_reason"][1] == "no worse than before treatment"


def test_month_of_start_counts_if_it_can_be_during_treatment() -> None:
    event = _event("a", "rash", 1, date(2014, 1, 1), start_precision="month")
    assert ctcae.prepare(_events(event), PATIENTS, version="3.0")["emergent"].to_list() == [True]


def test_a_patient_counts_once_per_term_category_and_in_any() -> None:
    events = _events(
        _event("a", "HFS", 1, date(2014, 2, 1), related=True),
        _event("a", "hand-foot syndrome", 3, date(2014, 3, 1), related=False),
        _event("a", "alopecia", 2, date(2014, 3, 5), related=True),
        _event("b", "diarrhea", 2, date(2014, 2, 1), related=True),
    )
    table = ctcae.worst_grades(events, PATIENTS, version="3.0").table
    terms = table.filter(kind="term").select("patient", "label", "grade", "related_grade", "events")
    assert terms.rows() == [
        ("a", "Alopecia", 2, 2, 1),
        ("a", "Hand-foot syndrome", 3, 1, 2),
        ("b", "Diarrhea", 2, 2, 1),
    ]
    category = table.filter(kind="category").select("patient", "term", "grade").rows()
    assert category == [("a", "Dermatology/Skin", 3), ("b", "Gastrointestinal", 2)]
    anything = table.filter(kind="any").select("patient", "grade", "events").rows()
    assert anything == [("a", 3, 3), ("b", 2, 1)]
    related = ctcae.worst_grades(events, PATIENTS, version="3.0", related_only=True).table
    assert related.filter(kind="any")["grade"].to_list() == [2, 2]


def test_composite_is_counted_under_its_own_name_with_declared_members() -> None:
    events = _events(
        _event("a", "liver dysfunction", 1, date(2014, 2, 1)),
        _event("b", "ALT", 3, date(2014, 2, 1)),
    )
    done = ctcae.worst_grades(
        events, PATIENTS, version="3.0", groups={"liver dysfunction": ["ALT", "AST", "bilirubin"]}
    )
    rows = done.table.filter(kind="group").select("patient", "term", "grade").rows()
    assert rows == [("a", "liver dysfunction", 1), ("b", "liver dysfunction", 3)]
    assert "ctcae.laboratory-composite" in {p.id for p in done.problems}


def test_impossible_grades_are_flagged_with_row_and_patient_and_kept() -> None:
    events = _events(
        _event("a", "alopecia", 3, date(2014, 2, 1)),
        _event("b", "febrile neutropenia", 2, date(2014, 2, 1)),
        _event("c", "rash", 7, date(2014, 2, 1)),
    )
    done = ctcae.worst_grades(events, PATIENTS, version="4.03")
    wrong = [(p.patient, p.place.row) for p in done.problems if p.id == "ctcae.impossible-grade"]
    assert wrong == [("a", 2), ("b", 3), ("c", 4)]
    assert done.table.filter(kind="term")["grade"].to_list() == [3, 2, 7]
    assert done.evidence["possible"].to_list() == [False, False, False]


def test_mixing_versions_is_an_error_and_the_others_are_left_out() -> None:
    events = _events(
        _event("a", "rash", 2, date(2014, 2, 1), version="CTCAE v3.0"),
        _event("b", "rash", 2, date(2014, 2, 1), version="4.03"),
    )
    done = ctcae.worst_grades(events, PATIENTS, version="3.0")
    mixed = [p for p in done.problems if p.id == "ctcae.versions-mixed"]
    assert mixed[0].severity.value == "error"
    assert [(w.table, w.columns) for w in mixed[0].wrong] == [("adverse_events", ("grade",))]
    assert done.table.filter(kind="any")["patient"].to_list() == ["a"]


def test_grade_0_is_no_event_and_a_missing_grade_counts_as_any() -> None:
    events = _events(
        _event("a", "rash", 0, date(2014, 2, 1)), _event("b", "rash", None, date(2014, 2, 1))
    )
    done = ctcae.worst_grades(events, PATIENTS, version="3.0")
    any_rows = done.table.filter(kind="any").select("patient", "grade", "ungraded").rows()
    assert any_rows == [("b", None, 1)]
    assert "ctcae.no-grade" in {p.id for p in done.problems}


def test_no_events_give_empty_tables_and_no_problems() -> None:
    done = ctcae.worst_grades(_events(), PATIENTS, version="5.0")
    assert done.table.is_empty() and not done.problems


def test_other_drug_and_unknown_patient() -> None:
    events = _events(
        _event("a", "rash", 2, date(2014, 2, 1), drug="Sorafenib"),
        _event("a", "rash", 3, date(2014, 2, 1), drug="sunitinib"),
        _event("z", "rash", 3, date(2014, 2, 1)),
    )
    done = ctcae.worst_grades(events, PATIENTS, version="3.0", drug="sorafenib")
    assert done.table.filter(kind="any").select("patient", "grade").rows() == [("a", 2)]
    assert "ctcae.patient-not-in-study" in {p.id for p in done.problems}


def test_unknown_version() -> None:
    with pytest.raises(ctcae.CtcaeError, match=r"7\.1"):
        ctcae.version_of("7.1")


def test_forty_terms_have_own_wording_for_every_grade_that_exists() -> None:
    import tomllib
    from importlib.resources import files

    folder = files("oncohort.criteria.ctcae").joinpath("data")
    worded = tomllib.loads(folder.joinpath("wording.toml").read_text("utf-8"))
    concepts = tomllib.loads(folder.joinpath("concepts.toml").read_text("utf-8"))
    assert len(worded) >= 40
    for key, entry in worded.items():
        assert set(entry) in ({"all"}, set(ctcae.VERSIONS))
        for version in ctcae.VERSIONS:
            name = concepts[key][version]
            for grade in ctcae.terms(version)[name].grades:
                assert ctcae.wording(name, grade, version), (name, grade, version)


@pytest.mark.parametrize("version", ctcae.VERSIONS)
def test_wording_copies_no_sentence_of_the_criteria(version: str) -> None:
    from conftest import shared_file

    name = {"3.0": "ctcae_v3_grades", "4.03": "CTCAE_4.03", "5.0": "CTCAE_v5.0_2017-11-27"}[version]
    published = shared_file("data", f"{name}.csv").read_bytes().decode("latin-1").lower()
    for term in ctcae.terms(version):
        for grade in range(1, 5):
            words = ctcae.wording(term, grade, version)
            if words is not None and len(words.split()) > 6 and not any(c.isdigit() for c in words):
                assert words not in published, words


@settings(deadline=None, max_examples=60)
@given(
    rows=st.lists(
        st.tuples(
            st.sampled_from("abc"),
            st.sampled_from(["HFS", "rash", "diarrhoea", "anorexia"]),
            st.none() | st.integers(0, 3),
            st.none() | st.dates(date(2013, 12, 20), date(2014, 7, 30)),
            st.none() | st.booleans(),
        ),
        max_size=15,
    ),
    related_only=st.booleans(),
)
def test_worst_grades_agree_with_a_loop_and_order_does_not_matter(
    rows: list[tuple[str, str, int | None, date | None, bool | None]], related_only: bool
) -> None:
    expected: dict[tuple[str, str], list[int]] = {}
    for patient, term, grade, start, related in rows:
        last = date(2014, 7, 10) if patient != "c" else date(9999, 1, 1)
        counts = start is None or date(2014, 1, 10) <= start <= last
        if grade == 0 or not counts or (related_only and related is False):
            continue
        name = ctcae.match(term, "3.0").term
        assert name is not None
        for key in ((patient, name.name), (patient, ctcae.ANY_EVENT)):
            expected.setdefault(key, []).append(-1 if grade is None else grade)
    events = _events(*(_event(p, t, g, s, related=r) for p, t, g, s, r in rows))
    shuffled = _events(*(_event(p, t, g, s, related=r) for p, t, g, s, r in reversed(rows)))

    def worst(table: pl.DataFrame) -> dict[tuple[str, str], int]:
        found = ctcae.worst_grades(
            table, PATIENTS, version="3.0", related_only=related_only
        ).table.filter(pl.col("kind").is_in(["term", "any"]))
        return {
            (p, t): -1 if g is None else g for p, t, g in found["patient", "term", "grade"].rows()
        }

    assert worst(events) == {k: max(v) for k, v in expected.items()} == worst(shuffled)


def test_what_else_is_wrong_is_said_with_its_row() -> None:
    events = _events(
        _event("a", "Palmar-plantar erythrodysesthesia syndrome", 2, date(2014, 2, 1)),
        _event("a", "Gastrointestinal pain", 2, date(2014, 2, 1)),
        _event("a", "Hypertention", 2, date(2014, 2, 1)),
        _event("b", "rash", 2, date(2014, 2, 1), end=date(2014, 1, 1)),
    )
    said = {p.id: p for p in ctcae.check_events(events, version="3.0")}
    assert set(said) == {
        "ctcae.term-of-another-version",
        "ctcae.unknown-term",
        "ctcae.end-before-start",
    }
    todo = [p.todo for p in ctcae.check_events(events, version="3.0")]
    assert any("'Hypertension'" in t for t in todo)
    assert any("CTCAE 4.03" in t for t in todo)
    assert said["ctcae.end-before-start"].place.row == 5


def test_a_version_that_no_one_knows_counts_as_another() -> None:
    events = _events(_event("a", "rash", 2, date(2014, 2, 1), version="WHO"))
    done = ctcae.worst_grades(events, PATIENTS, version="3.0")
    assert [p.id for p in done.problems] == ["ctcae.versions-mixed"]
    assert done.table.is_empty()


def test_own_terms_of_the_study_are_not_questioned() -> None:
    events = _events(_event("a", "liver dysfunction", 1, date(2014, 2, 1)))
    problems = ctcae.check_events(events, version="3.0", own_terms=["liver dysfunction"])
    assert not problems


def test_relation_in_words_is_read_and_other_words_are_refused() -> None:
    from oncohort.criteria.frames import FrameError

    def events(words: list[str | None]) -> pl.DataFrame:
        return pl.DataFrame(
            {
                "patient": ["a"] * len(words),
                "term": ["rash"] * len(words),
                "grade": [1] * len(words),
                "related": words,
            }
        )

    found = ctcae.prepare(
        events(["Probable", "unlikely", None, ""]), PATIENTS, version="3.0", missing_related=False
    )
    assert found["related"].to_list() == [True, False, None, None]
    assert found["is_related"].to_list() == [True, False, False, False]
    with pytest.raises(FrameError, match="'perhaps'"):
        ctcae.prepare(events(["perhaps"]), PATIENTS, version="3.0")


def test_the_script_builds_the_lists_of_the_package_again(tmp_path: Path) -> None:
    from importlib.resources import files
    from runpy import run_path

    from conftest import ROOT, shared_file

    source = shared_file("data", "ctcae_v3_grades.csv").parent
    run_path(str(ROOT / "scripts" / "make_ctcae_terms.py"))["main"](source, tmp_path)
    for version in ctcae.VERSIONS:
        name = f"terms_{version}.csv"
        package = files("oncohort.criteria.ctcae").joinpath("data", name)
        assert (tmp_path / name).read_text("utf-8") == package.read_text("utf-8")
