"""Texts of refusals, each of which says what would let the client in."""

from __future__ import annotations

QUOTED = 200
"""Limit of a header in a refusal and the log, in characters."""

REPEATED = "The request says {name} twice, and is refused.\n请求中的 {name} 出现了两次，因此被拒绝。\n"
UNKNOWN_USER = (
    "This machine does not tell whose the connection is: gaopai doctor says how to change that.\n"
    "本机无法区分连接属于哪个用户；gaopai doctor 会说明如何解决。\n"
)
STRANGE_PROGRAM = (
    "A program of another user of this computer has to know a token, and this service has none:\n"
    "gaopai token new, then [access] token_file.\n"
    "本机其他用户的程序须持有令牌，而本服务没有设置令牌；请用上述方法设置。\n"
)
WRONG_HOST = "This service answers to 127.0.0.1 and localhost only.\n本服务只接受 127.0.0.1 和 localhost。\n"
WRONG_USER = (
    "This service is another user's of this computer. Its owner lets all users in with\n"
    "[access] other_users = true\n"
    "本服务属于本机的另一个用户；其所有者可用上述配置允许其他用户。\n"
)
UNKNOWN_ORIGIN = (
    "This service does not know the origin {origin}.\n"
    "Allow it with: gaopai allow {origin}\n"
    'or in the configuration: [access] origins = ["{origin}"]\n'
    "or for one run: gaopai serve --allow-origin {origin}\n"
    "服务不认识该来源；请用上述任一方法允许它。\n"
)
DENIED_ORIGIN = (
    "The user of this computer does not let the origin {origin} connect.\n"
    "To change that: gaopai allow {origin}\n"
    "本机用户不允许该来源；可用上述命令改变。\n"
)
IMITATION = (
    "At the address of this page another program of this computer may answer; do not use it.\n"
    "This service's own page is at the address that gaopai serve prints.\n"
    "本机的其他程序可能占用了该页面的地址，请勿使用；本服务的页面地址由 gaopai serve 显示。\n"
)
NO_ORIGIN = (
    "This service answers web pages with an origin of their own only, and the request has none.\n"
    "Programs: [access] native_clients = true. Sandboxed frames and files: [access] null_origin = true.\n"
    "请求没有来源；程序和无来源的网页须由上述配置允许。\n"
)
UNAUTHORIZED = (
    "This service asks for its token: ?token=... in the address, the subprotocol gaopai.token....,\n"
    "or the header Authorization: Bearer ...; the one that was shown, if any, is wrong.\n"
    "服务要求令牌：请用上述任一方式提供；所提供的令牌不正确或缺失。\n"
)
TOO_MANY_GUESSES = "Too many wrong tokens; wait {seconds} s.\n令牌错误次数过多；请等待 {seconds} 秒。\n"


def quoted(header: str) -> str:
    """Return a header for a log or an answer, where control characters could have a meaning."""
    return "".join(each if each.isascii() and each.isprintable() else "?" for each in header[:QUOTED])
