"""Problems of patients whom the criteria leave out: told apart, once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from oncohort.problems import Place, Problem, problem

_OF_WHO_IS_IN = ("", "flow")
"""Blocks of problems that bear on who is in the study; these are never set aside."""


def told_apart(
    problems: Iterable[Problem], source: Sequence[str], included: Sequence[str]
) -> list[Problem]:
    """The problems of the study's own patients, and one note for those of the others.

    Parameters
    ----------
    problems
        With what they block.
    source, included
        Patients of the chart, and those who meet the criteria.

    Examples
    --------
    >>> from oncohort.problems import problem
    >>> late = dict(late="2014-01-01", early="2014-02-01", table="patients")
    >>> found = [problem("dates.last-contact-before-start", patient=p, **late) for p in "12"]
    >>> [(p.id, p.patient) for p in told_apart(found, ["1", "2"], ["1"])]
    [('dates.last-contact-before-start', '1'), ('eligibility.of-excluded', None)]
    """
    outside = set(source) - set(included)
    kept: list[Problem] = []
    aside: dict[Problem, None] = {}
    for one in problems:
        bears = any(block.partition(".")[0] in _OF_WHO_IS_IN for block in one.blocks)
        if one.patient not in outside or bears or not included:
            kept.append(one)
        else:
            aside[one] = None
    if aside:
        listed = [f"{p.patient} ({p.id}, {p.place})" for p in aside]
        kept.append(
            problem(
                "eligibility.of-excluded",
                place=Place(file="study.toml", key="eligibility"),
                n=len(listed),
                listed=listed,
            )
        )
    return kept
