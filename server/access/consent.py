"""Consent of the user at the desktop to an undecided origin."""

from __future__ import annotations

import asyncio
import logging
import shutil
import time
from collections import deque
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import partial
from urllib.parse import urlsplit

from server.access.grants import Grants
from server.access.origins import DEFAULT_PORTS, BadOrigin, canonical
from server.children.program import Program
from server.errors import Language, LocalizedText
from server.runtime.background import supervise
from server.telemetry.printable import printable

log = logging.getLogger(__name__)

HOUR = 3600.0
"""Seconds in an hour."""
ASKS_AT_ONCE = 3
"""Limit of one peer's questions without a yes, asked in a row: invented origins use it up, and keep others
out for minutes, not for an hour."""
ASKS_AN_HOUR = 3
"""Number of one peer's questions without a yes that are forgotten, and may be asked again, in an hour."""
ASKS_OF_ALL = 6
"""Limit of the questions without a yes of all peers together, both in a row and in an hour."""
ASKS_OF_SITE = 2
"""Questions an hour about the origins of one site, which all belong to somebody who can make more."""
WAITING = 8
"""Limit of handshakes that wait for one answer; further ones are refused."""
CHARACTERS = 100
"""Limit of an origin, as the end of a longer one, which matters, may not be read."""


class ConsentAnswer(Enum):
    """Answer of the user."""

    YES = 0
    NO = 1
    NONE = 2


Ask = Callable[[str], Awaitable[ConsentAnswer]]
"""Prompts the user about an origin and returns the answer, within a bounded time."""


@dataclass(slots=True)
class _Prompt:
    """An open prompt, and its outcome once the task has ended."""

    origin: str
    peer: Hashable
    allowed: bool = False
    task: asyncio.Task[None] = field(init=False)


class Consent:
    """Prompts the user about origins, one at a time and at a limited rate.

    Parameters
    ----------
    ask
        Prompt; cancelled when the service stops.
    """

    def __init__(self, ask: Ask, grants: Grants, clock: Callable[[], float] = time.monotonic) -> None:
        self._ask = ask
        self._grants = grants
        self._clock = clock
        self._asked: deque[tuple[float, str]] = deque()
        self._of_all = _Questions(ASKS_OF_ALL, ASKS_OF_ALL, clock)
        self._of_peers: dict[Hashable, _Questions] = {}
        self._prompt: _Prompt | None = None
        self._waiting = 0

    async def allows(self, origin: str, peer: Hashable = None) -> bool:
        """Prompt the user and return whether `origin` may connect; False without an answer.

        An explicit answer is stored.

        Parameters
        ----------
        peer
            Other end of the connection, as the kernel tells it.
        """
        prompt = self._prompt
        if prompt is None:
            if not (_is_displayable(origin) and self._may_ask(origin, peer)):
                return False
            prompt = _Prompt(origin, peer)
            self._prompt = prompt
            prompt.task = supervise("prompt about an origin", partial(self._decide, prompt), restart=False)
        elif origin != prompt.origin or self._waiting >= WAITING:
            return False
        self._waiting += 1
        try:
            # A page that disconnects does not end the prompt for other handshakes.
            await asyncio.wait([prompt.task])
        finally:
            self._waiting -= 1
        return prompt.allowed

    async def close(self) -> None:
        """Close an open prompt."""
        if self._prompt is not None:
            self._prompt.task.cancel()
            await asyncio.wait([self._prompt.task])

    async def _decide(self, prompt: _Prompt) -> None:
        try:
            log.info("asking about the origin %s", prompt.origin)
            answer = await self._ask(prompt.origin)
            log.info("the answer about the origin %s: %s", prompt.origin, answer.name.lower())
            if answer is not ConsentAnswer.NONE:
                await self._grants.decide(prompt.origin, answer is ConsentAnswer.YES)
            prompt.allowed = answer is ConsentAnswer.YES
            if prompt.allowed:
                self._of_peers[prompt.peer].give_back()
                self._of_all.give_back()
        finally:
            self._prompt = None

    def _may_ask(self, origin: str, peer: Hashable) -> bool:
        now = self._clock()
        site = _site(origin)
        while self._asked and self._asked[0][0] <= now - HOUR:
            self._asked.popleft()
        self._of_peers = {each: asked for each, asked in self._of_peers.items() if asked.outstanding()}
        of_peer = self._of_peers.setdefault(peer, _Questions(ASKS_AT_ONCE, ASKS_AN_HOUR, self._clock))
        of_site = sum(1 for _, asked in self._asked if asked == site)
        if of_site >= ASKS_OF_SITE or not (of_peer.may_ask() and self._of_all.may_ask()):
            return False
        of_peer.take()
        self._of_all.take()
        self._asked.append((now, site))
        return True


class _Questions:
    """Questions without a yes, which are forgotten with time.

    Parameters
    ----------
    at_once
        Limit.
    an_hour
        Questions that are forgotten in an hour.
    """

    def __init__(self, at_once: int, an_hour: int, clock: Callable[[], float]) -> None:
        self._at_once = at_once
        self._an_hour = an_hour
        self._clock = clock
        self._count = 0.0
        self._at = clock()

    def outstanding(self) -> float:
        """Return the number of questions that are not forgotten yet."""
        now = self._clock()
        self._count = max(0.0, self._count - (now - self._at) * self._an_hour / HOUR)
        self._at = now
        return self._count

    def may_ask(self) -> bool:
        """Return whether one more is within the limit."""
        return self.outstanding() + 1 <= self._at_once

    def take(self) -> None:
        """Count one."""
        self._count += 1

    def give_back(self) -> None:
        """Count one less, as its answer was yes."""
        self._count = max(0.0, self.outstanding() - 1)


