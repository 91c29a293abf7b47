"""Packages whose names are loaded when first used, so that importing one stays light."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from types import ModuleType


def lazy_names(
    package: str, modules: Mapping[str, Sequence[str]]
) -> tuple[list[str], Callable[[str], object], Callable[[], list[str]]]:
    """`__all__`, `__getattr__` and `__dir__` of a package.

    Importing a submodule ``cox`` does not hide a function ``cox`` of the same name.

    Parameters
    ----------
    package
        Its `__name__`.
    modules
        Each module below the package with the names that are taken from it. Where the key is
        empty, or ends with a dot, the names are modules there.

    Examples
    --------
    >>> names, load, _ = lazy_names("oncohort.displays", {"paper": ["Paper"], "": ["styles"]})
    >>> load("Paper").__module__, load("styles").__name__, names
    ('oncohort.displays.paper', 'oncohort.displays.styles', ['Paper', 'styles'])
    """
    home = {name: module for module, names in modules.items() for name in names}
    attributes = {n for n, module in home.items() if module and not module.endswith(".")}

    class Package(ModuleType):
        def __setattr__(self, name: str, value: object) -> None:
            if not (name in attributes and isinstance(value, ModuleType)):
                super().__setattr__(name, value)

    def load(name: str) -> object:
        if name not in home:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        if name in attributes:
            found: object = getattr(import_module(f"{package}.{home[name]}"), name)
        else:
            found = import_module(f"{package}.{home[name]}{name}")
        setattr(sys.modules[package], name, found)
        return found

    sys.modules[package].__class__ = Package
    return sorted(home), load, lambda: sorted(home)
