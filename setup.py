"""The compiled kernels. Everything else about the package is in pyproject.toml."""

import os
from pathlib import Path

import numpy as np
from Cython.Build import cythonize
from setuptools import Extension, setup

FOLDER = Path("imgcore/kernels")
SHARED = "imgcore.kernels._cython"
"""Module of the code that Cython would put into every kernel otherwise: four fifths of each."""
PROCESSORS = len(os.sched_getaffinity(0))


def extension(name: str, source: Path) -> Extension:
    """Return one extension module, of a kernel or of what they share."""
    return Extension(
        name,
        [str(source)],
        include_dirs=[np.get_include()],
        define_macros=[("NPY_NO_DEPRECATED_API", "NPY_2_0_API_VERSION")],
        # Nobody reads errno or floating-point traps; without them, float loops become vectors.
        extra_compile_args=["-O3", "-fno-math-errno", "-fno-trapping-math"],
    )


def kernels() -> list[Extension]:
    """Return all of them, translated to C; none where GAOPAI_KERNELS says that they are compiled apart."""
    if os.environ.get("GAOPAI_KERNELS") == "apart":
        return []
    sources = sorted(FOLDER.glob("_*.pyx"))
    translated: list[Extension] = cythonize(
        [
            extension(SHARED, FOLDER / "_cython.c"),
            *(extension(f"imgcore.kernels.{source.stem}", source) for source in sources),
        ],
        nthreads=PROCESSORS,
        shared_utility_qualified_name=SHARED,
        language_level=3,
        compiler_directives={"boundscheck": False, "wraparound": False, "cdivision": True},
    )
    return translated


setup(ext_modules=kernels(), options={"build_ext": {"parallel": PROCESSORS}})
