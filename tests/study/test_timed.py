"""Groups that form later, and survival in other words: public data, R, and awkward data."""

from __future__ import annotations

import json
import shutil
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from test_competing import HEAD, found, study

import oncohort as oc
from oncohort.analyses.e_value import e_value, risk_ratio
from oncohort.displays.figures import draw
from oncohort.displays.figures.under import line_of
from oncohort.study.results import Results

PUBLIC = Path(__file__).parent / "public"
R = json.loads((PUBLIC / "timed.json").read_text("utf-8"))
OS = '[endpoints.os]\ntime = "{}"\nevent = "dead"\nevent_value = 1\n'


def public(tmp_path: Path, name: str, text: str, unit: str = "days") -> Results:
    shutil.copy(PUBLIC / f"{name}.csv", tmp_path / "data.csv")
    head = HEAD.replace('"days"', f'"{unit}"').replace("synthetic = true\n", "")
    (tmp_path / "study.toml").write_text(head + text, encoding="utf-8")
    return oc.read_study(tmp_path).run()


def close(results: Results, path: str, levels: str, r: dict[str, float], rel: float) -> None:
    """Ratio, ends of its interval and p are those of R."""
    ratio = results[f"{path}.hr[{levels}]"]
    assert ratio.value == pytest.approx(r["hr"], rel=rel)
    assert ratio.low == pytest.approx(r["low"], rel=rel)
    assert ratio.high == pytest.approx(r["high"], rel=rel)
    assert results[f"{path}.p[{levels}]"].value == pytest.approx(r["p"], rel=rel)


GVHD = """
[variables.age]
unit = "years"
[time_dependent.gvhd]
label = "Acute graft-versus-host disease"
endpoint = "os"
time = "gvhd"
landmarks = [90]
adjust = ["age"]
"""


def test_landmark_and_time_dependent_model_of_transplants_agree_with_r(tmp_path: Path) -> None:
    results = public(tmp_path, "bmt", OS.format("days") + GVHD)
    path, landmark = "time_dependent.gvhd", R["landmark"]
    close(results, path, "model=landmark,time=90", landmark, 1e-8)
    close(results, path, "model=uni", R["covariate"], 1e-8)
    close(results, path, "model=adjusted", R["adjusted"], 1e-8)
    assert results[f"{path}.logrank[time=90]"].value == pytest.approx(landmark["logrank"], rel=1e-8)
    for group in ("changed", "unchanged"):
        median = results[f"{path}.median[group={group},time=90]"].value
        assert median == pytest.approx(landmark[f"median_{group}"], rel=1e-8)
    n = [results[f"{path}.n[group={g},time=90]"].value for g in ("changed", "unchanged")]
    assert n == [landmark["changed"], landmark["n"] - landmark["changed"]]
    out = [results[f"{path}.left_out[reason={r},time=90]"].value for r in ("event", "censored")]
    assert sum(n) + sum(out) == 137
    table = results.paper.tables["time_dependent"]
    assert [r.cells[0].text for r in table.rows][1:] == [
        "From 90 days", "Time-dependent", "Time-dependent, adjusted",
    ]  # fmt: skip
    assert "landmark_gvhd" in results.paper.figures
    assert all(i in results.numbers for i in table.ids)


def test_the_stanford_transplants_as_printed(tmp_path: Path) -> None:
    """Therneau, Crowson and Atkinson, Using time dependent covariates (vignette `timedep` of the R
    package survival 3.5), section 3.3: 75 deaths, 69 transplants (two on day 0 and 67 within).
    """
    text = OS.format("days") + (
        "[variables.age]\n[variables.surgery]\n[time_dependent.tx]\nendpoint = 'os'\ntime = 'tx'\n"
        "adjust = ['age', 'surgery']\n"
    )
    results = public(tmp_path, "jasa", text)
    assert results["time_dependent.tx.changed"].value == 69
    assert results["survival.os.events"].value == 75
    close(results, "time_dependent.tx", "model=adjusted", R["jasa"], 1e-8)


