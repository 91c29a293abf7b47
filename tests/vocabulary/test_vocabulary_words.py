"""Words by language: every list is usable, and no word means two things in one column."""

from __future__ import annotations

import unicodedata

import pytest

from oncohort.records.columns import read_column
from oncohort.records.values import Reader, read_value
from oncohort.vocabulary.mentions import _ideas, mentions
from oncohort.vocabulary.tables import SEXES, VITAL_STATUS
from oncohort.vocabulary.words import (
    LANGUAGES,
    _file,
    is_missing,
    level_words,
    may_be_missing,
    plain,
    value_columns,
)


@pytest.mark.parametrize("column", value_columns())
def test_no_word_of_a_column_means_two_levels(column: str) -> None:
    seen: dict[tuple[str, str], str] = {}
    for level, by_language in _file("words.toml")[column].items():
        assert set(by_language) <= set(LANGUAGES)
        for language, words in by_language.items():
            # Levels of covariates are read in one language for the whole column.
            apart = language if column == "level" else ""
            for word in words:
                assert seen.setdefault((apart, plain(word)), level) == level, word


@pytest.mark.parametrize("column", value_columns())
def test_no_level_is_a_word_that_only_means_missing(column: str) -> None:
    assert not [w for w in level_words(column) if is_missing(w)]


def test_missing_is_sure_or_asked_never_both() -> None:
    words = level_words("missing")
    assert all(is_missing(w) != may_be_missing(w) for w in words)


@pytest.mark.parametrize(
    "column",
    [
        "sex",
        "age",
        "treatment_start",
        "last_contact",
        "vital_status",
        "death_date",
        "progression_date",
        "best_response",
    ],
)
def test_core_columns_are_known_in_every_language(column: str) -> None:
    assert set(_file("names.toml")["patients"][column]) >= set(LANGUAGES) - {"ja"}


@pytest.mark.parametrize(
    "word", ["décédé", "VERSTORBEN", "óbito", "死亡", "已故", "deceduto", "éxitus", "Dead"]
)
def test_dead_in_every_language(word: str) -> None:
    assert read_value(word, Reader("text", "vital_status", VITAL_STATUS)).value == "dead"


@pytest.mark.parametrize(
    "word", ["k.A.", "inconnu", "desconocido", "não informado", "不明", "未知"]
)
@pytest.mark.parametrize("kind", ["number", "date", "flag"])
def test_a_word_for_missing_is_missing_in_every_kind(word: str, kind: str) -> None:
    done = read_column([word], Reader(kind))  # type: ignore[arg-type]
    assert done.values.to_list() == [None]
    assert [u.rule for u in done.used] == ["values.no-value"]


def test_m_beside_h_is_asked_because_it_may_be_mujer() -> None:
    done = read_column(["H", "M", "M"], Reader("text", "sex", SEXES))
    assert done.values.to_list() == [None, None, None]
    assert len(done.unread) == 3
    done = read_column(["M", "F"], Reader("text", "sex", SEXES))
    assert done.values.to_list() == ["male", "female"]


WIDE = ("en", "de", "fr", "es", "it", "pt", "nl", "pl", "ja", "zh", "ko")
"""Languages that every idea has words of."""


@pytest.mark.parametrize("idea", sorted({*_ideas()} - {"spanish_sex", "dutch_sex"}))
def test_an_idea_has_words_of_every_usual_language(idea: str) -> None:
    """`*clu*` finds incluido and inclus as well."""
    held = set(_ideas()[idea]) | ({"fr", "es", "it", "pt"} if idea == "in_or_out_value" else set())
    assert set(WIDE) <= held


@pytest.mark.parametrize("idea", tuple(_ideas()))
def test_an_idea_is_mentioned_by_each_of_its_words(idea: str) -> None:
    """Each entry finds itself, in capitals, with a line below for a blank, without its accents."""
    for lang, entries in _ideas()[idea].items():
        assert lang in LANGUAGES
        assert len(set(entries)) == len(entries), idea
        for entry in entries:
            word = entry.strip("*^$")
            text = word.replace("#", "5")
            assert mentions(text, idea), entry
            assert mentions(text.upper(), idea), entry
            assert mentions(text.replace(" ", "_"), idea), entry
            letters = unicodedata.normalize("NFD", text)
            bare = "".join(c for c in letters if not 0x300 <= ord(c) <= 0x36F)
            assert mentions(unicodedata.normalize("NFC", bare), idea), entry


@pytest.mark.parametrize(
    ("text", "idea", "found"),
    [
        ("time_to_death", "death", True),
        ("Todesdatum", "death", True),
        ("todo", "death", False),
        ("total_dose_mg", "dose", True),
        ("overdose", "dose", False),
        ("AE1 grade", "grade", True),
        ("AE_1", "toxicity", True),
        ("faecal", "toxicity", False),
        ("OS24 (24 months)", "at_a_time", True),
        ("Months since 2015", "at_a_time", False),
        ("rezidivfrei", "free_of", True),
        ("freiburg", "free_of", False),
        ("os_months", "overall_survival", True),
        ("cosine", "overall_survival", False),
    ],
)
def test_whole_words_parts_and_numbers(text: str, idea: str, found: bool) -> None:
    assert mentions(text, idea) is found
