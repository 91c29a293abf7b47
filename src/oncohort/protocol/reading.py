"""`study.toml` to the frozen protocol; each problem names file, line and key."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date, time
from pathlib import Path
from typing import TYPE_CHECKING

from oncohort.foreign_texts import toml_of
from oncohort.problems import Place, Problem, ProtocolError, problem
from oncohort.protocol.base import Section
from oncohort.protocol.model import Protocol
from oncohort.protocol.references import nearest
from oncohort.regular_files import regular, why
from oncohort.vocabulary.keys import key_of

if TYPE_CHECKING:
    from pydantic import BaseModel, ValidationError
    from pydantic_core import ErrorDetails

_HEADER = re.compile(r"^\s*(\[\[?)([^\]#]+)\]\]?\s*(?:#.*)?$")
_PAIR = re.compile(
    r"""^\s*((?:"[^"]*"|'[^']*'|[A-Za-z0-9_-]+)(?:\s*\.\s*(?:"[^"]*"|'[^']*'|[A-Za-z0-9_-]+))*)\s*="""
)
LONGEST_TEXT = 50_000
"""Characters of one text of the protocol."""
_KIND = re.compile(r"bool|int|float|str|date|constrained-\w+|(?:list|dict|literal|union)\[.*\]")
"""What pydantic adds to the place of a value that may be of several kinds."""
_PART = re.compile(r""""([^"]*)"|'([^']*)'|([A-Za-z0-9_-]+)""")


def _split(dotted: str) -> tuple[str, ...]:
    return tuple(a or b or c for a, b, c in _PART.findall(dotted))


def line_numbers(text: str) -> dict[tuple[str | int, ...], int]:
    """Line of every table header and key in a TOML text, counted from 1.

    Examples
    --------
    >>> line_numbers('[study]\\ntitle = "x"')[("study", "title")]
    2
    """
    lines: dict[tuple[str | int, ...], int] = {}
    counts: dict[tuple[str, ...], int] = {}
    base: tuple[str | int, ...] = ()
    quoted: str | None = None
    for number, line in enumerate(text.splitlines(), 1):
        if quoted:
            if quoted in line:
                quoted = None
            continue
        header = _HEADER.match(line)
        if header:
            path = _split(header.group(2))
            base = path
            if header.group(1) == "[[":
                index = counts.get(path, 0)
                counts[path] = index + 1
                base = (*path, index)
                lines.setdefault(path, number)
            for end in range(1, len(base) + 1):
                lines.setdefault(base[:end], number)
            continue
        pair = _PAIR.match(line)
        if pair:
            lines.setdefault((*base, *_split(pair.group(1))), number)
            for mark in ('"""', "'''"):
                if line.count(mark) == 1:
                    quoted = mark
    return lines


def _line_of(lines: Mapping[tuple[str | int, ...], int], loc: tuple[str | int, ...]) -> int | None:
    for end in range(len(loc), 0, -1):
        if loc[:end] in lines:
            return lines[loc[:end]]
    return None


def _known_keys(model: type[BaseModel], loc: tuple[str | int, ...]) -> list[str]:
    """Keys that the section at `loc` knows, for naming the nearest one."""
    from typing import get_args

    from pydantic import BaseModel as Base

    current: type[BaseModel] = model
    for part in loc:
        fields = {f.alias or k: f for k, f in current.model_fields.items()}
        if part not in fields:
            continue
        stack = [fields[str(part)].annotation]
        while stack:
            kind = stack.pop()
            if isinstance(kind, type) and issubclass(kind, Base):
                current = kind
                break
            stack.extend(get_args(kind))
    return [f.alias or k for k, f in current.model_fields.items()]


