"""Inner loops for which OpenCV has no function.

Each comes twice, of one name and signature: compiled (``_profile``) and in NumPy
(``profile``), which is the specification, the oracle of the tests and what runs where the
compiled one is missing. Callers import from here and never see the difference.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

COMPILED = find_spec("imgcore.kernels._profile") is not None
"""Whether the compiled kernels are used."""

if TYPE_CHECKING or not COMPILED:
    from imgcore.kernels.profile import profile_scores
else:
    from imgcore.kernels._profile import profile_scores

__all__ = ["COMPILED", "profile_scores"]
