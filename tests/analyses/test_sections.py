"""Each section of the paper, on cohorts small enough to count by hand."""

from __future__ import annotations

from datetime import timedelta

import polars as pl
import pytest
from cohorts import START, cohort, patients, protocol

from oncohort import stats
from oncohort.analyses import (
    baseline,
    exposure,
    flow,
    historical,
    prognosis,
    response,
    safety,
    sensitivity,
    survival,
)
from oncohort.analyses.result import Numbers, Result
from oncohort.analyses.standard_endpoints import standard_endpoints
from oncohort.endpoints.building import build_cohort


def numbers(*results: Result | None) -> Numbers:
    return Numbers(r for r in results if r is not None)


def test_flow_keeps_criteria_that_exclude_nobody() -> None:
    text = (
        '[[eligibility.criteria]]\nkey = "adult"\nlabel = "Under 18"\ncolumn = "age"\nmin = 18\n'
        '[[eligibility.criteria]]\nkey = "line"\nlabel = "Not second line"\n'
        'column = "line"\nis = 2\n'
    )
    p, c = cohort(text, patients(4, age=[40, 50, 60, 70], line=[2, 1, 2, 2]))
    n = numbers(flow.analyse(p, c))
    values = {k: e.value for k, e in n.items()}
    assert values == {
        "flow.source.count": 4,
        "flow.adult.excluded": 0,
        "flow.adult.remaining": 4,
        "flow.line.excluded": 1,
        "flow.line.remaining": 3,
        "flow.included.count": 3,
    }
    assert n.populations["flow.line.excluded"].patients == ("2",)
    assert n.populations["cohort"].patients == ("1", "3", "4")


BASELINE = (
    "[variables.age]\n[variables.sex]\nlevels = { male = 'Male', female = 'Female' }\n"
    "[baseline]\nvariables = ['age', 'sex']\n"
)


def test_baseline_counts_missing_values_and_states_the_denominator() -> None:
    frame = patients(5, age=[41, 62, 83, None, 70], sex=["male", "male", "female", None, "male"])
    p, c = cohort(BASELINE, frame)
    n = numbers(baseline.analyse(p, c))
    assert n["baseline.age.median"].value == 66
    assert n["baseline.age.minimum"].value == 41
    assert (n["baseline.age.median"].n, n["baseline.age.missing"].value) == (4, 1)
    assert n["baseline.sex.count[level=male]"].value == 3
    assert n["baseline.sex.percent[level=male]"].value == 60
    assert n["baseline.sex.percent[level=male]"].n == 5
    assert n.populations["baseline.sex.missing"].patients == ("4",)
    p, c = cohort(BASELINE + "percent_of = 'known'\n", frame)
    share = numbers(baseline.analyse(p, c))["baseline.sex.percent[level=male]"]
    assert (share.value, share.n, dict(share.excluded)) == (75, 4, {"missing": 1})


def test_baseline_by_group_with_a_test() -> None:
    text = BASELINE + "by = 'sex'\ntest = true\n"
    frame = patients(6, age=[40, 41, 42, 60, 61, 62], sex=["male"] * 3 + ["female"] * 3)
    p, c = cohort(text, frame)
    n = numbers(baseline.analyse(p, c))
    assert n["baseline.age.median[group=female]"].value == 61
    assert n["baseline.age.p"].value == pytest.approx(0.1, abs=1e-9)  # exact rank-sum, 2/20


def test_response_has_all_patients_in_the_denominator() -> None:
    answers = ["CR", "PR", "PR", "SD", "PD", None]
    text = "[response]\nsource = 'charted'\nbest_change = 'change'\n"
    frame = patients(6, best_response=answers, change=[-100.0, -40.0, -40.0, 5.0, 25.0, None])
    p, c = cohort(text, frame)
    n = numbers(response.analyse(p, c))
    assert n["response.best.count[level=ne]"].value == 1
    orr = n["response.orr.percent"]
    assert (orr.value, orr.n, n["response.orr.count"].value) == (50, 6, 3)
    assert orr.low == pytest.approx(11.811724, abs=1e-6)  # R: binom.test(3, 6)
    assert orr.high == pytest.approx(88.188276, abs=1e-6)
    assert n["response.dcr.count"].value == 4
    fall = n.curves["response.waterfall"]
    assert fall.columns["change"] == (25.0, 5.0, -40.0, -40.0, -100.0)
    assert fall.columns["patient"] == ("5", "4", "2", "3", "1")
    assert n["response.waterfall.not_drawn[reason=not_charted]"].value == 1


