"""A question on the desktop, by the program that the desktop brings for it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import shutil
from collections.abc import Callable, Mapping, Sequence

from server.errors import Language, Text
from server.session.consent import Answer, Ask

log = logging.getLogger(__name__)

PROGRAMS = ("zenity", "kdialog")
KILL_SECONDS = 2.0

TITLE = Text("高拍服务：访问请求", "gaopai: a page asks for access")
QUESTION = Text(
    "网页请求使用本机的摄像头、扫描仪、读卡器和指纹仪：\n\n{origin}\n\n"
    "如果您不认识该地址，或没有正在使用它，请选择“不允许”。",
    "A web page asks to use the cameras, scanners, card readers and fingerprint sensors of this computer:\n\n"
    "{origin}\n\nIf you do not know this address, or are not using it now, choose Do not allow.",
)
ALLOW = Text("允许", "Allow")
DENY = Text("不允许", "Do not allow")


def desktop_prompt(environment: Mapping[str, str], language: Language | None, seconds: int) -> Ask | None:
    """How to ask the person at this desktop; None where there is no desktop or no program for it.

    Parameters
    ----------
    language
        None to follow the desktop's.
    seconds
        After which an open question counts as not answered.
    """
    if not (environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY")):
        return None
    found = (shutil.which(name, path=environment.get("PATH")) for name in PROGRAMS)
    program = next(filter(None, found), None)
    if program is None:
        return None
    spoken = language or _language(environment)

    async def ask(origin: str) -> Answer:
        return await _run(command(program, origin, spoken, seconds), seconds)

    return ask


def command(program: str, origin: str, language: Language, seconds: int) -> list[str]:
    """What is run; no is the answer of whoever presses Enter without reading."""
    title, question = (text.fill(language, {"origin": origin}) for text in (TITLE, QUESTION))
    allow, deny = (text.fill(language, {}) for text in (ALLOW, DENY))
    if program.endswith("kdialog"):
        # The kind with a warning sign is the one whose default is no.
        labels = ["--yes-label", allow, "--no-label", deny]
        return [program, "--title", title, *labels, "--warningyesno", question]
    options = ["--no-markup", "--default-cancel", "--width=520", f"--timeout={seconds}"]
    words = [f"--title={title}", f"--text={question}", f"--ok-label={allow}", f"--cancel-label={deny}"]
    return [program, "--question", *options, *words]


async def _run(words: Sequence[str], seconds: int) -> Answer:
    try:
        process = await asyncio.create_subprocess_exec(
            *words,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
    except OSError as exc:
        log.warning("nobody can be asked: %s (%s)", words[0], exc.strerror)
        return Answer.NONE
    try:
        async with asyncio.timeout(seconds):
            status = await process.wait()
    except TimeoutError:
        return Answer.NONE
    finally:
        await _end(process)
    return {0: Answer.YES, 1: Answer.NO}.get(status, Answer.NONE)


async def _end(process: asyncio.subprocess.Process) -> None:
    """Take the question off the desktop, kindly first."""
    signals: tuple[Callable[[], None], ...] = (process.terminate, process.kill)
    for send in signals:
        if process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            send()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(KILL_SECONDS):
                await process.wait()


def _language(environment: Mapping[str, str]) -> Language:
    names = (environment.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    chosen = next(filter(None, names), "")
    return "en" if chosen.startswith("en") else "zh"
