"""Children that are ended whatever a test does."""

from __future__ import annotations

import select
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from server.children.child import Child, ChildSpec, start
from tests.open_files import many_files
from tests.patience import PATIENCE

__all__ = ["many_files"]

MODULE = "tests.unit.children.answering"

Started = Callable[..., Child]


@pytest.fixture
def started() -> Iterator[Started]:
    children: list[Child] = []

    def begin(*arguments: object, **terms: object) -> Child:
        children.append(start(Child, ChildSpec(MODULE, **terms), *arguments))  # type: ignore[arg-type]
        return children[-1]

    yield begin
    for child in children:
        child.end()


def heard(child: Child) -> bytes:
    """The next packet, waited for."""
    assert select.select([child.channel], [], [], PATIENCE)[0]
    return child.receive().data


def is_running(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):  # the latter where it goes between open and read
        return False
