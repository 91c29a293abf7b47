"""No paper takes long, whatever it is made of (patterns: tests/source/test_patterns.py)."""

from __future__ import annotations

import random
import signal
import sys
from pathlib import Path
from types import FrameType

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


DENSE = (
    "Of the {a} patients, {b} ({c}%) had a response in this study, and {b} of {a} ({c}%) died.",
    "The hazard ratio for death with drug A than with placebo was 0.{b} (95% CI 0.{d}-0.{e}; "
    "p = 0.0{f}).",
    "Median PFS was {f}.{d} months (95% CI {f}.1-{f}.9) and OS at 2 years {c}% (95% CI {d}-{e}).",
    "They differed, t(38) = {f}.61, p = 0.0{f}, and F(2, 57) = {f}.2, p = 0.3{f}.",
)
ROW = "<tr><td>Level {a}</td><td>{b} ({c})</td><td>0.{b} (0.{d}-0.{e})</td></tr>"


def dense(pieces: int) -> str:
    """A paper of nothing but figures, no two sentences or rows alike."""
    rng = random.Random(pieces)
    said, rows = [], []
    for k in range(pieces):
        a, b = rng.randint(50, 900), rng.randint(10, 49)
        d, e, f = rng.randint(10, 49), rng.randint(50, 99), rng.randint(1, 9)
        named = {"a": a, "b": b, "c": round(100 * b / a, 1), "d": d, "e": e, "f": f}
        said.append(f"<p>{DENSE[k % len(DENSE)].format(**named)}</p>")
        rows.append(ROW.format(**named))
    tables = "".join(
        f"<table-wrap><label>Table {k}</label><table><thead><tr><th>Variable</th><th>n (%)</th>"
        f"<th>HR (95% CI)</th></tr></thead><tbody>{''.join(rows[k : k + 30])}</tbody></table>"
        "</table-wrap>"
        for k in range(0, pieces, 30)
    )
    body = f"<sec><title>Results</title>{''.join(said)}{tables}</sec>"
    return f"<article><body>{body}</body></article>\n"


def calls(text: str) -> int:
    """How many functions an audit calls: a measure of its work that no other program disturbs."""
    made = 0

    def count(frame: FrameType, event: str, argument: object) -> None:
        nonlocal made
        made += event in {"call", "c_call"}

    sys.setprofile(count)
    try:
        audit_report(text)
    finally:
        sys.setprofile(None)
    return made


def test_the_work_grows_as_the_paper_does() -> None:
    calls(dense(30))  # what is done once
    small, large = calls(dense(120)), calls(dense(480))
    assert large < 1.25 * 4 * small


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
