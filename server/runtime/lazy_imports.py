"""Large libraries that are read when they are first used; until then ``import cv2`` costs next to nothing.

A service in which nothing was opened needs none of them, and takes twice the memory with all. The first use
of what a library defines reads it, in the thread of that use, while others wait. Pictures are worked on in
threads, so that the event loop is never the first; `tests/functional/test_idle.py` holds it to that.

`importlib.util.LazyLoader` is for a single thread before Python 3.12, and reads a package for each import of
one of its modules.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import logging
import sys
import threading
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

from server.errors import ToolMissing

log = logging.getLogger(__name__)

LIBRARIES = frozenset(("PIL", "av", "cv2", "docx", "img2pdf", "pikepdf", "simplejpeg"))
"""Names of those that modules import at their top; the use of one that is missing raises `ToolMissing`."""

# One for all: libraries import each other, and two locks would be taken in either order.
_lock = threading.RLock()
_begun: set[str] = set()
_unusable: set[str] = set()
_actions: dict[str, list[Callable[[], object]]] = {}


class LazyModule(ModuleType):
    """A module that was found, and is executed at the first use of what it defines."""

    def __getattr__(self, name: str) -> Any:
        with _lock:
            _read(_library(self.__name__))
            _execute(self)
        return getattr(self, name)


class _ExecutingModule(ModuleType):
    """A module that one thread executes: all others wait for the end of that."""

    def __getattribute__(self, name: str) -> Any:
        with _lock:
            # Not super(): after the wait it is an ordinary module.
            return ModuleType.__getattribute__(self, name)


_UNREAD = LazyModule("")
"""Placeholder for a library that was not found yet."""


class LazyFinder(importlib.abc.MetaPathFinder):
    """Finds modules of `LIBRARIES`, to be executed later."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """See `importlib.abc.MetaPathFinder`."""
        library = _library(fullname)
        if library not in LIBRARIES - _begun or _was_read(library):
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is None and fullname == library:
            return importlib.machinery.ModuleSpec(fullname, _LazyLoader(_Absent()))
        # A compiled module is made and executed in one.
        if spec is None or not isinstance(spec.loader, importlib.machinery.SourceFileLoader):
            return None
        spec.loader = _LazyLoader(spec.loader)
        return spec


class _LazyLoader(importlib.abc.Loader):
    def __init__(self, loader: importlib.abc.Loader) -> None:
        self.loader = loader

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        return self.loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        # Not before: the import system looks for attributes, too.
        module.__class__ = LazyModule


class _Absent(importlib.abc.Loader):
    """Of a library that is not installed."""

    def exec_module(self, module: ModuleType) -> None:
        raise ModuleNotFoundError(f"No module named '{module.__name__}'", name=module.__name__)


def is_absent(library: str) -> bool:
    """Return whether a library is known, without reading it, to be unusable here."""
    spec = importlib.util.find_spec(library)
    loader = spec.loader if spec else None
    return loader is None or library in _unusable or isinstance(getattr(loader, "loader", None), _Absent)


def install() -> None:
    """Put off reading `LIBRARIES` from now on, in this process."""
    if not any(isinstance(finder, LazyFinder) for finder in sys.meta_path):
        sys.meta_path.insert(0, LazyFinder())


def when_read(library: ModuleType, action: Callable[[], object]) -> None:
    """Call `action` as soon as a library is read, in the thread that reads it; at once if it is."""
    with _lock:
        if isinstance(library, LazyModule):
            _actions.setdefault(library.__name__, []).append(action)
            return
    action()


def _read(library: str) -> None:
    """Execute all modules of a library that were found."""
    if library in _begun:
        return
    # From now on its own imports are executed at once.
    _begun.add(library)
    for name, module in sorted(sys.modules.items()):
        if _library(name) == library:
            _execute(module)
    log.debug("read %s in %s", library, threading.current_thread().name)
    for action in _actions.pop(library, ()):
        action()


def _execute(module: ModuleType) -> None:
    lazy = _loader(module)
    if lazy is None or module.__spec__ is None:
        return
    module.__spec__.loader = module.__loader__ = lazy.loader
    module.__class__ = _ExecutingModule
    try:
        lazy.loader.exec_module(module)
    except BaseException as exc:
        module.__spec__.loader = lazy
        module.__class__ = LazyModule
        if not isinstance(exc, ImportError):
            raise
        _unusable.add(_library(module.__name__))
        raise ToolMissing(tool=module.__name__) from exc
    module.__class__ = ModuleType


def _loader(module: ModuleType) -> _LazyLoader | None:
    """Return the loader of a module that was not executed yet."""
    loader = module.__spec__.loader if isinstance(module, LazyModule) and module.__spec__ else None
    return loader if isinstance(loader, _LazyLoader) else None


def _was_read(library: str) -> bool:
    """Return whether a library was read before `install`: its modules expect each other to be executed."""
    return not isinstance(sys.modules.get(library, _UNREAD), LazyModule)


def _library(name: str) -> str:
    return name.partition(".")[0]
