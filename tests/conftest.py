"""What holds for all tests."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from server import background
from tests.fakes.canaries import Listener

# The same examples each time: a change is judged by what it changed. GAOPAI_RANDOM=1 looks for new ones.
settings.register_profile("steady", derandomize=True)
if os.environ.get("GAOPAI_RANDOM") != "1":
    settings.load_profile("steady")

# Models that no registry carries lie beside the project where a developer has them; elsewhere those
# that were fetched into the user's own folder.
BESIDE = Path(os.environ.get("GAOPAI_SHARED", Path(__file__).parents[2] / "shared")) / "models"
if "GAOPAI_MODELS" not in os.environ and BESIDE.is_dir():
    os.environ["GAOPAI_MODELS"] = str(BESIDE)


@pytest.fixture(autouse=True)
def nothing_personal_is_logged() -> Iterator[None]:
    """Through the whole suite: no name, number, portrait or print in any log, whatever fails."""
    listener, root, ours = Listener(), logging.getLogger(), logging.getLogger("server")
    level = ours.level
    root.addHandler(listener)
    ours.setLevel(logging.DEBUG)
    yield
    root.removeHandler(listener)
    ours.setLevel(level)
    assert listener.heard == []


@pytest.fixture(autouse=True)
def nothing_has_failed() -> Iterator[None]:
    """Failures of background work are the process's: those of one test are no other's."""
    background._failures.clear()
    yield
