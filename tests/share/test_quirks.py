"""What clients trip over: reports of users of other servers, each named with the thread that tells it.

``airscan`` is alexpevzner/sane-airscan, ``AirSane`` SimulPiscator/AirSane, ``naps2`` cyanfish/naps2,
``hp-scan-to`` manuc66/node-hp-scan-to, all at GitHub.
"""

from __future__ import annotations

import asyncio
import re

import pytest

from server.share.escl import ScanRegion, parse_settings
from tests.functional.conftest import Running
from tests.share.client import SPACES, EsclClient, settings
from tests.share.test_jobs import feeder, image

MAGIC = {"image/jpeg": b"\xff\xd8\xff", "image/png": b"\x89PNG\r\n", "application/pdf": b"%PDF-"}
A4 = (2480, 3508)
"""In 300ths of an inch, rounded up as some clients do."""


async def capabilities(client: EsclClient) -> str:
    return (await client.get("ScannerCapabilities")).body.decode()


async def test_resolutions_are_listed_one_by_one(escl: EsclClient, service: Running) -> None:
    """A range crashes Mopria's app (AirSane 15)."""
    for client in (escl, await feeder(escl)):
        told = await capabilities(client)
        assert "Range" not in told and told.count("<scan:DiscreteResolution>") > 1


async def test_the_best_resolution_is_one_of_those_listed(escl: EsclClient, service: Running) -> None:
    """Image Capture offers no more than the optical one (AirSane 23), and scripts look for nothing else."""
    for client in (escl, await feeder(escl)):
        answer = await client.get("ScannerCapabilities")
        listed = set(map(int, answer.values("XResolution")))
        assert set(map(int, answer.values("MaxOpticalXResolution"))) == {max(listed)}
        assert answer.values("MaxOpticalYResolution") == answer.values("MaxOpticalXResolution")


async def test_a_feeder_promises_no_number_of_pages(escl: EsclClient, service: Running) -> None:
    """sane-airscan believes a capacity of one, and ends after one page (airscan 385)."""
    for client in (escl, await feeder(escl)):
        assert "FeederCapacity" not in await capabilities(client)


async def test_a_feeder_at_rest_is_loaded_in_the_standards_words(escl: EsclClient, service: Running) -> None:
    """NAPS2 refuses to start with another one (AirSane 136), and with one that is misspelt (naps2 699)."""
    for client in (escl, await feeder(escl)):
        assert (await client.get("ScannerStatus")).values("AdfState") == ["ScannerAdfLoaded"]
        assert "<scan:AdfOption>DetectPaperLoaded<" in await capabilities(client)


async def test_no_job_is_complete_while_its_picture_waits(escl: EsclClient, service: Running) -> None:
    """A job that is said to be complete without a picture is an error to NAPS2 (naps2 699)."""
    job = await escl.job()
    seen = set[tuple[str, str]]()
    while ("Processing", "1") not in seen:
        status = await escl.get("ScannerStatus")
        (state,) = status.values("JobState")
        (waiting,) = status.values("ImagesToTransfer")
        assert (state, status.values("ImagesCompleted")) == ("Processing", ["0"])
        seen.add((state, waiting))
        await asyncio.sleep(0.02)
    assert (await escl.next(job)).status == 200
    status = await escl.get("ScannerStatus")
    assert status.values("ImagesCompleted") == ["1"] and status.values("JobState") == ["Completed"]


@pytest.mark.parametrize("media", MAGIC)
async def test_a_picture_is_what_it_is_said_to_be(escl: EsclClient, service: Running, media: str) -> None:
    """sane-airscan decodes what the header says (airscan 281)."""
    answer = await escl.next(await escl.job(DocumentFormat=media))
    assert answer.headers["Content-Type"] == media and answer.body.startswith(MAGIC[media])
    assert answer.headers["Content-Length"] == str(len(answer.body))


