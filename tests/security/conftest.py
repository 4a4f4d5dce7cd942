"""The service as the functional tests run it, and in a process of its own."""

import socket
from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.browser.conftest import browser
from tests.functional.conftest import (
    config,
    http,
    never_blocks,
    pytest_asyncio_loop_factories,
    service,
    watch,
)
from tests.open_files import many_files
from tests.service import Service, running

__all__ = [
    "browser",
    "config",
    "http",
    "many_files",
    "never_blocks",
    "process",
    "pytest_asyncio_loop_factories",
    "service",
    "watch",
]


@pytest.fixture
def decoding() -> None:
    """A service starts and ends the processes that decode for it."""


@pytest.fixture(scope="session")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One for all tests that measure what it holds, with metrics, and a server that never answers."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        config = f'[metrics]\nenabled = true\n[upload]\nallow = ["{address}"]\n'
        with running(tmp_path_factory.mktemp("service"), config) as service:
            yield replace(service, silent=address)
