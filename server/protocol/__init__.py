"""The WebSocket protocol: messages, the catalogue of functions, the codec, the exports."""
