"""One connection: reading, requests in order, answers and frames."""
