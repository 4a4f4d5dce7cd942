"""Optional token: a secret that clients present beside their origin."""

from __future__ import annotations

import hmac
import os
import re
import secrets
import stat
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from server.config import ConfigError

SUBPROTOCOL_PREFIX = "gaopai.token."
VERSION_PREFIX = "gaopai.v"
QUERY = "token"
FEWEST = 20
"""Least number of characters of a token."""
MOST = 256
"""Largest number of characters of a token."""

_TOKEN = re.compile(rf"[A-Za-z0-9._~-]{{{FEWEST},{MOST}}}")


class TokenVerdict(Enum):
    """Result of checking a token."""

    RIGHT = 0
    WRONG = 1
    WAIT = 2


class Token:
    """Checks presented tokens, with growing waits after wrong ones.

    Parameters
    ----------
    secret
        The right token; see `read_token`.
    """

    def __init__(self, secret: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._secret = secret.encode()
        self._guesses = Guesses(clock)

    def check(self, presented: str | None, peer: Hashable, origin: str | None) -> TokenVerdict:
        """Check a presented token.

        Wrong ones are counted; see `server.access.token`.

        Parameters
        ----------
        peer
            Other end of the connection, as the kernel tells it.
        origin
            Origin of the client, None for one without.
        """
        if self._guesses.must_wait(peer, origin):
            return TokenVerdict.WAIT
        if self.is_right(presented):
            self._guesses.right(peer, origin)
            return TokenVerdict.RIGHT
        if presented is not None:
            self._guesses.wrong(peer, origin)
        return TokenVerdict.WRONG

    def is_right(self, presented: str | None) -> bool:
        """Return whether a token is the right one, in constant time."""
        return presented is not None and hmac.compare_digest(presented.encode(errors="replace"), self._secret)

    def wait_seconds(self, peer: Hashable, origin: str | None) -> int:
        """Return the remaining wait of a peer's origin, in seconds."""
        return self._guesses.wait_seconds(peer, origin)


def presented_token(query: Mapping[str, str], headers: Mapping[str, str]) -> str | None:
    """Return the token of a request: in its query, as a subprotocol, or as an authorization.

    None if there is none, or several that differ, which would be several guesses at once.
    """
    found = set(offered_tokens(headers.get("Sec-WebSocket-Protocol", "")))
    if QUERY in query:
        found.add(query[QUERY])
    scheme, _, credentials = headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        found.add(credentials.strip())
    return found.pop() if len(found) == 1 else None


def offered_tokens(protocols: str) -> list[str]:
    """Return the tokens among the subprotocols that a client offers."""
    offered = (protocol.strip() for protocol in protocols.split(","))
    return [name.removeprefix(SUBPROTOCOL_PREFIX) for name in offered if name.startswith(SUBPROTOCOL_PREFIX)]


def subprotocols(headers: Mapping[str, str], known: Sequence[str]) -> tuple[str, ...]:
    """Return the subprotocols that may be confirmed: the first `known` one, or the one with the token.

    A browser closes the connection if none of those that it offered is confirmed: also where its page speaks
    other versions only, and would understand nothing.
    """
    header = headers.get("Sec-WebSocket-Protocol", "")
    offered = [name.strip() for name in header.split(",")]
    confirmed = tuple(name for name in known if name in offered)
    if confirmed or any(name.startswith(VERSION_PREFIX) for name in offered):
        return confirmed[:1]
    return tuple(SUBPROTOCOL_PREFIX + token for token in offered_tokens(header))


def new_token() -> str:
    """Return a random token of 256 bits."""
    return secrets.token_urlsafe(32)


def read_token(path: Path) -> str:
    """Return the token in a file, without surrounding white space.

    Raises
    ------
    ConfigError
        The file cannot be read, others can read or write it, or it holds no token.
    """
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            text = file.read(MOST + 16).decode("ascii", errors="replace").strip()
    except OSError as exc:
        raise ConfigError(
            f"token_file {path}: cannot be read ({exc.strerror}); make one: gaopai token new",
            f"不能读取令牌文件 {path}（{exc.strerror}）；可以新建一个：gaopai token new",
        ) from exc
    if status.st_uid not in (os.geteuid(), 0) or stat.S_IMODE(status.st_mode) & 0o037:
        raise ConfigError(
            f"token_file {path}: others can read it; make it yours alone: chmod 600 {path}",
            f"令牌文件 {path} 可被他人读取；请只留给自己：chmod 600 {path}",
        )
    if not _TOKEN.fullmatch(text):
        raise ConfigError(
            f"token_file {path}: holds no token of {FEWEST} to {MOST} letters, digits and ._~-; "
            "make one: gaopai token new",
            f"令牌文件 {path} 中没有由 {FEWEST} 至 {MOST} 个字母、数字和 ._~- 组成的令牌；"
            "可以新建一个：gaopai token new",
        )
    return text


WRONG_UNTIL_WAIT = 10
"""Number of wrong guesses of one origin of a peer from which it has to wait before the next one."""
WRONG_OF_PEER_UNTIL_WAIT = 100
"""Number of wrong guesses of a peer under whatever origins from which it has to wait; an honest page alone
cannot come near it, as it waits."""
FIRST_WAIT = 1.0
"""First wait after too many wrong guesses, in seconds; it is doubled with each further one."""
LONGEST_WAIT = 300.0
"""Longest wait after wrong guesses, in seconds."""
REMEMBERED = 256
"""Limit of the peers, and the origins of peers, whose wrong guesses are remembered."""


@dataclass(slots=True)
class _Failures:
    count: int = 0
    until: float = 0.0


class Guesses:
    """Counts wrong guesses by peer, and by its origins, any of which a program may claim."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures: OrderedDict[tuple[Hashable, ...], _Failures] = OrderedDict()

    def must_wait(self, peer: Hashable, origin: str | None) -> bool:
        """Return whether a peer's origin may not guess now.

        Parameters
        ----------
        peer
            Other end of the connection, as the kernel tells it.
        origin
            Origin of the client, None for one without.
        """
        return self._until(peer, origin) > self._clock()

    def right(self, peer: Hashable, origin: str | None) -> None:
        """Forget the wrong guesses of a peer's origin, as it knows the secret."""
        self._failures.pop((peer, origin), None)

    def wrong(self, peer: Hashable, origin: str | None) -> None:
        """Count a wrong guess."""
        self._count((peer, origin), WRONG_UNTIL_WAIT)
        self._count((peer,), WRONG_OF_PEER_UNTIL_WAIT)

    def wait_seconds(self, peer: Hashable, origin: str | None) -> int:
        """Return the remaining wait of a peer's origin, in seconds."""
        return max(0, round(self._until(peer, origin) - self._clock() + 0.5))

    def _until(self, peer: Hashable, origin: str | None) -> float:
        counted = (self._failures.get(key) for key in ((peer,), (peer, origin)))
        return max((failures.until for failures in counted if failures is not None), default=0.0)

    def _count(self, key: tuple[Hashable, ...], most: int) -> None:
        failures = self._failures.setdefault(key, _Failures())
        self._failures.move_to_end(key)
        failures.count += 1
        if (over := failures.count - most) >= 0:
            failures.until = self._clock() + min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(over, 20))
        if len(self._failures) > REMEMBERED:
            self._failures.popitem(last=False)
