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

STAND_INS = """
import sys
from oncohort.cli.deferred import defer_parts
defer_parts(("importlib.metadata", "numpy.ma"))
from importlib.metadata import entry_points
import numpy as np
from numpy.ma import is_masked
assert np.unique([2, 1, 2]).tolist() == [1, 2] and not is_masked(np.ones(2))
assert np.median([3.0, 1.0, 2.0]) == 2.0 and not np.ma.isMaskedArray([1.0])
assert 'email.message' not in sys.modules and 'numpy.ma.core' not in sys.modules
masked = np.ma.masked_array([1.0, 2.0], [False, True])
assert is_masked(masked) and np.ma.is_masked(masked) and not is_masked(np.ones(2))
assert np.ma.isMaskedArray(masked) and np.ma.median(masked) == 1.0
assert "oncohort" in [e.name for e in entry_points(group="console_scripts")]
"""


def test_what_libraries_ask_of_every_array_and_package_loads_nothing() -> None:
    done = subprocess.run([sys.executable, "-c", STAND_INS], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_an_import_alone_loads_nothing_and_threads_find_all() -> None:
    done = subprocess.run([sys.executable, "-c", THREADS], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_what_scipy_looks_at_and_nobody_uses_is_not_loaded() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
