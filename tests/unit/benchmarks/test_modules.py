"""Every benchmark can still be loaded, whatever the code it measures is called by now."""

from __future__ import annotations

import importlib
import pkgutil
import subprocess
import sys

import pytest

import benchmarks
from benchmarks.__main__ import benchmarks_here

OURS = {"benchmarks", "imgcore", "lab", "models", "server", "synthetic"}
OF_TESTS = ("mypy", "playwright", "pytest", "scipy", "skimage", "trustme", "wsgidav")
"""Libraries that an environment without the tests lacks."""
MODULES = sorted(found.name for found in pkgutil.walk_packages(benchmarks.__path__, "benchmarks."))


@pytest.mark.parametrize("name", MODULES)
def test_a_module_names_only_what_there_is(name: str) -> None:
    try:
        assert importlib.import_module(name)
    except ModuleNotFoundError as exc:
        if exc.name is None or exc.name.partition(".")[0] in OURS:
            raise
        pytest.skip(f"{exc.name} is not installed, which {name} needs")


def test_all_were_looked_for() -> None:
    assert {"benchmarks.quality.curve", "benchmarks.streaming.bench", "benchmarks.gallery.several"} <= set(
        MODULES
    )


def test_the_packages_are_run_by_name() -> None:
    assert {"shutter", "streaming", "jpeg", "batch"} <= set(benchmarks_here())


def test_they_start_where_the_tests_are_not_installed() -> None:
    """``script/bench`` prepares an environment that runs the service, and no more."""
    hidden = f"import sys; sys.modules.update(dict.fromkeys({OF_TESTS}))"
    started = f"{hidden}; from benchmarks.__main__ import benchmarks_here; print(*benchmarks_here())"
    found = subprocess.run([sys.executable, "-c", started], capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr
    assert "streaming" in found.stdout.split()