def _flat(value: object) -> str:
    """A value as the protocol writes it.

    Examples
    --------
    >>> from datetime import date
    >>> _flat([date(2015, 3, 4), True]), _flat({"a": "b"}), _flat("x")
    ('[2015-03-04, true]', '{ a = "b" }', '"x"')
    """
    text = _in_toml(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _placed(error: ValidationError) -> Iterator[tuple[ErrorDetails, tuple[str | int, ...]]]:
    """The complaints with their places; of a value that may be of several kinds only one.

    Where it is a list, that is the complaint about lists, or about what lies in it.
    """
    found = error.errors(include_url=False)
    alike: dict[object, list[ErrorDetails]] = {}
    for e in found:
        if e["loc"] and _KIND.fullmatch(str(e["loc"][-1])):
            alike.setdefault((e["loc"][:-1], id(e["input"])), []).append(e)
    groups = {id(e): group for group in alike.values() if len(group) > 1 for e in group}
    inner = {e["loc"][:k] for e in found for k in range(1, len(e["loc"]))}
    for e in found:
        group = groups.get(id(e), [e])
        if len(group) > 1 and isinstance(e["input"], list):
            where = e["loc"][:-1]
            lists = [o for o in group if str(o["loc"][-1]).endswith("]")]
            if not lists and any(i[:-1] == where and str(i[-1]).endswith("]") for i in inner):
                continue
            group = lists or group
        if e is not group[0] and e["loc"] != group[0]["loc"]:
            continue
        whole = e if len(group) == 1 else {**e, "type": "several", "msg": _joined(group)}
        loc = e["loc"][:-1] if id(e) in groups else e["loc"]
        yield whole, tuple(p for p in loc if not str(p).endswith("]"))


def _joined(group: list[ErrorDetails]) -> str:
    """What each of several kinds would have been: `Input should be a valid string or ...`."""
    head = "Input should be "
    words = dict.fromkeys(o["msg"].removeprefix(head) for o in group)
    return (head if group[0]["msg"].startswith(head) else "") + " or ".join(words)


def _in_toml(value: object) -> str:
    if isinstance(value, Mapping):
        inside = ", ".join(f"{k} = {_in_toml(v)}" for k, v in value.items())
        return f"{{ {inside} }}" if inside else "{}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_in_toml, value))}]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date | time):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else str(value)


def _problems(
    error: ValidationError, file: str, lines: Mapping[tuple[str | int, ...], int]
) -> Iterator[Problem]:
    for e, loc in _placed(error):
        key = ".".join(str(p) for p in loc)
        place = Place(file=file, line=_line_of(lines, loc), key=key or None)
        if e["type"] == "extra_forbidden":
            known = _known_keys(Protocol, loc[:-1])
            yield problem(
                "protocol.unknown-key",
                place=place,
                key=loc[-1],
                nearest=nearest(str(loc[-1]), known),
            )
        elif e["type"] == "missing":
            yield problem(
                "protocol.missing-key",
                place=place,
                key=loc[-1],
                section=".".join(str(p) for p in loc[:-1]),
            )
        elif e["type"] == "value_error":
            for text in str(e["msg"]).removeprefix("Value error, ").split("\n"):
                named, _, rest = text.partition(": ")
                if rest and re.fullmatch(r"[a-z_]+\.[\w.+-]+", named):
                    at = tuple(named.split("."))
                    where = Place(file=file, line=_line_of(lines, at), key=named)
                    if rest.startswith("no "):
                        yield problem("protocol.unknown-name", place=where, reason=rest)
                    else:
                        yield problem("protocol.value", place=where, reason=rest)
                else:
                    yield problem("protocol.value", place=place, reason=text)
        elif e["type"] == "string_pattern_mismatch":
            better = key_of(str(e["input"]))
            yield problem(
                "protocol.bad-key",
                place=place,
                input=e["input"],
                todo=f'Write "{better}" instead.' if better else "Choose another key.",
            )
        else:
            yield problem(
                "protocol.wrong-type",
                place=place,
                value=_flat(e["input"]),
                reason=e["msg"][0].lower() + e["msg"][1:],
            )


def _without_duplicates(problems: Iterator[Problem]) -> list[Problem]:
    """Unions report one complaint per member; keep one per place."""
    seen: dict[tuple[str | None, str], Problem] = {}
    for p in problems:
        seen.setdefault((p.place.key, p.id), p)
    return list(seen.values())


def _too_long(value: object, key: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], int]]:
    """Texts that no label, title or reason is as long as, by their keys."""
    if isinstance(value, str) and len(value) > LONGEST_TEXT:
        yield key, len(value)
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _too_long(inner, (*key, name))
    elif isinstance(value, list):
        for nth, inner in enumerate(value):
            yield from _too_long(inner, (*key, str(nth)))


