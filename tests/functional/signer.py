"""A signer: opens the page for signing as a browser does, and says what it says."""

from __future__ import annotations

import io
import json
import math
from types import TracebackType
from typing import Any

import aiohttp

Answer = dict[str, Any]
Strokes = list[list[list[float]]]


def name_of(strokes: int = 3, points: int = 20, pressed: bool = True) -> Strokes:
    """Strokes as a pen gives them: x, y, milliseconds, pressure."""
    return [
        [
            [
                (stroke + point / points) / strokes,
                0.5 + 0.4 * math.sin(stroke + point / 3),
                10.0 * (stroke * points + point),
                0.2 + 0.7 * abs(math.sin(point / 5)) if pressed else 0.0,
            ]
            for point in range(points)
        ]
        for stroke in range(strokes)
    ]


class Signer:
    """One page for signing.

    Parameters
    ----------
    url
        Address that a notice gave.
    """

    def __init__(self, url: str, **headers: str) -> None:
        self.service, _, self.ticket = url.partition("/sign#ticket=")
        self.secret = ""
        self.headers = {"Origin": self.service, "Sec-Fetch-Site": "same-origin", **headers}
        self._http = aiohttp.ClientSession()

    async def __aenter__(self) -> Signer:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.close()

    async def ask(
        self, function: str, secret: str | None = None, body: object = None
    ) -> tuple[int, Answer | bytes]:
        """Status and answer."""
        bearer = self.secret if secret is None else secret
        headers = {**self.headers, "Authorization": f"Bearer {bearer}"}
        address = f"{self.service}/sign/api/{function}"
        data = io.BytesIO(json.dumps(body or {}).encode())
        headers["Content-Type"] = "application/json"
        async with self._http.post(address, data=data, headers=headers) as answer:
            is_json = answer.content_type == "application/json"
            return answer.status, await (answer.json() if is_json else answer.read())

    async def must(self, function: str, body: object = None) -> Any:
        """Like `ask`, for what must not be refused."""
        status, answer = await self.ask(function, body=body)
        assert status == 200, answer
        return answer

    async def refused(self, function: str, body: object = None) -> int:
        """Code of the error."""
        status, answer = await self.ask(function, body=body)
        assert status != 200 and isinstance(answer, dict)
        assert answer["zh"] != answer["en"]
        return answer["code"]

    async def open(self) -> Answer:
        """Present the ticket; the task."""
        status, told = await self.ask("open", self.ticket)
        assert status == 200 and isinstance(told, dict), told
        self.secret = told["session"]
        return told

    async def read(self, pages: int) -> list[bytes]:
        """Look at all pages, and come to the end."""
        drawn = [await self.must("page", {"page": number + 1}) for number in range(pages)]
        await self.must("read")
        return drawn

    async def sign(self, strokes: Strokes | None = None, pointer: str = "pen") -> int:
        """Open, read, write and be done; the status of the last."""
        told = await self.open()
        await self.read(told["pages"])
        await self.must("begin")
        status, _ = await self.ask("done", body={"strokes": strokes or name_of(), "pointer": pointer})
        return status
