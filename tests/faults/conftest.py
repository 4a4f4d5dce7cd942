"""The service as the functional tests run it."""

from tests.functional.conftest import config, never_blocks, pytest_asyncio_loop_factories, service

__all__ = ["config", "never_blocks", "pytest_asyncio_loop_factories", "service"]
