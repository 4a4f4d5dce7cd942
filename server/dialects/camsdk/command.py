"""Types of CAMSDK's functions."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from server.dialects.json_text import Fields

Command = Callable[[Fields], Awaitable[object]]
"""Serves a function; returns its result, or a whole message as bytes."""
Commands = Mapping[str, Command]
