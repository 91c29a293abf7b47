"""Every pattern of the package, and runs of signs on which one may grow faster than the text."""

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
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import oncohort

RUNS = (
    *("1", " ", "(", ")", "[", "]", ",", "-", "a", "A", "–", ".", "%", "=", "/", ";", ":", "*"),
    *("<", ">", "{", "}", "#", "@", "|", "+", "^", "\\", '"', "'", "\t", "\n", "²", "Ａ", "あ"),
    *("1,", "1-", "-1", "1.", "1 ", "1/", "1%", "(1", "1 (", "(1%) ", "9 (1%), ", "1:", "1;", "_"),
    *("a-", "-A", "a ", "A ", " ,", "; ", "a.", "a_", "a@", "a=", "a/", "a: ", "a; ", "a;b ", "é"),
    *("n=1 ", "(n=1) ", "A. ", "and ", "1, and ", "1 of ", "the ", "vs ", "median ", "HR ", "= "),
    *("1-year ", "95% CI ", "1.0-1.0 ", "p=0.1 ", "survival ", "patients ", "group ", "<= 1 "),
    *("mm ", "1 x ", "10 x 5 mm ", "mg ", "5 mg ", "--", "->", "- ", "→", " -> ", "| ", "+ "),
    *("#1 ", "2015-", "2015-01-01 ", "visit 1 ", "scan 1 ", "grade 3 ", "G3 ", "Grade 3, ", "x "),
    *("no ", "not ", "\u00a0", "\u3000", "\r\n", " \n", "1,000", "1 - ", "1 – 2 ", "1e1", "<a "),
    *("<row ", '<c r="A1">', '<row r="1"', 'r="a"', 'number-rows-repeated="1" ', '"a".', '\\"'),
)
"""What texts are made of, each repeated: digits, blanks, brackets, marks, letters, words."""
HEADS = ("1", "a", "(", "[", '"', "<", "n = ", "5 mg", "a: ", "G3", "on ")
"""What may stand before a run that alone begins no match."""
BEHIND = (" ", "1", "a", "-", ". ", "1 ")
"""The runs that are tried behind a head."""


class TooLong(Exception):
    """A search that does not end."""


@contextmanager
def ended_after(seconds: float) -> Iterator[None]:
    """End what would run for hours (processor time); far above what a linear one takes."""

    def stop(*_: object) -> None:
        raise TooLong

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


@dataclass(frozen=True)
class Used:
    """A pattern and how it is used: ``search`` (anywhere), ``match`` or ``fullmatch``."""

    pattern: re.Pattern[Any]
    use: str


def modules() -> Iterator[ModuleType]:
    """All modules of the package that can be imported without being run."""
    for each in pkgutil.walk_packages(oncohort.__path__, "oncohort."):
        if not each.name.endswith("__main__"):
            yield importlib.import_module(each.name)


def compiled(value: object) -> Iterator[re.Pattern[Any]]:
    """The patterns in a value, within tuples, lists, sets, mappings and frozen records too."""
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, tuple | list | frozenset | set):
        for each in value:
            yield from compiled(each)
    elif isinstance(value, dict):
        yield from compiled(list(value.values()))
    elif hasattr(type(value), "__dataclass_fields__"):
        for name in type(value).__dataclass_fields__:
            yield from compiled(getattr(value, name, None))


def _flags(arguments: list[ast.expr], names: dict[str, object]) -> int:
    for argument in arguments:
        try:
            value = eval(compile(ast.Expression(argument), "flags", "eval"), dict(names))
        except NameError:  # an argument of the function around it
            value = None
        if isinstance(value, re.RegexFlag):
            return int(value)
    return 0


def _called(module: ModuleType) -> Iterator[tuple[int, re.Pattern[Any], str]]:
    """Patterns in calls of ``re``, with their lines; those made of arguments are left out."""
    try:
        tree = ast.parse(inspect.getsource(module))
    except OSError:  # an empty file, or a compiled one
        return
    for node in ast.walk(tree):
        if not (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id == "re"
            and node.func.attr != "escape"
            and node.args
        ):
            continue
        try:
            code = compile(ast.Expression(node.args[0]), module.__name__, "eval")
            text = eval(code, dict(vars(module)))
        except NameError:
            continue
        if isinstance(text, str | bytes):
            more = [*node.args[1:], *(k.value for k in node.keywords)]
            pattern = re.compile(text, _flags(more, vars(module)))
            yield node.lineno, pattern, node.func.attr


