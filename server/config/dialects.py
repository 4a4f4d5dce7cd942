"""Tables of the configuration for other ports: dialects of other makers' services, and sharing."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from server.config.section import Doc, Port, Positive, Section

Ports = Port | Annotated[tuple[Port, ...], msgspec.Meta(max_length=16)]


class DialectConfig(Section, frozen=True):
    """Keys that all dialects share; each has ports of its own."""

    port: Ports
    enabled: bool = False
    origins: Annotated[
        tuple[str, ...] | None,
        Doc(
            "可以使用它的网页，代替 `[access]` 所列。",
            "Pages that may use it, in place of those of `[access]`.",
        ),
    ] = None


class EloamConfig(DialectConfig, frozen=True):
    """Eloam WebCamera over HTTP, and its control for Linux."""

    port: Annotated[
        Ports,
        Doc(
            "一个端口，或端口列表。",
            "A port, or a list of them.",
        ),
    ] = (38088, 6543)
    enabled: Annotated[
        bool,
        Doc(
            "是否提供良田 WebCamera 及其 Linux 控件。",
            "Whether Eloam's WebCamera and its Linux control are served.",
        ),
    ] = False


class DoccameraConfig(DialectConfig, frozen=True):
    """Plain text over WebSocket, of Jieyu, Kerong and Putian."""

    port: Annotated[
        Ports,
        Doc(
            "一个端口，或端口列表。",
            "A port, or a list of them.",
        ),
    ] = 1818
    base64_answer: Annotated[
        Literal["auto", "old", "new"],
        Doc(
            '`sGetBase64` 应答的写法：`"old"`、`"new"`，或 `"auto"`：根据网页发送的其他请求判断。',
            'Spelling of the answer to `sGetBase64`: `"old"`, `"new"`, or `"auto"`: by what else the '
            "page sends.",
        ),
    ] = "auto"
    enabled: Annotated[
        bool,
        Doc(
            "是否提供捷宇、科荣、普天的纯文本协议。",
            "Whether the plain text of 捷宇, 科荣 and 普天 is served.",
        ),
    ] = False


class CamsdkConfig(DialectConfig, frozen=True):
    """CAMSDK and Eloam's functions, both JSON over WebSocket."""

    port: Annotated[
        Ports,
        Doc(
            "一个端口，或端口列表。",
            "A port, or a list of them.",
        ),
    ] = 9000
    enabled: Annotated[
        bool,
        Doc(
            "是否提供 CAMSDK 和良田的函数。",
            "Whether CAMSDK and Eloam's functions are served.",
        ),
    ] = False


class ZktecoConfig(DialectConfig, frozen=True):
    """Card reader over HTTP of ZKTeco."""

    port: Annotated[
        Ports,
        Doc(
            "一个端口，或端口列表。",
            "A port, or a list of them.",
        ),
    ] = 24010
    answer: Annotated[
        Literal["text", "object"],
        Doc(
            '读卡成功的应答：`"text"` 为厂商的文本（不是 JSON），`"object"` 为 JSON。',
            'The answer with a card: `"text"` as the maker writes it, which is no JSON, or `"object"` '
            "for JSON.",
        ),
    ] = "text"
    dates: Annotated[
        Literal["dotted", "plain"],
        Doc(
            '日期的写法：`"dotted"` 为 `YYYY.MM.DD`，`"plain"` 为 `YYYYMMDD`。',
            'Dates: `"dotted"` for `YYYY.MM.DD`, `"plain"` for `YYYYMMDD`.',
        ),
    ] = "dotted"
    enabled: Annotated[
        bool,
        Doc(
            "是否提供中控读卡器的协议。",
            "Whether the protocol of ZKTeco's card readers is served.",
        ),
    ] = False


class SynjonesConfig(DialectConfig, frozen=True):
    """Card reader over HTTP of Synjones."""

    port: Annotated[
        Ports,
        Doc(
            "一个端口，或端口列表。",
            "A port, or a list of them.",
        ),
    ] = (8989, 29999, 8080)
    enabled: Annotated[
        bool,
        Doc(
            "是否提供新中新读卡器的协议。",
            "Whether the protocol of Synjones' card readers is served.",
        ),
    ] = False


class DialectsConfig(Section, frozen=True):
    """Dialects by name; none is spoken unless it is enabled."""

    eloam: EloamConfig = EloamConfig()
    doccamera: DoccameraConfig = DoccameraConfig()
    camsdk: CamsdkConfig = CamsdkConfig()
    zkteco: ZktecoConfig = ZktecoConfig()
    synjones: SynjonesConfig = SynjonesConfig()


class ShareConfig(Section, frozen=True):
    """Cameras and scanners as driverless scanners, for programs that scan."""

    enabled: Annotated[
        bool,
        Doc(
            "是否把高拍仪和扫描仪共享给扫描程序（eSCL）：第一台位于 `http://127.0.0.1:8090/eSCL`。",
            "Whether document cameras and scanners are shared with programs that scan (eSCL): the first at "
            "`http://127.0.0.1:8090/eSCL`.",
        ),
    ] = False
    host: Annotated[
        str,
        Doc(
            "监听地址。其他计算机能访问的地址，没有 `[server] tls` 和 `allow` 时拒绝启动。",
            "Address to listen on. One that other computers reach is refused without `[server] tls` and "
            "`allow`.",
        ),
    ] = "127.0.0.1"
    port: Annotated[
        Port,
        Doc(
            "1 到 65535。",
            "1 to 65535.",
        ),
    ] = 8090
    allow: Annotated[
        tuple[str, ...],
        Doc(
            '本账户的程序之外，可以扫描的地址和网段，例如 `"192.168.1.0/24"`。列出 `127.0.0.1` 时，本机其'
            "他账户也可以。",
            'Addresses and networks that may scan, as `"192.168.1.0/24"`, beside programs of this '
            "account. Other accounts of this computer may where `127.0.0.1` is listed.",
        ),
    ] = ()
    devices: Annotated[
        tuple[str, ...],
        Doc(
            "要共享的设备名称，见 `gaopai share status`。空值：除本身就是网络扫描仪者外的全部设备。",
            "Names of the devices that are shared, as `gaopai share status` shows them. Empty: all but "
            "scanners that are network ones themselves.",
        ),
    ] = ()
    announce: Annotated[
        bool,
        Doc(
            "其他计算机能访问的设备是否在网络中广播（DNS-SD）。",
            "Whether devices that other computers reach are announced in the network (DNS-SD).",
        ),
    ] = True
    page_seconds: Annotated[
        Positive,
        Doc(
            "程序从摄像头的“进纸器”扫描时，每放下一页就得到一页，直到这么多秒内没有新的一页。",
            "Where a program scans from the feeder of a camera, it has every page that is laid down, until "
            "none comes for so many seconds.",
        ),
    ] = 20


DIALECTS: tuple[str, ...] = DialectsConfig.__struct_fields__


def ports_of(dialect: DialectConfig) -> tuple[int, ...]:
    """Return the ports that a dialect listens on."""
    return (dialect.port,) if isinstance(dialect.port, int) else dialect.port
