"""Which two names are of one thing."""

from __future__ import annotations

import pytest

from oncohort.audit.extract import names


@pytest.mark.parametrize(
    ("name", "candidates", "expected"),
    [
        ("Prior nephrectomy", ["Nephrectomy (%)", "Sex"], 0),
        ("Histological subtype", ["Sex", "Histology of primary tumor"], 1),
        ("Number of lung metastasis", ["Side of lung metastases", "Number of lung metastases"], 1),
        ("Lung metastasis", ["Brain metastasis", "Sex"], None),
        ("Metastasis", ["Liver metastases"], None),
        ("First-line therapy", ["First-line systemic therapy", "Second-line therapy"], 0),
        ("LDH", ["LDH level", "LDH ratio after 12 weeks"], 0),
        ("", ["Sex"], None),
    ],
)
def test_best_match(name: str, candidates: list[str], expected: int | None) -> None:
    found = names.best_match(names.tokens(name), [names.tokens(c) for c in candidates])
    assert found == expected


@pytest.mark.parametrize(
    ("one", "two", "same"),
    [
        ("yes", "Positive", True),
        ("no", "Absent", True),
        ("non-CCC", "Non-clear cell cancer", True),
        ("CCC", "Non-clear cell cancer", False),
        ("CCC", "Clear cell cancer", True),
        ("unilateral", "Unilateral lung", True),
        ("≥65", ">65", False),
        ("≤3", "≤3 sites", True),
        ("high", "low", False),
    ],
)
def test_same_level(one: str, two: str, same: bool) -> None:
    words = names.dictionary([("ccc", "clear cell cancer")])
    assert names.same_level(one, two, words) is same
    assert names.same_level(two, one, words) is same


def test_abbreviations_need_the_letters_of_their_words() -> None:
    found = names.abbreviations(
        "renal cell carcinoma (RCC) and the C-reactive protein (CRP) in our hospital (Japan)"
    )
    assert found == {"rcc": "renal cell carcinoma", "crp": "c-reactive protein"}
