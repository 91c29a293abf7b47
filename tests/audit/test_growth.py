"""No pattern of the audit grows faster than the text, and no paper takes long."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

import oncohort.audit
import oncohort.published
from oncohort.audit import audit_report

RUNS = (
    "1", " ", "(", ")", "[", ",", "-", "a", "A", "–", ".", "%", "=", "/", ";", "1,", "1-", "-1",
    "1.", "1 ", "1/", "1%", "(1", "1 (", "(1%) ", "9 (1%), ", "a-", "-A", "a ", "A ", " ,", "; ",
    "n=1 ", "(n=1) ", "A. ", "and ", "1, and ", "1 of ", "the ", "vs ", "median ", "HR ", "OS ",
    "1-year ", "95% CI ", "1.0-1.0 ", "p=0.1 ", "survival ", "patients ", "group ",
)  # fmt: skip
"""What texts are made of, each repeated: digits, blanks, brackets, commas, hyphens, letters."""
SHORT, LONG = 10_000, 100_000


class _TooLong(Exception):
    pass


@contextmanager
def ended_after(seconds: float) -> Iterator[None]:
    """End an expression that would run for hours; far above what a linear one takes."""

    def stop(*_: object) -> None:
        raise _TooLong

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def modules() -> list[object]:
    found = []
    for root in (oncohort.audit, oncohort.published):
        for each in pkgutil.walk_packages(root.__path__, root.__name__ + "."):
            found.append(importlib.import_module(each.name))
    return found


def compiled(value: object) -> Iterator[re.Pattern[str]]:
    if isinstance(value, re.Pattern) and isinstance(value.pattern, str):
        yield value
    elif isinstance(value, (tuple, list, frozenset)):
        for each in value:
            yield from compiled(each)
    elif isinstance(value, dict):
        yield from compiled(list(value.values()))


def patterns() -> dict[tuple[str, int, str], str]:
    """(pattern, flags, way of use) to where it stands: compiled ones, and those in calls of re."""
    found: dict[tuple[str, int, str], str] = {}
    for module in modules():
        name = module.__name__  # type: ignore[attr-defined]
        for key, value in vars(module).items():
            for pattern in compiled(value):
                found.setdefault((pattern.pattern, pattern.flags, "search"), f"{name}.{key}")
        for node in ast.walk(ast.parse(inspect.getsource(module))):  # type: ignore[arg-type]
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            if not (isinstance(node.func.value, ast.Name) and node.func.value.id == "re"):
                continue
            if node.func.attr == "escape" or not node.args:
                continue
            try:
                text = eval(compile(ast.Expression(node.args[0]), name, "eval"), dict(vars(module)))
            except NameError:
                continue  # made inside a function, of words of the paper
            if isinstance(text, str):
                use = node.func.attr if node.func.attr in {"match", "fullmatch"} else "search"
                found.setdefault((text, int(re.I), use), f"{name}:{node.lineno}")
    return found


def seconds(pattern: re.Pattern[str], use: str, text: str) -> float:
    start = time.process_time()
    if use == "search":
        for _ in pattern.finditer(text):
            pass
    else:
        getattr(pattern, use)(text)
    return time.process_time() - start


def explosive(pattern: re.Pattern[str], use: str, sizes: tuple[int, int]) -> str:
    """A run on which the pattern takes far more than its length asks for; empty if none."""
    small, large = sizes
    for run in RUNS:
        try:
            with ended_after(10.0):
                first = seconds(pattern, use, (run * small)[:small] + "!")
                second = seconds(pattern, use, (run * large)[:large] + "!")
        except _TooLong:
            return f"{run!r}: does not end"
        # Ten times the text takes ten times as long; a quadratic pattern takes a hundred times.
        if second > 40 * max(first, 0.002):
            return f"{run!r}: {first:.4f} s, then {second:.4f} s"
    return ""


ALL = patterns()


def test_patterns_are_found() -> None:
    assert len(ALL) > 250
    assert any(where.endswith("said_times._MEDIAN") for where in ALL.values())


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs a timer of the system")
def test_patterns_grow_no_faster_than_a_text_of_20_kb() -> None:
    slow = {}
    for (text, flags, use), where in ALL.items():
        found = explosive(re.compile(text, flags), use, (2_000, 20_000))
        if found:
            slow[where] = found
    assert not slow


@pytest.mark.verify
@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs a timer of the system")
def test_patterns_grow_no_faster_than_a_text_of_100_kb() -> None:
    slow = {}
    for (text, flags, use), where in ALL.items():
        found = explosive(re.compile(text, flags), use, (SHORT, LONG))
        if found:
            slow[where] = found
    assert not slow


def test_the_measure_tells_a_quadratic_pattern() -> None:
    assert explosive(re.compile(r"\s*x"), "search", (2_000, 20_000))
    assert explosive(re.compile(r"^(?:a+)+$"), "search", (2_000, 20_000))
    assert not explosive(re.compile(r"\d{1,3} x"), "search", (2_000, 20_000))


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
