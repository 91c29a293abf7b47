"""The declared variables: columns as they are, cut, grouped, or derived from records."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING

import polars as pl

from oncohort.criteria.frames import first_of
from oncohort.dataclass import dataclass
from oncohort.endpoints.cohort import VariableInfo
from oncohort.problems import Place, Problem, problem
from oncohort.protocol.references import nearest
from oncohort.vocabulary.boundaries import Option
from oncohort.vocabulary.keys import level_key
from oncohort.vocabulary.powers import raised

if TYPE_CHECKING:
    from oncohort.protocol.data import Variable


def written(number: float) -> str:
    """A cut-point as people write it: 4, 0.8."""
    return f"{number:g}"


@dataclass(frozen=True, slots=True)
class Derived:
    """A variable's column (`patient`, `value`) with its meaning and its problems."""

    info: VariableInfo
    values: pl.DataFrame
    problems: tuple[Problem, ...] = ()


def _problem(id_: str, name: str, **holes: Option) -> Problem:
    """A problem of one variable; it takes the variable out of tables and models."""
    return problem(
        id_,
        place=Place(file="study.toml", key=f"variables.{name}"),
        blocks=(f"variables.{name}",),
        name=name,
        **holes,
    )


def cut_levels(variable: Variable) -> dict[str, str]:
    """Level keys and labels of a cut variable: `lt0.8`, `ge0.8` where none are declared."""
    if variable.levels:
        return dict(variable.levels)
    cuts = [written(c) for c in variable.cut]
    unit = f" {variable.unit}" if variable.unit else ""
    out = {f"lt{cuts[0]}": f"<{cuts[0]}{unit}"}
    for low, high in pairwise(cuts):
        out[f"{low}to{high}"] = f"{low} to <{high}{unit}"
    out[f"ge{cuts[-1]}"] = f"≥{cuts[-1]}{unit}"
    return out


def _cut(name: str, variable: Variable, values: pl.DataFrame) -> tuple[pl.DataFrame, list[Problem]]:
    if not values.schema["value"].is_numeric():
        return values.with_columns(pl.lit(None, dtype=pl.String).alias("value")), [
            _problem(
                "variables.cut-of-text",
                name,
                cuts=[written(c) for c in variable.cut],
            )
        ]
    keys = list(cut_levels(variable))
    value = pl.col("value")
    below = zip(variable.cut, keys, strict=False)
    coded = first_of(
        *((value < cut, pl.lit(key)) for cut, key in below),
        (value.is_not_null(), pl.lit(keys[-1])),
    )
    return values.with_columns(coded.alias("value")), []


def _grouped(
    name: str, variable: Variable, values: pl.DataFrame
) -> tuple[pl.DataFrame, list[Problem]]:
    back = {old: new for new, olds in variable.group.items() for old in olds}
    present = values["value"].drop_nulls().cast(pl.String).unique().sort().to_list()
    problems = [
        _problem(
            "variables.level-not-grouped",
            name,
            level=level,
            groups=list(variable.group),
        )
        for level in present
        if level not in back
    ]
    coded = pl.col("value").cast(pl.String).replace_strict(back, default=None)
    return values.with_columns(coded.alias("value")), problems


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _words_among_numbers(name: str, variable: Variable, present: list[str]) -> list[Problem]:
    """A column of many numbers with a few words: each number would become a level."""
    if variable.levels or variable.kind or variable.derive or variable.source:
        return []
    words = [v for v in present if not _is_number(v)]
    numbers = len(present) - len(words)
    if not words or numbers < 8 or numbers <= 4 * len(words):
        return []
    column = variable.column or name
    return [
        _problem(
            "variables.words-among-numbers",
            name,
            table="patients",
            column=column,
            words=words,
            n=numbers,
        )
    ]


def _categorical(
    name: str, variable: Variable, values: pl.DataFrame
) -> tuple[pl.DataFrame, dict[str, str], list[Problem]]:
    """Values to level keys: by key, by label, by the key that the value would make."""
    if values.schema["value"] == pl.Boolean:
        word = pl.when(pl.col("value")).then(pl.lit("yes")).otherwise(pl.lit("no"))
        values = values.with_columns(
            pl.when(pl.col("value").is_null()).then(None).otherwise(word).alias("value")
        )
    else:
        shown = pl.col("value").cast(pl.String).str.strip_chars()
        if values.schema["value"].is_float():
            shown = shown.str.replace(r"\.0$", "")
        values = values.with_columns(shown.alias("value"))
    present = sorted({v for v in values["value"].to_list() if v is not None})
    levels = dict(variable.levels)
    problems: list[Problem] = _words_among_numbers(name, variable, present)
    if not levels:
        for value in present:
            levels.setdefault(level_key(value), value)
        problems += _alike(name, present)
    by_label = {label.strip().lower(): key for key, label in levels.items()}
    back: dict[str, str] = {}
    for value in present:
        key = value if value in levels else by_label.get(value.lower(), level_key(value))
        if key in levels:
            back[value] = key
            continue
        held = values.filter(pl.col("value") == value)
        problems.append(
            _problem(
                "variables.unknown-level",
                name,
                value=value,
                n=held.height,
                patients=held["patient"].to_list(),
                nearest=nearest(value, levels),
            )
        )
    coded = pl.col("value").replace_strict(back, default=None, return_dtype=pl.String)
    return values.with_columns(coded.alias("value")), levels, problems


