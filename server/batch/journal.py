"""The finished pages of a batch, in a file beside its results, so that the next run goes on from there."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import BinaryIO, Self

from server.batch.faults import BatchFault, folder_busy

JOURNAL = ".gaopai-batch.jsonl"
"""The file's name; one JSON object a finished page."""


@dataclass(frozen=True, slots=True)
class SourceIdentity:
    """The conditions under which a result counts: the same file as it was, and the same settings.

    Attributes
    ----------
    base
        The name of the results; stands for the file's place in the tree.
    name
        The file's own name.
    modified
        Nanoseconds since 1970.
    settings
        A digest of settings and format.
    """

    base: str
    name: str
    size: int
    modified: int
    settings: str


@dataclass(frozen=True, slots=True)
class Done:
    """A finished page: of how many, and how many files it gave."""

    pages: int
    files: int


class Journal:
    """Reads what earlier runs did, and appends what this one does.

    In memory it is a number and two counts a page, some 200 bytes: a million pages are 200 MB.

    Parameters
    ----------
    folder
        The output folder; exists.

    Raises
    ------
    BatchFault
        Another batch has it open.
    OSError
    """

    def __init__(self, folder: Path) -> None:
        self._file: BinaryIO = (folder / JOURNAL).open("a+b")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            self._file.close()
            raise BatchFault(folder_busy(str(folder))) from exc
        self._done: dict[int, tuple[int, Done]] = {}
        self._load()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def find(self, identity: SourceIdentity, page: int) -> Done | None:
        """Return the page as an earlier run finished it, or None if none did or of another file."""
        entry = self._done.get(_digest(identity.base, page))
        return entry[1] if entry and entry[0] == _fingerprint(identity) else None

    def add(self, identity: SourceIdentity, page: int, done: Done, outputs: Sequence[str]) -> None:
        """Remember a page whose results are on the disk."""
        self._remember(identity, page, done)
        line = {
            "page": page,
            "pages": done.pages,
            "outputs": list(outputs),
            **{name: getattr(identity, name) for name in SourceIdentity.__slots__},
        }
        # One write a line: what a killed process leaves is whole lines and at most one torn one at the end.
        self._file.write(json.dumps(line, ensure_ascii=False).encode(errors="surrogateescape") + b"\n")
        self._file.flush()

    def _remember(self, identity: SourceIdentity, page: int, done: Done) -> None:
        # By the results' name: a file that took over another's name has overwritten its results.
        self._done[_digest(identity.base, page)] = (_fingerprint(identity), done)

    def _load(self) -> None:
        self._file.seek(0)
        torn = False
        for line in self._file:
            torn = not line.endswith(b"\n")
            self._read(line)
        if torn:
            self._file.seek(0, os.SEEK_END)
            self._file.write(b"\n")

    def _read(self, line: bytes) -> None:
        """Take in a line; one that is torn or from another program counts for nothing."""
        try:
            entry = json.loads(line.decode(errors="surrogateescape"))
            identity = SourceIdentity(**{name: entry[name] for name in SourceIdentity.__slots__})
            self._remember(identity, int(entry["page"]), Done(int(entry["pages"]), len(entry["outputs"])))
        except (ValueError, KeyError, TypeError):
            return


def _fingerprint(identity: SourceIdentity) -> int:
    return _digest(*(getattr(identity, name) for name in SourceIdentity.__slots__))


def _digest(*parts: object) -> int:
    text = json.dumps(parts).encode()
    return int.from_bytes(blake2b(text, digest_size=16).digest(), "big")
