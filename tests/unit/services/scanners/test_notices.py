"""Notices of scanners: each has its sentence, and a word in the protocol."""

from __future__ import annotations

from typing import get_args, get_type_hints

from server.devices.ports.scan_notice import ScanNotice
from server.protocol.messages.scanners import ScannerNoticePush
from server.services.scanners.notices import MESSAGES


def test_each_notice_has_a_sentence_and_a_word_of_the_protocol() -> None:
    assert set(MESSAGES) == set(ScanNotice)
    assert set(get_args(get_type_hints(ScannerNoticePush)["notice"])) == {
        notice.value for notice in ScanNotice
    }
    assert all(text.zh and text.en for text in MESSAGES.values())
