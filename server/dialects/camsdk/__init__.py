"""CAMSDK, ``FuncName`` and ``result``, and Eloam's ``function`` and ``value``, both over WebSocket (9000)."""
