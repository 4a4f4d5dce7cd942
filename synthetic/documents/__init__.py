"""Documents, drawn flat."""
