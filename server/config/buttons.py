"""Tables of buttons."""

from __future__ import annotations

from typing import Annotated

import msgspec

from server.config.section import NonEmpty, NotNegative, Section

KeyCode = Annotated[int, msgspec.Meta(ge=1, le=0x2FF)]
"""Number of a key in the kernel's list, as ``evtest`` prints it."""
KEY_CAMERA = 212


class SwitchConfig(Section, frozen=True):
    """Foot switch or other input device, which is not detected as it looks like a keyboard."""

    device: NonEmpty
    """Its name or its ``vendor:product``, as ``gaopai doctor`` and ``evtest`` print them."""
    keys: tuple[KeyCode, ...] = ()
    """Keys that count, and that pages are told; empty for every key, of which no page is told the number."""
    grab: bool = False
    """Keep its keys from all other programs while a page waits for them."""


class ButtonsConfig(Section, frozen=True):
    """Buttons of cameras, and foot switches."""

    enabled: bool = True
    """Use the kernel's input devices."""
    camera_keys: tuple[KeyCode, ...] = (KEY_CAMERA,)
    """Keys of cameras' own buttons that count."""
    debounce_ms: NotNegative = 200
    """Time after a press in which the same key does not count again, in milliseconds."""
    switches: tuple[SwitchConfig, ...] = ()
    """Foot switches, each a table ``[[buttons.switches]]``."""
