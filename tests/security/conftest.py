"""The service as the functional tests run it, and in a process of its own."""

from collections.abc import Iterator

import pytest

from tests.functional.conftest import config, never_blocks, pytest_asyncio_loop_factories, service
from tests.security.process import Service, running

__all__ = ["config", "never_blocks", "process", "pytest_asyncio_loop_factories", "service"]


@pytest.fixture(scope="session")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One for all tests that measure what it holds, with metrics."""
    with running(tmp_path_factory.mktemp("service"), "[metrics]\nenabled = true\n") as service:
        yield service
