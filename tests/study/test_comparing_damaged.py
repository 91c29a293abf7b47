"""Results that are compared may come from anywhere: what is no table of numbers is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from oncohort.problems import ReadError
from oncohort.study.comparing import diff


def written(folder: Path, name: str, data: object) -> Path:
    path = folder / name
    path.write_text(json.dumps(data), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "data",
    [
        {"estimates": {"a": "x"}},
        {"estimates": {"a": [1]}},
        {"estimates": {"a": None}},
        {"estimates": {"a": {}}, "places": {"a": 5}},
        {"estimates": {"a": {}}, "places": []},
        {"estimates": [{}]},
        [],
    ],
)
def test_what_holds_no_numbers_is_refused(tmp_path: Path, data: object) -> None:
    good = written(tmp_path, "good.json", {"estimates": {"a": {"value": 1.0}}})
    for pair in ((good, written(tmp_path, "x.json", data)), (tmp_path / "x.json", good)):
        with pytest.raises(ReadError):
            diff(*pair)


def test_json_that_nests_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("[" * 100_000)
    with pytest.raises(ReadError):
        diff(tmp_path / "x.json", tmp_path / "x.json")


def test_numbers_beyond_all_others_are_compared(tmp_path: Path) -> None:
    for n, (old, new) in enumerate([(10**400, 1.5), (1.5, 10**400), (float("nan"), 1.0)]):
        a = written(tmp_path, f"a{n}.json", {"estimates": {"x": {"value": old}}})
        b = written(tmp_path, f"b{n}.json", {"estimates": {"x": {"value": new}}})
        assert [c.id for c in diff(a, b)] == ["x"]
        assert diff(a, a) == [] or old != old
