"""Fingerprint sensors by libfprint, in a process of their own; see `finder`.

Nothing is imported here: the worker's process, which may run an older Python, imports this package too.
"""
