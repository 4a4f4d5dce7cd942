"""Cards that exist only in tests: they answer commands as cards of their kind do, in T=0 or T=1."""
