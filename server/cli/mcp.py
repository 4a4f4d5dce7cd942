"""``gaopai mcp``: cameras, scanners and papers as tools of programs that think, by MCP.

It speaks to the service that runs as a page does, over HTTP: its origin has to be allowed, and each of its
sessions ends with what it has open.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp

from server.access.token import read_token
from server.errors import NoSuchSession
from server.protocol.catalogue import CATALOGUE
from server.protocol.export.json_schema import parameters_schema

if TYPE_CHECKING:
    from mcp.server.lowlevel import Server
    from mcp_types import CallToolResult, ContentBlock

SUMMARY = "Serve cameras, scanners and papers to programs that think, by MCP over standard input."
ORIGIN = "https://agent.invalid"
"""Origin that people allow, and that the audit trail tells; no page can have it, as no such name exists."""
TOOLS = (
    *("GetCameraInfo", "OpenCamera", "SetCameraImageInfo", "CameraCapture", "CloseCamera"),
    *("GetScannerName", "Scan", "CancelScan", "RecogText", "RecogDocument"),
    *("MergeFile", "ListFiles", "GetFile", "VerifyFile"),
)
"""Functions of the protocol that are tools."""
PICTURES = ("imageBase64Str", "imgBase64Str")
"""Members of an answer that hold its picture, which becomes an image."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    where = "address of the service"
    parser.add_argument("--url", default="http://127.0.0.1:8082", metavar="URL", help=where)
    parser.add_argument("--token-file", type=Path, metavar="FILE", help="file with the service's token")


def run(arguments: argparse.Namespace) -> int:
    """Serve until standard input ends; return 2 where the SDK is missing."""
    try:
        import mcp.server.stdio  # noqa: PLC0415 - as it may be missing
    except ImportError:
        print("gaopai: the SDK is missing: pip install 'gaopai[mcp]'", file=sys.stderr)
        return 2
    token = read_token(arguments.token_file) if arguments.token_file else None

    async def serve() -> None:
        async with Agent(arguments.url, token) as agent, mcp.server.stdio.stdio_server() as streams:
            reader, writer = streams
            served = server_of(agent)
            await served.run(reader, writer, served.create_initialization_options())

    asyncio.run(serve())
    return 0


class Agent:
    """Calls functions of a service, in a session that is begun anew where it has ended.

    Parameters
    ----------
    url
        Address of the service.
    token
        Token of the service; None where it asks for none.
    """

    def __init__(self, url: str, token: str | None = None) -> None:
        authorization = {} if token is None else {"Authorization": f"Bearer {token}"}
        self._http = aiohttp.ClientSession(
            f"{url.rstrip('/')}/api/v1/",
            headers={"Origin": ORIGIN, "Accept-Language": "en", **authorization},
            # A person may have to answer, and a scan may be long: the service has its own deadlines.
            timeout=aiohttp.ClientTimeout(total=None),
        )
        self._session: dict[str, str] = {}
        self._beginning = asyncio.Lock()

    async def __aenter__(self) -> Agent:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._session:
            async with self._http.delete("session", headers=self._session):
                pass
        await self._http.close()

    async def call(self, func: str, parameters: dict[str, Any]) -> list[dict[str, Any]]:
        """Return the answers of a function; raises ConnectionRefusedError with what a refusal says."""
        async with self._beginning:
            await self._begin()
        async with self._http.post(func, json=parameters, headers=self._session) as response:
            answers = await _told(response)
        if answers[0].get("result") == NoSuchSession.code:
            self._session = {}
            return await self.call(func, parameters)
        return answers

    async def _begin(self) -> None:
        """Begin a session, unless there is one."""
        if not self._session:
            async with self._http.post("session") as response:
                self._session = {"Gaopai-Session": (await _told(response))[0]["session"]}


async def _told(response: aiohttp.ClientResponse) -> list[dict[str, Any]]:
    if response.content_type != "application/json":
        raise ConnectionRefusedError(await response.text())
    told = await response.json()
    return told if isinstance(told, list) else [told]


def server_of(agent: Agent) -> Server[Any]:
    """Return the MCP server whose tools are functions of the service."""
    import mcp_types as types  # noqa: PLC0415 - as it may be missing
    from mcp.server.lowlevel import Server  # noqa: PLC0415

    tools = [
        types.Tool(
            name=name, description=CATALOGUE[name].summary.en, input_schema=parameters_schema(CATALOGUE[name])
        )
        for name in TOOLS
    ]

    async def list_tools(context: object, asked: object) -> types.ListToolsResult:
        return types.ListToolsResult(tools=tools)

    async def call_tool(context: object, asked: types.CallToolRequestParams) -> CallToolResult:
        if asked.name not in TOOLS:
            raise ValueError(f"there is no tool {asked.name}")
        try:
            answers = await agent.call(asked.name, asked.arguments or {})
        except (OSError, aiohttp.ClientError) as error:
            return types.CallToolResult(content=[types.TextContent(text=str(error))], is_error=True)
        content: list[ContentBlock] = []
        for answer in answers:
            pictures = [answer.pop(name) for name in PICTURES if name in answer]
            content.append(types.TextContent(text=json.dumps(answer, ensure_ascii=False)))
            mime = str(answer.get("mime", "")).replace("image/jpg", "image/jpeg")
            content += (types.ImageContent(data=data, mime_type=mime) for data in pictures[:1])
        failed = any(answer["result"] for answer in answers)
        return types.CallToolResult(content=content, is_error=failed)

    return Server("gaopai", on_list_tools=list_tools, on_call_tool=call_tool)
