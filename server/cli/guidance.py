"""Words of ``--help`` beside the options: examples, defaults, and Chinese where the terminal is."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Mapping
from typing import Any, NoReturn

from server.cli.chinese import OPTIONS
from server.errors import Language, LocalizedText
from server.protocol.spelling import nearest

Examples = tuple[tuple[str, LocalizedText], ...]

SUMMARIES = {
    "": "柜台电脑上的开放高拍仪服务。",
    "serve": "运行服务。",
    "install": "让服务在登录时启动。",
    "admin": "打开设置页。",
    "allow": "允许或拒绝网页来源。",
    "token": "为其他程序生成令牌。",
    "tls": "为 wss 生成证书。",
    "devices": "列出设备。",
    "calibrate": "测量摄像头下台面的比例。",
    "share": "显示共享扫描的状态。",
    "doctor": "检查本机，说明缺少什么，并在同意后修复。",
    "detect": "找出图片中的文件。",
    "enhance": "裁边、纠偏、清理图片文件。",
    "merge": "把图片和 PDF 合成一个 PDF 或 TIFF。",
    "barcode": "识别图片和 PDF 中的条码。",
    "read": "读取证件、票据上的栏目。",
    "text": "识别图片和 PDF 中的文字。",
    "form": "示教表单，读取填写好的表单。",
    "finger": "比对指纹。",
    "face": "比对人脸，判断活体。",
    "models": "查看、获取、导入模型。",
    "sign": "签名。",
    "verify": "验证签名、时间和 PDF/A。",
    "audit": "查询审计记录。",
    "mcp": "通过 MCP 把摄像头、扫描仪和文件提供给智能体。",
    "deliver": "把文件发往配置中的目标。",
    "protocol": "导出接口文档。",
    "completion": "生成命令补全脚本。",
}
"""Summary of each command in Chinese; the English one is the command's own."""

