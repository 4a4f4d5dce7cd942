"""Access of this process to device nodes, with a reason and a remedy where it is denied."""

from __future__ import annotations

import errno
import grp
import os
import stat
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from server.children.account import user_name
from server.errors import LocalizedText

_MAY = LocalizedText("可以使用", "may be used")
_NOTHING = LocalizedText("", "")
_POLICY = (
    LocalizedText(
        "被安全策略（AppArmor、SELinux 等）拒绝", "a security policy (AppArmor, SELinux) denies it"
    ),
    LocalizedText("请检查系统日志并放行该设备", "look for the denial in the system log and allow the device"),
)

Explanation = tuple[LocalizedText, LocalizedText]
"""Reason why a device cannot be used, and a remedy."""


@dataclass(frozen=True, slots=True)
class Account:
    """The account a process runs as, and the groups it was started with."""

    name: str = field(default_factory=lambda: user_name(os.geteuid()))
    groups: frozenset[int] = field(default_factory=lambda: frozenset((os.getegid(), *os.getgroups())))


@dataclass(frozen=True, slots=True)
class NodeAccess:
    """Access of this process to one device node; `remedy` is empty where `ok`."""

    path: str
    ok: bool
    reason: LocalizedText
    remedy: LocalizedText


@dataclass(frozen=True, slots=True)
class DeviceKind:
    """Kind of device, for reasons and remedies.

    Attributes
    ----------
    device
        Name of the device in a sentence: ``the camera``.
    denied
        Explains a node whose mode grants access to no group.
    """

    device: LocalizedText
    denied: Callable[[Path, Account], Explanation]


def try_node(node: Path, attempt: Callable[[str], None], kind: DeviceKind, account: Account) -> NodeAccess:
    """Return the access to a node, by trying to open it.

    Mode bits would not tell: there are the access lists that udev grants to the user at the seat,
    and the device rules of containers.

    Parameters
    ----------
    attempt
        Opens and closes the node at a path; raises OSError.
    """
    try:
        attempt(str(node))
    except OSError as exc:
        return NodeAccess(str(node), False, *_explain(node, exc, kind, account))
    return NodeAccess(str(node), True, _MAY, _NOTHING)


def _explain(node: Path, exc: OSError, kind: DeviceKind, account: Account) -> Explanation:
    if exc.errno == errno.EACCES:
        return _explain_denied(node, kind, account)
    if exc.errno == errno.EPERM:
        return (
            LocalizedText(
                "容器或沙箱不允许访问该设备", "the container or sandbox does not let devices through"
            ),
            LocalizedText(f"请在启动容器时加上 --device {node}", f"start the container with --device {node}"),
        )
    if exc.errno == errno.EBUSY:
        return (
            LocalizedText("正被另一个程序独占", "another program holds it for itself"),
            LocalizedText("请先关闭那个程序", "close that program first"),
        )
    code = errno.errorcode.get(exc.errno or 0, str(exc.errno))
    return (
        LocalizedText(f"设备没有应答（{code}）", f"the device does not answer ({code})"),
        LocalizedText(f"请重新插拔{kind.device.zh}", f"unplug {kind.device.en} and plug it in again"),
    )


def _explain_denied(node: Path, kind: DeviceKind, account: Account) -> Explanation:
    status = node.stat()
    group = _group_name(status.st_gid)
    if not status.st_mode & stat.S_IRGRP or not status.st_mode & stat.S_IWGRP or group == "root":
        return kind.denied(node, account)
    if status.st_gid in account.groups:
        return _POLICY
    return explain_group(group, account.name)


def without_group(group: str, name: str = "设备") -> Callable[[Path, Account], Explanation]:
    """Return what explains a node, `name` in Chinese, that no group may use: `group` is to get it."""

    def explain(node: Path, _: Account) -> Explanation:
        command = f"sudo chgrp {group} {node} && sudo chmod 660 {node}"
        return (
            LocalizedText(f"没有用户组可以读写该{name}", "no group may read and write it"),
            LocalizedText(f"请执行 {command}，并检查 udev 规则", f"run: {command}, and check the udev rules"),
        )

    return explain


