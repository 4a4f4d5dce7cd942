"""S46: the settings view writes what was asked for, whole and valid; its log tells nothing personal."""

from __future__ import annotations

import json
import logging
import os
import stat
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server import config as configuration
from server.admin.api import AdminRefusal
from server.admin.config_file import ConfigFile, stamp_of
from server.admin.settings import MOST_LINES, Change, with_changes
from server.config import Config
from server.storage import atomic
from server.telemetry.logs import MOST_CHARACTERS, RECENT_SECONDS, RecentLines
from server.telemetry.logs import MOST_LINES as MOST_LOGGED
from tests.administrator import Administrator
from tests.fakes.canaries import personal
from tests.fakes.card_reader import BANK, RESIDENT
from tests.functional.page import connect
from tests.service import Service, running

FILE = """\
# Counter 3
[server] # where
port = 8082   # as pages expect "it" # really

[access]
origins = [
  # the office
  "https://oa.example.cn", # since 2024
  "https://tax.example.cn#", # not a comment
]

[[cameras]]
adapter = "network"
name = '[server]'
url = "http://127.0.0.1:9001/shot.jpg" # port = 1
"""
HOSTILE = [
    '"\n[access]\nnull_origin = true\n#',
    "\\",
    '\\"',
    '"""',
    "'''",
    "#",
    "\r\n",
    "\x00\x07\x7f\x85\u2028\u2029\ufeff",
    "]\n[admin]",
    "a = 1",
    "${HOME}",
    "\U0001f600高拍",
]


def change(table: str, key: str, value: Any) -> Change:
    return Change(table, key, value)


def changed(text: str, *changes: Change) -> str:
    return with_changes(text, changes)


# Values ------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [*HOSTILE, *([value] for value in HOSTILE), HOSTILE])
@pytest.mark.parametrize("place", [("storage", "root"), ("server", "host"), ("access", "origins")])
def test_no_value_says_more_than_its_key(value: Any, place: tuple[str, str]) -> None:
    before = tomllib.loads(FILE)
    after = tomllib.loads(changed(FILE, change(*place, value)))
    assert after.setdefault(place[0], {}).pop(place[1]) == value
    before.setdefault(place[0], {}).pop(place[1], None)
    assert after == before


@given(st.text(), st.lists(st.text(), max_size=4), st.integers(-(2**70), 2**70), st.floats(allow_nan=False))
@settings(max_examples=60, deadline=None)
def test_whatever_the_value_it_is_written_or_refused(
    text: str, items: list[str], whole: int, part: float
) -> None:
    for value in (text, items, whole, part):
        try:
            new = changed(FILE, change("output.watermark", "text", value))
        except AdminRefusal:
            continue
        assert tomllib.loads(new)["output"] == {"watermark": {"text": value}}


@pytest.mark.parametrize(
    "text",
    [
        "server.port = 1\n",
        "server = { port = 1 }\n",
        'x = """\n[server]\nport = 1\n"""\n',
        '[server]\n"po\\u0072t" = 1\n',
        "[a.server]\nport = 1\n[server.b]\n",
        "[[server]]\nport = 1\n",
    ],
)
def test_what_is_not_known_is_refused_never_done_otherwise(text: str) -> None:
    wanted = tomllib.loads(text)
    try:
        new = changed(text, change("server", "port", 9))
    except AdminRefusal:
        return
    wanted.setdefault("server", {})["port"] = 9
    assert tomllib.loads(new) == wanted


def test_comments_and_other_lines_stay() -> None:
    new = changed(FILE, change("server", "port", 9000))
    assert new == FILE.replace("port = 8082 ", "port = 9000 ", 1)
    new = changed(FILE, change("access", "origins", ["https://tax.example.cn#", "https://new.example.cn"]))
    assert '  "https://tax.example.cn#", # not a comment\n  "https://new.example.cn",\n]' in new
    assert "oa.example.cn" not in new
    assert changed(FILE, change("server", "port", None)) == FILE.replace(
        'port = 8082   # as pages expect "it" # really\n', ""
    )
    assert changed(FILE, change("log", "level", "DEBUG")) == f'{FILE}\n[log]\nlevel = "DEBUG"\n'
    assert changed("", change("log", "level", "DEBUG")) == '[log]\nlevel = "DEBUG"\n'
    assert changed("[log]", change("log", "level", "DEBUG")) == '[log]\nlevel = "DEBUG"\n'


