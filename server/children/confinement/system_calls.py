"""Numbers of system calls on x86-64 and aarch64, in groups."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from typing import NamedTuple

_COMPUTING = """
brk 12 214, mmap 9 222, munmap 11 215, mprotect 10 226, mremap 25 216, madvise 28 233, mincore 27 232,
membarrier 324 283, mbind 237 235, get_mempolicy 239 236, memfd_create 319 279
read 0 63, write 1 64, readv 19 65, writev 20 66, pread64 17 67, pwrite64 18 68, preadv 295 69,
pwritev 296 70, lseek 8 62, close 3 57, close_range 436 436, dup 32 23, dup2 33 -, dup3 292 24,
fcntl 72 25, fstat 5 80, newfstatat 262 79, stat 4 -, lstat 6 -, statx 332 291, fstatfs 138 44,
statfs 137 43, ftruncate 77 46, fallocate 285 47, getdents64 217 61, ioctl 16 29, open 2 -, openat 257 56,
readlink 89 -, readlinkat 267 78, access 21 -, faccessat 269 48, faccessat2 439 439, getcwd 79 17
poll 7 -, ppoll 271 73, select 23 -, pselect6 270 72, epoll_create1 291 20, epoll_ctl 233 21,
epoll_wait 232 -, epoll_pwait 281 22, epoll_pwait2 441 441, eventfd2 290 19, pipe 22 -, pipe2 293 59,
sendmsg 46 211, recvmsg 47 212, sendto 44 206, recvfrom 45 207, getsockname 51 204, getpeername 52 205,
getsockopt 55 209, shutdown 48 210
getpid 39 172, getppid 110 173, gettid 186 178, getuid 102 174, geteuid 107 175, getgid 104 176,
getegid 108 177, getgroups 115 158, getresuid 118 148, getresgid 120 150, getpgid 121 155, getsid 124 156,
getpgrp 111 -, uname 63 160, sysinfo 99 179, getrusage 98 165, times 100 153, getcpu 309 168,
prlimit64 302 261, setrlimit 160 164, getrlimit 97 163, getpriority 140 141, arch_prctl 158 -,
prctl 157 167, getrandom 318 278, exit 60 93, exit_group 231 94
clock_gettime 228 113, clock_getres 229 114, clock_nanosleep 230 115, nanosleep 35 101,
gettimeofday 96 169, time 201 -, rt_sigaction 13 134, rt_sigprocmask 14 135, rt_sigreturn 15 139,
rt_sigpending 127 136, rt_sigtimedwait 128 137, sigaltstack 131 132, kill 62 129, tgkill 234 131,
restart_syscall 219 128, pause 34 -
futex 202 98, set_robust_list 273 99, get_robust_list 274 100, set_tid_address 218 96, rseq 334 293,
clone 56 220, clone3 435 435, sched_yield 24 124, sched_getaffinity 204 123, sched_getparam 143 121,
sched_getscheduler 145 120, sched_get_priority_max 146 125, sched_get_priority_min 147 126
"""
"""Memory, open files and files to be read, waiting, the process itself, time and signals, threads."""
_MEDDLING = """
ptrace 101 117, process_vm_readv 310 270, process_vm_writev 311 271, process_madvise 440 440,
process_mrelease 448 448, kcmp 312 272, pidfd_open 434 434, pidfd_getfd 438 438,
pidfd_send_signal 424 424, perf_event_open 298 241, tkill 200 130, rt_sigqueueinfo 129 138,
rt_tgsigqueueinfo 297 240
bpf 321 280, userfaultfd 323 282, io_uring_setup 425 425, io_uring_enter 426 426,
io_uring_register 427 427, keyctl 250 219, add_key 248 217, request_key 249 218
mount 165 40, umount2 166 39, pivot_root 155 41, chroot 161 51, setns 308 268, unshare 272 97,
move_mount 429 429, open_tree 428 428, fsopen 430 430, fsconfig 431 431, fsmount 432 432, fspick 433 433,
mount_setattr 442 442, open_by_handle_at 304 265, name_to_handle_at 303 264
init_module 175 105, finit_module 313 273, delete_module 176 106, kexec_load 246 104,
kexec_file_load 320 294, reboot 169 142, swapon 167 224, swapoff 168 225, acct 163 89, syslog 103 116,
quotactl 179 60, settimeofday 164 170, clock_settime 227 112, clock_adjtime 305 266, adjtimex 159 171,
sethostname 170 161, setdomainname 171 162, vhangup 153 58, lookup_dcookie 212 18, migrate_pages 256 238,
move_pages 279 239, fanotify_init 300 262
chmod 90 -, fchmodat 268 53, fchmodat2 452 452, chown 92 -, lchown 94 -, fchownat 260 54,
setxattr 188 5, lsetxattr 189 6
"""
"""Other processes, ways around a filter, namespaces, mounts, the machine, rights and owners of files, which
are nothing to Landlock: no driver needs these."""
_STARTING = """
execve 59 221, execveat 322 281, fork 57 -, vfork 58 -, socket 41 198
"""


class Architecture(NamedTuple):
    """The calls of one processor.

    Attributes
    ----------
    audit
        Its number in a filter's data.
    numbers
        Calls by name; those that it lacks are not among them.
    last
        The highest number that is known here.
    foreign
        The lowest number of another interface that has the same `audit`; 0 if there is none.
    """

    audit: int
    numbers: Mapping[str, int]
    last: int
    foreign: int


def native() -> Architecture | None:
    """Return this processor's calls; None where they are not known."""
    return ARCHITECTURES.get(platform.machine())


def _names(table: str) -> tuple[str, ...]:
    return tuple(entry.split()[0] for entry in table.replace("\n", ",").split(",") if entry.strip())


def _numbers(column: int) -> Mapping[str, int]:
    table = ",".join((_COMPUTING, _MEDDLING, _STARTING)).replace("\n", ",")
    rows = (entry.split() for entry in table.split(",") if entry.strip())
    return {row[0]: int(row[column]) for row in rows if row[column] != "-"}


COMPUTING, MEDDLING = _names(_COMPUTING), _names(_MEDDLING)
_LAST = 462
"""``mseal``, of Linux 6.10: from 424 on numbers are the same for all processors."""
ARCHITECTURES = {
    "x86_64": Architecture(0xC000003E, _numbers(1), _LAST, 0x40000000),
    "aarch64": Architecture(0xC00000B7, _numbers(2), _LAST, 0),
}