def test_survival_median_landmark_and_follow_up() -> None:
    frame = patients(6, days=[6, 7, 10, 15, 19, 25], dead=[True, False, True, True, False, True])
    p, c = cohort("[endpoints.os]\nlandmarks = [10, 40]\n", frame)
    n = numbers(survival.analyse(p, c))
    # by hand: 5/6, then 3/4 of it, 2/3 of that: 0.41667 at day 15
    assert n["survival.os.median"].value == 15
    assert n["survival.os.events"].value == 4
    at = n["survival.os.at[time=10]"]
    assert at.value == pytest.approx(100 * 5 / 6 * 3 / 4)
    assert n["survival.os.at[time=40]"].value == pytest.approx(0)
    assert n["survival.follow_up.median"].method == "reverse Kaplan-Meier"
    curve = n.curves["survival.os.curve"]
    assert curve.columns["time"][0] == 0
    assert curve.columns["at_risk"][:3] == (6, 6, 5)


def test_a_median_that_is_not_reached_is_a_state_not_a_number() -> None:
    p, c = cohort("[endpoints.os]\n", patients(4, days=[5, 6, 7, 8], dead=[True] + [False] * 3))
    e = numbers(survival.analyse(p, c))["survival.os.median"]
    assert (e.value, e.state) == (None, "not_reached")


def test_a_flat_median_says_its_convention() -> None:
    p, c = cohort("[endpoints.os]\n", patients(4, days=[2, 4, 8, 9]))
    e = numbers(survival.analyse(p, c))["survival.os.median"]
    assert e.value == 6
    assert "midpoint" in e.note


def test_groups_have_curves_and_a_logrank_p() -> None:
    text = "[variables.arm]\n[endpoints.os]\nby = ['arm']\n"
    frame = patients(6, days=[1, 2, 3, 7, 8, 9], arm=list("aaabbb"))
    p, c = cohort(text, frame)
    n = numbers(survival.analyse(p, c))
    assert n["survival.os.median[group=a,variable=arm]"].value == 2
    assert n["survival.os.logrank[variable=arm]"].value == pytest.approx(0.0246, abs=1e-3)


def test_groups_that_cannot_be_compared_are_a_state() -> None:
    text = "[variables.arm]\n[endpoints.os]\nby = ['arm']\n"
    frame = patients(4, days=[5, 5, 5, 5], arm=list("aabb"))  # everyone died on one day
    p, c = cohort(text, frame)
    e = numbers(survival.analyse(p, c))["survival.os.logrank[variable=arm]"]
    assert (e.value, e.state) == (None, "not_estimable")
    assert "no comparison" in e.note


def test_blocked_endpoints_are_left_out() -> None:
    p, c = cohort("[endpoints.os]\n", patients(3, days=[1, 2, 3]))
    assert survival.analyse(p, c, frozenset({"os"})) is None


PROGNOSIS = (
    "[variables.arm]\n[variables.age]\n[endpoints.os]\n[prognosis]\ncandidates = ['arm', 'age']\n"
)


def frame_for_cox() -> pl.DataFrame:
    days = [5, 8, 12, 16, 23, 27, 30, 33, 43, 45, 48, 60]
    dead = [True, True, False, True, True, True, True, False, True, True, True, False]
    arm = ["a", "b", "a", "a", "b", "a", "b", "b", "a", "b", "b", "b"]
    age = [70, 44, 65, 58, 50, 61, 47, 52, 66, 40, 55, 49]
    return patients(12, days=days, dead=dead, arm=arm, age=age)


