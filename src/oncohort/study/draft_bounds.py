"""Groups of which one lies within another: `50` beside `>=50`."""

from __future__ import annotations

import re
from collections.abc import Iterable

from oncohort.problems import Wrong
from oncohort.protocol.toml_text import toml_header, toml_line
from oncohort.records.profile import Profile
from oncohort.study.drafting import Question, Section

_BOUND = re.compile(r"^(>=|<=|>|<|≥|≤)\s*(-?\d+(?:\.\d+)?)\s*%?$")
_NUMBER = re.compile(r"^(-?\d+(?:\.\d+)?)\s*%?$")


def overlapping(values: Iterable[str]) -> tuple[str, str] | None:
    """A number and a bound among some groups that it lies within.

    Examples
    --------
    >>> overlapping(["<1", "5", "50", ">=50"]), overlapping(["0", "1-49", ">=50"])
    (('50', '>=50'), None)
    """
    held = list(values)
    numbers = [(v, float(m[1])) for v in held if (m := _NUMBER.match(v.strip()))]
    for text in held:
        found = _BOUND.match(text.strip())
        if found is None:
            continue
        sign, limit = found[1], float(found[2])
        for written, number in numbers:
            beyond = number < limit if sign[0] in "<≤" else number > limit
            if beyond or (number == limit and sign not in "<>"):
                return written, text
    return None


def ask_overlap(section: Section, column: str, held: Profile) -> Section:
    """The section of a covariate in groups, with a question where two of them overlap."""
    found = overlapping(held.counts)
    if found is None:
        return section
    name = section.path[1]
    text = (
        f'"{column}" holds {held.top()}: "{found[0]}" is one of "{found[1]}", too. Are these '
        "groups as they stand? (yes, or leave it out; where they are not, correct the cells.)"
    )
    table_one = [toml_header("baseline"), toml_line("variables", [name])]
    question = Question(
        name, text, [section.header, *section.lines, *table_one], leave_out=("patients", column)
    )
    question.about = Wrong("patients", (section.column or column,))
    section.off = True
    section.questions.append(question)
    return section
