"""The ports: what the service asks of each kind of device."""