def test_prognosis_shows_levels_reference_and_complete_cases() -> None:
    p, c = cohort(PROGNOSIS, frame_for_cox())
    found = prognosis.analyse(p, c)
    n = numbers(found)
    hr = n["prognosis.os.hr[model=uni,variable=arm]"]
    assert hr.value is not None and hr.low is not None and hr.low < hr.value < (hr.high or 0)
    assert n["prognosis.os.n[level=a,variable=arm]"].value == 5
    assert n["prognosis.os.events[level=a,variable=arm]"].value == 4
    assert "b against a" in hr.label
    assert n["prognosis.os.hr[model=multi,variable=age]"].n == 12
    assert 0 < (n["prognosis.os.concordance[model=multi]"].value or 0) < 1


def test_screening_takes_only_what_passes_and_says_so() -> None:
    p, c = cohort(PROGNOSIS + "selection = 'screening'\np_enter = 1e-9\n", frame_for_cox())
    found = prognosis.analyse(p, c)
    n = numbers(found)
    assert not [k for k in n if "model=multi" in k]
    assert found is not None and "screening" in found.methods[0]


def test_a_constant_covariate_is_named_and_left_out_of_the_model() -> None:
    frame = frame_for_cox().with_columns(pl.lit("a").alias("arm"))
    p, c = cohort(PROGNOSIS, frame)
    found = prognosis.analyse(p, c)
    assert found is not None
    problems = found.problems
    n = numbers(found)
    alone, joint = (n[f"prognosis.os.hr[model={m},variable=age]"] for m in ("uni", "multi"))
    assert joint.value == alone.value
    assert "prognosis.os.hr[model=multi,variable=arm]" not in n
    [said] = [x for x in problems if x.id == "prognosis.one-value"]
    assert "Arm has one value only" in said.what


def test_nobody_at_the_reference_level_is_said_not_fitted() -> None:
    text = PROGNOSIS.replace(
        "[variables.arm]\n", "[variables.arm]\nlevels = { z = 'Z', a = 'A', b = 'B' }\n"
    )
    p, c = cohort(text, frame_for_cox())
    found = prognosis.analyse(p, c)
    e = numbers(found)["prognosis.os.hr[level=b,model=uni,variable=arm]"]
    assert e.value is None
    assert 'nobody with known values has the reference level "Z"' in e.note


@pytest.mark.filterwarnings("ignore:9 events")
def test_firth_gives_profile_intervals_and_likelihood_ratio_tests_as_it_says() -> None:
    p, c = cohort(PROGNOSIS + "penalty = 'firth'\n", frame_for_cox())
    found = prognosis.analyse(p, c)
    n = numbers(found)
    hr, value = (n[f"prognosis.os.{w}[model=uni,variable=arm]"] for w in ("hr", "p"))
    f = c.frame
    fit = stats.cox(
        f["os_time"].to_numpy(),
        f["os_event"].to_numpy(),
        (f["arm"] == "b").to_numpy().astype(float)[:, None],
        penalty="firth",
        interval="profile",
    )
    assert hr.interval_method == "profile penalised likelihood"
    assert (hr.low, hr.high) == (pytest.approx(fit.low[0]), pytest.approx(fit.high[0]))
    assert value.value == pytest.approx(fit.p[0])
    assert value.value != pytest.approx(fit.wald_p[0], rel=1e-3)


def test_screening_says_whom_it_passes_over() -> None:
    frame = patients(
        8,
        days=[1, 2, 3, 4, 9, 9, 9, 9],
        dead=[True] * 4 + [False] * 4,
        arm=list("aaaabbbb"),
        age=[3, 1, 6, 2, 5, 4, 7, 8],
    )
    p, c = cohort(PROGNOSIS + "selection = 'screening'\n", frame)
    found = prognosis.analyse(p, c)
    assert found is not None
    problems = found.problems
    [said] = [x for x in problems if x.id == "prognosis.not-screened"]
    assert "Arm has no univariate p" in said.what
    assert "firth" in said.todo


