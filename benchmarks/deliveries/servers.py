"""Servers that take deliveries, as others make them, on loopback."""

from __future__ import annotations

import asyncio
import contextlib
import email
import email.policy
import hashlib
import logging
import os
import pwd
import shutil
import socket
import ssl
import subprocess
import threading
import time
import urllib.request
import uuid
import warnings
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aiohttp import BodyPartReader, web

from server.config import targets as tables
from server.config.targets import TargetConfig

if TYPE_CHECKING:
    import trustme

START_SECONDS = 60.0
"""Limit of the time in which a server starts, in seconds."""


class Lacking(Exception):
    """A server cannot run here; the text says why."""


def _library(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError as exc:
        raise Lacking(f"{name} is not installed") from exc


def free_port() -> int:
    """Return a port that nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


PASSWORD = "Tr0ub4dor&3-秘密"  # noqa: S105 - of these servers alone
USER = "counter"


@dataclass
class Place:
    """A server with a place for deliveries.

    Attributes
    ----------
    port
        0 for a place that no port leads to.
    config
        Returns the table of a target at a port, with the file of a secret.
    stored
        Returns names and contents, without what is being written.
    put
        Puts a file there, by whatever means.
    parts
        Returns the names of what is being written.
    box
        The server itself, where it is one of this module.
    """

    kind: str
    port: int
    config: Callable[..., TargetConfig]
    stored: Callable[[], list[tuple[str, bytes]]]
    put: Callable[[str, bytes], None]
    parts: Callable[[], list[str]] = list
    box: Any = None


def _no_names(name: str, data: bytes) -> None:
    """Put nothing: files have no names there that are theirs alone."""


def files_below(folder: Path) -> list[tuple[str, bytes]]:
    """Return names and contents of the files in a folder that are complete."""
    paths = [path for path in folder.iterdir() if path.is_file() and not path.name.endswith(".part")]
    return [(path.name, path.read_bytes()) for path in paths]


def parts_below(folder: Path) -> list[str]:
    """Return the names of the files in a folder that are being written."""
    return [path.name for path in folder.iterdir() if path.name.endswith(".part")]


def secret_file(folder: Path, text: str = PASSWORD) -> str:
    """Write a file with a secret, for its owner alone."""
    path = folder / f"secret-{hashlib.sha256(text.encode()).hexdigest()[:8]}"
    path.write_text(text)
    path.chmod(0o600)
    return str(path)


def _disk(kind: str, port: int, config: Callable[..., TargetConfig], folder: Path) -> Place:
    def put(name: str, data: bytes) -> None:
        (folder / name).write_bytes(data)

    return Place(kind, port, config, lambda: files_below(folder), put, lambda: parts_below(folder))


@contextlib.asynccontextmanager
async def folder(tmp: Path) -> AsyncIterator[Place]:
    """A folder."""
    there = tmp / "there"
    there.mkdir()
    yield _disk("folder", 0, lambda **_: tables.FolderTarget(folder=str(there)), there)


@contextlib.asynccontextmanager
async def sftp(tmp: Path) -> AsyncIterator[Place]:
    """asyncssh's server, with a password."""
    asyncssh = _library("asyncssh")
    there = tmp / "there"
    (there / "in").mkdir(parents=True)
    key = asyncssh.generate_private_key("ssh-ed25519")

    class Server(asyncssh.SSHServer):  # type: ignore[misc,name-defined]
        def begin_auth(self, username: str) -> bool:
            return True

        def password_auth_supported(self) -> bool:
            return True

        def validate_password(self, username: str, password: str) -> bool:
            return (username, password) == (USER, PASSWORD)

    listening = await asyncssh.listen(
        "127.0.0.1",
        0,
        server_factory=Server,
        server_host_keys=[key],
        sftp_factory=lambda channel: asyncssh.SFTPServer(channel, chroot=str(there).encode()),
        encoding=None,
    )
    public = key.export_public_key().decode().strip()

    def config(port: int = listening.get_port(), **given: Any) -> TargetConfig:
        known = {"folder": "in", "host_key": public, "secret": secret_file(tmp), "user": USER}
        return tables.SftpTarget(host="127.0.0.1", port=port, **{**known, **given})

    try:
        yield _disk("sftp", listening.get_port(), config, there / "in")
    finally:
        listening.close()
        await listening.wait_closed()


@contextlib.asynccontextmanager
async def webdav(tmp: Path) -> AsyncIterator[Place]:
    """wsgidav."""
    wsgidav = _library("wsgidav.wsgidav_app")
    cheroot = _library("cheroot.wsgi")
    there = tmp / "there"
    (there / "in").mkdir(parents=True)
    application = wsgidav.WsgiDAVApp(
        {
            "provider_mapping": {"/": str(there)},
            "simple_dc": {"user_mapping": {"*": {USER: {"password": PASSWORD}}}},
            "http_authenticator": {"accept_basic": True, "accept_digest": False, "default_to_digest": False},
            "verbose": 0,
            "logging": {"enable": False},
        }
    )
    server = cheroot.Server(("127.0.0.1", 0), application, numthreads=4, shutdown_timeout=1)
    server.error_log = lambda *_, **__: None
    await asyncio.to_thread(server.prepare)
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    port = server.bind_addr[1]

    def config(port: int = port, **given: Any) -> TargetConfig:
        known = {"url": f"http://127.0.0.1:{port}/in/", "user": USER, "secret": secret_file(tmp)}
        return tables.WebdavTarget(**{**known, **given})

    try:
        yield _disk("webdav", port, config, there / "in")
    finally:
        await asyncio.to_thread(server.stop)
        await asyncio.to_thread(thread.join, 5)


@contextlib.asynccontextmanager
async def s3(tmp: Path) -> AsyncIterator[Place]:
    """moto, which checks conditions, but no signature."""
    moto = _library("moto.server")
    boto3 = _library("boto3")
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = moto.ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    await asyncio.to_thread(server.start)
    _, port = server.get_host_and_port()
    client = boto3.client(
        "s3",
        endpoint_url=f"http://127.0.0.1:{port}",
        aws_access_key_id="AKIDEXAMPLE",
        aws_secret_access_key=PASSWORD,
        region_name="us-east-1",
    )
    # All its servers of one process have the same objects.
    reset = urllib.request.Request(f"http://127.0.0.1:{port}/moto-api/reset", method="POST")
    (await asyncio.to_thread(urllib.request.urlopen, reset)).close()
    await asyncio.to_thread(client.create_bucket, Bucket="desk-in")

    def content(key: str) -> bytes:
        return bytes(client.get_object(Bucket="desk-in", Key=key)["Body"].read())

    def stored() -> list[tuple[str, bytes]]:
        pages = client.get_paginator("list_objects_v2").paginate(Bucket="desk-in")
        keys = [one["Key"] for page in pages for one in page.get("Contents", [])]
        return [(key.removeprefix("desk/"), content(key)) for key in keys]

    def config(port: int = port, **given: Any) -> TargetConfig:
        known = {
            **{"url": f"http://127.0.0.1:{port}", "bucket": "desk-in", "prefix": "desk/"},
            **{"access_key": "AKIDEXAMPLE", "secret": secret_file(tmp)},
        }
        return tables.S3Target(**{**known, **given})

    def put(name: str, data: bytes) -> None:
        client.put_object(Bucket="desk-in", Key=f"desk/{name}", Body=data)

    try:
        yield Place("s3", port, config, stored, put)
    finally:
        client.close()
        await asyncio.to_thread(server.stop)


@dataclass
class Mailbox:
    """Messages that came; a mailbox that looks for ``Message-ID`` shows each once."""

    came: list[tuple[str, str, bytes]] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's
        if self.answers:
            return self.answers.pop(0)
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        (attached,) = message.iter_attachments()
        data = attached.get_payload(decode=True)
        assert isinstance(data, bytes)
        self.came.append((str(message["Message-ID"]), str(attached.get_filename()), data))
        return "250 OK"

    @property
    def number_of_arrivals(self) -> int:
        """Number of messages, with those that came again."""
        return len(self.came)

    def stored(self) -> list[tuple[str, bytes]]:
        """Return names and contents of the files of messages that differ."""
        return [(name, data) for _, name, data in {one[0]: one for one in self.came}.values()]


@contextlib.asynccontextmanager
async def mail(tmp: Path, authority: trustme.CA | None = None, **tls: Any) -> AsyncIterator[Place]:
    """aiosmtpd, with STARTTLS and a password."""
    controllers = _library("aiosmtpd.controller")
    smtp = _library("aiosmtpd.smtp")
    box = Mailbox()
    warnings.filterwarnings("ignore", message="Session.login_data is deprecated")
    logging.getLogger("mail").setLevel(logging.CRITICAL)
    authority = authority or _library("trustme").CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost", "127.0.0.1", **tls).configure_cert(context)
    authorities = tmp / "authorities.pem"
    authority.cert_pem.write_to_path(authorities)

    def authenticate(server: Any, session: Any, envelope: Any, mechanism: str, given: Any) -> Any:
        right = (given.login, given.password) == (USER.encode(), PASSWORD.encode())
        return smtp.AuthResult(success=right, handled=False)

    controller = controllers.Controller(
        box,
        hostname="127.0.0.1",
        port=free_port(),
        tls_context=context,
        require_starttls=True,
        auth_required=True,
        authenticator=authenticate,
        data_size_limit=64 << 20,
    )
    await asyncio.to_thread(controller.start)

    def config(port: int = controller.port, **given: Any) -> TargetConfig:
        known = {
            **{"host": "localhost", "sender": "desk@example.cn", "recipients": ("archive@example.cn",)},
            **{"user": USER, "secret": secret_file(tmp), "authorities": str(authorities)},
        }
        return tables.MailTarget(port=port, **{**known, **given})

    try:
        yield Place("mail", controller.port, config, box.stored, _no_names, box=box)
    finally:
        await asyncio.to_thread(controller.stop)


@dataclass
class Archive:
    """paperless-ngx by its published API: a post begins a task, which makes a document a moment later.

    It takes the same file twice unless it is told not to (`refuses`), as its default is.
    """

    documents: dict[int, tuple[str, str, bytes]] = field(default_factory=dict)
    tasks: dict[str, dict[str, Any]] = field(default_factory=dict)
    refuses: bool = False
    fails: bool = False
    seconds: float = 0.05
    works: set[asyncio.Task[None]] = field(default_factory=set)

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/api/documents/post_document/", self.post),
            web.get("/api/documents/", self.listed),
            web.get("/api/tasks/", self.told),
        ]

    @web.middleware
    async def checked(self, request: web.Request, handler: Any) -> web.StreamResponse:
        if request.headers.get("Authorization") != "Token token-of-the-api":
            return web.json_response({"detail": "Invalid token."}, status=401)
        if "version=9" not in request.headers["Accept"]:
            return web.json_response({"detail": "Invalid version"}, status=406)
        answer: web.StreamResponse = await handler(request)
        return answer

    async def post(self, request: web.Request) -> web.Response:
        form = await request.post()
        document = form["document"]
        assert isinstance(document, web.FileField)
        assert set(form) <= {"document", "title", "created", "correspondent", "document_type", "tags"}
        number = str(uuid.uuid4())
        self.tasks[number] = {
            **{"id": len(self.tasks), "task_id": number, "task_name": "consume_file", "status": "PENDING"},
            **{"task_file_name": document.filename, "result": None, "related_document": None},
            **{"duplicate_documents": [], "acknowledged": False, "type": "manual_task", "owner": 1},
        }
        work = self.consume(number, str(form["title"]), document.filename, document.file.read())
        self.works.add(asyncio.ensure_future(work))
        return web.json_response(number)

    async def consume(self, number: str, title: str, name: str, data: bytes) -> None:
        task = self.tasks[number]
        await asyncio.sleep(self.seconds)
        task["status"] = "STARTED"
        await asyncio.sleep(self.seconds)
        same = [one for one, (_, _, held) in self.documents.items() if held == data]
        if self.fails:
            task |= {"status": "FAILURE", "result": "File type application/zip not supported"}
        elif same and self.refuses:
            told = f"{name}: Not consuming {name}: It is a duplicate of {title} (#{same[0]})."
            task |= {"status": "FAILURE", "result": told}
        else:
            made = len(self.documents) + 1
            self.documents[made] = (title, name, data)
            told = f"Success. New document id {made} created"
            task |= {"status": "SUCCESS", "result": told, "related_document": str(made)}

    async def listed(self, request: web.Request) -> web.Response:
        wanted = request.query["checksum__iexact"]
        found = [
            {"id": one, "title": title}
            for one, (title, _, data) in self.documents.items()
            if wanted == hashlib.sha256(data).hexdigest()
        ]
        return web.json_response({"count": len(found), "next": None, "previous": None, "results": found})

    async def told(self, request: web.Request) -> web.Response:
        wanted = request.query.get("task_id")
        return web.json_response([one for one in self.tasks.values() if wanted in (None, one["task_id"])])


