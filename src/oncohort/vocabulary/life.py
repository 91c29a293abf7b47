"""Dead or alive in a phrase: `Alive without disease`, `zgon z powodu choroby`, `带瘤生存`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from oncohort.vocabulary.mentions import mentions
from oncohort.vocabulary.words import level_words, plain

_SIGNS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("死", "亡故", "去世", "사망"), "dead"),
        **dict.fromkeys(("生存", "存活", "健在", "在世", "생존"), "alive"),
    }
)
"""Of scripts without blanks between words."""
_DOUBT = re.compile(
    r"不明|不详|未知|失访|미상|불명|\b(?:unknown|lost|unless|unbekannt|verloren|inconnue?|perdue?|"
    r"desconocid[oa]|perdid[oa]|sconosciut[oa]|pers[oa]|desconhecid[oa]|onbekend|nieznan\w*|okän[dt]|"
    r"ukjent|ukendt)\b"
)
_WORD = re.compile(r"[^\W\d_]{2,}")


def life_in_phrase(value: str) -> str:
    """Dead or alive, where the words of a phrase that are known to say it say one; else empty.

    A negation before the word makes it none; one behind it is of the disease.

    Examples
    --------
    >>> life_in_phrase("Vivo con enfermedad"), life_in_phrase("tot, andere Ursache")
    ('alive', 'dead')
    >>> [life_in_phrase(v) for v in ("not alive", "alive/dead", "alive, no disease")]
    ['', '', 'alive']
    >>> life_in_phrase("in leven zonder ziekte"), life_in_phrase("żyje bez choroby")
    ('alive', 'alive')
    >>> [life_in_phrase(v) for v in ("无瘤生存", "非肿瘤死亡", "未死亡", "生死不明")]
    ['alive', 'dead', '', '']
    """
    text = plain(value)
    if re.search(r"[?/]", value) or _DOUBT.search(text):
        return ""
    words = _of_words(text)
    found = {**words, **_of_signs(text)}
    if len(set(found.values())) != 1:
        return ""
    denied = bool(words) and mentions(text[: min(words)], "negation")
    return "" if denied else next(iter(found.values()))


def _of_words(text: str) -> dict[int, str]:
    """Place = level of the words, one or two together, that say it."""
    known = level_words("vital_status")
    words = list(_WORD.finditer(text))
    out: dict[int, str] = {}
    for nth, one in enumerate(words):
        pair = f"{one[0]} {words[nth + 1][0]}" if nth + 1 < len(words) else ""
        level = known.get(pair) or (known.get(one[0]) if len(one[0]) > 2 else None)
        if level is not None:
            out[one.start()] = level
    return out


def _of_signs(text: str) -> dict[int, str]:
    """The same in scripts without blanks: 未 or 不 right before it denies it."""
    out: dict[int, str] = {}
    for sign, level in _SIGNS.items():
        at = text.find(sign)
        if at >= 0 and text[max(at - 1, 0) : at] in ("未", "不"):
            out[at] = f"not {level}"
        elif at >= 0:
            out[at] = level
    return {at: level for at, level in out.items() if not level.startswith("not ")}


_LETTERS: Mapping[frozenset[str], Mapping[str, str]] = MappingProxyType(
    {
        frozenset(alive + dead): MappingProxyType({alive: "alive", dead: "dead"})
        for alive, dead in ("ad", "ld", "vd", "vm", "vf", "vo", "lt", "lo", "żz", "жу")
    }
)
"""First letters of alive and dead in the languages of charts, as names offer them: `D/A`."""
_OFFERED = re.compile(r"(?<![^\W\d_])([^\W\d_]+(?: [^\W\d_]+)?) ?/ ?([^\W\d_]+(?: [^\W\d_]+)?)")


def life_offered(name: str) -> Mapping[str, str]:
    """What the words or letters mean that a name offers for life and death; else nothing.

    Examples
    --------
    >>> dict(life_offered("Status (D/A)")), dict(life_offered("Lebend/Tot"))
    ({'d': 'dead', 'a': 'alive'}, {'lebend': 'alive', 'l': 'alive', 'tot': 'dead', 't': 'dead'})
    >>> [dict(life_offered(n)) for n in ("Y/N", "Progression/death", "m/v")]
    [{}, {}, {}]
    """
    for found in _OFFERED.finditer(plain(name)):
        if found[0] == plain(name) == "m/v":
            continue  # man or vrouw, in Dutch; vivo comes before muerto
        if frozenset(found.groups()) in _LETTERS:
            return {w: _LETTERS[frozenset(found.groups())][w] for w in found.groups()}
        known = level_words("vital_status")
        words = [_offered(found[1], -1), _offered(found[2], 0)]
        if {known.get(w) for w in words} == {"alive", "dead"}:
            out = {text: known[w] for w in words for text in (w, w[0])}
            return out if len(out) == 4 else {w: known[w] for w in words}
    return {}


def _offered(words: str, at: int) -> str:
    """The word beside the stroke, or both where they say it together: `in leven`."""
    return words if words in level_words("vital_status") else words.split()[at]
