"""Access: who may connect, and what a connection may do to be let in."""
