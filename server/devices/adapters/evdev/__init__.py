"""Buttons of cameras and foot switches, through the input devices of Linux."""

from __future__ import annotations

from server.devices.adapters.evdev.finder import EvdevButtonFinder
from server.devices.adapters.evdev.permissions import node_access

__all__ = ["EvdevButtonFinder", "node_access"]