def explain_group(group: str, user: str) -> Explanation:
    """Explain why an account has no access to a node that a group may use."""
    if _is_member(user, group):
        return (
            LocalizedText(
                f"{user} 已加入 {group} 组，但本进程启动得更早",
                f"{user} is in the group {group}, but this process was started before",
            ),
            LocalizedText("请注销后重新登录，或重启服务", "log out and in again, or restart the service"),
        )
    return (
        LocalizedText(f"{user} 不在 {group} 组中", f"{user} is not in the group {group}"),
        LocalizedText(
            f"请执行 sudo usermod -aG {group} {user}，然后注销并重新登录",
            f"run: sudo usermod -aG {group} {user}, then log out and in again",
        ),
    )


def _is_member(user: str, group: str) -> bool:
    try:
        return user in grp.getgrnam(group).gr_mem
    except KeyError:
        return False


def _group_name(number: int) -> str:
    try:
        return grp.getgrgid(number).gr_name
    except KeyError:
        return str(number)


@dataclass(frozen=True, slots=True)
class UsbDevice:
    """USB device.

    Attributes
    ----------
    id
        ``vendor:product``, four lower-case hexadecimal digits each.
    port
        Port of the bus, such as ``1-2``.
    product
        Product string of the device, or empty.
    """

    id: str
    port: str
    bus: int
    address: int
    product: str

    def node(self, root: Path) -> Path:
        """Return the path of its device node."""
        return root / f"dev/bus/usb/{self.bus:03}/{self.address:03}"


def usb_devices(ids: Collection[str], root: Path = Path("/")) -> Iterator[UsbDevice]:
    """Yield the devices with these ``vendor:product`` ids, by port."""
    wanted = {one.lower() for one in ids}
    for folder in sorted((root / "sys/bus/usb/devices").glob("[0-9]*")):
        try:
            device = _device(folder)
        except OSError:
            continue  # an interface, or a device that is just being unplugged
        if device.id in wanted:
            yield device


def _device(folder: Path) -> UsbDevice:
    product = folder / "product"
    return UsbDevice(
        f"{_read(folder / 'idVendor')}:{_read(folder / 'idProduct')}".lower(),
        folder.name,
        int(_read(folder / "busnum")),
        int(_read(folder / "devnum")),
        _read(product) if product.exists() else "",
    )


def _read(attribute: Path) -> str:
    return attribute.read_text(encoding="utf-8", errors="replace").strip()


RULES = Path("/etc/udev/rules.d/70-gaopai.rules")
"""File in which our own udev rules are written."""
GROUP = "dialout"
"""Group of serial ports, which every distribution has."""


def usb_access(
    what: LocalizedText, ids: Collection[str], root: Path, account: Account
) -> Sequence[NodeAccess]:
    """Return the access to each device with these ``vendor:product`` ids, by trying to open it.

    Parameters
    ----------
    what
        Name of the device in a sentence: ``the camera``.
    """
    return tuple(
        try_node(device.node(root), open_node, DeviceKind(what, _without_rule(device)), account)
        for device in usb_devices(ids, root)
    )


def open_node(path: str) -> None:
    """Open a device node and close it again; raises OSError."""
    os.close(os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY))


def _without_rule(device: UsbDevice) -> Callable[[Path, Account], Explanation]:
    """Return the explanation for a node that only root may use, as without a udev rule."""

    def explain(_: Path, account: Account) -> Explanation:
        command = (
            f"echo '{_rule(device.id)}' | sudo tee -a {RULES} && sudo udevadm control --reload && "
            f"sudo usermod -aG {GROUP} {account.name}"
        )
        return (
            LocalizedText("没有 udev 规则放行该设备", "no udev rule lets anybody use it"),
            LocalizedText(
                f"请执行 {command}，然后注销并重新登录，并重新插拔设备",
                f"run: {command}, then log out and in again, unplug the device and plug it in",
            ),
        )

    return explain


def _rule(usb_id: str) -> str:
    vendor, product = usb_id.split(":")
    return (
        f'SUBSYSTEM=="usb", ATTR{{idVendor}}=="{vendor}", ATTR{{idProduct}}=="{product}", '
        f'MODE="0660", GROUP="{GROUP}", TAG+="uaccess"'
    )
