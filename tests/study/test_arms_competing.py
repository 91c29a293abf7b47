"""Arms of an endpoint with competing events: what is printed says that it is cause-specific."""

from __future__ import annotations

import random
from pathlib import Path

from oncohort.displays.spans import text_of
from oncohort.study.study import read_study

PROTOCOL = """
[study]
schema = 1
title = "Relapse by arm"
data = "data.csv"
[variables.arm]
levels = {{ a = "Standard", b = "New" }}
reference = "a"
[variables.sex]
[endpoints.relapse]
time = "months"
event = "status"
event_value = 1
{competing}
[arms]
variable = "arm"
subgroups = ["sex"]
"""


def study(folder: Path, competing: str) -> str:
    """All that the paper of a small synthetic cohort says."""
    dice = random.Random(3)
    rows = [
        f"{i},{dice.choice('ab')},{dice.choice(['male', 'female'])},{dice.expovariate(0.1):.2f},"
        f"{dice.choice([0, 1, 2]) if competing else dice.choice([0, 1])}"
        for i in range(80)
    ]
    text = "patient,arm,sex,months,status\n" + "\n".join(rows) + "\n"
    (folder / "data.csv").write_text(text, encoding="utf-8")
    (folder / "study.toml").write_text(PROTOCOL.format(competing=competing), encoding="utf-8")
    results = read_study(folder).run()
    assert "arms.relapse.hr" in {k.partition("[")[0] for k in results.numbers}
    said = [str(results.paper.sections), *(str(t.notes) for t in results.tables.values())]
    said += [text_of(f.caption) for f in results.figures.values()]
    return " ".join(said)


def test_ratios_beside_competing_events_are_called_cause_specific(tmp_path: Path) -> None:
    said = study(tmp_path, "competing = { death = 2 }\ncensored_value = 0")
    assert "cause-specific" in said and "Cause-specific hazard ratio for" in said
    assert "leave the risk set at a competing event" in said


def test_that_no_model_is_selected_by_screening_is_said(tmp_path: Path) -> None:
    screened = """competing = { death = 2 }
censored_value = 0
[prognosis]
candidates = ["arm", "sex"]
selection = "%s"
"""
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    words = "selected by screening"
    assert words in study(tmp_path / "a", screened % "screening")
    assert words not in study(tmp_path / "b", screened % "prespecified")


def test_ratios_without_competing_events_are_not(tmp_path: Path) -> None:
    said = study(tmp_path, "")
    assert "ause-specific" not in said and "Hazard ratio for" in said
