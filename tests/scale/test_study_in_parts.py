"""A registry in one, two and seven parts, from one file or many: the same numbers."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from conftest import program
from oncohort.endpoints.in_parts import Parts
from oncohort.study.study import Study, read_study

N = 70


def _write(folder: Path) -> Path:
    module = program("benchmarks/registry.py")
    written: Path = module.write_registry(folder, N)
    return written


def _cut(study: Path, edges: list[int], *, shuffled: bool = False) -> Path:
    """The record tables as folders of parts: patients by `edges`, their rows beside them."""
    data = study / "data"
    patients = pl.read_parquet(data / "patients.parquet")
    if shuffled:
        patients = patients.sample(fraction=1.0, shuffle=True, seed=5)
    cuts = [0, *edges, patients.height]
    for file in sorted(data.glob("*.parquet")):
        frame = patients if file.stem == "patients" else pl.read_parquet(file)
        file.unlink()
        (data / file.stem).mkdir()
        for k, (a, b) in enumerate(pairwise(cuts)):
            mine = frame.filter(pl.col("patient").is_in(patients["patient"][a:b].implode()))
            mine.write_parquet(data / file.stem / f"part-{k}.parquet")
    return study


def _numbers(study: Study) -> dict[str, tuple[Any, ...]]:
    found = study.analysed.numbers
    return {
        e.id: (e.value, e.low, e.high, e.state, e.n) for r in found.results for e in r.estimates
    }


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return read_study(_write(tmp_path_factory.mktemp("whole") / "study"))


@pytest.mark.parametrize("most", [35, 10])
def test_parts_of_patients_give_the_same_numbers(whole: Study, most: int) -> None:
    found = read_study(whole.folder, parts=Parts(most=most))
    assert _numbers(found) == _numbers(whole)
    assert found.problems == whole.problems


@pytest.mark.parametrize(
    ("edges", "shuffled"),
    [([], False), ([30], False), ([5, 20, 20, 41, 42, 60], False), ([11, 40], True)],
)
def test_parts_on_disk_give_the_same_numbers(
    whole: Study, tmp_path: Path, edges: list[int], shuffled: bool
) -> None:
    """The order of the patients may change the last digit of a sum, and nothing else."""
    study = _cut(_write(tmp_path / "study"), edges, shuffled=shuffled)
    found, expected = _numbers(read_study(study, parts=Parts(most=20))), _numbers(whole)
    assert found.keys() == expected.keys()
    for key, (*values, state, n) in found.items():
        *wanted, was, of = expected[key]
        assert (state, n) == (was, of), key
        for value, other in zip(values, wanted, strict=True):
            if other is None or isinstance(other, str):
                assert value == other, key
            else:
                assert value == pytest.approx(other, rel=1e-9, abs=1e-12), key
