"""A question on the desktop, by the program that the desktop brings for it."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Mapping, Sequence

from server.children.program import Program
from server.errors import Language, Text
from server.session.consent import Answer, Ask

log = logging.getLogger(__name__)

PROGRAMS = ("zenity", "kdialog")
KILL_SECONDS = 2.0
LOOK_SECONDS = 3.0
OF_THE_DESKTOP = frozenset(
    ("DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "DBUS_SESSION_BUS_ADDRESS", "XDG_CURRENT_DESKTOP", "LANG")
)

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
    """How to ask the person at the desktop; None where there is no program for it.

    Without a desktop the answer is none, at once.

    Parameters
    ----------
    environment
        Of the process.
    language
        None to follow the desktop's.
    seconds
        After which an open question counts as not answered.
    """
    found = (shutil.which(name, path=environment.get("PATH")) for name in PROGRAMS)
    program = next(filter(None, found), None)
    if program is None:
        return None

    async def ask(origin: str) -> Answer:
        desktop = await _desktop(environment)
        if not _is_desktop(desktop):
            return Answer.NONE
        spoken = language or _language(desktop)
        return await _run(command(program, origin, spoken, seconds), desktop, seconds)

    return ask


async def _desktop(environment: Mapping[str, str]) -> Mapping[str, str]:
    """The environment of the desktop: a user's service is started before it, and systemd learns it later."""
    systemctl = shutil.which("systemctl", path=environment.get("PATH"))
    if _is_desktop(environment) or "INVOCATION_ID" not in environment or systemctl is None:
        return environment
    words = (systemctl, "--user", "show-environment")
    try:
        shown = await Program(words, dict(environment)).run_async(LOOK_SECONDS)
    except OSError:  # it cannot be started, or takes too long
        return environment
    pairs = (line.partition("=") for line in shown.output.decode(errors="replace").splitlines())
    return {**environment, **{name: value for name, _, value in pairs if name in OF_THE_DESKTOP}}


def _is_desktop(environment: Mapping[str, str]) -> bool:
    return bool(environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"))


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


async def _run(words: Sequence[str], environment: Mapping[str, str], seconds: int) -> Answer:
    # The hardened unit forbids the code that GTK's other renderers write while they run.
    drawn_plainly = {**environment, "GSK_RENDERER": "cairo"}
    try:
        # The question is taken off the desktop kindly first.
        ended = await Program(words, drawn_plainly, grace=KILL_SECONDS).run_async(seconds)
    except TimeoutError:
        return Answer.NONE
    except OSError as exc:
        log.warning("nobody can be asked: %s (%s)", words[0], exc.strerror)
        return Answer.NONE
    return {0: Answer.YES, 1: Answer.NO}.get(ended.code, Answer.NONE)


def _language(environment: Mapping[str, str]) -> Language:
    names = (environment.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    chosen = next(filter(None, names), "")
    return "en" if chosen.startswith("en") else "zh"
