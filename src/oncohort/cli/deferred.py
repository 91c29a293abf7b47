"""Parts of libraries that a command does not use, and that are slow to load, wait until they are.

scipy looks at every name of numpy when it is imported; that loads numpy's tools for Fortran and
for tests, which take as long as all of scipy that a study needs.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec, module_from_spec
from threading import RLock
from types import ModuleType

PARTS = ("numpy.f2py", "numpy.testing", "numpy.ma", "numpy.polynomial")
_loading = RLock()


def _entry_points(**wanted: str) -> object:
    import importlib.metadata

    importlib.metadata.version  # noqa: B018  loads it
    return importlib.metadata.entry_points(**wanted)


def _asked(name: str) -> Callable[[object], bool]:
    """A question whether an array is masked: none is where nothing has loaded such arrays."""

    def asked(array: object) -> bool:
        loaded = sys.modules.get("numpy.ma.core")
        return loaded is not None and bool(getattr(loaded, name)(array))

    return asked


_STAND_INS: dict[str, dict[str, object]] = {
    "importlib.metadata": {"entry_points": _entry_points},
    "numpy.ma": {name: _asked(name) for name in ("is_masked", "isMaskedArray")},
}
"""Functions that libraries take from a module and that need none of it: pydantic's search for
plugins is switched off, numpy asks of every array."""


class _Waiting(ModuleType):
    """A module that is loaded when something is asked of it that it does not have yet.

    The standard library's lazy module is loaded by an ``import`` of it already.
    """

    def __getattr__(self, name: str) -> object:
        spec = self.__spec__
        assert spec is not None and spec.loader is not None
        if spec.loader_state is None and name in _STAND_INS.get(self.__name__, {}):
            return _STAND_INS[self.__name__][name]
        with _loading:  # another thread waits until all is there
            if spec.loader_state is None:
                spec.loader_state = "begun"  # what is asked while it loads is not there yet
                spec.loader.exec_module(self)
                self.__class__ = ModuleType  # type: ignore[assignment]
        return ModuleType.__getattribute__(self, name)


def defer_parts(names: tuple[str, ...] = PARTS) -> None:
    """Let modules load when something of them is used; those that are loaded already stay.

    Examples
    --------
    >>> defer_parts(("json.tool",))
    >>> import json.tool
    >>> json.tool.__name__, callable(json.tool.main)
    ('json.tool', True)
    """
    for name in names:
        spec = None if name in sys.modules else find_spec(name)
        if spec is None or spec.loader is None:
            continue
        module = module_from_spec(spec)
        module.__class__ = _Waiting
        sys.modules[name] = module
        whole, _, part = name.rpartition(".")
        setattr(import_module(whole), part, module)
