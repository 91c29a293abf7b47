"""One group of a paper's patients: the whole cohort, or a column of its tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import fields, replace

from oncohort.dataclass import dataclass
from oncohort.published.figures import COHORT, figures_of, slug
from oncohort.published.model import Grade, Population, Published, Where
from oncohort.vocabulary.boundaries import Parsed


@dataclass(frozen=True, slots=True)
class Group:
    """A column of a paper that names its number of patients."""

    key: str
    n: int
    figures: int


def _records(published: Published) -> Iterator[tuple[str, Parsed]]:
    for each in fields(published):
        value = getattr(published, each.name)
        if isinstance(value, tuple) and value and hasattr(value[0], "population"):
            for record in value:
                yield each.name, record


def _size(record: object) -> str:
    own = getattr(record, "n", "")
    grades: tuple[Grade, ...] = getattr(record, "grades", ())
    return str(own or next((g.n for g in grades if g.n), ""))


def groups_of(published: Published) -> tuple[Group, ...]:
    """Columns with a number of patients and figures, those with most figures first.

    Examples
    --------
    >>> from oncohort.published.model import Categorical, Level
    >>> sex = Categorical("Sex", (Level("Male", "8", "40"),), "Arm A (n = 20)", "20")
    >>> groups_of(Published(variables=(sex,)))
    (Group(key='Arm A (n = 20)', n=20, figures=2),)
    """
    sizes: dict[str, Counter[str]] = {}
    for _, record in _records(published):
        if record.population not in COHORT and _size(record).isdigit():
            sizes.setdefault(record.population, Counter())[_size(record)] += 1
    out = []
    for key, found in sizes.items():
        n = int(found.most_common(1)[0][0])
        figures = len(figures_of(_only(published, frozenset({key}), n)))
        if n > 1 and figures:
            out.append(Group(key, n, figures))
    return tuple(sorted(out, key=lambda g: (-g.figures, g.key)))


def _only(published: Published, keys: frozenset[str], n: int | None) -> Published:
    """The records of these populations as those of the cohort, with its size."""
    kept: dict[str, list[object]] = {}
    for name, record in _records(published):
        rows = kept.setdefault(name, [])
        if record.population in keys:
            rows.append(replace(record, population="cohort"))
    people = published.populations
    if n is not None:
        whole = Population("cohort", ", ".join(sorted(keys)), str(n), Where())
        people = (whole, *(p for p in people if p.key != "cohort"))
    changed: dict[str, Parsed] = {name: tuple(rows) for name, rows in kept.items()}
    return replace(published, populations=people, **changed)


def of_cohort(published: Published) -> Published:
    """Only what is certain to be of the whole cohort: figures read from a paper by a program.

    There an empty population is "not known", while a person who types figures means the cohort.
    Adverse events of a table with several groups of columns are those of arms.
    """
    found = _only(published, frozenset({"cohort"}), None)
    several = {a.where.table for a in found.adverse_events if a.group}
    events = tuple(a for a in found.adverse_events if a.where.table not in several)
    return replace(found, adverse_events=events)


def of_group(published: Published, name: str) -> Published | None:
    """The figures of the column that is called so (or the only one whose heading has the words).

    None where no column, or more than one, is meant.

    Examples
    --------
    >>> from oncohort.published.model import Categorical, Level
    >>> sex = Categorical("Sex", (Level("Male", "8", "40"),), "Arm A (n = 20)", "20")
    >>> of_group(Published(variables=(sex,)), "arm a").n
    20
    """
    groups = groups_of(published)
    exact = [g for g in groups if g.key == name]
    near = [g for g in groups if slug(name) and slug(name) in slug(g.key)]
    chosen = exact or near
    if len(chosen) != 1:
        return None
    return _only(published, frozenset({chosen[0].key}), chosen[0].n)
