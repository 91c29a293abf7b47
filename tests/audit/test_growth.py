"""No paper takes long, whatever it is made of (patterns: tests/source/test_patterns.py)."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "source"))

from patterns import RUNS, ended_after

from oncohort.audit import audit_report


def paper(kind: str, run: str, size: int) -> str:
    text = (run * size)[:size]
    if kind == "prose":
        body = f"<p>Start {text} end.</p>"
    else:
        head = "<thead><tr><th>Variable</th><th></th><th>n (%)</th></tr></thead>"
        rows = "".join(
            f"<tr><td>{a}</td><td>{b}</td><td>{c}</td></tr>"
            for a, b, c in (("Score", text, "1 (2)"), (text, "low", "3 (4)"), ("x", "y", text))
        )
        body = (
            f"<table-wrap><label>Table 1</label><table>{head}<tbody>{rows}</tbody></table>"
            "</table-wrap>"
        )
    return f"<article><body><sec><title>Results</title>{body}</sec></body></article>\n"


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs a timer of the system")
@pytest.mark.parametrize("kind", ["prose", "cells"])
def test_papers_of_nothing_but_runs_are_read_to_their_end(kind: str) -> None:
    for run in RUNS:
        with ended_after(30.0):
            report = audit_report(paper(kind, run, 20_000))
        assert not report.findings


SENTENCE = "PFS was {}.1 months in 20 patients, and 10 of 42 patients (23.8%) died."


@pytest.mark.verify
@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs a timer of the system")
def test_a_paper_of_ten_thousand_sentences_is_read_to_its_end() -> None:
    body = "".join(f"<p>Paragraph {i}: {SENTENCE.format(i)}</p>" for i in range(10_000))
    text = f"<article><body><sec><title>Results</title>{body}</sec></body></article>"
    with ended_after(60.0):
        assert audit_report(text).read >= 10_000


@pytest.mark.parametrize(
    "cell",
    [
        "≥3 previous lines of systemic treatment (any)",
        "<12 weeks since last chemotherapy (n = 12)",
        ">24 hours after the end of the infusion*",
        ">5 " + "a" * 400 + ";",
    ],
)
def test_thresholds_in_words_are_read_to_their_end(cell: str) -> None:
    source = (
        "<article><body><sec><title>Results</title><table-wrap><label>Table 1</label><table><thead>"
        "<tr><th></th><th></th><th>n (%)</th></tr></thead><tbody>"
        + "".join(
            f"<tr><td>Score {k}</td><td>{c}</td><td>3 (4)</td></tr>"
            for k, c in enumerate((cell.replace("<", "&lt;"), "low", "mid", "high"))
        )
        + "</tbody></table></table-wrap></sec></body></article>\n"
    )
    assert audit_report(source).source == "text"


def test_hyphenated_sequences_are_read_to_their_end() -> None:
    text = "Results\n\nOf the 42 patients, 30 (71.4%) got " + "-".join(["Ala"] * 300) + ".\n"
    assert not audit_report(text).error
