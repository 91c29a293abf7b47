"""Published figures as TOML: one schema to write, two shapes to read.

The schema (``schema = 1``) mirrors :class:`~oncohort.published.model.Published`: each of its
fields is an array of tables, every figure a string with the digits printed, and ``where`` a
table with section, table, row, column, page and quote. A short shape that a person types from a
paper's tables (``[study]``, ``[table1.counts]``, ``[[table2]]``, ``[table3]``) is read, too. See
``docs/audit.md``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import get_args, get_origin, get_type_hints

from oncohort.foreign_texts import toml_of
from oncohort.problems import Place, Problem, ReadError, problem
from oncohort.published import model
from oncohort.published.model import (
    AdverseEvent,
    Categorical,
    Continuous,
    Fact,
    Grade,
    Level,
    Population,
    Published,
    PValue,
    Rate,
    Ratio,
    Response,
    Time,
    Treated,
    Where,
)
from oncohort.regular_files import regular
from oncohort.vocabulary.boundaries import Parsed
from oncohort.vocabulary.unseen import coded

SCHEMA = 1


def read_published(path: str | Path) -> Published:
    """Read published figures from a TOML file, in either shape.

    Raises
    ------
    oncohort.problems.ReadError
        If the file can't be read; it carries one problem per wrong key or value.
    """
    path = Path(path)
    try:
        text = regular(path).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise unreadable(str(path), error.strerror or str(error), "file") from error
    except UnicodeDecodeError as error:
        raise unreadable(str(path), str(error), "letters") from error
    return parse_published(text, source=str(path))


def parse_published(text: str, *, source: str = "published figures") -> Published:
    """Read published figures from TOML text.

    Examples
    --------
    >>> parse_published('schema = 1\\n[[populations]]\\nkey = "cohort"\\nn = "42"\\n').n
    42
    """
    try:
        data = toml_of(text)
    except tomllib.TOMLDecodeError as error:
        raise unreadable(source, str(error), "syntax") from error
    problems: list[Problem] = []
    if "schema" in data:
        if data["schema"] != SCHEMA:
            why = f"schema {data['schema']!r} is not known; this reads {SCHEMA}"
            raise unreadable(source, why)
        rest = {k: v for k, v in data.items() if k not in ("schema", "study")}
        found = _build(Published, rest, "", problems)
        if "study" in data and isinstance(found, Published):
            found = _with_study(found, _table(data, "study", problems), problems)
    elif "study" in data:
        found = _short(data, problems)
    else:
        what = "neither 'schema' nor a [study] table: not published figures"
        raise unreadable(source, "the file holds no key" if not data else what, "none")
    if problems:
        raise ReadError("", [*_in_file(problems, source)])
    assert isinstance(found, Published)
    return found


def _with_study(
    found: Published, study: Mapping[str, object], problems: list[Problem]
) -> Published:
    """The figures with what the shorter shape says of all patients, in ``[study]``."""
    for name in study:
        if name not in ("n", "population"):
            problems.append(_problem(f"study.{name}", _unknown(name, ("n", "population"))))
    n = _text(study.get("n", ""), "study.n", problems)
    own = (Population("cohort", "all patients", n, _at("study", "n")),) if n else ()
    title = found.title or str(study.get("population", ""))
    return replace(found, title=title, populations=(*own, *found.populations))


def _in_file(problems: Sequence[Problem], source: str) -> list[Problem]:
    return [replace(p, place=Place(file=source, key=p.place.key)) for p in problems]


def unreadable(source: str, what: str, case: str = "") -> ReadError:
    """The error of a file that can't be read at all; case ``file`` where it can't be opened."""
    place = Place(file=source)
    return ReadError("", [problem("published.schema", case, place=place, reason=what)])


def _unknown(name: str, known: Collection[str]) -> str:
    """What is said of a key that there is not: the nearest one, and all of them."""
    near = get_close_matches(name.lower(), list(known), n=1, cutoff=0.6)
    meant = f" Did you mean {near[0]!r}?" if near else ""
    return f"unknown key {name!r}.{meant} Known: {', '.join(sorted(known))}"


def _problem(key: str, what: str) -> Problem:
    return problem("published.schema", place=Place(key=key), reason=what)


# ---- the schema ---------------------------------------------------------------------------


def to_toml(published: Published) -> str:
    """Write published figures; empty fields are left out.

    Examples
    --------
    >>> again = parse_published(to_toml(Published(title="A paper")))
    >>> again.title
    'A paper'
    """
    import tomlkit

    document = tomlkit.document()
    document.add("schema", tomlkit.item(SCHEMA))
    for name, value in _plain(published).items():
        document.add(name, tomlkit.item(value))
    return coded(tomlkit.dumps(document))


def _plain(record: Parsed) -> dict[str, object]:
    out: dict[str, Parsed] = {}
    for each in fields(record):
        value = getattr(record, each.name)
        default = each.default
        if each.default_factory is not MISSING:
            default = each.default_factory()
        if value is None or (value == default and each.name != "key") or value == ():
            continue
        out[each.name] = _value(value)
    return out


def _value(value: object) -> Parsed:
    if is_dataclass(value):
        return _plain(value)
    if isinstance(value, tuple):
        return [_value(v) for v in value]
    return value


def _build(
    kind: type[Parsed], data: Mapping[str, object], key: str, problems: list[Problem]
) -> Parsed:
    hints = get_type_hints(kind, vars(model))
    known = {f.name: f for f in fields(kind)}
    values: dict[str, object] = {}
    for name, value in data.items():
        where = f"{key}.{name}" if key else name
        if name not in known:
            problems.append(_problem(where, _unknown(name, known)))
            continue
        values[name] = _convert(hints[name], value, where, problems)
    for name, each in known.items():
        if name not in values and each.default is MISSING and each.default_factory is MISSING:
            problems.append(_problem(key, f"key {name!r} is missing"))
            values[name] = ""
    return kind(**values)


def _convert(hint: object, value: object, key: str, problems: list[Problem]) -> Parsed:
    if is_dataclass(hint) and isinstance(hint, type):
        if isinstance(value, Mapping):
            return _build(hint, value, key, problems)
        problems.append(_problem(key, "expected a table"))
        return None
    if get_origin(hint) is tuple:
        inner = get_args(hint)
        if not isinstance(value, list):
            problems.append(_problem(key, "expected an array"))
            return ()
        if len(inner) == 2 and inner[1] is Ellipsis:
            kinds = [inner[0]] * len(value)
        else:
            kinds = list(inner)
            if len(kinds) != len(value):
                problems.append(_problem(key, f"expected {len(kinds)} values"))
                return ()
        return tuple(
            _convert(k, v, f"{key}[{i}]", problems)
            for i, (k, v) in enumerate(zip(kinds, value, strict=True))
        )
    if hint is str:
        return _text(value, key, problems)
    allowed = get_args(hint) or (hint,)
    if not isinstance(value, tuple(a for a in allowed if isinstance(a, type))):
        problems.append(_problem(key, f"unexpected value {value!r}"))
    return value


# ---- the short shape ----------------------------------------------------------------------

_MODELS = {"uni": "univariable", "multi": "multivariable"}


_SHORT_KEYS: Mapping[str, frozenset[str]] = {
    "": frozenset(
        {"study", "table1", "treatment", "response", "survival_months", "table2", "table3",
         "table2_in_text", "historical"}
    ),
    "table1": frozenset({"age_median", "age_range", "counts"}),
    "treatment": frozenset(
        {"duration_months_median", "duration_months_range", "dose_reduced",
         "stopped_for_progression", "stopped_for_adverse_event"}
    ),
    "table2": frozenset(
        {"variable", "contrast", "pfs_uni", "os_uni", "pfs_multi", "os_multi"}
    ),
}  # fmt: skip
"""Keys of the short shape; in the other tables the keys are the paper's own names."""


def _short_unknown(data: Mapping[str, object], problems: list[Problem]) -> None:
    for table, known in _SHORT_KEYS.items():
        found = data.get(table, {}) if table else data
        for k, rows in enumerate(found if isinstance(found, list) else [found]):
            at = f"{table}[{k}]." if isinstance(found, list) else f"{table}." if table else ""
            for name in rows if isinstance(rows, Mapping) else ():
                if name not in known:
                    problems.append(_problem(f"{at}{name}", _unknown(name, known)))


def _short(data: Mapping[str, object], problems: list[Problem]) -> Published:
    _short_unknown(data, problems)
    study = _table(data, "study", problems)
    n = _text(study.get("n", ""), "study.n", problems)
    table1 = _table(data, "table1", problems)
    treatment = _table(data, "treatment", problems)
    survival = _table(data, "survival_months", problems)
    ratios, p_values = _short_ratios(data, problems)
    responses, rates = _short_response(_table(data, "response", problems), n, problems)
    times = _short_times(survival, treatment, problems)
    summaries = []
    if "age_median" in table1:
        low, high = _pair(table1.get("age_range", ["", ""]), "table1.age_range", problems)
        summaries.append(
            Continuous(
                "age", "cohort", n,
                median=_text(table1["age_median"], "table1.age_median", problems),
                low=low, high=high, spread="range", unit="years", whole=True,
                where=_at("table1", "age"),
            )
        )  # fmt: skip
    facts = []
    stopped = treatment.get("stopped_for_progression")
    if isinstance(stopped, list) and stopped:
        facts.append(
            Fact("stopped-for-progression", value=str(stopped[0]),
                 where=_at("treatment", "stopped_for_progression"))
        )  # fmt: skip
    return Published(
        title=str(study.get("population", "")),
        populations=(Population("cohort", "all patients", n, _at("study", "n")),) if n else (),
        variables=_short_variables(_table(table1, "counts", problems), n, problems),
        summaries=tuple(summaries),
        responses=responses,
        rates=rates,
        times=times,
        ratios=ratios,
        adverse_events=_short_events(_table(data, "table3", problems), n, problems),
        p_values=p_values,
        facts=tuple(facts),
        treated=_short_treated(treatment, problems),
    )