def test_restricted_means_of_ovarian_cancer_as_printed(tmp_path: Path) -> None:
    """Therneau, A package for survival analysis (vignette `survival`), `print(fit1, rmean = 730)`:
    666 days (standard error 35.4) without, 463 (62.1) with residual disease.
    """
    text = "[variables.residual]\n" + OS.format("days")
    results = public(tmp_path, "ovarian", text + "by = ['residual']\nrestricted_mean = [730]\n")
    for group, mean, error in (("no", 666, 35.4), ("yes", 463, 62.1)):
        e = results[f"contrasts.os.rmst[group={group},time=730,variable=residual]"]
        assert e.value is not None and e.high is not None
        assert round(e.value) == mean
        assert round((e.high - e.value) / 1.959964, 1) == error


def test_restricted_means_and_survival_at_5_years_of_the_pbc_trial(tmp_path: Path) -> None:
    """Vignette of survRM2 (rmst2, tau = 10 years): 7.146 and 7.283, difference -0.137."""
    text = (
        "[variables.arm]\nlevels = { placebo = 'Placebo', penicillamine = 'D-penicillamine' }\n"
        + OS.format("years")
        + "by = ['arm']\nlandmarks = [5]\nrestricted_mean = [10, 99]\ndifferences = true\n"
    )
    results = public(tmp_path, "pbc_trial", text, "years")
    keys = "[group=penicillamine,time={},variable=arm]"
    mean = results["contrasts.os.rmst" + keys.format(10)]
    difference = results["contrasts.os.rmst_difference" + keys.format(10)]
    assert mean.value == pytest.approx(R["mean_drug"], rel=1e-8)
    assert round(mean.value or 0, 3) == 7.146
    assert difference.value == pytest.approx(R["mean_drug"] - R["mean_placebo"], rel=1e-8)
    assert round(difference.value or 0, 3) == -0.137
    error = (R["se_drug"] ** 2 + R["se_placebo"] ** 2) ** 0.5
    assert difference.high == pytest.approx((difference.value or 0) + 1.959963984540054 * error)
    late = results["contrasts.os.rmst" + keys.format(99)]
    assert late.state == "not_estimable" and "follow-up ends" in late.note
    at5 = results["contrasts.os.difference" + keys.format(5)]
    (a, ea), (b, eb) = R["at_drug"], R["at_placebo"]
    assert at5.value == pytest.approx(100 * (a - b), rel=1e-8)
    half = 1.959963984540054 * (ea**2 + eb**2) ** 0.5
    assert at5.low == pytest.approx(100 * (a - b - half), rel=1e-8)
    assert {"restricted_means", "survival_differences"} <= set(results.paper.tables)


def test_the_trend_over_stages_of_larynx_cancer(tmp_path: Path) -> None:
    """Klein and Moeschberger, Survival Analysis, 2nd ed. 2003, section 7.4: Z = 3.72."""
    text = (
        "[variables.stage]\nlevels = { s1 = 'I', s2 = 'II', s3 = 'III', s4 = 'IV' }\n"
        + OS.format("years")
        + "by = ['stage']\ntrend = ['stage']\n"
    )
    results = public(tmp_path, "larynx", text, "years")
    assert results["contrasts.os.trend[variable=stage]"].value == pytest.approx(
        R["trend"], rel=1e-8
    )
    assert round(R["trend_z"], 2) == 3.72
    assert "survival_trends" in results.paper.tables


