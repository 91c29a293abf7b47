"""Parts of libraries that a command does not use, and that are slow to load, wait until they are.

scipy looks at every name of numpy when it is imported; that loads numpy's tools for Fortran and
for tests, which take as long as all of scipy that a study needs.
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import LazyLoader, find_spec, module_from_spec

PARTS = ("numpy.f2py", "numpy.testing", "numpy.ma", "numpy.polynomial")


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
        spec.loader = LazyLoader(spec.loader)
        module = module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
        whole, _, part = name.rpartition(".")
        setattr(import_module(whole), part, module)
