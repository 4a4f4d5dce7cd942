"""Origins and hosts."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.access.origins import BadOrigin, OriginPolicy, canonical, origin_of

OWN = frozenset(("http://127.0.0.1:8082", "http://localhost:8082", "http://[::1]:8082"))
PARSED = OriginPolicy.parse(["https://oa.example.cn"], ["counter.local"], native_clients=False)
POLICY = replace(PARSED, own=OWN)


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("https://oa.example.cn", "https://oa.example.cn"),
        ("HTTPS://OA.Example.CN:443/", "https://oa.example.cn"),
        ("http://oa.example.cn:8080", "http://oa.example.cn:8080"),
        ("https://政务.example.cn", "https://xn--zfr164b.example.cn"),
        ("http://[::1]:9000", "http://[::1]:9000"),
        ("chrome-extension://abcdef", "chrome-extension://abcdef"),
    ],
)
def test_configured_origins_are_compared_as_browsers_send_them(written: str, sent: str) -> None:
    assert canonical(written) == sent


@pytest.mark.parametrize(
    "origin",
    [
        "",
        "null",
        "oa.example.cn",
        "https://",
        "https://a/b",
        "https://a?x",
        "https://u@a",
        "https://*.a",
        "https://a:x",
    ],
)
def test_what_no_browser_sends_is_refused_in_the_configuration(origin: str) -> None:
    with pytest.raises(BadOrigin, match=r"."):
        canonical(origin)


@given(st.text(max_size=80))
def test_no_text_is_an_allowed_origin_but_the_exact_ones(header: str) -> None:
    assert POLICY.admits_origin(header) == (header in {*OWN, "https://oa.example.cn"})


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.0.0.1:8082", "LOCALHOST:1", "[::1]", "[::1]:8082", "counter.local:8"]
)
def test_own_hosts(host: str) -> None:
    assert POLICY.admits_host(host)


@pytest.mark.parametrize(
    "host",
    [
        "",
        ":",
        ":8082",
        "0.0.0.0",
        "127.0.0.2",
        "localhost.",
        "localhost:80:80",
        "localhost:x",
        "::1",
        "[::1",
        "a@localhost",
    ],
)
def test_other_hosts(host: str) -> None:
    assert not POLICY.admits_host(host)


def test_native_clients_follow_the_switch() -> None:
    assert not POLICY.admits_origin(None)
    assert OriginPolicy.parse([], [], native_clients=True).admits_origin(None)


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("https://bank.example/a?b#c", "https://bank.example"),
        ("https://ba\tnk.example/", None),
        ("https://bank.example\n/", None),
        (" https://bank.example/", None),
        ("https://user@bank.example/", None),
    ],
)
def test_the_origin_of_an_address(address: str, origin: str | None) -> None:
    assert origin_of(address) == origin
