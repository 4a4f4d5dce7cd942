"""Notices of scanners: what happened and what to do, and how dust on the glass is noticed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from server.devices.ports.scan_notice import ScanNotice
from server.errors import CoverOpen, DoubleFeed, GaopaiError, LocalizedText, StapleFound

MESSAGES: Mapping[ScanNotice, LocalizedText] = {
    ScanNotice.DOUBLE_FEED: LocalizedText(
        "一次进了两张或更多纸。请把它们分开，放回最上面，再继续扫描。",
        "Two or more sheets were drawn in at once. Part them, put them back on top and go on.",
    ),
    ScanNotice.STAPLE: LocalizedText(
        "发现订书钉。请取出纸张，拆掉订书钉，放回最上面，再继续扫描。",
        "There is a staple. Take the sheets out, remove it, put them back on top and go on.",
    ),
    ScanNotice.COVER_OPEN: LocalizedText(
        "盖板未关好。请关好盖板，再继续扫描。", "The cover is open. Close it and go on."
    ),
    ScanNotice.LENS_DIRTY: LocalizedText(
        "每页同一位置有一条线：扫描玻璃上有灰尘。请打开盖板，用软布擦净玻璃窄条。",
        "Each page has a line at the same place: there is dust on the glass. Open the cover and wipe the "
        "narrow strip of glass with a soft cloth.",
    ),
    ScanNotice.ASLEEP: LocalizedText(
        "扫描仪在休眠，正在唤醒。请稍候；若没有反应，请按扫描仪上的任意键。",
        "The scanner sleeps and is being woken. Wait; if nothing happens, press one of its keys.",
    ),
    ScanNotice.WARMING_UP: LocalizedText(
        "扫描仪正在预热，灯亮稳后自动开始。请稍候。",
        "The scanner is warming up; the scan begins once its lamp is ready. Wait.",
    ),
    ScanNotice.LOCKED: LocalizedText(
        "扫描仪的运输锁未打开。请打开其底部或侧面的锁，关机后重新开机，再扫描。",
        "The scanner is locked for transport. Release the lock below it or at its side, switch it off and on "
        "and scan again.",
    ),
    ScanNotice.CARRIER_SHEET: LocalizedText(
        "正在使用载体页。请每次放入一张载体页，印有黑白图案的一端先进。",
        "A carrier sheet is used. Insert one at a time, the end with the pattern first.",
    ),
    ScanNotice.CARD_SLOT: LocalizedText(
        "卡槽中有卡。要扫描卡片，请选择卡片来源；否则请把卡取出。",
        "There is a card in the slot. Choose the source for cards to scan it, or take it out.",
    ),
}
"""Texts of notices, for the people at the scanner."""
OF_ERRORS: Mapping[type[GaopaiError], ScanNotice] = {
    DoubleFeed: ScanNotice.DOUBLE_FEED,
    StapleFound: ScanNotice.STAPLE,
    CoverOpen: ScanNotice.COVER_OPEN,
}
"""Notices of errors that people at the scanner have to do something about."""

EVERY = 4
"""Sides of which one is looked at for streaks: dust stays, and looking costs time."""
SAME = 0.004
"""Greatest difference between the places of one streak on several pages, as a share of their width."""
PAGES = 3
"""Pages with a streak at one place from which it is taken for dust: print of forms may be there on two."""


class DustWatch:
    """Looks for streaks that are at one place on several pages of a scan.

    Parameters
    ----------
    noticed
        Called once.
    """

    def __init__(self, noticed: Callable[[ScanNotice], None]) -> None:
        self._noticed = noticed
        self._told = False
        self._seen: dict[bool, list[float]] = {False: [], True: []}

    def watches(self, number: int) -> bool:
        """Return whether a side, from 1, is looked at: one in `EVERY`, fronts and backs in turn."""
        return not self._told and number % (EVERY + 1) == 1

    def see(self, back: bool, places: Sequence[float]) -> None:
        """Take the streaks of a page."""
        seen = self._seen[back]
        seen.extend(places)
        for place in places:
            if not self._told and sum(abs(place - one) <= SAME for one in seen) >= PAGES:
                self._told = True
                self._noticed(ScanNotice.LENS_DIRTY)
