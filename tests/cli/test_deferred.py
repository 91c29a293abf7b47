"""Parts of libraries that wait until they are used."""

from __future__ import annotations

import subprocess
import sys

CODE = """
import sys
from oncohort.cli.deferred import defer_parts
defer_parts()
from scipy.special import betaincinv
assert 'numpy.f2py.crackfortran' not in sys.modules and 'unittest' not in sys.modules
import numpy as np
np.testing.assert_allclose(betaincinv(2, 3, 0.5), 0.38572756813)
assert 'unittest' in sys.modules
assert np.ma.masked_array([1.0, 2.0], [False, True]).mean() == 1.0
"""


THREADS = """
import sys
from threading import Thread
from oncohort.cli.deferred import defer_parts
defer_parts(("importlib.metadata",))
import importlib.metadata
assert 'email.message' not in sys.modules and 'zipfile' not in sys.modules
found = []
load = lambda: found.append(importlib.metadata.version("oncohort"))
threads = [Thread(target=load) for _ in range(8)]
for one in threads: one.start()
for one in threads: one.join()
assert len(found) == 8 and type(importlib.metadata) is type(sys)
try:
    importlib.metadata.nothing
except AttributeError as error:
    assert 'nothing' in str(error)
else:
    raise AssertionError
"""


def test_an_import_alone_loads_nothing_and_threads_find_all() -> None:
    done = subprocess.run([sys.executable, "-c", THREADS], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_what_scipy_looks_at_and_nobody_uses_is_not_loaded() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
