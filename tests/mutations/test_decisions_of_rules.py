"""Every problem of single patients can be settled by each of the four decisions, or says why not.

For each rule that planted damage raises: pasted as offered, each act leaves a study that reads and
is computed; the problem is settled, or a problem of the decision says what is in the way; what was
decided stands in the log; whoever has no value any more is counted under what rests on it.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import tomlkit

sys.path.insert(0, str(Path(__file__).parent))

from test_damages import ALL, GROUNDS, planted, seeds

from oncohort.problems import OncohortError, Problem, Severity
from oncohort.study.deciding import pasteable
from oncohort.study.study import Study, read_study

ACTS = ("accept", "missing", "value", "leave out")
SOME = [
    ("nine sheets", "last_contact_before_start"),
    ("nine sheets", "grade_is_a_word"),
    ("nine sheets", "next_therapy_before_progression"),
    ("reduced", "kps_999_1"),
    ("reduced", "change_of_minus_130"),
    ("clinic", "m0_with_metastases"),
]

RULES = {"nine sheets": 100, "reduced": 25, "clinic": 40}
"""At least so many rules of single patients are raised by the damage of a ground."""


def opened(folder: Path, decision: str = "") -> Study | None:
    text = (folder / "plain.toml").read_text("utf-8")
    (folder / "study.toml").write_text(f"{text}\n{decision}\n", "utf-8")
    try:
        return read_study(folder)
    except OncohortError:
        return None


def offered(study: Study) -> Iterator[tuple[Problem, str]]:
    """The problems of single patients, the first of each rule, with what may be pasted for it."""
    seen: set[str] = set()
    for one in study.problems:
        if one.patient is None or one.severity is Severity.NOTE or one.id in seen:
            continue
        seen.add(one.id)
        yield one, pasteable([one])


def true_value(ground: str, one: Problem) -> str | None:
    """What stands in the problem's cell in the clean study; None where there is no such cell."""
    found = re.fullmatch(r"([A-Z]{1,2})(\d+)", one.place.cell or "")
    rows = GROUNDS[ground].tables().get(Path(one.place.file or "").stem, [])
    if found is None or not 2 <= int(found[2]) <= len(rows) + 1:
        return None
    column = 0
    for letter in found[1]:
        column = 26 * column + ord(letter) - ord("A") + 1
    row = list(rows[int(found[2]) - 2].values())
    return row[column - 1] if column <= len(row) else None


def filled(block: str, do: str, value: str | None) -> str:
    document = tomlkit.parse(block)
    (one,) = document["decisions"]  # type: ignore[misc]
    one["do"], one["by"], one["why"] = do, "A. Author", "The letter says so."
    if do == "value":
        one["value"] = value
    return tomlkit.dumps(document)


def counted(study: Study) -> None:
    """Nobody is lost: with those who have no value, each endpoint and variable has all patients."""
    frame, numbers = study.cohort.frame, study.analysed.numbers
    for key in study.protocol.endpoints:
        if (n := numbers.get(f"survival.{key}.n")) is not None and f"{key}_time" in frame.columns:
            assert n.value == frame[f"{key}_time"].drop_nulls().len(), key
            without = frame.height - n.value
            assert sum(dict(numbers[f"survival.{key}.median"].excluded).values()) == without, key
    for key in study.protocol.baseline.variables if study.protocol.baseline else ():
        missing = numbers.get(f"baseline.{key}.missing")
        if key in frame.columns and missing is not None:
            assert missing.value == frame[key].null_count(), key


def settles(ground: str, kind: str, folder: Path, done: set[str]) -> list[tuple[str, str, str]]:
    """Try each act for each rule that is not done; the rule, the act, and what came of it."""
    planted(GROUNDS[ground], kind, next(seeds(kind, 1)), folder)
    (folder / "study.toml").rename(folder / "plain.toml")
    study = opened(folder)
    out = []
    for one, block in offered(study) if study is not None else ():
        if one.id in done:
            continue
        done.add(one.id)
        assert f'rule = "{one.id}"' in block, one
        value = true_value(ground, one)
        for do in ACTS:
            if do == "value" and not value:
                continue
            after = opened(folder, filled(block, do, value))
            assert after is not None, (one.id, do)
            told = [p for p in after.problems if p.id.startswith("decisions.")]
            mine = [
                p
                for p in after.problems
                if (p.id, p.patient) == (one.id, one.patient) and p.severity is not Severity.NOTE
            ]
            assert not mine or (told and do != "accept"), (one.id, do, [str(p) for p in mine])
            logged = [d for d in after.records.decisions if "A. Author" in d.what]
            assert told or [d.rule for d in logged] == [one.id], (one.id, do)
            counted(after)
            out.append((one.id, do, told[0].id if told else "settled"))
    return out


@pytest.mark.parametrize(("ground", "kind"), SOME)
def test_each_act_settles_a_problem_or_says_why_not(ground: str, kind: str, tmp_path: Path) -> None:
    tried = settles(ground, kind, tmp_path / "study", set())
    assert {do for _, do, _ in tried} == set(ACTS)
    assert all(what == "settled" for _, do, what in tried if do == "accept")


@pytest.mark.verify
@pytest.mark.parametrize("ground", GROUNDS)
def test_each_act_for_every_rule(ground: str, tmp_path: Path) -> None:
    done: set[str] = set()
    tried = []
    for name, kind in ALL:
        if name == ground:
            tried += settles(ground, kind, tmp_path / kind, done)
    assert len(done) >= RULES[ground]
    print(ground, len(done), "rules,", len(tried), "decisions,",
          sum(what == "settled" for *_, what in tried), "settled")  # fmt: skip
    print([t for t in tried if t[2] != "settled"])
    assert sum(what == "settled" for *_, what in tried) > len(tried) / 2
