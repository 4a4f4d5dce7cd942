"""Buttons of cameras and foot switches, through the input devices of Linux."""

from __future__ import annotations

from server.devices.adapters.evdev.button import EvdevButtonFinder, node_access

__all__ = ["EvdevButtonFinder", "node_access"]
