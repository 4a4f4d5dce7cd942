"""Which model serves which role, and where its file is found."""

import os

# ONNX Runtime would report its use to its maker, over the network, from the moment that it is loaded.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
