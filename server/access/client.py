"""Client of a request: everything that services know of a connection."""

from __future__ import annotations

from dataclasses import dataclass, field

from server.errors import LocalizedText

_PROGRAM = LocalizedText("本机的一个程序", "a program of this computer")
_PAGE = LocalizedText("网页 {origin}", "the page {origin}")
_TITLED = LocalizedText("网页“{title}”（{origin}）", 'the page "{title}" ({origin})')


@dataclass(slots=True)
class PageInfo:
    """Description of a page by itself.

    Attributes
    ----------
    title
        Title for people, shown to pages of other sites where this one is in their way; empty if it gave none.
    """

    title: str = ""


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
        return (_TITLED if self.page.title else _PAGE).filled(origin=self.origin, title=self.page.title)