@contextlib.asynccontextmanager
async def paperless(tmp: Path, **given: Any) -> AsyncIterator[Place]:
    """An archive that follows paperless' schema."""
    archive = Archive(**given)
    application = web.Application(client_max_size=64 << 20, middlewares=[archive.checked])
    application.add_routes(archive.routes())
    runner = web.AppRunner(application, shutdown_timeout=0.1, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]

    def config(port: int = port, **given: Any) -> TargetConfig:
        known = {"url": f"http://127.0.0.1:{port}", "secret": secret_file(tmp, "token-of-the-api")}
        return tables.PaperlessTarget(**{**known, **given})

    def stored() -> list[tuple[str, bytes]]:
        return [(name, data) for _, name, data in archive.documents.values()]

    try:
        yield Place("paperless", port, config, stored, _no_names, box=archive)
    finally:
        await runner.cleanup()
        await asyncio.gather(*archive.works, return_exceptions=True)


_SAMBA = """\
[global]
server role = standalone server
smb ports = {port}
bind interfaces only = yes
interfaces = lo
private dir = {folder}/private
lock directory = {folder}/lock
state directory = {folder}/state
cache directory = {folder}/cache
pid directory = {folder}/pid
ncalrpc dir = {folder}/ncalrpc
passdb backend = smbpasswd:{folder}/private/smbpasswd
log file = {folder}/log
max log size = 100
disable netbios = yes
load printers = no
server smb encrypt = desired
map to guest = never
[in]
path = {folder}/there
read only = no
valid users = {user}
"""


