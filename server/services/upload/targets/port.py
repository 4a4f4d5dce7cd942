"""Port of targets: a file and what is known of it go in, a receipt comes out."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from server.errors import LocalizedText, Reasoned
from server.services.pools import ThreadPools
from server.services.upload.policy import UploadDestination, UploadPolicy, tolerated

PIECE = 1024 * 1024
"""Size of the pieces that a file is read in, in bytes."""

# Each of these is refused in a name by one of the systems at the other end.
_UNSAFE = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]')

NAME_TAKEN = LocalizedText("其中已有同名的其他文件", "other files have the names that this one could have")
NO_PASSWORD = LocalizedText(
    "它不接受用户名或密码", "it does not accept the name of the account or the password"
)
NO_LEAVE = LocalizedText("该账户在那里没有写入的权限", "the account may not write there")
NO_FOLDER = LocalizedText("那里没有配置中的文件夹", "the folder of the configuration is not there")
FULL = LocalizedText("那里的空间不足", "it is full")


class TargetRefusal(Reasoned):
    """A target takes nothing now, for a reason that its administrator can remove."""


@dataclass(frozen=True, slots=True, repr=False)
class DeliveredFile:
    """Content that is delivered, as it was when it was hashed.

    Attributes
    ----------
    name
        File name without folders.
    sha256
        Hexadecimal digest.
    read
        Returns up to `PIECE` bytes from an offset on; blocks.
    sent
        Called with the number of bytes of each piece that is read to be sent.
    """

    name: str
    size: int
    sha256: str
    read: Callable[[int], bytes]
    sent: Callable[[int], None]
    pools: ThreadPools

    @property
    def safe_name(self) -> str:
        """The name without characters that some systems refuse."""
        return _UNSAFE.sub("_", self.name)

    def names(self) -> Iterator[str]:
        """Yield the names that it may have beside others: its own, and ones that its content gives it."""
        stem, dot, suffix = self.safe_name.rpartition(".")
        yield self.safe_name
        for digits in (8, 32):
            told = self.sha256[:digits]
            yield f"{stem}-{told}{dot}{suffix}" if stem else f"{suffix}-{told}"

    async def pieces(self) -> AsyncIterator[bytes]:
        """Yield the content."""
        offset = 0
        while offset < self.size:
            data = await self.pools.run(self.read, offset)
            offset += len(data)
            self.sent(len(data))
            yield data

    def whole_pieces(self) -> Iterator[bytes]:
        """Yield the content; blocks."""
        offset = 0
        while offset < self.size:
            data = self.read(offset)
            offset += len(data)
            self.sent(len(data))
            yield data


@dataclass(frozen=True, slots=True, repr=False)
class Delivery:
    """File with what is known of it.

    Attributes
    ----------
    id
        Identifier of this content for this target, the same in all attempts.
    params
        Parameters of the request, in their order: fields of forms, of an archive's entry.
    """

    file: DeliveredFile
    id: str
    params: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Receipt:
    """Statement of a target that it has a file, complete.

    Attributes
    ----------
    place
        Its name or number there.
    already
        True if it was there before.
    status, response
        HTTP status and beginning of the answer, of a target that answers so.
    """

    place: str
    already: bool = False
    status: int | None = None
    response: str | None = None


class Target(Protocol):
    """Protocol for a place that files are delivered to."""

    async def deliver(self, delivery: Delivery) -> Receipt:
        """Return once the file is there as a whole; what fails or is cancelled leaves none under its name.

        Raises
        ------
        TargetRefusal
            For a reason that its administrator can remove.
        server.errors.GaopaiError
            Any other.
        """

    def close(self) -> None:
        """Let go of what is held between deliveries."""


@dataclass(frozen=True, slots=True)
class Reach:
    """Way of an adapter to its server.

    Attributes
    ----------
    name
        Name of the target.
    """

    name: str
    policy: UploadPolicy
    pools: ThreadPools

    async def url(self, url: str) -> UploadDestination:
        """Return a URL of the configuration with the judged addresses of its host."""
        return await self.policy.resolve(self.policy.configured_url(url))

    async def addresses(self, host: str, port: int) -> tuple[str, ...]:
        """Return the judged addresses of a host of the configuration."""
        return await self.policy.judged(host, port, tolerated(host))
