"""S58: a target is reached where the administrator says, its secrets stay secret, and pages name it alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from server import config as configuration
from server import errors
from server.config import Config, ConfigError, targets
from server.config.targets import TargetConfig
from tests.functional.conftest import ALLOWED, OTHER, Running
from tests.functional.page import connect
from tests.targets.conftest import desk_of

SECRET = "Tr0ub4dor-and-3"
NAME = "inside.example.cn"
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIZ0wMrCLjHfnmsrNfTMuwBlYyoeVBLcYkaFWg0gk8UZ"


@pytest.fixture
def secret(tmp_path: Path) -> str:
    path = tmp_path / "secret"
    path.write_text(SECRET)
    path.chmod(0o600)
    return str(path)


def of_every_kind(secret: str) -> Mapping[str, TargetConfig]:
    return {
        "http": targets.HttpTarget(url=f"http://{NAME}/"),
        "sftp": targets.SftpTarget(host=NAME, user="u", host_key=KEY, secret=secret),
        "webdav": targets.WebdavTarget(url=f"http://{NAME}/", user="u", secret=secret),
        "s3": targets.S3Target(url=f"http://{NAME}/", bucket="b", access_key="k", secret=secret),
        "mail": targets.MailTarget(host=NAME, sender="a@b.cn", recipients=("c@d.cn",)),
        "paperless": targets.PaperlessTarget(url=f"http://{NAME}/", secret=secret),
        "smb": targets.SmbTarget(host=NAME, share="s", user="u", secret=secret),
    }


@pytest.mark.parametrize("kind", of_every_kind(""))
@pytest.mark.parametrize(
    "address", ["127.0.0.1", "169.254.169.254", "::1", "fe80::1", "0.0.0.0", "224.0.0.1"]
)
async def test_no_name_leads_to_this_computer_or_a_clouds(
    kind: str, address: str, secret: str, tmp_path: Path
) -> None:
    async def rebound(host: str, port: int) -> list[str]:
        assert host == NAME
        return ["198.51.100.7", address]

    async with desk_of(tmp_path, of_every_kind(secret)[kind], resolve=rebound) as desk:
        outcome = await desk.send("a.pdf", b"%PDF")
    assert isinstance(outcome.error, errors.UploadNotAllowed)
    assert not outcome.retryable


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o622])
async def test_a_secret_that_another_account_could_read_or_write_is_not_used(
    mode: int, secret: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    Path(secret).chmod(mode)
    asked: list[str] = []

    async def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]

    async with desk_of(tmp_path, of_every_kind(secret)["sftp"], resolve=resolve) as desk:
        outcome = await desk.send("a.pdf", b"%PDF")
    assert isinstance(outcome.error, errors.TargetRefused)
    assert asked == []
    said = str(outcome.error) + outcome.error.message("zh") + caplog.text
    assert SECRET not in said
    assert secret not in said


@pytest.mark.parametrize("secret_is", ["", "hunter2"])
def test_a_password_is_no_key_of_the_configuration(secret_is: str) -> None:
    text = f'[targets.t]\nadapter = "smb"\nhost = "h"\nshare = "s"\nuser = "u"\npassword = "{secret_is}"\n'
    with pytest.raises(ConfigError, match="password"):
        configuration.parse(text)


@pytest.mark.parametrize(
    "table",
    [
        'adapter = "webdav"\nurl = "ftp://a.cn/"',
        'adapter = "webdav"\nurl = "https://user:word@a.cn/"',
        'adapter = "mail"\nhost = "h"\nsender = "a@b"\nrecipients = ["c@d\\nBcc: x@y"]',
        'adapter = "mail"\nhost = "h"\nsender = "a@b"\nrecipients = []',
        'adapter = "sftp"\nhost = "h"\nuser = "u"',
        'adapter = "ftp"\nhost = "h"',
    ],
)
def test_a_table_that_leads_elsewhere_or_knows_no_host_key_is_refused(table: str) -> None:
    with pytest.raises(ConfigError):
        configuration.parse(f"[targets.t]\n{table}\n")


@pytest.fixture
def config(config: Config, tmp_path: Path, secret: str) -> Config:
    (tmp_path / "there").mkdir()
    there = targets.FolderTarget(folder=str(tmp_path / "there"))
    smb = targets.SmbTarget(host="smb.example.cn", share="s", user="u", secret=secret)
    return configuration.replace(config, targets={"archive": there, "share": smb})


async def test_a_page_is_told_names_and_nothing_else(service: Running, secret: str) -> None:
    async with connect(service.url, ALLOWED) as page:
        told = await page.must("GetServiceInfo")
    assert told["targets"] == ["archive", "share"]
    assert not {SECRET, secret, "smb.example.cn"} & set(json.dumps(told).split('"'))


async def test_a_page_sends_what_its_own_origin_made(service: Running, tmp_path: Path) -> None:
    async with connect(service.url, OTHER) as other, connect(service.url, ALLOWED) as page:
        await other.must("OpenCamera", devNum=0)
        await other.must("CameraCapture", imagePath="others.jpg")
        for path, code in (("others.jpg", 4011), ("/etc/passwd", 4006), ("../../etc/passwd", 4002)):
            refused = await page.ask("UploadHttpFile", target="archive", imagePath=path)
            assert refused["result"] == code
        unknown = await page.ask("UploadHttpFile", target="/etc", imagePath="others.jpg")
        assert unknown["result"] == 5007
    assert list((tmp_path / "there").iterdir()) == []


async def test_what_a_target_has_is_not_replaced(service: Running, tmp_path: Path) -> None:
    taken = tmp_path / "there" / "a.jpg"
    taken.write_bytes(b"of somebody else")
    async with connect(service.url, ALLOWED) as page:
        await page.must("OpenCamera", devNum=0)
        await page.must("CameraCapture", imagePath="a.jpg")
        told = await page.must("UploadHttpFile", target="archive", imagePath="a.jpg")
    assert taken.read_bytes() == b"of somebody else"
    (receipt,) = told["receipts"]
    assert receipt["place"] == f"a-{receipt['sha256'][:8]}.jpg"
    assert (tmp_path / "there" / receipt["place"]).read_bytes() == (service.root / "a.jpg").read_bytes()
