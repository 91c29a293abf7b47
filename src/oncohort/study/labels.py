"""Titles and labels of the protocol without ids of patients: they are printed in the paper."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping

from oncohort.problems import Place, Problem, problem
from oncohort.protocol import Protocol, parse_protocol
from oncohort.records.known_ids import KnownIds

PRINTED = frozenset(
    {"title", "label", "origin", "disease", "treatment", "setting", "source", "aim"}
)
"""Keys whose words the paper prints."""


def without_ids(
    protocol: Protocol, text: str, patients: Iterable[str]
) -> tuple[Protocol, list[Problem]]:
    """The protocol as the paper may print it, and a warning for each label that named a patient.

    Parameters
    ----------
    text
        The protocol as it was written.
    """
    known = KnownIds.sure(patients)
    found: list[str] = []

    def clean(value: object, key: str, printed: bool) -> object:
        if isinstance(value, Mapping):
            levels = key.rpartition(".")[2] in ("levels", "labels")
            return {
                k: clean(v, f"{key}.{k}".strip("."), levels or k in PRINTED)
                for k, v in value.items()
            }
        if isinstance(value, list):
            return [clean(v, f"{key}.{i}", False) for i, v in enumerate(value)]
        if printed and isinstance(value, str) and known.holds(value):
            found.append(key)
            return known.redact(value)
        return value

    if not (known.ids or known.exact):
        return protocol, []
    raw = clean(tomllib.loads(text), "", False)
    if not found:
        return protocol, []
    import tomlkit

    problems = [
        problem("protocol.names-patient", place=Place(Protocol.FILE, key=key)) for key in found
    ]
    return parse_protocol(tomlkit.dumps(raw)), problems  # type: ignore[arg-type]
