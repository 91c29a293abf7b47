"""The library that reads BibTeX, loaded so that it reads whatever flags Python runs with.

citeproc-py steps through a file inside ``assert`` statements. Under ``python -O`` these are left
out, and it would find no reference; its modules are compiled with them here.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import CodeType, ModuleType

LIBRARY = "citeproc"


class _WithAsserts(SourceFileLoader):
    """Compiles a module with its ``assert`` statements, and leaves compiled files alone."""

    def get_code(self, fullname: str) -> CodeType | None:
        """The module's code."""
        path = self.get_filename(fullname)
        return compile(self.get_data(path), path, "exec", dont_inherit=True, optimize=0)


class _Finder(MetaPathFinder):
    """Finds the modules of the library, and no others."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Where a module is; none where it is not the library's or has no source."""
        if fullname.partition(".")[0] != LIBRARY:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and isinstance(spec.loader, SourceFileLoader):
            spec.loader = _WithAsserts(fullname, spec.loader.path)
        return spec


@contextmanager
def with_asserts() -> Iterator[None]:
    """Modules of the library that are imported inside keep their ``assert`` statements."""
    if __debug__:
        yield
        return
    finder = _Finder()
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