def test_separation_never_prints_a_huge_ratio() -> None:
    frame = patients(
        8,
        days=[1, 2, 3, 4, 9, 9, 9, 9],
        dead=[True] * 4 + [False] * 4,
        arm=list("aaaabbbb"),
        age=[1, 2, 3, 4, 5, 6, 7, 8],
    )
    p, c = cohort(PROGNOSIS, frame)
    found = prognosis.analyse(p, c)
    assert found is not None
    problems = found.problems
    e = numbers(found)["prognosis.os.hr[model=uni,variable=arm]"]
    assert e.value is None
    assert problems


SAFETY = (
    "[safety]\ncriteria = 'CTCAE 3.0'\n"
    "terms = { hfs = 'Hand-foot syndrome', diarrhea = 'Diarrhea', rash = 'Rash' }\n"
)


def test_safety_counts_a_patient_once_at_the_worst_grade() -> None:
    events = pl.DataFrame(
        {
            "patient": ["1", "1", "1", "2", "2"],
            "term": ["hand-foot syndrome", "HFS", "Diarrhea", "Diarrhea", "Hypertension"],
            "grade": [1, 3, 2, 1, 3],
            "start": [START + timedelta(days=9)] * 5,
            "source_row": [2, 3, 4, 5, 6],
        }
    )
    frame = patients(3, treatment_end=[START + timedelta(days=90)] * 3)
    p, c = cohort(SAFETY, frame, adverse_events=events)
    n = numbers(safety.analyse(p, c))
    assert n["safety.hfs.count[grade=any]"].value == 1
    assert n["safety.hfs.count[grade=ge3]"].value == 1
    assert n["safety.diarrhea.count[grade=any]"].value == 2
    assert n["safety.rash.count[grade=any]"].value == 0  # a term that nobody had keeps its row
    assert n["safety.any_event.count[grade=any]"].value == 2
    assert n["safety.any_event.count[grade=ge3]"].value == 2  # hypertension counts in "any"
    assert n["safety.any_event.percent[grade=any]"].n == 3
    assert any(x.id == "safety.other-terms" and "Hypertension" in x.what for x in c.problems)


def test_exposure_and_stops() -> None:
    doses = pl.DataFrame(
        {
            "patient": ["1", "1", "2"],
            "drug": ["sorafenib"] * 3,
            "start": [START, START + timedelta(days=50), START],
            "end": [START + timedelta(days=49), START + timedelta(days=99)] * 1
            + [START + timedelta(days=9)],
            "amount": [400.0, 400.0, 400.0],
            "unit": ["mg"] * 3,
            "times_per_day": [2.0, 1.0, 2.0],
            "source_row": [2, 3, 4],
        }
    )
    frame = patients(
        2,
        treatment_end=[START + timedelta(days=99), START + timedelta(days=9)],
        treatment_end_reason=["progression", "toxicity"],
    )
    text = "[exposure.sorafenib]\namount = 400\ntimes_per_day = 2\n"
    p, c = cohort(text, frame, doses=doses)
    n = numbers(exposure.analyse(p, c))
    assert n["exposure.sorafenib.reduced.count"].value == 1
    assert n["exposure.sorafenib.rdi.maximum"].value == pytest.approx(100)
    assert n["exposure.sorafenib.rdi.minimum"].value == pytest.approx(75)
    assert n["exposure.stop.count[reason=toxicity]"].value == 1
    assert n["exposure.time_on_treatment.maximum"].value == 99


def test_historical_tests_only_when_asked() -> None:
    base = "[response]\nsource = 'charted'\n[historical.a]\nlabel = 'Trial A'\norr = 10\n"
    frame = patients(6, best_response=["PR"] * 3 + ["SD"] * 3)
    p, c = cohort(base, frame)
    own = numbers(response.analyse(p, c))
    n = numbers(historical.analyse(p, c, own))
    assert list(n) == ["historical.orr.value[study=a]"]
    p, c = cohort(base + "test = ['orr']\n", frame)
    n = numbers(historical.analyse(p, c, own))
    p_value = n["historical.orr.p[study=a]"].value
    assert p_value == pytest.approx(0.01585, abs=1e-9)  # R: binom.test(3, 6, 0.1)


