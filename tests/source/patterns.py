"""Every pattern of the package, and runs of signs on which one may grow faster than the text."""

from __future__ import annotations

import ast
import importlib
import inspect
import math
import pkgutil
import re
import signal
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from pattern_texts import Shape

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


class _Filled(ast.NodeTransformer):
    """An expression in which every part that is known only at run time is a sign."""

    def __init__(self, names: dict[str, Any]) -> None:
        self.names = names

    def visit_FormattedValue(self, node: ast.FormattedValue) -> ast.expr:
        return ast.Constant(_value(node.value, self.names, "1"))

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return node if node.id in self.names else ast.Constant("1")

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        return ast.Constant(_value(node, self.names, "1"))

    def visit_Call(self, node: ast.Call) -> ast.expr:
        return ast.Constant(_value(node, self.names, "1"))

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        return ast.Constant(_value(node, self.names, "1"))


def _value(node: ast.expr, names: dict[str, Any], otherwise: Any) -> Any:
    """What an expression of a module comes to, if it can be told without its arguments."""
    try:
        value = eval(compile(ast.Expression(node), "pattern", "eval"), dict(names))
    except Exception:  # noqa: BLE001 - an argument of the function around it
        return otherwise
    return value if isinstance(value, str | bytes) else otherwise


def _local_texts(tree: ast.Module, names: dict[str, Any]) -> dict[str, Any]:
    """Texts that functions give to names of their own."""
    out = dict(names)
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            value = _value(node.value, out, None)
            if value is not None:
                out.setdefault(node.targets[0].id, value)
    return out


def _text_of(node: ast.expr, names: dict[str, Any]) -> Any:
    """The pattern of a call, its holes filled with a sign; None where it is all an argument."""
    value = _value(node, names, None)
    if value is not None or isinstance(node, ast.Name | ast.Attribute):
        return value
    filled = ast.fix_missing_locations(ast.Expression(_Filled(names).visit(node)))
    return _value(filled.body, names, None)


def _listed(value: object) -> Iterator[str]:
    """Texts in tuples, lists and mappings of a module that are patterns by their signs."""
    if isinstance(value, str):
        if re.search(r"\\[bdswSDWB]|[)\]][*+?]|\(\?", value):
            yield value
    elif isinstance(value, tuple | list):
        for each in value:
            yield from _listed(each)
    elif isinstance(value, dict):
        yield from _listed(list(value.values()))


def _called(module: ModuleType) -> Iterator[tuple[int, re.Pattern[Any], str]]:
    """Patterns in calls of ``re``, with their lines; what arguments add to them is a sign."""
    try:
        tree = ast.parse(inspect.getsource(module))
    except OSError:  # an empty file, or a compiled one
        return
    names, lists = _local_texts(tree, vars(module)), False
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
        text = _text_of(node.args[0], names)
        lists |= text is None
        if isinstance(text, str | bytes):
            more = [*node.args[1:], *(k.value for k in node.keywords)]
            with suppress(re.error):  # the sign may not stand there: "{1}" of nothing
                yield node.lineno, re.compile(text, _flags(more, vars(module))), node.func.attr
    if lists:  # a pattern that is taken from a list of the module
        for value in list(vars(module).values()):
            for text in _listed(value):
                with suppress(re.error):
                    yield 0, re.compile(text, re.IGNORECASE), "search"


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


def seconds(used: Used, text: Any, limit: float, times: int = 1) -> float:
    """Processor time of so many uses, by one look at the clock; infinite beyond a limit."""
    start = time.process_time()
    try:
        with ended_after(limit):
            for _ in range(times):
                used_on(used, text)
    except TooLong:
        return math.inf
    return time.process_time() - start


QUICK = 0.8e-6
"""Seconds for each sign: a quadratic search of 4,000 signs and more takes longer."""
TICK = 0.02
"""Seconds: the finest step of the clock of some systems."""
FINE = time.get_clock_info("process_time").resolution < 1e-6
"""Whether one search can be timed: what is linear at a first look is not looked at again."""


EVERY = [Shape("", run) for run in RUNS] + [Shape(head, run) for head in HEADS for run in BEHIND]
USUAL = [Shape("", run) for run in (" ", "1", "a", "-", "(", "[", "<", "1 ", "a ", ". ", "1-")]
"""What is tried on every pattern, beside texts made of its own parts."""


def explosive(used: Used, size: int, shapes: Iterable[Shape], limit: float = 10.0) -> str:
    """A text on which the pattern takes far more than its length asks for; empty if none.

    What is not quick is compared with twenty texts of a twentieth of the length, which take the
    same time together; with a quadratic pattern they take a twentieth of it.
    """
    for shape in shapes:
        once = seconds(used, _given(used, shape, size), limit)
        if once < QUICK * size:
            continue
        if once == math.inf:
            return f"{shape.head + shape.run!r}...{shape.second!r}: does not end"
        whole, part = _given(used, shape, size), _given(used, shape, size // 20)
        if FINE and once < 3 * seconds(used, part, limit, 20):
            continue
        times = max(1, min(50, round(0.15 / once)))
        long = seconds(used, whole, limit, times)
        short = seconds(used, part, limit, 20 * times)
        if long > 4 * max(short, TICK):
            return f"{shape.head + shape.run!r}...{shape.second!r}: {long:.2f} s, parts {short:.2f}"
    return ""


def _given(used: Used, shape: Shape, size: int) -> Any:
    text = shape.text(size)
    return text.encode() if isinstance(used.pattern.pattern, bytes) else text
