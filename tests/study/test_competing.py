"""Studies with competing events: public data as printed and as R has it, and awkward data."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

import oncohort as oc
from oncohort.problems import Problem
from oncohort.study.results import Results
from oncohort.study.study import Study

PUBLIC = Path(__file__).parent / "public"
HEAD = """
[study]
schema = 1
title = "A made-up study"
data = "data.csv"
time_unit = "days"
synthetic = true
[tables.patients]
file = "data.csv"
"""
COLUMN = 'time = "time"\nevent = "status"\nevent_value = 1\ncompeting = { death = 2 }\n'


def public(tmp_path: Path, name: str) -> Results:
    shutil.copy(PUBLIC / f"{name}.csv", tmp_path)
    shutil.copy(PUBLIC / f"{name}.toml", tmp_path / "study.toml")
    return oc.read_study(tmp_path).run()


def study(tmp_path: Path, text: str, **columns: list[Any]) -> Study:
    """A study of made-up patients."""
    n = len(next(iter(columns.values())))
    rows = [
        ["patient", *columns],
        *([f"P{i}", *(c[i] for c in columns.values())] for i in range(n)),
    ]
    with (tmp_path / "data.csv").open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    (tmp_path / "study.toml").write_text(HEAD + text, encoding="utf-8")
    return oc.read_study(tmp_path)


def found(problems: Any, id_: str) -> list[Problem]:
    return [p for p in problems if p.id == id_]


@pytest.fixture(scope="module")
def mgus(tmp_path_factory: pytest.TempPathFactory) -> Results:
    return public(tmp_path_factory.mktemp("mgus"), "mgus2")


def test_the_printed_numbers_of_the_mgus_study(mgus: Results) -> None:
    """Therneau, Crowson and Atkinson, Multi-state models and competing risks (vignette `compete`
    of the R package survival 3.5), sections 2.2, 3.1 and 3.2: 115 malignancies, 860 deaths first;
    cause-specific ratios 0.9950, 2.4208 and 1.4754; subdistribution ratio of sex 0.7953.
    """

    def shown(id_: str, digits: int) -> float:
        value = mgus[f"incidence.pcm.{id_}"].value
        assert value is not None
        return round(value, digits)

    assert shown("events[cause=event]", 0) == 115
    assert shown("events[cause=death]", 0) == 860
    assert shown("censored", 0) == 409
    assert shown("events[cause=death,group=male,variable=sex]", 0) == 490
    cox = "hr[cause={},hazard=cause_specific,model=multi,variable={}]"
    assert shown(cox.format("event", "sex"), 4) == 0.9950
    assert shown(cox.format("event", "mspike"), 4) == 2.4208
    assert shown(cox.format("death", "sex"), 4) == 1.4754
    # finegray takes Efron's ties, crr Breslow's: the third digit may differ
    assert shown("hr[cause=event,hazard=subdistribution,model=uni,variable=sex]", 3) == 0.795
    assert mgus["incidence.pcm.model_n[cause=event,model=multi]"].value == 1373


def test_numbers_agree_with_cmprsk_and_survival(mgus: Results) -> None:
    r = json.loads((PUBLIC / "competing.json").read_text("utf-8"))
    for k, time in enumerate((60, 120, 240)):
        for cause, name in (("event", "pcm"), ("death", "death")):
            whole = mgus[f"incidence.pcm.at[cause={cause},time={time}]"]
            assert whole.value == pytest.approx(100 * r[f"incidence_{name}"][k], rel=1e-8)
            for group in ("female", "male"):
                part = f"incidence.pcm.at[cause={cause},group={group},time={time},variable=sex]"
                assert mgus[part].value == pytest.approx(100 * r[f"{group}_{name}"][k], rel=1e-8)
    for k, cause in enumerate(("event", "death")):
        p = mgus[f"incidence.pcm.gray[cause={cause},variable=sex]"].value
        assert p == pytest.approx(r["gray"][k], rel=1e-8)
    fits = (
        ("cause_pcm", "event", "cause_specific", 1e-8),
        ("cause_death", "death", "cause_specific", 1e-8),
        ("fine_gray", "event", "subdistribution", 1e-6),  # crr iterates to less
    )
    for name, cause, hazard, rel in fits:
        for k, variable in enumerate(("age", "sex", "mspike")):
            keys = f"[cause={cause},hazard={hazard},model=multi,variable={variable}]"
            ratio = mgus[f"incidence.pcm.hr{keys}"]
            for value, which in ((ratio.value, "hr"), (ratio.low, "low"), (ratio.high, "high")):
                assert value == pytest.approx(r[name][which][k], rel=rel)
            assert mgus[f"incidence.pcm.p{keys}"].value == pytest.approx(r[name]["p"][k], rel=1e-6)


def test_tables_figures_and_sentences_are_made(mgus: Results) -> None:
    table = mgus.paper.tables["incidence"]
    assert [c.text for c in table.rows[1].cells][:3] == ["Plasma cell malignancy", "1384", "115"]
    models = mgus.paper.tables["incidence_models"]
    heads = [c.spanners for c in models.columns[1::2]]
    assert ("Plasma cell malignancy", "Subdistribution") in heads
    assert ("Death without malignancy", "Cause-specific") in heads
    assert {"incidence_pcm", "incidence_pcm_by_sex"} <= set(mgus.paper.figures)
    assert not [k for k in mgus.numbers if k.startswith(("survival.", "prognosis."))]
    assert all(i in mgus.numbers for t in (table, models) for i in t.ids)


def test_one_kaplan_meier_curve_with_censored_deaths_is_too_high(tmp_path: Path) -> None:
    """What the caution is about: the incidence lies below one minus Kaplan-Meier."""
    both = "[endpoints.relapse]\nlandmarks = [200]\n" + COLUMN
    columns = {"time": list(range(10, 310, 10)), "status": [1, 2, 0] * 10}
    whole = study(tmp_path, both, **columns).run()
    incidence = whole["incidence.relapse.at[cause=event,time=200]"].value
    plain = both.replace("competing = { death = 2 }\n", "censored_value = [0, 2]\n")
    alone = study(tmp_path, plain, **columns).run()["survival.relapse.at[time=200]"].value
    assert incidence is not None and alone is not None
    assert incidence < 100 - alone - 4


def test_a_third_value_is_asked_for_and_never_guessed(tmp_path: Path) -> None:
    text = '[endpoints.a]\ntime = "time"\nevent = "status"\nevent_value = 1\n'
    columns = {"time": [1, 2, 3, 4], "status": [0, 1, 2, 3]}
    s = study(tmp_path, text, **columns)
    [p] = found(s.problems, "endpoints.event-values")
    assert "competing = { ... }" in p.todo and set(p.blocks) == {
        "survival.a",
        "survival.follow_up",
    }
    s = study(tmp_path, text + "competing = { death = 2 }\n", **columns)
    [p] = found(s.problems, "endpoints.event-values")
    assert "what 0, 3 means is not declared" in p.what and p.blocks == ("incidence.a",)
    s = study(tmp_path, text + "competing = { death = 2, other = 3 }\n", **columns)
    assert not s.problems
    s = study(tmp_path, text + "competing = { death = 9 }\ncensored_value = [0, 2, 3]\n", **columns)
    assert not found(s.problems, "endpoints.event-value-absent")
    s = study(tmp_path, text + "competing = { death = 9 }\n", **columns)
    assert found(s.problems, "endpoints.event-value-absent")


AWKWARD: dict[str, dict[str, list[Any]]] = {
    "no event of either kind": {"time": [1, 2, 3, 4], "status": [0] * 4, "arm": list("aabb")},
    "competing events only": {"time": [1, 2, 3, 4], "status": [2, 0, 2, 0], "arm": list("aabb")},
    "nobody censored": {"time": [1, 2, 3, 4], "status": [1, 2, 1, 2], "arm": list("aabb")},
    "all on one day": {"time": [5, 5, 5, 5], "status": [1, 2, 0, 1], "arm": list("aabb")},
    "one group only": {"time": [1, 2, 3, 4], "status": [1, 2, 0, 1], "arm": list("aaaa")},
    "a group without events": {"time": [1, 2, 3, 4], "status": [1, 2, 0, 0], "arm": list("aabb")},
    "group missing": {"time": [1, 2, 3, 4], "status": [1, 2, 0, 1], "arm": ["a", None, "b", "b"]},
    "time missing": {"time": [1, None, 3, 4], "status": [1, 2, 0, 1], "arm": list("aabb")},
    "time 0": {"time": [0, 0, 3, 4], "status": [1, 2, 0, 1], "arm": list("aabb")},
    "one patient": {"time": [3], "status": [1], "arm": ["a"]},
}


@pytest.mark.parametrize("columns", AWKWARD.values(), ids=AWKWARD.keys())
def test_awkward_data_are_said_not_crashed(tmp_path: Path, columns: dict[str, list[Any]]) -> None:
    text = (
        '[variables.arm]\nlevels = { a = "A", b = "B", c = "Empty" }\n'
        '[endpoints.relapse]\nby = ["arm"]\nlandmarks = [2, 99]\n'
        + COLUMN
        + "censored_value = 0\n[prognosis]\ncandidates = ['arm']\n"
    )
    results = study(tmp_path, text, **columns).run()
    known = sum(t is not None for t in columns["time"])
    if found(results.problems, "endpoints.event-value-absent"):
        assert ("incidence", "relapse") in {o.path for o in results.left_out}
        return
    counted = [
        results[f"incidence.relapse.{what}"].value
        for what in ("events[cause=event]", "events[cause=death]", "censored")
    ]
    assert sum(counted) == known == results["incidence.relapse.n"].value
    results.write(tmp_path / "out")


def test_incidences_of_all_kinds_and_the_event_free_add_up(tmp_path: Path) -> None:
    columns = {"time": [1, 2, 2, 3, 5, 8, 9, 12], "status": [1, 2, 0, 1, 2, 1, 0, 2]}
    text = "[endpoints.relapse]\nlandmarks = [1, 4, 9]\n" + COLUMN
    results = study(tmp_path, text, **columns).run()
    km = oc.stats.kaplan_meier(columns["time"], [s > 0 for s in columns["status"]])
    for time, row in zip((1, 4, 9), km.at([1, 4, 9]), strict=True):
        parts = [
            results[f"incidence.relapse.at[cause={c},time={time}]"].value
            for c in ("event", "death")
        ]
        assert sum(parts) + 100 * row.survival == pytest.approx(100)


PARTS = (
    '[endpoints.rfs]\nparts.relapse = {{ time = "rt", event = "re", event_value = 1 }}\n'
    'parts.death = {{ time = "dt", event = "de", event_value = [1, 3] }}\n{}'
)
PAIRS: dict[str, list[Any]] = {
    "rt": [3, 5, 4, 6],
    "re": [1, 0, 0, 0],
    "dt": [8, 5, 9, 7],
    "de": [1, 3, 1, 0],
}


def test_pairs_that_end_apart_are_asked_for(tmp_path: Path) -> None:
    s = study(tmp_path, PARTS.format(""), **PAIRS)
    [p] = found(s.problems, "endpoints.followed-apart")
    assert "in 2 patients" in p.what and p.severity is oc.Severity.QUESTION
    assert set(p.blocks) == {"survival.follow_up", "survival.rfs"}
    longest = study(tmp_path, PARTS.format('followed = "longest"\n'), **PAIRS).cohort
    assert longest.frame.select("rfs_time", "rfs_event").rows() == [
        (3.0, True), (5.0, True), (9.0, True), (7.0, False),
    ]  # fmt: skip
    shortest = study(tmp_path, PARTS.format('followed = "shortest"\n'), **PAIRS).cohort
    assert shortest.frame.select("rfs_time", "rfs_event").rows() == [
        (3.0, True), (5.0, True), (4.0, False), (6.0, False),
    ]  # fmt: skip


DATES = """
[endpoints.local]
label = "Local recurrence"
events = ["local"]
competing = ["distant", "death"]
censoring = "last_contact"
landmarks = [50]
"""


def chart(**more: list[Any]) -> dict[str, list[Any]]:
    return {
        "treatment_start": ["2014-01-01"] * 4,
        "local": ["2014-01-11", None, "2014-01-31", None],
        "distant": ["2014-01-21", "2014-01-21", "2014-01-31", None],
        "last_contact": ["2014-02-10"] * 4,
        "death_date": [None, "2014-02-10", None, "2014-02-10"],
        **more,
    }


def test_any_date_of_the_patients_is_an_event_or_competes(tmp_path: Path) -> None:
    s = study(tmp_path, DATES, **chart())
    assert s.cohort.frame["local_cause"].to_list() == ["event", "distant", "event", "death"]
    assert s.cohort.frame["local_time"].to_list() == [10.0, 20.0, 30.0, 40.0]
    results = s.run()
    assert results["incidence.local.events[cause=distant]"].value == 1
    assert "competing events: distant and death" in s.cohort.meaning.endpoints["local"].method
    assert "competing event: distant on 2014-01-21" in s.explain("P1")


def test_an_event_that_is_no_date_is_named(tmp_path: Path) -> None:
    s = study(tmp_path, DATES.replace('"distant"', '"distnat"'), **chart())
    [p] = found(s.problems, "endpoints.no-event-date")
    assert 'Did you mean "distant"?' in p.todo and p.blocks == ("incidence.local",)
    assert [o.path for o in s.run().left_out] == [("incidence", "local")]


CAUSES = '[endpoints.css]\nevents = ["death"]\ncauses = ["Tumour"]\n{}'


def causes(*said: str | None) -> dict[str, list[Any]]:
    deaths = ["2014-01-11", "2014-01-21", "2014-01-31", "2014-02-10"]
    return chart(death_date=deaths, last_contact=deaths, death_cause=list(said), local=[None] * 4)


def test_charted_causes_make_the_event_and_what_competes(tmp_path: Path) -> None:
    data = causes("tumour", "cardiac", "tumour", "infection")
    s = study(tmp_path, CAUSES.format(""), **data)
    assert not s.problems
    assert s.cohort.frame["css_cause"].to_list() == ["event", "death_other", "event", "death_other"]
    assert "death from Tumour" in s.cohort.meaning.endpoints["css"].method
    assert "survival.follow_up.median" not in s.run().numbers  # it is not overall survival


def test_a_death_of_unknown_cause_is_asked_for(tmp_path: Path) -> None:
    data = causes("tumour", "cardiac", None, "unknown")
    s = study(tmp_path, CAUSES.format(""), **data)
    [p] = found(s.problems, "endpoints.unknown-cause")
    assert "2 patients" in p.what and p.blocks == ("incidence.css",)
    told = {"event": "event", "competing": "death_other", "leave_out": None}
    for answer, meant in told.items():
        s = study(tmp_path, CAUSES.format(f'unknown_cause = "{answer}"\n'), **data)
        assert s.cohort.frame["css_cause"].to_list()[2:] == [meant, meant]
        assert s.cohort.frame["css_time"].null_count() == (2 if meant is None else 0)
    [p] = found(study(tmp_path, CAUSES.format("").replace("Tumour", "Tumur"), **data).problems,
                "endpoints.cause-absent")  # fmt: skip
    assert 'Did you mean "tumour"?' in p.todo


def test_censored_deaths_are_cautioned_where_kaplan_meier_is_printed(tmp_path: Path) -> None:
    text = DATES.replace('competing = ["distant", "death"]\n', "")
    results = study(tmp_path, text, **chart()).run()
    [p] = found(results.problems, "survival.competing-as-censored")
    assert p.what.startswith("Local recurrence: 2 patients died without it")
    notes = " ".join(s.text for n in results.paper.tables["survival"].notes for s in n)
    assert "overstate how many have the event" in notes
    assert not found(study(tmp_path, DATES, **chart()).problems, "survival.competing-as-censored")


def test_a_spoilt_cell_takes_out_what_rests_on_it(tmp_path: Path) -> None:
    """A date that can't be read, of each column that the endpoint looks at."""
    for column in ("local", "distant", "death_date", "last_contact", "treatment_start"):
        data = chart()
        data[column] = ["31.31.2014", *data[column][1:]]
        results = study(tmp_path, DATES, **data).run()
        assert "incidence.local.n" not in results.numbers, column
        assert ("incidence", "local") in {o.path for o in results.left_out}, column
    data = {**chart(), "age": [50, 60, 70, 80], "weight": ["x", 1, 2, 3]}
    text = DATES + "[variables.weight]\nkind = 'continuous'\n[baseline]\nvariables = ['weight']\n"
    results = study(tmp_path, text, **data).run()
    assert results["incidence.local.n"].value == 4


def test_a_spoilt_covariate_takes_its_models_and_groups(tmp_path: Path) -> None:
    text = (
        "[variables.size]\nkind = 'continuous'\n[variables.big]\nfrom = 'size'\ncut = [5]\n"
        "[endpoints.relapse]\nby = ['big']\n" + COLUMN + "[prognosis]\ncandidates = ['size']\n"
    )
    columns: dict[str, list[Any]] = {"time": list(range(1, 13)), "status": [0, 1, 2] * 4}
    clean = study(tmp_path, text, size=list(range(12)), **columns).run()
    assert "incidence.relapse.gray[cause=event,variable=big]" in clean.numbers
    assert [k for k in clean.numbers if k.startswith("incidence.relapse.hr")]
    spoilt = study(tmp_path, text, size=["1,2,3", *range(1, 12)], **columns).run()
    assert spoilt["incidence.relapse.n"].value == 12
    assert not [k for k in spoilt.numbers if "incidence.relapse.hr" in k or "gray" in k]
    gone = {o.path for o in spoilt.left_out}
    assert {("incidence", "relapse", "models"), ("incidence", "relapse", "by", "big")} <= gone
