"""The compiled kernels. Everything else about the package is in pyproject.toml."""

from pathlib import Path

import numpy as np
from Cython.Build import cythonize
from setuptools import Extension, setup

KERNELS = sorted(Path("imgcore/kernels").glob("_*.pyx"))

setup(
    ext_modules=cythonize(
        [
            Extension(
                f"imgcore.kernels.{source.stem}",
                [str(source)],
                include_dirs=[np.get_include()],
                define_macros=[("NPY_NO_DEPRECATED_API", "NPY_2_0_API_VERSION")],
                # Nobody reads errno or floating-point traps; without them, float loops become vectors.
                extra_compile_args=["-O3", "-fno-math-errno", "-fno-trapping-math"],
            )
            for source in KERNELS
        ],
        language_level=3,
        compiler_directives={"boundscheck": False, "wraparound": False, "cdivision": True},
    )
)
