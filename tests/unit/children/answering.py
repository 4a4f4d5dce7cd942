"""A child for tests: does as it is told, packet by packet."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

from server.children import memory
from server.children.channel import Channel


def main(channel: Channel, *arguments: str) -> None:
    """Serve until the other end hangs up."""
    with contextlib.suppress(EOFError):
        while True:
            data, file = channel.receive()
            if file is None:
                serve(channel, data.decode(), arguments)
            else:
                turn_round(channel, file)


def turn_round(channel: Channel, file: int) -> None:
    made = memory.filled([memory.content(file)[::-1]])
    channel.send(b"reversed", made)
    os.close(made)
    os.close(file)


def serve(channel: Channel, word: str, arguments: tuple[str, ...]) -> None:
    match word:
        case "state":
            channel.send(json.dumps(state(arguments)).encode())
        case "raise":
            raise ValueError("Wang Xiaoming")
        case "crash":
            print("Wang Xiaoming", file=sys.stderr, flush=True)
            signal.raise_signal(signal.SIGSEGV)
        case "open file":
            channel.send(b"open", memory.bounded(100))
        case "offspring":
            channel.send(str(subprocess.Popen(["sleep", "600"]).pid).encode())
        case "deaf":
            channel.send(b"deaf")
            time.sleep(600)


def state(arguments: tuple[str, ...]) -> object:
    """This process as it sees itself."""
    return {
        "arguments": arguments,
        "folder": str(Path.cwd()),
        "path": sys.path,
        "environment": dict(os.environ),
        "files": sorted(int(path.name) for path in Path("/proc/self/fd").iterdir())[:-1],
        "leader": os.getsid(0) == os.getpid() == os.getpgid(0),
        "core": resource.getrlimit(resource.RLIMIT_CORE),
        "files at most": resource.getrlimit(resource.RLIMIT_NOFILE),
        "data": resource.getrlimit(resource.RLIMIT_DATA),
        "status": Path("/proc/self/status").read_text(),
        "oom": Path("/proc/self/oom_score_adj").read_text(),
    }
