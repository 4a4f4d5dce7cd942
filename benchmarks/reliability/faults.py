"""Faults survived: a kill and a failing disk at every call of every write, and the tests of all others."""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from collections import Counter
from pathlib import Path

from benchmarks import report
from benchmarks.reliability import killed
from benchmarks.reliability.service import REPOSITORY
from server.errors import LocalizedText

LIVES = (25, 2)
"""Number of kills of the whole service, in a full and in a quick run."""
KINDS = ("killed", "torn and killed", "ENOSPC", "EROFS", "EIO")
TESTS = (
    (
        "a client gone at three points of each function, by FIN and RST",
        "客户端在每个功能的三个时刻断开（FIN 与 RST）",
        "tests/faults/test_client_gone.py",
    ),
    (
        "cameras, scanners and decoding processes that go away",
        "摄像头、扫描仪、解码进程中途消失",
        "tests/faults/test_devices.py",
    ),
    ("clocks that jump", "时钟跳变", "tests/faults/test_clock.py"),
    (
        "scanner drivers that fail, hang, crash or are killed",
        "扫描仪驱动出错、卡死、崩溃或被杀",
        "tests/devices/sane/test_faults.py tests/devices/sane/test_orphans.py",
    ),
    (
        "a smart card service that is restarted, hangs or is not there",
        "读卡服务重启、卡死或不存在",
        "tests/devices/pcsc/test_readers.py",
    ),
    (
        "a full, a read-only and a failing disk below the storage",
        "存储所在磁盘已满、只读或出错",
        "tests/unit/storage/test_saving.py",
    ),
    (
        "all kinds of writes on a disk that really is full or read-only",
        "磁盘真正写满或只读时的各类写入",
        "tests/faults/test_real_disks.py",
    ),
    (
        "uploads whose server fails, and whose service is killed",
        "上传服务器出错、本服务被杀",
        "tests/functional/test_upload_queue.py",
    ),
    (
        "1000 connections in a burst, 10 000 requests at once",
        "瞬间 1000 个连接、10 000 个请求",
        "tests/security/test_s10_rates.py",
    ),
    ("10 000 malformed messages", "10 000 条格式错误的消息", "tests/security/test_s08_codec.py"),
)
EVERYTHING = {**os.environ, "GAOPAI_EXHAUSTIVE": "counted"}
"""For tests that try a sample by default, and in ``script/test --all``."""
HEADS = (("fault", "injected", "survived", "not possible here"), ("故障", "注入次数", "承受住", "此处无法测"))


def section(quick: bool) -> tuple[LocalizedText, bool]:
    """Return the table in both languages, and True if something was not survived."""
    writes, failed = _writes(quick)
    ended, lost = _lives(LIVES[quick])
    others, broken = _others(quick)
    tables = [
        report.table(HEADS[language], [[row[0][language], *row[1:]] for row in (*writes, ended, *others)])
        for language in (1, 0)
    ]
    return LocalizedText(*tables), failed or lost or broken


Row = tuple[tuple[str, str], str, str, str]


def _writes(quick: bool) -> tuple[list[Row], bool]:
    writers = importlib.import_module("tests.faults.writers").WRITERS
    rows = list[Row]()
    failed = False
    injected = Counter[str]()
    survived = Counter[str]()
    for name in list(writers)[: 2 if quick else None]:
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, "-m", "tests.faults.points", name, folder]
            output = subprocess.run(
                command, cwd=REPOSITORY, env=EVERYTHING, check=True, capture_output=True, text=True
            ).stdout
            for run in map(json.loads, output.splitlines()):
                if "hindrance" in run:
                    return [
                        ((f"writes: {run['hindrance']}", f"写入：{run['hindrance']}"), "0", "0", "all")
                    ], False
                kind = run["fault"].partition(" at ")[0]
                injected[kind] += 1
                try:
                    writers[name].judge(Path(folder, str(run["folder"])), run["notes"])
                    survived[kind] += 1
                except Exception as exc:  # noqa: BLE001 - counted, and told
                    print(f"{name}, {run['fault']}: {exc}", file=sys.stderr)
                    failed = True
    for kind in KINDS:
        names = (
            f"{kind} at a call of {len(writers)} kinds of writes",
            f"{len(writers)} 类写入的系统调用处：{kind}",
        )
        rows.append((names, str(injected[kind]), str(survived[kind]), "0"))
    return rows, failed


def _lives(number: int) -> tuple[Row, bool]:
    with tempfile.TemporaryDirectory() as folder:
        ledger = asyncio.run(killed.run_kill_cycles(Path(folder), number, "1"))
    print(*ledger.complaints, sep="\n", file=sys.stderr)
    files = len(ledger.files)
    uploads = len(ledger.uploads)
    names = (
        f"the whole service killed at work; {files} files and {uploads} uploads were promised",
        f"工作中整个服务被杀；其间承诺了 {files} 个文件、{uploads} 次上传",
    )
    return (names, str(number), str(ledger.survived), "0"), bool(ledger.complaints)


def _others(quick: bool) -> tuple[list[Row], bool]:
    rows = list[Row]()
    failed = False
    for english, chinese, paths in TESTS[: 3 if quick else None]:
        with tempfile.TemporaryDirectory() as folder:
            results = Path(folder, "results.xml")
            command = [sys.executable, "-m", "pytest", "-q", f"--junitxml={results}", *paths.split()]
            subprocess.run(command, cwd=REPOSITORY, env=EVERYTHING, check=False, capture_output=True)
            # Written by pytest just now.
            suite = ElementTree.parse(results).getroot()[0]
        tests = int(suite.attrib["tests"])
        skipped = int(suite.attrib["skipped"])
        bad = int(suite.attrib["failures"]) + int(suite.attrib["errors"])
        failed = failed or bad > 0
        rows.append(((english, chinese), str(tests - skipped), str(tests - skipped - bad), str(skipped)))
    return rows, failed
