"""Which numbers a change of the protocol would move, before it is kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from oncohort.analyses.result import Estimate
    from oncohort.app.opened import Opened


@dataclass(frozen=True, slots=True)
class Moved:
    """A number before and after."""

    id: str
    label: str
    before: str
    after: str


def moved_numbers(opened: Opened, text: str) -> list[Moved]:
    """Numbers that differ between the protocol as it is and another text of it.

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
    style = style_of(other.protocol.style)
    before = opened.study().analysed.numbers
    after = analyses_of(other, SECTIONS).numbers

    def shown(estimate: Estimate | None) -> str:
        return "" if estimate is None else style.value_ci(estimate)

    out = []
    for key in dict.fromkeys([*before, *after]):
        one, two = shown(before.get(key)), shown(after.get(key))
        if one != two:
            label = (after.get(key) or before[key]).label
            out.append(Moved(key, label, one, two))
    return out
