"""What the service and its decoding processes say to each other: one packet a message, one file beside it.

What is large lies in a memory file that goes along. A process that a hostile file has taken over could say
anything: answers are checked against these types, and hold numbers and bytes, never objects.
"""

from __future__ import annotations

import array
import errno
import os
import socket
from typing import Literal

import msgspec

LONGEST = 1 << 17
"""Bytes of a packet; a bind names the pages of at most `server.services.files.merging.PAGES`."""

BinderKind = Literal["pdf", "tiff", "ofd"]


class Job(msgspec.Struct, frozen=True, tag=True):
    """Something to be done with the file that goes along."""


class Look(Job, frozen=True):
    """What is it, and how many pages has it?"""


class Paint(Job, frozen=True):
    """The pixels of a page, from 0; none of one that has text of its own where `textless`."""

    page: int
    textless: bool = False


class TakeLeaf(Job, frozen=True):
    """A page made ready for a binder."""

    page: int
    binder: BinderKind


class Placed(msgspec.Struct, frozen=True, array_like=True):
    """A page of a PDF to come: of file `file`, -1 for the next picture; and how many bytes its text has."""

    file: int
    page: int
    text: int


class BindPdf(Job, frozen=True):
    """One PDF of a PDF of pictures, texts and other PDFs, which follow each other in the file.

    `sizes` are those of the pictures' PDF, of all texts together, and of each other file.
    """

    sizes: tuple[int, ...]
    places: tuple[Placed, ...]


class Answer(msgspec.Struct, frozen=True, tag=True):
    """What came of it."""


class Ready(Answer, frozen=True):
    """Sent once, at the beginning, without having been asked."""


class Looked(Answer, frozen=True):
    """How many pages it has."""

    pages: int


class Painted(Answer, frozen=True):
    """The file that goes along has the pixels."""

    shape: tuple[int, ...]
    dots: tuple[float, float] | None = None


class Nothing(Answer, frozen=True):
    """The page has text of its own."""


class Leaf(Answer, frozen=True):
    """The file that goes along has the leaf; `whole` where its data are the given file's."""

    whole: bool


class Bound(Answer, frozen=True):
    """The file that goes along is the PDF."""


class Failed(Answer, frozen=True):
    """The file is to blame; what is the matter with it."""

    kind: Literal["document", "protected", "picture", "pixels", "memory"]
    zh: str = ""
    en: str = ""
    size: tuple[int, int, int] = (0, 0, 0)
    """Width, height and limit, of too many pixels."""


class Broken(Answer, frozen=True):
    """We are to blame: an exception's kind and place."""

    place: str


AnyJob = Look | Paint | TakeLeaf | BindPdf
AnyAnswer = Ready | Looked | Painted | Nothing | Leaf | Bound | Failed | Broken
_JOBS = msgspec.msgpack.Decoder(AnyJob)
_ANSWERS = msgspec.msgpack.Decoder(AnyAnswer)


def send(channel: socket.socket, message: Job | Answer, file: int | None = None) -> None:
    """Send a message, with a file or without.

    Raises
    ------
    OSError
        The other end is gone, or the message is too long.
    """
    data = msgspec.msgpack.encode(message)
    if len(data) > LONGEST:
        raise OSError(errno.EMSGSIZE, os.strerror(errno.EMSGSIZE))
    rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [file]))] if file is not None else []
    channel.sendmsg([data], rights)


def receive_job(channel: socket.socket) -> tuple[AnyJob, int]:
    """A job and the descriptor of its file, which is the caller's to close.

    Raises
    ------
    EOFError
        The other end is gone.
    """
    data, file = _received(channel)
    if file is None:
        raise EOFError
    return _JOBS.decode(data), file


def receive_answer(channel: socket.socket) -> tuple[AnyAnswer, int | None]:
    """An answer and the descriptor of its file, which is the caller's to close.

    Raises
    ------
    EOFError
        The other end is gone, or does not keep to the rules.
    """
    data, file = _received(channel)
    try:
        return _ANSWERS.decode(data), file
    except msgspec.DecodeError as exc:
        if file is not None:
            os.close(file)
        raise EOFError from exc


def _received(channel: socket.socket) -> tuple[bytes, int | None]:
    data, files, flags, _ = socket.recv_fds(channel, LONGEST, 1, socket.MSG_CMSG_CLOEXEC)
    if not data or flags & (socket.MSG_TRUNC | socket.MSG_CTRUNC):
        for file in files:
            os.close(file)
        raise EOFError
    return data, files[0] if files else None
