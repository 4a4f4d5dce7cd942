"""Limits on connections, request rates and bytes in work."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum
from time import monotonic
from typing import NamedTuple

from server.access.peer import Peer
from server.config import LimitsConfig

OTHER_FILES = 256
"""Open files beside connections: devices, child processes, pictures in work, and uploads."""


def files_needed(limits: LimitsConfig) -> int:
    """Return the number of open files that all allowed connections need.

    Those before their first request give way where there are none left; see `server.access.handshakes`.
    """
    return limits.connections + OTHER_FILES


class LimitScope(Enum):
    """Scope of a limit that is reached; the value names it in logs."""

    ORIGIN = "this origin"
    USER = "this user or machine"
    SERVICE = "this service"


class Holder(NamedTuple):
    """Origin that a connection counts for, which a program may only claim, and its peer, as the kernel tells.

    Programs that are no browser count as one origin.
    """

    peer: Peer
    origin: str | None


class ConnectionLimiter:
    """Counts WebSockets and multipart streams by their holders."""

    def __init__(self) -> None:
        self._open: Counter[Holder] = Counter()

    @property
    def count(self) -> int:
        """Number of open connections."""
        return self._open.total()

    def full(self, holder: Holder, limits: LimitsConfig) -> LimitScope | None:
        """Return the limit that one more connection would exceed, or None."""
        if self.count >= limits.connections:
            return LimitScope.SERVICE
        # Of other users each leaves the places of one origin, however many origins its programs claim.
        of_peer = sum(count for each, count in self._open.items() if each.peer == holder.peer)
        if not holder.peer.is_own and of_peer >= limits.connections - limits.connections_per_origin:
            return LimitScope.USER
        return LimitScope.ORIGIN if self._open[holder] >= limits.connections_per_origin else None

    @contextmanager
    def hold(self, holder: Holder) -> Iterator[None]:
        """Count a connection until the end of the ``with`` block."""
        self._open[holder] += 1
        try:
            yield
        finally:
            self._open[holder] -= 1
            if not self._open[holder]:
                del self._open[holder]


class RateLimiter:
    """Leaky bucket with a burst of one second.

    Parameters
    ----------
    clock
        Monotonic clock, in seconds.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._spent = 0.0
        self._updated_at = clock()

    def admits(self, per_second: int) -> bool:
        """Return whether one more event is within `per_second`; if so, count it."""
        now = self._clock()
        self._spent = max(0.0, self._spent - (now - self._updated_at) * per_second)
        self._updated_at = now
        if self._spent + 1 > per_second:
            return False
        self._spent += 1
        return True


QUOTED = 200
"""Limit of a header in a refusal and the log, in characters."""

REPEATED = "The request says {name} twice, and is refused.\n请求中的 {name} 出现了两次，因此被拒绝。\n"
UNKNOWN_USER = (
    "This machine does not tell whose the connection is: gaopai doctor says how to change that.\n"
    "本机无法区分连接属于哪个用户；gaopai doctor 会说明如何解决。\n"
)
STRANGE_PROGRAM = (
    "A program of another user of this computer has to know a token, and this service has none:\n"
    "gaopai token new, then [access] token_file.\n"
    "本机其他用户的程序须持有令牌，而本服务没有设置令牌；请用上述方法设置。\n"
)
WRONG_HOST = "This service answers to 127.0.0.1 and localhost only.\n本服务只接受 127.0.0.1 和 localhost。\n"
WRONG_USER = (
    "This service is another user's of this computer. Its owner lets all users in with\n"
    "[access] other_users = true\n"
    "本服务属于本机的另一个用户；其所有者可用上述配置允许其他用户。\n"
)
UNKNOWN_ORIGIN = (
    "This service does not know the origin {origin}.\n"
    "Allow it with: gaopai allow {origin}\n"
    'or in the configuration: [access] origins = ["{origin}"]\n'
    "or for one run: gaopai serve --allow-origin {origin}\n"
    "服务不认识该来源；请用上述任一方法允许它。\n"
)
DENIED_ORIGIN = (
    "The user of this computer does not let the origin {origin} connect.\n"
    "To change that: gaopai allow {origin}\n"
    "本机用户不允许该来源；可用上述命令改变。\n"
)
IMITATION = (
    "At the address of this page another program of this computer may answer; do not use it.\n"
    "This service's own page is at the address that gaopai serve prints.\n"
    "本机的其他程序可能占用了该页面的地址，请勿使用；本服务的页面地址由 gaopai serve 显示。\n"
)
NO_ORIGIN = (
    "This service answers web pages with an origin of their own only, and the request has none.\n"
    "Programs: [access] native_clients = true. Sandboxed frames and files: [access] null_origin = true.\n"
    "请求没有来源；程序和无来源的网页须由上述配置允许。\n"
)
UNAUTHORIZED = (
    "This service asks for its token: ?token=... in the address, the subprotocol gaopai.token....,\n"
    "or the header Authorization: Bearer ...; the one that was shown, if any, is wrong.\n"
    "服务要求令牌：请用上述任一方式提供；所提供的令牌不正确或缺失。\n"
)
TOO_MANY_GUESSES = "Too many wrong tokens; wait {seconds} s.\n令牌错误次数过多；请等待 {seconds} 秒。\n"


def quoted(header: str) -> str:
    """Return a header for a log or an answer, where control characters could have a meaning."""
    return "".join(each if each.isascii() and each.isprintable() else "?" for each in header[:QUOTED])
