"""Sample cards of the demo, with numbers that pass every check and are issued to no one."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import cv2
import numpy as np

from server.devices.ports.card_reader import BankCard, Card, CardKind, ResidentCard, ResidentForm, SocialCard

NUMBER = "110101199001010007"
"""Number of a resident; sequence numbers begin at 001, so 000 is never issued."""
BANK_NUMBER = "6205500000000000004"
"""A payment network's published number for tests."""

WIDTH, HEIGHT = 102, 126
"""Pixels of a portrait on a resident's card."""


@cache
def cards() -> Mapping[CardKind, Card]:
    """Return one card of each kind, drawn the first time."""
    resident = ResidentCard(
        form=ResidentForm.CITIZEN,
        name="张三",
        gender="女",
        nation="汉",
        birth="1990-01-01",
        address="某市某区样张路 1 号",
        number=NUMBER,
        issuer="某市公安局某区分局",
        start="2020-01-01",
        end="2040-01-01",
        portrait=portrait(),
    )
    social = SocialCard(
        number=NUMBER,
        name="张三",
        gender="女",
        nation="汉",
        birth="1990-01-01",
        birth_place="110101",
        card_number="X00000000",
        region="110100",
        issued="2020-01-01",
        valid_until="2030-01-01",
    )
    return {
        CardKind.RESIDENT: resident,
        CardKind.SOCIAL: social,
        CardKind.BANK: BankCard(BANK_NUMBER, "2031-12"),
    }


def portrait() -> bytes:
    """Return a drawn head and shoulders, as PNG."""
    picture = np.full((HEIGHT, WIDTH, 3), (236, 231, 226), np.uint8)
    ink = (150, 138, 126)
    cv2.ellipse(picture, (WIDTH // 2, 48), (21, 27), 0, 0, 360, ink, -1, cv2.LINE_AA)
    cv2.ellipse(picture, (WIDTH // 2, HEIGHT + 8), (43, 46), 0, 180, 360, ink, -1, cv2.LINE_AA)
    place, size = (21, HEIGHT - 8), 0.38
    cv2.putText(picture, "SPECIMEN", place, cv2.FONT_HERSHEY_SIMPLEX, size, (250,) * 3, 1, cv2.LINE_AA)
    return bytes(cv2.imencode(".png", picture)[1])
