"""Barcodes before an open camera, for a dialect that waits for the first one."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from server.access.client import Client
from server.devices.ports.camera import Camera
from server.dialects.services import DialectServices
from server.services.barcodes.tracker import VisibleBarcodes


class _First:
    """`BarcodeSubscriber` that waits for barcodes."""

    def __init__(self) -> None:
        self.found: asyncio.Future[Sequence[str]] = asyncio.get_running_loop().create_future()

    def update(self, visible: VisibleBarcodes) -> None:
        if visible.barcodes and not self.found.done():
            self.found.set_result([barcode.text for barcode in visible.barcodes])


async def wait_for_barcodes(
    services: DialectServices, client: Client, camera: Camera, seconds: float
) -> Sequence[str]:
    """Return the texts of the barcodes in sight, waiting for one; none after `seconds`.

    Raises
    ------
    server.errors.DeviceNotOpen, DeviceBusy
    """
    watcher = services.desk.watched(client, camera).barcodes
    first = _First()
    watcher.subscribe(first)
    try:
        async with asyncio.timeout(seconds):
            return await first.found
    except TimeoutError:
        return []
    finally:
        watcher.unsubscribe(first)
