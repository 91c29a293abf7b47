"""The audit on real papers, against verdicts of people who read what it said."""

from __future__ import annotations

import json
from types import ModuleType

import pytest

from conftest import ROOT, program, shared_file


def _script() -> ModuleType:
    return program("scripts/measure_audit.py")


SCRIPT = _script()
LOST = {
    # A p said to be below a limit that it rounds to.
    ("PMC3210325", "8.0 1 112 <.005"),
    # No two other rows of the table have the p of a chi-squared or Fisher test of their counts.
    ("PMC3292461", "0.18 13 12 19 22"),
    # The papers correct for several comparisons, which may have made these p larger.
    ("PMC3664327", "10.3 1 111 0.004"),
    ("PMC3707921", "0.35 28 0.97"),
    ("PMC4914255", "4.74 3 38 0.03"),
    ("PMC5843211", "-.03 53 .987"),
    # The papers have repeated measures, whose correction makes a p of a small F smaller.
    ("PMC3698199", "0.35 2 34 .557"),
    ("PMC4914255", "0.05 3 38 0.82"),
    # Off by one in the last digit of p, or with degrees of freedom that may be rounded.
    ("PMC3698199", "0.767 1 15 .396"),
    ("PMC3698199", "3.01 1 19 .100"),
    ("PMC3698199", "7.422 1 19 .014"),
    ("PMC4881125", "4.79 1 38 0.04"),
    # Fewer than half of the paper's F have the p that follows from them.
    ("PMC4517027", "2.51 2 23 0.025"),
    ("PMC4517027", "3.38 2 16 0.046"),
    ("PMC4517027", "4.38 2 16 0.021"),
    ("PMC4517027", "4.86 2 16 0.014"),
    ("PMC4517027", "6.20 2 23 0.004"),
    ("PMC4517027", "6.49 2 23 0.003"),
    ("PMC4517027", "6.60 2 23 0.003"),
    # No two others of the paper's statistics show how they are read.
    ("PMC5587697", "0.05 1 58 0.94"),
    # The sentences name tests of ranks.
    ("PMC5618071", "3.588 0.009633"),
    ("PMC5618071", "5.526 0.000241"),
    # The percentage may have been rounded before a zero was added.
    ("PMC5434251", "11 45.0"),
    ("PMC5320771", "2 11.78"),  # 11.76: less than two hundredths off
}
"""Findings that were read as true and are only *unusual* now, with the reason."""


def test_labels_hold_no_words_of_papers() -> None:
    known = SCRIPT.labels()
    assert len(known) > 150
    assert set(known.values()) == {"true", "false alarm", "debatable"}
    assert all(len(word) < 15 for told in known for word in told.figures.split())


def test_the_docs_have_the_verdicts_by_rule() -> None:
    assert SCRIPT.rules() in (ROOT / "docs" / "audit.md").read_text(encoding="utf-8")


def test_no_false_alarm_that_is_known_is_told() -> None:
    entries = json.loads(SCRIPT.LABELS.read_text(encoding="utf-8"))
    assert {e["verdict"] for e in entries if e["told"]} == {"true"}


def test_one_error_is_known_by_a_pair_in_common() -> None:
    one = SCRIPT.Told("A", "counts.percentage", "36 75.0")
    both = SCRIPT.Told("A", "counts.sum", "36 75.0 10 25.0")
    assert one.same_error(both)
    assert not one.same_error(SCRIPT.Told("B", "counts.percentage", "36 75.0"))
    assert not one.same_error(SCRIPT.Told("A", "tests.statistic", "36 75.0"))


@pytest.mark.verify
def test_loud_findings_on_real_papers_are_true() -> None:
    folder = shared_file("data", "papers")
    measured = SCRIPT.measure(sorted(folder.glob("*.nxml")), SCRIPT.labels())
    assert measured.unread == []
    good, every = measured.precision()
    assert every > 100
    assert good >= 0.99 * every, measured.wrong
    assert {(t.paper, t.figures) for t in measured.lost} <= LOST
