"""Reference for page authors, in Chinese and in English."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec
from msgspec import inspect

from server.errors import Language, LocalizedText, table
from server.protocol.catalogue import DOMAINS, STANDARD
from server.protocol.export import model
from server.protocol.export.prose import CONVENTIONS, WORDS, answer_example, push_example, request_example
from server.protocol.function import Function
from server.protocol.messages.base import Request
from server.protocol.parameters import plain


def markdown(language: Language) -> str:
    """Return the reference as one page."""
    return "\n".join((*_Reference(language).lines(), ""))


class _Reference:
    """Writes the page in one language."""

    def __init__(self, language: Language) -> None:
        self._language: Language = language

    def lines(self) -> Iterator[str]:
        yield f"# {self._word('title')} V{STANDARD}"
        yield ""
        yield self._say(CONVENTIONS)
        yield from self._contents()
        for domain in DOMAINS:
            yield from (f"## {self._say(domain.title)}", "")
            for function in domain.functions:
                yield from self._function(function)
        yield from self._errors()

    def _say(self, text: LocalizedText) -> str:
        return text.zh if self._language == "zh" else text.en

    def _word(self, key: str) -> str:
        return self._say(WORDS[key])

    def _contents(self) -> Iterator[str]:
        yield from (f"## {self._word('functions')}", "")
        for domain in DOMAINS:
            links = (f"[{function.name}](#{function.name.lower()})" for function in domain.functions)
            yield f"- {self._say(domain.title)}{self._word('colon')}{', '.join(links)}"
        yield f"- [{self._word('errors')}](#{self._word('errors').lower().replace(' ', '-')})"
        yield ""

    def _function(self, function: Function) -> Iterator[str]:
        yield from (f"### {function.name}", "", self._say(function.summary), "")
        yield from self._facts(function)
        for message in model.messages_of(function):
            yield from self._message(message)
        for part in model.parts(model.messages_of(function)):
            yield from (f"`{part.cls.__name__}`", "")
            yield from self._table(model.members(part), asked=False)
        yield from self._example(function)

    def _facts(self, function: Function) -> Iterator[str]:
        colon = self._word("colon")
        yield f"- {self._word('since')}{colon}{function.since}"
        if function.spellings:
            yield f"- {self._word('spellings')}{colon}{', '.join(f'`{name}`' for name in function.spellings)}"
        if function.errors:
            codes = sorted({error.code for error in function.errors})
            yield f"- {self._word('may answer')}{colon}{', '.join(f'[{code}](#e{code})' for code in codes)}"
        yield ""

    def _message(self, message: type) -> Iterator[str]:
        kind = "request" if issubclass(message, Request) else "push"
        if message.__name__.endswith("Answer"):
            kind = "answer"
        listed = model.members(model.described(message))
        if listed:
            yield from (f"**{self._word(kind)}**", "")
            yield from self._table(listed, asked=kind == "request")

    def _table(self, listed: Iterable[model.Member], asked: bool) -> Iterator[str]:
        head = [self._word("name"), self._word("type"), self._word("given"), self._word("meaning")]
        yield from (_row(head), _row(["---"] * len(head)))
        for member in listed:
            yield _row(
                [
                    f"`{member.name}`",
                    self._accepted(member.type) if asked else self._type(member.type),
                    self._given(member) if asked else self._present(member),
                    self._meaning(member),
                ]
            )
        yield ""

    def _given(self, member: model.Member) -> str:
        if member.required:
            return self._word("required")
        if member.default in (None, ()):
            return self._word("optional")
        return f"{self._word('default')} `{msgspec.json.encode(member.default).decode()}`"

    def _present(self, member: model.Member) -> str:
        return self._word("always" if member.required else "sometimes")

    def _meaning(self, member: model.Member) -> str:
        text = self._say(member.meaning)
        if member.aliases:
            text += self._word("alias").format(", ".join(f"`{alias}`" for alias in member.aliases))
        return text

    def _accepted(self, declared: inspect.Type) -> str:
        if isinstance(listed := plain(declared), inspect.VarTupleType) and model.is_list_of_text(listed):
            item = plain(listed.item_type)
            limited = isinstance(item, inspect.StrType) and item.max_length is not None
            return self._word("paths" if limited else "texts")
        return self._type(declared)

    def _type(self, declared: inspect.Type) -> str:
        declared = plain(declared)
        match declared:
            case inspect.StructType():
                return f"`{declared.cls.__name__}`"
            case inspect.VarTupleType():
                return f"{self._type(declared.item_type)}[]"
            case inspect.DictType():
                return self._word("object")
            case inspect.UnionType():
                return f" {self._word('or')} ".join(self._type(item) for item in declared.types)
            case inspect.LiteralType():
                return ", ".join(f"`{msgspec.json.encode(value).decode()}`" for value in declared.values)
            case _:
                return self._word(model.SCALARS[type(declared)]) + self._range(declared)

    def _range(self, declared: inspect.Type) -> str:
        low, high = getattr(declared, "ge", None), getattr(declared, "le", None)
        return "" if low is None else f" {low}..{high}"

    def _example(self, function: Function) -> Iterator[str]:
        yield from ("```jsonc", f"// {self._word('request')}", _json(request_example(function)))
        yield from (f"// {self._word('answer')}", _json(answer_example(function)))
        pushed = push_example(function)
        if pushed is not None:
            yield from (f"// {self._word('push')}", _json(pushed))
        yield from ("```", "")

    def _errors(self) -> Iterator[str]:
        yield from (f"## {self._word('errors')}", "", self._word("errors note"), "")
        yield from (_row([self._word("code"), self._word("name"), "errorMsg"]), _row(["---"] * 3))
        for code, error in table().items():
            space = "" if self._language == "zh" else " "
            sentence = space.join((self._say(error.what), self._say(error.remedy)))
            yield _row([f'<a id="e{code}"></a>{code}', error.__name__, sentence])


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _json(message: object) -> str:
    text = msgspec.json.format(msgspec.json.encode(message), indent=0).decode()
    return text if len(text) <= 100 else msgspec.json.format(text, indent=2)
