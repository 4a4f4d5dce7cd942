"""Base class of errors: a code, and texts about the event and the remedy."""

from __future__ import annotations

from typing import Any, ClassVar, Literal, NamedTuple

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, Language] = ("zh", "en")


class LocalizedText(NamedTuple):
    """Sentence in both languages; ``{name}`` is a placeholder for a value of the error."""

    zh: str
    en: str

    def fill(self, language: Language, values: dict[str, Any]) -> str:
        """Format the sentence in `language` with values, which may be of type `LocalizedText`."""
        spoken = {
            name: value.fill(language, {}) if isinstance(value, LocalizedText) else value
            for name, value in values.items()
        }
        return (self.zh if language == "zh" else self.en).format_map(spoken)

    def filled(self, **values: object) -> LocalizedText:
        """Return the sentence in both languages, formatted with values."""
        # It is formatted once more: braces in a value are no placeholder.
        zh, en = (self.fill(language, values).replace("{", "{{").replace("}", "}}") for language in LANGUAGES)
        return LocalizedText(zh, en)


class Reasoned(Exception):
    """An error whose `reason` is a clause in both languages, without paths, credentials and personal data."""

    def __init__(self, reason: LocalizedText) -> None:
        self.reason = reason
        super().__init__(reason.en)


class GaopaiError(Exception):
    """An error that becomes an answer. Values must hold no personal data.

    Attributes
    ----------
    status
        Status of the answer over HTTP; 409 for what a person or the next request can put right.
    """

    code: ClassVar[int]
    status: ClassVar[int] = 409
    what: ClassVar[LocalizedText]
    remedy: ClassVar[LocalizedText]
    exit_code = 1

    def __init__(self, **values: object) -> None:
        self.values = values
        super().__init__(self.message("en"))

    def message(self, language: Language) -> str:
        """Return the event and the remedy as one line, for `errorMsg`."""
        happened = self.what.fill(language, self.values)
        next_step = self.remedy.fill(language, self.values)
        return f"{happened}{'' if language == 'zh' else ' '}{next_step}"


class NameUnknown(GaopaiError):
    """Base of errors about a name that is not there; `nearest` is the one that was probably meant, if any."""

    guess = LocalizedText("是否为 {nearest}？", " Did you mean {nearest}?")

    def message(self, language: Language) -> str:
        """Return the event and the remedy, with the name that was probably meant."""
        said = super().message(language)
        return said + self.guess.fill(language, self.values) if self.values.get("nearest") else said


def forget_frames(error: BaseException) -> None:
    """Drop the frames that an error came through, and those of its causes.

    They hold what was worked on, such as pictures, and a future that a frame holds holds its error: together
    they stay until Python looks for cycles, which is minutes later.
    """
    each: BaseException | None = error
    while each is not None and each.__traceback__ is not None:
        each.__traceback__ = None
        each = each.__cause__ or each.__context__


def table() -> dict[int, type[GaopaiError]]:
    """Return all error classes by code, in ascending order.

    Raises
    ------
    ValueError
        Two classes have the same code.
    """
    found: dict[int, type[GaopaiError]] = {}
    pending = list(GaopaiError.__subclasses__())
    while pending:
        error = pending.pop()
        pending.extend(error.__subclasses__())
        if error is NameUnknown:
            continue
        if found.setdefault(error.code, error) is not error:
            raise ValueError(f"code {error.code}: {error.__name__} and {found[error.code].__name__}")
    return dict(sorted(found.items()))
