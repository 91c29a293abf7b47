"""The audit on real papers, against verdicts of people who read what it said."""

from __future__ import annotations

import importlib.util
import sys
from types import ModuleType

import pytest

from conftest import ROOT, shared_file


def _script() -> ModuleType:
    path = ROOT / "scripts" / "measure_audit.py"
    spec = importlib.util.spec_from_file_location("measure_audit", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


SCRIPT = _script()
LOST = {
    # A p said to be below a limit that it rounds to.
    ("PMC3210325", "8.0 1 112 <.005"),
    # The papers correct for several comparisons, which may have made these p larger.
    ("PMC3664327", "10.3 1 111 0.004"),
    ("PMC3707921", "0.35 28 0.97"),
    ("PMC4914255", "4.74 3 38 0.03"),
    ("PMC5843211", "-.03 53 .987"),
    # The papers have repeated measures, whose correction makes a p of a small F smaller.
    ("PMC3698199", "0.35 2 34 .557"),
    ("PMC4914255", "0.05 3 38 0.82"),
    # The percentage may have been rounded before a zero was added.
    ("PMC5434251", "11 45.0"),
}
"""Findings that were read as true and are only *unusual* now, with the reason."""


def test_labels_hold_no_words_of_papers() -> None:
    known = SCRIPT.labels()
    assert len(known) > 150
    assert set(known.values()) == {"true", "false alarm", "debatable"}
    assert all(len(word) < 15 for told in known for word in told.figures.split())


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
