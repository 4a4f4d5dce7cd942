"""Reference for page authors, in Chinese and in English: its prose and its pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
from msgspec import inspect

from server.errors import Language, LocalizedText, table
from server.protocol.catalogue import CATALOGUE, DOMAINS, STANDARD
from server.protocol.codec import Head, encode_answer
from server.protocol.export import model
from server.protocol.export.model import is_frame
from server.protocol.function import Function
from server.protocol.messages.base import Answer, Request
from server.protocol.parameters import plain

# ruff: noqa: E501 - a line of a Markdown table cannot be broken


WORDS = {
    "title": LocalizedText("gaopai 接口参考，标准", "gaopai protocol reference, standard"),
    "functions": LocalizedText("函数", "Functions"),
    "errors": LocalizedText("错误码", "Error codes"),
    "errors note": LocalizedText(
        "0 是唯一的成功。1xxx 可能由任何函数返回；花括号处为具体的值。已发布的错误码含义不变。",
        "0 is the only success. Any function may answer with 1xxx; braces stand for the values. "
        "A published code never changes its meaning.",
    ),
    "since": LocalizedText("版本", "Since"),
    "spellings": LocalizedText("也接受的名称", "Other accepted names"),
    "may answer": LocalizedText("可能的错误", "Errors"),
    "request": LocalizedText("请求", "Request"),
    "answer": LocalizedText("应答", "Answer"),
    "push": LocalizedText("推送", "Push"),
    "name": LocalizedText("名称", "Name"),
    "type": LocalizedText("类型", "Type"),
    "given": LocalizedText("必需", "Presence"),
    "meaning": LocalizedText("说明", "Meaning"),
    "required": LocalizedText("必需", "required"),
    "optional": LocalizedText("可选", "optional"),
    "default": LocalizedText("默认", "default"),
    "always": LocalizedText("总有", "always"),
    "sometimes": LocalizedText("视情况", "when there is one"),
    "alias": LocalizedText("（也接受 {}）", " (also accepted: {})"),
    "colon": LocalizedText("：", ": "),
    "paths": LocalizedText("文本（用 ; 分隔）或文本数组", "string with ; between, or string[]"),
    "texts": LocalizedText("文本或文本数组", "string or string[]"),
    "or": LocalizedText("或", "or"),
    "object": LocalizedText("对象", "object"),
    "integer": LocalizedText("整数", "integer"),
    "number": LocalizedText("数", "number"),
    "boolean": LocalizedText("真假值", "boolean"),
    "string": LocalizedText("文本", "string"),
    "code": LocalizedText("错误码", "Code"),
    "types": LocalizedText("共用类型", "Shared types"),
    "types note": LocalizedText(
        "多个函数共用的对象，各说明一次。", "Objects that several functions share, each described once."
    ),
    "beyond": LocalizedText("标准之外的 {} 个参数", "{} beyond the standard"),
}
BEYOND = "beyond the standard"
"""First words of the meaning of a member that the standard does not have."""

CONVENTIONS = LocalizedText(
    """\
由协议声明生成（`gaopai protocol export`），请勿手工修改。

## 连接

1. **打开** `ws://127.0.0.1:8082/`；启用 TLS 时为 `wss://127.0.0.1:8083/`。浏览器报告网页的源（`Origin`），服务只接受允许的源：由管理员、`gaopai allow` 或桌面前的人允许，首次连接等待其决定。被拒绝的连接以 HTTP 403 结束。
2. **令牌**：服务要求时，放在地址 `?token=...` 中，或作为子协议 `gaopai.token.` 加令牌；没有或错误时以 HTTP 401 结束。
3. **语言**：`errorMsg` 为浏览器的语言（`Accept-Language`）；`SetPageInfo` 的 `"language": "en"` 或 `"zh"` 另行指定。
4. **二进制帧**：以子协议 `gaopai.v1.binary` 打开时，视频帧为二进制消息：四字节大端长度、JSON 头、图片字节；应答仍为文本。
5. **多条应答**：一个请求可有多条 `func` 和 `reqId` 相同的消息：多图裁切每张一条，`Scan` 每页一条，视频每帧一条。每条说明是第几张（`imageIndex`、`imageCount`）或任务是否结束。
6. **推送**：设备、上传或其他网页有变化时，服务自行发送 `func` 为 `Notify` 的消息，`event` 说明是哪一种；`reqId` 为引起它的请求的，没有时为 `""`。