def _at(table: str, row: str, column: str = "") -> Where:
    return Where("table", table, row, column)


def _table(data: Mapping[str, object], name: str, problems: list[Problem]) -> Mapping[str, object]:
    value = data.get(name, {})
    if isinstance(value, Mapping):
        return value
    problems.append(_problem(name, "expected a table"))
    return {}


def _text(value: object, key: str, problems: list[Problem]) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    problems.append(_problem(key, f"write {value!r} as a string: its digits are data"))
    return ""


def _pair(value: object, key: str, problems: list[Problem]) -> tuple[str, str]:
    if isinstance(value, list) and len(value) == 2:
        return _text(value[0], key, problems), _text(value[1], key, problems)
    problems.append(_problem(key, "expected two values"))
    return "", ""


def _short_variables(
    counts: Mapping[str, object], n: str, problems: list[Problem]
) -> tuple[Categorical, ...]:
    out = []
    for name, levels in counts.items():
        key = f"table1.counts.{name}"
        read = []
        if not isinstance(levels, list):
            problems.append(_problem(key, "expected a list of [label, count, percent]"))
        for level in levels if isinstance(levels, list) else ():
            if not isinstance(level, list) or len(level) != 3:
                problems.append(_problem(key, "each level is [label, count, percent]"))
                continue
            label, count, percent = (_text(v, key, problems) for v in level)
            read.append(Level(label, count, percent, "", _at("table1", f"{name}: {label}")))
        out.append(
            Categorical(name.replace("_", " "), tuple(read), "cohort", n, where=_at("table1", name))
        )
    return tuple(out)


def _short_response(
    response: Mapping[str, object], n: str, problems: list[Problem]
) -> tuple[tuple[Response, ...], tuple[Rate, ...]]:
    levels = []
    rates = []
    for name, value in response.items():
        key = f"response.{name}"
        where = _at("response", name)
        if isinstance(value, list):
            count, percent = _pair(value, key, problems)
            levels.append(Level(name.upper(), count, percent, "", where))
        elif name in {"orr", "dcr", "clinical_benefit_rate"}:
            kind = {"clinical_benefit_rate": "CBR"}.get(name, name.upper())
            rates.append(Rate(kind, _text(value, key, problems), population="cohort", where=where))
        else:
            problems.append(_problem(key, "expected [count, percent]"))
    found = (Response(tuple(levels), "cohort", n, _at("response", "")),) if levels else ()
    return found, tuple(rates)


