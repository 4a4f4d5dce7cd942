"""S3: no page without an origin of its own is let in; programs follow their switch."""

from __future__ import annotations

import pytest

from server import config as configuration
from server.config import Config
from tests.functional.conftest import Running
from tests.security.knocking import knock


async def test_null_is_refused(service: Running) -> None:
    status, text = await knock(service, Origin="null")
    assert status == 403
    assert "null_origin = true" in text


@pytest.mark.parametrize("native", [True, False])
class TestPrograms:
    @pytest.fixture
    def config(self, config: Config, native: bool) -> Config:
        access = configuration.replace(config.access, native_clients=native)
        return configuration.replace(config, access=access)

    async def test_one_without_an_origin_follows_the_switch(self, service: Running, native: bool) -> None:
        status, text = await knock(service)
        assert status == (101 if native else 403)
        assert native or "native_clients = true" in text
        assert (await knock(service, Origin="https://evil.com"))[0] == 403
