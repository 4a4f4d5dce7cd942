"""Card reader requests."""

from __future__ import annotations

import pybase64

from server.config import CompatConfig
from server.devices.ports.card_reader import BankCard, CardKind, ResidentCard, SocialCard
from server.protocol.messages import cards as messages
from server.protocol.messages.base import Answer
from server.services.cards.reading import CardReadOptions, CardReadService, Portrait, Portraits
from server.services.context import RequestContext, handles
from server.services.pictures.naming import CardNumbers


class CardHandlers:
    """Handlers of requests to read cards."""

    def __init__(
        self, reading: CardReadService, portraits: Portraits, numbers: CardNumbers, compat: CompatConfig
    ) -> None:
        self._numbers = numbers
        self._reading = reading
        self._portraits = portraits
        self._compat = compat

    @handles("GetCardReaderInfo")
    async def readers(self, context: RequestContext, request: messages.GetCardReaderInfoRequest) -> Answer:
        readers = await self._reading.readers(context.client)
        return messages.GetCardReaderInfoAnswer(
            card_readers=tuple(
                messages.CardReaderEntry(dev_name=info.name, id_types=tuple(sorted(map(int, info.kinds))))
                for info in readers
            )
        )

    @handles("ReadIDCardInfo")
    async def read(self, context: RequestContext, request: messages.ReadIDCardInfoRequest) -> Answer:
        card = await self._reading.read(context.client, _options(request))
        self._numbers.keep(context.client, card.number)
        match card:
            case ResidentCard():
                return messages.ReadIDCardInfoAnswer.resident(await self._resident(context, card))
            case SocialCard():
                return messages.ReadIDCardInfoAnswer(id_card_info=_social(card))
            case BankCard():
                as_number = self._compat.id_num_as_number
                number = int(card.number) if as_number else card.number
                return messages.ReadIDCardInfoAnswer(id_num=number, expiry=card.expiry)

    async def _resident(self, context: RequestContext, card: ResidentCard) -> messages.CardInfo:
        portrait = await self._portraits.portrait(card)
        reason = portrait.reason.fill(context.language, {}) if portrait.reason else ""
        return _card_info(card, portrait, reason)


def _options(request: messages.ReadIDCardInfoRequest) -> CardReadOptions:
    kind = CardKind(request.id_type)
    return CardReadOptions(
        kind=kind,
        seconds=None if request.timeout is None else request.timeout / 1000,
        number=request.dev_num,
        pin=request.pin or None if kind is CardKind.SOCIAL else None,
    )


def _card_info(card: ResidentCard, portrait: Portrait, reason: str) -> messages.CardInfo:
    return messages.CardInfo(
        name=card.name,
        gender=card.gender,
        folk=card.nation,
        birth=card.birth,
        address=card.address,
        id=card.number,
        issue=card.issuer,
        start_date=card.start,
        end_date=card.end,
        image_base64=pybase64.b64encode_as_string(portrait.picture),
        finger_feature=pybase64.b64encode_as_string(card.finger_features),
        image_reason=reason,
        image_wlt=pybase64.b64encode_as_string(card.portrait_wlt),
        form=card.form.value,
        english_name=card.english_name,
        nationality=card.nationality,
        pass_number=card.pass_number,
        latest_address=card.latest_address,
    )


def _social(card: SocialCard) -> messages.SocialCardInfo:
    return messages.SocialCardInfo(
        name=card.name,
        id=card.number,
        gender=card.gender,
        folk=card.nation,
        birth=card.birth,
        address="",
        card_number=card.card_number,
        birth_place=card.birth_place,
        region=card.region,
        start_date=card.issued,
        end_date=card.valid_until,
    )
