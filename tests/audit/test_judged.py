"""What is told aloud is decided by what readers found, and by nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from test_papers import SCRIPT

from oncohort.audit import Certainty, audit_report
from oncohort.audit.checks import run
from oncohort.audit.extract.paper import extract
from oncohort.audit.judged import Counts, Judged, by_measure, read, table
from oncohort.audit.readers import read_bytes

HOLDING = "They did not differ (t(40) = 2.02, p = 0.05; t(40) = 2.70, p = 0.01). "


def test_the_package_has_the_verdicts_of_the_readers() -> None:
    assert SCRIPT.JUDGED.read_text(encoding="utf-8") == SCRIPT.written()


@settings(deadline=None)
@given(st.integers(0, 400), st.integers(0, 40))
def test_the_bound_is_that_of_clopper_and_pearson(true: int, false: int) -> None:
    if true + false:
        exact = stats.binomtest(true, true + false, alternative="greater").proportion_ci(0.95)
        assert Counts(true, false).low == pytest.approx(exact.low, abs=1e-8)


@pytest.mark.parametrize(
    ("judged", "aloud"),
    [
        (Judged(told=Counts(59), kin=Counts(59)), True),
        (Judged(told=Counts(58), kin=Counts(58)), False),
        (Judged(told=Counts(59, 1), kin=Counts(59, 1)), False),
        # Own findings are few: the family stands in, unless it was wrong on new papers.
        (Judged(told=Counts(10), first=Counts(10), kin=Counts(300)), True),
        (Judged(told=Counts(10), first=Counts(9, 1), kin=Counts(300)), False),
        (Judged(kin=Counts(300)), True),
        (Judged(kin=Counts(22)), False),
        # Hardly any of the family on real papers: synthetic ones stand in, until one is false.
        (Judged(kin=Counts(3), kin_synthetic=Counts(80)), True),
        (Judged(kin=Counts(3, 1), kin_synthetic=Counts(80)), False),
        (Judged(kin=Counts(3), kin_synthetic=Counts(40)), False),
        (Judged(kin=Counts(20), kin_synthetic=Counts(800)), False),
        (Judged(), False),
    ],
)
def test_a_rule_is_told_aloud_by_number(judged: Judged, aloud: bool) -> None:
    assert judged.aloud is aloud


def test_every_rule_that_may_be_told_stands_in_one_family() -> None:
    folder = Path(SCRIPT.JUDGED).parent / "checks"
    source = "".join(p.read_text(encoding="utf-8") for p in sorted(folder.glob("*.py")))
    families = read(SCRIPT.JUDGED.read_text(encoding="utf-8"))
    assert [rule for rule in families if f'"{rule}"' not in source] == []
    entries = json.loads(SCRIPT.LABELS.read_text(encoding="utf-8"))
    assert {e["rule"] for e in entries} <= set(families)


def test_what_is_not_measured_enough_is_unusual_and_says_why() -> None:
    text = f"Results\n\n{HOLDING}The groups differed (t(40) = 2.10, p = 0.42).\n"
    assert not table()["tests.statistic"].aloud
    assert not audit_report(text).shown()
    (found,) = (f for f in audit_report(text).findings if f.id == "tests.statistic")
    assert found.certainty is Certainty.UNUSUAL
    assert found.proof is not None
    assert "judged on real papers" in found.readings[-1]
    published, _ = extract(read_bytes(text.encode(), source="a.txt"))
    (plain,) = (f for f in run(published).findings if f.id == "tests.statistic")
    assert plain.certainty is found.proof


def test_what_is_measured_stays_as_its_rule_tells_it() -> None:
    text = (
        "Results\n\nOf the 42 patients, 30 (71.4%) were men. A grade 3 event was seen in 16 "
        "patients (31.8%).\n"
    )
    published, _ = extract(read_bytes(text.encode(), source="a.txt"))
    findings = tuple(run(published).findings)
    assert {f.certainty for f in findings} == {Certainty.IMPOSSIBLE}
    assert by_measure(findings) == findings
