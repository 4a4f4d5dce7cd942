"""The service as the functional tests run it."""

import pytest

from tests.functional.conftest import config, never_blocks, pytest_asyncio_loop_factories, service

__all__ = ["config", "never_blocks", "pytest_asyncio_loop_factories", "service"]


@pytest.fixture
def decoding() -> None:
    """A service starts and ends the processes that decode for it."""
