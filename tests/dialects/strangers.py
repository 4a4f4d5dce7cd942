"""Requests of pages that are not allowed, at the HTTP dialects."""

from __future__ import annotations

from tests.functional.conftest import ALLOWED

EVIL = "https://evil.example"
LOOKALIKES = (
    EVIL,
    "https://oa.example.cn.evil.example",
    "https://oa.example.cn:8443",
    "http://oa.example.cn",
    "https://OA.example.cn",
    "null",
    "",
    "file://",
    f"{ALLOWED}, {EVIL}",
)
"""Origins that are not on the list."""
EMBEDDED = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}
STRANGERS: list[list[tuple[str, str]]] = [
    *([("Origin", origin)] for origin in LOOKALIKES),
    [("Origin", ALLOWED), ("Origin", EVIL)],
    [("Origin", EVIL), ("Referer", f"{ALLOWED}/")],
    [],
    [("Sec-Fetch-Site", "none")],
    [("Sec-Fetch-Site", "none"), ("Referer", f"{ALLOWED}/")],
    [("Sec-Fetch-Site", "same-origin")],
    [*EMBEDDED.items()],
    [*EMBEDDED.items(), ("Referer", f"{EVIL}/{ALLOWED}/")],
    [("Referer", f"{EVIL}/?{ALLOWED}/")],
    [("Referer", "https://oa.example.cn@evil.example/")],
    [("Referer", "https://evil.example@oa.example.cn/")],
    [("Referer", "https://oa.example.cn.evil.example/")],
    [("Referer", "null")],
    [("Referer", "about:blank")],
    [("Referer", f"{ALLOWED}/"), ("Referer", f"{EVIL}/")],
    [("User-Agent", "Mozilla/5.0")],
    [("User-Agent", "curl/8.0")],
]
"""Headers of requests that come from no allowed page."""
