"""Chromium of years ago, out of npm's chrome-aws-lambda, driven by its own developer protocol.

Playwright cannot: it asks for what these do not know.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import re
import shutil
import subprocess
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.browser.chromium import ARGUMENTS
from tests.patience import PATIENCE
from tests.service import REPOSITORY

PACKAGES = {79: "2.0.2", 83: "3.1.1", 88: "5.5.0", 92: "10.1.0"}
"""Versions of the package by those of the browser in it."""
KEPT = REPOSITORY / ".cache" / "browsers"
UNPACK = """
const { readFileSync, writeFileSync } = require('fs');
writeFileSync(process.argv[2], require('zlib').brotliDecompressSync(readFileSync(process.argv[1])));
"""


def binary(major: int) -> Path:
    """The browser, fetched once, or a skip; today's is number 0."""
    if major == 0:
        return Path(shutil.which("chromium") or pytest.skip("chromium is not installed"))
    program = KEPT / str(major) / "chromium"
    if not program.exists():
        _fetch(major, program)
    return program


def _fetch(major: int, program: Path) -> None:
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed")
    folder = program.parent
    folder.mkdir(parents=True, exist_ok=True)
    # Scripts of the package would fetch more.
    name = f"chrome-aws-lambda@{PACKAGES[major]}"
    pack = ["npm", "pack", "--silent", "--ignore-scripts", name]
    fetched = subprocess.run(pack, cwd=folder, capture_output=True, timeout=300, check=False)
    if fetched.returncode:
        pytest.skip(f"the npm registry does not give {name}")
    (archive,) = folder.glob("*.tgz")
    with tarfile.open(archive) as packed:
        packed.extract("package/bin/chromium.br", folder, filter="data")
    made = folder / "made"
    subprocess.run(["node", "-e", UNPACK, folder / "package/bin/chromium.br", made], timeout=300, check=True)
    made.chmod(0o755)
    shutil.rmtree(folder / "package")
    archive.unlink()
    made.rename(program)


class Tab:
    """A page of such a browser."""

    def __init__(self, runner: asyncio.Runner, socket: aiohttp.ClientWebSocketResponse, session: str) -> None:
        self._runner = runner
        self._socket = socket
        self._session = session
        self._numbers = itertools.count(1000)
        self.complaints: list[str] = []
        for domain in ("Page", "Runtime", "Log"):
            self.send(f"{domain}.enable")

    def send(self, method: str, **params: object) -> dict[str, Any]:
        """The result of a command."""
        return self._runner.run(self._send(method, params))

    async def _send(self, method: str, params: dict[str, object]) -> dict[str, Any]:
        number = next(self._numbers)
        message = {"id": number, "sessionId": self._session, "method": method, "params": params}
        await self._socket.send_json(message)
        async with asyncio.timeout(PATIENCE):
            while (message := await self._socket.receive_json()).get("id") != number:
                self._hear(message)
        assert "error" not in message, (method, message)
        return message["result"]  # type: ignore[no-any-return]

    def _hear(self, message: dict[str, Any]) -> None:
        told = message.get("params", {})
        if message.get("method") == "Runtime.exceptionThrown":
            self.complaints.append(json.dumps(told["exceptionDetails"])[:600])
        if message.get("method") == "Log.entryAdded" and told["entry"]["level"] == "error":
            self.complaints.append(f"{told['entry']['text']} {told['entry'].get('url')}")

    def go(self, address: str) -> None:
        """Open an address."""
        self.send("Page.navigate", url=address)
        self.until(f"location.href.startsWith({json.dumps(address)}) && document.readyState === 'complete'")

    def run(self, script: str) -> Any:
        """Return the value of an expression; a promise is waited for."""
        result = self.send(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True, userGesture=True
        )
        assert "exceptionDetails" not in result, (script, json.dumps(result)[:1500], self.complaints)
        return result["result"].get("value")

    def until(self, script: str) -> None:
        """Wait until an expression holds."""
        end = time.monotonic() + PATIENCE
        while not self.run(f"Boolean({script})"):
            assert time.monotonic() < end, (script, self.complaints)
            time.sleep(0.05)

    def click(self, selector: str) -> None:
        """Press what can be pressed, as soon as it can."""
        chosen = f"document.querySelector({json.dumps(selector)})"
        self.until(f"{chosen} && !{chosen}.disabled && {chosen}.getClientRects().length")
        self.run(f"{chosen}.click()")


@contextlib.contextmanager
def browsing(major: int, folder: Path) -> Iterator[list[Tab]]:
    """Two tabs of a browser."""
    words = (*ARGUMENTS, "--remote-debugging-port=0", f"--user-data-dir={folder}", "about:blank")
    # Those of old know one kind of headless, and no shared memory is theirs in a container.
    spoken = [word.replace("=new", "") for word in words] if major else [*words]
    command = [binary(major), *spoken, "--disable-dev-shm-usage", "--window-size=1366,768", "--lang=en"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process, asyncio.Runner() as runner:
        try:
            assert process.stderr is not None
            address = next(found[0] for line in process.stderr if (found := re.search(r"ws://\S+", line)))
            client = runner.run(_client())
            try:
                yield [_tab(runner, client, address) for _ in range(2)]
            finally:
                runner.run(client.close())
        finally:
            process.kill()


async def _client() -> aiohttp.ClientSession:
    return aiohttp.ClientSession()


def _tab(runner: asyncio.Runner, client: aiohttp.ClientSession, address: str) -> Tab:
    async def opened() -> tuple[aiohttp.ClientWebSocketResponse, str]:
        socket = await client.ws_connect(address, max_msg_size=0)
        create = {"url": "about:blank", "newWindow": True}
        await socket.send_json({"id": 1, "method": "Target.createTarget", "params": create})
        target = (await _answer(socket, 1))["targetId"]
        attach = {"targetId": target, "flatten": True}
        await socket.send_json({"id": 2, "method": "Target.attachToTarget", "params": attach})
        return socket, (await _answer(socket, 2))["sessionId"]

    return Tab(runner, *runner.run(opened()))


async def _answer(socket: aiohttp.ClientWebSocketResponse, number: int) -> dict[str, Any]:
    async with asyncio.timeout(PATIENCE):
        while (message := await socket.receive_json()).get("id") != number:
            pass
    return message["result"]  # type: ignore[no-any-return]
