"""The standard library's `dataclass`, made in a third of the time.

The standard one compiles each method of each class by itself: with our hundreds of classes that
is a sixth of a short command. Here only `__init__` is compiled, when a class makes its first
object; the other methods are the same for all classes and look up the fields. What a class then
does is the same, but for one thing: a frozen object refuses every name, not its fields alone.
"""

from __future__ import annotations

import dataclasses
import operator
from collections.abc import Callable
from dataclasses import MISSING, FrozenInstanceError
from reprlib import recursive_repr
from types import FunctionType
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from dataclasses import Field
    from dataclasses import dataclass as dataclass
    from typing import ClassVar, Protocol

    class Made(Protocol):
        """An object of a class that was made here."""

        __dataclass_fields__: ClassVar[dict[str, Field[object]]]

    Fields: TypeAlias = tuple[Field[object], ...]
else:

    def dataclass(
        cls: type | None = None,
        /,
        *,
        frozen: bool = False,
        slots: bool = False,
        eq: bool = True,
        order: bool = False,
        repr: bool = True,
    ) -> type | Callable[[type], type]:
        """As :func:`dataclasses.dataclass`.

        Examples
        --------
        >>> @dataclass(frozen=True, slots=True)
        ... class Dose:
        ...     drug: str
        ...     amount: float = 400.0
        >>> Dose("sorafenib"), Dose("sorafenib") == Dose("sorafenib", 400.0)
        (Dose(drug='sorafenib', amount=400.0), True)
        >>> dataclasses.replace(Dose("sorafenib"), amount=200.0).amount
        200.0
        >>> Dose("sorafenib").amount = 1.0
        Traceback (most recent call last):
        ...
        dataclasses.FrozenInstanceError: cannot assign to field 'amount'
        """

        def made(cls: type) -> type:
            own = frozenset(cls.__dict__)
            written = cls.__dict__.get("__hash__")
            if not cls.__doc__:  # else the standard one spells out the signature for it
                cls.__doc__ = cls.__name__
            cls = dataclasses.dataclass(init=False, repr=False, eq=False, slots=slots)(cls)
            fields = dataclasses.fields(cls)
            methods: dict[str, object] = {"__init__": _Later(cls, fields, frozen)}
            if repr:
                methods["__repr__"] = _repr
            if eq:
                methods |= _comparing(fields, ordered=order)
                if not frozen:
                    methods["__hash__"] = None
            if frozen:
                methods |= {"__setattr__": _refuse_setting, "__delattr__": _refuse_deleting}
            if frozen and slots:
                methods |= {"__getstate__": _state, "__setstate__": _set_state}
            for name, method in methods.items():
                if name not in own or (name == "__hash__" and written is None):
                    setattr(cls, name, method)
            return cls

        return made if cls is None else made(cls)


class _Later:
    """`__init__`, compiled when it is first asked for: many classes have no object in a command."""

    def __init__(self, cls: type, fields: Fields, frozen: bool) -> None:
        self._made = (cls, fields, frozen)

    def __get__(self, one: object, owner: type) -> object:
        init = _init(*self._made)
        self._made[0].__init__ = init  # type: ignore[misc]
        return init.__get__(one, owner)


def _init(cls: type, fields: Fields, frozen: bool) -> FunctionType:
    """`__init__`, compiled from the fields."""
    known: dict[str, object] = {"_set": object.__setattr__, "_absent": MISSING}
    first: list[str] = []
    named: list[str] = []
    body: list[str] = []
    for one in fields:
        name, value = one.name, one.name
        asked = name
        if one.default is not MISSING:
            known[f"_d_{name}"] = one.default
            asked = f"{name}=_d_{name}"
        elif one.default_factory is not MISSING:
            known[f"_d_{name}"] = one.default_factory
            asked = f"{name}=_absent"
            value = f"_d_{name}() if {name} is _absent else {name}"
        if one.init:
            (named if one.kw_only else first).append(asked)
        elif one.default_factory is not MISSING:
            value = f"_d_{name}()"
        elif one.default is not MISSING:
            value = f"_d_{name}"
        else:
            continue
        body.append(f" _set(self, {name!r}, {value})" if frozen else f" self.{name} = {value}")
    if hasattr(cls, "__post_init__"):
        body.append(" self.__post_init__()")
    arguments = ", ".join(["self", *first, *(["*", *named] if named else [])])
    exec(f"def __init__({arguments}):\n" + "\n".join(body or [" pass"]), known)
    init = known["__init__"]
    assert isinstance(init, FunctionType)
    init.__qualname__ = f"{cls.__qualname__}.__init__"
    init.__module__ = cls.__module__
    init.__annotations__ = {f.name: f.type for f in fields if f.init} | {"return": None}
    return init


def _comparing(fields: Fields, *, ordered: bool) -> dict[str, object]:
    """`__eq__`, `__hash__` and, where wanted, the four of the order: of the tuple of fields."""
    names = [f.name for f in fields if f.compare]
    several = operator.attrgetter(*names) if len(names) > 1 else None

    def few(self: object) -> tuple[object, ...]:
        return tuple(getattr(self, n) for n in names)

    values: Callable[[object], object] = several or few

    def compared(name: str) -> Callable[[object, object], object]:
        by = getattr(operator, name)

        def method(self: object, other: object) -> object:
            if other.__class__ is self.__class__:
                return by(values(self), values(other))
            return NotImplemented

        return method

    def hashed(self: object) -> int:
        return hash(values(self))

    signs = ("__eq__", "__lt__", "__le__", "__gt__", "__ge__") if ordered else ("__eq__",)
    return {sign: compared(sign) for sign in signs} | {"__hash__": hashed}


@recursive_repr()
def _repr(self: Made) -> str:
    shown = (f for f in dataclasses.fields(self) if f.repr)
    inside = ", ".join(f"{f.name}={getattr(self, f.name)!r}" for f in shown)
    return f"{self.__class__.__qualname__}({inside})"


def _refuse_setting(self: object, name: str, value: object) -> None:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_deleting(self: object, name: str) -> None:
    raise FrozenInstanceError(f"cannot delete field {name!r}")


def _state(self: Made) -> list[object]:
    return [getattr(self, f.name) for f in dataclasses.fields(self)]


def _set_state(self: Made, state: list[object]) -> None:
    for field, value in zip(dataclasses.fields(self), state, strict=True):
        object.__setattr__(self, field.name, value)