@contextlib.asynccontextmanager
async def smb(tmp: Path) -> AsyncIterator[Place]:
    """Samba of this machine."""
    _library("smbprotocol")
    if shutil.which("smbd") is None:
        raise Lacking("apt-get install samba")
    user = pwd.getpwuid(os.geteuid()).pw_name
    port = free_port()
    for name in ("private", "lock", "state", "cache", "pid", "ncalrpc", "there"):
        (tmp / name).mkdir()
    (tmp / "there" / "in").mkdir()
    configured = tmp / "smb.conf"
    configured.write_text(_SAMBA.format(port=port, folder=tmp, user=user))
    words = ["smbpasswd", "-c", str(configured), "-s", "-a", user]
    added = await asyncio.to_thread(
        subprocess.run, words, input=f"{PASSWORD}\n{PASSWORD}\n", text=True, capture_output=True, check=False
    )
    if added.returncode:
        raise Lacking(f"smbpasswd: {added.stderr.strip()[-200:]}")
    process = await asyncio.to_thread(_smbd, configured)

    def config(port: int = port, **given: Any) -> TargetConfig:
        known = {"share": "in", "folder": "in", "user": user, "secret": secret_file(tmp)}
        return tables.SmbTarget(host="127.0.0.1", port=port, **{**known, **given})

    try:
        await asyncio.to_thread(_await_port, process, port)
        yield _disk("smb", port, config, tmp / "there" / "in")
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, 15)
        await asyncio.to_thread(process.wait)


