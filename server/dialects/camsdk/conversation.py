"""Conversation of one connection, in the dialect that its first message shows."""

from __future__ import annotations

from server.connection.outbox import Outbox
from server.dialects.camsdk.camsdk import CamsdkConversation
from server.dialects.camsdk.functions import FunctionConversation
from server.dialects.device_session import DeviceSession
from server.dialects.json_text import first_object
from server.dialects.recording import CommandRecorder
from server.dialects.sockets import Conversation


class FirstMessageConversation:
    """Conversation that is decided by the first message that either dialect knows."""

    def __init__(self, session: DeviceSession, outbox: Outbox, recorder: CommandRecorder) -> None:
        self._session = session
        self._outbox = outbox
        self._recorder = recorder
        self._chosen: Conversation | None = None

    async def receive(self, message: str) -> None:
        """Carry out a request; what is none is passed over in silence."""
        if self._chosen is None:
            self._chosen = self._choose(message)
        if self._chosen is not None:
            await self._chosen.receive(message)

    def close(self) -> None:
        """Drop what the connection waits for."""
        if self._chosen is not None:
            self._chosen.close()

    def _choose(self, message: str) -> Conversation | None:
        fields = first_object(message) or {}
        if "FuncName" in fields:
            return CamsdkConversation(self._session, self._outbox, self._recorder)
        if "function" in fields:
            return FunctionConversation(self._session, self._outbox, self._recorder)
        return None
