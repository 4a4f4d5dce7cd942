"""Objects whose calls go wrong: refused as a device does, broken as a program is, or never answered."""

from __future__ import annotations

import asyncio
import enum
import inspect
import threading
from collections.abc import Callable
from typing import Any

from server.devices.ports.camera import CameraMode
from server.errors import DeviceFailed
from tests.fakes.camera import FakeCamera, FakeStream
from tests.patience import PATIENCE

TEXT = "words of a driver about what it worked on"


class Fault(enum.Enum):
    """How a call goes wrong."""

    REFUSES = "refuses"
    BREAKS = "breaks"
    HANGS = "hangs"


RAISING = (Fault.REFUSES, Fault.BREAKS)
"""Faults of calls that may not block."""


class Failing:
    """Stands for another object, some calls of which go wrong for a while.

    Parameters
    ----------
    at
        Name of the method or property; all others work.
    fault
        None for calls that work.

    Attributes
    ----------
    calls
        Names of the methods that were called.
    met
        Set once a call has gone wrong.
    """

    def __init__(self, target: object, at: str, fault: Fault | None = None) -> None:
        assert hasattr(target, at), f"{type(target).__name__} has no {at}"
        self.target = target
        self.at = at
        self.fault = fault
        self.calls: list[str] = []
        self.met = threading.Event()
        self._released = threading.Event()

    def release(self) -> None:
        """End what hangs, and let all later calls work."""
        self.fault = None
        self._released.set()

    def __getattr__(self, name: str) -> Any:
        value = getattr(self.target, name)
        if not callable(value):
            if name == self.at:
                self.go_wrong()
            return value
        if inspect.iscoroutinefunction(value):
            return self._slow(name, value)
        return self._quick(name, value)

    def __setattr__(self, name: str, value: object) -> None:
        # What a test sets of the object it stands for is set there.
        target = self.__dict__.get("target")
        if target is not None and name not in self.__dict__ and hasattr(target, name):
            setattr(target, name, value)
        else:
            super().__setattr__(name, value)

    def _slow(self, name: str, method: Callable[..., Any]) -> Callable[..., Any]:
        async def call(*args: object, **kwargs: object) -> Any:
            self.calls.append(name)
            if name == self.at:
                if self.fault is Fault.HANGS:
                    self.met.set()
                    await asyncio.Event().wait()
                self.go_wrong()
            return await method(*args, **kwargs)

        return call

    def _quick(self, name: str, method: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: object, **kwargs: object) -> Any:
            self.calls.append(name)
            if name == self.at:
                self.go_wrong()
            return method(*args, **kwargs)

        return call

    def go_wrong(self) -> None:
        """Do as the call does."""
        match self.fault:
            case Fault.REFUSES:
                self.met.set()
                raise DeviceFailed(device="Fake", reason="refuses")
            case Fault.BREAKS:
                self.met.set()
                raise ValueError(TEXT)
            case Fault.HANGS:
                self.met.set()
                assert self._released.wait(PATIENCE), "a call that hangs was not released"


class FailingCamera(FakeCamera):
    """A camera some calls of which go wrong.

    Parameters
    ----------
    at
        A method or property of its stream, or ``open``.
    """

    def __init__(self, at: str, fault: Fault | None, name: str = "Fake") -> None:
        super().__init__(name)
        self._opening = Failing(self, "open", fault if at == "open" else None)
        self._at = at
        self._fault = fault
        self._streams: list[Failing] = []

    @property
    def met(self) -> bool:
        """True once a call has gone wrong."""
        return any(one.met.is_set() for one in (self._opening, *self._streams))

    def release(self) -> None:
        """End what hangs, and let all later calls work."""
        self._fault = None
        for one in (self._opening, *self._streams):
            one.release()

    def open(self, mode: CameraMode) -> FakeStream:
        self._opening.go_wrong()
        stream = super().open(mode)
        if self._at == "open":
            return stream
        self._streams.append(Failing(stream, self._at, self._fault))
        return self._streams[-1]  # type: ignore[return-value]
