"""Words of charts by language: for missing, yes and no, dead and alive, responses, column names.

One list for everything that reads or drafts: `words.toml` holds words for values, `names.toml` the
names that charts give to sheets and columns. Each entry is kept by language (see
`LANGUAGES`); a chart may mix them, so a word is looked up in all.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from importlib.resources import files
from types import MappingProxyType

from oncohort.own_toml import own_toml
from oncohort.vocabulary.boundaries import Parsed

LANGUAGES = (
    *("en", "de", "fr", "es", "it", "pt", "nl", "pl", "sv", "da", "no", "fi"),
    *("cs", "ro", "tr", "ru", "uk", "hu", "el", "hr", "ja", "zh", "ko", "ar", "th"),
)
"""English, German, French, Spanish, Italian, Portuguese, Dutch, Polish, Swedish, Danish, Norwegian,
Finnish, Czech, Romanian, Turkish, Russian, Ukrainian, Hungarian, Greek, Croatian with Serbian;
Japanese, Chinese, Korean, Arabic and Thai."""


_LETTERS = (("i\u0307", "i"), ("ı", "i"), ("ș", "ş"), ("ț", "ţ"), ("ё", "е"))
"""Letters that are written in two ways: Turkish i in capitals, Romanian s and t, Russian e."""


def small(text: str) -> str:
    """A text in small letters, those that are written in two ways in one of them.

    Examples
    --------
    >>> small("KADIN") == small("kadın"), small("TARİHİ"), small("Boală progresivă")
    (True, 'tarihi', 'boală progresivă')
    """
    out = text.casefold()
    for written, same in _LETTERS:
        out = out.replace(written, same)
    return out


@lru_cache(maxsize=50_000)
def plain(text: str) -> str:
    """A word as it is compared: width, case and blanks apart.

    Examples
    --------
    >>> plain("  Décédé "), plain("Ｎ／Ａ")
    ('décédé', 'n/a')
    """
    folded = unicodedata.normalize("NFKC", text).replace("\u3000", " ")
    return small(re.sub(r"\s+", " ", folded).strip())


@cache
def _file(name: str) -> Mapping[str, Mapping[str, Mapping[str, tuple[str, ...]]]]:
    raw = own_toml(files("oncohort.vocabulary").joinpath(name).read_text("utf-8"))
    return MappingProxyType(
        {
            group: {
                key: {lang: tuple(words) for lang, words in by_language.items()}
                for key, by_language in entries.items()
            }
            for group, entries in raw.items()
        }
    )


@cache
def level_words(column: str) -> Mapping[str, str]:
    """Word = level, for a column of known levels (`sex`, `vital_status`, `response`, `flag`, ...).

    Examples
    --------
    >>> level_words("vital_status")["décédé"], level_words("flag")["なし"]
    ('dead', 'no')
    >>> dict(level_words("no such column"))
    {}
    """
    out: dict[str, str] = {}
    for level, by_language in _file("words.toml").get(column, {}).items():
        for words in by_language.values():
            for word in words:
                out.setdefault(plain(word), level)
    return MappingProxyType(out)


@cache
def level_words_in(column: str, language: str) -> Mapping[str, str]:
    """Word = level in one language: `nie` is never in German, and no in Polish.

    Examples
    --------
    >>> level_words_in("level", "de")["nie"], level_words_in("level", "pl")["nie"]
    ('never', 'no')
    """
    return MappingProxyType(
        {
            plain(word): level
            for level, by_language in _file("words.toml").get(column, {}).items()
            for word in by_language.get(language, ())
        }
    )


def value_columns() -> tuple[str, ...]:
    """The columns that have words.

    Examples
    --------
    >>> "sex" in value_columns()
    True
    """
    return tuple(k for k in _file("words.toml") if k != "missing")


def is_missing(text: str) -> bool:
    """Does a text mean "no value", and nothing else, in one of the languages?

    Examples
    --------
    >>> [is_missing(t) for t in ("NA", "k.A.", "不明", "?", "-", "ND", "none", "0")]
    [True, True, True, False, False, False, False, False]
    """
    return plain(text) in level_words("missing") and level_words("missing")[plain(text)] == "sure"


def may_be_missing(text: str) -> bool:
    """Could a text mean "no value", or be a value of its own? It has to be asked about.

    Examples
    --------
    >>> [may_be_missing(t) for t in ("-", "n.d.", "未実施", "NA", "none")]
    [True, True, True, False, False]
    """
    return level_words("missing").get(plain(text)) == "maybe"


_PLUS = frozenset({"+", "++", "pos", "pos.", "positive", "positiv"})
_MINUS = frozenset({"-", "--", "–", "—", "－", "ー"})


def opposite_of_plus(values: Iterable[str]) -> frozenset[str]:
    """The minus signs of a column in which a plus occurs: there a minus is a value, not a gap.

    Examples
    --------
    >>> sorted(opposite_of_plus(["+", "-", "?"])), sorted(opposite_of_plus(["yes", "-"]))
    (['-'], [])
    """
    known = {value: plain(value) for value in values}
    if not _PLUS & set(known.values()):
        return frozenset()
    return frozenset(value for value, word in known.items() if word in _MINUS)


@cache
def names() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """Names of columns: table = {column = names}; `any` (the patient) and `sheets` beside them.

    Examples
    --------
    >>> "geschlecht" in names()["patients"]["sex"]
    True
    """
    return MappingProxyType(
        {
            table: {
                column: tuple(dict.fromkeys(w for words in by_language.values() for w in words))
                for column, by_language in columns.items()
            }
            for table, columns in _file("names.toml").items()
        }
    )


@cache
def foreign_words() -> frozenset[str]:
    """All words of values and names that hold letters beyond ASCII, as they are compared.

    Examples
    --------
    >>> "性别" in foreign_words(), "décédé" in foreign_words(), "sex" in foreign_words()
    (True, True, False)
    """
    words = (
        word
        for name in ("words.toml", "names.toml")
        for entries in _file(name).values()
        for by_language in entries.values()
        for listed in by_language.values()
        for word in listed
    )
    return frozenset(part for w in words if not w.isascii() for part in plain(w).split())


@cache
def outcome_words(kind: str) -> Mapping[str, tuple[str, ...]]:
    """Words of columns with times and events: `time_of`, `event_of`, `any`, `unit`, `asks`.

    Examples
    --------
    >>> "éxitus" in outcome_words("event_of")["os"], "mois" in outcome_words("unit")["months"]
    (True, True)
    """
    raw = own_toml(files("oncohort.vocabulary").joinpath("outcomes.toml").read_text("utf-8"))
    return MappingProxyType(
        {key: tuple(dict.fromkeys(map(small, words))) for key, words in raw[kind].items()}
    )


@cache
def name_parts(kind: str) -> Mapping[str, tuple[Parsed, ...]]:
    """Parts of names of columns: `part` (word by word), `means` (parts of our columns), `says`.

    Examples
    --------
    >>> "일자" in name_parts("part")["date"], name_parts("means")["death_date"]
    (True, (['death', '', 'date'], ['contact', 'death', 'date']))
    """
    raw = own_toml(files("oncohort.vocabulary").joinpath("name_parts.toml").read_text("utf-8"))
    return MappingProxyType({key: tuple(words) for key, words in raw[kind].items()})


@cache
def personal_names(kind: str) -> tuple[str, ...]:
    """Names of columns that hold a kind of personal data (`name`, `birth`, `phone`, ...).

    Examples
    --------
    >>> "hausarzt" in personal_names("name"), "生年月日" in personal_names("birth")
    (True, True)
    """
    by_language = _personal()[kind]
    return tuple(dict.fromkeys(w for words in by_language.values() for w in words))


@cache
def _personal() -> Mapping[str, Mapping[str, list[str]]]:
    return own_toml(files("oncohort.vocabulary").joinpath("personal.toml").read_text("utf-8"))
