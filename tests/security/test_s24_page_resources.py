"""S24: the service's pages are the files of its package, by exact name, and nothing else on the disk."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from server.connection.own_pages import StaticFiles
from tests.functional.conftest import Running
from tests.patience import PATIENCE

WEB = Path(__file__).parents[2] / "server" / "web"
TARGETS = [
    "../pages.py",
    "..%2fpages.py",
    "%2e%2e/pages.py",
    "%2e%2e%2fpages.py",
    "..%5cpages.py",
    "..\\pages.py",
    "....//pages.py",
    "..;/pages.py",
    "./../pages.py",
    "index.html/../../config.py",
    "//etc/passwd",
    "/etc/passwd",
    "%2fetc%2fpasswd",
    "..%252f..%252fetc%252fpasswd",
    "..%c0%af..%c0%afetc/passwd",
    "%c0%ae%c0%ae/pages.py",
    "..%00/pages.py",
    "index.html%00.js",
    "index.html%20",
    "index.html.",
    "index.html/",
    "INDEX.HTML",
    "index.html::$DATA",
    "c:/windows/win.ini",
    "__init__.py",
    "__pycache__",
    ".git/config",
    "~root",
    "static/../../../etc/passwd",
    "stream/../../../etc/passwd",
    "proc/self/environ",
    "file:///etc/passwd",
    "*",
    ".",
    "%ff%fe",
    "a-" * 3500,
    "\udcff",
]


async def fetch(url: str, target: str, method: str = "GET") -> tuple[int, bytes]:
    """Ask for a target as it is: no client tidies it up."""
    host, _, port = url.removeprefix("http://").partition(":")
    async with asyncio.timeout(PATIENCE):
        reader, writer = await asyncio.open_connection(host, int(port))
        head = f"{method} {target} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n"
        writer.write(head.encode("utf-8", "surrogateescape"))
        answer = await reader.read(1 << 20)
        while more := await reader.read(1 << 20):
            answer += more
        writer.close()
        await writer.wait_closed()
    status, _, rest = answer.partition(b"\r\n")
    return int(status.split()[1]), rest.partition(b"\r\n\r\n")[2]


@pytest.mark.parametrize("start", ["/", "//", "/./", ""])
async def test_nothing_else_is_served(service: Running, start: str) -> None:
    for target in TARGETS:
        status, body = await fetch(service.http, start + target)
        assert status in (400, 404), (start, target, status)
        assert b"root:" not in body
        assert b"import" not in body
        assert b"<html" not in body


async def test_every_file_of_the_package_is_served_as_it_is(service: Running) -> None:
    files = [path for path in WEB.rglob("*.*") if path.suffix not in (".py", ".pyc")]
    assert len(files) > 80
    for path in files:
        if not path.is_relative_to(WEB / "admin"):
            target = path.relative_to(WEB)
            assert await fetch(service.http, f"/{target}") == (200, path.read_bytes())


async def test_pages_find_the_client_where_it_always_was(service: Running) -> None:
    for path in (WEB / "client").iterdir():
        assert await fetch(service.http, f"/{path.name}") == (200, path.read_bytes())


async def test_no_folder_is_listed_and_no_other_method_does_anything(service: Running) -> None:
    for target in ("/web", "/web/", "/static", "/docs", "/stream", "/stream/"):
        assert (await fetch(service.http, target))[0] == 404
    for method in ("POST", "PUT", "DELETE", "PATCH", "PROPFIND", "TRACE", "CONNECT"):
        assert (await fetch(service.http, "/index.html", method))[0] in (400, 404, 405)


def test_files_are_read_once_and_links_are_nobodys(tmp_path: Path) -> None:
    """What is served was read when the service started: no path of a request ever reaches the disk."""
    pages = StaticFiles()
    assert "gaopai.js" in pages._files
    assert not any(part.startswith((".", "_")) for name in pages._files for part in name.split("/"))
    assert not any(name.startswith("admin") for name in pages._files)
    assert not any(path.is_symlink() for path in WEB.rglob("*"))
