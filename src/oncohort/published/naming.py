"""Names of a paper as keys of a study: short, and none that a study's own columns have."""

from __future__ import annotations

from dataclasses import replace

from oncohort.published.figures import slug
from oncohort.published.model import Categorical, Published, Ratio
from oncohort.vocabulary.cohort_columns import OWN
from oncohort.vocabulary.tables import TABLES
from oncohort.vocabulary.words import level_words

_LONGEST = 28
"""Of the slug of a name that becomes a key: `<name>_<level>` has to stay below 60 letters."""


def _short(name: str, taken: dict[str, str]) -> str:
    """The name, cut at a word where it makes too long a key; different names stay different."""
    words, out = name.split(), name if len(slug(name)) <= _LONGEST else ""
    for word in words if not out else ():
        if len(slug(f"{out} {word}")) > _LONGEST - 4:
            break
        out = f"{out} {word}".strip()
    out = out or name[: _LONGEST - 8]
    for k in range(1, 1000):
        short = out if k == 1 else f"{out} {k}"
        if taken.setdefault(slug(short), name) == name:
            return short
    return out


def with_short_names(published: Published) -> Published:
    """Names of variables, levels and events short enough to be keys of a study.

    Examples
    --------
    >>> from oncohort.published.model import Continuous
    >>> long = Continuous("Chemotherapy cycles delivered in patients who received it", mean="4")
    >>> with_short_names(Published(summaries=(long,))).summaries[0].name
    'Chemotherapy cycles'
    """
    names: dict[str, str] = {}
    variables = []
    for v in published.variables:
        labels: dict[str, str] = {}
        levels = tuple(replace(x, label=_short(x.label, labels)) for x in v.levels)
        variables.append(replace(v, name=_short(v.name, names), levels=levels))
    terms: dict[str, str] = {}
    return replace(
        published,
        variables=tuple(variables),
        summaries=tuple(replace(s, name=_short(s.name, names)) for s in published.summaries),
        ratios=tuple(replace(r, variable=_short(r.variable, names)) for r in published.ratios),
        adverse_events=tuple(
            replace(a, term=_short(a.term, terms)) for a in published.adverse_events
        ),
    )


_SAME = {"sex": {"male", "female"}, "imdc": {"favorable", "intermediate", "poor"}}
"""Columns of patients whose meaning a variable of the paper may have, with their levels."""


def _sexes(labels: tuple[str, ...]) -> dict[str, str]:
    """Labels that are words for a sex, all of them, with its name; empty if they are not."""
    words = level_words("sex")
    found = {x: words.get(x.strip().lower(), "") for x in labels}
    whole = all(found.values()) and len(set(found.values())) == len(labels)
    return {x: sex.capitalize() for x, sex in found.items()} if whole else {}


def _own(v: Categorical) -> Categorical:
    """A name that no column of a study has; levels of sex by their usual words."""
    sexes = _sexes(tuple(x.label for x in v.levels))
    levels = tuple(replace(x, label=sexes.get(x.label, x.label)) for x in v.levels)
    key, keys = slug(v.name), {slug(x.label) for x in levels}
    numbers = all(any(c.isdigit() for c in x.label) for x in levels)
    taken = key in OWN or key in TABLES["patients"].kinds or key in ("patient", "synthetic")
    fits = keys <= _SAME.get(key, set()) or (key == "age" and numbers)
    return replace(v, name=f"{v.name} group" if taken and not fits else v.name, levels=levels)


def with_own_names(published: Published) -> Published:
    """Variables under names and levels that a study can have.

    Examples
    --------
    >>> from oncohort.published.model import Level
    >>> ecog = Categorical("ECOG", (Level("0", "12"), Level("1", "9")))
    >>> sex = Categorical("Gender", (Level("M", "12"), Level("F", "9")))
    >>> named = with_own_names(Published(variables=(ecog, sex))).variables
    >>> named[0].name, [x.label for x in named[1].levels]
    ('ECOG group', ['Male', 'Female'])
    """
    variables = tuple(_own(v) for v in published.variables)
    names = {slug(a.name): b.name for a, b in zip(published.variables, variables, strict=True)}
    sexes: dict[str, dict[str, str]] = {}
    for v in published.variables:
        found = _sexes(tuple(x.label for x in v.levels))
        sexes.setdefault(slug(v.name), {slug(k): word for k, word in found.items()})

    def renamed(r: Ratio) -> Ratio:
        words, every = sexes.get(slug(r.variable), {}), level_words("sex")

        def side(text: str) -> str:
            """A word for a sex, also one that the table does not have."""
            other = every.get(text.strip().lower(), "").capitalize() if words else ""
            return words.get(slug(text)) or other or text

        return replace(
            r,
            variable=names.get(slug(r.variable), r.variable),
            level=side(r.level),
            reference=side(r.reference),
        )

    ratios = tuple(renamed(r) for r in published.ratios)
    return replace(published, variables=variables, ratios=ratios)
