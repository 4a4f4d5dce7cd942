"""Checks of the machine: free ports, disk space, open files, a desktop for prompts, the clock."""

from __future__ import annotations

import os
import platform
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import server
from server import config as configuration
from server.access.consent import PROGRAMS
from server.access.limits import files_needed
from server.access.listeners import V4, ListenAddress, addresses, listen
from server.access.socket_table import holder_of
from server.children.account import user_name
from server.children.confinement import enforcement, landlock, seccomp
from server.cli.doctor.check import Check, same, type_this
from server.config import Config, ConfigError
from server.config.dialects import DIALECTS, DialectConfig, ports_of
from server.errors import LocalizedText
from server.runtime.process import files_allowed

ROOM_MIB = 200
"""Free space below which the check fails, enough for some tens of pages."""


def storage(config: Config) -> Check:
    """Check that the storage root can be written and has free space; creates nothing."""
    root = configuration.storage_root(config.storage)
    # A missing root is made below its nearest existing parent.
    there = next(folder for folder in (root, *root.parents) if folder.exists())
    if not there.is_dir():
        reason = LocalizedText(f"{there} 不是文件夹", f"{there} is not a folder")
        remedy = LocalizedText("请在 [storage] root 中换一个目录", "name another folder in [storage] root")
        return Check("storage", False, reason, remedy)
    if not os.access(there, os.W_OK | os.X_OK):
        who = user_name(os.geteuid())
        reason = LocalizedText(f"{who} 不能写入 {there}", f"{who} may not write to {there}")
        return Check("storage", False, reason, type_this(f"sudo install -d -m 700 -o {who} {root}"))
    free = shutil.disk_usage(there).free // 2**20
    if free < ROOM_MIB:
        reason = LocalizedText(f"{there} 所在磁盘只剩 {free} MiB", f"the disk of {there} has {free} MiB left")
        remedy = LocalizedText(
            f"请执行 df -h {there}，清理磁盘或在 [storage] root 中换一个目录",
            f"run: df -h {there}, then free some space or name another folder in [storage] root",
        )
        return Check("storage", False, reason, remedy)
    return Check("storage", True, LocalizedText(f"{root} 可以写入", f"{root} can be written"))


def ports(config: Config) -> Iterator[Check]:
    """Check that each address is free, and find the program that uses it if not."""
    try:
        wanted = addresses(config)
    except ConfigError as exc:
        reason = LocalizedText(exc.zh, str(exc))
        yield Check("port", False, reason, LocalizedText("请修改配置文件", "correct the configuration"))
        return
    for address in wanted:
        yield _port("localhost" if address.companion else "port", address)
    for name in DIALECTS:
        dialect: DialectConfig = getattr(config.dialects, name)
        if dialect.enabled:
            yield from (_port(f"dialect {name}", ListenAddress(V4, port)) for port in ports_of(dialect))
    if config.share.enabled:
        yield _port("sharing", ListenAddress(config.share.host, config.share.port))


def _port(name: str, address: ListenAddress) -> Check:
    en = f"{address.host} port {address.port}"
    zh = f"{address.host} 端口 {address.port}"
    try:
        listen(address.host, address.port).close()
    except ConfigError:
        holder = holder_of(address.host, address.port)
        reason = LocalizedText(f"{zh} 已被{holder.zh}占用", f"{en} is taken by {holder.en}")
        return Check(name, False, reason, _free(name, address.port, holder), optional=address.companion)
    return Check(name, True, LocalizedText(f"{zh} 空闲", f"{en} is free"))


def _free(name: str, port: int, holder: LocalizedText) -> LocalizedText:
    if "gaopai" in holder.en:
        stop = "systemctl --user stop gaopai.service"
        return LocalizedText(
            f"服务可能已在运行；若要停止，请执行 {stop}",
            f"the service seems to run already; to stop it, run: {stop}",
        )
    find = f"sudo ss -ltnp 'sport = :{port}'"
    table = f"dialects.{name.removeprefix('dialect ')}" if name.startswith("dialect ") else "server"
    table = "share" if name == "sharing" else table
    return LocalizedText(
        f"请执行 {find} 找到并关闭该程序，或在 [{table}] port 中换一个端口",
        f"run: {find}, then close that program or choose another [{table}] port",
    )


def open_files(config: Config, allowed: int | None = None) -> Check:
    """Check that as many files may be open as all the connections that are allowed need.

    Parameters
    ----------
    allowed
        Hard limit; None to ask the kernel.
    """
    allowed = files_allowed() if allowed is None else allowed
    needed = files_needed(config.limits)
    if allowed >= needed:
        return Check("open files", True, LocalizedText("足够", "enough for all connections"))
    reason = LocalizedText(
        f"只允许打开 {allowed} 个文件，[limits] connections 可能需要 {needed} 个：多出的连接会被拒绝",
        f"only {allowed} are allowed and [limits] connections may need {needed}: some would not be accepted",
    )
    where = f"/etc/security/limits.conf: * hard nofile {needed}"
    remedy = LocalizedText(
        f"请在该文件中提高上限并重新登录（{where}），或减小 [limits] connections",
        f"raise the limit there and log in again ({where}), or lower [limits] connections",
    )
    return Check("open files", False, reason, remedy, optional=True)