```js
const socket = new WebSocket('ws://127.0.0.1:8082/');
socket.onopen = () => socket.send(JSON.stringify({ func: 'GetCameraInfo', reqId: '1' }));
socket.onmessage = ({ data }) => {
  const message = JSON.parse(data);
  if (message.func === 'Notify') console.log(message.event);
  else if (message.reqId === '1') console.log(message.result, message.devInfo);
};
```

## 约定

- 连接 `ws://127.0.0.1:8082/`，每个文本帧一个 JSON 对象。
- 请求：`func` 为函数名，`reqId` 由应答原样返回（没有时为 `""`），参数在最外层。
- 应答：`func`、`functionName`、`reqId`、`result`（0 或错误码）、`success`（1 或 0），出错时有 `errorMsg`。
- 视频帧没有 `functionName` 和 `success`；第一帧即开始视频的应答。
- 同一连接的请求按顺序执行；停止类请求（关闭、`enable` 为 false、取消）不排队，会取消正在进行的扫描或比对。
- 键的值为 `null` 等于没有此键；空文本路径表示默认目录和文件名。

| 网页的写法 | 处理 |
| --- | --- |
| `functionName`、`function`、`Func` 代替 `func` | 接受；用 `function` 或 `Func` 时，应答也带此键 |
| 十进制数字字符串，如 `"devNum":"0"` | 接受；`"1.5"`（整数处）、`""`、`"0x1"`、`true` 为参数错误 |
| `enable`: true、false、1、0 及其字符串，不分大小写 | 接受 |
| 多余的键、任意顺序、BOM、内容为 UTF-8 JSON 的二进制帧 | 接受；与已知的键只差大小写或一两个字母的键，在应答的 `unknown` 中列出 |
| `cropRect`: 对象、四个数的数组、单键对象的数组、`"左,上,右,下"`、`["left":4,...]` | 接受 |
| 没有 `devNum` | 本连接最后打开的摄像头；没有打开的则出错 |
| 无效 JSON、未知函数、无效参数 | 一条错误应答，连接保持 |
""",
    """\
Generated from the protocol's declarations by `gaopai protocol export`; do not edit.

## Connecting

1. **Open** `ws://127.0.0.1:8082/`, or `wss://127.0.0.1:8083/` where TLS is switched on. The browser tells the page's origin, and the service takes only those that were allowed: by the administrator, by `gaopai allow`, or by the person at the desktop, for whom the first connection waits. Others end with HTTP 403.
2. **Token**: where the service asks for one, it stands in the address, `?token=...`, or is offered as a subprotocol, `gaopai.token.` and the token. Without it, or with a wrong one, the connection ends with HTTP 401.
3. **Language**: `errorMsg` is in the browser's language (`Accept-Language`); `SetPageInfo` with `"language": "en"` or `"zh"` chooses another.
4. **Binary frames**: opened with the subprotocol `gaopai.v1.binary`, the socket brings preview frames as binary messages: four bytes with the length of a JSON header, most significant first, the header, the picture. Answers stay text.
5. **Several answers**: a request may be answered by several messages with its `func` and `reqId`: a multi-crop by one for each picture, `Scan` by one for each page, a preview by one for each frame. Each says which it is (`imageIndex` of `imageCount`), or that the job has ended.
6. **Pushes**: what changes by itself, a device, an upload, another page's wish, is told in a message whose `func` is `Notify`; `event` says what happened, and `reqId` is that of the request it goes back to, or `""`.

```js
const socket = new WebSocket('ws://127.0.0.1:8082/');
socket.onopen = () => socket.send(JSON.stringify({ func: 'GetCameraInfo', reqId: '1' }));
socket.onmessage = ({ data }) => {
  const message = JSON.parse(data);
  if (message.func === 'Notify') console.log(message.event);
  else if (message.reqId === '1') console.log(message.result, message.devInfo);
};
```

## Conventions

- Connect to `ws://127.0.0.1:8082/`; each text frame is one JSON object.
- Request: `func` names the function, answers repeat `reqId` unchanged (`""` when missing), parameters stand at the top level.
- Answer: `func`, `functionName`, `reqId`, `result` (0 or an error code), `success` (1 or 0), and `errorMsg` with an error.
- Preview frames have no `functionName` and no `success`; the first frame is the answer to the request that starts them.
- Requests of one connection run in order; those that stop something (close, `enable` false, cancel) never wait: they cancel the scan or match that runs.
- A key whose value is `null` counts as absent; an empty path means the default folder and name.

