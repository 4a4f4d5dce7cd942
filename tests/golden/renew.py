"""Write the expected pictures anew: ``python -m tests.golden.renew``; then look at each before committing."""

from __future__ import annotations

from imgcore import codec
from tests.golden.cases import EXPECTED, produce

QUALITY = 92
"""What a JPEG loses at it is well within what the comparator allows, and a picture stays under 100 kB."""


def main() -> None:
    """Replace what is in ``expected``."""
    EXPECTED.mkdir(exist_ok=True)
    for old in EXPECTED.glob("*.jpg"):
        old.unlink()
    for name, picture in produce().items():
        path = EXPECTED / f"{name}.jpg"
        path.write_bytes(codec.encode(picture, "jpg", QUALITY))
        print(f"{path}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