def _smbd(configured: Path) -> subprocess.Popen[bytes]:
    nothing = subprocess.DEVNULL
    words = ["smbd", "--foreground", "--no-process-group", f"--configfile={configured}", "--debuglevel=0"]
    return subprocess.Popen(words, stdin=nothing, stdout=nothing, stderr=nothing, start_new_session=True)


def _await_port(process: subprocess.Popen[bytes], port: int) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        if process.poll() is not None:
            raise Lacking(f"smbd ends here by itself with {process.returncode}")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise AssertionError("smbd does not listen")


@dataclass
class Inbox:
    """Uploads by their number, as a server keeps them that looks at it."""

    kept: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    number_of_arrivals: int = 0

    async def take(self, request: web.Request) -> web.Response:
        """Keep an upload that has come as a whole."""
        async for part in await request.multipart():
            assert isinstance(part, BodyPartReader)
            if part.filename is not None:
                try:
                    data = bytes(await part.read())
                except ConnectionError:
                    return web.Response(status=400)
                self.kept[request.headers["Idempotency-Key"]] = (part.filename, data)
                self.number_of_arrivals += 1
        return web.Response(text="ok")


@contextlib.asynccontextmanager
async def http(tmp: Path) -> AsyncIterator[Place]:
    """A web server that knows by the number of an upload which it has."""
    inbox = Inbox()
    application = web.Application(client_max_size=64 << 20)
    application.router.add_post("/up", inbox.take)
    runner = web.AppRunner(application, shutdown_timeout=0.1, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]

    def config(port: int = port, **_: Any) -> TargetConfig:
        return tables.HttpTarget(url=f"http://127.0.0.1:{port}/up")

    try:
        yield Place("http", port, config, lambda: [*inbox.kept.values()], _no_names, box=inbox)
    finally:
        await runner.cleanup()


SERVERS = {one.__name__: one for one in (folder, http, sftp, webdav, s3, mail, paperless, smb)}