LONG = {
    "a list": "[access]\norigins = [\n" + '  "https://a.example.cn", # as it is\n' * 1600 + "]\n",
    "tables": '[[cameras]]\nadapter = "x"\n' * 2500,
    "a text": 'x = """' + "# \n" * 20_000 + '"""\n',
    "tables of two": "".join(f"[a{number % 2}.b{number}]\n" for number in range(4000)),
}


@pytest.mark.long
@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
def test_a_long_file_is_parsed_once_before_and_once_after(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    parsed = []
    real = tomllib.loads

    def counted(text: str) -> dict[str, Any]:
        parsed.append(text)
        return real(text)

    monkeypatch.setattr(tomllib, "loads", counted)
    many = [f"https://b{number}.example.cn" for number in range(4000)]
    new = changed(text, change("access", "origins", many), change("log", "level", "DEBUG"))
    assert len(parsed) == 2
    assert real(new)["access"]["origins"] == many


def test_more_than_all_keys_or_a_longer_file_is_refused() -> None:
    for text, changes in (("# x" * 30_000, 1), ("", 1000)):
        with pytest.raises(AdminRefusal) as refusal:
            changed(text, *[change("log", "level", "DEBUG")] * changes)
        assert refusal.value.status == 413


# The file ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("service")
    with running(folder, '[access]\norigins = ["https://oa.example.cn"] # the office\n') as service:
        yield service


@pytest.fixture(scope="module")
def administrator(service: Service) -> Administrator:
    return Administrator(service)


def text_of(service: Service) -> str:
    return (service.folder / "config.toml").read_text(encoding="utf-8")


INVALID = [
    ("server", "port", 0),
    ("server", "port", "8082"),
    ("server", "host", "0.0.0.0"),
    ("limits", "connections", -1),
    ("access", "origins", ["oa.example.cn"]),
    ("access", "origins", ["https://*.com.cn"]),
    ("access", "token_file", "/nowhere/token"),
    ("upload", "allow", ["ftp://files.example.cn"]),
    ("dialects.eloam", "origins", ["x"]),
    ("log", "level", "LOUD"),
]


@pytest.mark.parametrize(("table", "key", "value"), INVALID)
def test_what_the_service_would_not_start_with_is_not_written(
    administrator: Administrator, table: str, key: str, value: Any
) -> None:
    """With the words of the start; by a draft, and by a save that nobody drafted."""
    before = text_of(administrator.service)
    status, told = administrator.ask("draft", changes=[{"table": table, "key": key, "value": value}])
    assert status == 422 and told["en"]
    new = changed(before, change(table, key, value))
    assert administrator.ask("save", text=new, stamp=stamp_of(before)) == (422, told)
    assert text_of(administrator.service) == before


def test_a_change_is_drafted_then_written_then_in_force(administrator: Administrator) -> None:
    service = administrator.service
    path = service.folder / "config.toml"
    path.chmod(0o640)
    before = text_of(service)
    changes = [
        {"table": "limits", "key": "requests_per_second", "value": 7},
        {"table": "upload", "key": "seconds", "value": 9},
    ]
    draft = administrator.must("draft", changes=changes)
    assert text_of(service) == before
    assert [line for line in draft["diff"] if line[0] in "+-"] == [
        *("+", "+[limits]", "+requests_per_second = 7", "+", "+[upload]", "+seconds = 9"),
    ]
    assert (draft["now"], draft["later"]) == (["limits.requests_per_second"], ["upload.seconds"])
    administrator.must("save", text=draft["text"], stamp=draft["stamp"])
    assert text_of(service) == draft["text"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    now = administrator.must("settings")
    assert now["pending"] == ["upload.seconds"]
    assert now["values"]["limits.requests_per_second"] == 7
    assert administrator.must("storage")["limits"]["requests_per_second"] == 7
    # Whoever drafted from the former text is told, and overwrites nothing.
    assert administrator.ask("save", text=before, stamp=stamp_of(before))[0] == 409
    assert text_of(service) == draft["text"]
    administrator.must("save", text=before, stamp=stamp_of(draft["text"]))


def test_a_mistake_in_the_file_is_told_and_can_be_mended(administrator: Administrator) -> None:
    service = administrator.service
    before = text_of(service)
    (service.folder / "config.toml").write_text(f"{before}\n[oops\n", encoding="utf-8")
    try:
        now = administrator.must("settings")
        assert "not valid TOML" in now["error"]
        assert (
            administrator.ask("draft", changes=[{"table": "log", "key": "level", "value": "DEBUG"}])[0] == 422
        )
        administrator.must("save", text=before, stamp=now["stamp"])
        assert text_of(service) == before
    finally:
        (service.folder / "config.toml").write_text(before, encoding="utf-8")


def test_endless_texts_are_refused(administrator: Administrator) -> None:
    for text in ("\n" * (MOST_LINES + 1), f"# {'x' * 70_000}"):
        assert administrator.ask("draft", text=text)[0] == 413


def the_file(path: Path) -> ConfigFile:
    return ConfigFile(path, Config, configuration.parse)


def test_a_link_is_followed_and_stays(tmp_path: Path) -> None:
    true = tmp_path / "true.toml"
    true.write_text("", encoding="utf-8")
    (tmp_path / "link.toml").symlink_to(true)
    the_file(tmp_path / "link.toml").write("[log]\n", stamp_of(""))
    assert (tmp_path / "link.toml").is_symlink() and true.read_text(encoding="utf-8") == "[log]\n"


def test_a_failing_disk_leaves_the_file_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "gaopai.toml"
    path.write_text("# as it was\n", encoding="utf-8")

    def full(*_: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(atomic.os, "fsync", full)
    with pytest.raises(AdminRefusal) as refusal:
        the_file(path).write("[log]\n", stamp_of("# as it was\n"))
    assert os.strerror(28) in str(refusal.value)
    assert path.read_text(encoding="utf-8") == "# as it was\n"
    assert [each.name for each in tmp_path.iterdir()] == ["gaopai.toml"]


def test_without_a_file_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(AdminRefusal) as refusal:
        ConfigFile(None, Config, configuration.parse).write("", "")
    assert "--config" in str(refusal.value)
    assert list(tmp_path.iterdir()) == []


# Origins -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "origin", ["", "x", "https://*.example.cn", "https://a b", "null", "https://a/b", "x" * 9999]
)
@pytest.mark.parametrize("decision", ["allow", "deny", "revoke"])
def test_only_an_origin_in_full_is_decided_about(
    administrator: Administrator, origin: str, decision: str
) -> None:
    assert administrator.ask("decide", origin=origin, decision=decision)[0] == 422
    assert administrator.ask("decide", origin="https://a.example.cn", decision="own")[0] == 400
    assert administrator.must("origins")["decided"] == []


# Log ---------------------------------------------------------------------------------------


@pytest.mark.long
async def test_the_log_tells_what_happened_and_nothing_personal(tmp_path: Path) -> None:
    """Cards are read, and a page says personal things wherever it can."""
    canaries = [RESIDENT.number, BANK.number, RESIDENT.name]
    with running(
        tmp_path, '[access]\norigins = ["https://oa.example.cn"]\n', "--log-level", "DEBUG"
    ) as service:
        async with connect(service.url, "https://oa.example.cn") as page:
            await page.ask("GetIDCardInfo", devNum=0)
            for canary in canaries:
                await page.ask(canary)
                await page.ask("GetFile", path=f"{canary}.jpg")
                await page.ask(
                    "UploadHttpFile", url=f"http://127.0.0.1:1/{canary}", imagePath=f"{canary}.jpg"
                )
        lines = Administrator(service).must("log")["lines"]
    told = json.dumps(lines, ensure_ascii=False)
    assert any("connected from" in line["message"] for line in lines)
    assert personal(told) == []
    assert [canary for canary in canaries if canary in told] == []


def test_the_log_is_bounded_by_lines_by_characters_and_by_time() -> None:
    now = [0.0]
    kept = RecentLines(lambda: now[0])

    def say(words: str, error: Exception | None = None, place: int = 1) -> None:
        raised = (type(error), error, None) if error else None
        kept.handle(logging.LogRecord("server.x", logging.INFO, "x.py", place, "%s", (words,), raised))

    say("of another place", place=2)

    for number in range(MOST_LOGGED + 10):
        say(f"line {number}")
    told = [line.message for line in kept.lines()]
    assert len(told) == MOST_LOGGED and told[:2] == ["of another place", "line 11"]
    for _ in range(MOST_LOGGED):
        say("x" * 100_000)
    assert sum(len(line.message) for line in kept.lines()) <= MOST_CHARACTERS
    assert kept.lines()[0].message == "of another place"
    now[0] = RECENT_SECONDS + 1
    say("one\ntwo\x1b[31m", ValueError("6222020200112233445"))
    (line,) = kept.lines()
    assert line.message == r"one\ntwo\u001b[31m (ValueError)"
