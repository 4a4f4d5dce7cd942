"""Print the lines of packaging/requirements.txt that pin one library, with their hashes."""

from __future__ import annotations

import re
import sys
from pathlib import Path

PINNED = re.compile(r"^(?P<name>[\w.-]+)==.*?(?=^\S|\Z)", re.MULTILINE | re.DOTALL)


def main(name: str) -> str:
    """The lines of the library `name`."""
    text = (Path(__file__).parent / "requirements.txt").read_text(encoding="utf-8")
    return "".join(found[0] for found in PINNED.finditer(text) if found["name"] == name)


if __name__ == "__main__":
    sys.stdout.write(main(sys.argv[1]))
