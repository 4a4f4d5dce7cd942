"""Confinement of a child process by the kernel: Landlock for files, seccomp for system calls.

Standard library only, and written for Python 3.8 on; see `server.children.entry`. Nothing is imported here.
"""
