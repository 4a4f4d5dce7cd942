"""Many files at once: found, shared out to all cores or a cluster, written, remembered, told about."""
