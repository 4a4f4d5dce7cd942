"""``script/bench page``: render the page of results from the ledger, with what is stale today."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from benchmarks.ledger import page


def main(arguments: Sequence[str]) -> int:
    """Write the page, and say how much of it is stale."""
    argparse.ArgumentParser(prog="script/bench page", description=__doc__).parse_args(arguments)
    page.write()
    stale = page.stale_names()
    print(f"{page.PAGE}: {len(stale)} stale{': ' if stale else ''}{', '.join(stale)}")
    return 0
