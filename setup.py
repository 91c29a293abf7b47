"""Builds the optional compiled kernels; everything works without them.

They are C99 on the buffer protocol and the stable ABI. Where no compiler is found the build goes
on, `oncohort.stats` uses its numpy reference path and `oncohort.twin` its reference in Python.
"""

from pathlib import Path

from setuptools import Extension, setup

KERNELS = {
    "oncohort.stats._kernel": ("src/oncohort/stats/_kernel.c", "-ffp-contract=fast"),
    # The search has to walk the same way as its reference in Python: no fused operations.
    "oncohort.twin._search": ("src/oncohort/twin/_search.c", "-ffp-contract=off"),
}

extensions = [
    Extension(
        name,
        [source],
        extra_compile_args=["-O3", "-std=c99", contract, "-pthread", "-Wno-psabi"],
        extra_link_args=["-pthread"],
        define_macros=[("Py_LIMITED_API", "0x030B0000")],
        py_limited_api=True,
        optional=True,
    )
    for name, (source, contract) in KERNELS.items()
    if Path(source).exists()
]

setup(ext_modules=extensions, options={"bdist_wheel": {"py_limited_api": "cp311"}})