def patterns() -> dict[Used, str]:
    """Every pattern and where it stands: values of modules, and those in calls of ``re``."""
    found: dict[Used, str] = {}
    for module in modules():
        name = module.__name__.removeprefix("oncohort.")
        uses = _uses(module)
        for key, value in vars(module).items():
            for pattern in compiled(value):
                for use in uses.get(key, {"search"}):
                    found.setdefault(Used(pattern, use), f"{name}.{key}")
        for line, pattern, called in _called(module):
            use = called if called in {"match", "fullmatch"} else "search"
            if called != "compile":
                found.setdefault(Used(pattern, use), f"{name}:{line}")
            elif not any(u.pattern == pattern for u in found):
                found[Used(pattern, use)] = f"{name}:{line}"
    return found


def _uses(module: ModuleType) -> dict[str, set[str]]:
    """How a module uses its own patterns: ``_NAME.match(...)`` and the like."""
    try:
        tree = ast.parse(inspect.getsource(module))
    except OSError:
        return {}
    uses: dict[str, set[str]] = {}
    plain: dict[str, int] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            plain[node.id] = plain.get(node.id, 0) + 1
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            how = node.attr if node.attr in {"match", "fullmatch"} else "search"
            uses.setdefault(node.value.id, set()).add(how)
            plain[node.value.id] = plain.get(node.value.id, 0) - 1
    # A pattern that is handed on may be used in any way.
    for name, left in plain.items():
        if left > 0:
            uses.setdefault(name, set()).add("search")
    return uses


def used_on(used: Used, text: Any) -> None:
    """One use over a whole text."""
    if used.use == "search":
        for _ in used.pattern.finditer(text):
            pass
    else:
        getattr(used.pattern, used.use)(text)


def seconds(used: Used, text: Any, times: int) -> float:
    """Processor time of so many uses; the clock of some systems has ticks of 10 ms."""
    start = time.process_time()
    for _ in range(times):
        used_on(used, text)
    return time.process_time() - start


def quick(used: Used, text: Any) -> bool:
    """Is it done sooner than any quadratic search of the longer text could be?"""
    start = time.perf_counter()
    used_on(used, text)
    return time.perf_counter() - start < QUICK


QUICK = 0.008
TICK = 0.02
"""Seconds: where a search is quick (by the wall), and the finest step of the clock."""


EVERY = [("", run) for run in RUNS] + [(head, run) for head in HEADS for run in BEHIND]
USUAL = [("", run) for run in (" ", "1", "a", "-", "(", "[", "<", "1 ", "a ", ". ", "1-", "a-")]
USUAL += [(head, run) for head in ("(", "a", "1") for run in (" ", "1")]
"""What is tried: all of it, and what found most of the slow patterns that there were."""


def explosive(
    used: Used,
    sizes: tuple[int, int],
    limit: float = 10.0,
    tried: list[tuple[str, str]] = EVERY,
) -> str:
    """A run on which the pattern takes far more than its length asks for; empty if none.

    Fifty uses on a short text, and five on one of ten times its length, take the same time; with a
    quadratic pattern the five take ten times as long.
    """
    is_bytes = isinstance(used.pattern.pattern, bytes)
    for head, run in tried:
        texts = [(head + run * size)[:size] + "!" for size in sizes]
        given: list[Any] = [t.encode() for t in texts] if is_bytes else list(texts)
        try:
            with ended_after(limit):
                if any(quick(used, given[1]) for _ in range(5)):
                    continue
                first, second = seconds(used, given[0], 50), seconds(used, given[1], 5)
        except TooLong:
            return f"{head + run!r}...: does not end"
        if second > 4 * max(first, TICK):
            return f"{head + run!r}...: {first:.3f} s for 50, then {second:.3f} s for 5"
    return ""
