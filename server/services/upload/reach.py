"""What kind of place an IP address leads to."""

from __future__ import annotations

import ipaddress
from enum import Enum

from server.errors import Text

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


class Reach(Enum):
    """A kind of place; the value tells a reader where the address leads."""

    HOST = Text("指向一台主机", "it leads to a host")
    """Another machine, in the building's private network or beyond."""
    LOOPBACK = Text("指向本机", "it leads to this computer itself")
    LINK_LOCAL = Text("指向链路本地地址", "it leads to a link-local address")
    METADATA = Text("指向云主机的元数据服务", "it leads to a cloud's metadata service")
    NOWHERE = Text("指向保留或组播地址", "it leads to a reserved or multicast address")


_METADATA = frozenset(
    map(
        ipaddress.ip_address,
        ("169.254.169.254", "100.100.100.200", "168.63.129.16", "fd00:ec2::254", "fd20:ce::254"),
    )
)
"""Of cloud desktops; some lie in networks where ordinary hosts are."""

_IPV4 = {
    "127.0.0.0/8": Reach.LOOPBACK,
    # A connection to "this network" ends at this computer.
    "0.0.0.0/8": Reach.LOOPBACK,
    "169.254.0.0/16": Reach.LINK_LOCAL,
    "192.0.0.0/24": Reach.NOWHERE,
    "224.0.0.0/4": Reach.NOWHERE,
    "240.0.0.0/4": Reach.NOWHERE,
}
_IPV6 = {
    "::1/128": Reach.LOOPBACK,
    "::/128": Reach.LOOPBACK,
    # IPv4-compatible, IPv4-translated, local NAT64, discard and Teredo: no server is reached by these.
    "::/96": Reach.NOWHERE,
    "::ffff:0:0:0/96": Reach.NOWHERE,
    "64:ff9b:1::/48": Reach.NOWHERE,
    "100::/64": Reach.NOWHERE,
    "2001::/32": Reach.NOWHERE,
    "fe80::/10": Reach.LINK_LOCAL,
    "fec0::/10": Reach.LINK_LOCAL,
    "ff00::/8": Reach.NOWHERE,
}
_NETWORKS = [(ipaddress.ip_network(network), reach) for network, reach in {**_IPV4, **_IPV6}.items()]
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def reach_of(address: IPAddress) -> Reach:
    """Where `address` leads; one that carries an IPv4 address leads where that does."""
    inner = _carried(address)
    if inner is not None:
        return reach_of(inner)
    if address in _METADATA:
        return Reach.METADATA
    kinds = (reach for network, reach in _NETWORKS if address in network)
    return next(kinds, Reach.HOST)


def _carried(address: IPAddress) -> ipaddress.IPv4Address | None:
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour
