"""Charts without names of columns, with visits without days, with times from entry on."""

from __future__ import annotations

from pathlib import Path

from charts_told import TENTHS_MEDIAN
from cohort import DEATHS, OS_MEDIAN, PEOPLE, at, chart, comma, dated, km_median, months, save

TEN = [round(p.days / 30.4375, 1) for p in PEOPLE]
YEARS = [round(p.days / 365.25, 4) for p in PEOPLE]
YEARS_MEDIAN = km_median(YEARS, [p.dead for p in PEOPLE]) * 12
BEST = {0: "CR", 1: "SD", 2: "PD"}
VISITS = {0: ("PR", "PR", "CR"), 1: ("SD", "SD", "PD"), 2: ("PD", None, None)}


@chart(
    responders=None,
    median=TENTHS_MEDIAN,
    answers={"endpoint": "os, time = C, event = D, 1, months"},
)
def numbers_without_names(path: Path) -> Path:
    """As files of data sets are kept: the names stand in another file."""
    return comma(path, [[p.age, 58 + p.number % 12, t, int(p.dead)]
                        for p, t in zip(PEOPLE, TEN, strict=True)])  # fmt: skip


@chart(
    responders=None,
    median=None,
    deaths=None,
    answers={"is_sex": "yes", "endpoint": "none"},
)
def a_first_row_of_words_is_a_patient(path: Path) -> Path:
    """The first patient would be lost as a row of names."""
    return save(path, *[[p.number, p.sex, "left" if p.number % 2 else "right", "yes", p.age]
                        for p in PEOPLE])  # fmt: skip


@chart(
    answers={"best_response": "yes"},
    responders=sum(BEST[p.number % 3] == "CR" for p in PEOPLE),
    truths={
        "response.best.count[level=cr]": sum(BEST[p.number % 3] == "CR" for p in PEOPLE),
        "response.best.count[level=sd]": sum(BEST[p.number % 3] == "SD" for p in PEOPLE),
        "response.best.count[level=pd]": sum(BEST[p.number % 3] == "PD" for p in PEOPLE),
    },
)
def responses_at_cycles_without_days(path: Path) -> Path:
    head = ["ID", "Age", "Start", "Resp C2", "Resp C4", "Resp C6", "Death", "Last contact"]
    rows = [[*dated(p)[0:1], p.age, at(p.start), *VISITS[p.number % 3], *dated(p)[6:]]
            for p in PEOPLE]  # fmt: skip
    return save(path, head, *rows)


@chart(responders=None, median=YEARS_MEDIAN, answers={"os": "1"})
def ages_at_entry_and_at_the_end(path: Path) -> Path:
    rows = [[p.number, p.sex, p.age + 0.5, round(p.age + 0.5 + y, 4), int(p.dead)]
            for p, y in zip(PEOPLE, YEARS, strict=True)]  # fmt: skip
    return save(path, ["ID", "Sex", "Age at entry", "Age at end", "Died"], *rows)


@chart(
    responders=None,
    answers={"endpoint": "os, time under observation, 1, days"},
)
def times_that_begin_before_entry(path: Path) -> Path:
    rows = [[p.number, p.sex, 5 * p.number, 5 * p.number + p.days, int(p.dead)] for p in PEOPLE]
    return save(path, ["ID", "Sex", "entry", "time", "status"], *rows)


@chart(responders=None, deaths=DEATHS)
def days_to_death_beside_months_of_follow_up(path: Path) -> Path:
    rows = [[p.number, p.age, p.days if p.dead else None, months(p)] for p in PEOPLE]
    return save(path, ["ID", "Age", "Days to death", "Follow-up (months)"], *rows)


@chart(responders=None, deaths=DEATHS, median=OS_MEDIAN, answers={"deaths": "yes"})
def days_and_codes_in_the_name(path: Path) -> Path:
    rows = [[p.number, p.age, at(p.start), at(p.last), int(p.dead)] for p in PEOPLE]
    head = ["ID", "Age", "Start", "Last FU", "Dead (1) / Alive (0)"]
    return save(path, head, *rows)
