"""EAN and UPC symbols, whose digits are fitted to a blurred profile together."""
