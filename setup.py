"""Builds the optional compiled kernel; everything works without it.

The kernel is C99 on the buffer protocol and the stable ABI. Where no compiler is found the
build goes on, and `oncohort.stats` uses its numpy reference path.
"""

from pathlib import Path

from setuptools import Extension, setup

KERNEL = Path("src/oncohort/stats/_kernel.c")

extensions = (
    [
        Extension(
            "oncohort.stats._kernel",
            [str(KERNEL)],
            extra_compile_args=["-O3", "-std=c99", "-ffp-contract=fast", "-pthread", "-Wno-psabi"],
            extra_link_args=["-pthread"],
            define_macros=[("Py_LIMITED_API", "0x030B0000")],
            py_limited_api=True,
            optional=True,
        )
    ]
    if KERNEL.exists()
    else []
)

setup(ext_modules=extensions)
