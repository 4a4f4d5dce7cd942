"""Optional token: a secret that clients present beside their origin."""

from __future__ import annotations

import hmac
import os
import re
import secrets
import stat
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from server.config import ConfigError

SUBPROTOCOL_PREFIX = "gaopai.token."
QUERY = "token"
FEWEST, MOST = 20, 256
WRONG_UNTIL_WAIT = 10
FIRST_WAIT, LONGEST_WAIT = 1.0, 300.0
"""Seconds; doubled with each further wrong token."""
REMEMBERED = 256
"""Limit of origins whose failures are remembered."""

_TOKEN = re.compile(rf"[A-Za-z0-9._~-]{{{FEWEST},{MOST}}}")


class TokenVerdict(Enum):
    """Result of checking a token."""

    RIGHT = 0
    WRONG = 1
    WAIT = 2


@dataclass(slots=True)
class _Failures:
    count: int = 0
    until: float = 0.0


class Token:
    """Checks presented tokens, with growing waits after wrong ones.

    Parameters
    ----------
    secret
        The right token; see `read_token`.
    """

    def __init__(self, secret: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._secret = secret.encode()
        self._clock = clock
        self._failures: OrderedDict[str | None, _Failures] = OrderedDict()

    def check(self, presented: str | None, origin: str | None) -> TokenVerdict:
        """Check a presented token.

        Parameters
        ----------
        origin
            Origin of the client, None for one without; failures are counted by origin.
        """
        failures = self._failures.get(origin)
        if failures is not None and self._clock() < failures.until:
            return TokenVerdict.WAIT
        if presented is not None and hmac.compare_digest(presented.encode(errors="replace"), self._secret):
            self._failures.pop(origin, None)
            return TokenVerdict.RIGHT
        if presented is not None:
            self._count_failure(origin)
        return TokenVerdict.WRONG

    def wait_seconds(self, origin: str | None) -> int:
        """Return the remaining wait of an origin, in seconds."""
        failures = self._failures.get(origin)
        return 0 if failures is None else max(0, round(failures.until - self._clock() + 0.5))

    def _count_failure(self, origin: str | None) -> None:
        failures = self._failures.setdefault(origin, _Failures())
        self._failures.move_to_end(origin)
        failures.count += 1
        if (over := failures.count - WRONG_UNTIL_WAIT) >= 0:
            failures.until = self._clock() + min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(over, 20))
        if len(self._failures) > REMEMBERED:
            self._failures.popitem(last=False)


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


def subprotocols(headers: Mapping[str, str], known: str) -> tuple[str, ...]:
    """Return the subprotocols that may be confirmed: the `known` one, or the one with the token.

    A browser closes the connection if none of those that it offered is confirmed.
    """
    offered = headers.get("Sec-WebSocket-Protocol", "")
    if known in (name.strip() for name in offered.split(",")):
        return (known,)
    return tuple(SUBPROTOCOL_PREFIX + token for token in offered_tokens(offered))


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
            f"token_file {path}: cannot be read ({exc.strerror}); make one: gaopai token new"
        ) from exc
    if status.st_uid not in (os.geteuid(), 0) or stat.S_IMODE(status.st_mode) & 0o037:
        raise ConfigError(f"token_file {path}: others can read it; make it yours alone: chmod 600 {path}")
    if not _TOKEN.fullmatch(text):
        raise ConfigError(
            f"token_file {path}: holds no token of {FEWEST} to {MOST} letters, digits and ._~-; "
            "make one: gaopai token new"
        )
    return text
