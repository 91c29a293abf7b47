"""Hospitals in memory: the whole conversation without a disk, and tables on one for the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from oncohort.consortium import Combined, Plan, Round, advance, join, parse_plan, start
from oncohort.consortium.answering import Allowance, answer_questions
from oncohort.consortium.coordinator import Job
from oncohort.consortium.messages import (
    Answer,
    AskAnswer,
    AskRequest,
    CheckAnswer,
    CheckRequest,
    Envelope,
)
from oncohort.consortium.reading import Mapped
from oncohort.consortium.rows import Followed, Rows
from oncohort.consortium.view import View
from oncohort.consortium.wire import canonical, decode, encode, loads

HEAD = """
[consortium]
schema = 1
name = "trial"
sites = [{sites}]
[disclosure]
minimum = {minimum}
rows = 1
{more}
[times]
unit = "months"
grid = {grid}
[variables.age]
kind = "number"
bins = [50, 60, 70]
[variables.sex]
kind = "category"
levels = ["f", "m"]
[variables.arm]
kind = "category"
levels = ["a", "b", "c"]
[endpoints.os]
[populations.old]
where = ["age >= 60"]
"""


def plan_of(
    analyses: str,
    *,
    sites: Sequence[str] = ("north", "south", "west"),
    minimum: int = 1,
    grid: float = 1,
    more: str = "",
) -> Plan:
    named = ", ".join(f'"{s}"' for s in sites)
    return parse_plan(HEAD.format(sites=named, minimum=minimum, grid=grid, more=more) + analyses)


def rows_of(data: Mapping[str, Any], keep: Any) -> Rows:
    """Rows of columns age, sex, arm, time, event; none is missing."""
    at = np.flatnonzero(np.asarray(keep, dtype=bool))

    def code(name: str, levels: str) -> Any:
        return np.array([-1 if data[name][i] is None else levels.index(data[name][i]) for i in at])

    return Rows(
        tuple(f"p{i}" for i in at),
        {
            "age": np.array(
                [np.nan if data["age"][i] is None else data["age"][i] for i in at], float
            )
        },
        {"sex": code("sex", "fm").astype(np.int64), "arm": code("arm", "abc").astype(np.int64)},
        {
            "os": Followed(
                np.array([data["time"][i] for i in at], float),
                np.array([bool(data["event"][i]) for i in at], bool),
            )
        },
    )


def over_the_wire(body: Any) -> Any:
    """A body as it comes out at the other end."""
    envelope = Envelope("oncohort-consortium", 1, "trial", "", "", 1, "north", "", body, "")
    return decode(Envelope, loads(canonical(encode(envelope)))).body


def converse(plan: Plan, sites: Mapping[str, Rows], *, minimum: int | None = None) -> Combined:
    """Ask and answer until there are results; every message goes through JSON."""
    rounds: list[Round] = []
    answered: dict[str, Any] = {site: {} for site in sites}
    for _ in range(80):
        request = advance(plan, rounds)
        if isinstance(request, Combined):
            return request
        request = over_the_wire(request)
        answers: dict[str, Answer] = {}
        for site, rows in sites.items():
            if isinstance(request, CheckRequest):
                answers[site] = CheckAnswer((), 0, True)
                continue
            assert isinstance(request, AskRequest)
            least = plan.disclosure.minimum if minimum is None else minimum
            view = View.of(plan, rows, least, answered[site], pooled_baseline=True)
            drafted = answer_questions(view, request, Allowance(1000))
            answered[site] = drafted.sets
            answers[site] = over_the_wire(AskAnswer(drafted.items, 0))
        rounds.append(Round(request, answers))
    raise AssertionError("the conversation does not end")


TABLE = "id,os_time,os_event,age,sex,arm\n"


def write_table(path: Path, data: Mapping[str, Any], keep: Any) -> Path:
    """The rows as a CSV file."""
    lines = [
        f"{i},{data['time'][i]},{int(data['event'][i])},{data['age'][i]},{data['sex'][i]},"
        f"{data['arm'][i]}\n"
        for i in np.flatnonzero(np.asarray(keep, dtype=bool))
    ]
    path.write_text(TABLE + "".join(lines))
    return path


def written(folder: Path, plan: str, data: Mapping[str, Any]) -> tuple[Job, dict[str, Path]]:
    """A coordinator's folder, and one for each site that has its rows as a table."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "consortium.toml").write_text(plan)
    job = start(folder / "consortium.toml", folder / "job")
    sites = {}
    for site in job.plan.sites:
        table = write_table(folder / f"{site}.csv", data, [s == site for s in data["site"]])
        sites[site] = folder / f"site-{site}"
        key = folder / "job" / "keys" / f"{site}.key"
        mapped = Mapped(time_unit="months", patient="id")
        join(sites[site], folder / "consortium.toml", site, key, table, mapped)
    return job, sites
