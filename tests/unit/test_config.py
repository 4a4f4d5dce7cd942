"""The configuration file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec import inspect

from server.app import storage_of
from server.config import (
    Config,
    ConfigError,
    load,
    parse,
    replace,
    storage_root,
)
from server.devices.adapters.filesystem import FilesystemCameraOptions
from server.devices.adapters.network import NetworkCameraOptions
from server.equipment import camera_options
from server.errors import FileExists

FULL = """
[server]
port = 9000
[[cameras]]
adapter = "network"
name = "Window 3"
url = "http://127.0.0.1:9000/cam"
[[cameras]]
adapter = "filesystem"
path = "/srv/pictures"
[access]
origins = ["https://oa.example.cn"]
[compat]
preview_key = "field"
[cards]
samv = ["/dev/ttyUSB0"]
[upload]
allow = ["https://files.example.cn"]
[storage]
root = "/var/lib/gaopai"
"""


def test_all_documented_keys_are_understood() -> None:
    config = parse(FULL)
    assert config.server.port == 9000
    assert camera_options(config) == {
        "v4l2": [],
        "network": [NetworkCameraOptions(url="http://127.0.0.1:9000/cam", name="Window 3")],
        "filesystem": [FilesystemCameraOptions(path="/srv/pictures")],
        "demo": [],
    }
    assert config.compat.preview_key == "field"
    assert storage_root(config.storage) == Path("/var/lib/gaopai")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[access]\norigin = []", ["origin", "access"]),
        ("[acess]", ["acess"]),
        ("[server]\nport = 0", ["server.port"]),
        ("[server]\nport = '8082'", ["server.port"]),
        ("[[cameras]]\nadapter = 'network'", ["url", "cameras"]),
        ("[[cameras]]\nadapter = 'twain'", ["twain", "cameras"]),
        ("[compat]\npreview_key = 'none'", ["none", "compat.preview_key"]),
        ("[cards]\nsamv_usb = ['400:c35a']", ["cards.samv_usb"]),
        ("[faces]\ninsightface_pack = '/packs/l'", ["faces.insightface_pack", "accept_noncommercial"]),
        ("port = ", ["TOML"]),
    ],
)
def test_a_wrong_key_is_named_with_its_path(text: str, words: list[str]) -> None:
    with pytest.raises(ConfigError) as raised:
        camera_options(parse(text))
    assert all(word in str(raised.value) for word in words), raised.value


def whole_numbers(declared: inspect.Type, place: str) -> Iterator[tuple[str, inspect.IntType]]:
    """Yield the whole numbers that a declaration allows, with their places."""
    if isinstance(declared, inspect.IntType):
        yield place, declared
    elif isinstance(declared, inspect.StructType):
        for field in declared.fields:
            yield from whole_numbers(field.type, f"{place}.{field.name}")
    elif isinstance(declared, inspect.UnionType):
        for one in declared.types:
            yield from whole_numbers(one, place)
    elif isinstance(declared, inspect.VarTupleType):
        yield from whole_numbers(declared.item_type, f"{place}[]")


def test_every_whole_number_has_bounds() -> None:
    """Options of a scanner's driver alone have none of ours: the driver says what they may be."""
    found = dict(whole_numbers(inspect.type_info(Config), "config"))
    assert len(found) > 50
    assert {place for place, number in found.items() if number.le is None} <= {"config.scanners[].options[]"}


@pytest.mark.parametrize("number", [10**9 + 1, 10**30])
def test_a_limit_that_limits_nothing_is_refused(number: int) -> None:
    with pytest.raises(ConfigError, match=r"limits\.all_waiting_mib|TOML"):
        parse(f"[limits]\nall_waiting_mib = {number}")
    assert parse("[limits]\nall_waiting_mib = 1000000000").limits.all_waiting_mib == 10**9


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.toml"):
        load(tmp_path / "none.toml")
    (tmp_path / "latin.toml").write_bytes(b'x = "\xff"')
    with pytest.raises(ConfigError, match="UTF-8"):
        load(tmp_path / "latin.toml")


def test_the_command_line_is_checked_like_the_file() -> None:
    assert replace(Config().server, port=1).port == 1
    with pytest.raises(ConfigError, match="port"):
        replace(Config().server, port=70000)


def test_the_root_falls_back_to_the_users_data(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", "/data")
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    assert storage_root(Config().storage) == Path("/data/gaopai")
    monkeypatch.setenv("STATE_DIRECTORY", "/state/one:/state/two")
    assert storage_root(Config().storage) == Path("/state/one")


@pytest.mark.parametrize("overwrite", ["own", "never", "always", False, True])
def test_overwriting_may_be_said_as_before(tmp_path: Path, overwrite: object) -> None:
    said = f'"{overwrite}"' if isinstance(overwrite, str) else str(overwrite).lower()
    config = parse(f'[storage]\nroot = "{tmp_path}/root"\noverwrite = {said}\n')
    storage = storage_of(config.storage)
    storage.save("a.jpg", b"first")
    own = storage
    other = storage.of("https://other.example")
    for one, may in ((own, overwrite in ("own", "always", True)), (other, overwrite in ("always", True))):
        if may:
            one.save("a.jpg", b"again")
            continue
        with pytest.raises(FileExists):
            one.save("a.jpg", b"again")
