"""What rests on a spoilt cell leaves the groups, the outcomes and their models, by name."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

import oncohort as oc
from oncohort.problems import Wrong
from oncohort.protocol import parse_protocol
from oncohort.study.depends import dependence
from oncohort.study.results import Results

TEXT = """
[study]
schema = 1
title = "Groups"
data = "data.csv"
synthetic = true
[variables.arm]
levels = { a = "A", b = "B" }
[variables.age]
kind = "continuous"
[variables.relapse]
levels = { yes = "Yes", no = "No" }
[response]
source = "charted"
by = ["arm"]
[outcomes.response]
of = "response"
by = ["arm"]
[outcomes.relapse]
of = "variable"
variable = "relapse"
levels = ["yes"]
[logistic]
candidates = ["age", "arm"]
"""


def run(folder: Path, **spoilt: str) -> Results:
    rows = []
    for i in range(40):
        rows.append(
            {
                "patient": f"P{i:02}",
                "arm": "ab"[i % 2],
                "age": str(45 + i),
                "relapse": ["yes", "no", "no"][i % 3],
                "best_response": ["CR", "PR", "SD", "PD", "SD"][i % 5],
            }
        )
    rows[7] |= spoilt
    with (folder / "data.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    (folder / "study.toml").write_text(TEXT, encoding="utf-8")
    return oc.read_study(folder).run()


def test_a_clean_study_has_everything(tmp_path: Path) -> None:
    results = run(tmp_path)
    assert results.left_out == ()
    for id_ in (
        "response.orr.difference[group=b,variable=arm]",
        "outcomes.relapse.percent",
        "logistic.relapse.or[model=multi,variable=arm]",
        "logistic.response.or[model=uni,variable=age]",
    ):
        assert results[id_].value is not None


@pytest.mark.parametrize(
    ("spoilt", "left"),
    [
        (
            {"arm": "c"},
            {
                "response.by.arm",
                "outcomes.response.by.arm",
                "logistic.response",
                "logistic.relapse",
            },
        ),
        ({"relapse": "maybe"}, {"outcomes.relapse", "logistic.relapse"}),
        ({"best_response": "??"}, {"response", "outcomes.response", "logistic.response"}),
    ],
)
def test_a_spoilt_cell_takes_out_what_rests_on_it(
    tmp_path: Path, spoilt: dict[str, str], left: set[str]
) -> None:
    (tmp_path / "clean").mkdir()
    clean = run(tmp_path / "clean")
    results = run(tmp_path, **spoilt)
    named = {part.section for part in results.left_out}
    assert left <= named, named
    gone = tuple(f"{part}." for part in left if ".by." not in part)
    groups = any(".by." in part for part in left)
    for id_, estimate in clean.numbers.items():
        inside = id_.startswith(gone) or (groups and "variable=arm" in id_)
        assert (id_ not in results.numbers) == inside, id_
        if not inside:
            assert results.numbers[id_].value == estimate.value


def test_who_is_in_no_group_stays_when_the_outcomes_go(tmp_path: Path) -> None:
    """That an outcome is left out says nothing of who is in its groups."""
    (tmp_path / "clean").mkdir()
    id_ = "outcomes.groups.missing[variable=arm]"
    clean = run(tmp_path / "clean", arm="")
    results = run(tmp_path, arm="", best_response="??")
    assert clean[id_].value == results[id_].value == 1
    assert "outcomes.response" in {part.section for part in results.left_out}


SAFETY = (
    TEXT
    + """
[safety]
by = ["arm"]
labs = true
[outcomes.toxicity]
of = "adverse_event"
[exposure.sorafenib]
amount = 400
times_per_day = 2
by = ["arm"]
drug_label = "sorafenib_2005"
[outcomes.reduction]
of = "dose"
drug = "sorafenib"
"""
).replace("[logistic]", "[logistic]\noutcomes = ['toxicity', 'reduction']", 1)


@pytest.mark.parametrize(
    ("table", "column", "prefix"),
    [
        ("patients", "arm", "safety.by.arm"),
        ("patients", "arm", "exposure.sorafenib.by.arm"),
        ("adverse_events", "grade", "safety"),
        ("adverse_events", "grade", "outcomes.toxicity"),
        ("adverse_events", "end", "exposure.sorafenib.label"),
        ("adverse_events", "term", "logistic.toxicity"),
        ("doses", "amount", "outcomes.reduction"),
        ("doses", "start", "logistic.reduction"),
        ("labs", "value", "labs"),
    ],
)
def test_records_reach_events_doses_and_laboratory_values(
    table: str, column: str, prefix: str
) -> None:
    assert prefix in dependence(parse_protocol(SAFETY)).rest_on([Wrong(table, (column,))])


@pytest.mark.parametrize(
    ("table", "column", "prefix"),
    [
        ("patients", "arm", "response.by.arm"),
        ("patients", "arm", "outcomes.response.by.arm"),
        ("patients", "arm", "logistic.relapse"),
        ("patients", "age", "logistic.response"),
        ("patients", "relapse", "outcomes.relapse"),
        ("patients", "best_response", "outcomes.response"),
        ("patients", "best_response", "logistic.response"),
    ],
)
def test_columns_reach_groups_outcomes_and_models(table: str, column: str, prefix: str) -> None:
    assert prefix in dependence(parse_protocol(TEXT)).rest_on([Wrong(table, (column,))])
