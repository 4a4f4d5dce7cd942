"""Portraits of resident ID cards."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from server.devices.ports.card_reader import ResidentCard
from server.errors import GaopaiError, LocalizedText

Decode = Callable[[bytes], Awaitable[bytes]]
"""Decodes the WLT bytes of a card to a picture file; raises GaopaiError."""

NONE_ON_CARD = LocalizedText("卡内没有头像", "the card holds no portrait")
NO_DECODER = LocalizedText(
    "头像为 WLT 格式，没有配置解码库（[cards] wlt_library）；原始数据见 imageWlt",
    "the portrait is in the WLT format and no library for it is configured ([cards] wlt_library); "
    "imageWlt has it as it is",
)


@dataclass(frozen=True, slots=True)
class Portrait:
    """Picture file of a portrait, or the reason for its absence."""

    picture: bytes = field(default=b"", repr=False)
    reason: LocalizedText | None = None


class Portraits:
    """Decodes portraits.

    Parameters
    ----------
    decode
        Decoder of the WLT format; None where this machine has none.
    """

    def __init__(self, decode: Decode | None = None) -> None:
        self._decode = decode

    async def portrait(self, card: ResidentCard) -> Portrait:
        """Return the portrait of a card, or a reason in place of an error."""
        if card.portrait:
            return Portrait(card.portrait)
        if not card.portrait_wlt:
            return Portrait(reason=NONE_ON_CARD)
        if self._decode is None:
            return Portrait(reason=NO_DECODER)
        try:
            return Portrait(await self._decode(card.portrait_wlt))
        except GaopaiError as error:
            return Portrait(reason=LocalizedText(error.message("zh"), error.message("en")))
