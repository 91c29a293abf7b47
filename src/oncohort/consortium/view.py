"""What an analysis sees of a site, and what it hands back before anything leaves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field, replace

from oncohort.consortium.disclosure import small, small_difference
from oncohort.consortium.messages import Item, Withheld
from oncohort.consortium.plan import Plan
from oncohort.consortium.rows import Bools, Rows
from oncohort.dataclass import dataclass

Sets = Mapping[str, tuple[Bools, ...]]


@dataclass(frozen=True, slots=True)
class View:
    """The rows, the plan, the site's smallest group, and the sets that were answered about.

    `answered` has them by what was summed over them: ``population``, and :meth:`Rows.about` of a
    variable or an endpoint. Differences count within one of these, and those `alike`: a sum of
    ages over one set and a count of deaths over another give nothing away together.
    """

    plan: Plan
    rows: Rows
    minimum: int
    answered: Sets = field(default_factory=dict)
    pooled_baseline: bool = False
    """Whether event times and sums over risk sets may leave."""

    alike: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """As :meth:`Rows.alike` tells it."""

    @classmethod
    def of(
        cls,
        plan: Plan,
        rows: Rows,
        minimum: int,
        answered: Sets | None = None,
        pooled_baseline: bool = False,
    ) -> View:
        """The view of these rows."""
        return cls(plan, rows, minimum, answered or {}, pooled_baseline, rows.alike())

    def kinds(self, about: str) -> tuple[str, ...]:
        """A kind of sums, and those that tell nearly the same."""
        return self.alike.get(about, (about,))

    def known(self, about: str) -> tuple[Bools, ...]:
        """Sets that sums of one kind were given about."""
        return tuple(s for kind in self.kinds(about) for s in self.answered.get(kind, ()))

    def having(self, about: str, sets: Sequence[Bools]) -> View:
        """The view once sums of a kind were given about these sets too."""
        before = self.answered.get(about, ())
        return replace(self, answered={**self.answered, about: (*before, *sets)})

    def gives_away(self, sets: Sets) -> bool:
        """Would sums over these sets, by kind, make a small set known?"""
        return any(
            small_difference(
                [*self.known(kind), *(s for k in self.kinds(kind) for s in sets.get(k, ()))],
                self.minimum,
            )
            for kind in sets
        )

    def too_small(self, *masks: Bools) -> bool:
        """Is one of the groups small?"""
        return any(small(int(m.sum()), self.minimum) for m in masks)


@dataclass(frozen=True, slots=True)
class Draft:
    """An answer to one question, and the sets of patients that its sums are about."""

    item: Item
    sets: Sets = field(default_factory=dict)


def withheld(analysis: str, reason: str) -> Draft:
    """No answer, with its reason."""
    return Draft(Withheld(analysis, reason))  # type: ignore[arg-type]


def population_of(view: View, key: str | None) -> Bools:
    """Rows of the analysis' population."""
    return view.rows.population(view.plan, key)


def about(population: Bools, sets: Mapping[str, Sequence[Bools]]) -> Sets:
    """Sets by kind, those that are not empty, and the population itself."""
    every = {"population": (population,), **sets}
    return {kind: tuple(s for s in given if s.any()) for kind, given in every.items()}
