"""Well-behaved clients of the document camera."""

from __future__ import annotations

import asyncio
from random import Random

from aiohttp import WSMsgType

from benchmarks.reliability.day import Day, Visit, file_name
from benchmarks.reliability.page import PATIENCE


async def work(day: Day, chance: Random) -> None:
    """Open, preview, capture and close in any order, then disconnect by a close or a reset."""
    async with day.page(chance) as page:
        await page.ask("GetCameraInfo")
        for _ in range(chance.randint(2, 10)):
            func, parameters = _request(chance)
            await page.ask(func, devNum=0, **parameters)


async def watch(day: Day, chance: Random) -> None:
    """Watch a preview for a while with a random outline, image type and rotation."""
    async with day.page(chance, ("gaopai.v1.binary",)) as page:
        await page.ask("GetCameraInfo")
        if (await page.ask("OpenCamera", devNum=0, resolutionNum=chance.randint(2, 6)))["result"] == 0:
            await page.ask("SetCameraImageInfo", devNum=0, **_style(chance))
            await page.send("GetCameraVideoBuff", devNum=0, enable=True)
            for _ in range(chance.randint(1, 60)):
                message = await asyncio.wait_for(page.line.receive(), PATIENCE)
                if message.type is WSMsgType.TEXT and message.json()["func"] != "Notify":
                    # Another page took the camera over, or somebody pulled its plug.
                    break


async def stall(day: Day, chance: Random) -> None:
    """Ask for pictures and read none."""
    async with day.page(chance) as page:
        await page.ask("GetCameraInfo")
        await page.ask("OpenCamera", devNum=0, resolutionNum=chance.randint(0, 6))
        for _ in range(chance.choice((1, 5))):
            await page.send("GetCameraVideoBuff", devNum=0, enable=True)
            await page.send("CameraCaptureBase64", devNum=0)
        # Beyond ten seconds the service drops it.
        await asyncio.sleep(chance.choice((0.1, 1, 3, 12)))


async def hurry(day: Day, chance: Random) -> None:
    """More requests at once than may wait; each is answered."""
    async with day.page(chance) as page:
        await page.ask("GetCameraInfo")
        requests = [_request(chance) for _ in range(100)]
        funcs = [(func, kept) for func, kept in requests if func != "GetCameraVideoBuff"]
        sent = {await page.send(func, devNum=0, **kept) for func, kept in funcs}
        while sent:
            message = await page.receive()
            day.codes[message["result"]] += 1
            sent.discard(message["reqId"])


def _request(chance: Random) -> tuple[str, dict[str, object]]:
    requests: tuple[tuple[str, dict[str, object]], ...] = (
        ("OpenCamera", {"resolutionNum": chance.randint(0, 6), "fps": chance.choice((5, 15, 30))}),
        ("SetCameraInfo", {"mediaNum": 1, "resolutionNum": chance.randint(0, 3)}),
        ("SetCameraImageInfo", _style(chance)),
        ("GetCameraVideoBuff", {"enable": True}),
        ("GetCameraVideoBuff", {"enable": False}),
        ("CameraCapture", {"imagePath": file_name(chance)} if chance.random() < 0.9 else {}),
        ("CameraCaptureBase64", {}),
        ("CloseCamera", {}),
        ("Heartbeat", {}),
    )
    return chance.choice(requests)


def _style(chance: Random) -> dict[str, object]:
    return {
        "cropType": chance.choice((0, 1, 1, 2)),
        "rotate": chance.choice((0, 0, 90, 180, 270)),
        "imageType": chance.choice((0, 0, 1, 2)),
    }


VISITS: tuple[Visit, ...] = (work, watch, stall, hurry)
