"""TypeScript declarations of every message."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec
from msgspec import inspect

from server.errors import LocalizedText, table
from server.protocol.catalogue import CATALOGUE
from server.protocol.export import model
from server.protocol.function import Function
from server.protocol.messages.base import Request
from server.protocol.parameters import plain

_HEADER = """\
// Generated from the protocol's declarations by `gaopai protocol export`. Do not edit.

/** What every answer but a preview frame carries. / 除视频帧外每条应答都有的字段。 */
export interface Envelope {
  func: string;
  functionName: string;
  /** The request's reqId, unchanged. / 与请求的 reqId 相同。 */
  reqId: unknown;
  /** 0, or an error code. / 0 为成功，其他为错误码。 */
  result: 0 | ErrorCode;
  success: 0 | 1;
  /** Only when result is not 0. / 仅在 result 不为 0 时。 */
  errorMsg?: string;
  /** Keys of the request that resemble a known one and were ignored. / 请求中与已知的键相似而被忽略的键。 */
  unknown?: string[];
}

/** What a preview frame carries besides its own members. / 视频帧的公共字段。 */
export interface FrameEnvelope {
  func: string;
  reqId: unknown;
}
"""


def typescript() -> str:
    """Return a declaration module: parts, requests, answers, error codes and the map of functions."""
    structs = (
        *model.parts(model.all_messages()),
        *(model.described(message) for message in model.all_messages()),
    )
    blocks = (_HEADER, *(_interface(struct) for struct in structs), _errors(), _functions())
    return "\n".join(blocks)


def _interface(struct: inspect.StructType) -> str:
    lenient = issubclass(struct.cls, Request)
    lines = [line for member in model.members(struct) for line in _member(member, lenient)]
    if not lines:
        return f"export type {struct.cls.__name__} = Record<never, never>;\n"
    return "\n".join((f"export interface {struct.cls.__name__} {{", *lines, "}", ""))


def _member(member: model.Member, lenient: bool) -> Iterator[str]:
    kind = _type(member.type)
    if lenient and model.is_list_of_text(member.type):
        kind = f"string | {kind}"
    if lenient and isinstance(member.type, inspect.DictType) and "unknown" not in kind:
        value = "string | number | boolean"
        kind = f"Record<string, {value} | ({value})[]>"
    yield _comment(member.meaning, "  ")
    yield f"  {member.name}{'' if member.required else '?'}: {kind};"


def _comment(text: LocalizedText, indent: str) -> str:
    return f"{indent}/** {text.en} / {text.zh} */"


def _type(declared: inspect.Type) -> str:
    declared = plain(declared)
    match declared:
        case inspect.StructType():
            return declared.cls.__name__
        case inspect.VarTupleType():
            return f"{_type(declared.item_type)}[]"
        case inspect.DictType():
            return f"Record<string, {_type(declared.value_type)}>"
        case inspect.UnionType():
            return _either(_type(item) for item in declared.types)
        case inspect.LiteralType():
            return _either(msgspec.json.encode(value).decode() for value in declared.values)
        case _:
            return _SCALARS[type(declared)]


_SCALARS = {
    inspect.AnyType: "unknown",
    inspect.IntType: "number",
    inspect.FloatType: "number",
    inspect.BoolType: "boolean",
    inspect.StrType: "string",
}


def _either(kinds: Iterable[str]) -> str:
    return " | ".join(dict.fromkeys(kinds))


def _errors() -> str:
    lines = [
        line
        for code, error in table().items()
        for line in (_comment(error.what, "  "), f"  {error.__name__}: {code};")
    ]
    return "\n".join(
        (
            "export interface ErrorCodes {",
            *lines,
            "}",
            "",
            "export type ErrorCode = ErrorCodes[keyof ErrorCodes];",
            "",
        )
    )


def _functions() -> str:
    lines = [line for function in CATALOGUE.values() for line in _entry(function)]
    return "\n".join(
        (
            "/** What each function takes, answers and sends by itself. / 各函数的请求、应答和推送。 */",
            "export interface Functions {",
            *lines,
            "}",
            "",
            "export type FunctionName = keyof Functions;",
            "",
        )
    )


def _entry(function: Function) -> Iterator[str]:
    pushes = _either(_push(push) for push in function.pushes) or "never"
    yield _comment(function.summary, "  ")
    yield (
        f"  {function.name}: {{ request: {function.request.__name__}; "
        f"answer: Envelope & {function.answer.__name__}; push: {pushes} }};"
    )
    for spelling in function.spellings:
        yield f'  {spelling}: Functions["{function.name}"];'


def _push(push: type) -> str:
    return f"{'FrameEnvelope' if model.is_frame(push) else 'Envelope'} & {push.__name__}"
