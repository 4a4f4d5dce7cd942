"""The service with its devices shared, on a port of the tests' own."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest

from server import config as configuration
from server.config import Config
from tests.functional import conftest as functional
from tests.functional.conftest import (
    Running,
    decoding,
    kept_processes,
    never_blocks,
    pytest_asyncio_loop_factories,
    service,
    watch,
)
from tests.service import free_port
from tests.share.client import EsclClient

__all__ = ["decoding", "kept_processes", "never_blocks", "pytest_asyncio_loop_factories", "service", "watch"]

base_config = pytest.fixture(name="base_config")(functional.config.__wrapped__)


@pytest.fixture
def config(base_config: Config) -> Config:
    share = configuration.ShareConfig(enabled=True, port=free_port(), page_seconds=60)
    return configuration.replace(base_config, share=share)


@pytest.fixture
async def escl(service: Running, config: Config) -> AsyncIterator[EsclClient]:
    """A client of the first device."""
    async with aiohttp.ClientSession(auto_decompress=False) as session:
        yield EsclClient(session, f"http://127.0.0.1:{config.share.port}")
