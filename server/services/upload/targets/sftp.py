"""Target: a folder of an SSH server, by SFTP."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from posixpath import join

import asyncssh

from server.config.targets import SftpTarget
from server.errors import LocalizedText, UploadBroken, UploadUnreachable
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
from server.services.upload.targets.secrets import private_content, secret_of

_OTHER_HOST = LocalizedText("其主机密钥不是配置中的密钥", "its host key is not the one of the configuration")
_NO_SSH = LocalizedText("它不是可用的 SSH 服务器", "it is no SSH server that can be used")
_BAD_KEY = LocalizedText("配置中的密钥无法使用", "a key of its configuration cannot be used")
_FAILED = LocalizedText("它报告了错误", "it reported a failure")


@dataclass(slots=True)
class SftpFolder:
    """Folder of the server while a connection lasts."""

    sftp: asyncssh.SFTPClient
    path: str

    async def size(self, name: str) -> int | None:
        try:
            return (await self.sftp.stat(self._at(name))).size
        except asyncssh.SFTPNoSuchFile:
            if self.path:
                await self.sftp.stat(self.path)
            return None

    async def content(self, name: str) -> AsyncIterator[bytes]:
        async with self.sftp.open(self._at(name), "rb") as file:
            while data := await file.read(PIECE):
                yield bytes(data)  # type: ignore[arg-type]

    async def write(self, name: str, file: DeliveredFile) -> None:
        async with self.sftp.open(self._at(name), "xb") as written:
            async for piece in file.pieces():
                await written.write(piece)
            with contextlib.suppress(asyncssh.SFTPOpUnsupported):
                await written.fsync()

    async def rename(self, old: str, new: str) -> bool:
        # A link is refused by every server where the name is taken; a rename replaces the file on some.
        try:
            await self.sftp.link(self._at(old), self._at(new))
        except asyncssh.SFTPOpUnsupported:
            return await self._renamed(old, new)
        except asyncssh.SFTPError as exc:
            if await self.size(new) is not None:
                return False
            if isinstance(exc, (asyncssh.SFTPConnectionLost, asyncssh.SFTPNoConnection)):
                raise
            return await self._renamed(old, new)
        await self.sftp.remove(self._at(old))
        return True

    async def _renamed(self, old: str, new: str) -> bool:
        try:
            await self.sftp.rename(self._at(old), self._at(new))
        except asyncssh.SFTPError:
            if await self.size(new) is not None:
                return False
            raise
        return True

    async def remove(self, name: str) -> None:
        await self.sftp.remove(self._at(name))

    async def ages(self) -> dict[str, float]:
        found = await self.sftp.readdir(self.path or ".")
        return {str(one.filename): float(one.attrs.mtime or 0) for one in found}

    def _at(self, name: str) -> str:
        return join(self.path, name)


@dataclass(slots=True)
class SftpServer:
    """Server whose key is known."""

    config: SftpTarget
    reach: Reach
    _swept: bool = field(default=False, init=False)

    async def deliver(self, delivery: Delivery) -> Receipt:
        """Write the file beside the others, and give it its name then."""
        with _translated():
            async with self._connected() as connection, connection.start_sftp_client() as sftp:
                folder = SftpFolder(sftp, self.config.folder)
                receipt = await place(folder, delivery.file)
                if not self._swept:
                    self._swept = True
                    await sweep(folder)
                return receipt

    def close(self) -> None:
        """Do nothing: each delivery has a connection of its own."""

    @contextlib.asynccontextmanager
    async def _connected(self) -> AsyncIterator[asyncssh.SSHClientConnection]:
        config = self.config
        secret = await secret_of(self.reach, config.secret)
        key = await self.reach.pools.run(private_content, config.key) if config.key else ""
        try:
            host_key = asyncssh.import_public_key(config.host_key)
            keys = [asyncssh.import_private_key(key)] if key else None
        except asyncssh.KeyImportError as exc:
            raise TargetRefusal(_BAD_KEY) from exc
        addresses = await self.reach.addresses(config.host, config.port)
        sock = await connected(addresses, config.port)
        try:
            connection = await asyncssh.connect(
                config.host,
                config.port,
                sock=sock,
                # Nothing of the account's own files or agent counts.
                config=None,
                agent_path=None,
                known_hosts=([host_key], [], []),
                username=config.user,
                password=secret or None,
                client_keys=keys,
                login_timeout=CONNECT_SECONDS,
            )
        except BaseException:
            sock.close()
            raise
        try:
            yield connection
        finally:
            connection.abort()
            with contextlib.suppress(asyncio.CancelledError, OSError, asyncssh.Error):
                await connection.wait_closed()


_REASONS = (
    (asyncssh.SFTPPermissionDenied, NO_LEAVE),
    (asyncssh.SFTPWriteProtect, NO_LEAVE),
    (asyncssh.SFTPNoSuchFile, NO_FOLDER),
    (asyncssh.SFTPNoSuchPath, NO_FOLDER),
    (asyncssh.SFTPNoSpaceOnFilesystem, FULL),
    (asyncssh.SFTPQuotaExceeded, FULL),
    (asyncssh.HostKeyNotVerifiable, _OTHER_HOST),
    (asyncssh.PermissionDenied, NO_PASSWORD),
)
_SPACE = os.strerror(28)
"""Words of servers of SFTP 3, which has no code for it, for a disk that is full."""


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (asyncssh.SFTPConnectionLost, asyncssh.SFTPNoConnection, asyncssh.ConnectionLost) as exc:
        raise UploadBroken(reason=HUNG_UP) from exc
    except (asyncssh.Error, asyncssh.SFTPError) as exc:
        for kind, reason in _REASONS:
            if isinstance(exc, kind):
                raise TargetRefusal(reason) from exc
        if isinstance(exc, asyncssh.SFTPError):
            raise TargetRefusal(FULL if _SPACE in exc.reason else _FAILED) from exc
        raise UploadUnreachable(reason=_NO_SSH) from exc
    except OSError as exc:
        raise UploadBroken(reason=HUNG_UP) from exc


def target(config: SftpTarget, reach: Reach) -> SftpServer:
    """Return the target of a configuration."""
    return SftpServer(config, reach)