def test_e_values_as_printed_and_in_a_study(tmp_path: Path) -> None:
    """VanderWeele and Ding 2017, Ann Intern Med 167:268: 3.9 (1.8 to 8.7) gives 7.26 and 3.0."""
    assert round(e_value(3.9), 2) == 7.26 and round(e_value(1.8), 1) == 3.0
    assert risk_ratio(2.0, 0.5) == pytest.approx(1 / risk_ratio(0.5, 0.5))
    text = "[variables.age]\n[variables.surgery]\n" + OS.format("days")
    text += "[prognosis]\ncandidates = ['age', 'surgery']\ne_values = true\n"
    results = public(tmp_path, "jasa", text)
    ratio = results["prognosis.os.hr[model=multi,variable=surgery]"]
    assert ratio.value is not None and ratio.high is not None
    share = 75 / 103
    value = results["e_value.os.estimate[variable=surgery]"].value
    assert value == pytest.approx(e_value(risk_ratio(ratio.value, share)))
    near = results["e_value.os.interval[variable=surgery]"].value
    assert near == pytest.approx(e_value(risk_ratio(ratio.high, share)) if ratio.high < 1 else 1)
    assert "e_values" in results.paper.tables


START = "2014-01-01"


def responders(**more: list[Any]) -> dict[str, list[Any]]:
    n = 12
    days = [30, 60, 90, 120, 150, 180, 210, 240, 270, 300, 330, 360]
    return {
        "treatment_start": [START] * n,
        "relapse": ["2014-02-15" if i % 3 == 0 else None for i in range(n)],
        "last_contact": [f"2014-{d // 30:02}-28" for d in days],
        "death_date": [f"2014-{d // 30:02}-28" if i % 2 else None for i, d in enumerate(days)],
        **more,
    }


DATED = "[endpoints.os]\n[time_dependent.relapse]\nendpoint = 'os'\nchange = 'relapse'\n{}"


def test_any_date_changes_the_group_and_a_spoilt_one_takes_it_out(tmp_path: Path) -> None:
    s = study(tmp_path, DATED.format("landmarks = [100]\n"), **responders())
    results = s.run()
    assert results["time_dependent.relapse.changed"].value == 3  # one was gone by then
    assert results["time_dependent.relapse.n[group=changed,time=100]"].value == 3
    key = results["time_dependent.relapse.changed"].key
    assert results.behind.of(key) == ("endpoints.os", "time_dependent.relapse")
    [line] = results.behind.lines("time_dependent.relapse", "P3")
    assert line.startswith("relapse: day 45; ") and "(relapse)" in line
    for column in ("relapse", "death_date", "treatment_start"):
        data = responders()
        data[column] = ["31.31.2014", *data[column][1:]]
        spoilt = study(tmp_path, DATED.format(""), **data).run()
        assert "time_dependent.relapse.changed" not in spoilt.numbers, column
        assert ("time_dependent", "relapse") in {o.path for o in spoilt.left_out}, column
    data = responders()
    data["relapse"] = ["31.31.2014", *data["relapse"][1:]]
    assert "survival.os.median" in study(tmp_path, DATED.format(""), **data).run().numbers


def test_the_naive_comparison_is_refused_with_the_reason(tmp_path: Path) -> None:
    s = study(tmp_path, DATED.format("methods = ['naive', 'time_dependent']\n"), **responders())
    [p] = found(s.problems, "time-dependent.naive")
    assert "immortal time" in p.why and p.blocks == ("time_dependent.relapse.naive",)
    results = s.run()
    assert ("time_dependent", "relapse", "naive") in {o.path for o in results.left_out}
    assert "time_dependent.relapse.hr[model=uni]" in results.numbers
    answers = ["PR", "SD", "PD"] * 4
    text = (
        "[variables.responder]\ncolumn = 'best_response'\n"
        "group = { yes = ['cr', 'pr'], no = ['sd', 'pd'] }\n"
        "[endpoints.os]\nby = ['responder']\n[prognosis]\ncandidates = ['responder']\n"
    )
    s = study(tmp_path, text, **responders(best_response=answers))
    told = found(s.problems, "time-dependent.future-groups")
    assert {p.blocks for p in told} == {("survival.os.by.responder",), ("prognosis.os",)}
    results = s.run()
    assert not [k for k in results.numbers if "responder" in k and not k.startswith("baseline")]
    assert results["survival.os.n"].value == 12