EXAMPLES: dict[str, Examples] = {
    "": (
        (
            "gaopai serve --demo",
            LocalizedText(
                "没有设备时试用，打开 http://127.0.0.1:8082",
                "try it without any device, at http://127.0.0.1:8082",
            ),
        ),
        (
            "gaopai enhance photos/ -o clean/",
            LocalizedText("裁边并摆正照片……", "crop and straighten photographs ..."),
        ),
        (
            "gaopai merge clean/ -o case-17.pdf",
            LocalizedText("……合成一个 PDF", "... and join them in one PDF"),
        ),
        (
            "gaopai enhance --help",
            LocalizedText("一个命令的选项与示例", "the options of a command, with examples"),
        ),
    ),
    "serve": (
        ("gaopai serve --demo", LocalizedText("没有设备时试用", "try it without any device")),
        (
            "gaopai serve --allow-origin https://oa.example.cn",
            LocalizedText("允许一个网站", "let a site in"),
        ),
    ),
    "install": (
        ("gaopai install --user", LocalizedText("登录时启动", "start it at login")),
        ("gaopai install --user --remove", LocalizedText("不再启动", "start it no more")),
    ),
    "admin": (
        ("gaopai admin", LocalizedText("给出设置页的链接", "print the address of the settings")),
        ("gaopai admin --port 9000", LocalizedText("服务在另一个端口", "of a service at another port")),
    ),
    "allow": (
        ("gaopai allow https://oa.example.cn", LocalizedText("允许此网站", "let this site in")),
        ("gaopai allow --list", LocalizedText("列出已允许的", "list those that are in")),
    ),
    "deliver": (
        (
            "gaopai deliver case-17.pdf --to archive",
            LocalizedText("发往 [targets.archive]", "send it to [targets.archive]"),
        ),
        (
            "gaopai deliver scans/*.pdf --to archive --json",
            LocalizedText("供程序读取", "for programs"),
        ),
    ),
    "devices": (
        ("gaopai devices", LocalizedText("列出找到的设备", "list what is found")),
        ("gaopai devices --json", LocalizedText("供程序读取", "for programs")),
    ),
    "doctor": (
        ("gaopai doctor", LocalizedText("检查本机", "check this machine")),
        ("gaopai doctor --fix", LocalizedText("修复，先询问", "put it right; asks first")),
    ),
    "detect": (
        ("gaopai detect photo.jpg", LocalizedText("照片中有哪些文件", "the documents on a photograph")),
        ("gaopai detect photos/ --json", LocalizedText("一个文件夹", "those of a folder")),
    ),
    "enhance": (
        (
            "gaopai enhance photos/ -o clean/",
            LocalizedText(
                "裁边并摆正整个文件夹；再用 gaopai merge clean/ -o one.pdf 合成一个 PDF",
                "crop a whole folder; then gaopai merge clean/ -o one.pdf makes one PDF of it",
            ),
        ),
        (
            "gaopai enhance scan.pdf -o out/ --crop none --deskew --format pdf --join",
            LocalizedText("纠偏一个 PDF，仍为一个 PDF", "straighten the pages of a PDF"),
        ),
    ),
    "merge": (
        (
            "gaopai merge clean/ -o case-17.pdf",
            LocalizedText("整个文件夹", "a folder"),
        ),
        ("gaopai merge cover.jpg letter.pdf -o all.pdf", LocalizedText("按此顺序", "in this order")),
    ),
    "barcode": (
        ("gaopai barcode parcel.jpg", LocalizedText("识别条码", "read the codes")),
        ("gaopai barcode scans.pdf --json", LocalizedText("每页一行", "a line a page")),
    ),
    "read": (
        ("gaopai read card.jpg", LocalizedText("读取一张证件", "read a card")),
        (
            "gaopai read --no-crop scan.png --json",
            LocalizedText("图片就是证件本身", "the picture is it"),
        ),
    ),
    "text": (
        ("gaopai text letter.jpg", LocalizedText("识别文字", "read the text")),
        ("gaopai text form.pdf --tables --json", LocalizedText("连同表格", "with its tables")),
    ),
    "form": (
        (
            "gaopai form --teach claim --zones zones.json sample.png",
            LocalizedText("用样张示教一种表单", "teach a form by a sample"),
        ),
        (
            "gaopai form filled/ -o answers.xlsx",
            LocalizedText("读取一个文件夹，写成表格", "read a folder into a table"),
        ),
    ),
    "finger": (
        ("gaopai finger compare a.png b.png", LocalizedText("是否同一手指", "whether it is one finger")),
        ("gaopai finger compare a.png b.png --json", LocalizedText("供程序读取", "for programs")),
    ),
    "face": (
        ("gaopai face compare card.jpg person.jpg", LocalizedText("是否同一人", "whether it is one person")),
        ("gaopai face live person.jpg", LocalizedText("是否活体", "whether it is alive")),
    ),
    "models": (
        ("gaopai models list", LocalizedText("有哪些，缺哪些", "what is there and what is missing")),
        ("gaopai models fetch", LocalizedText("获取缺少的", "fetch what is missing")),
    ),
    "sign": (
        ("gaopai sign case.pdf -o case-signed.pdf", LocalizedText("签名一个 PDF", "sign a PDF")),
        ("gaopai sign photo.jpg -o photo.jpg.p7s", LocalizedText("签名放在旁边", "the signature beside it")),
    ),
    "verify": (
        ("gaopai verify case-signed.pdf", LocalizedText("签名是否有效", "whether it holds")),
        ("gaopai verify *.pdf --json", LocalizedText("每个文件一行", "a line a file")),
    ),
    "completion": (
        (
            "gaopai completion bash > ~/.local/share/bash-completion/completions/gaopai",
            LocalizedText("bash", "bash"),
        ),
        ('gaopai completion zsh > "${fpath[1]}/_gaopai"', LocalizedText("zsh", "zsh")),
    ),
}
"""Two lines a person would type, for each command that is typed by hand."""

_HEADS = {
    "usage: ": "用法：",
    "options": "选项",
    "optional arguments": "选项",
    "positional arguments": "参数",
    "show this help message and exit": "显示此帮助",
    "show program's version number and exit": "显示版本",
    " (default: %(default)s)": "（默认：%(default)s）",
    "examples": "例如",
}


