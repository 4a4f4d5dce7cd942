"""Tools for programs that think, tried with the client of the official SDK."""

from __future__ import annotations

import asyncio
import base64
import json
import sys
from pathlib import Path

import pytest

from server.access.grants import GrantFile
from server.cli.mcp import ORIGIN, TOOLS
from server.config import Config
from server.errors import DeviceNotOpen
from server.protocol.catalogue import CATALOGUE
from tests.fakes.camera import SIZES
from tests.functional.conftest import Running
from tests.patience import PATIENCE

mcp = pytest.importorskip("mcp", reason="the extra mcp is not installed: pip install 'gaopai[mcp]'")


def client(service: Running) -> object:
    """The SDK's own client, of the command as a program starts it."""
    from mcp.client.stdio import StdioServerParameters

    words = ["-P", "-m", "server", "mcp", "--url", service.http]
    root = str(Path(__file__).parents[2])
    environment = {"PYTHONPATH": root}
    started = StdioServerParameters(command=sys.executable, args=words, env=environment, cwd="/")
    return mcp.Client(started, read_timeout_seconds=PATIENCE)


@pytest.fixture
async def allowed(config: Config) -> None:
    """The person said yes."""
    await asyncio.to_thread(GrantFile(Path(config.access.folder)).decide, ORIGIN, True, "command")


async def test_tools_are_functions_with_their_schemas(service: Running, allowed: None) -> None:
    from jsonschema import Draft202012Validator

    async with client(service) as agent:  # type: ignore[attr-defined]
        tools = {tool.name: tool for tool in (await agent.list_tools()).tools}
        assert list(tools) == list(TOOLS)
        for name, tool in tools.items():
            assert tool.description == CATALOGUE[name].summary.en
            schema = Draft202012Validator(tool.input_schema)
            schema.check_schema(tool.input_schema)
            schema.validate(CATALOGUE[name].example.request)


async def test_a_picture_is_an_image_and_an_error_tells_what_to_do(service: Running, allowed: None) -> None:
    async with client(service) as agent:  # type: ignore[attr-defined]
        asked = {"devNum": 0, "mode": "base64"}
        refused = await agent.call_tool("CameraCapture", asked)
        assert refused.is_error
        assert json.loads(refused.content[0].text)["result"] == DeviceNotOpen.code
        assert "OpenCamera" in refused.content[0].text
        assert not (await agent.call_tool("OpenCamera", {"devNum": 0})).is_error
        told, image = (await agent.call_tool("CameraCapture", asked)).content
        assert "imageBase64Str" not in json.loads(told.text)
        assert image.mime_type == "image/jpeg"
        assert base64.b64decode(image.data) in service.camera.jpegs[SIZES[0]]
    assert service.camera.history[-1] == "close"


async def test_an_agent_that_nobody_allowed_is_told_how(service: Running) -> None:
    async with client(service) as agent:  # type: ignore[attr-defined]
        refused = await agent.call_tool("GetCameraInfo", {})
        assert refused.is_error
        assert f"gaopai allow {ORIGIN}" in refused.content[0].text