def test_a_change_that_has_no_dates_is_named(tmp_path: Path) -> None:
    s = study(tmp_path, DATED.format("").replace("'relapse'\n", "'relaps'\n"), **responders())
    [p] = found(s.problems, "time-dependent.no-dates")
    assert 'Did you mean "relapse"?' in p.todo and p.blocks == ("time_dependent.relapse",)


AWKWARD: dict[str, tuple[str, dict[str, list[Any]]]] = {
    "landmark after everyone": ("landmarks = [9999]\n", {}),
    "nobody changes": ("landmarks = [100]\n", {"relapse": [None] * 11 + ["2015-12-01"]}),
    "everybody changes on day 0": ("landmarks = [100]\n", {"relapse": [START] * 12}),
    "no event": ("landmarks = [100]\n", {"death_date": [None] * 12}),
    "all on one day": (
        "landmarks = [100]\n",
        {"death_date": ["2014-07-01"] * 12, "last_contact": ["2014-07-01"] * 12},
    ),
}


@pytest.mark.parametrize(("text", "columns"), AWKWARD.values(), ids=AWKWARD.keys())
def test_awkward_changes_are_said_not_crashed(
    tmp_path: Path, text: str, columns: dict[str, list[Any]]
) -> None:
    s = study(tmp_path, DATED.format(text), **responders(**columns))
    results = s.run()
    ratios = [e for k, e in results.numbers.items() if k.startswith("time_dependent.relapse.hr")]
    assert len(ratios) == 2
    assert all(e.value is not None or e.note for e in ratios)
    if "9999" in text:
        assert found(s.problems, "time-dependent.late-landmark")
    results.write(tmp_path / "out")


def test_adverse_events_change_the_group(tmp_path: Path) -> None:
    text = (
        "[tables.adverse_events]\nfile = 'ae.csv'\n[endpoints.os]\n[time_dependent.hfs]\n"
        "endpoint = 'os'\nchange = 'adverse_event'\nterms = ['Hand-foot syndrome']\nmin_grade = 2\n"
        "landmarks = [60]\n"
    )
    rows = ["patient,term,start,grade"]
    rows += [f"P{i},hand-foot syndrome,2014-01-15,{1 + i % 3}" for i in range(12)]
    rows += ["P0,Diarrhea,2014-01-03,3"]
    (tmp_path / "ae.csv").write_text("\n".join(rows) + "\n")
    results = study(tmp_path, text, **responders()).run()
    assert results["time_dependent.hfs.changed"].value == 8


def test_a_progression_between_scans_has_its_row(tmp_path: Path) -> None:
    text = (
        "[tables.assessments]\nfile = 'scans.csv'\n[response]\nsource = 'assessments'\n"
        "[endpoints.pfs]\ninterval_censored = true\n"
    )
    rows = ["patient,date,overall"]
    for i in range(12):
        rows += [f"P{i},2014-01-20,SD", f"P{i},2014-01-{26 + i % 3},{'PD' if i % 4 else 'SD'}"]
    (tmp_path / "scans.csv").write_text("\n".join(rows) + "\n")
    results = study(tmp_path, text, **responders()).run()
    first = results["sensitivity.pfs.median_from[rules=between_scans]"]
    last = results["sensitivity.pfs.median_to[rules=between_scans]"]
    assert first.value is not None and last.value is not None
    assert 19 <= first.value < last.value <= results["survival.pfs.median"].value + 2
    shown = [r.cells[-1].text for r in results.paper.tables["sensitivity"].rows]
    assert any(text.startswith("between ") for text in shown)


