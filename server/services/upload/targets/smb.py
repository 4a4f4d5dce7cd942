"""Target: a share of a Windows or Samba server, by SMB 2 and 3."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, ParamSpec, TypeVar

import smbclient
from smbprotocol.exceptions import (
    AccessDenied,
    BadNetworkName,
    SMBAuthenticationError,
    SMBConnectionClosed,
    SMBException,
    SMBOSError,
    SMBResponseException,
)

from server.config.targets import SmbTarget
from server.errors import GaopaiError, LocalizedText, UploadBroken, UploadUnreachable
from server.services.upload.post import CONNECT_SECONDS, HUNG_UP
from server.services.upload.targets.connecting import connected
from server.services.upload.targets.placing import place, sweep
from server.services.upload.targets.port import (
    FULL,
    NO_FOLDER,
    NO_LEAVE,
    NO_PASSWORD,
    PIECE,
    DeliveredFile,
    Delivery,
    Reach,
    Receipt,
    TargetRefusal,
)
from server.services.upload.targets.secrets import secret_of

P = ParamSpec("P")
T = TypeVar("T")

_NO_SMB = LocalizedText("它不是可用的 SMB 服务器", "it is no SMB server that can be used")
_FAILED = LocalizedText("它报告了错误", "it reported a failure")
_EXISTS = 0xC0000035
_NO_SUCH_NAME = 0xC0000034
_BY_STATUS = {
    0xC000007F: FULL,
    0xC0000044: FULL,
    0xC0000022: NO_LEAVE,
    0xC00000A2: NO_LEAVE,
    0xC000003A: NO_FOLDER,
    0xC0000034: NO_FOLDER,
    0xC00000CC: NO_FOLDER,
    0xC0000225: NO_FOLDER,
}
"""Reasons by the codes of MS-ERREF: disk full, quota, access denied, write-protected, no path, name, share,
found."""


@dataclass(slots=True)
class SmbFolder:
    """Folder of a share while a connection lasts, whose calls block and run in one thread."""

    path: str
    session: dict[str, Any]
    run: Callable[..., Any]

    async def size(self, name: str) -> int | None:
        return await self._called(self._size, name)

    async def content(self, name: str) -> AsyncIterator[bytes]:
        file = await self._called(
            smbclient.open_file, self._at(name), mode="rb", share_access="r", **self.session
        )
        try:
            while data := await self._called(file.read, PIECE):
                yield data
        finally:
            await self._called(file.close)

    async def write(self, name: str, file: DeliveredFile) -> None:
        await self._called(self._write, name, file)

    async def rename(self, old: str, new: str) -> bool:
        return await self._called(self._renamed, old, new)

    async def remove(self, name: str) -> None:
        await self._called(smbclient.remove, self._at(name), **self.session)

    async def ages(self) -> dict[str, float]:
        return await self._called(
            lambda: {
                one.name: one.smb_info.last_write_time.timestamp()
                for one in smbclient.scandir(self.path, search_pattern=".gaopai-*", **self.session)
            }
        )

    def _size(self, name: str) -> int | None:
        try:
            return int(smbclient.stat(self._at(name), **self.session).st_size)
        except SMBOSError as exc:
            if exc.ntstatus != _NO_SUCH_NAME:
                raise
            return None

    def _write(self, name: str, file: DeliveredFile) -> None:
        with smbclient.open_file(self._at(name), mode="xb", buffering=PIECE, **self.session) as written:
            for piece in file.whole_pieces():
                written.write(piece)

    def _renamed(self, old: str, new: str) -> bool:
        try:
            smbclient.rename(self._at(old), self._at(new), **self.session)
        except SMBOSError as exc:
            if exc.ntstatus != _EXISTS:
                raise
            return False
        return True

    def _at(self, name: str) -> str:
        return f"{self.path}\\{name}"

    async def _called(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        found: T = await self.run(function, *args, **kwargs)
        return found


@dataclass(slots=True)
class SmbServer:
    """Server with a share for deliveries."""

    config: SmbTarget
    reach: Reach
    _swept: bool = field(default=False, init=False)

    async def deliver(self, delivery: Delivery) -> Receipt:
        """Write the file beside the others, and give it its name then."""
        config = self.config
        secret = await secret_of(self.reach, config.secret)
        addresses = await self.reach.addresses(config.host, config.port)
        # Find the address that answers; the library connects by itself.
        sock = await connected(addresses, config.port)
        address = sock.getpeername()[0]
        sock.close()
        # Not to be sent elsewhere: a referral would lead to a server that nobody judged.
        smbclient.ClientConfig(skip_dfs=True)
        connections: dict[str, Any] = {}
        session = {"port": config.port, "username": config.user, "connection_cache": connections}
        inside = config.folder.replace("/", "\\").strip("\\")
        path = f"\\\\{address}\\{config.share}" + (f"\\{inside}" if inside else "")
        thread = ThreadPoolExecutor(1, "target-smb")

        async def run(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
            with _translated():
                return await asyncio.get_running_loop().run_in_executor(
                    thread, lambda: function(*args, **kwargs)
                )

        try:
            await run(
                smbclient.register_session,
                address,
                password=secret,
                encrypt=config.encrypt or None,
                connection_timeout=CONNECT_SECONDS,
                **session,
            )
            folder = SmbFolder(path, session, run)
            receipt = await place(folder, delivery.file)
            if not self._swept:
                self._swept = True
                await sweep(folder)
            return receipt
        finally:
            thread.shutdown(wait=False, cancel_futures=True)
            self.reach.pools.begin(_hang_up, connections)

    def close(self) -> None:
        """Do nothing: each delivery has a connection of its own."""


def _hang_up(connections: dict[str, Any]) -> None:
    """Close the connections, which ends calls that wait for an answer; blocks."""
    for connection in connections.values():
        with contextlib.suppress(Exception):
            connection.transport.close()


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except SMBOSError as exc:
        raise TargetRefusal(_BY_STATUS.get(exc.ntstatus, _FAILED)) from exc
    except (SMBAuthenticationError, SMBException, OSError, ValueError) as exc:
        raise _fault(exc) from exc


def _fault(exc: Exception) -> TargetRefusal | GaopaiError:
    if isinstance(exc, SMBAuthenticationError) or "LOGON_FAILURE" in str(exc):
        return TargetRefusal(NO_PASSWORD)
    if isinstance(exc, BadNetworkName):
        return TargetRefusal(NO_FOLDER)
    if isinstance(exc, AccessDenied):
        return TargetRefusal(NO_LEAVE)
    if isinstance(exc, SMBConnectionClosed | OSError):
        return UploadBroken(reason=HUNG_UP)
    if isinstance(exc, SMBResponseException):
        return TargetRefusal(_BY_STATUS.get(exc.status, _FAILED))
    return UploadUnreachable(reason=_NO_SMB)


def target(config: SmbTarget, reach: Reach) -> SmbServer:
    """Return the target of a configuration."""
    return SmbServer(config, reach)
