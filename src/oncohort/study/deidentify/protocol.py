"""The protocol of the copy: no comments, no maps, no cutoff, no id of a patient."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import field
from datetime import date, datetime, timedelta

from oncohort.dataclass import dataclass
from oncohort.records.known_ids import REMOVED, KnownIds
from oncohort.study.deidentify.identity import Identity
from oncohort.study.deidentify.texts import is_date_text, redact
from oncohort.vocabulary.boundaries import Parsed
from oncohort.vocabulary.unseen import coded

_OF_PATIENTS = ("patient", "patients")
_WORDS = ("title", "label", "why", "origin", "disease", "treatment", "setting", "aim")
"""Keys of words that nothing is compared with."""


@dataclass(frozen=True, slots=True)
class Names:
    """What the copy calls the patients."""

    identity: Identity
    patients: frozenset[str]
    known: KnownIds

    def value(self, value: object, *, is_id: bool = False) -> Parsed:
        """A value of the protocol as the copy has it."""
        if isinstance(value, list):
            return [self.value(v, is_id=is_id) for v in value]
        if isinstance(value, Mapping):
            return {k: self._of_key(k, v, is_id=is_id) for k, v in value.items()}
        text = str(value)
        if is_id and not isinstance(value, bool | float | date):
            return self.identity.new_id(text) if text in self.patients else value
        if isinstance(value, str):
            if value in self.patients and len(value) > 2 and not value.isdigit():
                return self.identity.new_id(value)
            return self.known.redact(value)
        return value

    def _of_key(self, key: str, value: object, *, is_id: bool) -> Parsed:
        """The value of a key: words of the author lose dates and names with a title too."""
        if key in ("levels", "labels") and isinstance(value, Mapping):
            return {k: self.words(v) for k, v in value.items()}
        if key in _WORDS:
            return self.words(value)
        return self.value(value, is_id=is_id or key in _OF_PATIENTS)

    def words(self, value: object) -> Parsed:
        """Words of the author without what identifies somebody."""
        if isinstance(value, str):
            return redact(value, self.known) or REMOVED
        return self.value(value)


@dataclass(slots=True)
class CopiedProtocol:
    """The text of the copy's `study.toml`, and what must be said about it."""

    text: str
    remarks: list[str] = field(default_factory=list)


def _criterion(raw: dict[str, Parsed], answered: Mapping[str, str], names: Names) -> str:
    """Change one criterion in place; a remark where it no longer fits."""
    if raw.get("key") in answered:
        raw["column"] = answered[raw["key"]]
        raw["is"] = "yes"
        for key in ("min", "max", "is_not", "present", "table", "rows"):
            raw.pop(key, None)
        return ""
    if raw.get("column") == "patient":
        for key in ("is", "is_not"):
            if key in raw:
                raw[key] = names.value(raw[key], is_id=True)
    if isinstance(raw.get("min"), date) or isinstance(raw.get("max"), date):
        return (
            f'The criterion "{raw.get("key")}" names a calendar date; it does not fit '
            "shifted dates."
        )
    return ""


def _decisions(raw: dict[str, Parsed], names: Names) -> list[str]:
    """Decisions as the copy can carry them out; a remark on what it can't, and on their words."""
    if not raw.get("decisions"):
        return []
    kept: list[dict[str, object]] = []
    remarks: list[str] = []
    for number, one in enumerate(raw["decisions"], 1):
        value, whose = one.get("value"), one.get("patients", [])
        day = value.date() if isinstance(value, datetime) else value
        text = isinstance(value, str) and is_date_text(value)
        if one.get("cells"):
            remarks.append(f"Decision {number} names cells of the chart; the copy lacks it.")
        elif text or (isinstance(day, date) and len(whose) != 1):
            remarks.append(f"Decision {number} names a calendar date; the copy lacks it.")
        else:
            if isinstance(day, date):
                one["value"] = day + timedelta(days=names.identity.shift(whose[0]))
            kept.append(one)
    raw["decisions"] = kept
    if kept:
        remarks.append("The words of decisions are yours, in study.toml: read them first.")
    return remarks


def protocol_of_copy(
    text: str,
    answered: Mapping[str, str],
    names: Names,
    gone: Iterable[str] = (),
) -> CopiedProtocol:
    """The protocol as the copy needs it.

    Parameters
    ----------
    text
        `study.toml` of the study.
    answered
        Key of a criterion = the column that holds its answer.
    gone
        Columns of patients that the copy lacks: what names them is mentioned.
    """
    import tomlkit

    raw = tomllib.loads(text)
    raw.pop("tables", None)
    head = raw["study"]
    head["data"] = "data"
    for key in ("cutoff", "text"):
        head.pop(key, None)
    remarks = _decisions(raw, names)
    criteria = raw.get("eligibility", {}).get("criteria", [])
    for criterion in criteria:
        remark = _criterion(criterion, answered, names)
        if remark:
            remarks.append(remark)
    done = [dict(c) for c in criteria]
    raw = names.value(raw)
    if done:
        for criterion, before in zip(raw["eligibility"]["criteria"], done, strict=True):
            if before.get("column") == "patient":
                criterion.update({k: before[k] for k in ("is", "is_not") if k in before})
    missing = sorted(set(gone) & _columns_named(raw))
    remarks += [f'The protocol uses "{c}", which the copy lacks.' for c in missing]
    return CopiedProtocol(coded(tomlkit.dumps(raw)), remarks)


def _columns_named(raw: object) -> set[str]:
    """Every value of a `column`, `time`, `date` or `event` key, and keys of variables."""
    if isinstance(raw, list):
        return {c for v in raw for c in _columns_named(v)}
    if not isinstance(raw, Mapping):
        return set()
    own = {
        v for k, v in raw.items() if k in ("column", "time", "event", "date") and isinstance(v, str)
    }
    if isinstance(raw.get("variables"), Mapping):
        own |= set(raw["variables"])
    return own | {c for v in raw.values() for c in _columns_named(v)}
