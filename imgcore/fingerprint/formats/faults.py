"""What can be wrong with a template; the texts name no byte of it."""

from __future__ import annotations


class FormatError(ValueError):
    """Bytes that are no template that can be read; the text is a clause that says why."""


class FormatNotComparable(FormatError):
    """A template of a format that is known, but that nothing open compares.

    Attributes
    ----------
    format
        Its name.
    """

    def __init__(self, name: str) -> None:
        super().__init__(f"it is in the format {name}, which no open method compares")
        self.format = name
