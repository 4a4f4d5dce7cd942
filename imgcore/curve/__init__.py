"""Dewarping of bent pages: curled, folded and crumpled sheets, and the two pages of an open book."""
