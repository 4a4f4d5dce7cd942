"""A resident ID card as a PC/SC reader with a module shows it: pages of the module's answer."""

from __future__ import annotations

from tests.devices.samv.people import PORTRAIT, citizen
from tests.fakes.smartcards.card import ATR_CONTACTLESS, Reply, VirtualCard

PAGE = 256


class ResidentIdCard(VirtualCard):
    """A citizen's card, or whatever the module's answer is said to be."""

    def __init__(self, answer: bytes = b"", atr: bytes = ATR_CONTACTLESS) -> None:
        super().__init__(atr)
        self.module_answer = answer or module_answer()

    def execute(self, header: bytes, data: bytes) -> Reply:
        if header[:2] != b"\xff\xb0":
            return b"", 0x6E00
        page = self.module_answer[header[2] * PAGE :][:PAGE]
        return (page, 0x9000) if page else (b"", 0x6A86)


def module_answer(text: bytes = b"", portrait: bytes = PORTRAIT) -> bytes:
    """Lengths, text and portrait."""
    text = text or citizen()
    return len(text).to_bytes(2, "big") + len(portrait).to_bytes(2, "big") + text + portrait
