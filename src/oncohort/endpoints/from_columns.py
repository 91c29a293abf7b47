"""Endpoints from columns: pairs of a time and an event flag, one or several."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from oncohort.endpoints.declared import parts_of
from oncohort.endpoints.parts import first_of
from oncohort.endpoints.reduced import Coding, reduced
from oncohort.problems import Problem, problem
from oncohort.protocol.endpoints import Endpoint, TimedEvent, codes


def frame_of_pairs(
    key: str,
    declared: Endpoint,
    pairs: Mapping[str, TimedEvent],
    patients: pl.DataFrame,
    unit: str,
) -> tuple[pl.DataFrame, list[Problem]]:
    """The endpoint from its pairs of columns; of several the first event of any pair counts.

    Parameters
    ----------
    pairs
        Name of a part = its columns; a single pair has the name "".
    unit
        Of the time columns.
    """
    others = declared.competing if isinstance(declared.competing, dict) else {}
    frames: dict[str, pl.DataFrame] = {}
    problems: list[Problem] = []
    for part, pair in pairs.items():
        coding = Coding(
            codes(pair.event_value),
            {key: codes(values) for key, values in others.items()},
            codes(pair.censored_value),
        )
        where = f"{key}.parts.{part}" if part else key
        frames[part], found = reduced(
            patients, key=where, time=pair.time, event=pair.event, event_value=coding, unit=unit
        )
        problems += found
    if not declared.parts:
        return frames[""], problems
    frame, apart = first_of(frames, competing=tuple(declared.competing), followed=declared.followed)
    if apart and declared.followed is None:
        label = declared.label or key.upper()
        problems.append(
            problem(
                "endpoints.followed-apart",
                blocks=parts_of(key, declared),
                label=label,
                n=apart,
                key=key,
            )
        )
    return frame, problems


def charted_in_words(declared: Endpoint, pairs: Mapping[str, TimedEvent]) -> str:
    """How times and events of columns were read."""
    told = []
    for part, pair in pairs.items():
        values = " or ".join(str(v) for v in codes(pair.event_value))
        name = f"{part.replace('_', ' ')}: " if part else ""
        told.append(f'{name}"{pair.event}" = {values} is the event')
    if isinstance(declared.competing, dict):
        for key, held in declared.competing.items():
            values = " or ".join(str(v) for v in codes(held))
            told.append(f"{values} is a competing event ({key.replace('_', ' ')})")
    text = f"time and event as charted ({'; '.join(told)})"
    if declared.date is not None:
        start = declared.origin.replace("_", " ")
        text = f'from {start} to the day in "{declared.date}" ({"; ".join(told)})'
    if declared.parts:
        text += "; the first event counts"
    if declared.followed:
        text += f", and without one the {declared.followed} of the times"
    return text
