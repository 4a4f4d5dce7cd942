"""Child processes: the one place that starts them, speaks to them and sees them gone.

Nothing is imported here: a child that runs under an older Python imports this package too.
"""
