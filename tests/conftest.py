"""What holds for all tests."""

from __future__ import annotations

import os

from hypothesis import settings

# The same examples each time: a change is judged by what it changed. GAOPAI_RANDOM=1 looks for new ones.
settings.register_profile("steady", derandomize=True)
if os.environ.get("GAOPAI_RANDOM") != "1":
    settings.load_profile("steady")
