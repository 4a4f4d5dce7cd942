"""Synjones' card reader service: GET, answered as JSON or, for a script element, as a call."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Collection, Mapping

import pybase64
from aiohttp import web

from server import errors
from server.devices.ports.card_reader import ResidentForm
from server.dialects import identity
from server.dialects.json_text import number_of, text_of
from server.dialects.page_session import PageSession
from server.dialects.services import CommandLog
from server.errors import GaopaiError

ROOT = "/api/"
VERSION = "v3.0"
LONGEST_WAIT = 60
"""Longest wait for a card in seconds that a page can ask for."""
UNSERVED = frozenset(
    {
        *("getsamid", "getidserialno", "m1reset", "m1authenkey", "m1readblock", "m1writeblock", "m1halt"),
        *("beep", "playsound"),
    }
)
_CALLBACK = re.compile(r"[A-Za-z_$][A-Za-z0-9_$.]{0,127}")

Texts = Mapping[str, str]
Command = Callable[[PageSession, Mapping[str, str]], Awaitable[Texts]]


class SynjonesDialect:
    """Dialect of Synjones' card reader service."""

    def __init__(self, command_log: CommandLog) -> None:
        self._command_log = command_log
        self._commands: Mapping[str, Command] = {
            "readmsg": self._read,
            "version": self._version,
            "opendevice": self._accept,
            "closedevice": self._accept,
            "initfp": self._sensor,
            "closefp": self._accept,
            "getfpdata": self._finger,
            "fpmatch": self._match_finger,
            "getfpmatch": self._match_finger,
            "facematch": self._match_face,
            **dict.fromkeys(UNSERVED, self._refuse),
        }

    def destinations(self, request: web.Request) -> Collection[str]:
        """Return the kinds of embedding that a request may be: a script, if it is answered as one."""
        return ("empty", "script") if "callback" in request.query else ("empty",)

    async def answer(self, request: web.Request, session: PageSession) -> web.StreamResponse:
        """Answer a request of an allowed page."""
        _, found, name = request.path.lower().rpartition(ROOT)
        command = self._commands.get(name.rstrip("/")) if found else None
        callback = request.query.get("callback")
        if command is None:
            return web.Response(status=404)
        if callback is not None and not _CALLBACK.fullmatch(callback):
            return web.Response(status=400)
        try:
            work = command(session, request.query)
            texts = await self._command_log.run(session.client, session.number, name.rstrip("/"), work)
        except GaopaiError as error:
            texts = failed(error)
        return _response(texts, callback, request.query.get("ie") == "1")

    async def _read(self, session: PageSession, parameters: Mapping[str, str]) -> Texts:
        photo = parameters.get("NoPhoto") not in ("1", "true")
        seconds = min(number_of(parameters, "waitTime"), LONGEST_WAIT) or identity.CARD_SECONDS
        read = await identity.read_resident(session, seconds)
        fingers = pybase64.b64encode_as_string(read.card.finger_features)
        return {**card_texts(read, photo), **({"FpData": fingers} if parameters.get("Fp") == "1" else {})}

    async def _sensor(self, session: PageSession, parameters: Mapping[str, str]) -> Texts:
        if not await session.services.fingerprints.sensors.list(session.client):
            raise errors.NoSuchDevice(device=0)
        return ACCEPTED

    async def _finger(self, session: PageSession, parameters: Mapping[str, str]) -> Texts:
        pressed = await identity.press(session)
        picture, feature = map(pybase64.b64encode_as_string, (pressed.picture, pressed.features[0]))
        return {**ACCEPTED, "FpImage": picture, "FpData": feature}

    async def _match_finger(self, session: PageSession, parameters: Mapping[str, str]) -> Texts:
        """Compare a feature that `_finger` gave with the finger that is pressed."""
        feature = text_of(parameters, "FpData", "fpdata")
        if not feature:
            raise errors.MissingParameter(field="FpData")
        similarity = await identity.finger_similarity(session, "", feature)
        return {
            **ACCEPTED,
            "score": str(identity.score(similarity, BEST_SCORE, OTHERS, identity.SAME_FINGER)),
        }

    async def _match_face(self, session: PageSession, parameters: Mapping[str, str]) -> Texts:
        """Compare the portrait of the card on the reader with the person before the camera."""
        card = await identity.read_resident(session)
        face = await session.services.faces.uploaded.picture(card.portrait)
        similarity = await identity.live_similarity(session, face, identity.FACE_SECONDS, True)
        return {**ACCEPTED, "score": str(identity.score(similarity, BEST_SCORE, OTHERS))}

    async def _version(self, session: PageSession, parameters: Mapping[str, str]) -> Texts:
        return {"retcode": "0", "retmsg": VERSION}

    async def _accept(self, session: PageSession, parameters: Mapping[str, str]) -> Texts:
        return ACCEPTED

    async def _refuse(self, session: PageSession, parameters: Mapping[str, str]) -> Texts:
        raise errors.NotAvailableYet(feature="api")


def _response(texts: Texts, callback: str | None, html: bool) -> web.Response:
    # Escaped as far as it goes: the text may be run, or be taken for a page.
    body = json.dumps(texts, ensure_ascii=True).replace("<", "\\u003c")
    if callback is None:
        kind = "text/html" if html else "application/json"
        return web.Response(text=body, content_type=kind)
    # The comment keeps the beginning of the file from being chosen by whoever names the callback.
    return web.Response(text=f"/**/{callback}({body});", content_type="application/javascript")


SUCCESS = "0x90 0x1"
ACCEPTED = {"code": "0", "retcode": SUCCESS, "retmsg": "操作成功", "errmsg": ""}
BEST_SCORE = 100
"""Score of two equal faces or fingerprints, the end of the scale."""
OTHERS = 50
"""Highest score of different people or fingers: scores above 50 are one person's."""
NO_READER = "0x1"
NO_CARD = "0x41"
UNKNOWN = "0x99"
READ = "操作成功||相片解码解码正确"
CODES: Mapping[type[GaopaiError], str] = {
    errors.NoReader: NO_READER,
    errors.DriverMissing: NO_READER,
    errors.NoCard: NO_CARD,
    errors.CardTakenAway: NO_CARD,
    errors.DeviceBusy: NO_CARD,
}
CARD_MEMBERS = (*("name", "sex", "nation", "born", "address", "cardno", "police", "userlifeb", "userlifee"),)
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


def card_texts(read: identity.ReadResident, photo: bool) -> dict[str, str]:
    """Return the members of a card.

    Parameters
    ----------
    photo
        True to add the portrait.
    """
    card = read.card
    return {
        **ACCEPTED,
        "retmsg": READ,
        **dict(zip(CARD_MEMBERS, identity.parts_of(card), strict=True)),
        "name": card.name,
        "photobase64": read.portrait if photo else "",
        "CardType": FORMS[card.form],
        "EngName": card.english_name,
        "PassID": card.pass_number,
        **dict.fromkeys(("CertVol", "IssuesTimes", "frontImg", "backImg"), ""),
    }
