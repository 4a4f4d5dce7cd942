"""A client of eSCL that says what it is told to."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import aiohttp

SPACES = 'xmlns:scan="http://schemas.hp.com/imaging/escl/2011/05/03" xmlns:pwg="http://www.pwg.org/schemas/2010/12/sm"'


def settings(**values: object) -> str:
    """The settings of a job, as sane-airscan writes them."""
    given = {"pwg:InputSource": "Platen", "scan:ColorMode": "RGB24", "pwg:DocumentFormat": "image/jpeg"}
    given |= {"scan:XResolution": 75, "scan:YResolution": 75}
    given |= {
        ("scan:" if name in ("Intent", "Duplex", "ColorMode", "XResolution") else "pwg:") + name: value
        for name, value in values.items()
    }
    leaves = "".join(f"<{name}>{value}</{name}>" for name, value in given.items())
    return f'<?xml version="1.0"?><scan:ScanSettings {SPACES}>{leaves}</scan:ScanSettings>'


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    def values(self, name: str) -> list[str]:
        """The values of an element."""
        return re.findall(rf"<\w+:{name}>([^<]*)<", self.body.decode())


@dataclass
class EsclClient:
    session: aiohttp.ClientSession
    address: str
    root: str = "/eSCL"

    async def ask(self, method: str, path: str, body: str | bytes = b"", **headers: str) -> Answer:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        address = path if path.startswith("http") else self.address + path
        async with self.session.request(method, address, data=body or None, headers=given) as answer:
            return Answer(answer.status, dict(answer.headers), await answer.read())

    async def get(self, name: str) -> Answer:
        return await self.ask("GET", f"{self.root}/{name}")

    async def post(self, **values: object) -> Answer:
        return await self.ask("POST", f"{self.root}/ScanJobs", settings(**values), Content_Type="text/xml")

    async def job(self, **values: object) -> str:
        """The address of a new job."""
        answer = await self.post(**values)
        assert answer.status == 201, answer.body
        return answer.headers["Location"]

    async def next(self, job: str) -> Answer:
        """The next document, asked for until it is there."""
        while (answer := await self.ask("GET", f"{job}/NextDocument")).status == 503:
            assert answer.headers["Retry-After"]
        return answer

    async def scan(self, **values: object) -> list[bytes]:
        """All documents of a job."""
        job = await self.job(**values)
        pages = []
        while (answer := await self.next(job)).status == 200:
            pages.append(answer.body)
        assert answer.status == 404, answer.body
        return pages

    async def of(self, name: str) -> EsclClient:
        """A client of the device with a name."""
        listing = (await self.ask("GET", "/")).body.decode()
        path = next(line.split("  ")[0] for line in listing.splitlines() if line.endswith(f"  {name}"))
        return EsclClient(self.session, self.address, path)
