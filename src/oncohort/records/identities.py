"""Numbers of patients that are written differently on two sheets: `001` and `1`, `p-7` and `P7`."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Set

import polars as pl

from oncohort.records.model import Decision


def same_patient(text: str) -> str:
    """A patient's number as it is compared: case, blanks, marks and leading zeros apart.

    Marks between figures stay: 1-01 and 10-1 are different people.

    Examples
    --------
    >>> same_patient("P-001"), same_patient("p 1"), same_patient("1.0"), same_patient("007")
    ('p1', 'p1', '1', '7')
    >>> same_patient("01-002"), same_patient("1 - 2"), same_patient("12")
    ('1-2', '1-2', '12')
    """
    if text.isascii() and text.isalnum():
        return re.sub(r"(?<!\d)0+(?=\d)", "", text.casefold())
    plain = unicodedata.normalize("NFKC", text).casefold().strip()
    plain = re.sub(r"^(\d+)\.0+$", r"\1", plain)
    plain = re.sub(r"[\s_\-./#]+", "-", plain).strip("-")
    plain = re.sub(r"(?<=[^\W\d])-(?=\d)|(?<=\d)-(?=[^\W\d])", "", plain)
    return re.sub(r"(?<!\d)0+(?=\d)", "", plain)


def same_patients(known: Set[str], wanted: Set[str]) -> dict[str, str]:
    """The known number of each wanted one that is only written differently.

    Numbers that are known as they stand are not touched. Where two of either side would be the
    same, there is no match: they may be different people. Where one side is bare numbers and the
    other has one word before all of its numbers (`1` and `KC-001`), the numbers are compared.

    Examples
    --------
    >>> same_patients({"001", "002", "A7"}, {"1", "2", "a-7", "9"}) == {
    ...     "1": "001", "2": "002", "a-7": "A7"}
    True
    >>> same_patients({"7", "007"}, {"07"}), same_patients({"1"}, {"01", "001"})
    ({}, {})
    >>> same_patients({"KC-001", "KC-002"}, {"1", "2"}) == {"1": "KC-001", "2": "KC-002"}
    True
    >>> same_patients({"A-1", "B-1"}, {"1"}), same_patients({"KC-1", "7"}, {"1"})
    ({}, {})
    """
    unmatched = wanted - known
    if not unmatched:
        return {}
    forms = {k: same_patient(k) for k in known | wanted}
    if not {forms[k] for k in known} & {forms[w] for w in unmatched}:
        forms |= _by_number(known, wanted)
    own = Counter(forms[k] for k in known)
    theirs = Counter(forms[w] for w in wanted)
    by_form = {forms[k]: k for k in known}
    out = {}
    for one in unmatched:
        form = forms[one]
        if form and own[form] == 1 and theirs[form] == 1:
            out[one] = by_form[form]
    return out


_SAYS_PATIENT = frozenset(
    ("", "p", "pt", "pat", "patient", "id", "nr", "no", "n", "case", "fall", "subj", "subject")
)
"""Words before a number that say no more than that it is a patient's."""


def _by_number(known: Set[str], wanted: Set[str]) -> dict[str, str]:
    """Each id as its bare number, where each side has one word before all of its numbers, and one
    of these words says nothing; else nothing."""
    words = []
    out: dict[str, str] = {}
    for ids in (known, wanted):
        parts = {i: re.fullmatch(r"(\D*?)-?(\d+)", same_patient(i)) for i in ids}
        if any(p is None for p in parts.values()):
            return {}
        out |= {i: p[2] for i, p in parts.items() if p is not None}
        words.append({p[1] for p in parts.values() if p is not None})
    if any(len(w) != 1 for w in words) or not (words[0] | words[1]) & _SAYS_PATIENT:
        return {}
    return out


def unify(tables: Mapping[str, pl.DataFrame]) -> tuple[dict[str, pl.DataFrame], list[Decision]]:
    """Tables whose patients are written as in `patients`, and what was decided."""
    known = set(tables["patients"]["patient"].drop_nulls())
    out = dict(tables)
    decisions: list[Decision] = []
    for name, frame in tables.items():
        if name == "patients":
            continue
        alike = same_patients(known, set(frame["patient"].drop_nulls().unique()))
        if not alike:
            continue
        out[name] = frame.with_columns(frame["patient"].replace(alike))
        first = min(alike)
        decisions.append(
            Decision(
                "patients.written-differently",
                f"{len(alike)} patients of {name} are written differently from patients "
                f"({first!r} is {alike[first]!r}): case, blanks, marks, leading zeros and a word "
                "before all numbers apart they are the same, and no two are.",
                name,
                "patient",
                len(alike),
            )
        )
    return out, decisions
