"""Room for the thousands of descriptors that some tests hold."""

from __future__ import annotations

import resource
from collections.abc import Iterator

import pytest

MANY = 4096


@pytest.fixture
def many_files() -> Iterator[None]:
    """Let this process have `MANY` files open; accounts usually start with 1024."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < MANY:
        pytest.skip(f"only {hard} files may be open here, and this test needs {MANY}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (MANY, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
