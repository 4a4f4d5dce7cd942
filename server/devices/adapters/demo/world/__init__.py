"""The world of the demo devices, from a seed alone; no clock, no file but the system's fonts."""
