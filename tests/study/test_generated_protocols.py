"""Protocols grown from the models: the whole job runs with them, or a reason is given."""

from __future__ import annotations

import os
import random
import sys
import tomllib
from collections import Counter
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "mutations"))
sys.path.insert(0, str(Path(__file__).parents[1]))

import clean_study
import reduced_study
from clean_study import write_study
from damages import DAMAGES
from generated_protocols import NEWEST, grown, written

from declared_at_once import write_declared
from oncohort.problems import OncohortError, Problem
from oncohort.protocol import parse_protocol
from oncohort.study.study import read_study


def damaged(folder: Path) -> Path:
    """A study of nine sheets with eight kinds of damage, so that there is much to decide."""
    tables, dice = clean_study.clean_tables(), random.Random(1)
    for kind in list(DAMAGES)[:: len(DAMAGES) // 8]:
        DAMAGES[kind](tables, dice)
    return write_study(folder, tables, clean_study.PROTOCOL)


def outcomes(folder: Path, seeds: range, every: int, newest: bool = False) -> Counter[str]:
    """What became of the grown protocols; every so many are written to disk, figures and all.

    Most stand on the small study, since its analyses take least time; one in twenty stands on one
    that declares every analysis. With `newest` the newest sections are drawn, and a quarter of the
    studies have damaged charts about which is decided.
    """
    one = write_study(folder / "one", reduced_study.clean_tables(), reduced_study.PROTOCOL)
    nine = write_study(folder / "nine", clean_study.clean_tables(), clean_study.PROTOCOL)
    everything = write_declared(folder / "all", n=30)
    grounds = [everything, *[nine] * 3, *[one] * 16]
    told: dict[Path, list[Problem]] = {}
    if newest:
        spoilt = damaged(folder / "spoilt")
        told[spoilt] = list(read_study(spoilt).problems)
        grounds[4:9] = [spoilt] * 5
    bases = {f: tomllib.loads((f / "study.toml").read_text(encoding="utf-8")) for f in grounds}
    out: Counter[str] = Counter()
    for seed in seeds:
        where = grounds[seed % 20]
        more = NEWEST if newest else ()
        dice = random.Random(seed)
        text = written(grown(bases[where], dice, sections=more, told=told.get(where, ())))
        (where / "study.toml").write_text(text, encoding="utf-8")
        try:
            results = read_study(where).run()
            if seed % every == 0:
                results.write(where / "results")
                out["written"] += 1
        except OncohortError as error:
            assert error.problems or str(error), f"seed {seed}: refused without a word"
            out["refused"] += 1
            continue
        except Exception as error:
            raise AssertionError(f"seed {seed}:\n{text}") from error
        out["ran"] += 1
        out["parts left out"] += bool(results.left_out)
    return out


def test_what_the_protocol_accepts_is_not_refused_by_its_text() -> None:
    base = tomllib.loads(reduced_study.PROTOCOL)
    drawn = [grown(base, random.Random(seed)) for seed in range(40)]
    for raw in drawn:
        parse_protocol(written(raw))
    assert sum(raw != base for raw in drawn) >= 35
    assert len({key for raw in drawn for key in raw}) >= 15


def test_forty_protocols_that_are_accepted_run(tmp_path: Path) -> None:
    done = outcomes(tmp_path, range(40), every=20)
    assert done["ran"] >= 32


def test_protocols_of_the_newest_sections_run(tmp_path: Path) -> None:
    done = outcomes(tmp_path, range(15), every=50, newest=True)
    assert done["ran"] >= 11


@pytest.mark.verify
def test_protocols_of_the_newest_sections_by_the_hundred(tmp_path: Path) -> None:
    done = outcomes(tmp_path, range(70_000, 70_500), every=50, newest=True)
    print(dict(done))
    assert done["ran"] >= 400


@pytest.mark.verify
def test_protocols_by_the_thousand(tmp_path: Path) -> None:
    n = int(os.environ.get("ONCOHORT_PROTOCOLS", "6000"))
    done = outcomes(tmp_path, range(5000, 5000 + n), every=100)
    print(dict(done))
    assert done["ran"] >= n * 0.8


def test_a_variable_that_is_called_like_a_result_is_refused_in_words(tmp_path: Path) -> None:
    text = reduced_study.PROTOCOL.replace(
        "[variables.age]", '[variables.group]\ncolumn = "age"'
    ).replace('variables = ["age"', 'variables = ["group"')
    folder = write_study(tmp_path / "s", reduced_study.clean_tables(), text)
    with pytest.raises(OncohortError, match=r"baseline\.group\.missing"):
        read_study(folder).run(only=["baseline"])
