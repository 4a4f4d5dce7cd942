"""Scanners by SANE, each driver in a process of its own; see `finder`.

Nothing is imported here: the child process imports this package too, and has to start fast.
"""
