"""S15: an upload goes where it may and nowhere else, whatever its address says or its server answers."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from server import config as configuration
from server.config import Config
from server.errors import UploadNotAllowed, UploadRejected, UploadTimeout, UploadTooLarge
from server.services.upload.transfer import Upload
from tests.architecture.tree import ROOT
from tests.functional.conftest import ALLOWED, Running
from tests.functional.page import Page, connect
from tests.functional.receiver import Hostile, Receiver, misbehaving, receiving
from tests.functional.uploading import JPEG, transferring
from tests.patience import PATIENCE
from tests.security.rebinding import ANSWERS, NAME

CODED = base64.b64encode(JPEG).decode()
PUBLIC = "93.184.216.34"
METADATA = "169.254.169.254"
HERE = [
    "127.0.0.1",
    "127.1",
    "0x7f.1",
    "0x7f000001",
    "2130706433",
    "0177.0.0.1",
    "017700000001",
    "127.0.0.1.",
    "0.0.0.0",
    "0",
    "localhost",
    "localhost.",
    "a.localhost",
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
    "１２７.０.０.１",
    "127。0。0。1",
    "127.0.0.1%00.example.cn",
]
"""Spellings of this computer."""
ELSEWHERE = f"""
    {METADATA} 0xa9fea9fe 2852039166 0251.0376.0251.0376 [::ffff:169.254.169.254] [fe80::1] 100.100.100.200
    [fd00:ec2::254] metadata.google.internal 10.0.0.1 192.168.1.1 {PUBLIC}
