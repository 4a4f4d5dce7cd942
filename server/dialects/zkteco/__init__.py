"""Card reader over HTTP of ZKTeco (24010)."""