def test_partial_dates_are_flagged_and_shown_as_best_and_worst_case() -> None:
    frame = patients(4, days=[40, 80, 120, 160]).with_columns(
        death_date_precision=pl.Series(["month", "day", "day", "day"]),
        last_contact=pl.lit(None, dtype=pl.Date),
    )
    p, c = cohort("[endpoints.os]\n", frame)
    n = numbers(survival.analyse(p, c), sensitivity.analyse(p, c))
    assert "1 of 4 times rest on a partial date" in n["survival.os.median"].note
    assert n["sensitivity.os.events[rules=dates_shortest]"].value == 4
    assert n["sensitivity.os.median[rules=dates_longest]"].value is not None


def test_other_censoring_rules_stand_side_by_side() -> None:
    day = timedelta(days=1)
    frame = patients(
        3,
        progression_date=[START + 60 * day, None, None],
        death_date=[None, START + 90 * day, None],
        last_contact=[START + 200 * day] * 2 + [START + 300 * day],
    )
    therapies = pl.DataFrame(
        {"patient": ["2"], "start": [START + 30 * day], "drugs": ["axitinib"], "source_row": [2]}
    )
    p, c = cohort("[endpoints.pfs]\n", frame, therapies=therapies)
    n = numbers(sensitivity.analyse(p, c))
    assert n["sensitivity.pfs.events[rules=plain]"].value == 2
    assert n["sensitivity.pfs.events[rules=new_therapy]"].value == 1
    assert n["sensitivity.pfs.events[rules=new_therapy_event]"].value == 2


def test_a_curve_with_delayed_entry_that_falls_to_zero_too_early_gives_no_median() -> None:
    start = [START, *[START + timedelta(days=100)] * 5]
    diagnosed = [START - timedelta(days=5), *[START - timedelta(days=300)] * 5]
    frame = patients(6, days=[10, 400, 500, 600, 700, 800]).with_columns(
        pl.Series("treatment_start", start), pl.Series("diagnosis_date", diagnosed)
    )
    p, c = cohort('[endpoints.os]\nfrom = "diagnosis_date"\nlandmarks = [365]\n', frame)
    n = numbers(survival.analyse(p, c))
    assert n["survival.os.median"].state == "not_estimable"
    assert "delayed entry" in n["survival.os.median"].note
    assert n["survival.os.at[time=365]"].value is None


def test_a_charted_response_claims_no_duration_of_stable_disease() -> None:
    frame = patients(2, best_response=["SD", "PR"])
    p, c = cohort('[response]\nsource = "charted"\n', frame)
    found = response.analyse(p, c)
    assert found is not None
    assert not any("weeks" in text for text in found.methods)
    assert "weeks" not in numbers(found)["response.dcr.percent"].label


def test_rules_that_the_data_cannot_tell_apart_are_not_compared() -> None:
    frame = patients(3, days=[30, 60, 90], progression_date=[START + timedelta(days=9)] * 3)
    _, c = cohort("[endpoints.pfs]\n", frame)
    assert list(c.meaning.alternatives["pfs"]) == ["plain", "last_contact"]


def test_events_after_the_cutoff_do_not_count() -> None:
    events = pl.DataFrame(
        {
            "patient": ["1", "2"],
            "term": ["Diarrhea", "Diarrhea"],
            "grade": [2, 3],
            "start": [START + timedelta(days=9), START + timedelta(days=90)],
            "source_row": [2, 3],
        }
    )
    text = "[safety]\ncriteria = 'CTCAE 3.0'\nwindow_days = 900\n"
    p = protocol(text)
    day = START + timedelta(days=30)
    p = p.model_copy(update={"study": p.study.model_copy(update={"cutoff": day})})
    c = build_cohort({"patients": patients(2), "adverse_events": events}, p)
    n = numbers(safety.analyse(p, c))
    assert n["safety.any_event.count[grade=any]"].value == 1
    assert n["safety.any_event.count[grade=ge3]"].value == 0


