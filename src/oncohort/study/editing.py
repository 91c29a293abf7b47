"""Single settings of a protocol changed in its text; comments and all else stay as they are."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from oncohort.study.answering import AnswerError, set_value
from oncohort.vocabulary.boundaries import Parsed
from oncohort.vocabulary.keys import new_key
from oncohort.vocabulary.unseen import coded_edits

Path = tuple[str, ...]


def plain_value(text: str) -> Parsed:
    """What somebody typed as a value: a day, a number, yes or no, else the text itself.

    Examples
    --------
    >>> plain_value("2008-08-01"), plain_value("20"), plain_value("0.5"), plain_value("lung")
    (datetime.date(2008, 8, 1), 20, 0.5, 'lung')
    """
    plain = text.strip()
    for read in (date.fromisoformat, int, float):
        try:
            found = read(plain)
        except ValueError:
            continue
        if found == found and found not in (float("inf"), float("-inf")):
            return found
    return {"true": True, "false": False}.get(plain.lower(), plain)


def with_values(text: str, values: Mapping[Path, object]) -> str:
    """The protocol with settings by their paths; None takes a setting away.

    Examples
    --------
    >>> text = '[endpoints.os]\\nfrom = "treatment_start"  # the clock\\n'
    >>> print(with_values(text, {("endpoints", "os", "from"): "diagnosis_date"}).strip())
    [endpoints.os]
    from = "diagnosis_date"  # the clock
    """
    import tomlkit

    doc = tomlkit.parse(text)
    for path, value in values.items():
        here = _at(doc, path[:-1])
        if value is None:
            if here is not None and path[-1] in here:
                del here[path[-1]]
        elif here is None or path[-1] not in here:
            set_value(doc, path, value)
        elif here[path[-1]] != value:
            here[path[-1]] = value
    return coded_edits(text, tomlkit.dumps(doc))


def _at(doc: Parsed, path: Path) -> Parsed:
    here = doc
    for key in path:
        if key not in here:
            return None
        here = here[key]
    return here


def with_criterion(text: str, label: str, column: str, values: Mapping[str, object]) -> str:
    """The protocol with one criterion of eligibility more, the last one.

    Examples
    --------
    >>> print(with_criterion("", "Age below 18", "age", {"min": 18}).strip())
    [[eligibility.criteria]]
    key = "age_below_18"
    label = "Age below 18"
    column = "age"
    min = 18
    """
    import tomlkit

    doc = tomlkit.parse(text)
    eligibility = doc.setdefault("eligibility", tomlkit.table())
    known = eligibility.get("criteria", [])
    one = tomlkit.table()
    one["key"] = new_key(label, [c["key"] for c in known], "criterion")
    one |= {"label": label, "column": column, **values}
    if "criteria" not in eligibility:
        eligibility["criteria"] = tomlkit.aot()
    eligibility["criteria"].append(one)
    return coded_edits(text, tomlkit.dumps(doc))


def changed_criterion(text: str, key: str, values: Mapping[str, object]) -> str:
    """The protocol with settings of one criterion; None takes a setting away."""
    import tomlkit

    doc, known, nth = _criterion(text, key)
    for name, value in values.items():
        if value is None:
            known[nth].pop(name, None)
        elif known[nth].get(name) != value:
            known[nth][name] = value
    return coded_edits(text, tomlkit.dumps(doc))


def without_criterion(text: str, key: str) -> str:
    """The protocol without one criterion of eligibility.

    Examples
    --------
    >>> text = with_criterion("", "Age below 18", "age", {"min": 18})
    >>> "criteria" in without_criterion(text, "age_below_18")
    False
    """
    import tomlkit

    doc, known, nth = _criterion(text, key)
    if len(known) == 1:
        del doc["eligibility"]["criteria"]
    else:
        del known[nth]
    return coded_edits(text, tomlkit.dumps(doc))


def moved_criterion(text: str, key: str, by: int) -> str:
    """The protocol with a criterion earlier (by -1) or later (by 1) in the order."""
    import tomlkit

    doc, known, nth = _criterion(text, key)
    other = nth + by
    if 0 <= other < len(known):
        rows = [dict(c) for c in known]
        rows[nth], rows[other] = rows[other], rows[nth]
        for at in (nth, other):
            for name in list(known[at]):
                del known[at][name]
            for name, value in rows[at].items():
                known[at][name] = value
    return coded_edits(text, tomlkit.dumps(doc))


def _criterion(text: str, key: str) -> tuple[Parsed, Parsed, int]:
    import tomlkit

    doc: Parsed = tomlkit.parse(text)
    known = doc.get("eligibility", {}).get("criteria", [])
    for nth, one in enumerate(known):
        if one.get("key") == key:
            return doc, known, nth
    raise AnswerError(f"The protocol has no criterion {key}.")
