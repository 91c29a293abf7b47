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


def test_what_scipy_looks_at_and_nobody_uses_is_not_loaded() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
