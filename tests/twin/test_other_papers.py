"""Figures as other papers print them: what can be met is met, nothing possible is impossible."""

from __future__ import annotations

import pytest

from oncohort.published import parse_published
from oncohort.twin import Twin, building, making, reconstruct
from oncohort.twin.ordering import Effort
from oncohort.twin.search import Cohort
from oncohort.twin.times import Course, fit

TWO_ARMS = """
[[variables]]
name = "Arm"
levels = [{label = "A", count = "22"}, {label = "B", count = "18"}]
"""


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(making, "Effort", lambda **given: Effort(scale=0.01, **given))


def twin_of(n: int, text: str) -> Twin:
    figures = parse_published(f"schema = 1\n[study]\nn = {n}\n{text}")
    return reconstruct(figures, seed=1, tries=1, time_budget=None)


def states(twin: Twin, start: str = "") -> dict[str, str]:
    return {x.key: x.state for x in twin.certificate.lines if x.key.startswith(start)}


def time(endpoint: str, median: str, unit: str = "months", low: str = "", high: str = "") -> str:
    return (
        f'[[times]]\nendpoint = "{endpoint}"\nmedian = "{median}"\nunit = "{unit}"\n'
        f'low = "{low}"\nhigh = "{high}"\n'
    )


def test_medians_in_days_are_met_between_two_days_also_where_none_was_evaluable() -> None:
    levels = [("PR", 3), ("SD", 4), ("PD", 4), ("NE", 1)]
    listed = ", ".join(f'{{label = "{k}", count = "{v}"}}' for k, v in levels)
    twin = twin_of(
        12,
        time("TTP", "199", "days") + time("OS", "276.5", "days")
        + f"[[responses]]\nlevels = [{listed}]\n",
    )  # fmt: skip
    assert set(states(twin, "times.").values()) == {"met"}


def test_a_time_that_no_whole_day_prints_is_missed_by_less_than_a_day() -> None:
    twin = twin_of(40, time("OS", "16.06", low="10.1", high="22.02"))
    assert states(twin)["times.os.low"] == "met" and states(twin)["times.os.high"] == "missed"
    for line in twin.certificate.lines:
        assert abs(line.value - float(line.printed)) < 0.04


def test_patients_share_a_day_where_there_are_fewer_days_than_patients() -> None:
    rate = '[[landmarks]]\nendpoint = "OS"\ntime = "2"\nunit = "months"\npercent = "52.0"\n'
    twin = twin_of(250, rate + time("OS", "2.3"))
    assert set(states(twin).values()) == {"met"}
    assert "some patients share a day" in twin.certificate.notes


def test_figures_that_no_days_have_are_left_out_one_by_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def picky(cohort: Cohort, courses: list[Course], *given: object, **more: object) -> object:
        figures = {f for c in courses for f in c.figures}
        return None if "times.os.low" in figures else fit(cohort, courses, *given, **more)

    monkeypatch.setattr(building, "fit", picky)
    twin = twin_of(30, time("OS", "12.0", low="8.2", high="16.3"))
    assert {k for k, v in states(twin).items() if v != "met"} == {"times.os.low"}
    assert any(note.endswith("beside the others: times.os.low") for note in twin.certificate.notes)


def test_who_is_in_no_printed_response_did_not_respond() -> None:
    levels = '{label = "PR", count = "3", percent = "12.5"}, {label = "SD", count = "5"}'
    twin = twin_of(24, f"[[responses]]\nlevels = [{levels}]\n" + time("PFS", "3.9"))
    assert set(states(twin).values()) == {"met"}
    values = [row["vital_status"] for row in twin.tables["patients"]]
    assert len(values) == 24


def test_an_upper_limit_that_is_not_reached_takes_few_events() -> None:
    twin = twin_of(60, time("PFS", "5.6", low="4.2", high="NR"))
    assert states(twin) == dict.fromkeys(
        ("times.pfs.median", "times.pfs.low", "times.pfs.high"), "met"
    )


def test_the_p_of_a_log_rank_test_is_no_wald_p() -> None:
    ratio = (
        '[[ratios]]\nvariable = "Arm"\nendpoint = "OS"\nlevel = "A"\nreference = "B"\n'
        'estimate = "0.64"\np = "0.032"\n'
    )
    p = "ratios.os.univariable.arm.a.p"
    twin = twin_of(40, TWO_ARMS + ratio + 'test = "log-rank"\n')
    line = twin.certificate[p]
    assert line.state == "missed" and "log-rank" in line.why and line.value is not None
    other = twin_of(40, TWO_ARMS + ratio + 'test = "likelihood-ratio"\n')
    assert other.certificate[p].state == "not asked"


def test_a_variable_with_missing_values_is_in_no_model_and_the_note_says_so() -> None:
    levels = [("0", 20), ("1", 17), ("Missing data", 3)]
    listed = ", ".join(f'{{label = "{k}", count = "{v}"}}' for k, v in levels)
    text = TWO_ARMS + f'[[variables]]\nname = "Stage"\nlevels = [{listed}]\n'
    for variable, level, reference in (("Arm", "A", "B"), ("Stage", "1", "0")):
        text += (
            f'[[ratios]]\nvariable = "{variable}"\nendpoint = "OS"\nmodel = "multivariable"\n'
            f'level = "{level}"\nreference = "{reference}"\nestimate = "1.4"\n'
        )
    twin = twin_of(40, text)
    found = states(twin, "ratios.")
    assert found["ratios.os.multivariable.stage.1.estimate"] == "not asked"
    assert found["ratios.os.multivariable.arm.a.estimate"] == "met"
    assert any("of OS is fitted without stage" in note for note in twin.certificate.notes)
    assert set(states(twin, "variables.").values()) == {"met"}


def test_a_percentage_of_fewer_patients_is_named_with_their_number() -> None:
    level = '{label = "unmutated", count = "11", percent = "40.7"'
    text = f'[[variables]]\nname = "IGHV"\nlevels = [{level}'
    line = twin_of(33, text + "}]\n").certificate["variables.ighv.unmutated.percent"]
    assert line.state == "impossible" and "(27 patients would" in line.why
    told = twin_of(33, text + ', denominator = "27"}]\n')
    assert told.certificate["variables.ighv.unmutated.percent"].state == "met"


def test_levels_of_signs_are_told_apart_and_limits_of_rates_are_in_the_certificate() -> None:
    pairs = [("-/-", 12), ("-/+", 13), ("+/-", 8), ("+/+", 7)]
    listed = ", ".join(f'{{label = "{k}", count = "{v}"}}' for k, v in pairs)
    rate = (
        '[[landmarks]]\nendpoint = "OS"\ntime = "12"\nunit = "months"\npercent = "62.5"\n'
        'low = "45.6"\nhigh = "99.0"\n'
    )
    twin = twin_of(40, f'[[variables]]\nname = "CMV"\nlevels = [{listed}]\n' + rate)
    assert set(states(twin, "variables.").values()) == {"met"}
    assert states(twin, "landmarks.")["landmarks.os.12.high"] == "missed"
    assert twin.certificate["landmarks.os.12.high"].why == "limits of rates are not looked for"
