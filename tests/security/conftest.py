"""The service as the functional tests run it: every requirement is tried on the whole of it."""

from __future__ import annotations

from tests.functional.conftest import config, never_blocks, pytest_asyncio_loop_factories, service

__all__ = ["config", "never_blocks", "pytest_asyncio_loop_factories", "service"]
