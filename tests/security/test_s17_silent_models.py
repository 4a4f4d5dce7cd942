"""S17: what runs the models reports nothing to its maker, and leaves nothing behind."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT
from tests.patience import PATIENCE


def run(program: str, scratch: Path) -> str:
    """What a program says, run in an interpreter of its own as if nobody had set anything."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ORT_")}
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**environment, "TMPDIR": str(scratch)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
    )
    return done.stdout.strip()


@pytest.mark.parametrize("package", ["models", "server"])
def test_reports_are_off_before_the_runtime_is_loaded(package: str, tmp_path: Path) -> None:
    said = run(f"import os, {package}; print(os.environ['ORT_DISABLE_TELEMETRY'])", tmp_path)
    assert said == "1"


def test_a_model_that_ran_leaves_nothing_behind(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
    # With reports on, a number of the session is in the folder for temporary files as soon as it is loaded.
    program = "from server.services.pictures.model_cache import ModelCache; assert ModelCache().documents()"
    run(program, tmp_path)
    assert list(tmp_path.iterdir()) == []
