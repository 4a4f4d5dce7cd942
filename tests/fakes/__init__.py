"""Stand-ins for devices, obedient to their ports and to the test."""