""".split()


@pytest.fixture
async def trap() -> AsyncIterator[Receiver]:
    """A server here that no upload may reach."""
    async with receiving() as server:
        yield server


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as server:
        yield server


@pytest.fixture
async def hostile() -> AsyncIterator[Hostile]:
    async with misbehaving() as server:
        yield server


@pytest.fixture
def seconds() -> int:
    """What an upload may take; tests may override."""
    return int(PATIENCE)


@pytest.fixture
def config(tmp_path: Path, receiver: Receiver, hostile: Hostile, seconds: int) -> Config:
    allow = (receiver.origin, hostile.origin)
    return Config(
        access=configuration.AccessConfig(origins=(ALLOWED,)),
        storage=configuration.StorageConfig(root=str(tmp_path / "pictures")),
        limits=configuration.LimitsConfig(message_mib=4),
        upload=configuration.UploadConfig(allow=allow, seconds=seconds, megabytes=1),
    )


async def refused(page: Page, url: str) -> None:
    answer = await page.ask("UploadHttpFile", url=url, imageBase64=CODED)
    assert answer["result"] == UploadNotAllowed.code, (url, answer)


@pytest.mark.parametrize("origin", [None, ALLOWED])
async def test_no_spelling_of_a_forbidden_place_is_reached(
    service: Running,
    trap: Receiver,
    origin: str | None,
) -> None:
    port = trap.origin.rpartition(":")[2]
    async with connect(service.url, origin=origin) as page:
        for host in (*HERE, *ELSEWHERE):
            await refused(page, f"http://{host}:{port}/up")
            await refused(page, f"http://{host}/latest/meta-data/")
    assert trap.arrived == []


async def test_other_schemes_and_two_faced_addresses(service: Running, trap: Receiver) -> None:
    place = trap.origin.removeprefix("http://")
    async with connect(service.url, origin=ALLOWED) as page:
        for scheme in ("file", "ftp", "gopher", "dict", "ldap", "data", "javascript", "ws", "unix", ""):
            await refused(page, f"{scheme}://{place}/up")
        for url in (
            f"{ALLOWED}@{place}/up",
            f"http://oa.example.cn\\@{place}/up",
            f"{ALLOWED}\r\nHost: {place}/up",
            f"{ALLOWED}/up\r\nX-Injected: 1",
            f"{ALLOWED}\t.evil.example/up",
            f"{ALLOWED}.evil.example/up",
            f"http://{place}#@oa.example.cn/",
            f"http://{place}?@oa.example.cn/",
        ):
            await refused(page, url)
    assert trap.arrived == []


@pytest.mark.parametrize("bent", [["127.0.0.1"], [METADATA], [PUBLIC, "127.0.0.1"], ["::ffff:127.0.0.1"]])
async def test_a_name_that_was_bent_is_not_followed(tmp_path: Path, trap: Receiver, bent: list[str]) -> None:
    async def resolve(host: str, port: int) -> Sequence[str]:
        return bent

    origin = f"http://files.example.cn:{trap.origin.rpartition(':')[2]}"
    async with transferring(tmp_path, [origin], resolve) as transfer:
        outcome = await transfer.run(Upload(f"{origin}/up", None, {}, picture=JPEG))
    assert isinstance(outcome.error, UploadNotAllowed)
    assert trap.arrived == []


async def test_the_address_that_was_judged_is_connected_to(tmp_path: Path, trap: Receiver) -> None:
    # A second answer would lead elsewhere: there is no second question.
    asked: list[str] = []

    async def resolve(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else [METADATA]

    origin = f"http://localhost:{trap.origin.rpartition(':')[2]}"
    async with transferring(tmp_path, [], resolve) as transfer:
        outcome = await transfer.run(Upload(f"{origin}/up", origin, {}, picture=JPEG))
    assert (outcome.status, len(trap.arrived), asked) == (200, 1, ["localhost"])


@pytest.mark.parametrize(
    ("status", "place"),
    [
        (301, "file:///etc/passwd"),
        (302, "http://169.254.169.254/latest"),
        (303, "TRAP"),
        (307, "TRAP"),
        (308, "//TRAP"),
        (307, "/again"),
    ],
)
async def test_no_redirect_is_followed(
    service: Running,
    receiver: Receiver,
    trap: Receiver,
    status: int,
    place: str,
) -> None:
    receiver.answers.append((status, place.replace("TRAP", trap.origin)))
    async with connect(service.url) as page:
        answer = await page.ask("UploadHttpFile", url=receiver.origin, imageBase64=CODED)
    assert (answer["result"], answer["status"]) == (UploadRejected.code, status)
    assert (len(receiver.arrived), trap.arrived) == (1, [])


async def test_line_breaks_do_not_reach_the_headers(service: Running, receiver: Receiver) -> None:
    break_out = 'x"\r\nX-Injected: 1\r\n\r\n--evil'
    async with connect(service.url) as page:
        await page.must(
            "UploadHttpFile",
            url=f"{receiver.origin}/up",
            imageBase64=CODED,
            params={break_out: break_out, "n": 1},
        )
    (upload,) = receiver.arrived
    assert not any("inject" in name.lower() for name in upload.headers)
    assert [field.name for field in upload.fields] == [
        "x%22%0D%0AX-Injected: 1%0D%0A%0D%0A--evil",
        "n",
        "file",
    ]
    assert upload.fields[0].data.decode() == break_out


@pytest.mark.parametrize("seconds", [1])
async def test_size_and_time_are_limited(service: Running, hostile: Hostile) -> None:
    (service.root / "large.jpg").write_bytes(bytes((1 << 20) + 1))

    async def says_nothing(*_: object) -> None:
        await hostile.gone.wait()

    hostile.script = says_nothing
    async with connect(service.url) as page:
        large = await page.ask("UploadHttpFile", url=hostile.origin, imagePath="large.jpg")
        assert large["result"] == UploadTooLarge.code
        slow = await page.ask("UploadHttpFile", url=hostile.origin, imageBase64=CODED)
        assert slow["result"] == UploadTimeout.code


def test_a_name_whose_address_changes_is_followed_to_the_judged_one_alone(tmp_path: Path) -> None:
    """By the system's own resolver and a name server that answers otherwise each time, TTL 0."""
    command = ["unshare", "--mount", "--net", sys.executable, "-m", "tests.security.rebinding", str(tmp_path)]
    if subprocess.run([*command[:3], "true"], capture_output=True, check=False).returncode:
        pytest.skip("namespaces need root")
    done = subprocess.run(
        command, cwd=ROOT, check=False, timeout=4 * PATIENCE, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    # Each upload asks once, and goes where that answer led: never to the next answer, never to this computer.
    assert told["asked"] == [[answer] for answer in ANSWERS]
    assert told["results"] == [0, 0, UploadNotAllowed.code, 0]
    assert told["arrived"] == {"10.9.0.1": 2, "10.9.0.2": 1, "127.0.0.1": 0}
    assert told["hosts"] == [f"{NAME}:8000"]
