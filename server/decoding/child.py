"""The process that decodes foreign files: ``python -m server.decoding.child CHANNEL PARENT PIXELS``."""

from __future__ import annotations

import socket
import sys

from server.decoding.limits import close_all_but, confine


def main() -> None:
    """Arguments: the descriptor of a socket, the parent's process number, the largest picture in pixels."""
    channel, parent, limit_pixels = map(int, sys.argv[1:])
    close_all_but(channel)
    confine(limit_pixels, parent)
    # Only now, under the limits.
    from server.decoding.serving import serve  # noqa: PLC0415

    with socket.socket(fileno=channel) as connected:
        serve(connected, limit_pixels)


if __name__ == "__main__":
    main()