def terminal_language(environment: Mapping[str, str]) -> Language:
    """Return the language of a terminal by its locale."""
    named = (environment.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return "zh" if next(filter(None, named), "").startswith("zh") else "en"


def told(words: str) -> str:
    """Return words of the help itself in the language of the terminal."""
    return _HEADS[words] if terminal_language(os.environ) == "zh" else words


def said(text: LocalizedText) -> str:
    """Return a sentence in the language of the terminal."""
    return text.zh if terminal_language(os.environ) == "zh" else text.en


def summary(name: str, english: str) -> str:
    """Return what a command is for, in the language of the terminal."""
    return SUMMARIES.get(name, english) if terminal_language(os.environ) == "zh" else english


def examples(name: str) -> str | None:
    """Return the examples of a command, as they stand below its options."""
    lines = [f"  {line}\n      {said(text)}" for line, text in EXAMPLES.get(name, ())]
    return "\n".join([f"{told('examples')}:", *lines]) if lines else None


class HelpFormatter(argparse.RawDescriptionHelpFormatter):
    """Formatter that tells defaults, keeps the lines of examples, and has its own words in Chinese, too."""

    def _get_help_string(self, action: argparse.Action) -> str | None:
        words = action.help or ""
        plain = action.default in (None, False, "", (), 0, argparse.SUPPRESS) or not action.option_strings
        if plain or action.const is not None or "default" in words or "默认" in words:
            return action.help
        return words + told(" (default: %(default)s)")

    def add_usage(self, usage, actions, groups, prefix=None):  # type: ignore[no-untyped-def]
        """Begin with the word for usage."""
        super().add_usage(usage, actions, groups, told("usage: ") if prefix is None else prefix)


def speak(parser: argparse.ArgumentParser) -> None:
    """Put headings and options of a parser, and of those below it, into the language of the terminal."""
    if terminal_language(os.environ) != "zh":
        return
    words = OPTIONS | _HEADS
    for group in parser._action_groups:
        group.title = words.get(group.title or "", group.title)
    for action in parser._actions:
        action.help = words.get(action.help or "", action.help)
        if isinstance(action, argparse._SubParsersAction):
            for choice in action._choices_actions:
                choice.help = words.get(choice.help or "", choice.help)
            for sub in action.choices.values():
                speak(sub)


class CommandParser(argparse.ArgumentParser):
    """Parser whose errors name what was probably meant, in the language of the terminal."""

    def error(self, message: str) -> NoReturn:
        """Print what is wrong and how to go on; end with 2."""
        self.print_usage(sys.stderr)
        if terminal_language(os.environ) == "zh":
            message = _in_chinese(message)
        more = LocalizedText("{prog} --help 有选项和示例", "{prog} --help shows options and examples")
        self.exit(2, f"{self.prog}: {message}\n{said(more.filled(prog=self.prog))}\n")

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is not None and value not in action.choices:
            choices = [str(choice) for choice in action.choices]
            near = nearest(str(value), choices)
            meant = (
                said(LocalizedText("；是否为 {near}？", "; did you mean {near}?").filled(near=near))
                if near
                else ""
            )
            listed = ", ".join(choices)
            unknown = LocalizedText(
                "没有 {value}，可选：{listed}{meant}", "there is no {value}; choose from {listed}{meant}"
            )
            words = said(unknown.filled(value=repr(value), listed=listed, meant=meant))
            raise argparse.ArgumentError(action, words)


_ERRORS = {
    re.compile(r"the following arguments are required: (.*)", re.DOTALL): r"缺少参数：\1",
    re.compile(r"unrecognized arguments: (.*)", re.DOTALL): r"不认识的参数：\1",
    re.compile(r"argument (\S+): expected one argument", re.DOTALL): r"\1 需要一个值",
    re.compile(r"argument (\S+): expected at least one argument", re.DOTALL): r"\1 至少需要一个值",
    re.compile(r"argument (\S+): invalid (\w+) value: (.*)", re.DOTALL): r"\1 的值 \3 无效",
    re.compile(r"argument (\S+): not allowed with argument (.*)", re.DOTALL): r"\1 不能与 \2 同时使用",
    re.compile(r"argument (\S+): (.*)", re.DOTALL): r"\1：\2",
}
"""Errors of the standard library's parser, and what they are in Chinese; the first that fits counts."""


def _in_chinese(message: str) -> str:
    for pattern, words in _ERRORS.items():
        if found := pattern.fullmatch(message):
            return found.expand(words)
    return message
