"""Refusals of the settings view, in both languages."""

from __future__ import annotations

from server.errors import LocalizedText


class AdminRefusal(Exception):
    """A request of the settings view is refused.

    Attributes
    ----------
    status
        HTTP status of the answer.
    text
        Event and remedy, without placeholders.
    wait
        Seconds until it may be tried again; 0 for at once.
    """

    def __init__(self, status: int, text: LocalizedText, wait: int = 0) -> None:
        super().__init__(text.en)
        self.status = status
        self.text = text
        self.wait = wait


def invalid(words: str) -> AdminRefusal:
    """Return the refusal of a value, in the words of what checked it."""
    return AdminRefusal(422, in_words(words))


def in_words(words: str) -> LocalizedText:
    """Return a text that is the same in both languages and holds no placeholder."""
    return LocalizedText("{words}", "{words}").filled(words=words)


FOREIGN = LocalizedText(
    "设置页只能在本机、由本服务自己的网页打开；地址由 gaopai admin 给出",
    "settings open on this computer alone, in the page of this service: gaopai admin prints its address",
)
EXPIRED = LocalizedText(
    "链接已用过、已过期，或本页闲置太久；请再执行 gaopai admin",
    "this address was used or has expired, or the page was idle: type gaopai admin for another",
)
TOO_MANY = LocalizedText("令牌错误次数过多，请等待 {seconds} 秒", "too many wrong tokens; wait {seconds} s")
TOO_LARGE = LocalizedText("请求过大", "the request is too large")
MALFORMED = LocalizedText("请求的形式不对", "the request is malformed")
UNKNOWN = LocalizedText("没有此功能", "there is no such function")
NOT_OPENED = LocalizedText(
    "设置页不能打开，原因见服务的日志", "settings cannot be opened: the service's log says why"
)
NO_FILE = LocalizedText(
    "服务启动时没有指定配置文件；请用 gaopai serve --config FILE 启动",
    "the service was started without a configuration file: gaopai serve --config FILE",
)
NOT_WRITABLE = LocalizedText(
    "本账户不能写入 {path}；请管理员按下面的差异修改",
    "this account may not write {path}; an administrator has to",
)
CHANGED = LocalizedText(
    "配置文件已被别人修改；请重新打开设置，再修改一次",
    "the file was changed by somebody else meanwhile; load the settings again",
)
NOT_BY_LINE = LocalizedText(
    "此项不能逐行修改（{key}）；请直接编辑整个文件",
    "{key} cannot be changed by its line; edit the whole file",
)
NOT_RELOADED = LocalizedText(
    "已写入，但服务没有采用；原因见日志", "written, but the service did not take it: the log says why"
)
NO_ANSWER = LocalizedText("检查没有完成", "the checks did not come to an end")
NOTHING_DECIDED = LocalizedText(
    "对该来源没有单独的决定；配置文件允许的须在设置中修改",
    "nothing was decided about this origin; what the configuration allows is changed there",
)
