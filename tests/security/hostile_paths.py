"""Paths that lead elsewhere, and every function of the protocol that takes a path."""

from __future__ import annotations

import os
import typing
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from server.protocol.catalogue import CATALOGUE
from server.protocol.parameters import Parameter, parameters
from server.protocol.profiles import PROFILE

MEANS_A_PATH = ("path", "file", "folder", "directory")
"""What a parameter's name has in it that takes one, in any of its spellings."""
CANARY = b"canary-5f1d"
"""In every file outside that could be read."""


@dataclass(frozen=True, slots=True)
class Taker:
    """A function's parameter that takes a path, or several."""

    function: str
    parameter: str
    several: bool

    def request(self, path: str, /, **others: Any) -> dict[str, Any]:
        """A request as the protocol's example, with that path."""
        example = dict(CATALOGUE[self.function].example.request)
        return {**example, **others, self.parameter: [path, path] if self.several else path}


def takers() -> Sequence[Taker]:
    """All there are, found by the names of parameters, so that none that is new can be forgotten."""
    return [
        Taker(name, parameter.names[0], _takes(parameter, tuple))
        for name, function in CATALOGUE.items()
        for parameter in parameters(function.request)
        if _means_a_path(parameter)
    ]


def _means_a_path(parameter: Parameter) -> bool:
    named = any(word in name.lower() for name in parameter.names for word in MEANS_A_PATH)
    # A profile is a name of the configuration, and the paths in it are judged as those of requests.
    named = named and parameter.names[0] != PROFILE
    # Base64 is a file that comes along, and no name of one.
    content = parameter.names[0].endswith("Base64")
    return named and not content and (_takes(parameter, str) or _takes(parameter, tuple))


def _takes(parameter: Parameter, kind: type) -> bool:
    return any(part is kind or typing.get_origin(part) is kind for part in _parts(parameter.type))


def _parts(declared: Any) -> Iterator[Any]:
    """A type, and what it is annotated or united from."""
    yield declared
    if typing.get_origin(declared) is not tuple:
        for part in typing.get_args(declared):
            yield from _parts(part)


