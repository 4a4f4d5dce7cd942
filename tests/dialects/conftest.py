"""The service with dialects switched on, on ports of the tests' own."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
import pytest

from server import config as configuration
from server.config import Config
from server.config.dialects import DIALECTS
from tests.browser.conftest import browser
from tests.functional import conftest as functional
from tests.functional.conftest import (
    decoding,
    kept_processes,
    never_blocks,
    pytest_asyncio_loop_factories,
    service,
    watch,
)
from tests.service import free_port

__all__ = [
    "browser",
    "decoding",
    "kept_processes",
    "never_blocks",
    "pytest_asyncio_loop_factories",
    "service",
    "watch",
]


@dataclass(frozen=True)
class Ports:
    """Ports of the dialects."""

    numbers: dict[str, int]

    def http(self, name: str) -> str:
        return f"http://127.0.0.1:{self.numbers[name]}"

    def ws(self, name: str) -> str:
        return f"ws://127.0.0.1:{self.numbers[name]}/"


@pytest.fixture
def ports() -> Ports:
    return Ports({name: free_port() for name in DIALECTS})


base_config = pytest.fixture(name="base_config")(functional.config.__wrapped__)


@pytest.fixture
def config(base_config: Config, ports: Ports) -> Config:
    """Every dialect on, each on one port."""
    sections = {
        name: msgspec.structs.replace(getattr(base_config.dialects, name), enabled=True, port=port)
        for name, port in ports.numbers.items()
    }
    dialects = configuration.replace(base_config.dialects, **sections)
    return configuration.replace(base_config, dialects=dialects)
