"""S29: foreign text reaches logs and terminals escaped and bounded, and no flood fills a log."""

from __future__ import annotations

import base64
import io
import json
import logging
import os
import pty
import socket
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgcore.checks.bank_number import is_bank_number
from imgcore.checks.credit_code import is_credit_code
from imgcore.checks.dates import dates_in, full_year, has_passed, is_date
from imgcore.checks.invoice_code import cents_of
from imgcore.checks.mrz import Zone, read_zone
from imgcore.checks.resident_number import number_in, resident_number
from models.locate import ModelMissing
from server.cli.doctor.check import Check, same
from server.cli.terminal import GuardedStream, raw
from server.devices.access import Account
from server.devices.adapters.pcsc.finder import _denied
from server.services.faces.onnx_engine import load_detector, load_liveness_nets
from server.telemetry import logs as bursts
from server.telemetry.chain import START, linked
from server.telemetry.logs import FORMATTERS, LONGEST, BurstHandler, Format
from server.telemetry.printable import ACTING, json_line, printable
from tests.functional.page import connect
from tests.functional.uploading import JPEG
from tests.patience import PATIENCE
from tests.service import REPOSITORY, running

ACTIONS = {
    "title": "\x1b]0;other title\x07",
    "colour": "\x1b[31m",
    "answer": "\x1b[6n\x1bP$q\x1b\\",
    "backspaces": "ok\b\b",
    "C1": "\x9b31m\x90",
    "right to left": "gpj\u202efdp.exe\u2066\u200f",
    "invisible": "a\u200bb\u2060\ufeff\u00ad",
    "tags": "\U000e0041",
    "lines": "\n2026-01-01 INFO forged\r\u2028\u2029\x85",
    "surrogate": "\udc9b",
    "null": "\0\x7f",
}


def acting(text: str) -> set[str]:
    """The characters of a text that a terminal or a reader would not see as themselves."""
    return {each for each in text if unicodedata.category(each) in ACTING}


@given(st.text(st.characters(exclude_categories=[])))
def test_nothing_acts_and_the_rest_stays(text: str) -> None:
    shown = printable(text)
    assert not acting(shown)
    kept = [each for each in text if not acting(each)]
    assert [each for each in kept if each not in shown] == []
    assert json.loads(json_line({"name": text})) == {"name": text}
    assert not acting(json_line({"name": text}))


def test_what_people_write_stays_as_it_is() -> None:
    for text in ("张三 身份证（正面）.jpg", "naïve façade", "全角　空格", "😀 𠮷", "C:\\new\\table"):
        assert printable(text) == text
    assert printable("a\tb\n\x1b") == "a\\tb\\n\\u001b"
    assert printable("\U000e0041") == "\\udb40\\udc41"


def test_long_text_is_bounded_also_where_each_character_is_escaped() -> None:
    for text in ("x" * 10_000_000, "\x1b" * 10_000_000):
        assert len(printable(text, 100)) < 140
        assert "(10000000 characters)" in printable(text, 100)
    assert printable("x" * 100, 100) == "x" * 100


@pytest.mark.parametrize("style", FORMATTERS)
@pytest.mark.parametrize("action", ACTIONS)
def test_in_no_format_of_the_log(style: Format, action: str) -> None:
    text = ACTIONS[action]
    record = logging.LogRecord("x", logging.INFO, "x.py", 1, "refused an upload to %s", (text,), None)
    line = FORMATTERS[style]().format(record)
    assert not acting(line)
    assert len(FORMATTERS[style]().format(_with(text * LONGEST))) < 2 * LONGEST + 500


def _with(message: str) -> logging.LogRecord:
    return logging.LogRecord("x", logging.INFO, "x.py", 1, message, None, None)


@pytest.mark.parametrize("action", ACTIONS)
def test_nor_in_the_audit_trail(action: str) -> None:
    """Which keeps what it was told, also where that is no UTF-8."""
    line = linked(START, {"device": ACTIONS[action]})[1]
    assert not acting(line)
    assert json.loads(line)["device"] == ACTIONS[action]