def _alike(name: str, present: list[str]) -> list[Problem]:
    """Values that would share a level: spellings are said, other values are not joined."""
    sharing: dict[str, list[str]] = {}
    for value in present:
        sharing.setdefault(level_key(value), []).append(value)
    out = []
    for values in (v for v in sharing.values() if len(v) > 1):
        shown = " and ".join(f'"{v}"' for v in values)
        alike = len({" ".join(v.lower().split()) for v in values}) == 1
        id_ = "variables.spellings" if alike else "variables.same-key"
        out.append(_problem(id_, name, values=shown, first=values[0], second=values[1]))
    return out


def _leveled(
    name: str, variable: Variable, values: pl.DataFrame, base: VariableInfo | None
) -> tuple[pl.DataFrame, dict[str, str], list[Problem]]:
    """Values with the levels that they have; none where they stay numbers."""
    problems: list[Problem] = []
    held = values.schema["value"]
    if variable.cut:
        values, problems = _cut(name, variable, values)
        return values, cut_levels(variable), problems
    if variable.group:
        values, problems = _grouped(name, variable, values)
        levels = {
            key: variable.levels.get(key, key.replace("_", " ").capitalize())
            for key in variable.group
        }
        return values, levels, problems
    as_base = base is not None and base.kind == "categorical"
    number = held.is_numeric() or held == pl.Null
    if not (variable.levels or variable.kind == "categorical" or as_base) and number:
        return values, {}, []
    if held.is_temporal():
        nothing = values.with_columns(pl.lit(None, dtype=pl.String).alias("value"))
        return nothing, {}, [_problem("variables.date", name)]
    if not variable.levels and base is not None and as_base:
        return values, dict(base.levels), []
    return _categorical(name, variable, values)


def derive_variable(
    name: str, variable: Variable, values: pl.DataFrame, base: VariableInfo | None = None
) -> Derived:
    """Turn raw values (`patient`, `value`) into the declared variable.

    Parameters
    ----------
    values
        One row per patient. What is missing stays missing.
    base
        The variable that this one cuts or groups, for its label and unit.
    """
    label = variable.label or (base.label if base else name.replace("_", " ").capitalize())
    unit = variable.unit or (base.unit if base else "")
    values, levels, problems = _leveled(name, variable, values, base)
    if variable.kind == "continuous" and levels and not variable.cut:
        problems.append(
            _problem(
                "variables.not-a-number",
                name,
                values=list(levels.values())[:3],
            )
        )
    kind = "categorical" if levels else "continuous"
    charted = not (variable.derive or variable.source)
    if values["value"].null_count() == values.height and (kind == "continuous" or charted):
        problems.append(
            _problem(
                "variables.empty",
                name,
            )
        )
    reference = variable.reference or (next(iter(levels)) if levels else None)
    if reference and levels and reference not in levels:
        problems.append(
            _problem(
                "variables.no-reference",
                name,
                reference=reference,
                nearest=nearest(reference, levels),
            )
        )
    info = VariableInfo(
        name,
        label,
        "categorical" if levels else "continuous",
        MappingProxyType(levels),
        reference,
        raised(unit),
        variable.digits,
        variable.origin,
    )
    return Derived(info, values, tuple(problems))


def in_order(variables: Mapping[str, Variable]) -> tuple[list[str], tuple[Problem, ...]]:
    """Names so that each stands after those that it is made from; circles are problems."""
    from oncohort.protocol.derived import made_from

    done: list[str] = []
    problems: list[Problem] = []
    waiting = list(variables)
    needs = {n: set(made_from(variables, n)) - {n} for n in waiting}
    while waiting:
        ready = [n for n in waiting if needs[n] <= set(done)]
        if not ready:
            problems.append(
                _problem(
                    "variables.circle",
                    waiting[0],
                    names=waiting,
                )
            )
            break
        done += ready
        waiting = [n for n in waiting if n not in ready]
    return done, tuple(problems)


def column_values(name: str, variable: Variable, patients: pl.DataFrame) -> pl.DataFrame | Problem:
    """A column of `patients` as (`patient`, `value`), or the problem that it isn't there."""
    column = variable.column or name
    values = patients.get_column(column, default=None)
    if values is None:
        known = [c for c in patients.columns if not c.endswith("_precision")]
        return _problem(
            "variables.no-column",
            name,
            wanted=column,
            nearest=nearest(column, known),
        )
    return pl.DataFrame([patients["patient"], values.alias("value")])


SIDES = ("left", "right", "bilateral", "unilateral", "midline")
"""Words of a side, as the table of sites has them."""


def side_of(sides: list[str | None]) -> str | None:
    """Unilateral or bilateral, from the sides of a patient's sites in one organ."""
    known = {s.strip().lower() for s in sides if s}
    if "bilateral" in known or {"left", "right"} <= known:
        return "bilateral"
    if known & {"left", "right", "unilateral"}:
        return "unilateral"
    return None