async def test_a_picture_has_the_resolution_that_was_asked_for(escl: EsclClient, service: Running) -> None:
    """Clients place it on the page by what they asked for (airscan 57)."""
    (low,) = await escl.scan(XResolution=75)
    (high,) = await escl.scan(XResolution=150)
    assert image(low).info["dpi"] == (75, 75) and image(high).info["dpi"] == (150, 150)
    assert image(high).width == pytest.approx(2 * image(low).width, abs=4)


async def test_the_address_of_a_job_is_whole_and_of_the_name_that_the_client_used(
    escl: EsclClient, service: Running
) -> None:
    """Some clients take it for an URL as it is (hp-scan-to 1331), others look for its last part."""
    port = escl.address.rpartition(":")[2]
    for host in (f"127.0.0.1:{port}", f"localhost:{port}"):
        answer = await escl.ask("POST", "/eSCL/ScanJobs", settings(), Host=host)
        location = answer.headers["Location"]
        assert re.fullmatch(rf"http://{host}/eSCL/ScanJobs/[0-9a-f-]{{36}}", location)
        assert (await escl.ask("DELETE", location)).status == 200


async def test_the_end_of_a_connection_ends_no_job(escl: EsclClient, service: Running) -> None:
    """sane-airscan opens a connection for each page (airscan 357)."""
    scanner = await feeder(escl)
    job = await scanner.job(InputSource="Feeder")
    pages = 0
    while (answer := await scanner.ask("GET", f"{job}/NextDocument", Connection="close")).status == 200:
        pages += 1
    assert (answer.status, pages) == (404, 3)


async def test_after_a_cancelled_preview_comes_a_scan(escl: EsclClient, service: Running) -> None:
    """Image Capture cancels its preview, after which nothing more could be scanned (AirSane 41)."""
    service.camera.frozen.set()
    job = await escl.job(Intent="Preview")
    waiting = asyncio.create_task(escl.ask("GET", f"{job}/NextDocument"))
    await asyncio.sleep(0.1)
    assert (await escl.ask("DELETE", job)).status == 200
    assert (await waiting).status in (404, 500)
    service.camera.frozen.clear()
    assert len(await escl.scan()) == 1


async def test_a4_fits_however_it_is_rounded(escl: EsclClient, service: Running) -> None:
    """Programs leave out paper that is larger than the bed (AirSane 64)."""
    answer = await escl.get("ScannerCapabilities")
    for side, name in zip(A4, ("MaxWidth", "MaxHeight"), strict=True):
        assert min(map(int, answer.values(name))) >= side - 1
    region = "".join(
        f"<pwg:{name}>{side}</pwg:{name}>" for side, name in zip(A4, ("Width", "Height"), strict=True)
    )
    body = settings().replace("</scan:ScanSettings>", f"{region}</scan:ScanSettings>")
    assert (await escl.ask("POST", "/eSCL/ScanJobs", body)).status == 201


def test_settings_are_read_on_one_line_and_on_many() -> None:
    """Scanners that read one of both alone made sane-airscan write lines (airscan 1, 22)."""
    one = (
        f"<scan:ScanSettings {SPACES}><pwg:Width>9</pwg:Width><pwg:Height>8</pwg:Height></scan:ScanSettings>"
    )
    many = one.replace(" xmlns", "\r\n\txmlns").replace("><", ">\r\n  <").replace(">9<", ">\n 9\t<")
    assert parse_settings(one.encode()) == parse_settings(many.encode())
    assert parse_settings(many.encode()).region == ScanRegion(0, 0, 9, 8)


@pytest.mark.parametrize("path", ["//eSCL/ScannerStatus", "/eSCL//ScannerStatus", "/eSCL/ScannerStatus/"])
async def test_slashes_too_many_are_none(escl: EsclClient, service: Running, path: str) -> None:
    """Clients put one before and after the root that they were told."""
    assert (await escl.ask("GET", path)).status == 200
