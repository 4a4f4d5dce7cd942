"""Errors of template formats; the texts name no byte of a template."""

from __future__ import annotations


class FormatError(ValueError):
    """Raised for bytes that are no readable template; the text is a clause that says why."""


class FormatNotComparable(FormatError):
    """Raised for a template of a known format that no open method compares.

    Attributes
    ----------
    format
        Name of the format.
    """

    def __init__(self, name: str) -> None:
        super().__init__(f"it is in the format {name}, which no open method compares")
        self.format = name
