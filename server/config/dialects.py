"""Tables of the configuration for other ports: dialects of other makers' services, and sharing."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from server.config.section import Port, Positive, Section

Ports = Port | Annotated[tuple[Port, ...], msgspec.Meta(max_length=16)]


class DialectConfig(Section, frozen=True):
    """Keys that all dialects share; each has ports of its own."""

    port: Ports
    enabled: bool = False
    origins: tuple[str, ...] | None = None
    """Allow-list in place of that of ``[access]``; None for that one."""


class EloamConfig(DialectConfig, frozen=True):
    """Eloam WebCamera over HTTP, and its control for Linux."""

    port: Ports = (38088, 6543)


class DoccameraConfig(DialectConfig, frozen=True):
    """Plain text over WebSocket, of Jieyu, Kerong and Putian."""

    port: Ports = 1818
    base64_answer: Literal["auto", "old", "new"] = "auto"
    """Spelling of the answer to ``sGetBase64``; auto decides by what else the page sends."""


class CamsdkConfig(DialectConfig, frozen=True):
    """CAMSDK and Eloam's functions, both JSON over WebSocket."""

    port: Ports = 9000


class ZktecoConfig(DialectConfig, frozen=True):
    """Card reader over HTTP of ZKTeco."""

    port: Ports = 24010
    answer: Literal["text", "object"] = "text"
    """Form of the answer with a card: the maker's text, which is no JSON, or JSON."""
    dates: Literal["dotted", "plain"] = "dotted"
    """Dates as ``YYYY.MM.DD`` or ``YYYYMMDD``."""


class SynjonesConfig(DialectConfig, frozen=True):
    """Card reader over HTTP of Synjones."""

    port: Ports = (8989, 29999, 8080)


class DialectsConfig(Section, frozen=True):
    """Dialects by name; none is spoken unless it is enabled."""

    eloam: EloamConfig = EloamConfig()
    doccamera: DoccameraConfig = DoccameraConfig()
    camsdk: CamsdkConfig = CamsdkConfig()
    zkteco: ZktecoConfig = ZktecoConfig()
    synjones: SynjonesConfig = SynjonesConfig()


class ShareConfig(Section, frozen=True):
    """Cameras and scanners as driverless scanners, for programs that scan."""

    enabled: bool = False
    host: str = "127.0.0.1"
    """Address to listen on; one that other computers can reach needs TLS and `allow`."""
    port: Port = 8090
    allow: tuple[str, ...] = ()
    """Addresses and networks that may scan, beside programs of this account."""
    devices: tuple[str, ...] = ()
    """Names of the devices that are shared; empty for all."""
    announce: bool = True
    """Announce the devices in the network, where other computers can reach them."""
    page_seconds: Positive = 20
    """Time without a new page after which a camera's feeder is empty."""


DIALECTS: tuple[str, ...] = DialectsConfig.__struct_fields__


def ports_of(dialect: DialectConfig) -> tuple[int, ...]:
    """Return the ports that a dialect listens on."""
    return (dialect.port,) if isinstance(dialect.port, int) else dialect.port
