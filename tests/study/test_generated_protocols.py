"""Protocols drawn from the models: refused in words, or the whole job runs with them."""

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

import clean_study
import reduced_study
from clean_study import write_study
from generated_protocols import generated, written

from oncohort.problems import OncohortError
from oncohort.protocol import parse_protocol
from oncohort.study.study import read_study


def outcomes(folder: Path, seeds: range, every: int) -> Counter[str]:
    """What became of the drawn protocols; every so many are written to disk, figures and all."""
    grounds = [
        (write_study(folder / "nine", clean_study.clean_tables()), clean_study.PROTOCOL),
        (write_study(folder / "one", reduced_study.clean_tables()), reduced_study.PROTOCOL),
    ]
    out: Counter[str] = Counter()
    for seed in seeds:
        where, base = grounds[seed % 2]
        text = written(generated(tomllib.loads(base), random.Random(seed)))
        try:
            parse_protocol(text)
        except OncohortError as error:
            assert error.problems, f"seed {seed}: refused without a word"
            out["refused"] += 1
            continue
        (where / "study.toml").write_text(text, encoding="utf-8")
        try:
            results = read_study(where).run()
            if seed % every == 0:
                results.write(where / "results")
                out["written"] += 1
        except OncohortError as error:
            assert error.problems or str(error)
            out["refused with the data"] += 1
            continue
        except Exception as error:
            raise AssertionError(f"seed {seed}:\n{text}") from error
        out["ran"] += 1
    return out


def test_protocols_that_are_accepted_run(tmp_path: Path) -> None:
    done = outcomes(tmp_path, range(60), every=20)
    assert done["ran"] >= 10


@pytest.mark.verify
def test_protocols_by_the_thousand(tmp_path: Path) -> None:
    n = int(os.environ.get("ONCOHORT_PROTOCOLS", "2000"))
    done = outcomes(tmp_path, range(5000, 5000 + n), every=20)
    print(dict(done))
    assert done["ran"] >= n / 5
