"""Well-behaved clients of all other devices, and of files."""

from __future__ import annotations

import asyncio
from random import Random

from benchmarks.reliability.day import Day, Visit, file_name
from benchmarks.reliability.page import PageConnection
from benchmarks.reliability.service import DEVICES

END = "GetScanEndStatue"


async def scan(day: Day, chance: Random) -> None:
    """Scan with a working or a faulty scanner, to files or not; wait for the end, cancel or disconnect."""
    async with day.page(chance) as page:
        names = (await page.ask("GetScannerName")).get("scannerName") or [""]
        scanner = chance.randrange(len(names))
        modes = (await page.ask("GetScannerInfo", devIndex=scanner)).get("scanModes")
        wish: dict[str, object] = {"scanMode": chance.randrange(len(modes)) if isinstance(modes, list) else 0}
        wish |= {"scanSource": chance.randint(0, 2), "scanResolution": 0, "scanPaperSize": 0}
        if chance.random() < 0.5:
            wish["imagePath"] = file_name(chance)
        number = await page.send("Scan", devIndex=scanner, **wish)
        ending = chance.choice(("wait", "wait", "cancel", "leave"))
        if ending == "wait":
            await page.answer(number, END)
            return
        await page.answer(number)
        if ending == "cancel":
            await page.ask("CancelScan")


async def bind(day: Day, chance: Random) -> None:
    """Capture pictures, then merge or split them into any kind of document."""
    async with day.page(chance) as page:
        names = [await _captured(page, chance, "jpg png") for _ in range(2)]
        kind = chance.choice((0, 0, 1, 3, 2))
        wish: dict[str, object] = {"fileType": kind, "filePath": _document(chance, kind)}
        if chance.random() < 0.3:
            wish["splitByBarCode"] = chance.choice((1, 2))
        number = await page.send("MergeFile", imagePath=names, **wish)
        if chance.random() < 0.8:
            await page.answer(number)


async def read_codes(day: Day, chance: Random) -> None:
    """Recognise barcodes in files, in sent pictures, and in data that is no picture."""
    async with day.page(chance) as page:
        name = await _captured(page, chance, "jpg png")
        await page.ask("RecogBarCode", imagePath=f"{name};{file_name(chance, 'pdf tif')}")
        picture = (await page.ask("CameraCaptureBase64", devNum=0)).get("imageBase64Str") or "QUJD"
        await page.ask("RecogBarCode", imageBase64=picture)


async def upload(day: Day, chance: Random) -> None:
    """Send a file to a server that takes most of them."""
    async with day.page(chance) as page:
        name = await _captured(page, chance, "jpg png")
        wish = {"imagePath": name, "params": {"n": "1"}, "retry": chance.random() < 0.3}
        number = await page.send("UploadHttpFile", url=f"{day.service.upload}/up", **wish)
        if chance.random() < 0.8:
            await page.answer(number)


async def read_card(day: Day, chance: Random) -> None:
    """Have a card read, or disconnect during the wait."""
    async with day.page(chance) as page:
        await page.ask("GetCardReaderInfo")
        number = await page.send("ReadIDCardInfo", idType=chance.randint(0, 2))
        if chance.random() < 0.7:
            await page.answer(number)


async def press(day: Day, chance: Random) -> None:
    """Enrol a finger and compare with it, or disconnect during the wait."""
    async with day.page(chance) as page:
        await page.ask("GetFingerReaderInfo")
        number = await page.send("ReadFingerInfo", timeout=4000)
        if chance.random() < 0.3:
            return
        feature = (await page.answer(number)).get("fingerFeature") or ""
        await page.ask("FingerMatch", fingerFeature=feature, timeout=4000)


async def show_face(day: Day, chance: Random) -> None:
    """Watch a face camera, with liveness or without, and verify the person before it."""
    async with day.page(chance) as page:
        await page.ask("GetFaceCameraInfo")
        if (await page.ask("OpenFaceCamera", faceCameraNum=chance.randint(0, 1)))["result"]:
            return
        await page.ask("SetFaceLivingBodyState", faceLivingBody=chance.randint(0, 1))
        number = await page.send("GetFaceCamraBuff", enable=True)
        for _ in range(chance.randint(1, 30)):
            if (await page.answer(number))["result"]:
                return
        if chance.random() < 0.5:
            number = await page.send("FaceMatch", faceImagePath=file_name(chance, "jpg"), timeout=3000)
            if chance.random() < 0.7:
                await page.answer(number)


async def pull_plug(day: Day, chance: Random) -> None:
    """Unplug a device at a random moment, and plug it in again."""
    number = chance.randrange(DEVICES)
    day.service.order(f"unplug {number}")
    await asyncio.sleep(chance.uniform(0.1, 1))
    day.service.order(f"plug {number}")
    await asyncio.sleep(chance.uniform(1, 5))


async def _captured(page: PageConnection, chance: Random, suffixes: str) -> str:
    """Return the name of a file that a capture was asked to write; another client may hold the camera."""
    await page.ask("GetCameraInfo")
    await page.ask("OpenCamera", devNum=0, resolutionNum=chance.randint(2, 6))
    name = file_name(chance, suffixes)
    await page.ask("CameraCapture", devNum=0, imagePath=name)
    return name


def _document(chance: Random, kind: int) -> str:
    return f"bound{chance.randint(1, 5)}.{('pdf', 'tif', 'pdf', 'ofd')[kind]}"


VISITS: tuple[Visit, ...] = (scan, bind, read_codes, upload, read_card, press, show_face, pull_plug)
