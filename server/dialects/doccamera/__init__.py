"""Plain text over WebSocket (1818) of Jieyu, Kerong and Putian: whatever is not marked is a picture."""