def hostile(root: Path, outside: Path) -> dict[str, str]:
    """Paths by what is wrong with them; `outside` has a ``secret.jpg``, and `lay_traps` was called."""
    return {
        "up": "../outside/secret.jpg",
        "up from a folder": "sub/../../outside/secret.jpg",
        "up below the root": f"{root}/../outside/secret.jpg",
        "up, at the end": "sub/..",
        "up, absolute": "/../outside/secret.jpg",
        "up, absolute, from a folder": "/sub/../../outside/secret.jpg",
        "up, absolute, mixed": "/sub\\..\\..\\outside\\secret.jpg",
        "up, Windows": "C:\\..\\..\\outside\\secret.jpg",
        "up, Windows, slashes": "c:/../../outside/secret.jpg",
        "up, Windows, mixed": "C:/sub\\../..\\outside//secret.jpg",
        "absolute, of the system": "/etc/passwd",
        "absolute, a folder": "/sub/",
        "absolute, hidden": "/.secret.jpg",
        "absolute, the service's own": "/.gaopai/secret.jpg",
        "absolute, only a dot": "/./secret.jpg",
        "absolute, symbolic link": "/link.jpg",
        "absolute, through a link": "//linked/secret.jpg",
        "absolute, through a link below": "/linked/secret.jpg",
        "absolute, hard link": "/hard.jpg",
        "root of all": "/",
        "root itself": str(root),
        "root itself, as a folder": f"{root}/",
        "doubled slashes": f"//{str(outside).lstrip('/')}/secret.jpg",
        "Windows, relative": "..\\outside\\secret.jpg",
        "Windows, of a drive's folder": "C:secret.jpg",
        "Windows, a drive": "C:",
        "Windows, root of a drive": "C:\\",
        "Windows, without a drive": "\\outside\\secret.jpg",
        "Windows, share": "\\\\server\\share\\secret.jpg",
        "Windows, share, slashes": "//server/share/secret.jpg",
        "Windows, share, mixed": "\\/server/share/secret.jpg",
        "Windows, device": "\\\\.\\C:\\secret.jpg",
        "Windows, without limits": "\\\\?\\C:\\secret.jpg",
        "URL": f"file://{outside}/secret.jpg",
        "URL, short": "file:secret.jpg",
        "URL, capitals": f"FILE://{outside}/secret.jpg",
        "URL, of a server": "http://127.0.0.1/secret.jpg",
        "home": "~/secret.jpg",
        "home, somebody's": "~root/secret.jpg",
        "NUL": "secret.jpg\0.png",
        "NUL first": "\0secret.jpg",
        "line break": "secret\n.jpg",
        "turned text": "\u202egpj.secret.jpg",
        "lone surrogate": "\ud800secret.jpg",
        "lone surrogate at the end": "secret.jpg\udfff",
        "dots in other widths": "\uff0e\uff0e/outside/secret.jpg\0",
        "symbolic link": "link.jpg",
        "through a link": "linked/secret.jpg",
        "through two links": "linked/again/secret.jpg",
        "hard link": "hard.jpg",
        "device": "/dev/video0",
        "device with a suffix": "/dev/zero.jpg",
        "device, doubled": "/dev//zero.jpg",
        "device, mixed": "/dev\\zero.jpg",
        "system": "/sys/secret.jpg",
        "device below": "node.jpg",
        "pipe below": "pipe.jpg",
        "process": "/proc/self/environ",
        "process, root": "/proc/self/root/etc/passwd",
        "descriptor": "/proc/self/fd/0",
        "process, below": "environ.jpg",
        "256 bytes": "a" * 252 + ".jpg",
        "256 bytes of Chinese": "柜" * 84 + ".jpg",
        "very long": "a/" * 2000 + "secret.jpg",
        "hidden": ".secret.jpg",
        "the service's own": ".gaopai/secret.jpg",
        "folder": "sub",
        "folder, as a file": "folder.jpg",
        "slash at the end": "secret.jpg/",
        "empty part": "sub//secret.jpg",
        "only a dot": ".",
        "blank": " ",
    }


def renamed(root: Path, outside: Path) -> dict[str, tuple[str, str]]:
    """Names that would lead elsewhere and are taken for ones below the root, with those they stand for."""
    away = str(outside / "secret.jpg")
    return {
        "absolute": (away, away.lstrip("/")),
        "absolute, doubled": (away.replace("/", "//")[1:], away.lstrip("/")),
        "as if below the root": (f"{root}x/secret.jpg", f"{root}x/secret.jpg".lstrip("/")),
        "Windows": ("C:\\outside\\secret.jpg", "C/outside/secret.jpg"),
        "Windows, doubled": ("C:\\\\outside\\\\secret.jpg", "C/outside/secret.jpg"),
        "Windows, slashes": ("c:/outside/secret.jpg", "C/outside/secret.jpg"),
        "Windows, as if absolute": (f"C:{away}", f"C{away}"),
    }


def lay_traps(root: Path, outside: Path) -> None:
    """Links, devices and folders below the root that `hostile` names."""
    (root / "sub").mkdir()
    (root / "folder.jpg").mkdir()
    (root / "link.jpg").symlink_to(outside / "secret.jpg")
    (root / "linked").symlink_to(outside)
    (outside / "again").symlink_to(outside)
    (root / "hard.jpg").hardlink_to(outside / "secret.jpg")
    (root / "node.jpg").symlink_to("/dev/zero")
    (root / "environ.jpg").symlink_to("/proc/self/environ")
    os.mkfifo(root / "pipe.jpg")


def everything(*folders: Path) -> dict[str, bytes]:
    """All ordinary files below folders, with their content; links are not followed."""
    found = {}
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.is_symlink():
                found[str(path)] = path.read_bytes()
    return found
