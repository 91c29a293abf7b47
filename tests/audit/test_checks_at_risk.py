"""Numbers at risk against survival, rates per person-time, flows, and larger cross tables."""

from __future__ import annotations

import numpy as np
import pytest

from oncohort.audit import Certainty, audit
from oncohort.audit.checks import run as run_checks
from oncohort.audit.checks.larger_tables import check_larger, larger_p
from oncohort.audit.document import Paper, Paragraph, Row, Table
from oncohort.audit.extract.paper import extract
from oncohort.audit.finding import Log
from oncohort.published.model import Curve, Landmark, Published, TwoByTwo
from oncohort.stats import kaplan_meier

pytestmark = pytest.mark.usefixtures("rules_alone")


def told(published: Published) -> list[tuple[str, Certainty]]:
    return [(f.id, f.certainty) for f in run_checks(published).findings if "at_risk" in f.id]


def curve(*counts: str, times: tuple[str, ...] = ("0", "12", "24")) -> Curve:
    points = tuple(zip(times, counts, strict=True))
    return Curve("OS", at_risk=points, unit="months", population="drug")


def mark(percent: str, time: str = "12") -> Landmark:
    return Landmark("OS", time, "months", percent, population="drug")


@pytest.mark.parametrize(
    ("percent", "time", "found"),
    [("43", "12", True), ("45", "12", False), ("70", "12", False), ("34", "18", False),
     ("23", "18", True), ("25", "24", False)],
)  # fmt: skip
def test_survival_is_at_least_the_share_still_at_risk(percent: str, time: str, found: bool) -> None:
    published = Published(curves=(curve("100", "45", "25"),), landmarks=(mark(percent, time),))
    wanted = [("at_risk.survival", Certainty.IMPOSSIBLE_IF)] if found else []
    assert told(published) == wanted


def test_nothing_is_said_of_another_group_or_of_a_curve_that_starts_late() -> None:
    other = Landmark("OS", "12", "months", "20", population="control")
    assert told(Published(curves=(curve("100", "45", "25"),), landmarks=(other,))) == []
    late = curve("100", "45", "25", times=("6", "12", "24"))
    assert told(Published(curves=(late,), landmarks=(mark("20"),))) == []


def test_numbers_at_risk_that_rise_are_unusual() -> None:
    assert told(Published(curves=(curve("40", "50", "20"),))) == [
        ("at_risk.rises", Certainty.UNUSUAL)
    ]


@pytest.mark.parametrize("seed", range(60))
def test_no_kaplan_meier_estimate_breaks_the_bound(seed: int) -> None:
    random = np.random.default_rng(seed)
    n = int(random.integers(5, 80))
    time = np.ceil(random.exponential(10, n) * random.choice([1, 4])) / 4
    event = random.random(n) < random.uniform(0.1, 0.9)
    fit = kaplan_meier(time, event)
    for at in (1.0, 3.0, 7.5, 12.0):
        left = int((time >= at).sum())
        before = [s for t, s in zip(fit.time, fit.survival, strict=True) if t < at]
        assert (before[-1] if before else 1.0) >= left / n - 1e-12


ROWS = Table(
    "Table 2", "Overall survival, number at risk by months", (("", "0", "6", "12", "18"),),
    (Row(("Drug", "40", "31", "22", "9")), Row(("Control", "41", "25", "13", "4"))),
)  # fmt: skip
LIFE = Table(
    "Table 3", "Life table of overall survival",
    (("Months", "Number at risk", "Deaths", "Survival (%)"),),
    tuple(Row(r) for r in (("0", "120", "0", "100"), ("12", "90", "28", "76.5"),
                           ("24", "61", "22", "45.1"), ("36", "30", "9", "44.9"))),
)  # fmt: skip


def test_numbers_at_risk_are_read_in_tables_and_legends() -> None:
    legend = Paragraph("OS, months. No. at risk\n0 6 12\nDrug 40 30 21\nControl 41 25 12", "legend")
    published, _ = extract(Paper(blocks=(ROWS, LIFE, legend)))
    assert [tuple(n for _, n in c.at_risk) for c in published.curves] == [
        ("40", "31", "22", "9"), ("41", "25", "13", "4"), ("120", "90", "61", "30"),
        ("40", "30", "21"), ("41", "25", "12"),
    ]  # fmt: skip
    assert [m.percent for m in published.landmarks] == ["100", "76.5", "45.1", "44.9"]
    assert told(published) == [("at_risk.survival", Certainty.IMPOSSIBLE_IF)]


RATE = "There were 358 deaths in 45,420 person-years (rate {} per 1,000 person-years)."


@pytest.mark.parametrize(("rate", "found"), [("7.88", False), ("7.9", False), ("8.78", True)])
def test_a_rate_follows_from_events_and_person_time(rate: str, found: bool) -> None:
    text = "Results\n\nOf the 200 patients, 100 (50.0%) were men.\n" + RATE.format(rate) + "\n"
    assert ("totals.rate" in {f.id for f in audit(text, unusual=True)}) is found


FLOW = (
    "Of 540 patients screened, 302 (55.9%) were eligible, 238 ({}%) were randomised and 229 "
    "(96.2%) were treated."
)


@pytest.mark.parametrize(("share", "found"), [("78.8", False), ("44.1", False), ("71.3", True)])
def test_percentages_of_a_flow_chain(share: str, found: bool) -> None:
    text = "Results\n\nWe enrolled 238 patients.\n" + FLOW.format(share) + "\n"
    assert ("totals.flow" in {f.id for f in audit(text, unusual=True)}) is found


@pytest.mark.parametrize(("p", "found"), [("0.07", False), ("0.03", False), ("0.001", True)])
def test_a_p_of_three_levels_is_held_against_the_usual_tests(p: str, found: bool) -> None:
    table = TwoByTwo("Stage", (("10", "20"), ("20", "20"), ("30", "20")), p)
    log = Log(Published())
    check_larger(table, log)
    assert [f.certainty for f in log.findings] == ([Certainty.UNUSUAL] if found else [])


def test_larger_tables_agree_with_r() -> None:
    # tests/audit/r/larger_tables.R
    found = larger_p([(10, 20, 5), (20, 20, 9), (30, 20, 30)])
    assert found["chi-squared"] == pytest.approx(0.00503217695649573, abs=1e-12)
    assert found["likelihood ratio"] == pytest.approx(0.00499008428311955, abs=1e-12)
    assert found["ranks"] == pytest.approx(0.00104641005380217, abs=1e-12)
