"""S2: an Origin is compared whole, before the upgrade, and a refusal says how to allow it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.access.origins import BadOrigin, Origins
from server.config import Config
from tests.functional.conftest import ALLOWED, Running
from tests.security.knocking import UPGRADE, knock, status_of

WILD = "https://*.good.example.cn"
REFUSED = [
    "https://evil.com",
    "http://oa.example.cn",
    "ws://oa.example.cn",
    "https://oa.example.cn:443",
    "https://oa.example.cn:8443",
    "https://a.oa.example.cn.evil.com",
    "https://oa.example.cn@evil.com",
    "https://evil.com/oa.example.cn",
    "https://evil.com?https://oa.example.cn",
    "https://evil.com#https://oa.example.cn",
    "https://user@oa.example.cn",
    "https://oa.example.cn/",
    "https://oa.example.cn.",
    "https://OA.example.cn",
    "HTTPS://oa.example.cn",
    "https://oa.example.cn https://evil.com",
    "https://evil.com, https://oa.example.cn",
    "https://xoa.example.cn",
    "https://oa-example.cn",
    "https://oa.example.cn.evil.com",
    "https://xn--o-7sbb.example.cn",
    "https://оа.example.cn",
    "https://oa。example。cn",
    "https://oa.example.cn\u200b",
    "https://oa.example.cn%00.evil.com",
    "https://oa.example.cn\\@evil.com",
    "//oa.example.cn",
    "oa.example.cn",
    "file://",
    "http://127.0.0.1",
    "http://127.0.0.1:1",
    "http://[::ffff:127.0.0.1]:8082",
    "http://0.0.0.0:8082",
    "chrome-extension://abcdefghijklmnop",
]
REFUSED_BY_WILDCARD = [
    "https://good.example.cn",
    "https://.good.example.cn",
    "https://a.b.good.example.cn",
    "https://agood.example.cn",
    "https://a.good.example.cn.evil.com",
    "https://a.good.example.cn:8443",
    "https://a.good.example.cn.",
    "http://a.good.example.cn",
    "https://evil.com@a.good.example.cn",
    "https://evil.com/.good.example.cn",
    "https://evil.com?.good.example.cn",
    "https://evil.com#.good.example.cn",
    "https://evil.com\\.good.example.cn",
    "https://*.good.example.cn",
    "https://A.good.example.cn",
    "https://а.good.example.cn",
    "https://a b.good.example.cn",
    "https://a\n.good.example.cn",
    "https://a%2e.good.example.cn",
    "https://evil.com:.good.example.cn",
]


@pytest.mark.parametrize("origin", REFUSED)
async def test_it_is_refused_before_the_upgrade(service: Running, origin: str) -> None:
    lines = ["GET / HTTP/1.1", "Host: 127.0.0.1", f"Origin: {origin}"]
    assert await status_of(service, [*lines, *(f"{name}: {value}" for name, value in UPGRADE.items())]) == 403


async def test_two_origins_are_refused_even_if_both_are_listed(service: Running) -> None:
    upgrade = [f"{name}: {value}" for name, value in UPGRADE.items()]
    twice = [f"Origin: {ALLOWED}"] * 2
    assert await status_of(service, ["GET / HTTP/1.1", "Host: 127.0.0.1", *upgrade, *twice]) == 400


async def test_the_listed_origin_connects(service: Running) -> None:
    assert (await knock(service, Origin=ALLOWED))[0] == 101


async def test_the_refusal_says_how_to_allow_it(service: Running) -> None:
    status, text = await knock(service, Origin="https://evil.com")
    assert status == 403
    for way in ("gaopai allow https://evil.com", '[access] origins = ["https://evil.com"]', "服务不认识"):
        assert way in text


@pytest.mark.parametrize("path", ["/", "/?x=https://oa.example.cn", "/stream/0.mjpg"])
async def test_it_is_refused_wherever_it_asks(service: Running, path: str) -> None:
    assert (await knock(service, path, Origin="https://evil.com"))[0] == 403


@pytest.mark.parametrize("origin", REFUSED_BY_WILDCARD)
def test_a_wildcard_is_one_whole_label(origin: str) -> None:
    assert origin not in Origins.parse([WILD])


@pytest.mark.parametrize(
    ("entry", "origin"),
    [
        (WILD, "https://a.good.example.cn"),
        (WILD, "https://xn--zfr164b.good.example.cn"),
        ("https://*.example.cn:8443", "https://a.example.cn:8443"),
        ("HTTPS://*.Example.cn:443", "https://a.example.cn"),
        ("https://*.政务.cn", "https://a.xn--zfr164b.cn"),
    ],
)
def test_what_a_wildcard_lets_in(entry: str, origin: str) -> None:
    assert origin in Origins.parse([entry])


@pytest.mark.parametrize(
    "entry",
    [
        "*",
        "https://*",
        "https://*.",
        "https://*.cn",
        "https://*.com.cn",
        "https://*.gov.cn",
        "https://*.bj.cn",
        "https://*.co.uk",
        "https://a*.example.cn",
        "https://*a.example.cn",
        "https://a.*.example.cn",
        "https://*.*.example.cn",
        "https://*.127.0.0.1",
        "https://*.1",
        "https://*.[::1]",
        "*://*.example.cn",
        "https://*.example.cn/path",
        "https://user@*.example.cn",
        "https://*.localhost",
        "https://straße.example.cn",
    ],
)
def test_a_wildcard_that_lets_strangers_in_is_refused_at_start(entry: str) -> None:
    with pytest.raises(BadOrigin):
        Origins.parse([entry])


@given(st.text(alphabet="abc.:/@*-\\", max_size=30))
def test_nothing_else_passes_a_wildcard(middle: str) -> None:
    passes = f"https://{middle}.good.example.cn" in Origins.parse([WILD])
    assert passes == (middle != "" and all(each in "abc-" for each in middle))


def test_the_configuration_takes_a_wildcard() -> None:
    assert Config().access.origins == ()
    assert "https://a.example.cn" in Origins.parse(("https://oa.gov.example", "https://*.example.cn"))
