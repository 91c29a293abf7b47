"""Rates by group as rows of a table and as sentences: shared by response and binary outcomes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from oncohort.analyses.result import Estimate
from oncohort.dataclass import dataclass
from oncohort.displays.lookup import Lookup
from oncohort.displays.spans import Piece, Span, Spans, listed, say
from oncohort.displays.tables.model import Column, Row, row
from oncohort.displays.words import name_in_text
from oncohort.protocol.number_style import DASH, SIGNIFICANT

REFERENCE = "ref."


def in_no_group(lookup: Lookup, missing: str, variable: str, of: str = "") -> tuple[Spans, ...]:
    """A note on the patients who are in none of the groups of a variable; nothing where all are.

    Parameters
    ----------
    missing
        The number of them, without its variable: ``survival.os.missing``.
    of
        What the groups are compared in, to begin the note with.
    """
    if not lookup.number(missing, variable=variable):
        return ()
    return (
        say(
            "{o}{v} is missing in {n} of all patients, who are in no group.",
            o=f"{of}: " if of else "",
            v=lookup.variable(variable),
            n=lookup.show(missing, variable=variable),
        ),
    )


@dataclass(frozen=True, slots=True)
class Shown:
    """A variable whose groups are shown, in the order of its levels.

    Attributes
    ----------
    section
        First part of the ids of the groups' populations.
    """

    lookup: Lookup
    section: str
    variable: str

    @property
    def groups(self) -> list[str]:
        """Keys of the groups."""
        return list(self.lookup.levels(self.variable))

    @property
    def reference(self) -> str:
        """The group that the others are compared with."""
        info = self.lookup.info(self.variable)
        found = info.reference if info is not None else None
        return found if found in self.groups else self.groups[0]

    def label(self, group: str) -> str:
        """A group's label."""
        return self.lookup.level(self.variable, group)

    def size(self, group: str) -> int:
        """Patients of a group."""
        id_ = f"{self.section}.group[group={group},variable={self.variable}]"
        population = self.lookup.numbers.populations.get(id_)
        return len(population.patients) if population is not None else 0

    def columns(self, *, p: bool) -> list[Column]:
        """A column for each group under the variable's name, and one for p."""
        name = self.lookup.variable(self.variable)
        out = [
            Column(f"{self.label(g)} (n = {self.size(g)})", (name,), width=1.3) for g in self.groups
        ]
        return [*out, Column(self.lookup.style.p_symbol, width=0.7)] if p else out

    def cells(self, path: str, **keys: str) -> list[Spans]:
        """Count and percentage in each group."""
        return [
            self.lookup.count_percent(path, group=g, variable=self.variable, **keys)
            for g in self.groups
        ]

    def rate(self, label: Piece, path: str, *, p: bool) -> list[Row]:
        """A rate: count and percentage, its interval, the difference and the odds ratio."""
        look, by = self.lookup, self.variable
        tail: list[Piece] = [look.show(f"{path}.p", variable=by)] if p else []
        blank: list[Piece] = [""] if p else []
        rows = [row(label, *self.cells(path), *tail, total=True)]
        ends = [look.interval(f"{path}.percent", group=g, variable=by) for g in self.groups]
        rows.append(row("95% CI, %", *(e or (Span(DASH),) for e in ends), *blank, indent=1))
        if len(self.groups) < 2:
            return rows
        for what, words in (
            ("difference", "Difference, percentage points (95% CI)"),
            ("odds_ratio", "Odds ratio (95% CI)"),
        ):
            cells: list[Piece] = [
                REFERENCE
                if g == self.reference
                else look.value_ci(f"{path}.{what}", group=g, variable=by)
                for g in self.groups
            ]
            rows.append(row(words, *cells, *blank, indent=1))
        return rows

    def notes(self, *, of: Piece, path: str) -> list[Spans]:
        """Denominators, intervals, the test, and who is in no group."""
        look = self.lookup
        estimate = look.get(f"{path}.p", variable=self.variable)
        test = (
            say(" {p}: {m}.", p=look.style.p_symbol, m=estimate.method)
            if estimate is not None and estimate.method
            else ()
        )
        notes = [
            say(
                "Percentages are of {o}; intervals of rates are exact (Clopper-Pearson), of "
                "differences Newcombe's, of odds ratios Wald's; ref.: {r}.{t}",
                o=of,
                r=self.label(self.reference),
                t=test,
            )
            if len(self.groups) > 1
            else say("Percentages are of {o}; intervals are exact (Clopper-Pearson).", o=of)
        ]
        notes += in_no_group(look, f"{self.section}.groups.missing", self.variable)
        return notes

    def sentence(self, what: str, path: str, **keys: str) -> Spans:
        """The rate in each group, with the difference where there are two, and p."""
        look, by = self.lookup, self.variable
        known = [
            g
            for g in self.groups
            if look.number(f"{path}.percent", group=g, variable=by, **keys) is not None
        ]
        if not known:
            return ()
        parts = [
            say(
                "{r} for {g}",
                r=look.with_ci(f"{path}.percent", group=g, variable=by, **keys),
                g=look.group(by, g),
            )
            for g in known
        ]
        return say(
            "The {w} was {l}{d}.",
            w=what,
            l=listed(parts),
            d=self._difference(path, known, keys),
        )

    def told(self, rates: Sequence[tuple[str, str]]) -> list[Spans]:
        """Several rates by group: each that differs in a sentence, the others in one.

        Parameters
        ----------
        rates
            (what, path) of each.
        """
        look = self.lookup
        tests = {path: look.get(f"{path}.p", variable=self.variable) for _, path in rates}
        alike = [
            (what, path)
            for what, path in rates
            if (p := tests[path]) is not None and p.value is not None and p.value >= SIGNIFICANT
        ]
        if len(alike) < 2:
            alike = []
        out = [self.sentence(f"rate of {w}", p) for w, p in rates if (w, p) not in alike]
        if alike:
            least = min((tests[path] for _, path in alike), key=_value)
            assert least is not None and least.value is not None
            smallest = Span(look.style.p_phrase(least.value), least.id)
            out.append(
                say(
                    "The rates of {l} did not differ significantly by {v} (smallest {p}).",
                    l=listed(what for what, _ in alike),
                    v=name_in_text(look.variable(self.variable)),
                    p=smallest,
                )
            )
        return [text for text in out if text]

    def _difference(self, path: str, known: list[str], more: Mapping[str, str]) -> Spans:
        """ " (difference 15.4 percentage points (95% CI ...); p < 0.001)"."""
        look, by = self.lookup, self.variable
        parts: list[Spans] = []
        others = [g for g in known if g != self.reference]
        if len(known) == 2 and len(others) == 1:
            keys = {"group": others[0], "variable": by, **more}
            if look.number(f"{path}.difference", **keys) is not None:
                parts.append(
                    say(
                        "difference {d} percentage points{c}",
                        d=look.show(f"{path}.difference", **keys),
                        c=look.level_ci(f"{path}.difference", ", {c}", **keys),
                    )
                )
        if look.number(f"{path}.p", variable=by, **more) is not None:
            parts.append(look.p_phrase(f"{path}.p", variable=by, **more))
        if not parts:
            return ()
        joined: list[Piece] = []
        for i, part in enumerate(parts):
            joined += [Span("; "), *part] if i else [*part]
        return say(" ({l})", l=[s for s in joined if isinstance(s, Span)])


def _value(estimate: Estimate | None) -> float:
    return 1.0 if estimate is None or estimate.value is None else estimate.value
