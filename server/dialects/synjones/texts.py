"""Answers of Synjones' service: all their values are texts."""

from __future__ import annotations

from collections.abc import Mapping

from server.devices.ports.card_reader import ResidentForm
from server.dialects.cards import ReadResident, plain
from server.errors import CardTakenAway, DeviceBusy, DriverMissing, GaopaiError, NoCard, NoReader

SUCCESS = "0x90 0x1"
NO_READER, NO_CARD, UNKNOWN = "0x1", "0x41", "0x99"
READ = "操作成功||相片解码解码正确"
CODES: Mapping[type[GaopaiError], str] = {
    NoReader: NO_READER,
    DriverMissing: NO_READER,
    NoCard: NO_CARD,
    CardTakenAway: NO_CARD,
    DeviceBusy: NO_CARD,
}
FORMS = {
    ResidentForm.CITIZEN: "0",
    ResidentForm.FOREIGNER_2017: "1",
    ResidentForm.RESIDENCE: "2",
    ResidentForm.FOREIGNER_2023: "3",
}


def failed(error: GaopaiError) -> dict[str, str]:
    """Return the members of a failure; without ``cardno``, one page would report a missing driver."""
    message = error.message("zh")
    code = CODES.get(type(error), UNKNOWN)
    return {"code": "1", "retcode": code, "retmsg": message, "errmsg": message, "cardno": ""}


def card_texts(read: ReadResident, photo: bool) -> dict[str, str]:
    """Return the members of a card.

    Parameters
    ----------
    photo
        True to add the portrait.
    """
    card = read.card
    return {
        "code": "0",
        "retcode": SUCCESS,
        "retmsg": READ,
        "errmsg": "",
        "name": card.name,
        "sex": card.gender,
        "nation": card.nation,
        "born": plain(card.birth),
        "address": card.address,
        "cardno": card.number,
        "police": card.issuer,
        "userlifeb": plain(card.start),
        "userlifee": plain(card.end),
        "photobase64": read.portrait if photo else "",
        "CardType": FORMS[card.form],
        "EngName": card.english_name,
        "CertVol": "",
        "PassID": card.pass_number,
        "IssuesTimes": "",
        "frontImg": "",
        "backImg": "",
    }
