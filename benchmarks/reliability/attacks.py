"""Attacks on a running service from outside. Another one is another entry of `ATTACKS`."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import gzip
import itertools
import shutil
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import cache

from benchmarks.reliability import raw_client
from benchmarks.reliability.hostile_files import (
    code_sheet,
    finder_tiling,
    long_picture,
    lying_jpeg,
    nested_pdf,
    slow_pdf,
    white_picture,
)
from benchmarks.reliability.page import camera_number, connect
from benchmarks.reliability.service import MIB, ORIGINS

ORIGIN = ORIGINS[1]
"""An allowed page that was taken over; the honest page has the other origin."""
LIAR = "Lying Camera"


@dataclass(frozen=True)
class Target:
    """The service, a port that its configuration names for a camera of the attacker, and two of dialects."""

    port: int
    spare: int
    doccamera: int = 0
    eloam: int = 0

    @property
    def url(self) -> str:
        """Its address for pages."""
        return f"ws://127.0.0.1:{self.port}/"


@dataclass(frozen=True)
class Attack:
    """One kind of attack.

    Attributes
    ----------
    en, zh
        Its name in the table.
    connections
        Clients that attack at once.
    client
        One of them, begun again whenever it ends.
    hindrance
        Returns why it cannot be staged here, empty if it can.
    """

    en: str
    zh: str
    connections: int
    client: Callable[[Target], Awaitable[None]]
    hindrance: Callable[[], str] = lambda: ""


async def leave_unfinished(target: Target) -> None:
    """Send all of a large message but its last byte, in fragments, and wait."""
    async with _opened(target) as (_, writer):
        writer.write(raw_client.frame(b" " * MIB, final=False))
        for _ in range(30):
            writer.write(raw_client.frame(b" " * MIB, 0, final=False, mask=bytes(4)))
            await writer.drain()
        await asyncio.sleep(3600)


async def send_small_fragments(target: Target) -> None:
    """Send fragments of one byte as fast as they are taken."""
    many = raw_client.frame(b" ", 0, final=False) * 1000
    async with _opened(target) as (_, writer):
        writer.write(raw_client.frame(b" ", final=False))
        while not writer.is_closing():
            writer.write(many)
            await writer.drain()


async def have_pdf_drawn(target: Target) -> None:
    """Have codes read on a page that takes minutes to draw."""
    await _recognize(target, slow_pdf())


async def have_nested_pdf_drawn(target: Target) -> None:
    """Have codes read on a page of forms that draw forms, which become gigabytes without a bound."""
    await _recognize(target, nested_pdf())


async def have_tiling_read(target: Target) -> None:
    """Have codes read in a picture that is all finder patterns."""
    await _recognize(target, finder_tiling())


async def have_needles_cropped(target: Target) -> None:
    """Have documents looked for in pictures that are 3000 times as long as broad, and as long as is taken."""
    async with connect(target.url, ORIGIN, Counter()) as page:
        for size in itertools.cycle(((20, 60_000), (60, 6_000))):
            await page.ask("ProcessImage", imageBase64=_long(*size), filePath="", cropType=1)


async def have_needles_cleaned(target: Target) -> None:
    """Have show-through removed from such pictures, and hang up while it is."""
    for size in itertools.cycle(((60, 300_000), (60, 6_000))):
        async with connect(target.url, ORIGIN, Counter()) as page:
            await page.send("ProcessImage", imageBase64=_long(*size), filePath="", removalForeign=3)
            await asyncio.sleep(2)


async def have_white_cleaned(target: Target) -> None:
    """Have show-through removed from 25 megapixels of white."""
    async with connect(target.url, ORIGIN, Counter()) as page:
        while True:
            await page.ask("ProcessImage", imageBase64=_white(), filePath="", removalForeign=3)


async def have_name_read(target: Target) -> None:
    """Have the codes of a picture, all finder patterns, read for the name of its file."""
    picture = base64.b64encode(finder_tiling()).decode()
    async with connect(target.url, ORIGIN, Counter()) as page:
        while True:
            await page.ask("ProcessImage", imageBase64=picture, filePath="{barcode}.png")


async def have_sheet_read(target: Target) -> None:
    """Have a sheet of hundreds of codes read."""
    await _recognize(target, code_sheet())


async def have_threads_processed(target: Target) -> None:
    """Have pictures worked on that are a pixel broad, and fingers of seven compared."""
    async with connect(target.url, ORIGIN, Counter()) as page:
        while True:
            await page.ask("ProcessImage", imageBase64=_long(1, 3000), filePath="")
            await page.ask("FingerMatch", fingerImageBase64=_long(7, 1500), timeout=0)


async def fill_upload_queue(target: Target) -> None:
    """Have uploads tried again and again at a server that hangs up at once, and at each third hangs."""
    calls = itertools.count()

    async def refuse(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.closing(writer), contextlib.suppress(asyncio.CancelledError):
            if next(calls) % 3 == 2:
                await asyncio.sleep(3600)

    server = await asyncio.start_server(refuse, "127.0.0.1", target.spare)
    address = f"http://127.0.0.1:{target.spare}/x"
    async with server, connect(target.url, ORIGIN, Counter()) as page:
        for number in itertools.count():
            await page.send("UploadHttpFile", url=address, imageBase64=_long(8, 8), retry=True)
            if number % 8 == 7:
                await asyncio.sleep(0.5)


async def post_compressed(target: Target) -> None:
    """Post bodies of 31 kB that become 31 MiB."""
    while True:
        await _post(target, b"video=status", _compressed(), b"Content-Encoding: gzip\r\n")


async def have_large_file_read(target: Target) -> None:
    """Have codes read in a small picture with 20 MiB behind it."""
    async with _opened(target) as (reader, writer):
        while not writer.is_closing():
            writer.write(_large_file())
            await writer.drain()
            await reader.read(4096)


async def send_headers_slowly(target: Target) -> None:
    """Send a request a byte a second."""
    reader, writer = await asyncio.open_connection("127.0.0.1", target.port)
    with contextlib.closing(writer):
        for byte in raw_client.handshake(target.port, ORIGIN):
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(1)
        await reader.read(1)


async def shake_hands(target: Target) -> None:
    """Ask for a WebSocket under an origin that nobody has allowed, again and again."""
    for number in itertools.count():
        await _refused(target, f"https://page-{number % 1000}.example.org")


async def use_up_consent(target: Target) -> None:
    """Make the desktop ask about one origin after another."""
    await shake_hands(target)


async def roll_audit_over(target: Target) -> None:
    """Make as many lines of the audit trail as the rate allows."""
    async with connect(target.url, ORIGIN, Counter()) as page:
        while True:
            for _ in range(150):
                await page.send("GetServiceInfo")
            for _ in range(150):
                await page.receive()
            await asyncio.sleep(0.5)


async def lie_as_camera(target: Target) -> None:
    """Be a network camera whose small JPEGs claim gigabytes, and have a page show it."""
    camera = await mjpeg_camera([lying_jpeg()], target.spare, 20)
    async with camera, connect(target.url, ORIGIN, Counter()) as page:
        number = camera_number(await page.ask("GetCameraInfo"), LIAR)
        while True:
            await page.ask("OpenCamera", devNum=number)
            await page.ask("GetCameraVideoBuff", devNum=number, enable=True)
            await page.ask("CameraCaptureBase64", devNum=number)
            await page.ask("CloseCamera", devNum=number)


async def send_many_parts(target: Target) -> None:
    """Send messages of a million parts, which take a decoder seconds."""
    async with _opened(target) as (reader, writer):
        while not writer.is_closing():
            for message in _many_parts():
                writer.write(message)
                await writer.drain()
                await reader.read(4096)


async def send_blanks_to_dialect(target: Target) -> None:
    """Send calls of 16 kB of blanks, which a pattern would go back over."""
    call = raw_client.frame(b"a" + b" " * 16_000 + b";x")
    async with _opened(Target(target.doccamera, 0)) as (_, writer):
        while not writer.is_closing():
            writer.write(call * 64)
            await writer.drain()
            await asyncio.sleep(0.3)


async def post_objects_to_dialect(target: Target) -> None:
    """Post 30 MiB of empty objects."""
    body = b'{"a":[' + b"{}," * (10 * MIB) + b"{}]}"
    await _post(target, b"pdf=save", body)


async def read_no_answer_of_dialect(target: Target) -> None:
    """Ask for captures as base64, and read no answer."""
    lines = [await asyncio.open_connection("127.0.0.1", target.eloam, limit=1024) for _ in range(4)]
    try:
        for _, writer in lines:
            for _ in range(8):
                writer.write(_request(target, b"video=grabimage&filepath=base64", b""))
                await writer.drain()
        await asyncio.sleep(60)
    finally:
        for _, writer in lines:
            writer.transport.abort()


async def collect_pictures_in_dialect(target: Target) -> None:
    """Collect pictures for a document that is never made."""
    while True:
        await _post(target, b"pdf=addimage", b'{"ImageBase64":"' + _base64_of_zeros(20 * MIB) + b'"}')


def on_all_ports() -> Callable[[Target], Awaitable[None]]:
    """Return a client that holds memory in every way there is, one after the other."""
    ways = itertools.cycle(
        (
            *(leave_unfinished, have_large_file_read, send_many_parts, have_tiling_read),
            *(post_objects_to_dialect, read_no_answer_of_dialect, collect_pictures_in_dialect),
        )
    )

    async def client(target: Target) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(5):
                await next(ways)(target)

    return client


def without_desktop() -> str:
    """Return why nobody can be asked here."""
    return "" if shutil.which("zenity") or shutil.which("kdialog") else "no desktop that asks"


ATTACKS = {
    "unfinished": Attack(
        "62 messages of 31 MiB without an end", "62 条 31 MiB 的未完消息", 62, leave_unfinished
    ),
    "fragments": Attack("a flood of fragments of a byte", "单字节分片洪水", 8, send_small_fragments),
    "pdf": Attack("PDFs of 3 kB that take minutes", "3 kB 而需数分钟的 PDF", 4, have_pdf_drawn),
    "pdf-forms": Attack(
        "PDFs of 1 kB of forms within forms", "1 kB 的层层嵌套表单 PDF", 4, have_nested_pdf_drawn
    ),
    "headers": Attack("200 requests, a byte a second", "200 个每秒一字节的请求", 200, send_headers_slowly),
    "tiling": Attack("pictures full of finder patterns", "布满定位图案的图片", 4, have_tiling_read),
    "needles-cropped": Attack(
        "pictures as narrow as needles, cropped", "裁切极细长的图片", 4, have_needles_cropped
    ),
    "needles-cleaned": Attack(
        "such pictures, cleaned and left", "净化极细长的图片后断开", 4, have_needles_cleaned
    ),
    "white-cleaned": Attack(
        "25 megapixels of white, cleaned", "净化 2500 万像素的白图", 4, have_white_cleaned
    ),
    "threads": Attack("pictures a pixel broad", "一个像素宽的图片", 4, have_threads_processed),
    "names": Attack("names of files by foreign codes", "以外来条码命名文件", 4, have_name_read),
    "codes": Attack("sheets of hundreds of codes", "含数百个条码的页面", 4, have_sheet_read),
    "uploads": Attack("uploads to a server that hangs", "上传到无响应的服务器", 1, fill_upload_queue),
    "compressed": Attack("compressed bodies to a dialect", "发往方言的压缩内容", 12, post_compressed),
    "camera": Attack("a camera that claims 24000 x 24000", "自称 24000 x 24000 的摄像头", 1, lie_as_camera),
    "handshakes": Attack("handshakes of forged origins", "伪造来源的握手", 12, shake_hands),
    "consent": Attack("questions at the desktop", "桌面询问", 6, use_up_consent, without_desktop),
    "parts": Attack("messages of a million parts", "含百万个成员的消息", 4, send_many_parts),
    "dialect-blanks": Attack("16 kB of blanks to a dialect", "发往方言的空格", 4, send_blanks_to_dialect),
    "dialect-objects": Attack("30 MiB of {} to a dialect", "发往方言的 {}", 4, post_objects_to_dialect),
    "dialect-unread": Attack("unread answers of a dialect", "不读取方言的应答", 4, read_no_answer_of_dialect),
    "dialect-pictures": Attack("pictures left in a dialect", "遗留的图片", 4, collect_pictures_in_dialect),
    "all-ports": Attack(
        "all that holds memory, on all ports", "所有端口上占用内存的请求", 60, on_all_ports()
    ),
    "audit": Attack("12 pages that fill the audit trail", "12 个填充审计记录的网页", 12, roll_audit_over),
}


@contextlib.asynccontextmanager
async def _opened(target: Target) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    line = await asyncio.to_thread(raw_client.shake_hands, target.port, ORIGIN)
    line.setblocking(False)
    reader, writer = await asyncio.open_connection(sock=line)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


def _request(target: Target, command: bytes, body: bytes, fields: bytes = b"") -> bytes:
    head = b"POST /%b HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nOrigin: %b\r\n%bContent-Length: %d\r\n\r\n"
    return head % (command, target.eloam, ORIGIN.encode(), fields, len(body)) + body


@cache
def _long(width: int, height: int) -> str:
    return base64.b64encode(long_picture(width, height)).decode()


@cache
def _white() -> str:
    return base64.b64encode(white_picture()).decode()


@cache
def _compressed() -> bytes:
    return gzip.compress(b'{"a":"' + b"A" * (31 * MIB) + b'"}', 9)


@cache
def _many_parts() -> Sequence[bytes]:
    many = b'{"func":"PrivateCopy","imagePath":"a","hide":[' + b'"id",' * 4_500_000 + b'"id"]}'
    unknown = b'{"func":"MergeFile",' + b",".join(b'"%x":1' % number for number in range(2_000_000)) + b"}"
    return [raw_client.frame(message) for message in (many, unknown)]


@cache
def _large_file() -> bytes:
    picture = finder_tiling()
    text = base64.b64encode(picture + bytes(-len(picture) % 3)) + _base64_of_zeros(20 * MIB)
    return raw_client.frame(b'{"func":"RecogBarCode","imageBase64":"%b"}' % text)


@cache
def _base64_of_zeros(size: int) -> bytes:
    return base64.b64encode(bytes(size))


async def _post(target: Target, command: bytes, body: bytes, fields: bytes = b"") -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", target.eloam)
    try:
        writer.write(_request(target, command, body, fields))
        await writer.drain()
        await reader.readuntil(b"\r\n\r\n")
    finally:
        writer.transport.abort()


async def _recognize(target: Target, file: bytes) -> None:
    async with connect(target.url, ORIGIN, Counter()) as page:
        while True:
            await page.ask("RecogBarCode", imageBase64=base64.b64encode(file).decode())


async def _refused(target: Target, origin: str) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", target.port)
    with contextlib.closing(writer):
        writer.write(raw_client.handshake(target.port, origin))
        await reader.read(4096)


async def mjpeg_camera(pictures: Sequence[bytes], port: int, rate: float) -> asyncio.Server:
    """Start a network camera that shows JPEGs in a loop, so many a second."""
    head = b"HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=b\r\n\r\n"
    part = b"--b\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n%b\r\n"

    async def stream(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        loop = asyncio.get_running_loop()
        gone = contextlib.suppress(OSError, EOFError, asyncio.CancelledError)
        with contextlib.closing(writer), gone:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(head)
            begun = loop.time()
            for number in itertools.count():
                picture = pictures[number % len(pictures)]
                writer.write(part % (len(picture), picture))
                await writer.drain()
                await asyncio.sleep(begun + number / rate - loop.time())

    return await asyncio.start_server(stream, "127.0.0.1", port)