def _short_times(
    survival: Mapping[str, object], treatment: Mapping[str, object], problems: list[Problem]
) -> tuple[Time, ...]:
    out = []
    for name, value in survival.items():
        endpoint, _, part = name.partition("_median")
        if "_median" not in name:
            problems.append(_problem(f"survival_months.{name}", "expected <endpoint>_median"))
            continue
        text = _text(value, f"survival_months.{name}", problems)
        where = Where(part.strip("_") or "results", "", name)
        out.append(Time(endpoint.upper(), text, "months", population="cohort", where=where))
    if "duration_months_median" in treatment:
        key = "treatment.duration_months_"
        low, high = _pair(treatment.get("duration_months_range", ["", ""]), key + "range", problems)
        median = _text(treatment["duration_months_median"], key + "median", problems)
        where = Where("results", "", "duration_months")
        out.append(
            Time(
                "treatment", median, "months", low, high, "range", population="cohort", where=where
            )
        )
    return tuple(out)


_STOPS = {"adverse_event": "toxicity", "adverse_events": "toxicity"}


def _short_treated(treatment: Mapping[str, object], problems: list[Problem]) -> tuple[Treated, ...]:
    out = []
    for name, value in treatment.items():
        kind, reason = "", ""
        if name.startswith("stopped_for_"):
            kind, reason = "stopped", name.removeprefix("stopped_for_")
        elif name in ("dose_reduced", "dose_interrupted", "dose_escalated"):
            kind = name.removeprefix("dose_")
        if kind:
            count, percent = _pair(value, f"treatment.{name}", problems)
            reason = _STOPS.get(reason, reason)
            where = _at("treatment", name)
            out.append(Treated(kind, reason, count, percent, "cohort", where))
    return tuple(out)


def _short_ratios(
    data: Mapping[str, object], problems: list[Problem]
) -> tuple[tuple[Ratio, ...], tuple[PValue, ...]]:
    ratios = []
    rows = data.get("table2", [])
    if not isinstance(rows, list):
        problems.append(_problem("table2", "expected an array of tables: [[table2]]"))
    for k, row in enumerate(rows if isinstance(rows, list) else ()):
        key = f"table2[{k}]"
        if not isinstance(row, Mapping) or "variable" not in row:
            problems.append(_problem(key, "each row has a variable"))
            continue
        contrast = str(row.get("contrast", ""))
        level, _, reference = contrast.partition(" versus ")
        for name, value in row.items():
            endpoint, _, kind = name.partition("_")
            if kind not in _MODELS:
                continue
            estimate, p = _pair(value, f"{key}.{name}", problems)
            variable = str(row["variable"]).replace("_", " ")
            where = _at("table2", f"{variable} ({contrast})", name)
            ratios.append(
                Ratio(
                    variable, "HR", endpoint.upper(), _MODELS[kind], contrast, level, reference,
                    estimate, p=p, binary=bool(reference), population="cohort", where=where,
                )
            )  # fmt: skip
    stated = []
    for name, values in _table(data, "table2_in_text", problems).items():
        endpoint, _, kind = name.partition("_")
        for variable, p in values.items() if isinstance(values, Mapping) else ():
            stated.append(
                PValue(
                    variable.replace("_", " "),
                    _text(p, f"table2_in_text.{name}.{variable}", problems),
                    endpoint.upper(),
                    _MODELS.get(kind, ""),
                    where=Where("results", "", f"{variable}, {name}"),
                )
            )
    return tuple(ratios), tuple(stated)


def _short_events(
    events: Mapping[str, object], n: str, problems: list[Problem]
) -> tuple[AdverseEvent, ...]:
    out = []
    for name, value in events.items():
        if isinstance(value, int) and not isinstance(value, bool):
            continue  # a total, such as that of deaths
        if not isinstance(value, list) or len(value) != 4:
            problems.append(_problem(f"table3.{name}", "expected [any n, any %, >=3 n, >=3 %]"))
            continue
        a, b, c, d = (_text(v, f"table3.{name}", problems) for v in value)
        term = name.replace("_", " ")
        out.append(
            AdverseEvent(
                term,
                (
                    Grade("any", a, b, n, _at("table3", term, "any grade")),
                    Grade(">=3", c, d, n, _at("table3", term, "grade >= 3")),
                ),
                name.startswith(("any", "all")),
                "cohort",
                where=_at("table3", term),
            )
        )
    return tuple(out)
