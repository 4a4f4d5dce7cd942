"""gaopai: the document-camera service of a counter PC."""

import os

# ONNX Runtime would report its use to its maker, over the network, from the moment that it is loaded.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

__version__ = "0.1.0"
