"""Types of Eloam's commands."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from server.dialects.json_text import Fields
from server.dialects.page_session import PageSession

Members = Mapping[str, object]
"""Members of an answer beside code and message; their values are texts."""
Command = Callable[[PageSession, Fields], Awaitable[Members]]
Commands = Mapping[str, Command]
