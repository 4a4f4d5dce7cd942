"""No word of the protocol, of the configuration or of a terminal reaches a clerk at the capture station."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.errors.base import GaopaiError

REPOSITORY = Path(__file__).parents[2]
WEB = REPOSITORY / "server/web"
SENTENCE = re.compile(r"""^\s+'?([\w-]+)'?: (?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"),$""", re.MULTILINE)
GUARD = re.compile(r"const PROTOCOL = /(.*)/;")
OF_THE_PROTOCOL = {"field", "func", "opener", "feature", "control", "root"}
"""Values of errors that are names of the protocol, or folders of the service."""
INTERNAL = {"picture": {3001, 3002, 3006, 8002, 8003, 8004}}
"""Errors that a parameter's name may be told in, where a page calls a picture so."""
DEVELOPERS = {"sample", "messages", "handWritten", "title", "error"}
"""Texts of the developer's panel, and the name of the station."""


def texts() -> dict[str, dict[str, str]]:
    """All sentences of the station, by language and key."""
    found: dict[str, dict[str, str]] = {"zh": {}, "en": {}}
    for path in sorted((WEB / "texts").glob("*.js")):
        if path.stem in ("i18n", "words"):
            continue
        chinese, _, english = path.read_text("utf-8").partition("\n  en: {")
        for language, part in (("zh", chinese), ("en", english)):
            found[language] |= {key: one or other for key, one, other in SENTENCE.findall(part)}
    return found


def protocol_words() -> re.Pattern[str]:
    """What the station itself takes for a word of the protocol."""
    guard = GUARD.search((WEB / "station/notice.js").read_text("utf-8"))
    assert guard is not None
    return re.compile(guard[1])


def errors(kind: type[GaopaiError] = GaopaiError) -> Iterator[type[GaopaiError]]:
    for one in kind.__subclasses__():
        yield one
        yield from errors(one)


def speaks_of_the_protocol(error: type[GaopaiError]) -> bool:
    """Whether what the service says of an error has words that no clerk knows."""
    said = [getattr(part, language) for part in (error.what, error.remedy) for language in ("zh", "en")]
    values = {value for sentence in said for value in re.findall(r"\{(\w+)\}", sentence)}
    plain = [re.sub(r"\{\w+\}", "", sentence) for sentence in said]
    told = any(error.code in codes for value, codes in INTERNAL.items() if value in values)
    return told or bool(values & OF_THE_PROTOCOL) or any(map(protocol_words().search, plain))


KNOWN = {error.code: error for error in errors() if getattr(error, "code", None)}


@pytest.mark.parametrize("code", sorted(KNOWN))
@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_error_of_the_protocols_words_has_a_sentence_of_the_station(code: int, language: str) -> None:
    if speaks_of_the_protocol(KNOWN[code]):
        assert f"error_{code}" in texts()[language], KNOWN[code].__name__


def test_there_is_no_sentence_for_an_error_that_does_not_exist() -> None:
    for sentences in texts().values():
        told = {key.removeprefix("error_") for key in sentences if key.startswith("error_")} - {"other"}
        assert {int(code) for code in told} <= set(KNOWN)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_text_of_the_station_has_a_word_of_the_protocol(language: str) -> None:
    sentences = texts()[language]
    assert len(sentences) > 300
    words = protocol_words()
    strange = {
        key: sentence
        for key, sentence in sentences.items()
        if key not in DEVELOPERS and words.search(re.sub(r"\{\w+\}|<kbd>|</kbd>", "", sentence))
    }
    assert strange == {}


@pytest.mark.parametrize(
    "sentence",
    [
        "请先调用 OpenCamera。",
        "add it to [upload] allow",
        "Run gaopai doctor.",
        "faceImageBase64",
        "cards.wlt_library",
    ],
)
def test_a_word_of_the_protocol_is_seen(sentence: str) -> None:
    assert protocol_words().search(sentence)
