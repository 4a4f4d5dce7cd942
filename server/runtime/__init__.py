"""The process that the service runs in: background work, memory, large libraries."""
