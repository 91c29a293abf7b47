"""One time in two columns by how it ended: `Died after (months)` beside `Alive after (months)`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from oncohort.records.columns import as_list
from oncohort.records.grid import Cell, Column, Raw
from oncohort.records.names import column_at, header_unit
from oncohort.records.profile import Profile
from oncohort.records.told_times import with_column
from oncohort.records.values import text_of
from oncohort.vocabulary.mentions import mentions
from oncohort.vocabulary.words import is_missing, outcome_words

STATUS = "Survival status"
"""What the column with `dead` and `alive` is called."""
_FEWEST = 3


def survival_time(name: str) -> str:
    """What the column with the time is called.

    Parameters
    ----------
    name
        The chart's column with the times of the dead.

    Examples
    --------
    >>> survival_time("Died (mo)"), survival_time("Time to death, days"), survival_time("Died")
    ('Survival time (mo)', 'Survival time (days)', 'Survival time')
    """
    unit = _unit(name)
    return f"Survival time ({unit})" if unit else "Survival time"


def _unit(name: str) -> str:
    """The unit in brackets, or a word of the name that is one."""
    known = {w for words in outcome_words("unit").values() for w in words}
    named = [w for w in re.findall(r"[^\W\d_]+", name) if w.casefold() in known and len(w) > 1]
    return header_unit(name) or next(iter(named), "")


def _filled(value: Cell) -> bool:
    return value is not None and text_of(value) != "" and not is_missing(text_of(value))


def find_outcome_times(
    names: Sequence[str], held: Mapping[str, Profile], columns: Mapping[str, Column]
) -> dict[str, str]:
    """The column with the times of the dead and that of the living, where no row has both.

    Returns
    -------
    dict
        `dead` and `alive` = the chart's columns; empty where there are none.

    Examples
    --------
    >>> from oncohort.records.profile import profile
    >>> columns = {"Died after (mo)": [3, None, 9, None, 5], "Alive after (mo)": [None, 7, None, 8,
    ...            None]}
    >>> find_outcome_times(list(columns), {n: profile(v) for n, v in columns.items()}, columns)
    {'dead': 'Died after (mo)', 'alive': 'Alive after (mo)'}
    """
    times = [n for n in names if held[n].mostly == "number" and held[n].numbers == held[n].n]
    dead = [n for n in times if mentions(n, "death") and not mentions(n, "of_the_living")]
    alive = [n for n in times if mentions(n, "of_the_living") and not mentions(n, "death")]
    if len(dead) != 1 or len(alive) != 1:
        return {}
    first, second = dead[0], alive[0]
    if _unit(first).casefold() != _unit(second).casefold():
        return {}
    if min(held[first].n, held[second].n) < 1 or held[first].n + held[second].n < _FEWEST:
        return {}
    pairs = zip(as_list(columns[first]), as_list(columns[second]), strict=True)
    if any(_filled(a) and _filled(b) for a, b in pairs):
        return {}
    return {"dead": first, "alive": second}


def with_outcome_times(raw: Raw, apart: Mapping[str, str]) -> tuple[Raw, list[str]]:
    """The table with one column for the time and one for how it ended.

    A row that has both times, or none, has neither time nor status.

    Parameters
    ----------
    apart
        `dead` and `alive` = the chart's columns.

    Returns
    -------
    tuple
        The table, and the columns that it does not have.

    Examples
    --------
    >>> names, times = ("Died (mo)", "Alive (mo)"), ([3, None, 2], [None, 7, 4])
    >>> raw = Raw("c.csv", None, names, times, [2, 3, 4])
    >>> made, _ = with_outcome_times(raw, {"dead": "Died (mo)", "alive": "Alive (mo)"})
    >>> made.names[2:], made.columns[2:]
    (('Survival time (mo)', 'Survival status'), [[3, 7, None], ['dead', 'alive', None]])
    """
    if not apart:
        return raw, []
    at = {state: column_at(raw.names, name) for state, name in apart.items()}
    absent = [apart[state] for state, i in at.items() if i is None]
    dead, alive = at.get("dead"), at.get("alive")
    if dead is None or alive is None:
        return raw, absent
    times: list[Cell] = []
    states: list[Cell] = []
    for a, b in zip(as_list(raw.columns[dead]), as_list(raw.columns[alive]), strict=True):
        one = _filled(a) is not _filled(b)
        times.append((a if _filled(a) else b) if one else None)
        states.append(("dead" if _filled(a) else "alive") if one else None)
    raw = with_column(raw, survival_time(raw.names[dead]), times, dead)
    return with_column(raw, STATUS, states, dead), []


__all__ = ["STATUS", "find_outcome_times", "survival_time", "with_outcome_times"]
