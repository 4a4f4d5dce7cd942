"""Where uploads may go: every spelling of a forbidden place is refused, whoever asks."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Sequence

import ifaddr
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.access.origins import BadOrigin
from server.errors import UploadNotAllowed, UploadUnreachable
from server.services.upload import policy
from server.services.upload.policy import Resolve, UploadDestination, UploadPolicy

OA = "https://oa.example.cn"
PUBLIC = "93.184.216.34"


def knows(*answers: Sequence[str]) -> Resolve:
    """A name service that gives these answers one after another, to whatever name."""
    coming = iter(answers)

    async def resolve(host: str, port: int) -> Sequence[str]:
        return next(coming)

    return resolve


async def destination(
    url: str, page: str | None, allow: Sequence[str] = (), *found: str
) -> UploadDestination:
    rules = UploadPolicy(allow, knows(found or (PUBLIC,)))
    return await rules.resolve(rules.admit(url, page))


async def refusal(url: str, page: str | None, allow: Sequence[str] = (), *found: str) -> str:
    with pytest.raises(UploadNotAllowed) as caught:
        await destination(url, page, allow, *found)
    return caught.value.message("en")


@pytest.mark.parametrize(
    "url",
    [
        "https://oa.example.cn/up?x=%2B#y",
        "HTTPS://OA.Example.CN:443/up?x=%2B",
        "https://oa.example.cn/up?x=%2B",
    ],
)
async def test_the_pages_own_origin_is_allowed(url: str) -> None:
    got = await destination(url, OA)
    assert (str(got.url), got.addresses) == ("https://oa.example.cn/up?x=%2B", (PUBLIC,))


@pytest.mark.parametrize(
    "url",
    [
        "http://oa.example.cn/up",
        "https://oa.example.cn:8443/up",
        "https://oa.example.cn./up",
        "https://oa.example.cn.evil.example/up",
        "https://evil.example/up",
        "https://oa.example.cn%2eevil.example/up",
        "https://[2001:db8::1]/up",
    ],
)
async def test_every_other_origin_has_to_be_listed(url: str) -> None:
    await refusal(url, OA)
    await refusal(url, None)


async def test_a_listed_origin_is_allowed_to_every_client() -> None:
    for page in (None, OA):
        got = await destination("http://政务.example.cn:8080/上传", page, ["http://政务.example.cn:8080"])
        assert got.url.raw_host == "xn--zfr164b.example.cn"
        assert got.url.raw_path == "/%E4%B8%8A%E4%BC%A0"


async def test_without_an_origin_only_the_list_counts() -> None:
    await refusal("https://oa.example.cn/up", None)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "oa.example.cn/up",
        "//oa.example.cn/up",
        "https:",
        "https:///up",
        "https://:443/up",
        "https:oa.example.cn/up",
        "file:///etc/passwd",
        "ftp://oa.example.cn/up",
        "gopher://oa.example.cn/up",
        "javascript:alert(1)",
        "https://user@oa.example.cn/up",
        "https://user:secret@oa.example.cn/up",
        "https://evil.example@oa.example.cn/up",
        "https://oa.example.cn@evil.example/up",
        "https://oa.example.cn\\@evil.example/up",
        "https://evil.example\\.oa.example.cn/up",
        "https://oa.example.cn/\r\nHost: evil.example",
        "https://oa.example\t.cn/up",
        "https://oa.example.cn\n/up",
        "https://oa.example.cn\x00.evil.example/up",
        "https://oa.example.cn\u2028/up",
        "https://oa.example.cn:0x1bb/up",
        "https://oa.example.cn:99999/up",
        "https://oa.example.cn:-1/up",
        "https://oa.example.cn:0/up",
        "https://oa.example.cn:443:443/up",
        "https://[oa.example.cn]/up",
        "https://[::1/up",
        "https://oa.example.cn /up",
        "https://{oa}.example.cn/up",
        "https://oa..example.cn/up",
        "https://" + "a" * 64 + ".cn/up",
        "https://oa.example.cn/" + "a" * policy.URL_CHARACTERS,
    ],
)
async def test_addresses_that_two_readers_may_read_differently(url: str) -> None:
    text = await refusal(url, OA, [OA])
    assert "secret" not in text
    assert "evil" not in text


LOOPBACK = [
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "0x7f.1",
    "0x7f000001",
    "2130706433",
    "0177.0.0.1",
    "017700000001",
    "127.0.0.1.",
    "127.127.127.127",
    "0",
    "0.0.0.0",
    "１２７.０.０.１",
    "127。0。0。1",
    "①②⑦.0.0.1",
    "[::1]",
    "[::]",
    "[0:0:0:0:0:0:0:1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
]
ELSEWHERE = [
    "169.254.169.254",
    "0xa9fea9fe",
    "2852039166",
    "0251.0376.0251.0376",
    "[::ffff:169.254.169.254]",
    "[64:ff9b::a9fe:a9fe]",
    "[2002:a9fe:a9fe::1]",
    "[fe80::1]",
    "[fec0::1]",
    "[ff02::1]",
    "[fd00:ec2::254]",
    "100.100.100.200",
    "192.0.0.192",
    "224.0.0.1",
    "255.255.255.255",
    "240.0.0.1",
    "[64:ff9b:1::a00:1]",
    "[2001:0:1::1]",
    "[100::1]",
]


@pytest.mark.parametrize("host", LOOPBACK + ELSEWHERE)
async def test_spellings_of_forbidden_addresses(host: str) -> None:
    await refusal(f"http://{host}:9000/up", "http://127.0.0.1:8082")
    await refusal(f"http://{host}:9000/up", OA, [OA])


@pytest.mark.parametrize("host", ["1.2.3.4.5", "08.1.1.1", "1.256.1.1", "0x", "[fe80::1%25eth0]", "[v1.a]"])
async def test_what_ends_in_a_number_is_an_address_or_nothing(host: str) -> None:
    await refusal(f"http://{host}/up", f"http://{host}")


@pytest.mark.parametrize("host", LOOPBACK + ELSEWHERE)
async def test_a_forbidden_address_that_is_listed_in_words_is_allowed(host: str) -> None:
    got = await destination(f"http://{host}:9000/up", None, [f"http://{host}:9000"])
    assert got.addresses == (got.url.raw_host,)


@pytest.mark.parametrize("address", [host for host in LOOPBACK + ELSEWHERE if host.isascii()])
async def test_an_allowed_name_must_not_lead_to_a_forbidden_address(address: str) -> None:
    plain = UploadPolicy([f"http://{address}:1"]).admit(f"http://{address}:1/", None).host
    for allow, page in (([], OA), ([OA], None)):
        await refusal(f"{OA}/up", page, allow, plain)
        await refusal(f"{OA}/up", page, allow, PUBLIC, plain)


@pytest.mark.parametrize(
    "address", ["10.1.2.3", "172.16.0.9", "192.168.1.1", "100.64.0.1", "fd12::1", PUBLIC]
)
async def test_an_allowed_name_may_lead_into_the_buildings_network(address: str) -> None:
    assert (await destination(f"{OA}/up", OA, (), address)).addresses == (address,)


async def test_a_private_address_may_be_a_pages_own_origin() -> None:
    assert (await destination("http://10.0.0.5:8080/up", "http://10.0.0.5:8080")).addresses == ("10.0.0.5",)


@pytest.mark.parametrize("own", ["http://127.0.0.1:8082", "http://localhost:8082", "http://[::1]:8082"])
async def test_the_services_own_page_reaches_itself_and_no_other_port(own: str) -> None:
    loopback = "::1" if "::" in own else "127.0.0.1"
    assert (await destination(f"{own}/up", own, (), loopback)).addresses == (loopback,)
    for port in ("631", "8081", "80"):
        await refusal(f"{own[:-4]}{port}/up", own, (), loopback)


async def test_the_name_of_this_computer_must_not_lead_to_the_cloud() -> None:
    await refusal("http://localhost:8082/up", "http://localhost:8082", (), "169.254.169.254")


async def test_a_page_at_a_link_local_address_has_to_be_listed() -> None:
    await refusal("http://169.254.169.254/up", "http://169.254.169.254")


async def test_a_name_is_resolved_once() -> None:
    rules = UploadPolicy([OA], knows([PUBLIC], ["169.254.169.254"]))
    target = rules.admit(f"{OA}/up", None)
    assert (await rules.resolve(target)).addresses == (PUBLIC,)
    with pytest.raises(UploadNotAllowed):
        await rules.resolve(target)


@pytest.mark.parametrize("found", [OSError(), UnicodeError(), []])
async def test_a_name_that_is_not_known(found: Exception | list[str]) -> None:
    async def resolve(host: str, port: int) -> Sequence[str]:
        if isinstance(found, Exception):
            raise found
        return found

    rules = UploadPolicy([OA], resolve)
    with pytest.raises(UploadUnreachable, match="not known"):
        await rules.resolve(rules.admit(f"{OA}/up", None))


async def test_a_name_service_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    async def resolve(host: str, port: int) -> Sequence[str]:
        await asyncio.Event().wait()
        return []

    monkeypatch.setattr(policy, "RESOLVE_SECONDS", 0.01)
    rules = UploadPolicy([OA], resolve)
    with pytest.raises(UploadUnreachable, match="name service"):
        await rules.resolve(rules.admit(f"{OA}/up", None))


@pytest.mark.parametrize(
    "entry", ["*", "https://*.cn", "ftp://a.cn", "https://a.cn/up", "oa.example.cn", "http://[x"]
)
def test_an_entry_that_is_no_web_origin_is_refused_at_start(entry: str) -> None:
    with pytest.raises(BadOrigin):
        UploadPolicy([entry])


@pytest.mark.long
@given(
    st.text(max_size=60),
    st.sampled_from(["{}", "http://{}", "https://oa.example.cn{}", "https://{}@oa.example.cn"]),
)
def test_no_text_leads_anywhere_but_to_the_listed_origin(text: str, frame: str) -> None:
    try:
        target = UploadPolicy([OA]).admit(frame.format(text), "https://page.example.cn")
    except UploadNotAllowed:
        return
    assert str(target.url.origin()) == OA
    assert (target.host, target.port) == ("oa.example.cn", 443)


@pytest.mark.parametrize("own", ["192.168.7.9", "2001:db8::9", "::ffff:192.168.7.9", "64:ff9b::c0a8:709"])
async def test_a_name_that_leads_to_this_computers_address_in_the_network_is_refused(own: str) -> None:
    """As a page's own name does that was rebound: what listens there takes the page for nobody."""
    ours = {ipaddress.ip_address("192.168.7.9"), ipaddress.ip_address("2001:db8::9")}

    async def ask(url: str, page: str, address: str) -> UploadDestination:
        rules = UploadPolicy([], knows([address]), lambda one: one in ours)
        return await rules.resolve(rules.admit(url, page))

    with pytest.raises(UploadNotAllowed) as caught:
        await ask(f"{OA}/up", OA, own)
    assert "this computer" in caught.value.message("en")
    assert (await ask(f"{OA}/up", OA, "192.168.7.8")).addresses == ("192.168.7.8",)
    # A page that was itself opened by the address sends to where it is from.
    page = "http://192.168.7.9"
    assert (await ask(f"{page}/up", page, "")).addresses == ("192.168.7.9",)


def test_the_kernel_knows_which_addresses_are_its_own() -> None:
    own = {str(ip.ip) for one in ifaddr.get_adapters() for ip in one.ips if ip.is_IPv4}
    assert all(policy.is_own(ipaddress.ip_address(each)) for each in own)
    assert policy.is_own(ipaddress.ip_address("127.0.0.1"))
    assert not policy.is_own(ipaddress.ip_address("192.0.2.1"))
    assert not policy.is_own(ipaddress.ip_address("2001:db8::1"))
