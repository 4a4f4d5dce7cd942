"""What holds for all tests."""

from __future__ import annotations

import os
from pathlib import Path

from hypothesis import settings

# The same examples each time: a change is judged by what it changed. GAOPAI_RANDOM=1 looks for new ones.
settings.register_profile("steady", derandomize=True)
if os.environ.get("GAOPAI_RANDOM") != "1":
    settings.load_profile("steady")

# Models that no registry carries lie beside the project where a developer has them; elsewhere those
# that were fetched into the user's own folder.
BESIDE = Path(os.environ.get("GAOPAI_SHARED", Path(__file__).parents[2] / "shared")) / "models"
if "GAOPAI_MODELS" not in os.environ and BESIDE.is_dir():
    os.environ["GAOPAI_MODELS"] = str(BESIDE)
