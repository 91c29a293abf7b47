"""What adverse events led to, and who started at the planned dose."""

from __future__ import annotations

from pathlib import Path

import pytest

import oncohort as oc
from oncohort.vocabulary.actions import action_of
from varied_studies import write_study


@pytest.mark.parametrize(
    ("words", "action"),
    [
        ("dose reduced", "reduced"),
        ("Drug withdrawn", "withdrawn"),
        ("dose interrupted", "interrupted"),
        ("withheld", "interrupted"),
        ("None", "none"),
        ("減量", "reduced"),
        ("see letter", None),
    ],
)
def test_words_of_charts(words: str, action: str | None) -> None:
    assert action_of(words) == action


def _with_actions(folder: Path, change: str) -> oc.Results:
    study = write_study(folder / "study", n=6, terms=3)
    events = study / "data" / "adverse_events.csv"
    events.write_text(events.read_text().replace("dose reduced", change), "utf-8")
    return oc.read_study(study).run()


def test_a_patient_counts_once_per_action(tmp_path: Path) -> None:
    results = _with_actions(tmp_path, "dose reduced")
    study = results.study
    rows = study.records.tables["adverse_events"]
    mine = rows.filter(rows["action"] == "dose reduced")["patient"].n_unique()
    assert results["safety.action.count[action=reduced]"].value == mine
    assert results["safety.action.count[action=withdrawn]"].value == 0


def test_words_that_nobody_understands_are_not_counted(tmp_path: Path) -> None:
    results = _with_actions(tmp_path, "see letter")
    assert not results.numbers.of("safety", "action", "count")


def test_only_the_first_dose_decides(tmp_path: Path) -> None:
    study = write_study(tmp_path / "study", n=5)
    doses = study / "data" / "doses.csv"
    head, first, *rest = doses.read_text().splitlines()
    lower = first.replace(",400,", ",200,")
    later = rest[0].replace(",400,", ",200,")
    patient, drug, _start, end, *tail = later.split(",")
    second = ",".join([patient, drug, end, end, *tail])
    doses.write_text("\n".join([head, lower, *rest, second]) + "\n", "utf-8")
    results = oc.read_study(study).run()
    estimate = results["exposure.agentinib.started.count"]
    assert (estimate.value, estimate.n) == (4, 5)