def _text_of_a_book(key: tuple[str, ...], n: int, file: str, text: str) -> Problem:
    place = Place(file=file, line=_line_of(line_numbers(text), key), key=".".join(key))
    reason = f"a text of {n:,} characters; at most {LONGEST_TEXT:,} are read"
    return problem("protocol.value", place=place, reason=reason)


def parse_protocol(text: str, file: str = Protocol.FILE) -> Protocol:
    """Read a protocol from its text.

    Raises
    ------
    ProtocolError
        With one problem per complaint, each with file, line and key.

    Examples
    --------
    >>> p = parse_protocol('[study]\\nschema = 1\\ntitle = "A study"\\ndata = "data.xlsx"')
    >>> p.study.time_unit
    'months'
    """
    from pydantic import ValidationError

    try:
        raw: dict[str, object] = toml_of(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"at line (\d+)", str(error))
        broken = problem(
            "protocol.toml",
            place=Place(file=file, line=int(found.group(1)) if found else None),
            reason=str(error)[0].lower() + str(error)[1:],
        )
        raise ProtocolError("", [broken]) from error
    if long := [*_too_long(raw)]:
        raise ProtocolError("", [_text_of_a_book(key, n, file, text) for key, n in long])
    try:
        return Protocol.model_validate(raw)
    except ValidationError as error:
        found_problems = _without_duplicates(_problems(error, file, line_numbers(text)))
        raise ProtocolError("", found_problems) from error


def read_protocol(path: str | Path) -> tuple[Protocol, str]:
    """Read `study.toml` (or the one in a folder); gives the protocol and its text."""
    path = Path(path)
    if path.is_file() and path.suffix.lower() != ".toml":
        chart = problem("protocol.chart", place=Place(file=str(path)), name=path.name)
        raise ProtocolError("", [chart])
    if path.suffix != ".toml":
        path = path / Protocol.FILE
    try:
        text = regular(path).read_text(encoding="utf-8-sig")
    except (FileNotFoundError, NotADirectoryError) as error:
        missing = problem(
            "protocol.no-file", place=Place(file=str(path)), name=path.name, folder=path.parent
        )
        raise ProtocolError("", [missing]) from error
    except (OSError, UnicodeDecodeError) as error:
        missing = problem(
            "protocol.unreadable", place=Place(file=str(path)), name=path.name, reason=why(error)
        )
        raise ProtocolError("", [missing]) from error
    return parse_protocol(text, path.name), text


def json_schema() -> dict[str, object]:
    """JSON schema of `study.toml`, for editors: keys, types, and what each of them is for."""
    schema = Protocol.model_json_schema(by_alias=True)
    for model in _models(Section):
        part = schema if model is Protocol else schema.get("$defs", {}).get(model.__name__, {})
        for name, text in _documented(model).items():
            shown = part.get("properties", {}).get(model.model_fields[name].alias or name)
            if shown is not None:
                shown.setdefault("description", text)
    return schema


def _models(base: type[Section]) -> Iterator[type[Section]]:
    """All sections of `study.toml` that are declared, each once; other files have their own."""
    for model in base.__subclasses__():
        if model.__module__.startswith("oncohort.protocol."):
            yield model
            yield from _models(model)


def _documented(model: type[Section]) -> dict[str, str]:
    """The texts below the keys of a section in its source.

    They are looked up when the schema is written: reading the sources of all sections at import
    would slow every command.
    """
    import ast
    import inspect
    import textwrap

    tree = ast.parse(textwrap.dedent(inspect.getsource(model))).body[0]
    assert isinstance(tree, ast.ClassDef)
    out: dict[str, str] = {}
    for key, below in zip(tree.body, tree.body[1:], strict=False):
        if not (isinstance(key, ast.AnnAssign) and isinstance(key.target, ast.Name)):
            continue
        if isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant):
            out[key.target.id] = inspect.cleandoc(str(below.value.value))
    return {k: v for k, v in out.items() if k in model.model_fields}
