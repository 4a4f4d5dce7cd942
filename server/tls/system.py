"""Trusted authorities of a Debian system."""

from __future__ import annotations

from pathlib import Path

from server.children.program import Program
from server.tls import NAME
from server.tls.nss import StoreFailed

ANCHORS = Path("/usr/local/share/ca-certificates")
SECONDS = 120.0
"""Time limit of ``update-ca-certificates``, in seconds."""
_PREFIX = NAME.replace(" ", "-")


def anchors(folder: Path = ANCHORS) -> list[Path]:
    """Return the files of local authorities in the folder."""
    return sorted(folder.glob(f"{_PREFIX}-*.crt"))


def trust(name: str, certificate: bytes, folder: Path = ANCHORS) -> None:
    """Add an authority to those that the system's programs trust; requires root."""
    path = folder / f"{name.replace(' ', '-')}.crt"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_bytes(certificate)
        path.chmod(0o644)
    except OSError as exc:
        raise StoreFailed(f"{path}: cannot be written ({exc.strerror}); --system is for root") from exc
    _update()


def distrust(folder: Path = ANCHORS) -> int:
    """Remove all local authorities; return their number."""
    found = anchors(folder)
    try:
        for path in found:
            path.unlink()
    except OSError as exc:
        raise StoreFailed(f"{exc.filename}: cannot be removed ({exc.strerror})") from exc
    if found:
        _update("--fresh")
    return len(found)


def _update(*words: str) -> None:
    try:
        ended = Program(("/usr/sbin/update-ca-certificates", *words)).run(SECONDS)
    except FileNotFoundError as exc:
        raise StoreFailed("update-ca-certificates is not installed: apt install ca-certificates") from exc
    except OSError as exc:
        raise StoreFailed(f"update-ca-certificates failed: {type(exc).__name__}") from exc
    if ended.code != 0:
        raise StoreFailed(f"update-ca-certificates failed: exit {ended.code}")
