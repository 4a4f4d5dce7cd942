"""Names of the code that docstrings, comments and guides mention are there."""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT

FOLDERS = ("server", "imgcore", "models", "synthetic", "lab", "benchmarks")
NAME = re.compile(rf"`((?:{'|'.join(FOLDERS)})(?:\.\w+)+)`")


def is_there(name: str) -> bool:
    """Return whether a dotted name leads to a module, or to something in one."""
    parts = name.split(".")
    for count in range(len(parts), 0, -1):
        try:
            found: object = importlib.import_module(".".join(parts[:count]))
        except ModuleNotFoundError as error:
            # A library that is not installed hides what the module has.
            if not (error.name or "").startswith(parts[0]):
                return True
            continue
        return has(found, parts[count:])
    return False


def has(found: object, names: list[str]) -> bool:
    """Return whether names lead on from an object: those that a class sets on its instances are its own."""
    for name in names:
        if hasattr(found, name):
            found = getattr(found, name)
        else:
            return inspect.isclass(found) and f"self.{name}" in inspect.getsource(found)
    return True


def mentioned() -> Iterator[tuple[Path, str]]:
    """Yield every dotted name in backticks, with its file."""
    code = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")]
    guides = [ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md"), *(ROOT / "models").rglob("*.md")]
    for path in sorted([*code, *guides]):
        for name in NAME.findall(path.read_text(encoding="utf-8")):
            yield path.relative_to(ROOT), name


def test_names_that_are_mentioned_are_there() -> None:
    found = list(mentioned())
    assert len(found) > 100
    there = {name: is_there(name) for name in {name for _, name in found}}
    assert [(str(path), name) for path, name in found if not there[name]] == []


@pytest.mark.parametrize(
    ("name", "there"),
    [
        ("server.errors.DeviceBusy", True),
        ("server.services.context.Dispatcher.serve", True),
        ("server.services.pictures.settings.PictureSettings.defaults", True),
        ("server.services.pictures.settings.PictureSettings.nothing", False),
        ("server.services.nowhere", False),
    ],
)
def test_the_check_finds_what_it_is_for(name: str, there: bool) -> None:
    assert is_there(name) == there
