"""Print the lines of packaging/requirements.txt that pin the named libraries, or all --without these."""

from __future__ import annotations

import re
import sys
from pathlib import Path

PINNED = re.compile(r"^(?P<name>[\w.-]+)==.*?(?=^\S|\Z)", re.MULTILINE | re.DOTALL)


def main(names: list[str], without: bool) -> str:
    """The lines of the libraries `names`, or of all others."""
    text = (Path(__file__).parent / "requirements.txt").read_text(encoding="utf-8")
    return "".join(found[0] for found in PINNED.finditer(text) if (found["name"] in names) != without)


if __name__ == "__main__":
    arguments = sys.argv[1:]
    sys.stdout.write(main(arguments, without="--without" in arguments))
