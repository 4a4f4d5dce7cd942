"""Settings view: what the account that runs the service may see and change at ``/admin``."""
