"""The forms of the protocol's cards, turned into a changed text of the protocol."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from oncohort.app.asked import words
from oncohort.app.protocol_view import CONDITIONS, DIGITS, UNDER
from oncohort.app.wording import say
from oncohort.problems import OncohortError
from oncohort.study.editing import (
    changed_criterion,
    moved_criterion,
    plain_value,
    with_criterion,
    with_values,
    without_criterion,
)
from oncohort.vocabulary.boundaries import Parsed
from oncohort.vocabulary.keys import new_key

Form = Mapping[str, Parsed]


def edited(text: str, given: Form) -> str:
    """The protocol's text as a card's form wants it.

    Raises
    ------
    OncohortError
        The form can't be understood.
    """
    made = _CARDS.get(words(given, "card"))
    if made is None:
        raise OncohortError(say("notices.nothing_asked"))
    return made(text, given)


def _several(given: Form, name: str) -> list[str]:
    getlist: Callable[[str], list[object]] | None = getattr(given, "getlist", None)
    found = getlist(name) if getlist is not None else [given[name]] if name in given else []
    return [str(v)[:400] for v in found]


def _condition(name: str, typed: str) -> Parsed:
    """A condition as the protocol has it: several values where commas part them."""
    if not typed:
        return None
    if name in ("is", "is_not") and "," in typed:
        return [plain_value(part) for part in typed.split(",") if part.strip()]
    return plain_value(typed)


def _criterion(text: str, given: Form) -> str:
    key, do = words(given, "key"), words(given, "change")
    if do == "out":
        return without_criterion(text, key)
    if do in ("up", "down"):
        return moved_criterion(text, key, -1 if do == "up" else 1)
    values = {n: _condition(n, words(given, n)) for n in CONDITIONS if n in given}
    if "missing" in given:
        values["missing"] = "keep" if words(given, "missing") == "keep" else None
    if label := words(given, "label"):
        values["label"] = label
    return changed_criterion(text, key, values)


def _new_criterion(text: str, given: Form) -> str:
    label, column, name = (words(given, n) for n in ("label", "column", "condition"))
    value = _condition(name, words(given, "value"))
    if name == "present":
        value = True
    if not label or not column or name not in CONDITIONS or value is None:
        raise OncohortError(say("notices.whole_criterion"))
    return with_criterion(text, label, column, {name: value})


def _endpoint(text: str, given: Form) -> str:
    at = ("endpoints", words(given, "key"))
    values: dict[tuple[str, ...], object] = {}
    if "from" in given:
        values[(*at, "from")] = words(given, "from")
        values[(*at, "events")] = _several(given, "events") or None
        values[(*at, "censoring")] = words(given, "censoring") or None
    values[(*at, "by")] = _several(given, "by") or None
    values[(*at, "landmarks")] = _numbers(words(given, "landmarks")) or None
    return with_values(text, values)


def _numbers(typed: str) -> list[int | float]:
    out = []
    for part in typed.replace(";", ",").split(","):
        if not part.strip():
            continue
        value = plain_value(part)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise OncohortError(say("notices.no_number", text=part.strip()))
        out.append(value)
    return out


def _cut(text: str, given: Form) -> str:
    cuts = _numbers(words(given, "cut"))
    if not cuts:
        raise OncohortError(say("notices.no_number", text=words(given, "cut")))
    return with_values(text, {("variables", words(given, "key"), "cut"): cuts})


def _model(text: str, given: Form) -> str:
    chosen = _several(given, "candidates")
    selection = words(given, "selection")
    values: dict[tuple[str, ...], object] = {("prognosis", "candidates"): chosen}
    if selection in ("prespecified", "screening"):
        values["prognosis", "selection"] = selection
    return with_values(text, values)


def _safety(text: str, given: Form) -> str:
    values: dict[tuple[str, ...], object] = {
        ("safety", "criteria"): words(given, "criteria"),
        ("safety", "count"): words(given, "count"),
    }
    for name in ("threshold", "window_days"):
        numbers = _numbers(words(given, name))
        values["safety", name] = numbers[0] if numbers else None
    terms: dict[str, str] = {}
    for one in _several(given, "terms"):
        key, _, label = one.partition("\x1f")
        key = key if key and label != key else new_key(label or key, terms, "term")
        terms[key] = label or one
    if _several(given, "every") == ["1"]:
        terms = {}
    values["safety", "terms"] = terms or None
    return with_values(text, values)


def _style(text: str, given: Form) -> str:
    digits = {}
    for name in DIGITS:
        if typed := words(given, f"digits_{name}"):
            digits[name] = plain_value(typed)
    under = [u for u in UNDER if u in _several(given, "under")]
    return with_values(
        text,
        {
            ("style", "journal"): words(given, "journal"),
            ("style", "digits"): digits or None,
            ("style", "under_curves"): under,
        },
    )


_CARDS: Mapping[str, Callable[[str, Form], str]] = {
    "criterion": _criterion,
    "new criterion": _new_criterion,
    "endpoint": _endpoint,
    "cut": _cut,
    "model": _model,
    "safety": _safety,
    "style": _style,
}