@pytest.mark.long
@pytest.mark.parametrize("style", FORMATTERS)
async def test_the_log_of_a_service_that_strangers_write_to(style: Format, tmp_path: Path) -> None:
    """Addresses of uploads that act, and a flood of addresses that are too long for HTTP."""
    picture = base64.b64encode(JPEG).decode()
    with running(tmp_path, f'[log]\nformat = "{style}"\n', "--other-users") as service:
        async with connect(service.url, None) as page:
            for text in ACTIONS.values():
                for url in (
                    f"http://{text}.example.cn/up",
                    f"http://a{text}b:1/",
                    f"http://x.example.cn/{text}",
                ):
                    await page.ask("UploadHttpFile", url=url, imageBase64=picture)
        long = f"GET /{'x' * 20_000}\x1b[31m HTTP/1.1\r\nHost: 127.0.0.1:{service.port}\r\n\r\n".encode()
        for _ in range(bursts.LINES + 50):
            with socket.create_connection(("127.0.0.1", service.port), PATIENCE) as client:
                client.sendall(long)
                assert client.recv(20).split()[1] == b"400"
    lines = service.log.splitlines()
    assert [line for line in lines if acting(line)] == []
    assert max(map(len, lines)) < LONGEST
    assert sum("refused an upload" in line for line in lines) > len(ACTIONS)
    assert sum("malformed" in line for line in lines) == bursts.LINES + 1
    assert sum("50 more lines like this one" in line for line in lines) == 1


# A terminal ----------------------------------------------------------------------------


def test_a_guarded_stream_is_that_stream_but_for_what_acts() -> None:
    under = io.StringIO()
    stream = GuardedStream(under)
    print("a\x1b[31m", "b\x9b", file=stream)
    assert under.getvalue() == "a\\u001b[31m b\\u009b\n"
    assert raw(stream) is under  # type: ignore[arg-type]
    assert stream.isatty() is False


def test_a_check_of_the_doctor_is_its_own_lines_only() -> None:
    check = Check("/dev/video\x1b[2J", False, same("a program\nok      python: forged"), same("type this"))
    assert check.lines("en").count("\n") == 1