_WHAT_HOLDS = {
    ("Landlock",): LocalizedText(
        "被恶意文件攻破的解码进程能读取本账户的文件，驱动还能修改；仍然有效：解码进程不能修改文件、联网或启动程序，"
        "任何子进程都不能跟踪、读取或结束本服务",
        "a decoder that a file has taken over could read this account's files, a driver change them; what "
        "holds: a decoder changes no file, neither connects nor starts anything, and none reads the service",
    ),
    ("seccomp",): LocalizedText(
        "被攻破的进程能使用任何系统调用；仍然有效：除自身所需以外的文件它都无法读写",
        "one that is taken over could make any system call; what holds: it reaches no files but its own",
    ),
    ("Landlock", "seccomp"): LocalizedText(
        "被攻破的进程能做本账户能做的一切；仍然有效：内存有上限，不能获得更多权限",
        "one that is taken over could do what the account can; what holds: its memory is bounded, and it "
        "gains no rights",
    ),
}
"""Sentences on what still holds of the confinement of decoders and drivers, by what is lacking."""
_FILTERED = ", ".join(seccomp.ARCHITECTURES)
_NEEDS_LANDLOCK = LocalizedText(
    "请使用 Linux 5.13 或更新的内核，在 /sys/kernel/security/lsm 中启用 landlock；"
    "在此之前，整机服务（见 install.zh.md）会隐藏各账户的文件",
    "use Linux 5.13 or newer, with landlock in /sys/kernel/security/lsm; until then the service of the whole "
    "machine (see install.md) hides the files of accounts",
)
_NEEDS_FILTER = LocalizedText(
    f"需要内核的 CONFIG_SECCOMP_FILTER，且处理器为 {_FILTERED}",
    f"it takes a kernel with CONFIG_SECCOMP_FILTER, and one of the processors {_FILTERED}",
)


def confinement(lacking: Sequence[str] | None = None) -> Check:
    """Check what this kernel offers to confine the processes of foreign files and drivers.

    Parameters
    ----------
    lacking
        As `enforcement.lacking` returns them; None to ask the kernel.
    """
    lacking = enforcement.lacking() if lacking is None else lacking
    if not lacking:
        kept = LocalizedText(
            f"解码和驱动进程受内核限制：Landlock {landlock.version()}、系统调用过滤",
            f"decoders and drivers have Landlock {landlock.version()} and a filter of system calls",
        )
        return Check("confinement", True, kept)
    holds = _WHAT_HOLDS[tuple(lacking)]
    here = f"Linux {platform.release()}, {platform.machine()}"
    zh = "、".join(lacking)
    en = " and no ".join(lacking)
    reason = LocalizedText(f"没有 {zh}（{here}）：{holds.zh}", f"no {en} ({here}): {holds.en}")
    remedy = _NEEDS_LANDLOCK if "Landlock" in lacking else _NEEDS_FILTER
    return Check("confinement", False, reason, remedy, optional=True)


def desktop(environment: Mapping[str, str] = os.environ) -> Check:
    """Check that the user at the desktop can be prompted about unknown origins."""
    programs = (shutil.which(name, path=environment.get("PATH", "")) for name in PROGRAMS)
    if not any(programs):
        reason = LocalizedText("不能询问新网页是否允许", "nobody can be asked about new pages")
        return Check("desktop", False, reason, type_this(f"sudo apt install {PROGRAMS[0]}"), optional=True)
    if environment.get("WAYLAND_DISPLAY") or environment.get("DISPLAY"):
        return Check("desktop", True, LocalizedText("可以询问新网页是否允许", "can be asked about new pages"))
    reason = LocalizedText("本会话没有桌面", "this session has none: nobody can be asked about new pages")
    allow = "gaopai allow https://oa.example.cn"
    remedy = LocalizedText(f"请逐一允许网页，例如 {allow}", f"allow each page yourself: {allow}")
    return Check("desktop", False, reason, remedy, optional=True)


def clock(now: float | None = None) -> Check:
    """Check that the clock is not before the date of the program itself."""
    seconds = time.time() if now is None else now
    shown = time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))
    if seconds >= Path(server.__file__).stat().st_mtime:
        return Check("time", True, same(shown))
    reason = LocalizedText(
        f"现在显示为 {shown}，早于本程序的日期：加密连接和上传会失败",
        f"it is said to be {shown}, before this program was made: encryption and uploads will fail",
    )
    return Check("time", False, reason, type_this("sudo timedatectl set-ntp true"))
