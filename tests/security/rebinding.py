"""A name that resolves to another address each time, in namespaces of its own: ``unshare -mn python -m ...``.

The service asks a name server of this program's by the system's resolver, as on a counter. It prints what
each upload was answered, which questions were asked, and which server each upload arrived at.
"""

from __future__ import annotations

import asyncio
import base64
import fcntl
import json
import socket
import struct
import subprocess
import sys
from pathlib import Path

from aiohttp import web

from server import config as configuration
from server.app import create_app
from server.config import Config
from server.equipment import Engines, Finders
from server.services.upload import policy
from tests.fakes.face_engine import FakeFaceEngine
from tests.fakes.finger_sensor import FakeMatcher
from tests.functional.page import connect
from tests.functional.receiver import Receiver

NAME = "files.example.test"
PORT = 8000
ORIGIN = f"http://{NAME}:{PORT}"
CHECKED = "10.9.0.1"
OTHER = "10.9.0.2"
LOOPBACK = "127.0.0.1"
ANSWERS = [CHECKED, OTHER, LOOPBACK, CHECKED]
"""What the name server says, each once; then it starts again."""
PICTURE = base64.b64encode(b"\xff\xd8\xff\xe0 a picture \xff\xd9").decode()
_SIOCSIFADDR = 0x8916
_SIOCSIFFLAGS = 0x8914
_UP = 0x1 | 0x40
_A = 1
_QUESTION = 12


class NameServer(asyncio.DatagramProtocol):
    """Answers questions about addresses with the next one, for no second longer."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        end = data.index(b"\0", _QUESTION) + 5
        question = data[_QUESTION:end]
        (kind,) = struct.unpack_from("!H", data, end - 4)
        answer = b""
        if kind == _A:
            address = ANSWERS[len(self.asked) % len(ANSWERS)]
            self.asked.append(address)
            answer = b"\xc0\x0c" + struct.pack("!HHIH", _A, 1, 0, 4) + socket.inet_aton(address)
        head = data[:2] + struct.pack("!HHHHH", 0x8180, 1, bool(answer), 0, 0)
        self._transport.sendto(head + question + answer, addr)


def prepare(folder: Path) -> None:
    """Give this network namespace addresses, and this mount namespace a name server."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        for interface, address in {"lo": LOOPBACK, "lo:1": CHECKED, "lo:2": OTHER}.items():
            wanted = struct.pack(
                "16sH2s4s8x", interface.encode(), socket.AF_INET, b"", socket.inet_aton(address)
            )
            fcntl.ioctl(control, _SIOCSIFADDR, wanted)
            fcntl.ioctl(control, _SIOCSIFFLAGS, struct.pack("16sH14x", interface.encode(), _UP))
    for path, text in {
        "/etc/resolv.conf": f"nameserver {LOOPBACK}\noptions attempts:1 timeout:5\n",
        "/etc/nsswitch.conf": "hosts: files dns\n",
        "/etc/hosts": "127.0.0.1 localhost\n",
    }.items():
        own = folder / Path(path).name
        own.write_text(text)
        subprocess.run(["mount", "--bind", str(own), path], check=True)


async def listening(app: web.Application, host: str, port: int) -> web.AppRunner:
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, host, port).start()
    return runner


async def upload(folder: Path) -> dict[str, object]:
    """Send as often as there are answers, and once more to a place that is listed."""
    _, names = await asyncio.get_running_loop().create_datagram_endpoint(
        NameServer, local_addr=(LOOPBACK, 53)
    )
    # Both servers stand for other computers, and are here.
    policy._binds = lambda address: address.is_loopback
    servers = {address: Receiver() for address in (CHECKED, OTHER, LOOPBACK)}
    runners = []
    for address, receiver in servers.items():
        app = web.Application()
        app.router.add_post("/up", receiver.take)
        runners.append(await listening(app, address, PORT))
    config = Config(
        access=configuration.AccessConfig(origins=(ORIGIN,), folder=str(folder / "access"), other_users=True),
        storage=configuration.StorageConfig(root=str(folder / "root")),
        notice=configuration.NoticeConfig(cameras=False),
    )
    engines = Engines(FakeMatcher(), FakeFaceEngine())
    service = await listening(
        await asyncio.to_thread(create_app, config, Finders([], [], [], []), engines), LOOPBACK, 0
    )
    results = []
    asked = []
    async with connect(f"ws://{LOOPBACK}:{service.addresses[0][1]}/", ORIGIN) as page:
        for _ in ANSWERS:
            before = len(names.asked)
            answer = await page.ask("UploadHttpFile", url=f"{ORIGIN}/up", imageBase64=PICTURE)
            results.append(answer["result"])
            asked.append(names.asked[before:])
    for runner in (service, *runners):
        await runner.cleanup()
    arrived = {address: len(receiver.arrived) for address, receiver in servers.items()}
    hosts = {one.headers["Host"] for receiver in servers.values() for one in receiver.arrived}
    return {"results": results, "asked": asked, "arrived": arrived, "hosts": sorted(hosts)}


if __name__ == "__main__":
    prepare(Path(sys.argv[1]))
    print(json.dumps(asyncio.run(upload(Path(sys.argv[1])))))
