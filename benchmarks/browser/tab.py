"""A tab of the browser that nobody looks at the network of.

Playwright has the browser report every message of a WebSocket to it, which costs a preview as much as
showing it: tabs that are measured are driven by the protocol of Chromium's developer tools, over
Playwright's connection.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Browser, CDPSession, Page

PATIENCE = 60.0
BLANK = "about:blank"

Handler = Callable[[dict[str, Any]], None]


class BrowserFailed(Exception):
    """Raised where the browser refuses a command, or a page does not become what is waited for."""


@contextlib.contextmanager
def open_tab(browser: Browser, width: int, height: int) -> Iterator[Tab]:
    """A tab with a memory of its own, closed afterwards."""
    with browser.new_page() as clock:
        session = browser.new_browser_cdp_session()
        context = session.send("Target.createBrowserContext", {"disposeOnDetach": True})["browserContextId"]
        asked = {"url": BLANK, "browserContextId": context, "width": width, "height": height}
        target = session.send("Target.createTarget", asked)["targetId"]
        try:
            tab = Tab(session, target, clock)
            screen = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
            tab.send("Emulation.setDeviceMetricsOverride", **screen)
            yield tab
        finally:
            session.send("Target.disposeBrowserContext", {"browserContextId": context})


class Tab:
    """One tab.

    Parameters
    ----------
    clock
        A page that does nothing, by which Playwright waits.
    """

    def __init__(self, session: CDPSession, target: str, clock: Page) -> None:
        self._session = session
        self._clock = clock
        self._numbers = itertools.count(1)
        self._answers: dict[int, dict[str, Any]] = {}
        self._handlers: dict[str, Handler] = {}
        session.on("Target.receivedMessageFromTarget", self._take)
        self._id = session.send("Target.attachToTarget", {"targetId": target, "flatten": False})["sessionId"]

    def on(self, event: str, handler: Handler) -> None:
        """Call `handler` with the parameters of such an event."""
        self._handlers[event] = handler

    def post(self, method: str, **params: object) -> int:
        """Send a command and wait for nothing; its number."""
        number = next(self._numbers)
        message = json.dumps({"id": number, "method": method, "params": params})
        self._session.send("Target.sendMessageToTarget", {"sessionId": self._id, "message": message})
        return number

    def send(self, method: str, **params: object) -> dict[str, Any]:
        """Send a command and return its result.

        Raises
        ------
        BrowserFailed
        """
        number = self.post(method, **params)
        self._await(lambda: number in self._answers, method)
        answer = self._answers.pop(number)
        if "error" in answer:
            raise BrowserFailed(f"{method}: {answer['error']}")
        result: dict[str, Any] = answer["result"]
        return result

    def evaluate(self, expression: str) -> Any:
        """Return the value of an expression in the page.

        Raises
        ------
        BrowserFailed
        """
        answer = self.send("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise BrowserFailed(f"{expression}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def until(self, expression: str) -> None:
        """Wait until an expression is true in the page.

        Raises
        ------
        BrowserFailed
        """
        self._await(lambda: bool(self.evaluate(expression)), expression)

    def wait(self, seconds: float) -> None:
        """Let everything go on."""
        self._clock.wait_for_timeout(seconds * 1000)

    def _await(self, is_done: Callable[[], bool], what: str) -> None:
        end = time.monotonic() + PATIENCE
        while not is_done():
            if time.monotonic() > end:
                raise BrowserFailed(f"{what}: not within {PATIENCE:g} s")
            self.wait(0.01)

    def _take(self, event: dict[str, Any]) -> None:
        if event["sessionId"] != self._id:
            return
        message = json.loads(event["message"])
        if "id" in message:
            self._answers[message["id"]] = message
        elif handler := self._handlers.get(message["method"]):
            handler(message["params"])
