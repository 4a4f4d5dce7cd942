"""Resident ID readers with a SAM-V security module (GA 467), by serial port or USB; see `finder`.

Nothing is imported here: the portrait decoder's process imports this package too, and has to start fast.
"""