def test_up_to_twelve_groups_have_curves_and_more_are_refused(tmp_path: Path) -> None:
    text = "[variables.site]\n" + OS.format("time") + "by = ['site']\n"
    for n, drawn in ((7, True), (12, True), (13, False)):
        columns: dict[str, list[Any]] = {
            "time": [10 + 10 * (i % 37) for i in range(10 * n)],
            "dead": [i % 3 % 2 for i in range(10 * n)],
            "site": [f"s{i % n:02}" for i in range(10 * n)],
        }
        results = study(tmp_path, text, **columns).run()
        assert ("survival_by_site" in results.paper.figures) == drawn
        assert bool(found(results.problems, "figures.too-many-groups")) != drawn
        assert len(results.paper.tables["survival"].rows) == 2 + n
        if drawn:
            figure = results.paper.figures["survival_by_site"]
            lines = {line_of(i) for i in range(n)}
            assert len(lines) == n
            assert draw(figure, ("svg",))["svg"].count(b"<text") > 2 * n


def test_follow_up_is_told_without_overall_survival(tmp_path: Path) -> None:
    columns: dict[str, list[Any]] = {"time": list(range(10, 210, 10)), "relapsed": [0, 1] * 10}
    text = '[endpoints.ttr]\nlabel = "Time to relapse"\ntime = "time"\nevent = "relapsed"\n'
    results = study(tmp_path, text + "event_value = 1\n", **columns).run()
    follow_up = results["survival.follow_up.median"]
    km = oc.stats.follow_up(columns["time"], columns["relapsed"])
    assert follow_up.value == km.median.value
    assert follow_up.label == "Follow-up (from Time to relapse), median"
    notes = " ".join(s.text for n in results.paper.tables["survival"].notes for s in n)
    assert "(of time to relapse)" in notes


def test_events_and_censored_stand_below_the_curves_on_request(tmp_path: Path) -> None:
    columns: dict[str, list[Any]] = {"time": list(range(10, 210, 10)), "dead": [0, 1] * 10}
    rows = '[style]\nunder_curves = ["at_risk", "events", "censored"]\n'
    figure = study(tmp_path, OS.format("time") + rows, **columns).run().paper.figures["survival"]
    svg = draw(figure, ("svg",))["svg"].decode()
    assert all(f">{word}<" in svg for word in ("At risk", "Events", "Censored"))


def test_delayed_entry_goes_through_both_analyses(tmp_path: Path) -> None:
    """By hand with split records: nobody is at risk before treatment began."""
    n = 24
    start = [date(2014, 1, 1) + timedelta(days=9 * (i % 8)) for i in range(n)]
    death = [s + timedelta(days=60 + 37 * i % 200) for i, s in enumerate(start)]
    relapse = [s + timedelta(days=30) if i % 3 else None for i, s in enumerate(start)]
    data: dict[str, list[Any]] = {
        "diagnosis_date": ["2014-01-01"] * n,
        "treatment_start": [str(s) for s in start],
        "relapse": [None if r is None else str(r) for r in relapse],
        "last_contact": [str(d) for d in death],
        "death_date": [str(d) if i % 4 else None for i, d in enumerate(death)],
    }
    text = DATED.format("landmarks = [50]\n").replace(
        "[endpoints.os]\n", '[endpoints.os]\nfrom = "diagnosis_date"\n'
    )
    results = study(tmp_path, text, **data).run()
    zero = date(2014, 1, 1)
    entry = np.array([(s - zero).days for s in start], dtype=float)
    stop = np.array([(d - zero).days for d in death], dtype=float)
    change = [None if r is None else float((r - zero).days) for r in relapse]
    s = oc.stats.split_at_change(stop, [i % 4 > 0 for i in range(n)], change)
    begun = np.maximum(s.start, entry[s.row])
    seen = begun < s.stop
    fitted = oc.stats.cox(
        s.stop[seen], s.event[seen], s.state[seen].astype(float), entry=begun[seen]
    )
    ratio = results["time_dependent.relapse.hr[model=uni]"].value
    assert ratio == pytest.approx(float(fitted.hr[0]), rel=1e-10)
    counted = [
        results[f"time_dependent.relapse.n[group={g},time=50]"].value
        for g in ("changed", "unchanged")
    ]
    assert sum(v or 0 for v in counted) == int(((entry <= 50) & (stop > 50)).sum())