def _site(origin: str) -> str:
    """Return the part of an origin's host that is one owner's: a guess, its last two or three labels."""
    host = urlsplit(origin).hostname or ""
    labels = host.removesuffix(".").split(".")
    if labels[-1].isdigit() or ":" in host:
        return host
    country = len(labels[-1]) == 2 and len(labels) > 2 and len(labels[-2]) <= 3
    return ".".join(labels[-3 if country else -2 :])


def _is_displayable(origin: str) -> bool:
    """Return whether an origin is a web page's in canonical form, so that it cannot mislead the user."""
    try:
        is_canonical = canonical(origin) == origin
    except BadOrigin:
        return False
    return is_canonical and origin.partition("://")[0] in DEFAULT_PORTS and len(origin) <= CHARACTERS


log = logging.getLogger(__name__)

PROGRAMS = ("zenity", "kdialog")
KILL_SECONDS = 2.0
"""Time from the termination of a prompt that got no answer until it is killed, in seconds."""
LOOK_SECONDS = 3.0
"""Time limit for systemctl to tell the environment of the desktop, in seconds."""
OF_THE_DESKTOP = frozenset(
    ("DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "DBUS_SESSION_BUS_ADDRESS", "XDG_CURRENT_DESKTOP", "LANG")
)

TITLE = LocalizedText("高拍服务：访问请求", "gaopai: a page asks for access")
QUESTION = LocalizedText(
    "网页请求使用本机的摄像头、扫描仪、读卡器和指纹仪：\n\n{origin}\n\n"
    "如果您不认识该地址，或没有正在使用它，请选择“不允许”。",
    "A web page asks to use the cameras, scanners, card readers and fingerprint sensors of this computer:\n\n"
    "{origin}\n\nIf you do not know this address, or are not using it now, choose Do not allow.",
)
ALLOW = LocalizedText("允许", "Allow")
DENY = LocalizedText("不允许", "Do not allow")


def desktop_prompt(environment: Mapping[str, str], language: Language | None, seconds: int) -> Ask | None:
    """Return a prompt on the desktop; None where there is no program for it.

    Without a desktop, the prompt returns `ConsentAnswer.NONE` at once.

    Parameters
    ----------
    environment
        Environment variables of the process.
    language
        Language of the prompt; None for the desktop's.
    seconds
        Timeout of the prompt.
    """
    found = (shutil.which(name, path=environment.get("PATH")) for name in PROGRAMS)
    program = next(filter(None, found), None)
    if program is None:
        return None

    async def ask(origin: str) -> ConsentAnswer:
        desktop = await _desktop(environment)
        if not _is_desktop(desktop):
            return ConsentAnswer.NONE
        spoken = language or _language(desktop)
        return await _run(command(program, origin, spoken, seconds), desktop, seconds)

    return ask


async def _desktop(environment: Mapping[str, str]) -> Mapping[str, str]:
    """Return the environment of the desktop, from systemd if the user's service started before it."""
    systemctl = shutil.which("systemctl", path=environment.get("PATH"))
    if _is_desktop(environment) or "INVOCATION_ID" not in environment or systemctl is None:
        return environment
    words = (systemctl, "--user", "show-environment")
    try:
        answer = await Program(words, dict(environment)).run_async(LOOK_SECONDS)
    except OSError:  # it cannot be started, or takes too long
        return environment
    pairs = (line.partition("=") for line in answer.output.decode(errors="replace").splitlines())
    return {**environment, **{name: value for name, _, value in pairs if name in OF_THE_DESKTOP}}


def _is_desktop(environment: Mapping[str, str]) -> bool:
    return bool(environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"))


def command(program: str, origin: str, language: Language, seconds: int) -> list[str]:
    """Return the command line of a prompt, whose default answer is no."""
    title, question = (text.fill(language, {"origin": printable(origin)}) for text in (TITLE, QUESTION))
    allow, deny = (text.fill(language, {}) for text in (ALLOW, DENY))
    if program.endswith("kdialog"):
        # The warning dialog is the one whose default is no.
        labels = ["--yes-label", allow, "--no-label", deny]
        return [program, "--title", title, *labels, "--warningyesno", question]
    options = ["--no-markup", "--default-cancel", "--width=520", f"--timeout={seconds}"]
    words = [f"--title={title}", f"--text={question}", f"--ok-label={allow}", f"--cancel-label={deny}"]
    return [program, "--question", *options, *words]


async def _run(words: Sequence[str], environment: Mapping[str, str], seconds: int) -> ConsentAnswer:
    # The hardened unit forbids the code that GTK's other renderers write while they run.
    without_jit = {**environment, "GSK_RENDERER": "cairo"}
    try:
        # The prompt is terminated before it is killed.
        ended = await Program(words, without_jit, grace=KILL_SECONDS).run_async(seconds)
    except TimeoutError:
        return ConsentAnswer.NONE
    except OSError as exc:
        log.warning("nobody can be asked: %s (%s)", words[0], exc.strerror)
        return ConsentAnswer.NONE
    return {0: ConsentAnswer.YES, 1: ConsentAnswer.NO}.get(ended.code, ConsentAnswer.NONE)


def _language(environment: Mapping[str, str]) -> Language:
    names = (environment.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    chosen = next(filter(None, names), "")
    return "en" if chosen.startswith("en") else "zh"
