"""Bent pages laid flat: curled, folded and crumpled sheets, and the two pages of an open book."""
