"""What `check` advises helps: followed, the study still reads, and that problem is gone or fewer.

Every fifth kind of damage is planted once. Advice is what a problem's `todo` shows in the words of
`study.toml`, and the decisions that `check` prints ready to paste.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import tomlkit
from tomlkit.items import Table

sys.path.insert(0, str(Path(__file__).parent))

from test_damages import ALL, GROUNDS, planted, seeds

from oncohort.problems import OncohortError, Problem, Severity
from oncohort.study.deciding import pasteable
from oncohort.study.study import Study, read_study

SOME = [
    pytest.param(*each, marks=() if place % 5 == 0 else pytest.mark.verify)
    for place, each in enumerate(ALL[::5])
]
"""Every fifth kind of damage, since all of them take minutes; a fifth of these each time."""
FILL = {
    "sex": "male",
    "vital_status": "alive",
    "role": "target",
    "status": "measured",
    "scale": "Karnofsky",
    "best_response": "SD",
    "overall": "SD",
    "arm": "a",
    "ecog": "1",
    "site": "lung",
}
"""What a person writes for the `...` of an advice, by its column."""
_SETTING = re.compile(
    r"(?:\[(?P<section>[\w.]+)\]\s+)?"
    r"(?P<key>(?:missing_in|codes|units|time_unit|event_value|best_change_unit|kind|missing)"
    r'(?:\."?[\w ]+"?)?)\s*=\s*'
    r'(?P<value>\{.*?\}\s*\}|\{[^{}]*\}|\[[^\]]*\]|"[^"]*"|-?[\d.]+)'
)


@dataclass(frozen=True)
class Setting:
    """One setting of an advice: where in `study.toml`, and what."""

    section: tuple[str, ...]
    key: tuple[str, ...]
    value: str


def _section(problem: Problem) -> tuple[str, ...]:
    """Where a setting belongs that names no section: the table or key of the problem's place."""
    place = problem.place
    if place.key and place.key.split(".")[0] in ("endpoints", "variables", "response"):
        return tuple(place.key.split(".")[:-1])
    return ("tables", Path(place.file or "patients.csv").stem)


def settings(problem: Problem, study: Study) -> Iterator[Setting]:
    """The settings that a problem's advice shows, with its blanks filled in."""
    levels = {k: next(iter(v.levels or {}), "") for k, v in study.protocol.variables.items()}
    fill = {**FILL, **{k: level for k, level in levels.items() if level and k == "arm"}}
    for found in _SETTING.finditer(problem.todo):
        section = found["section"]
        where = tuple(section.split(".")) if section else _section(problem)
        key = tuple(part.strip('" ') for part in found["key"].split("."))
        column = key[1] if len(key) > 1 else (re.findall(r"\{ ?(\w+)", found["value"]) or [""])[0]
        value = found["value"].replace('"..."', f'"{fill.get(column, "a")}"')
        yield Setting(where, key, value.replace("...", "5"))


def _merged(into: Table, new: object) -> None:
    for name, value in dict(new).items():  # type: ignore[call-overload]
        if name in into and isinstance(into[name], dict) and isinstance(value, dict):
            _merged(into[name], value)  # type: ignore[arg-type]
        else:
            into[name] = value


def followed(text: str, setting: Setting) -> str:
    """The protocol with the setting written where it belongs."""
    document = tomlkit.parse(text)
    at: object = document
    for part in setting.section:
        if part not in at:  # type: ignore[operator]
            at[part] = tomlkit.table()  # type: ignore[index]
        at = at[part]  # type: ignore[index]
    line = ".".join(f'"{k}"' if not re.fullmatch(r"[\w-]+", k) else k for k in setting.key)
    _merged(at, tomlkit.parse(f"{line} = {setting.value}").unwrap())  # type: ignore[arg-type]
    return tomlkit.dumps(document)


def opened(folder: Path, text: str | None = None) -> Study | None:
    if text is not None:
        (folder / "study.toml").write_text(text, encoding="utf-8")
    try:
        return read_study(folder)
    except OncohortError:
        return None


def count(study: Study) -> Counter[str]:
    return Counter(p.id for p in study.problems if p.severity is not Severity.NOTE)


@pytest.mark.parametrize(("ground", "kind"), SOME)
def test_advice_leaves_a_study_that_reads_with_less_of_the_problem(
    ground: str, kind: str, tmp_path: Path
) -> None:
    folder = tmp_path / "study"
    planted(GROUNDS[ground], kind, next(seeds(kind, 1)), folder)
    study = opened(folder)
    if study is None:
        return
    text = (folder / "study.toml").read_text(encoding="utf-8")
    before = count(study)
    tried: set[tuple[str, Setting]] = set()
    for problem in study.problems:
        for setting in settings(problem, study):
            if (problem.id, setting) in tried or setting.key == ("time_unit",):
                continue
            tried.add((problem.id, setting))
            new = followed(text, setting)
            after = opened(folder, new)
            assert after is not None, (problem.id, setting, new)
            assert count(after)[problem.id] < before[problem.id], (problem.id, setting)


def decided(block: str, do: str) -> str:
    filled = re.sub(r'(?m)^do = ""', f'do = "{do}"', block)
    return filled.replace('by = ""', 'by = "A. Author"').replace('why = ""', 'why = "Looked up."')


@pytest.mark.parametrize(("ground", "kind"), SOME)
def test_a_decision_settles_every_problem_of_single_patients(
    ground: str, kind: str, tmp_path: Path
) -> None:
    """`accept` always settles; `missing` and `leave out` settle, or say why they can't."""
    folder = tmp_path / "study"
    planted(GROUNDS[ground], kind, next(seeds(kind, 1)), folder)
    study = opened(folder)
    if study is None:
        return
    text = (folder / "study.toml").read_text(encoding="utf-8")
    for block in pasteable(study.problems).split("\n\n"):
        if not block:
            continue
        rule = str(tomlkit.parse(block)["decisions"][0]["rule"])  # type: ignore[index]
        for do in ("accept", "missing", "leave out"):
            after = opened(folder, f"{text}\n{decided(block, do)}\n")
            assert after is not None, (rule, do)
            unsettled = [
                p
                for p in after.problems
                if p.id == rule and p.severity in (Severity.ERROR, Severity.QUESTION)
            ]
            told = [p for p in after.problems if p.id.startswith("decisions.")]
            mine = [p for p in unsettled if p.patient is not None]
            assert not mine or (told and do != "accept"), (rule, do, [str(p) for p in mine])
