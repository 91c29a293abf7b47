"""Our `dataclass` does what the standard one does."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
from dataclasses import field
from pathlib import Path
from typing import ClassVar

import pytest

import oncohort
from oncohort.dataclass import dataclass

EITHER = pytest.mark.parametrize("made", [dataclass, dataclasses.dataclass])
KINDS = [{}, {"slots": True}, {"frozen": True}, {"frozen": True, "slots": True}]


def dose(made: object, **options: bool) -> type:
    class Dose:
        """A dose."""

        unit: ClassVar[str] = "mg"
        drug: str
        amount: float = 400.0
        notes: list[str] = field(default_factory=list, compare=False)
        row: int = field(default=0, kw_only=True, repr=False)
        seen: tuple[str, ...] = field(default=(), init=False)

    return made(**options)(Dose)  # type: ignore[operator, no-any-return]


@dataclass(frozen=True, slots=True)
class Kept:
    """Something that can be pickled."""

    drug: str
    amount: float = 1.0


@EITHER
@pytest.mark.parametrize("options", KINDS)
def test_values(made: object, options: dict[str, bool]) -> None:
    cls = dose(made, **options)
    one, other = cls("a", notes=["x"], row=2), cls("a", 400.0, row=2)
    assert one == other
    assert one != cls("a", 400.0)
    assert one != ("a", 400.0)
    assert repr(one).endswith("Dose(drug='a', amount=400.0, notes=['x'], seen=())")
    assert other.notes == []
    assert other.notes is not cls("a").notes
    assert dataclasses.replace(one, amount=2.0).amount == 2.0
    assert dataclasses.asdict(one)["notes"] == ["x"]
    assert [f.name for f in dataclasses.fields(cls)] == ["drug", "amount", "notes", "row", "seen"]
    assert list(inspect.signature(cls).parameters) == ["drug", "amount", "notes", "row"]
    assert vars(cls)["__match_args__"] == ("drug", "amount", "notes")
    assert copy.copy(one) == one
    assert hasattr(one, "__dict__") is ("slots" not in options)
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'drug'"):
        cls()


@EITHER
@pytest.mark.parametrize("options", KINDS)
def test_frozen(made: object, options: dict[str, bool]) -> None:
    one = dose(made, **options)("a")
    if "frozen" in options:
        assert hash(one) == hash(dose(made, **options)("a"))
        with pytest.raises(dataclasses.FrozenInstanceError, match="cannot assign to field 'drug'"):
            one.drug = "b"
        with pytest.raises(dataclasses.FrozenInstanceError, match="cannot delete field 'drug'"):
            del one.drug
    else:
        one.drug = "b"
        assert one.drug == "b"
        with pytest.raises(TypeError, match="unhashable"):
            hash(one)


@EITHER
def test_what_a_class_writes_itself_stays(made: object) -> None:
    class Own:
        x: float

        def __repr__(self) -> str:
            return "own"

        def __eq__(self, other: object) -> bool:
            return True

        def __post_init__(self) -> None:
            object.__setattr__(self, "x", float(self.x))

    cls = made(frozen=True, slots=True)(Own)  # type: ignore[operator]
    assert repr(cls(1)) == "own"
    assert cls(1) == 3
    assert isinstance(cls(1).x, float)
    assert {cls(1), cls(1)} == {cls(1)}


@EITHER
def test_parts_left_out(made: object) -> None:
    class One:
        x: float

    plain = made(frozen=True, eq=False, repr=False)(One)  # type: ignore[operator]
    assert plain(1.0) != plain(1.0)
    assert len({plain(1.0), plain(1.0)}) == 2
    assert "object at" in repr(plain(1.0))


@EITHER
def test_order_and_not_a_number(made: object) -> None:
    class One:
        x: float

    cls = made(frozen=True, order=True)(One)  # type: ignore[operator]
    assert sorted([cls(2.0), cls(1.0)]) == [cls(1.0), cls(2.0)]
    assert cls(1.0) <= cls(1.0)
    nan = float("nan")
    assert cls(nan) == cls(nan)
    with pytest.raises(TypeError, match="not supported"):
        assert cls(1.0) < 2.0


def test_pickled() -> None:
    assert pickle.loads(pickle.dumps(Kept("a"))) == Kept("a")


def test_all_of_ours_are_made_so() -> None:
    root = Path(oncohort.__file__).parent
    lines = [
        f"{path.relative_to(root)}: {line}"
        for path in root.rglob("*.py")
        if path.name != "dataclass.py"
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.startswith("from dataclasses import")
        and "dataclass" in line.split("import")[1]
        and "dataclass" in [n.strip() for n in line.split("import")[1].split(",")]
    ]
    assert not lines, "take `dataclass` from oncohort.dataclass"
