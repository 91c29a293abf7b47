"""Per printed figure: met, missed by how much, impossible with the proof, or not found."""

from __future__ import annotations

import json
from collections.abc import Sequence

from oncohort.dataclass import dataclass
from oncohort.vocabulary.plurals import counted

MET, MISSED, IMPOSSIBLE, NOT_ASKED = "met", "missed", "impossible", "not asked"


@dataclass(frozen=True, slots=True)
class Line:
    """One figure of the paper and what the twin has in its place.

    Parameters
    ----------
    state
        ``met`` (prints the same), ``missed`` (``by`` in units of the figure; not found by the
        search, which is no proof), ``impossible`` (``why`` is the proof; the figure was set
        aside), ``not asked`` (``why`` says what kept it out).
    value
        The twin's value, unrounded; None where it has none.
    conflict
        For an impossible figure: a smallest set of figures that no patients have together; for a
        missed one: a smallest set that a search never met together, where it was asked for.
    """

    key: str
    printed: str
    words: str
    kind: str
    state: str
    value: float | None = None
    by: float | None = None
    why: str = ""
    conflict: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Certificate:
    """What became of every figure.

    ``stretch``: per endpoint the largest factor between a time and its smooth template.
    """

    n: int
    seed: int
    lines: tuple[Line, ...]
    tries: int = 0
    sweeps: int = 0
    events: tuple[tuple[str, int], ...] = ()
    stretch: tuple[tuple[str, float], ...] = ()
    notes: tuple[str, ...] = ()

    def count(self, state: str, *kinds: str) -> int:
        """Number of figures in a state, of some kinds or all."""
        return sum(x.state == state and (not kinds or x.kind in kinds) for x in self.lines)

    def __getitem__(self, key: str) -> Line:
        return next(x for x in self.lines if x.key == key)

    def summary(self) -> str:
        """One line.

        Examples
        --------
        >>> Certificate(2, 1, (Line("a", "1", "a", "margin", MET),)).summary()
        '1 figure: 1 met, 0 missed, 0 impossible, 0 not asked'
        """
        states = (MET, MISSED, IMPOSSIBLE, NOT_ASKED)
        parts = ", ".join(f"{self.count(s)} {s}" for s in states)
        k = len(self.lines)
        return f"{counted(k, 'figure')}: {parts}"

    def to_dict(self) -> dict[str, object]:
        """For JSON."""
        return {
            "schema_version": 1,
            "synthetic": True,
            "n": self.n,
            "seed": self.seed,
            "tries": self.tries,
            "sweeps": self.sweeps,
            "events": dict(self.events),
            "stretch": {k: round(v, 4) for k, v in self.stretch},
            "notes": list(self.notes),
            "figures": [_line(x) for x in self.lines],
        }

    def to_json(self) -> str:
        """The file ``certificate.json``."""
        data = self.to_dict()
        return (
            json.dumps(data, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"
        )

    def to_markdown(self) -> str:
        """For reading: what is not met first."""
        out = ["# Certificate", "", self.summary() + ".", ""]
        if self.tries:
            out += [
                f"Search: {counted(self.tries, 'try', 'tries')}, {self.sweeps:,} sweeps of the "
                f"chains, seed {self.seed}. What the search did not meet was not found in so many; "
                "that is no proof.",
                "",
            ]
        for endpoint, k in self.events:
            out.append(f"- {endpoint.upper()}: {k} events")
        for endpoint, s in self.stretch:
            out.append(
                f"- {endpoint.upper()}: times are within a factor of {s:.2f} of a smooth template"
            )
        out += [f"- {note}" for note in self.notes]
        order = (IMPOSSIBLE, MISSED, NOT_ASKED, MET)
        for state in order:
            lines = [x for x in self.lines if x.state == state]
            if lines:
                out += ["", f"## {state.capitalize()}", "", *_table(lines)]
        return "\n".join(out) + "\n"


def _line(x: Line) -> dict[str, object]:
    out: dict[str, object] = {"key": x.key, "printed": x.printed, "what": x.words, "kind": x.kind}
    out["state"] = x.state
    if x.value is not None:
        out["value"] = round(x.value, 9)
    if x.by is not None:
        out["by"] = round(x.by, 9)
    if x.why:
        out["why"] = x.why
    if x.conflict:
        out["conflict"] = list(x.conflict)
    return out


def _table(lines: Sequence[Line]) -> list[str]:
    out = ["| figure | printed | twin | |", "|---|---|---|---|"]
    for x in lines:
        value = "" if x.value is None else f"{x.value:.4g}"
        why = x.why or (f"by {x.by:.2g}" if x.by is not None else "")
        if x.conflict and x.state == IMPOSSIBLE:
            why += " (" + ", ".join(f"`{c}`" for c in x.conflict) + ")"
        out.append(f"| {x.words} | {x.printed} | {value} | {why} |")
    return out
