"""Client of a request: everything that services know of a connection."""

from __future__ import annotations

from dataclasses import dataclass, field

from server.errors import LocalizedText

_PROGRAM = LocalizedText("本机的一个程序", "a program of this computer")
_PAGE = LocalizedText("网页 {origin}", "the page {origin}")
PROGRAM = "escl://"
"""Beginning of the origin that programs count as which scan with a shared device; pages have no such one."""
_SCANNING = LocalizedText("扫描程序 {title}（{origin}）", "the scanning program {title} ({origin})")
_TITLED = LocalizedText("网页“{title}”（{origin}）", 'the page "{title}" ({origin})')


@dataclass(slots=True)
class PageInfo:
    """Description of a page by itself.

    Attributes
    ----------
    title
        Title for people, shown to pages of other sites where this one is in their way; empty if it gave none.
    case
        Number of the case that it works on, which names files; empty if it gave none.
    """

    title: str = ""
    case: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Client:
    """One connection.

    Attributes
    ----------
    id
        Unique while the service runs.
    origin
        The page's origin, None for a program that is no browser.
    """

    id: int
    origin: str | None
    page: PageInfo = field(default_factory=PageInfo, compare=False, repr=False)

    @property
    def name(self) -> LocalizedText:
        """Name for people, in a sentence."""
        if self.origin is None:
            return _PROGRAM
        if self.origin.startswith(PROGRAM):
            return _SCANNING.filled(origin=self.origin.removeprefix(PROGRAM), title=self.page.title)
        return (_TITLED if self.page.title else _PAGE).filled(origin=self.origin, title=self.page.title)

    @property
    def shown(self) -> str | None:
        """Origin for the person in front of a camera, with the name of a program that scans."""
        is_scanning = self.origin is not None and self.origin.startswith(PROGRAM)
        return f"{self.page.title} ({self.origin})" if is_scanning else self.origin
