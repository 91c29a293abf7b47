"""Packages whose names are loaded when first used, so that importing one stays light."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module


def lazy_names(
    package: str, homes: Mapping[str, str]
) -> tuple[Callable[[str], object], Callable[[], list[str]]]:
    """`__getattr__` and `__dir__` of a package.

    Parameters
    ----------
    package
        Its `__name__`.
    homes
        Name to the module below the package that has it. Where the home is empty, or ends with a
        dot, the name is a module there.

    Examples
    --------
    >>> load, names = lazy_names("oncohort.displays", {"Paper": "paper", "styles": ""})
    >>> load("Paper").__module__, load("styles").__name__, names()
    ('oncohort.displays.paper', 'oncohort.displays.styles', ['Paper', 'styles'])
    """

    def load(name: str) -> object:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        home = homes[name]
        if not home or home.endswith("."):
            found: object = import_module(f"{package}.{home}{name}")
        else:
            found = getattr(import_module(f"{package}.{home}"), name)
        setattr(sys.modules[package], name, found)
        return found

    return load, lambda: sorted(homes)
