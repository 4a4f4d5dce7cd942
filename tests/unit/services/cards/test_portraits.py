"""The portrait of a card: a picture, or why there is none."""

from __future__ import annotations

from dataclasses import replace

from server.errors import LocalizedText, PortraitNotDecoded
from server.services.cards.reading import NO_DECODER, NONE_ON_CARD, Portraits
from tests.fakes.card_reader import RESIDENT


async def decoded(wlt: bytes) -> bytes:
    """A library that works."""
    return b"BM" + wlt[:4]


async def broken(wlt: bytes) -> bytes:
    """One that does not."""
    raise PortraitNotDecoded(reason=LocalizedText("解码库崩溃", "the library crashed"))


async def test_what_the_card_holds_is_decoded() -> None:
    portrait = await Portraits(decoded).portrait(RESIDENT)
    assert (portrait.picture, portrait.reason) == (b"BMWLf\0", None)


async def test_a_decoder_that_fails_is_a_reason_and_no_error() -> None:
    portrait = await Portraits(broken).portrait(RESIDENT)
    assert portrait.picture == b""
    assert portrait.reason is not None
    assert "the library crashed" in portrait.reason.en and "解码库崩溃" in portrait.reason.zh


async def test_without_a_decoder_or_a_portrait_the_reason_says_so() -> None:
    assert (await Portraits().portrait(RESIDENT)).reason == NO_DECODER
    assert (await Portraits(decoded).portrait(replace(RESIDENT, portrait_wlt=b""))).reason == NONE_ON_CARD


async def test_what_a_reader_decoded_itself_is_taken() -> None:
    portrait = await Portraits(broken).portrait(replace(RESIDENT, portrait=b"\x89PNG"))
    assert (portrait.picture, portrait.reason) == (b"\x89PNG", None)
