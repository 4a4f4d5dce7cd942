"""The desk that was seen empty: its memory, what has changed on it, and the documents that came."""
