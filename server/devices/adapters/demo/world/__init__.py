"""The demo camera's world: desk, paper and light from a seed; no clock, no file but the system's fonts."""
