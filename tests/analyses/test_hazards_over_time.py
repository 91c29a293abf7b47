"""Proportional hazards where a level can't be estimated, and rows cut at stated times."""

from __future__ import annotations

import numpy as np
from cohorts import cohort, patients
from hypothesis import given
from hypothesis import strategies as st

from oncohort.analyses import prognosis
from oncohort.analyses.changing_effects import split_rows
from oncohort.analyses.result import Numbers

TEXT = (
    "[endpoints.os]\n[variables.stage]\nlevels = { a = 'A', b = 'B', c = 'C' }\n"
    "[variables.age]\n[prognosis]\ncandidates = ['stage', 'age']\n"
)


def test_a_level_without_events_keeps_the_joint_test_and_the_test_of_hazards() -> None:
    n = 24
    p, c = cohort(
        TEXT,
        patients(
            n,
            days=[50 + 17 * i for i in range(n)],
            dead=[i % 3 != 2 for i in range(n)],
            stage=["abc"[i % 3] for i in range(n)],
            age=[40 + (i * 7) % 31 for i in range(n)],
        ),
    )
    found = prognosis.analyse(p, c)
    assert found is not None
    numbers = Numbers([found])
    level = numbers["prognosis.os.hr[level=c,model=multi,variable=stage]"]
    assert level.state == "not_estimable"
    joint = numbers["prognosis.os.p_overall[model=multi,variable=stage]"]
    assert joint.value is not None and "likelihood-ratio" in joint.method
    assert numbers["prognosis.os.ph[model=multi]"].value is not None
    assert numbers["prognosis.os.ph[model=multi,variable=age]"].value is not None
    assert numbers["prognosis.os.concordance[model=multi]"].note


@given(
    st.lists(st.tuples(st.integers(0, 40), st.booleans()), min_size=1, max_size=20),
    st.lists(st.integers(1, 35), min_size=1, max_size=4, unique=True).map(sorted),
)
def test_split_rows_keep_events_and_time(rows: list[tuple[int, bool]], cuts: list[int]) -> None:
    time = np.array([float(t) for t, _ in rows])
    event = np.array([e for _, e in rows])
    row, interval, start, stop, happened = split_rows(time, event, None, cuts)
    assert happened.sum() == event.sum()
    assert (stop > start).all()
    for i in range(len(rows)):
        mine = row == i
        assert stop[mine].max() == time[i]
        assert (stop[mine] - start[mine]).sum() == time[i] + 1  # at risk from just after -1
        assert len(set(interval[mine])) == mine.sum()