NAMES = [name for name, text in ACTIONS.items() if "\0" not in text]
COMMANDS = {
    "enhance": ["enhance", "pictures", "-o", "out"],
    "detect": ["detect", "pictures"],
    "barcode": ["barcode", "pictures"],
    "face": ["face", "live", "pictures"],
    "json": ["detect", "--json", "pictures"],
    "arguments": ["enhance", "pictures", "-o", "out", "--\x1b[31m\x9b"],
    "authority": ["tls", "trust", "no\x1b[31m\u202e.pem"],
    "configuration": ["doctor", "--config", "no\x1b[31m\x9b.toml"],
}


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of pictures, readable ones and others, whose names act."""
    folder = tmp_path_factory.mktemp("names")
    (folder / "pictures").mkdir()
    good = cv2.imencode(".png", np.full((60, 80), 200, np.uint8))[1].tobytes()
    for number, name in enumerate(NAMES):
        path = os.fsencode(folder / "pictures") + b"/" + ACTIONS[name].encode("utf-8", "surrogateescape")
        Path(os.fsdecode(path + b".png")).write_bytes(good if number % 2 else b"no picture")
        Path(os.fsdecode(path + b"2.png")).write_bytes(b"no picture" if number % 2 else good)
    return folder


def on_a_terminal(words: list[str], folder: Path) -> str:
    """What a command writes to a terminal."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "server", *words]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "LANG": "C.UTF-8"}
    process = subprocess.Popen(
        command, cwd=folder, env=environment, stdin=theirs, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    with os.fdopen(ours, "rb", buffering=0) as terminal:
        told = b"".join(_until_closed(terminal))
    process.wait(PATIENCE)
    return told.decode("utf-8", "surrogateescape").replace("\r\n", "\n")


def _until_closed(terminal: io.FileIO | io.RawIOBase) -> Iterator[bytes]:
    try:
        while data := terminal.read(1 << 16):
            yield data
    except OSError:  # Linux says so when nobody writes to a terminal any more
        return


@pytest.mark.long
@pytest.mark.parametrize("name", COMMANDS)
def test_no_command_lets_a_name_act_on_the_terminal(pictures: Path, name: str) -> None:
    if name == "face":
        _need_face_models()
    told = on_a_terminal(COMMANDS[name], pictures)
    # The progress bar's own.
    told = told.replace("\x1b[K", "").replace("\r", "")
    assert acting(told) <= {"\n"}, told
    assert "\\u" in told, "the trap does not work, so the test shows nothing"
    assert "\n2026-01-01" not in told


def _need_face_models() -> None:
    try:
        load_detector()
        load_liveness_nets()
    except ModelMissing as missing:
        pytest.skip(str(missing))


@pytest.mark.long
def test_a_program_reads_names_as_they_are(pictures: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "server", "enhance", "pictures", "-o", str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "PYTHONIOENCODING": "utf-8:strict"}
    done = subprocess.run(command, cwd=pictures, env=environment, capture_output=True, timeout=PATIENCE)
    made = {os.fsencode(path) for path in tmp_path.rglob("*.png")}
    assert made
    assert all(path in done.stdout for path in made)
    assert not acting(done.stderr.decode()) - {"\n"}


# Floods --------------------------------------------------------------------------------


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def log() -> Iterator[tuple[logging.Logger, io.StringIO, Clock, BurstHandler]]:
    clock = Clock()
    written = io.StringIO()
    handler = BurstHandler(written, clock)
    handler.setFormatter(FORMATTERS["text"]())
    logger = logging.Logger("flood")
    logger.addHandler(handler)
    yield logger, written, clock, handler
    handler.close()


def refuse(logger: logging.Logger, number: int) -> None:
    for user in range(number):
        logger.warning("refused a connection of user %d", user)


def test_a_flood_is_counted_and_told_as_a_number(
    log: tuple[logging.Logger, io.StringIO, Clock, BurstHandler],
) -> None:
    logger, written, clock, _ = log
    refuse(logger, 100_000)
    assert written.getvalue().count("\n") == bursts.LINES
    clock.now = 2 * bursts.SECONDS
    logger.info("something else")
    *_, summary, other = written.getvalue().splitlines()
    assert f"{100_000 - bursts.LINES} more lines like this one were left out" in summary
    assert "of user 99999" in summary
    assert "something else" in other


def test_others_are_heard_meanwhile_and_it_is_heard_again_afterwards(
    log: tuple[logging.Logger, io.StringIO, Clock, BurstHandler],
) -> None:
    logger, written, clock, _ = log
    refuse(logger, 1000)
    logger.error("a disk is full")
    assert "a disk is full" in written.getvalue()
    clock.now = 2 * bursts.SECONDS
    refuse(logger, 1)
    assert written.getvalue().splitlines()[-1].endswith("of user 0")


def test_the_number_is_told_at_the_end_at_the_latest(
    log: tuple[logging.Logger, io.StringIO, Clock, BurstHandler],
) -> None:
    logger, written, _, handler = log
    refuse(logger, bursts.LINES + 7)
    handler.close()
    assert "7 more lines" in written.getvalue().splitlines()[-1]


def test_what_is_remembered_is_bounded(log: tuple[logging.Logger, io.StringIO, Clock, BurstHandler]) -> None:
    logger, _, clock, handler = log
    for minute in range(5):
        clock.now = minute * 2 * bursts.SECONDS
        refuse(logger, 10)
    assert len(handler._bursts) == 1


CHECKS = (
    lambda text: read_zone([text, text]),
    lambda text: read_zone([text] * 3),
    dates_in,
    is_date,
    is_bank_number,
    is_credit_code,
    resident_number,
    number_in,
    cents_of,
    lambda text: has_passed(text, date(2030, 1, 1)),
    lambda text: full_year(text, born=True)[:4],
)
ODD = (
    *("", "²", "٣" * 18, "９" * 18, "Ⅷ", "<" * 44, "2012年１月１日", "①" * 17, "ı" * 18, "1" * 17 + "²"),
    *("20٣1０101", "6222" + "٣" * 15, "\ud800", "0" * 5000, "१२/३०", "¥١٢.٣٤", "P<UTO" + "²" * 39),
    "L898902C3²UTO٣٤08122F<<<<<<<ZE184226B<<<<<10",
)


@pytest.mark.parametrize("text", ODD, ids=range(len(ODD)))
def test_odd_digits_are_no_error_and_leave_as_none(text: str) -> None:
    """Digits of other scripts, figures that are none, fillers and nothing."""
    for check in CHECKS:
        found = check(text)
        assert isinstance(found, Zone) or ascii(found) == repr(found), check


@pytest.mark.parametrize("name", ["clerk", r"BANK\zhang", 'a"; return polkit.Result.YES; //', "高\n"])
def test_an_account_is_one_word_of_the_rule_for_polkit(name: str) -> None:
    """Directories name accounts with a backslash, which a script would take for an escape."""
    remedy = _denied(Account(name, frozenset()))[1].en
    assert "\n" not in remedy
    word = remedy.partition("subject.user == ")[2].rpartition(") return")[0]
    assert json.loads(word) == name
