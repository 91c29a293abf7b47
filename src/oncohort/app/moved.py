"""Which numbers a change of the protocol would move, before it is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oncohort.dataclass import dataclass

if TYPE_CHECKING:
    from oncohort.analyses.result import Estimate
    from oncohort.app.opened import Opened
    from oncohort.problems import Problem
    from oncohort.protocol.number_style import Style
    from oncohort.study.study import Study


@dataclass(frozen=True, slots=True)
class Moved:
    """A number before and after."""

    id: str
    label: str
    before: str
    after: str


def moved_numbers(opened: Opened, text: str) -> tuple[list[Moved], Study]:
    """Numbers that differ between the protocol as it is and another text of it, and its study.

    Raises
    ------
    OncohortError
        The text is no protocol that can be read.
    """
    from oncohort.displays.sections import SECTIONS
    from oncohort.displays.styles import style_of
    from oncohort.study.running import analyses_of
    from oncohort.study.study import study_of

    other = study_of(opened.folder, text)
    styles = style_of(opened.study().protocol.style), style_of(other.protocol.style)
    before = opened.study().analysed.numbers
    after = analyses_of(other, SECTIONS).numbers

    def shown(estimate: Estimate | None, style: Style) -> str:
        if estimate is None:
            return ""
        value = style.value_ci(estimate)
        return f"{value} %" if estimate.unit == "%" and "%" not in value else value

    out = []
    for key in dict.fromkeys([*before, *after]):
        one, two = shown(before.get(key), styles[0]), shown(after.get(key), styles[1])
        if one != two:
            label = (after.get(key) or before[key]).label
            out.append(Moved(key, label, one, two))
    return out, other


def new_errors(opened: Opened, other: Study) -> list[Problem]:
    """What is wrong in a changed study and was not before."""
    from oncohort.problems import errors

    known = set(opened.study().data_problems)
    return [p for p in errors(other.data_problems) if p not in known]
