"""Made pages, each spoilt in one way, and what can be read of them."""
