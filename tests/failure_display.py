"""Display of failures by pytest."""

from __future__ import annotations

import gc
from collections.abc import Generator

import pytest


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show a failure with nothing collected meanwhile.

    Python 3.11 counts in one place how deep a syntax tree is while it makes one. Garbage that is collected
    then may log a traceback, which makes another: pytest's own ends in a SystemError, and the run with it.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
