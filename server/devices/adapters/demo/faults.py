"""What can go wrong with the demo camera, switched on and off while it runs."""

from __future__ import annotations

from dataclasses import dataclass

from server.devices.adapters.demo.plug import Plug


@dataclass(slots=True, eq=False)
class Faults(Plug):
    """Set any attribute at any time from any thread; the next call on the camera shows it.

    Attributes
    ----------
    busy
        Opening answers that another program has the camera.
    denied
        Opening answers that the service may not use the camera.
    frozen
        The open camera stays silent: no frame arrives.
    slow_start
        Seconds between `start` and the first frame.
    torn_every
        Each n-th frame arrives without its end, is noticed and skipped; 0 = never.
    damaged_every
        Each n-th frame is a JPEG from SOI to EOI whose middle is wiped: what no driver
        notices and who decodes it must stand; 0 = never.
    """

    busy: bool = False
    denied: bool = False
    frozen: bool = False
    slow_start: float = 0.0
    torn_every: int = 0
    damaged_every: int = 0

    def mar(self, seq: int, data: bytes) -> bytes:
        """Frame number `seq` as it leaves the faulty camera."""
        if _hits(self.torn_every, seq):
            return data[: len(data) * 2 // 3]
        if _hits(self.damaged_every, seq):
            third = len(data) // 3
            return data[:third] + bytes(third) + data[2 * third :]
        return data


def _hits(every: int, seq: int) -> bool:
    return every > 0 and seq % every == every - 1