def test_patients_without_a_group_are_counted_where_groups_are_compared() -> None:
    text = "[variables.arm]\n[variables.age]\n[endpoints.os]\nby = ['arm']\n" + (
        "[baseline]\nvariables = ['age']\nby = 'arm'\n"
    )
    frame = patients(5, days=[1, 2, 3, 4, 5], arm=["a", "b", None, "a", None], age=[1, 2, 3, 4, 5])
    p, c = cohort(text, frame)
    assert numbers(baseline.analyse(p, c))["baseline.group.missing"].value == 2
    assert numbers(survival.analyse(p, c))["survival.os.missing[variable=arm]"].value == 2


def test_follow_up_and_earlier_studies_find_the_endpoint_by_what_it_means() -> None:
    text = (
        "[endpoints.survived]\nevents = ['death']\n[endpoints.untilworse]\n"
        "events = ['progression', 'death']\n"
        "[historical.trial]\nlabel = 'Trial'\nn = 50\nos = 30.0\npfs = 12.0\ntest = ['os', 'pfs']\n"
    )
    days, dead = [30, 60, 90, 120, 150, 180], [True, False, True, False, True, False]
    seen = [START + timedelta(days=d // 2) for d in days]
    p, c = cohort(text, patients(6, days=days, dead=dead, progression_date=seen))
    assert standard_endpoints(c) == {"os": "survived", "pfs": "untilworse"}
    own = numbers(survival.analyse(p, c))
    assert own["survival.follow_up.median"].n == 6
    n = numbers(historical.analyse(p, c, own))
    assert n["historical.os.p[study=trial]"].events == 3
    assert n["historical.pfs.p[study=trial]"].events == 6


def test_an_endpoint_called_os_that_counts_progressions_is_not_overall_survival() -> None:
    text = "[endpoints.os]\nevents = ['progression', 'death']\n"
    days = [30, 60, 90]
    seen = [START + timedelta(days=d // 2) for d in days]
    _, c = cohort(text, patients(3, days=days, progression_date=seen))
    assert standard_endpoints(c) == {"pfs": "os"}


def test_a_test_between_groups_that_fails_is_a_state_of_that_number(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def overflows(table: object) -> None:
        raise OverflowError("math range error")

    monkeypatch.setattr(stats, "fisher_exact", overflows)
    text = BASELINE.replace("'age', 'sex'", "'age', 'sex', 'arm'") + "by = 'arm'\ntest = true\n"
    text = "[variables.arm]\nlevels = { a = 'A', b = 'B' }\n" + text
    frame = patients(4, age=[40, 41, 60, 61], sex=["male", "female"] * 2, arm=["a", "a", "b", "b"])
    p, c = cohort(text, frame)
    n = numbers(baseline.analyse(p, c))
    lost = n["baseline.sex.p"]
    assert (lost.value, lost.state, lost.note) == (None, "not_estimable", "math range error")
    assert n["baseline.age.p"].value is not None


def test_a_patient_who_is_dead_is_never_on_treatment() -> None:
    """No end of treatment on record in three: two have died, one is alive."""
    text = "[endpoints.os]\n[response]\nsource = 'charted'\n"
    frame = patients(
        4,
        days=[100, 200, 300, 400],
        dead=[True, True, False, False],
        treatment_end=[None, None, None, START + timedelta(days=50)],
        best_response=["PR", "SD", "PR", "PD"],
    )
    p, c = cohort(text, frame)
    found = numbers(exposure.analyse(p, c))
    assert found.populations["exposure.ongoing.count"].patients == ("3",)
    assert found.populations["exposure.stop.count[reason=unknown]"].patients == ("1", "2", "4")
    lanes = numbers(response.analyse(p, c)).curves["response.swimmer"].columns
    told = dict(
        zip(lanes["patient"], zip(lanes["ongoing"], lanes["alive"], strict=True), strict=True)
    )
    assert told == {"1": (False, None), "2": (False, None), "3": (True, 300.0), "4": (False, 400.0)}