| What pages send | What happens |
| --- | --- |
| `functionName`, `function` or `Func` for `func` | accepted; an answer to `function` or `Func` carries that key too |
| decimal numbers as strings, `"devNum":"0"` | accepted; `"1.5"` for an integer, `""`, `"0x1"`, `true` are parameter errors |
| `enable` as true, false, 1, 0 or a string of these in any case | accepted |
| extra keys, any order, a BOM, a binary frame that holds UTF-8 JSON | accepted; keys that differ from a known one by case or a letter or two are listed in the answer's `unknown` |
| `cropRect` as an object, an array of four, an array of one-key objects, `"l,t,r,b"`, `["left":4,...]` | accepted |
| no `devNum` | the camera this connection opened last; an error when none is open |
| invalid JSON, an unknown function, a bad parameter | one error answer; the connection stays |
""",
)


_REQ_ID = "1"


def request_example(function: Function) -> dict[str, Any]:
    """Return the example request as a page sends it."""
    return {"func": function.name, "reqId": _REQ_ID, **function.example.request}


def answer_example(function: Function) -> dict[str, Any]:
    """Return the example answer as the codec encodes it."""
    return _sent(function, function.example.answer)


def push_example(function: Function) -> dict[str, Any] | None:
    """Return the example push, None for functions without one."""
    pushed = function.example.push
    if pushed is None:
        return None
    if is_frame(type(pushed)):
        return {"func": function.name, "reqId": _REQ_ID, **msgspec.json.decode(msgspec.json.encode(pushed))}
    return _sent(function, pushed, function.pushed_as)


def _sent(function: Function, answer: Answer, name: str | None = None) -> dict[str, Any]:
    head = Head(name or function.name, msgspec.json.encode(_REQ_ID))
    message: dict[str, Any] = msgspec.json.decode(encode_answer(head, answer))
    return message


def markdown(language: Language) -> str:
    """Return the reference as one page."""
    return "\n".join((*_Reference(language).lines(), ""))


class _Reference:
    """Writes the page in one language."""

    def __init__(self, language: Language) -> None:
        self._language: Language = language
        used = Counter(
            part.cls for function in CATALOGUE.values() for part in model.parts(model.messages_of(function))
        )
        self._shared = {cls for cls, functions in used.items() if functions > 1}

    def lines(self) -> Iterator[str]:
        yield f"# {self._word('title')} V{STANDARD}"
        yield ""
        yield self._say(CONVENTIONS)
        yield from self._contents()
        for domain in DOMAINS:
            yield from (f"## {self._say(domain.title)}", "")
            for function in domain.functions:
                yield from self._function(function)
        yield from self._types()
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
        for chapter in ("types", "errors"):
            yield f"- [{self._word(chapter)}](#{self._word(chapter).lower().replace(' ', '-')})"
        yield ""

    def _function(self, function: Function) -> Iterator[str]:
        yield from (f"### {function.name}", "", self._say(function.summary), "")
        yield from self._facts(function)
        for message in model.messages_of(function):
            yield from self._message(message)
        for part in model.parts(model.messages_of(function)):
            if part.cls not in self._shared:
                yield from (f"`{part.cls.__name__}`", "")
                yield from self._table(model.members(part), asked=False)
        yield from self._example(function)

    def _types(self) -> Iterator[str]:
        yield from (f"## {self._word('types')}", "", self._word("types note"), "")
        described = {part.cls: part for part in model.parts(model.all_messages()) if part.cls in self._shared}
        for cls in sorted(described, key=lambda cls: cls.__name__):
            yield from (f"### {cls.__name__}", "")
            yield from self._table(model.members(described[cls]), asked=False)

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
        asked = kind == "request"
        listed = model.members(model.described(message))
        if not listed:
            return
        yield from (f"**{self._word(kind)}**{self._event(listed) if kind == 'push' else ''}", "")
        ordered = sorted(listed, key=lambda member: not member.own)
        standard = [member for member in ordered if not member.meaning.en.startswith(BEYOND)]
        further = [member for member in ordered if member.meaning.en.startswith(BEYOND)]
        if standard:
            yield from self._table(standard, asked)
        if further:
            yield from (f"<details><summary>{self._word('beyond').format(len(further))}</summary>", "")
            yield from self._table(further, asked)
            yield from ("</details>", "")

    def _event(self, listed: Iterable[model.Member]) -> str:
        """Return the event that a push always has, as code; empty where it has several."""
        for member in listed:
            declared = plain(member.type)
            if (
                member.name == "event"
                and isinstance(declared, inspect.LiteralType)
                and len(declared.values) == 1
            ):
                return f" `{declared.values[0]}`"
        return ""

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
                name = declared.cls.__name__
                return f"[`{name}`](#{name.lower()})" if declared.cls in self._shared else f"`{name}`"
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
        low = getattr(declared, "ge", None)
        high = getattr(declared, "le", None)
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
